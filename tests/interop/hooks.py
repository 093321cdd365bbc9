"""Runs akid's hooks under pre-commit and prek, in real repositories, as people commit and push.

usage: hooks.py --akid F --scratch D --wheels D [--show]

The hooks are those of .pre-commit-hooks.yaml that run an akid that is there (`*-system`), and those of the template of
the mirror, which install one from a wheel: WHEELS is a folder with akid's and with what pip needs to install it without
a network. Prints a table, with a column for each tool; ends with 1 if any row failed.
"""

import argparse
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import rows
import yaml
from repository import Repository, key

ROOT = Path(__file__).resolve().parents[2]
STOPPED, PASSED = "stopped", "passed"
HERE = ["akid-system", "akid-staged-system", "akid-history-system"]
TYPES = ["pre-commit", "pre-merge-commit", "pre-push"]
MIRROR = ["akid", "akid-staged", "akid-history"]


def hook_repository(folder, files):
    repository = Repository(folder)
    for file in files:
        shutil.copy(file, repository.folder)
    repository.commit_files({}, "Hooks")
    repository.git("tag", "v1")
    return repository


class Tool:
    """pre-commit, or prek, which takes the same commands."""

    def __init__(self, name, args):
        self.name, self.args = name, args
        self.program = rows.program(name)
        self.home = args.scratch / name
        (self.home / "bin").mkdir(parents=True)
        (self.home / "bin/akid").symlink_to(args.akid)
        environment = Repository(self.home / "unused").run("env").stdout
        path = re.search(r"^PATH=(.*)$", environment, re.M)[1]
        self.environment = {
            "PATH": f"{self.home / 'bin'}:{Path(sys.executable).parent}:{path}",
            "PRE_COMMIT_HOME": str(self.home / "cache"),
            "PREK_HOME": str(self.home / "cache"),
            "PREK_ALLOW_NO_CONFIG": "0",
            # Wheels of the folder, and nothing else: of pip, and of uv, which prek installs with.
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(args.wheels),
            "UV_OFFLINE": "1",
            "UV_NO_INDEX": "1",
            "UV_FIND_LINKS": str(args.wheels),
            "UV_PYTHON_DOWNLOADS": "never",
            "UV_CACHE_DIR": str(self.home / "uv"),
        }

    def checkout(self, name, hooks, ids, remote=True):
        """A repository with the hooks installed, and an empty remote."""
        folder = self.home / name
        repository = Repository(folder / "work")
        repository.environment = self.environment
        used = {"repo": hooks.folder.as_uri(), "rev": "v1", "hooks": [{"id": id} for id in ids]}
        config = {"default_install_hook_types": TYPES, "repos": [used]}
        repository.commit_files({".pre-commit-config.yaml": yaml.safe_dump(config), "README.md": "# it\n"}, "Begin")
        done = self.run(repository, "install")
        assert done.returncode == 0, done.stdout + done.stderr
        if remote:
            Repository(folder / "remote", bare=True)
            repository.git("remote", "add", "origin", str(folder / "remote"))
        return repository

    def run(self, repository, *words):
        return repository.run(self.program, *words, env=self.environment)

    def git(self, repository, *words):
        """Whether the hooks let git do it, and what was printed."""
        done = repository.run("git", *words, env=self.environment)
        text = done.stdout + done.stderr
        if self.args.show:
            print(f"=== {self.name}: git {' '.join(words)}: {done.returncode}\n{text}")
        assert "Failed to" not in text and "Traceback" not in text, text[-1500:]
        return (PASSED if done.returncode == 0 else STOPPED), text

    def commit(self, repository, files, *words):
        for path, text in files.items():
            repository.write(path, text)
        repository.git("add", "--all")
        return self.git(repository, "commit", "--message", "Change", *words)

    def push(self, repository, *refs):
        return self.git(repository, "push", "--quiet", "origin", *refs)


def told(text, *parts):
    for part in parts:
        assert part in text, f"no `{part}` in\n{text}"


