"""Runs the steps of action.yml as a runner of GitHub does, for made-up events, and checks what comes of them.

usage: actions.py --akid F --scratch D [--show] [--only CHECK]

The upload is not made. Prints a table; ends with 1 if any row failed.
"""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import rows
from repository import Repository, Trials, key
from runner import FORK, ROOT, ZEROS, Runner, pull_request, push


class Checks(Trials):
    """Each check has a folder of its own."""

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
        assert json.loads(Path(runner.uploads[0]["sarif_file"]).read_text())["runs"][0]["automationDetails"]["id"] == "akid/tree/"

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

    def baseline_of_a_fork(self):
        """a fork's pull request: its baseline is that of the base, however it is named"""
        repository, (text, _, _) = self.repository()
        known = key("known")[0]
        repository.commit_files({"sub/.akid-baseline": "", "sub/known.env": known})
        write = [self.args.akid, "scan", "--quiet", "--write-baseline", "sub/.akid-baseline", "-o", "text:/dev/null"]
        assert repository.run(*write).returncode == 0
        base = repository.commit_files({}, "Know it")
        repository.git("rm", "--quiet", "sub/known.env")
        repository.commit_files({}, "Take it out")
        head = repository.commit_files({"sub/known.env": known}, "Bring it back")
        here = repository.folder.resolve()
        named = (
            {"baseline": "sub/.akid-baseline"},
            {"baseline": f"{here}/sub/.akid-baseline"},
            {"baseline": f"{here}/./other//../sub/.akid-baseline"},
            {"baseline": ".akid-baseline", "path": "sub"},
            {"baseline": "../sub/.akid-baseline", "path": "sub"},
        )
        for inputs in named:
            runner = self.act(repository, "pull_request", pull_request(base, head, FORK), inputs)
            self.expect(runner, 0, 0, [])
        runner = self.act(repository, "pull_request", pull_request(base, head, FORK), {"baseline": "nowhere"})
        self.expect(runner, 1, 0, ["notice", "error"])
        assert "does not have the baseline" in runner.annotations[0][2], runner.annotations
        # What it adds to that file counts for nothing.
        repository.write("a.env", text)
        assert repository.run(*write).returncode == 0
        head = repository.commit_files({}, "Know mine, too")
        for inputs in named:
            self.expect(self.act(repository, "pull_request", pull_request(base, head, FORK), inputs), 1, 0, ["error"])
        (repository.folder.parent / "outside").write_text((repository.folder / "sub/.akid-baseline").read_text())
        for outside in (f"{here}/../outside", "../outside", f"{here}x", "/", "D:\\a\\.akid-baseline"):
            runner = self.act(repository, "pull_request", pull_request(base, head, FORK), {"baseline": outside})
            self.refused(runner, "baseline: ")

    def own_accounts(self):
        """own-accounts, in a line or over several: own keys fail"""
        repository, (text, _, _) = self.repository()
        head = repository.commit_files({"a.env": text, ".akid.toml": 'fail-owner = "own"\n'})
        report = json.loads(repository.run(self.args.akid, "scan", "--no-config", "-f", "json").stdout)
        own, others = report["findings"][0]["account"]["id"], "999999999999"
        event = push(ZEROS, head)
        self.expect(self.act(repository, "push", event, {"own-accounts": others}), 0, 1, ["warning"])
        for accounts in (f"{others} {own}", f"{others}\n{own}\n", f"\n\t{others}\r\n  {own}", f"{own}\n{others}"):
            self.expect(self.act(repository, "push", event, {"own-accounts": accounts}), 1, 1, ["error"])

    def dependabot(self):
        """dependabot may not upload"""
        repository, (text, _, _) = self.repository()
        head = repository.commit_files({"a.env": text})
        runner = self.act(repository, "push", push(ZEROS, head), GITHUB_ACTOR="dependabot[bot]")
        self.expect(runner, 1, 0, ["error"])

    def clone(self, repository, *words):
        """A clone, as actions/checkout makes it: of the commits that `words` of git fetch ask for."""
        clone = Repository(self.folder() / "clone")
        clone.git("fetch", "--quiet", *words, f"file://{repository.folder}", "+main:refs/remotes/origin/main")
        clone.git("checkout", "--quiet", "--detach", "refs/remotes/origin/main")
        return clone

    def refused(self, runner, remedy):
        """Nothing was scanned, and annotation and summary say what to do."""
        self.expect(runner, 2, 0, ["error"])
        assert remedy in runner.annotations[0][2], runner.annotations
        assert "akid did not scan" in runner.summary() and remedy in runner.summary(), runner.summary()
        assert runner.context["steps"]["scan"]["outputs"] == {"exit-code": "2"}, runner.context["steps"]

    def shallow(self):
        """shallow clone: exit 2 and what to set, wherever commits are missing"""
        repository, (text, _, _) = self.repository()
        base = repository.commit_files({"a.txt": "a\n"})
        repository.commit_files({"b.txt": "b\n"})
        head = repository.commit_files({"a.env": text})
        clone = self.clone(repository, "--depth=1")
        clone.git("update-ref", "-d", "refs/remotes/origin/main")
        self.refused(self.act(clone, "pull_request", pull_request(base, head)), "fetch-depth: 0")
        self.refused(self.act(clone, "schedule", {}, {"scan": "history"}), "fetch-depth: 0")
        for before, branch in ((ZEROS, "main"), (ZEROS, "topic"), (base, "main")):
            runner = self.act(clone, "push", push(before, head), {"scan": "range"}, GITHUB_REF_NAME=branch)
            self.refused(runner, "fetch-depth: 0")
        # The tree needs no history.
        self.expect(self.act(clone, "push", push(base, head)), 1, 1, ["error"])
        # Neither does a range what came before it.
        clone = self.clone(repository, "--depth=3")
        self.expect(self.act(clone, "pull_request", pull_request(base, head)), 1, 1, ["error"])
        clone.git("fetch", "--quiet", "--unshallow", f"file://{repository.folder}", "main")
        self.expect(self.act(clone, "schedule", {}, {"scan": "history"}), 1, 1, ["error"])

    def cut_inside_the_range(self):
        """shallow clone that has both ends of the range, but not all between: exit 2"""
        repository, (text, _, _) = self.repository()
        base = repository.head()
        repository.commit_files({"a.env": text}, "Add a key")
        (repository.folder / "a.env").unlink()
        head = repository.commit_files({}, "Remove it")
        clone = self.clone(repository, "--depth=1")
        clone.git("fetch", "--quiet", "--depth=1", f"file://{repository.folder}", base, check=False)
        self.refused(self.act(clone, "pull_request", pull_request(base, head)), "fetch-depth: 0")

    def no_repository(self):
        """commits of what is no repository, a `path` that is not there: exit 2"""
        repository, (text, _, _) = self.repository()
        head = repository.commit_files({"a.env": text})
        event = push(ZEROS, head)
        self.refused(self.act(repository, "push", event, {"path": "nowhere"}), "path: ")
        self.refused(self.act(repository, "push", event, {"path": "a.env"}), "path: ")
        (repository.folder / ".git").rename(repository.folder / "git")
        for scan in ("range", "history"):
            self.refused(self.act(repository, "push", event, {"scan": scan}), "no git repository")

    def forced_push(self):
        """forced push: what the default branch does not have; of the default branch, everything"""
        repository, (text, _, _) = self.repository()
        old = repository.commit_files({"old.env": key("old")[0]}, "Known")
        repository.git("update-ref", "refs/remotes/origin/main", old)
        repository.git("switch", "--quiet", "--create", "topic")
        gone = "1" * 40
        inputs, topic = {"scan": "range"}, {"GITHUB_REF_NAME": "topic"}
        clean = repository.commit_files({"b.txt": "b\n"})
        runner = self.act(repository, "push", push(gone, clean), inputs, **topic)
        self.expect(runner, 0, 0, ["notice"])
        assert "forced push" in runner.annotations[0][2], runner.annotations
        head = repository.commit_files({"a.env": text})
        self.expect(self.act(repository, "push", push(gone, head), inputs, **topic), 1, 0, ["notice", "error"])
        self.expect(self.act(repository, "push", push(gone, head), inputs), 1, 0, ["notice", "error", "error"])

    def pull_request_target(self):
        """pull_request_target that has the base only: exit 2, and what to set"""
        repository, (text, _, _) = self.repository()
        base = repository.head()
        clone = self.clone(repository)
        head = repository.commit_files({"a.env": text})
        event = pull_request(base, head, FORK)
        self.refused(self.act(clone, "pull_request_target", event), "ref: refs/pull/${{ github.event.number }}/head")
        self.expect(self.act(repository, "pull_request_target", event), 1, 0, ["error"])

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
        """`scan: range` of a push: of what was pushed, of a new branch, of a new repository; none of it is uploaded"""
        repository, (text, _, _) = self.repository()
        old = repository.commit_files({"old.env": key("old")[0]}, "Known")
        repository.git("update-ref", "refs/remotes/origin/main", old)
        repository.git("switch", "--quiet", "--create", "topic")
        clean = repository.commit_files({"b.txt": "b\n"})
        inputs = {"scan": "range"}
        topic = {"GITHUB_REF_NAME": "topic"}
        self.expect(self.act(repository, "push", push(old, clean), inputs, **topic), 0, 0, [])
        self.expect(self.act(repository, "push", push(ZEROS, clean), inputs, **topic), 0, 0, [])
        head = repository.commit_files({"a.env": text})
        self.expect(self.act(repository, "push", push(ZEROS, head), inputs, **topic), 1, 0, ["error"])
        self.expect(self.act(repository, "push", push(ZEROS, head), inputs), 1, 0, ["error", "error"])

    def unreadable(self):
        """an input that cannot be read: exit 2, not uploaded, what was found is told"""
        repository, (text, _, _) = self.repository()
        head = repository.commit_files({"a.env": text})
        tree = repository.git("rev-parse", "HEAD:a.env")
        stored = repository.folder / ".git/objects" / tree[:2] / tree[2:]
        stored.chmod(0o644)
        stored.write_bytes(b"broken")
        repository.commit_files({"b.env": key("b")[0]})
        runner = self.act(repository, "schedule", {}, {"scan": "history"})
        self.expect(runner, 2, 0, ["error", "error"])
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
        script = [sys.executable, ROOT / "packaging/release/archive.py", self.args.akid, "x86_64-unknown-linux-gnu", dist]
        archive = Path(subprocess.run(script, check=True, capture_output=True, text=True).stdout.strip())
        again = Path(subprocess.run([*script[:-1], self.folder()], check=True, capture_output=True, text=True).stdout.strip())
        assert archive.read_bytes() == again.read_bytes(), "an archive is not reproducible"
        subprocess.run([ROOT / "packaging/release/sums.sh", dist], check=True)
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


if __name__ == "__main__":
    rows.main(
        Checks,
        "clean_push", "push_with_a_finding", "summary_is_appended", "pull_request_that_takes_it_back",
        "pull_request_on_a_moved_base", "merge_group", "fork", "baseline_of_a_fork",
        "own_accounts", "dependabot", "shallow", "cut_inside_the_range", "no_repository", "schedule", "pushed_range",
        "forced_push", "pull_request_target", "unreadable", "hostile_names", "many", "inputs_are_only_text", "inputs_reach_akid", "release",
    )  # fmt: skip
