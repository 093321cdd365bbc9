"""Runs the Python package on a Spark cluster of two workers, and compares it with akid alone.

usage: spark.py --akid F --scratch D [--targets N] [--only CHECK]

The wheel is that of wheel.py, in a folder of its own. Needs Java. Prints a table; ends with 1 if any row failed.
"""

import argparse
import ast
import inspect
import io
import json
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import zipfile
from pathlib import Path

import rows
import wheel
from repository import ENVIRONMENT, Repository, key

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/scale.md"
CHECKS = [
    "wheel_files", "python_api", "pages", "cache", "repositories", "killed", "hangs", "refused", "local", "cached",
    "objects", "unreadable", "buckets", "hostile", "job",
]  # fmt: skip

# Quick to start, and slow in what nobody does here.
JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"

# Runs the real git, but for a host that never answers, and one that has too much.
SLOW_GIT = """#!/bin/sh
case "$*" in
    *slow.example.com*) exec sleep 600 ;;
    *full.example.com*) echo "fatal: cannot write: No space left on device" >&2; exit 128 ;;
esac
exec {git} "$@"
"""

# Takes note of each start, and takes its time.
SLOW_AKID = """#!/bin/sh
: >{starts}/$$
sleep 0.5
exec {akid} "$@"
"""


def planted(name, changes):
    """A repository in whose history a key was."""
    repository = Repository(name)
    repository.commit_files({"deploy/old.env": key(name.name)[0], "README.md": f"# {name.name}\n"}, "Add deployment")
    repository.git("rm", "--quiet", "deploy/old.env")
    for change in range(changes):
        repository.commit_files({"README.md": f"# {name.name} {change}\n"})
    return repository


def fork(name, first):
    repository = Repository(name)
    repository.git("pull", "--quiet", str(first), "main")
    repository.commit_files({"fork.env": key(name.name)[0]}, "Add a key of its own")


def empty(name):
    Repository(name)


def broken(name):
    """A repository of which an object is damaged, and another one is gone."""
    repository = planted(name, 1)
    damaged, gone = (repository.git("rev-parse", f"{commit}:README.md") for commit in ("HEAD", "HEAD~1"))
    damaged, gone = (name / ".git/objects" / object_id[:2] / object_id[2:] for object_id in (damaged, gone))
    damaged.chmod(0o600)
    damaged.write_bytes(b"no object")
    gone.unlink()
    assert repository.run("git", "fsck").returncode != 0


def long_history(name):
    """A repository with 3000 commits, with a key in one of them."""
    repository = Repository(name)
    stream = []
    for number in range(3000):
        text = key(name.name)[0] if number == 1500 else f"{number}\n" * 20
        stream.append(f"commit refs/heads/main\ncommitter A <a@example.com> {1700000000 + number} +0000\n")
        stream.append(f"data 1\nx\nM 100644 inline f{number % 50}\ndata {len(text)}\n{text}\n")
    repository.git("fast-import", "--quiet", input="".join(stream))


def folder(name):
    name.mkdir()
    (name / "a.env").write_text(key(name.name)[0])


def missing(_name):
    pass


def make_targets(parent, count):
    """Makes targets of all kinds, and returns their paths."""
    first = parent / "repo-0"
    makers = [lambda name: planted(name, 2), lambda name: planted(name, 0), lambda name: fork(name, first)]
    makers += [lambda name: planted(name, 1), empty, broken, long_history, folder, missing]
    makers.append(lambda name: planted(name, 3))
    for number in range(count):
        makers[number % len(makers)](parent / f"repo-{number}")
    return [str(parent / f"repo-{number}") for number in range(count)]