class Scenarios:
    """Each takes a tool and returns what its hooks did."""

    def __init__(self, args):
        self.args, self.count = args, 0
        self.here = hook_repository(args.scratch / "here", [ROOT / ".pre-commit-hooks.yaml"])
        template = ROOT / "packaging/pre-commit-mirror"
        self.mirror = hook_repository(args.scratch / "mirror", sorted(template.iterdir()))

    def repository(self, tool, ids=HERE, hooks=None):
        self.count += 1
        return tool.checkout(f"{self.count}", hooks or self.here, ids)

    def planted(self):
        return key(f"hooks {self.count}")

    def clean(self, tool):
        """commit, nothing found"""
        return tool.commit(self.repository(tool), {"a.txt": "nothing\n"})[0]

    def one_finding(self, tool):
        """commit, one key"""
        repository, (text, key_id, secret) = self.repository(tool), self.planted()
        outcome, output = tool.commit(repository, {"deploy/prod.env": f"\n{text}"})
        told(output, "deploy/prod.env:2:19", key_id)
        assert secret not in output
        return outcome

    def each_alone(self, tool):
        """commit, one key, each hook alone"""
        outcomes = set()
        for id in HERE[:2]:
            repository = self.repository(tool, [id])
            outcome, output = tool.commit(repository, {"a.env": self.planted()[0]})
            told(output, "a.env:1:19")
            outcomes.add(outcome)
        return outcomes.pop() if len(outcomes) == 1 else str(outcomes)

    def three_thousand(self, tool):
        """commit, 3,000 files, a key in the last"""
        repository = self.repository(tool)
        files = {f"folder {n % 7}/a rather long name of a file, number {n:05}.txt": f"{n}\n" for n in range(2999)}
        outcome, output = tool.commit(repository, files | {"zz.env": self.planted()[0]})
        told(output, "zz.env:1:19")
        return outcome

    def unstaged(self, tool):
        """commit, a key in the worktree that is not staged"""
        repository = self.repository(tool)
        tool.commit(repository, {"a.txt": "nothing\n"})
        repository.write("b.txt", "b\n")
        repository.git("add", "b.txt")
        repository.write("a.txt", self.planted()[0])
        return tool.git(repository, "commit", "--message", "Change")[0]

    def staged_only(self, tool):
        """commit, a key that is staged and gone from the worktree"""
        repository = self.repository(tool)
        repository.write("a.env", self.planted()[0])
        repository.git("add", "a.env")
        repository.write("a.env", "nothing\n")
        return tool.git(repository, "commit", "--message", "Change")[0]

    def deleted(self, tool):
        """commit that deletes a file with a key"""
        repository = self.repository(tool)
        repository.commit_files({"a.env": self.planted()[0]})
        repository.git("rm", "--quiet", "a.env")
        return tool.commit(repository, {"b.txt": "b\n"})[0]

    def renamed(self, tool):
        """commit that renames a file with a key"""
        repository = self.repository(tool)
        repository.commit_files({"a.env": self.planted()[0]})
        repository.git("mv", "a.env", "b.env")
        outcome, output = tool.commit(repository, {})
        told(output, "b.env:1:19")
        return outcome

    def names(self, tool):
        """commit, names with blanks, line ends, quotes, dashes"""
        repository = self.repository(tool)
        names = ["a b.env", "a\nb.env", "-o x.env", "'\"$(x)`.env", "ünï.env", "--help"]
        outcome, output = tool.commit(repository, {name: key(name)[0] for name in names})
        told(output, "a b.env:1:19", "a\\nb.env:1:19", "-o x.env:1:19", "ünï.env:1:19", "--help:1:19")
        return outcome

    def all_files(self, tool):
        """run --all-files, a key that is committed already"""
        repository = self.repository(tool)
        repository.commit_files({"a.env": self.planted()[0]})
        done = tool.run(repository, "run", "--all-files")
        told(done.stdout, "a.env:1:19")
        return PASSED if done.returncode == 0 else STOPPED

    def merge(self, tool):
        """commit of a merge that had conflicts, with a key of the other side"""
        repository = self.repository(tool)
        repository.git("switch", "--quiet", "--create", "theirs")
        repository.commit_files({"README.md": "# theirs\n", "theirs.env": self.planted()[0]})
        repository.git("switch", "--quiet", "main")
        repository.commit_files({"README.md": "# ours\n"})
        repository.git("merge", "--quiet", "theirs", check=False)
        return tool.commit(repository, {"README.md": "# both\n"})[0]

    def merge_by_git(self, tool):
        """merge that git commits by itself, each hook alone, with a key of the other side"""
        outcomes = set()
        for id in HERE[:2]:
            repository = self.repository(tool, [id])
            for branch, files in (("clean", {"b.txt": "b\n"}), ("theirs", {"theirs.env": self.planted()[0]})):
                repository.git("switch", "--quiet", "--create", branch, "main")
                repository.commit_files(files)
            repository.git("switch", "--quiet", "main")
            repository.commit_files({"c.txt": "c\n"})
            assert tool.git(repository, "merge", "--no-edit", "clean")[0] == PASSED
            outcome, output = tool.git(repository, "merge", "--no-edit", "theirs")
            told(output, "theirs.env:1:19")
            outcomes.add(outcome)
        return outcomes.pop() if len(outcomes) == 1 else str(outcomes)

    def first_push(self, tool):
        """first push to an empty remote, a key only in history"""
        repository, (text, key_id, _) = self.repository(tool), self.planted()
        repository.commit_files({"a.env": text})
        repository.git("rm", "--quiet", "a.env")
        repository.commit_files({}, "Remove it")
        outcome, output = tool.push(repository, "main")
        told(output, key_id)
        return outcome

    def clean_push(self, tool):
        """first push, then a second one and a new branch, nothing found"""
        repository = self.repository(tool)
        outcomes = [tool.push(repository, "main")[0]]
        repository.commit_files({"b.txt": "b\n"})
        outcomes += [tool.push(repository, "main")[0], tool.push(repository, "main:refs/heads/topic")[0]]
        return outcomes[0] if len(set(outcomes)) == 1 else str(outcomes)

    def known_push(self, tool):
        """push of more, over a key that the remote has"""
        repository = self.repository(tool)
        repository.commit_files({"a.env": self.planted()[0]})
        repository.git("push", "--quiet", "--no-verify", "origin", "main")
        repository.commit_files({"b.txt": "b\n"})
        return tool.push(repository, "main")[0]

    def merge_push(self, tool):
        """push of a merge, a key in the branch that was merged"""
        repository, (text, key_id, _) = self.repository(tool), self.planted()
        repository.git("push", "--quiet", "--no-verify", "origin", "main")
        repository.git("switch", "--quiet", "--create", "theirs")
        repository.commit_files({"theirs.env": text})
        repository.git("switch", "--quiet", "main")
        repository.commit_files({"b.txt": "b\n"})
        repository.git("merge", "--quiet", "--no-edit", "--no-verify", "theirs")
        outcome, output = tool.push(repository, "main")
        told(output, key_id)
        return outcome

    def tag_push(self, tool):
        """push of a tag, a key in its commit"""
        repository = self.repository(tool)
        repository.git("push", "--quiet", "--no-verify", "origin", "main")
        repository.commit_files({"a.env": self.planted()[0]})
        repository.git("tag", "--annotate", "--message", "One", "v1.0")
        return tool.push(repository, "v1.0")[0]

    def deletion(self, tool):
        """push that deletes a branch"""
        repository = self.repository(tool)
        repository.git("push", "--quiet", "--no-verify", "origin", "main", "main:refs/heads/old")
        return tool.push(repository, ":old")[0]

    def several_refs(self, tool):
        """push of two branches with something new, a key in the second"""
        repository = self.repository(tool)
        repository.git("push", "--quiet", "--no-verify", "origin", "main")
        repository.git("switch", "--quiet", "--create", "a")
        repository.commit_files({"a.txt": "a\n"})
        repository.git("switch", "--quiet", "--create", "b", "main")
        repository.commit_files({"a.env": self.planted()[0]})
        return tool.push(repository, "a", "b")[0]

    def mirrored(self, tool):
        """mirror: installed from a wheel; clean, one key, pushed"""
        repository = self.repository(tool, MIRROR, self.mirror)
        (tool.home / "bin/akid").unlink()
        try:
            outcome, output = tool.commit(repository, {"a.txt": "nothing\n"})
            assert outcome == PASSED, output
            outcome, output = tool.commit(repository, {"a.env": self.planted()[0]})
            told(output, "a.env:1:19")
            assert outcome == STOPPED
            repository.git("commit", "--quiet", "--no-verify", "--message", "Past the hook")
            outcome, output = tool.push(repository, "main")
            told(output, "a.env")
            return outcome
        finally:
            (tool.home / "bin/akid").symlink_to(self.args.akid)


