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
from repository import ENVIRONMENT, Trials

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

    def merge_request_of_a_fork(self):
        """a fork's merge request cannot allow what is in it"""
        repository, (text, _, _) = self.repository()
        base = repository.head()
        repository.commit_files({".akid.toml": 'exclude = ["*"]\n', "a.env": text.replace("\n", " # akid:allow\n")})
        project = {"CI_MERGE_REQUEST_PROJECT_ID": "1", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "2"}
        done, found = self.job(repository, CI_MERGE_REQUEST_DIFF_BASE_SHA=base, **project)
        assert done.returncode == 1 and len(found) == 1, done.stdout + done.stderr

    def installs(self):
        """a release is installed if its checksum is right"""
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


if __name__ == "__main__":
    rows.main(Checks, "merge_request", "merge_request_of_a_fork", "installs")
