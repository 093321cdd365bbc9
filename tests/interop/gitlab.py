"""Runs the lines of the template for GitLab CI, with the variables that GitLab sets.

usage: gitlab.py --akid F --scratch D [--show] [--only CHECK]

Prints a table; ends with 1 if any row failed.
"""

import functools
import http.server
import json
import os
import subprocess
import sys
from pathlib import Path
from threading import Thread

import rows
import yaml
from repository import ENVIRONMENT, Repository, Trials, key

ROOT = Path(__file__).resolve().parents[2]
ZEROS = "0" * 40


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files, and does not say so."""

    def log_message(self, *_):
        pass


class Checks(Trials):
    """Each check has a folder of its own."""

    def job(self, repository, **variables):
        """Runs the lines of the template; the exit code, and the reports."""
        job = yaml.safe_load((ROOT / "packaging/gitlab/akid.gitlab-ci.yml").read_text())["akid"]
        script = self.folder() / "script.sh"
        script.write_text("\n".join(job["before_script"] + job["script"]))
        tools = self.folder()
        (tools / "akid").symlink_to(self.args.akid)
        environment = ENVIRONMENT | job["variables"] | {"PATH": f"{tools}:{os.environ['PATH']}", "HOME": str(tools)}
        environment |= {"CI_PROJECT_ID": "1", "CI_DEFAULT_BRANCH": "main"}
        environment |= {"CI_COMMIT_SHA": repository.head(), "CI_COMMIT_BEFORE_SHA": ZEROS} | variables
        done = repository.run("sh", script, env=environment)
        if self.args.show:
            print(f"=== GitLab, exit {done.returncode}\n{done.stdout}{done.stderr}")
        reports = {name: repository.folder / path for name, path in job["artifacts"]["reports"].items()}
        vulnerabilities = None
        if reports["secret_detection"].exists():
            vulnerabilities = json.loads(reports["secret_detection"].read_text())["vulnerabilities"]
        for path in (*reports.values(), repository.folder / "akid.md"):
            path.unlink(missing_ok=True)
        return done, vulnerabilities

    def merge_request(self):
        """a merge request's range; a push's tree; history"""
        repository, (text, key_id, _) = self.repository()
        base = repository.head()
        repository.commit_files({"a.env": text}, "Add a key")
        (repository.folder / "a.env").unlink()
        head = repository.commit_files({}, "Remove it")
        project = {"CI_MERGE_REQUEST_PROJECT_ID": "1", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "1"}
        done, found = self.job(repository, CI_MERGE_REQUEST_DIFF_BASE_SHA=base, **project)
        assert done.returncode == 1 and len(found) == 1, done.stderr
        assert found[0]["details"]["key_id"]["value"] == key_id and found[0]["location"]["file"] == "a.env", found
        done, found = self.job(repository)
        assert (done.returncode, found) == (0, []), done.stderr
        done, found = self.job(repository, AKID_SCAN="history", AKID_OPTIONS="--fail-on high --quiet")
        assert done.returncode == 1 and len(found) == 1, done.stderr
        done, found = self.job(repository, AKID_SCAN="range", CI_COMMIT_BEFORE_SHA=base, CI_COMMIT_SHA=head)
        assert done.returncode == 1 and len(found) == 1, done.stderr
        done, found = self.job(repository, AKID_SCAN="sideways")
        assert (done.returncode, found) == (2, None), done.stderr

    def fork(self, repository, base, **variables):
        """Runs the job for a fork's merge request into main."""
        request = {"CI_MERGE_REQUEST_PROJECT_ID": "1", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "2"}
        request |= {"CI_MERGE_REQUEST_DIFF_BASE_SHA": base, "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main"}
        return self.job(repository, **request, **variables)

    def merge_request_of_a_fork(self):
        """a fork's merge request cannot allow what is in it, nor choose an old configuration"""
        repository, (text, _, _) = self.repository()
        old = repository.commit_files({".akid.toml": 'exclude = ["legacy/"]\n'})
        tip = repository.commit_files({".akid.toml": 'exclude = ["other/"]\n'})
        repository.git("update-ref", "refs/remotes/origin/main", tip)
        repository.git("switch", "--quiet", "--create", "theirs", old)
        allowed = text.replace("\n", " # akid:allow\n")
        repository.commit_files({"legacy/a.env": text, "other/b.env": key("other")[0], "a.env": allowed})
        for sha in ({}, {"CI_MERGE_REQUEST_TARGET_BRANCH_SHA": tip}):
            done, found = self.fork(repository, old, **sha)
            assert done.returncode == 1, done.stdout + done.stderr
            assert {one["location"]["file"] for one in found} == {"legacy/a.env", "a.env"}, found
        # Where the target is not there, nothing is scanned.
        repository.git("update-ref", "-d", "refs/remotes/origin/main")
        done, found = self.fork(repository, old)
        assert (done.returncode, found) == (2, None), done.stdout + done.stderr

    def fork_in_its_own_project(self):
        """a fork's merge request, run in the fork: its branches are not the target's, all findings fail"""
        repository, (text, _, _) = self.repository()
        base = repository.commit_files({".akid.toml": 'exclude = ["*"]\nfail-on = "critical"\n'})
        repository.git("update-ref", "refs/remotes/origin/main", base)
        theirs = {"CI_PROJECT_ID": "2", "AKID_OPTIONS": "--fail-on critical"}
        assert self.fork(repository, base, **theirs)[0].returncode == 0
        repository.commit_files({"a.env": text.splitlines()[0]})
        done, found = self.fork(repository, base, **theirs)
        assert done.returncode == 1 and len(found) == 1 and "runs in the fork" in done.stderr, done.stdout + done.stderr

    def baseline_of_a_fork(self):
        """a fork's merge request: its baseline is that of the target"""
        repository, (text, _, _) = self.repository()
        base = repository.commit_files({".akid-baseline": ""})
        repository.git("update-ref", "refs/remotes/origin/main", base)
        repository.write("a.env", text)
        write = [self.args.akid, "scan", "--quiet", "--write-baseline", ".akid-baseline", "-o", "text:/dev/null"]
        assert repository.run(*write).returncode == 0
        repository.commit_files({})
        done, found = self.fork(repository, base, AKID_OPTIONS="--baseline .akid-baseline")
        assert done.returncode == 1 and len(found) == 1, done.stdout + done.stderr
        here = repository.folder.resolve() / ".akid-baseline"
        for options in (f"--baseline {here}", f"-q  --baseline={here}"):
            done, found = self.fork(repository, base, AKID_OPTIONS=options)
            assert (done.returncode, found) == (2, None) and "--baseline" in done.stderr, done.stdout + done.stderr
        # Of the project's own branches it is theirs to say.
        own = {"CI_MERGE_REQUEST_PROJECT_ID": "1", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "1"}
        done, _ = self.job(repository, CI_MERGE_REQUEST_DIFF_BASE_SHA=base, AKID_OPTIONS=f"--baseline={here}", **own)
        assert done.returncode == 0, done.stdout + done.stderr

    def pushed_range(self):
        """`AKID_SCAN: range` of a new branch and of a forced push: what the default branch does not have"""
        repository, (text, _, _) = self.repository()
        old = repository.commit_files({"old.env": key("old")[0]}, "Known")
        repository.git("update-ref", "refs/remotes/origin/main", old)
        repository.commit_files({"b.txt": "b\n"})
        topic = {"AKID_SCAN": "range", "CI_COMMIT_BRANCH": "topic"}
        for before in (ZEROS, "1" * 40):
            done, found = self.job(repository, CI_COMMIT_BEFORE_SHA=before, **topic)
            assert (done.returncode, found) == (0, []), done.stdout + done.stderr
            assert ("forced push" in done.stderr) == (before != ZEROS), done.stderr
        repository.commit_files({"a.env": text})
        for branch, wanted in (("topic", 1), ("main", 2)):
            done, found = self.job(repository, **topic | {"CI_COMMIT_BEFORE_SHA": "1" * 40, "CI_COMMIT_BRANCH": branch})
            assert done.returncode == 1 and len(found) == wanted, done.stdout + done.stderr

    def shallow(self):
        """shallow clone: exit 2 and what to set, but for the tree"""
        repository, (text, _, _) = self.repository()
        base = repository.head()
        repository.commit_files({"a.env": text})
        clone = Repository(self.folder() / "clone")
        clone.git("fetch", "--quiet", "--depth=1", f"file://{repository.folder}", "main")
        clone.git("checkout", "--quiet", "--detach", "FETCH_HEAD")
        for variables in ({"AKID_SCAN": "history"}, {"AKID_SCAN": "range"}, {"CI_MERGE_REQUEST_DIFF_BASE_SHA": base}):
            done, found = self.job(clone, **variables)
            assert (done.returncode, found) == (2, None) and 'GIT_DEPTH: "0"' in done.stderr, done.stdout + done.stderr
        assert self.job(clone)[0].returncode == 1

    def installs(self):
        """a release is installed if its checksum is right"""
        repository, _ = self.repository()
        dist = self.folder()
        script = [sys.executable, ROOT / "packaging/release/archive.py", self.args.akid, "x86_64-unknown-linux-gnu", dist]
        subprocess.run(script, check=True, capture_output=True)
        subprocess.run([ROOT / "packaging/release/sums.sh", dist], check=True)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=dist))
        Thread(target=server.serve_forever, daemon=True).start()
        job = yaml.safe_load((ROOT / "packaging/gitlab/akid.gitlab-ci.yml").read_text())["akid"]
        lines = "\n".join(job["before_script"])
        version = json.loads(subprocess.run(
            ["cargo", "metadata", "--no-deps", "--format-version=1", "--manifest-path", ROOT / "Cargo.toml"],
            check=True, capture_output=True).stdout)["packages"][0]["version"]  # fmt: skip
        variables = {"AKID_DOWNLOAD_URL": f"http://127.0.0.1:{server.server_address[1]}", "AKID_VERSION": version}
        assert job["variables"]["AKID_VERSION"] == version, "the template is for another version"
        try:
            done = repository.run("sh", "-c", lines, env=variables)
            assert done.returncode == 0 and f"akid {version}" in done.stdout, done.stdout + done.stderr
            sums = dist / "SHA256SUMS"
            sums.write_text(sums.read_text().replace(sums.read_text()[:8], "00000000"))
            done = repository.run("sh", "-c", lines, env=variables)
            assert done.returncode != 0 and f"akid {version}" not in done.stdout, done.stdout
            done = repository.run("sh", "-c", lines)
            assert done.returncode == 2 and "AKID_DOWNLOAD_URL" in done.stderr, done.stderr
        finally:
            server.shutdown()
            server.server_close()


if __name__ == "__main__":
    rows.main(
        Checks,
        "merge_request", "merge_request_of_a_fork", "fork_in_its_own_project", "baseline_of_a_fork", "pushed_range",
        "shallow", "installs",
    )  # fmt: skip