WANTED = [
    ("clean", PASSED), ("one_finding", STOPPED), ("each_alone", STOPPED), ("three_thousand", STOPPED),
    ("unstaged", PASSED), ("staged_only", STOPPED), ("deleted", PASSED), ("renamed", STOPPED), ("names", STOPPED),
    ("all_files", STOPPED), ("merge", STOPPED), ("merge_by_git", STOPPED),
    ("first_push", STOPPED), ("clean_push", PASSED), ("known_push", PASSED), ("merge_push", STOPPED),
    ("tag_push", STOPPED), ("deletion", PASSED),
    # Both tell a hook only of the first ref with something new. git's own hook, by `akid hook install`, knows all.
    ("several_refs", PASSED),
    ("mirrored", STOPPED),
]  # fmt: skip


def ids_agree():
    """the mirror has the hooks of the repository, with the same contract"""
    own = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    mirror = yaml.safe_load((ROOT / "packaging/pre-commit-mirror/.pre-commit-hooks.yaml").read_text())
    bare = [{name: value for name, value in hook.items() if name not in ("language", "id")} for hook in own]
    assert [hook["id"] for hook in own] == MIRROR + HERE, own
    assert bare[:3] == bare[3:], "the system hooks differ"
    assert [{n: v for n, v in hook.items() if n not in ("language", "id")} for hook in mirror] == bare[:3]
    return f"{len(own)} and {len(mirror)} ids"


