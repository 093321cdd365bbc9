"""Checks the workflows, the action and what a release is made with, as far as that can be done here.

usage: workflows.py --akid F --scratch D [--only CHECK]

Prints a table; ends with 1 if any row failed.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import rows
import yaml
from repository import Trials

ROOT = Path(__file__).resolve().parents[2]


class Checks(Trials):
    """Each check has a folder of its own."""

    def image(self):
        """a release's image has a binary for each system, and its tag must be the version's"""
        dist, context = self.folder(), self.folder()
        for system in ("x86_64", "aarch64"):
            target = f"{system}-unknown-linux-gnu"
            subprocess.run([sys.executable, ROOT / "packaging/release/archive.py", self.args.akid, target, dist], check=True, capture_output=True)
        subprocess.run([ROOT / "packaging/release/container.sh", dist, context], check=True)
        for system in ("amd64", "arm64"):
            assert os.access(context / f"linux/{system}/akid", os.X_OK), system
        copied = re.findall(r"(?m)^COPY (\S+)", (ROOT / "packaging/container/Containerfile").read_text())
        assert all((context / path.replace("${TARGETPLATFORM}", "linux/amd64")).is_file() for path in copied), copied
        done = subprocess.run([ROOT / "packaging/release/check-tag.sh", "v9.9.9"], capture_output=True, text=True, check=False)
        assert done.returncode == 1 and "the tag is not v" in done.stderr, done.stderr

    def lint(self):
        """linters of workflows, actions, issue forms and GitLab's files have nothing to say"""
        check = rows.program("check-jsonschema")
        workflows = sorted((ROOT / ".github/workflows").glob("*.yml"))
        config = ROOT / ".github/ISSUE_TEMPLATE/config.yml"
        forms = sorted(set(config.parent.glob("*.yml")) - {config})
        commands = [
            [check, "--builtin-schema", "vendor.github-workflows", *workflows],
            [check, "--builtin-schema", "vendor.github-actions", ROOT / "action.yml"],
            [check, "--builtin-schema", "vendor.github-issue-forms", *forms],
            [check, "--builtin-schema", "vendor.github-issue-config", config],
            [check, "--builtin-schema", "vendor.dependabot", ROOT / ".github/dependabot.yml"],
            [check, "--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci",
             ROOT / "packaging/gitlab/akid.gitlab-ci.yml"],
            [rows.program("zizmor"), "--offline", "--no-progress", "--persona", "pedantic", ROOT],
        ]  # fmt: skip
        for command in commands:
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
            assert done.returncode == 0, (done.stdout + done.stderr)[-1500:]
        for script in [*(ROOT / "packaging").rglob("*.sh")]:
            subprocess.run(["bash", "-n", script], check=True)
        if shutil.which("shellcheck"):
            subprocess.run(["shellcheck", *(ROOT / "packaging").rglob("*.sh")], check=True)
        return f"{len(workflows)} workflows, {len(forms)} issue forms, action.yml, GitLab's template"

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


if __name__ == "__main__":
    rows.main(Checks, "lint", "pinned", "image")