class Checks:
    def __init__(self, args):
        self.args = args
        self.site = args.scratch / "site"
        self.starts = args.scratch / "starts"
        self.environment = {**ENVIRONMENT, "HOME": str(args.scratch), "TMPDIR": str(args.scratch / "tmp")}
        for path in (self.starts, args.scratch / "bin", args.scratch / "tmp"):
            path.mkdir(parents=True)
        self.script("bin/git", SLOW_GIT.format(git=shutil.which("git")))
        self.slow_akid = self.script("slow-akid", SLOW_AKID.format(starts=self.starts, akid=args.akid))
        self.install()
        self.cluster = None

    def script(self, name, text):
        path = self.args.scratch / name
        path.write_text(text)
        path.chmod(0o755)
        return str(path)

    def install(self):
        """Installs the wheel into a folder, for this process and those that it starts."""
        built = wheel.wheel(self.args.akid, self.args.scratch)
        pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
        subprocess.run([*pip, "--no-deps", "--no-index", "--no-compile", "--target", self.site, built], check=True)
        self.environment["PYTHONPATH"] = str(self.site)
        sys.path.insert(0, str(self.site))
        self.built = built

    @property
    def spark(self):
        """A cluster of two workers in processes of their own."""
        if not self.cluster:
            os.environ |= {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
            os.environ["PYTHONPATH"] = str(self.site)
            self.cluster = self.session()
        return self.cluster

    def session(self):
        import pyspark
        from pyspark.sql import SparkSession

        os.environ["SPARK_HOME"] = str(Path(pyspark.__file__).parent)
        settings = {
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.executor.memory": "512m",
            "spark.driver.extraJavaOptions": JAVA,
            "spark.executor.extraJavaOptions": JAVA,
            "spark.task.maxFailures": "2",
            "spark.sql.shuffle.partitions": "4",
            "spark.sql.session.timeZone": "Asia/Tokyo",
            "spark.local.dir": str(self.args.scratch / "tmp"),
            "spark.sql.warehouse.dir": str(self.args.scratch / "warehouse"),
            "spark.executorEnv.PYTHONPATH": str(self.site),
            "spark.executorEnv.PATH": f"{self.args.scratch / 'bin'}:{os.environ['PATH']}",
            **{f"spark.executorEnv.{name}": ENVIRONMENT[name] for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM")},
        }
        builder = SparkSession.builder.master("local-cluster[2,1,1024]").appName("akid's tests")
        for name, value in settings.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("OFF")
        return session

    def stop(self):
        """Ends the cluster; its workers leave their folders in that of Spark."""
        if self.cluster:
            name = self.cluster.sparkContext.applicationId
            self.cluster.stop()
            shutil.rmtree(Path(os.environ["SPARK_HOME"], "work", name))

    def run(self, *words, check=True, env=None):
        done = subprocess.run(
            words, env={**self.environment, **(env or {})}, capture_output=True, text=True, cwd=self.args.scratch
        )  # fmt: skip
        assert not check or done.returncode == 0, done.stderr[-2000:]
        return done

    # The package.

    def wheel_files(self):
        """the wheel: maturin puts the same files into it"""
        project = self.args.scratch / "stand-in"
        shutil.copytree(ROOT / "packaging/python", project / "packaging/python")
        for name in ("README.md", "LICENSE-MIT", "LICENSE-APACHE"):
            shutil.copy(ROOT / name, project)
            shutil.copy(ROOT / name, project / "packaging/python")
        version = re.search(r'(?m)^version = "(.*)"$', (ROOT / "Cargo.toml").read_text())[1]
        (project / "src").mkdir()
        (project / "src/main.rs").write_text("fn main() {}")
        (project / "Cargo.toml").write_text(f'[package]\nname = "akid"\nversion = "{version}"\nedition = "2024"\n')
        environment = {**os.environ, "CARGO_TARGET_DIR": str(project / "target")}
        subprocess.run(["cargo", "generate-lockfile", "--quiet"], cwd=project, env=environment, check=True)
        build = [rows.program("maturin"), "build", "--quiet", "--locked", "--out", project]
        subprocess.run(build, cwd=project / "packaging/python", env=environment, check=True, capture_output=True)
        by_maturin, by_script = (
            {name for name in zipfile.ZipFile(path).namelist() if "dist-info" not in name}
            for path in (next(project.glob("*.whl")), self.built)
        )
        assert by_maturin == by_script, by_maturin ^ by_script
        assert not any(name.endswith(".pyc") for name in by_maturin)
        return f"{len(by_maturin)} files"

    def python_api(self):
        """Python: akid.binary(), scan(), history(), and python -m akid"""
        import akid

        own = str(self.site / "bin/akid")
        assert akid.binary() == own, akid.binary()
        printed = self.run(sys.executable, "-c", "import sys, akid; print(akid.binary(), *sys.modules)").stdout
        assert printed.startswith(own) and "pandas" not in printed and "pyspark" not in printed
        version = self.run(sys.executable, "-m", "akid", "--version").stdout
        assert version.strip() == f"akid {akid.__version__}", version
        assert self.run(sys.executable, "-m", "akid", "scan", "nowhere", check=False).returncode == 2
        repository = planted(self.args.scratch / "api", 1)
        text, key_id, secret = key("a file")
        repository.write("new.env", text)
        report = akid.scan(repository.folder)
        assert report.exit_code == 1 and report.complete, report
        assert [finding["key_id"] for finding in report.findings] == [key_id]
        assert secret not in json.dumps(report.findings + [report.summary])
        report = akid.history(repository.folder, options=["--max-findings", "10"])
        assert [finding["key_id"] for finding in report.findings] == [key("api")[1]]
        try:
            akid.scan(options=["--no-such-option"])
        except akid.AkidError as error:
            assert "--no-such-option" in str(error)
        else:
            raise AssertionError("bad usage is no error")

    def cache(self):
        """segments of the cache are shared, and not with those who may change them"""
        from akid.spark import _cache
        from akid.spark._worker import WorkerError

        shared, own, other = (self.args.scratch / "caches" / name for name in ("shared", "own", "other"))
        (own / "0.1.0-00").mkdir(parents=True, mode=0o700)
        for name in ("sha1-01.clean", "repository.connected", ".new-1"):
            (own / "0.1.0-00" / name).write_text("segment")
        _cache.give(str(own), str(shared), "run")
        _cache.bring(str(shared), str(other), "run")
        names = [path.relative_to(other).as_posix() for path in other.rglob("*") if path.is_file()]
        assert names == ["0.1.0-00/sha1-01.clean"], names
        modes = {path.stat().st_mode & 0o777 for path in (other, other / "0.1.0-00", other / names[0])}
        assert modes == {0o700, 0o600}, modes
        # What akid has merged is not brought again in the same run, and in the next one it is.
        (other / names[0]).unlink()
        for run, is_there in (("run", False), ("next", True)):
            _cache.bring(str(shared), str(other), run)
            assert (other / names[0]).exists() == is_there, run
        shared.chmod(0o770)
        try:
            _cache.bring(str(shared), str(self.args.scratch / "caches/third"), "run")
        except WorkerError:
            return
        raise AssertionError("a folder of others is trusted")

    # Repositories.

    @property
    def targets(self):
        parent = self.args.scratch / "targets"
        if not parent.exists():
            parent.mkdir()
            make_targets(parent, self.args.targets)
        return [str(parent / f"repo-{number}") for number in range(self.args.targets)]

    def frame(self, targets):
        labelled = [(target, {"owner": Path(target).name}) for target in targets]
        return self.spark.createDataFrame(labelled, "target string, labels map<string,string>").repartition(len(targets))

    def scan(self, targets, **options):
        from akid.spark import scan_repositories

        return [row.asDict() for row in scan_repositories(self.frame(targets), **options).collect()]

    def by_fleet(self):
        """What one run of `akid fleet` finds: findings by target, and statuses."""
        lists, out = self.args.scratch / "fleet.jsonl", self.args.scratch / "fleet"
        if not out.exists():
            lines = [json.dumps({"target": target, "labels": {"owner": Path(target).name}}) for target in self.targets]
            lists.write_text("\n".join(lines))
            self.run(self.args.akid, "fleet", "scan", "--targets", lists, "--out", out, "-q", check=False)
        statuses = [json.loads(path.read_text()) for path in out.glob("status/*/*.json")]
        files = {status["target"]: out / "findings" / status["id"][:2] / f"{status['id']}.jsonl" for status in statuses}
        return {target: findings_of(file) for target, file in files.items()}, statuses

    def assert_as_fleet(self, found):
        findings, statuses = self.by_fleet()
        of_target = {target: [] for target in findings}
        for row in found:
            if row["kind"] == "finding":
                of_target[row["target"]].append(json.loads(row["json"]))
        for target, some in findings.items():
            assert content(of_target[target]) == content(some), (target, of_target[target], some)
        ends = {row["target"]: row for row in found if row["kind"] == "status"}
        assert len(ends) == len(statuses) == sum(row["kind"] == "status" for row in found) == len(self.targets)
        for status in statuses:
            row = ends[status["target"]]
            same = ("status", "reason", "findings", "credentials", "failing", "inputs", "bytes", "labels")
            assert all(row[name] == status.get(name) for name in same), (row, status)
        return ends, of_target

    def repositories(self):
        """repositories: the same as `akid fleet`, and as one by one"""
        started = time.time()
        found = self.scan(self.targets)
        ends, of_target = self.assert_as_fleet(found)
        counts = {status: sum(row["status"] == status for row in ends.values()) for status in ("ok", "incomplete", "failed")}
        assert all(counts.values()), counts
        for target in self.targets:
            if ends[target]["status"] == "failed":
                continue
            command = "history" if Path(target, ".git").exists() else "scan"
            alone = self.run(self.args.akid, command, "-qf", "jsonl", "--", target, check=False).stdout
            alone = [json.loads(line) for line in alone.splitlines()][:-1]
            assert content(of_target[target], "repository") == content(alone, "repository"), target
        text = json.dumps(found, default=str)
        assert not any(key(Path(target).name)[2] in text for target in self.targets)
        # In no time zone but the right one.
        assert all(abs(row["time"].timestamp() - started) < 600 for row in found), found[0]["time"]
        findings = [row for row in found if row["kind"] == "finding"]
        assert all(row["line"] == 1 and row["reachability"] or row["path"] == "a.env" for row in findings)
        return f"{len(self.targets)} targets, {len(findings)} findings: {counts}"

    def executors(self):
        """The processes of workers that this process' cluster has started."""
        return [pid for pid in descendants(os.getpid()) if "CoarseGrainedExecutorBackend" in command_of(pid)]

    def busy(self):
        """A worker that has just started akid, for the fifth time or later."""
        deadline = time.monotonic() + 120
        seen = set()
        while time.monotonic() < deadline:
            new = {path.name for path in self.starts.iterdir()} - seen
            seen |= new
            executors = self.executors() if new and len(seen) >= 5 else []
            for executor in executors:
                if new & set(map(str, descendants(executor))):
                    return executor
            time.sleep(0.02)
        raise AssertionError(f"no worker started akid: {len(seen)} starts")

    def killed(self):
        """a worker that is killed in the middle changes nothing"""
        assert self.spark and len(self.executors()) == 2, self.executors()
        found = []
        thread = threading.Thread(target=lambda: found.extend(self.scan(self.targets, binary=self.slow_akid)))
        thread.start()
        os.kill(self.busy(), signal.SIGKILL)
        thread.join()
        self.assert_as_fleet(found)
        starts = len(list(self.starts.iterdir()))
        assert starts > len(self.targets), starts
        return f"{starts} starts for {len(self.targets)} targets"

    def hangs(self):
        """a target that hangs is a status, and the next one is scanned"""
        hanging = "https://slow.example.com/repo"
        found = self.scan([hanging, self.targets[0]], timeout=8)
        ends = {row["target"]: row for row in found if row["kind"] == "status"}
        assert ends[hanging]["status"] == "timeout" and "8 s" in ends[hanging]["reason"], ends[hanging]
        assert ends[self.targets[0]]["status"] == "ok"

    def refused(self):
        """a refused target is a status without its password; a fault of the worker is none"""
        secret = key("refused")[2]
        refused = [f"https://hunter:{secret}@git.example.com/x", f"ext::sh -c {secret}", "file:///srv/x"]
        found = self.scan([*refused, "a\nb", ""])
        assert [row["status"] for row in found] == ["failed"] * 5, found
        assert secret not in str(found) and "hunter" not in str(found), found
        assert sum("git.example.com/x" in row["target"] for row in found) == 1
        from pyspark.errors import PythonException

        here, full = self.targets[0], "https://full.example.com/repo"
        faults = [(here, {"binary": "/nowhere/akid"}), (here, {"options": ["--config", "/nowhere/akid.toml"]}), (full, {})]
        for target, options in faults:
            try:
                self.scan([target], **options)
            except PythonException as error:
                assert "WorkerError" in str(error), error
            else:
                raise AssertionError(f"{target} with {options}: no fault")

    def temporary(self):
        return {path.name for path in (self.args.scratch / "tmp").rglob("akid-*")}

    def local(self):
        """a worker's folder keeps mirrors to a budget, and results"""
        local = self.args.scratch / "local"
        urls = [f"file://{target}" for target in self.targets[:2]]
        options = {"local": str(local), "allow_file_urls": True}
        before = self.temporary()
        first = self.scan(urls, **options)
        assert {row["target"] for row in first if row["kind"] == "finding"} == set(urls), first
        assert len(list(local.glob("*/*/mirrors/*.git"))) == 2
        again = self.scan(urls, **options)
        assert sorted(map(str, first)) == sorted(map(str, again)), "the second run scanned again"
        kept = self.scan(urls, mirror_budget=0, **options)
        assert sorted(map(str, first)) == sorted(map(str, kept))
        assert not list(local.glob("*/*/mirrors/*.git"))
        assert self.temporary() == before, "a temporary folder is left"

    def cached(self):
        """with the cache, from the worker's disk and from the others: the same"""
        caches = self.args.scratch / "clean"
        for own in ("one", "two"):
            found = self.scan(self.targets, cache=str(caches / own), shared_cache=str(caches / "shared"))
            self.assert_as_fleet(found)
        segments = {own: {path.name for path in (caches / own).glob("*/*.clean")} for own in ("one", "two", "shared")}
        assert all(segments.values()), segments
        return f"{len(segments['shared'])} segments shared"

    # Objects.

    def scan_objects(self, df, **options):
        from akid.spark import scan_objects

        return [row.asDict() for row in scan_objects(df, **options).collect()]

    def planted_objects(self):
        """Files with odd names, some of them in archives."""
        parent = self.args.scratch / "objects"
        names = ["a.env", "a name with spaces.env", "schlüssel-鍵-🔑.env", "number#one?.env", "100%41 [sure].env"]
        names += ["sub/!/deep.env", f"sub/{'long ' * 40}.env"]
        for name in names:
            path = parent / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(key(name)[0])
        with zipfile.ZipFile(parent / "backup.zip", "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("deploy/prod.env", key("zip")[0])
        with tarfile.open(parent / "sub/two.tar.gz", "w:gz") as packed:
            content = key("tar")[0].encode()
            entry = tarfile.TarInfo("inner.env")
            entry.size = len(content)
            packed.addfile(entry, io.BytesIO(content))
        (parent / "nothing.txt").write_text("nothing to see\n" * 50)
        return parent, len(names) + 3

    def objects(self):
        """objects: names, archives and positions as `akid scan` has them"""
        parent, count = self.planted_objects()
        alone = self.run(self.args.akid, "scan", "-qf", "jsonl", "--", parent, check=False).stdout
        alone = [json.loads(line) for line in alone.splitlines()][:-1]
        expected = {(f"file:{parent}/{one['path']}", one["credential_id"], str(one["places"])) for one in alone}
        assert len(expected) == count - 1, alone
        df = self.spark.read.format("binaryFile").option("recursiveFileLookup", True).load(str(parent))
        found = self.scan_objects(df)
        listing = self.spark.createDataFrame([(str(path),) for path in parent.rglob("*") if path.is_file()], "path string")
        listed = self.scan_objects(listing)
        for some in (found, listed):
            findings = [row for row in some if row["kind"] == "finding"]
            got = {(row["path"], row["credential_id"], str(json.loads(row["json"])["places"])) for row in findings}
            assert got == expected, got ^ expected
            assert {row["target"].split("!/dep")[0] for row in findings} == {row["path"].replace("!/inner.env", "").replace(
                "!/deploy/prod.env", "") for row in findings}  # fmt: skip
            ends = [row for row in some if row["kind"] == "status"]
            assert sum(row["inputs"] for row in ends) == count and {row["status"] for row in ends} == {"ok"}, ends
        return f"{count} objects, {len(expected)} findings"

    def unreadable(self):
        """objects that are gone, change, hang or are damaged are statuses"""
        text, _, secret = key("gone")
        parent = self.args.scratch / "bad"
        parent.mkdir()
        (parent / "good.env").write_text(text)
        (parent / "cut.gz").write_bytes(b"\x1f\x8b\x08\0\0\0\0\0\0\x03x")
        paths = [parent / "good.env", parent / "cut.gz", parent / secret / "gone.env", "s3://no-such-scheme-here\n/x"]
        found = self.scan_objects(self.spark.createDataFrame([(str(path),) for path in paths], "path string").coalesce(1))
        ends = {row["target"]: row["status"] for row in found if row["kind"] == "status"}
        assert ends[f"file:{parent}/cut.gz"] == "unreadable", ends
        gone = [target for target, status in ends.items() if status == "failed"]
        assert len(gone) == 2 and any(target.endswith("gone.env") for target in gone), ends
        assert ends[None] == "incomplete" and secret not in str(found), found
        assert sum(row["kind"] == "finding" for row in found) == 1

        def open_slowly(uri):
            if uri.endswith("hangs"):
                time.sleep(600)
            return io.BytesIO(text.encode())

        df = self.spark.createDataFrame([("x://a",), ("x://hangs",), ("x://b",)], "path string").coalesce(1)
        found = self.scan_objects(df, open_object=open_slowly, timeout=3)
        assert {row["target"] for row in found if row["kind"] == "finding"} == {"x://a", "x://b"}, found
        assert [row["target"] for row in found if row["status"] == "timeout"] == ["x://hangs"], found

    def buckets(self):
        """objects in a bucket, by a listing"""
        from akid.spark import _objects
        from moto.server import ThreadedMotoServer
        from pyarrow import fs

        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        url = "http://{}:{}".format(*server.get_host_and_port())
        os.environ |= {"AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
        os.environ |= {"AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}
        bucket = fs.S3FileSystem(endpoint_override=url, allow_bucket_creation=True)
        bucket.create_dir("bucket")
        names = ["plain.env", "a b/%41 ü#?.env", "!/[x].env"]
        for name in names:
            with bucket.open_output_stream(f"bucket/{name}") as out:
                out.write(key(name)[0].encode())
        uris = [f"s3a://bucket/{names[0]}", *(f"s3://bucket/{name}" for name in names[1:])]
        bad = ["s3://bucket/gone.env", "s3://no-bucket/x", "s3://bucket/a//b"]
        settings = _objects.Settings(60, None, (), str(self.args.akid))
        found = list(_objects.scan_stream([_objects.Item(uri, None) for uri in uris + bad], settings))
        server.stop()
        findings = {row["target"]: row["key_id"] for row in found if row["kind"] == "finding"}
        assert findings == {uri: key(name)[1] for uri, name in zip(uris, names)}, findings
        ends = {row["target"]: row["status"] for row in found if row["kind"] == "status"}
        assert ends == {**dict.fromkeys(bad, "failed"), None: "incomplete"}, ends

    def hostile(self):
        """a decompression bomb costs the other objects of its stream nothing"""
        import gzip

        bomb = gzip.compress(gzip.compress(bytes(600 << 20), 9), 9)
        text = key("beside a bomb")[0].encode()
        contents = [("x://a.env", text), ("x://bomb.gz", bomb), ("x://b.env", text)]
        df = self.spark.createDataFrame(contents, "path string, content binary").coalesce(1)
        found = self.scan_objects(df)
        assert {row["target"] for row in found if row["kind"] == "finding"} == {"x://a.env", "x://b.env"}, found
        bad = [row for row in found if row["kind"] == "status" and row["status"] != "ok"]
        # The row of the stream says that one of its objects was not read to its end; nothing is read again.
        assert [(row["target"], row["status"]) for row in bad] == [("x://bomb.gz", "incomplete"), (None, "incomplete")], bad
        assert all("max-ratio" in row["reason"] for row in bad), bad

    # The command, and the pages.

    def job(self):
        """akid-spark: Parquet by date, with the documented schema"""
        from akid.spark import COLUMNS

        assert self.spark
        out = self.args.scratch / "parquet"
        lists = self.args.scratch / "list"
        lines = ["# targets", *self.targets[1:], "", json.dumps({"target": self.targets[0], "labels": {"owner": "shop"}})]
        lists.write_text("\n".join(lines))
        environment = {name: os.environ[name] for name in ("PYSPARK_PYTHON", "SPARK_LOCAL_IP", "SPARK_HOME")}
        command = str(self.site / "bin/akid-spark")
        script = self.run(command, "--script").stdout.strip()
        submit = [rows.program("spark-submit"), "--master", "local[2]", "--driver-java-options", JAVA]
        submit += ["--conf", "spark.ui.enabled=false", script, "--partitions", "4", "--exit-code"]
        done = self.run(*submit, "--targets", lists, "--out", out, env=environment, check=False)
        # spark-submit puts what Python prints into its standard output.
        said = [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("akid-spark: ")]
        assert done.returncode == 2 and "failed" in str(said), (done.returncode, said, done.stderr[-1000:])
        read = self.spark.read.parquet(str(out))
        types = {field.name: field.dataType.simpleString() for field in read.schema.fields}
        expected = {column.name: column.type for column in COLUMNS} | {"run": "string", "date": "date"}
        assert types == expected, set(types.items()) ^ set(expected.items())
        assert all(re.fullmatch(r"date=\d{4}-\d\d-\d\d", path.name) for path in out.iterdir() if path.is_dir())
        findings, statuses = self.by_fleet()
        assert read.where("kind = 'status'").count() == len(statuses)
        assert read.where("kind = 'finding'").count() == sum(map(len, findings.values()))
        labelled = read.where("labels['owner'] = 'shop'").select("target").distinct().collect()
        assert [row.target for row in labelled] == [self.targets[0]]
        self.merge(read)

    def merge(self, read):
        """The statements of the page, on rows of two runs: one target is clean in the second, and one was cut short."""
        from pyspark.sql import functions as f

        later = read.where(f"kind = 'status' and target in ('{self.targets[1]}', '{self.targets[3]}')")
        later = later.withColumn("time", f.col("time") + f.expr("interval 1 day")).withColumn("run", f.lit("later"))
        later = later.withColumn("status", f.when(f.col("target") == self.targets[3], "timeout").otherwise("ok"))
        read.unionByName(later).createOrReplaceTempView("akid")
        before = read.where("kind = 'finding'").select("credential_id").distinct().count()
        last, seen, gaps = (self.spark.sql(text).collect() for language, text in blocks() if language == "sql")
        assert len(last) == before - 1, (len(last), before)
        assert len(seen) == read.where("kind = 'finding'").count() and all(row.first_seen <= row.last_seen for row in seen)
        bad = read.where("kind = 'status' and status <> 'ok'").collect()
        assert {row.target for row in gaps} == {self.targets[3], *(row.target for row in bad)}, gaps

    def pages(self):
        """docs/scale.md: its Python and its options"""
        from akid import spark
        from akid.spark import job

        for language, text in blocks():
            if language != "python":
                continue
            for call in (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)):
                name = getattr(call.func, "id", None)
                if name in ("scan_repositories", "scan_objects"):
                    parameters = inspect.signature(getattr(spark, name)).parameters
                    assert {keyword.arg for keyword in call.keywords} <= set(parameters), ast.unparse(call)
        page = PAGE.read_text()
        lines = [line for line in page.splitlines() if "akid-spark" in line and " --" in line and not line.startswith("|")]
        assert lines
        with tempfile.TemporaryFile("w+") as printed:
            subprocess.run([sys.executable, job.__file__, "--help"], stdout=printed, env=self.environment, check=True)
            printed.seek(0)
            known = set(re.findall(r"--[\w-]+", printed.read()))
        for line in lines:
            options = set(re.findall(r" (--[\w-]+)", line.split('"$(akid-spark --script)"')[-1]))
            assert options <= known, f"{line}: {options - known}"


def blocks():
    return re.findall(r"(?ms)^```(\w+)[^\n]*\n(.*?)^```$", PAGE.read_text())


def findings_of(file):
    lines = map(json.loads, file.read_text().splitlines()) if file.exists() else []
    return [line for line in lines if line["type"] == "finding"]


def content(findings, *others):
    """Findings without the times of the scans that saw them."""
    return [{name: value for name, value in finding.items() if name not in ("seen", *others)} for finding in findings]


def command_of(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def descendants(pid):
    found = []
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            found += [int(child), *descendants(child)]
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--akid", type=Path, required=True)
    parser.add_argument("--scratch", type=Path, required=True)
    parser.add_argument("--targets", type=int, default=20, help="repositories to make")
    parser.add_argument("--only", choices=CHECKS, action="append", help="this check only; repeatable")
    args = parser.parse_args()
    if not shutil.which("java"):
        print("not run: there is no Java, which Spark needs", file=sys.stderr)
        return 1 if os.environ.get("CI") else 0
    args.akid, args.scratch = args.akid.resolve(), args.scratch.resolve()
    checks = Checks(args)
    try:
        return 1 if rows.run((getattr(checks, name).__doc__, getattr(checks, name)) for name in args.only or CHECKS) else 0
    finally:
        checks.stop()


if __name__ == "__main__":
    sys.exit(main())
