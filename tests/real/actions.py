"""Runs the steps of action.yml as a runner of GitHub does, for made-up events, and checks what comes of them.

usage: actions.py --akid F --scratch D [--show]

The steps are read from action.yml and run by the shell that it names, with the environment that GitHub sets; what they
print is read as the runner reads it: workflow commands, and the stop of them. The upload is not made. The part of the
GitLab template that is a shell script is run likewise, with the variables that GitLab sets. Prints a table; ends with 1
if any row failed.
"""

import argparse
import functools
import hashlib
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from threading import Thread

import rows
import yaml
from repository import ENVIRONMENT, Repository, key

ROOT = Path(__file__).resolve().parents[2]
OWN, FORK = "acme/app", "stranger/app"
ZEROS = "0" * 40


class Runner:
    """What GitHub's runner is to the steps of an action."""

    def __init__(self, scratch, workspace, event_name, event, inputs, **environment):
        self.scratch, self.workspace = scratch, workspace
        self.files = {name: scratch / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_EVENT_PATH")}
        self.files["GITHUB_EVENT_PATH"].write_text(json.dumps(event))
        self.action = yaml.safe_load((ROOT / "action.yml").read_text())
        defaults = {name: about.get("default", "") for name, about in self.action["inputs"].items()}
        github = {"event_name": event_name, "event": event, "repository": OWN, "action_repository": "acme/akid"}
        github["sha"] = event.get("after") or subprocess_head(workspace)
        self.context = {"inputs": defaults | inputs, "github": github, "steps": {}}
        self.environment = {
            **ENVIRONMENT,
            "HOME": str(scratch),
            "RUNNER_TEMP": str(scratch),
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_ACTOR": "ada",
            "GITHUB_REF_NAME": "main",
            **{name: str(path) for name, path in self.files.items()},
            **environment,
        }
        self.uploads, self.log, self.annotations, self.commands, self.code = [], "", [], [], 0

    def run(self):
        for step in self.action["runs"]["steps"]:
            condition = step.get("if", "success()")
            if not self.value(condition) or (self.code and "always()" not in condition):
                continue
            if "uses" in step:
                self.uploads.append({name: self.text(value) for name, value in step["with"].items()})
                assert re.search(r"@[0-9a-f]{40}$", step["uses"]), f"{step['uses']} is not pinned"
            else:
                self.run_step(step)
        return self

    def run_step(self, step):
        assert "${{" not in step["run"], "an expression in a script"
        self.files["GITHUB_OUTPUT"].write_text("")
        environment = self.environment | {name: self.text(value) for name, value in step.get("env", {}).items()}
        script = self.scratch / "step.sh"
        script.write_text(step["run"])
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script],
            cwd=self.workspace,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=120,
        )
        self.read(done.stdout.decode())
        outputs = dict(line.split("=", 1) for line in self.files["GITHUB_OUTPUT"].read_text().splitlines())
        outcome = "failure" if done.returncode else "success"
        self.context["steps"][step.get("id", "")] = {"outputs": outputs, "outcome": outcome}
        self.code = self.code or done.returncode

    def read(self, text):
        """Takes commands out of a log. The runner looks for `::` where a line begins, and for `##[` anywhere."""
        self.log += text
        stopped = None
        for line in text.splitlines():
            found = re.match(r"\s*::([^ :]+)(?: ([^:]*))?::(.*)$", line)
            if stopped:
                if found and found[1] == stopped:
                    stopped = None
            elif found and found[1] == "stop-commands":
                stopped = found[3]
            elif found and found[1] in ("error", "warning", "notice"):
                properties = dict(part.split("=", 1) for part in (found[2] or "").split(",") if part)
                self.annotations.append((found[1], {n: unescaped(v) for n, v in properties.items()}, unescaped(found[3])))
            elif found or "##[" in line:
                self.commands.append(line)

    def text(self, template):
        return re.sub(r"\$\{\{(.*?)\}\}", lambda found: str(self.value(found[1]) or ""), str(template))

    def value(self, expression):
        """The value of an expression: as much of GitHub's language as action.yml uses."""
        for operator, apply in (("||", lambda a, b: a or b), ("&&", lambda a, b: a and b)):
            if operator in expression:
                left, right = expression.split(operator, 1)
                return apply(self.value(left), self.value(right))
        if "==" in expression:
            left, right = expression.split("==")
            return self.value(left) == self.value(right)
        expression = expression.strip()
        if expression in ("always()", "success()"):
            return True
        if expression.startswith("'"):
            return expression.strip("'")
        value = self.context
        for name in expression.split("."):
            value = (value or {}).get(name)
        return value

    def kinds(self):
        return [kind for kind, _, _ in self.annotations]

    def summary(self):
        path = self.files["GITHUB_STEP_SUMMARY"]
        return path.read_text() if path.exists() else ""