def main():
    parser = argparse.ArgumentParser()
    for name in ("akid", "scratch", "wheels"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--show", action="store_true", help="print what the tools print")
    parser.add_argument("--only", help="this scenario only")
    args = parser.parse_args()
    args.akid, args.scratch, args.wheels = args.akid.resolve(), args.scratch.resolve(), args.wheels.resolve()
    tools = [Tool("pre-commit", args), Tool("prek", args)]
    versions = [subprocess.run([tool.program, "--version"], capture_output=True, text=True).stdout.strip() for tool in tools]
    print(f"{'':<5} {'':<66} {versions[0]:<18} {versions[1]}")
    scenarios = Scenarios(args)

    def both(name, wanted):
        cells, failed = [], []
        for tool in tools:
            start = time.monotonic()
            try:
                outcome = getattr(scenarios, name)(tool)
            except AssertionError as fault:
                outcome = "FAILED"
                failed.append(f"{tool.name}: {fault}")
            if outcome != wanted and outcome != "FAILED":
                failed.append(f"{tool.name}: {outcome}, not {wanted}")
            cells.append(f"{outcome} {time.monotonic() - start:.1f} s")
        assert not failed, f"{cells}\n" + "\n".join(failed)
        return f"{cells[0]:<18} {cells[1]}"

    wanted = [(name, outcome) for name, outcome in WANTED if args.only in (None, name)]
    checks = [(getattr(Scenarios, name).__doc__, lambda n=name, o=outcome: both(n, o)) for name, outcome in wanted]
    return 1 if rows.run([(ids_agree.__doc__, ids_agree), *checks]) else 0


if __name__ == "__main__":
    sys.exit(main())