def unescaped(text):
    for code, meant in (("%0A", "\n"), ("%0D", "\r"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, meant)
    return text


def subprocess_head(folder):
    done = subprocess.run(["git", "-C", folder, "rev-parse", "HEAD"], env=ENVIRONMENT, capture_output=True, text=True)
    return done.stdout.strip()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files, and does not say so."""

    def log_message(self, *_):
        pass


def pull_request(base, head, repository=OWN):
    branch = {"sha": head, "repo": {"full_name": repository, "fork": repository != OWN}}
    return {"pull_request": {"base": {"sha": base}, "head": branch}, "repository": {"default_branch": "main"}}


def push(before, after):
    return {"before": before, "after": after, "repository": {"default_branch": "main"}}


class Checks:
    """Each check has a folder of its own."""

    def __init__(self, args):
        self.args, self.count = args, 0

    def folder(self):
        self.count += 1
        folder = self.args.scratch / str(self.count)
        folder.mkdir(parents=True)
        return folder

    def repository(self):
        """A repository with a clean commit; and a key to plant."""
        repository = Repository(self.folder() / "app")
        repository.commit_files({"README.md": "# app\n"}, "Begin")
        return repository, key(f"actions {self.count}")

    def act(self, repository, event_name, event, inputs=None, **environment):
        inputs = {"akid-path": str(self.args.akid)} | (inputs or {})
        scratch = self.folder()
        runner = Runner(scratch, repository.folder, event_name, event, inputs, **environment).run()
        if self.args.show:
            print(f"=== {event_name}, exit {runner.code}\n{runner.log}\n--- summary\n{runner.summary()}")
        return runner

    def expect(self, runner, code, upload, kinds):
        told = f"exit {runner.code}, {len(runner.uploads)} uploads, {runner.kinds()}\n{runner.log}"
        assert runner.code == code, told
        assert len(runner.uploads) == upload, told
        assert runner.kinds() == kinds, told
        assert not runner.commands, f"commands: {runner.commands}"
        for upload in runner.uploads:
            assert json.loads(Path(upload["sarif_file"]).read_text())["version"] == "2.1.0"

    def clean_push(self):
        """push, nothing found: exit 0, uploaded, no annotation"""
        repository, _ = self.repository()
        runner = self.act(repository, "push", push(ZEROS, repository.head()))
        self.expect(runner, 0, 1, [])
        assert "akid: no findings" in runner.summary(), runner.summary()

    def push_with_a_finding(self):
        """push, a key in the tree: exit 1 after the upload, annotation at its line"""
        repository, (text, key_id, secret) = self.repository()
        head = repository.commit_files({"deploy/prod.env": f"# deploy\n{text}"})
        runner = self.act(repository, "push", push(ZEROS, head))
        self.expect(runner, 1, 1, ["error"])
        _, at, message = runner.annotations[0]
        assert (at["file"], at["line"], at["col"]) == ("deploy/prod.env", "2", "19"), at
        assert key_id in message and f"| `{key_id}` |" in runner.summary()
        assert secret not in runner.log + runner.summary()
        return at["title"]

    def summary_is_appended(self):
        """the summary of others in the same file stays"""
        repository, (text, _, _) = self.repository()
        head = repository.commit_files({"a.env": text})
        scratch = self.folder()
        (scratch / "GITHUB_STEP_SUMMARY").write_text("# of others\n")
        runner = Runner(scratch, repository.folder, "push", push(ZEROS, head), {"akid-path": str(self.args.akid)}).run()
        assert runner.summary().startswith("# of others\n### akid: 1 finding\n"), runner.summary()

    def pull_request_that_takes_it_back(self):
        """pull request, a key added and removed again: exit 1, told by its commit"""
        repository, (text, _, _) = self.repository()
        base = repository.head()
        added = repository.commit_files({"a.env": text}, "Add a key")
        (repository.folder / "a.env").unlink()
        head = repository.commit_files({}, "Remove it")
        runner = self.act(repository, "pull_request", pull_request(base, head))
        self.expect(runner, 1, 1, ["error"])
        _, at, message = runner.annotations[0]
        assert "file" not in at and f"a.env:1 in commit {added}" in message, runner.annotations
        assert json.loads(Path(runner.uploads[0]["sarif_file"]).read_text())["runs"][0]["automationDetails"]["id"] == "akid/range/"

    def pull_request_on_a_moved_base(self):
        """pull request, merged with a base that moved on: only its own commits count"""
        repository, (text, _, _) = self.repository()
        base = repository.head()
        repository.git("switch", "--quiet", "--create", "topic")
        head = repository.commit_files({"b.txt": "b\n"})
        repository.git("switch", "--quiet", "main")
        repository.commit_files({"theirs.env": text}, "Not of this pull request")
        repository.git("merge", "--quiet", "--no-edit", "--no-ff", "topic")
        runner = self.act(repository, "pull_request", pull_request(base, head))
        self.expect(runner, 0, 1, [])

    def merge_group(self):
        """merge group: its range"""
        repository, (text, _, _) = self.repository()
        base = repository.head()
        head = repository.commit_files({"a.env": text})
        event = {"merge_group": {"base_sha": base, "head_sha": head}, "repository": {"default_branch": "main"}}
        self.expect(self.act(repository, "merge_group", event), 1, 1, ["error"])

    def fork(self):
        """a fork's pull request: no upload, its config and its allowing lines do not count"""
        repository, (text, _, _) = self.repository()
        repository.commit_files({".akid.toml": 'fail-on = "low"\n'}, "Configure")
        base = repository.head()
        config = 'exclude = ["*"]\nfail-on = "critical"\n'
        allowed = text.replace("\n", " # akid:allow\n")
        head = repository.commit_files({".akid.toml": config, "a.env": allowed}, "Trust me")
        self.expect(self.act(repository, "pull_request", pull_request(base, head, FORK)), 1, 0, ["error"])
        # The same by somebody who may push is theirs to say.
        self.expect(self.act(repository, "pull_request", pull_request(base, head)), 0, 1, [])

    def dependabot(self):
        """dependabot may not upload"""
        repository, (text, _, _) = self.repository()
        head = repository.commit_files({"a.env": text})
        runner = self.act(repository, "push", push(ZEROS, head), GITHUB_ACTOR="dependabot[bot]")
        self.expect(runner, 1, 0, ["error"])

    def shallow(self):
        """pull request, shallow clone: exit 2, and what to set"""
        repository, (text, _, _) = self.repository()
        base = repository.head()
        head = repository.commit_files({"a.env": text})
        clone = Repository(self.folder() / "clone")
        clone.git("fetch", "--quiet", "--depth=1", f"file://{repository.folder}", "main")
        clone.git("checkout", "--quiet", "FETCH_HEAD")
        runner = self.act(clone, "pull_request", pull_request(base, head))
        self.expect(runner, 2, 0, ["error", "warning"])
        assert "fetch-depth: 0" in runner.annotations[1][2], runner.annotations
        assert "did not scan" in runner.summary()
        # The tree needs no history.
        self.expect(self.act(clone, "push", push(base, head)), 1, 1, ["error"])

    def schedule(self):
        """schedule: the tree; with `scan: history`, what was deleted, too"""
        repository, (text, _, _) = self.repository()
        repository.commit_files({"a.env": text})
        (repository.folder / "a.env").unlink()
        repository.commit_files({}, "Remove it")
        self.expect(self.act(repository, "schedule", {}), 0, 1, [])
        runner = self.act(repository, "schedule", {}, {"scan": "history"})
        self.expect(runner, 1, 1, ["error"])

    def pushed_range(self):
        """`scan: range` of a push: of what was pushed, of a new branch, of a new repository"""
        repository, (text, _, _) = self.repository()
        old = repository.commit_files({"old.env": key("old")[0]}, "Known")
        repository.git("update-ref", "refs/remotes/origin/main", old)
        repository.git("switch", "--quiet", "--create", "topic")
        clean = repository.commit_files({"b.txt": "b\n"})
        inputs = {"scan": "range"}
        topic = {"GITHUB_REF_NAME": "topic"}
        self.expect(self.act(repository, "push", push(old, clean), inputs, **topic), 0, 1, [])
        self.expect(self.act(repository, "push", push(ZEROS, clean), inputs, **topic), 0, 1, [])
        head = repository.commit_files({"a.env": text})
        self.expect(self.act(repository, "push", push(ZEROS, head), inputs, **topic), 1, 1, ["error"])
        self.expect(self.act(repository, "push", push(ZEROS, head), inputs), 1, 1, ["error", "error"])

    def unreadable(self):
        """an input that cannot be read: exit 2, uploaded, what was found is told"""
        repository, (text, _, _) = self.repository()
        head = repository.commit_files({"a.env": text})
        tree = repository.git("rev-parse", "HEAD:a.env")
        stored = repository.folder / ".git/objects" / tree[:2] / tree[2:]
        stored.chmod(0o644)
        stored.write_bytes(b"broken")
        repository.commit_files({"b.env": key("b")[0]})
        runner = self.act(repository, "schedule", {}, {"scan": "history"})
        self.expect(runner, 2, 1, ["error", "warning", "error"])
        assert "not everything was scanned" in runner.annotations[0][1]["title"] and head

    def hostile_names(self):
        """names and lines that look like commands: none is obeyed"""
        repository, (text, _, _) = self.repository()
        names = ["::error::gone", "::stop-commands::gone", "a\n::add-mask::gone", "##[error]gone", "%0A::notice::gone"]
        repository.commit_files({f"dir/{name}": f"::warning::{text}##[group]{text}" for name in names})
        (repository.folder / "::set-output name=x::gone").write_text(text)
        runner = self.act(repository, "push", push(ZEROS, repository.head()))
        self.expect(runner, 1, 1, ["error"] * 6)
        shown = {at["file"] for _, at, _ in runner.annotations}
        assert "dir/::error::gone" in shown and "dir/a\\n::add-mask::gone" in shown, shown

    def many(self):
        """40 findings: ten annotations, a notice of the rest, all in the summary"""
        repository, _ = self.repository()
        head = repository.commit_files({f"{n}.env": key(f"many {n}")[0] for n in range(40)})
        runner = self.act(repository, "push", push(ZEROS, head))
        self.expect(runner, 1, 1, ["error"] * 10 + ["notice"])
        assert runner.annotations[-1][2].startswith("30 more findings"), runner.annotations[-1]
        assert runner.summary().count("| **critical** |") == 40

    def inputs_are_only_text(self):
        """inputs reach no shell; wrong ones fail the job"""
        repository, _ = self.repository()
        marker = self.folder() / "marker"
        for name in ("fail-on", "path", "scan", "baseline", "own-accounts", "category", "min-confidence", "version"):
            value = f'$(touch {marker}); touch {marker} `touch {marker}` "; touch {marker}'
            runner = self.act(repository, "push", push(ZEROS, repository.head()), {name: value})
            assert not marker.exists(), name
            assert runner.code == (0 if name in ("category", "version") else runner.code or 1), f"{name}: {runner.log}"
        runner = self.act(repository, "push", push(ZEROS, repository.head()), {"scan": "everything"})
        self.expect(runner, 2, 0, ["error"])

    def inputs_reach_akid(self):
        """fail-on, category, upload and path do what they say"""
        repository, (text, _, _) = self.repository()
        head = repository.commit_files({"sub/a.env": text.splitlines()[0]})
        inputs = {"fail-on": "high", "category": "mine", "path": "sub"}
        runner = self.act(repository, "push", push(ZEROS, head), inputs)
        self.expect(runner, 0, 1, ["warning"])
        sarif = json.loads(Path(runner.uploads[0]["sarif_file"]).read_text())
        assert sarif["runs"][0]["automationDetails"]["id"] == "mine/"
        self.expect(self.act(repository, "push", push(ZEROS, head), {"upload": "never"}), 1, 0, ["error"])

    def release(self):
        """a release is installed if its checksum is right, and else nothing runs"""
        repository, _ = self.repository()
        dist = self.folder()
        script = [sys.executable, ROOT / "ci/release/archive.py", self.args.akid, "x86_64-unknown-linux-gnu", dist]
        archive = Path(subprocess.run(script, check=True, capture_output=True, text=True).stdout.strip())
        again = Path(subprocess.run([*script[:-1], self.folder()], check=True, capture_output=True, text=True).stdout.strip())
        assert archive.read_bytes() == again.read_bytes(), "an archive is not reproducible"
        subprocess.run([ROOT / "ci/release/sums.sh", dist], check=True)
        event = push(ZEROS, repository.head())
        inputs = {"akid-path": "", "download-url": dist.as_uri()}
        self.expect(self.act(repository, "push", event, inputs), 0, 1, [])
        sums = (dist / "SHA256SUMS").read_text()
        assert hashlib.sha256(archive.read_bytes()).hexdigest() in sums
        (dist / "SHA256SUMS").write_text(sums.replace(sums[:8], "00000000"))
        self.expect(self.act(repository, "push", event, inputs), 2, 0, ["error"])
        runner = self.act(repository, "push", event, inputs | {"version": "9.9.9"})
        self.expect(runner, 2, 0, ["error"])
        runner = self.act(repository, "push", event, inputs | {"akid-path": "/nowhere"})
        self.expect(runner, 2, 0, ["error"])
        on_path = self.folder()
        (on_path / "akid").symlink_to(self.args.akid)
        environment = {"PATH": f"{on_path}:{os.environ['PATH']}"}
        self.expect(self.act(repository, "push", event, {"akid-path": ""}, **environment), 0, 1, [])

    def gitlab(self, repository, **variables):
        """Runs the lines of the template; the exit code, and the reports."""
        job = yaml.safe_load((ROOT / "ci/gitlab/akid.gitlab-ci.yml").read_text())["akid"]
        script = self.folder() / "script.sh"
        script.write_text("\n".join(job["before_script"] + job["script"]))
        tools = self.folder()
        (tools / "akid").symlink_to(self.args.akid)
        environment = ENVIRONMENT | job["variables"] | {"PATH": f"{tools}:{os.environ['PATH']}", "HOME": str(tools)}
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
        """GitLab: a merge request's range; a push's tree; history"""
        repository, (text, key_id, _) = self.repository()
        base = repository.head()
        repository.commit_files({"a.env": text}, "Add a key")
        (repository.folder / "a.env").unlink()
        head = repository.commit_files({}, "Remove it")
        project = {"CI_MERGE_REQUEST_PROJECT_ID": "1", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "1"}
        done, found = self.gitlab(repository, CI_MERGE_REQUEST_DIFF_BASE_SHA=base, **project)
        assert done.returncode == 1 and len(found) == 1, done.stderr
        assert found[0]["details"]["key_id"]["value"] == key_id and found[0]["location"]["file"] == "a.env", found
        done, found = self.gitlab(repository)
        assert (done.returncode, found) == (0, []), done.stderr
        done, found = self.gitlab(repository, AKID_SCAN="history", AKID_OPTIONS="--fail-on high --quiet")
        assert done.returncode == 1 and len(found) == 1, done.stderr
        done, found = self.gitlab(repository, AKID_SCAN="range", CI_COMMIT_BEFORE_SHA=base, CI_COMMIT_SHA=head)
        assert done.returncode == 1 and len(found) == 1, done.stderr
        done, found = self.gitlab(repository, AKID_SCAN="sideways")
        assert (done.returncode, found) == (2, None), done.stderr

    def merge_request_of_a_fork(self):
        """GitLab: a fork's merge request cannot allow what is in it"""
        repository, (text, _, _) = self.repository()
        base = repository.head()
        repository.commit_files({".akid.toml": 'exclude = ["*"]\n', "a.env": text.replace("\n", " # akid:allow\n")})
        project = {"CI_MERGE_REQUEST_PROJECT_ID": "1", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "2"}
        done, found = self.gitlab(repository, CI_MERGE_REQUEST_DIFF_BASE_SHA=base, **project)
        assert done.returncode == 1 and len(found) == 1, done.stdout + done.stderr

    def gitlab_installs(self):
        """GitLab: a release is installed if its checksum is right"""
        repository, _ = self.repository()
        dist = self.folder()
        script = [sys.executable, ROOT / "ci/release/archive.py", self.args.akid, "x86_64-unknown-linux-gnu", dist]
        subprocess.run(script, check=True, capture_output=True)
        subprocess.run([ROOT / "ci/release/sums.sh", dist], check=True)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=dist))
        Thread(target=server.serve_forever, daemon=True).start()
        job = yaml.safe_load((ROOT / "ci/gitlab/akid.gitlab-ci.yml").read_text())["akid"]
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

    def lint(self):
        """linters of workflows, actions and GitLab's files have nothing to say"""
        check = rows.program("check-jsonschema")
        workflows = sorted((ROOT / ".github/workflows").glob("*.yml"))
        commands = [
            [check, "--builtin-schema", "vendor.github-workflows", *workflows],
            [check, "--builtin-schema", "vendor.github-actions", ROOT / "action.yml"],
            [check, "--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci",
             ROOT / "ci/gitlab/akid.gitlab-ci.yml"],
            [rows.program("zizmor"), "--offline", "--no-progress", "--persona", "pedantic", ROOT],
        ]  # fmt: skip
        for command in commands:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
            assert done.returncode == 0, (done.stdout + done.stderr)[-1500:]
        for script in [*(ROOT / "ci").rglob("*.sh")]:
            subprocess.run(["bash", "-n", script], check=True)
        if shutil.which("shellcheck"):
            subprocess.run(["shellcheck", *(ROOT / "ci").rglob("*.sh")], check=True)
        return f"{len(workflows)} workflows, action.yml, GitLab's template"

    def pinned(self):
        """every action is pinned, every job has a limit and only the rights that it needs"""
        uses = 0
        for path in (ROOT / ".github/workflows").glob("*.yml"):
            workflow = yaml.safe_load(path.read_text())
            assert workflow["permissions"] == {}, path.name
            for name, job in workflow["jobs"].items():
                assert "timeout-minutes" in job and "permissions" in job, f"{path.name}: {name}"
                for step in job["steps"]:
                    assert "${{" not in step.get("run", ""), f"{path.name}: an expression in a script"
                    if "uses" in step:
                        assert re.search(r"@[0-9a-f]{40}$", step["uses"]), step["uses"]
                        uses += 1
        return f"{uses} uses"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--akid", type=Path, required=True)
    parser.add_argument("--scratch", type=Path, required=True)
    parser.add_argument("--show", action="store_true", help="print the logs and summaries")
    parser.add_argument("--only", help="this check only")
    args = parser.parse_args()
    args.akid, args.scratch = args.akid.resolve(), args.scratch.resolve()
    checks = Checks(args)
    names = [
        "clean_push", "push_with_a_finding", "summary_is_appended", "pull_request_that_takes_it_back",
        "pull_request_on_a_moved_base", "merge_group", "fork", "dependabot", "shallow", "schedule", "pushed_range",
        "unreadable", "hostile_names", "many", "inputs_are_only_text", "inputs_reach_akid", "release",
        "merge_request", "merge_request_of_a_fork", "gitlab_installs", "lint", "pinned",
    ]  # fmt: skip
    names = [args.only] if args.only else names
    return 1 if rows.run((getattr(checks, name).__doc__, getattr(checks, name)) for name in names) else 0


if __name__ == "__main__":
    sys.exit(main())
