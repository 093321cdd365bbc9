"""Runs what packaging/kubernetes and packaging/aws-batch start, with the environment that each part of a job is given.

usage: manifests.py --akid F --scratch D

There is no cluster here: the command and the environment are read from the manifests, and the folders of their volumes
are replaced. Prints a table; ends with 1 if any row failed.
"""

import json
import re
import subprocess
from pathlib import Path

import rows
import yaml
from repository import ENVIRONMENT, Repository, key

ROOT = Path(__file__).resolve().parents[2]
KUBERNETES = ROOT / "packaging/kubernetes/fleet.yaml"
BATCH = ROOT / "packaging/aws-batch/job-definition.json"
CONTAINERFILE = ROOT / "packaging/container/fleet.Containerfile"
TARGETS = 12
# Exit codes of akid that are results.
RESULTS = {1, 2}


class Checks:
    def __init__(self, args):
        self.args = args

    def volume(self, name):
        """A folder that stands for all volumes, with a list of targets, of which one does not exist."""
        folder = self.args.scratch / name
        results = folder / "results"
        results.mkdir(parents=True)
        for number in range(TARGETS - 1):
            Repository(folder / f"repo-{number}").commit_files({"a.env": key(f"{name} {number}")[0]})
        targets = "".join(f"{folder}/repo-{number}\n" for number in range(TARGETS))
        for part in ("targets", "results"):
            (folder / part).mkdir(exist_ok=True)
            (folder / part / "repositories.txt").write_text(targets)
        return folder

    def part(self, folder, words, environment):
        """Runs a part of the job; returns how many targets of all it says it has, and its exit code."""
        words = [re.sub(r"^/(targets|results|mirrors)\b", rf"{folder}/\1", word) for word in words]
        done = subprocess.run(
            [self.args.akid, *words], env={**ENVIRONMENT, "HOME": str(folder), **environment}, capture_output=True, text=True
        )  # fmt: skip
        found = re.search(rf"(\d+) of {TARGETS} targets", done.stderr)
        assert found, done.stderr
        return int(found[1]), done.returncode

    def run(self, name, words, environment, index_name, count):
        """Runs all parts; checks that together they are everything, once, and what a second run does."""
        folder = self.volume(name)
        shares = []
        for number in range(count):
            share, code = self.part(folder, words, {**environment, index_name: str(number)})
            assert code in {0} | RESULTS, code
            shares.append(share)
        assert sum(shares) == TARGETS and max(shares) < TARGETS, shares
        statuses = [json.loads(path.read_text()) for path in (folder / "results").glob("status/*/*.json")]
        ends = sorted(status["status"] for status in statuses)
        assert ends == ["failed"] + ["ok"] * (TARGETS - 1), ends
        before = {status["target"]: status["time"] for status in statuses if status["status"] == "ok"}
        # Another number of parts, as after a change of the manifest: nothing is scanned again.
        for number in range(3):
            names = [name for name in environment if name.startswith(("JOB_", "AWS_BATCH_"))]
            self.part(folder, words, {**environment, **dict.fromkeys(names, "3"), index_name: str(number)})
        statuses = [json.loads(path.read_text()) for path in (folder / "results").glob("status/*/*.json")]
        assert {status["target"]: status["time"] for status in statuses if status["status"] == "ok"} == before
        return f"{count} parts with {', '.join(map(str, shares))} targets"

    def options(self, words):
        """Every option is one of the command's."""
        shown = subprocess.run([self.args.akid, "fleet", "scan", "--help"], capture_output=True, text=True, check=True)
        wrong = [word for word in words if word.startswith("--") and f"{word} " not in shown.stdout]
        assert words[:2] == ["fleet", "scan"] and not wrong, wrong

    def image(self, name):
        version = re.search(r'(?m)^version = "(.*)"$', (ROOT / "Cargo.toml").read_text())[1]
        assert name.endswith(f"/akid-fleet:{version}"), name
        assert f"/akid:{version} " in CONTAINERFILE.read_text()
        assert 'ENTRYPOINT ["akid"]' in CONTAINERFILE.read_text()

    def kubernetes(self):
        """Kubernetes: the parts of the Indexed Job are everything, once"""
        job = yaml.safe_load(KUBERNETES.read_text())
        assert (job["apiVersion"], job["kind"], job["spec"]["completionMode"]) == ("batch/v1", "Job", "Indexed")
        pod = job["spec"]["template"]["spec"]
        container = pod["containers"][0]
        self.image(container["image"])
        self.options(container["args"])
        mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
        assert set(mounts) == {volume["name"] for volume in pod["volumes"]}
        rule = job["spec"]["podFailurePolicy"]["rules"][0]
        assert rule["action"] == "FailIndex" and set(rule["onExitCodes"]["values"]) == RESULTS, rule
        assert rule["onExitCodes"]["containerName"] == container["name"] and pod["restartPolicy"] == "Never"
        environment = {entry["name"]: entry["value"] for entry in container["env"]}
        count = job["spec"]["completions"]
        assert environment["JOB_COMPLETIONS"] == str(count), environment
        return self.run("kubernetes", container["args"], environment, "JOB_COMPLETION_INDEX", count)

    def batch(self):
        """AWS Batch: the parts of the array job are everything, once"""
        job = json.loads(BATCH.read_text())
        container = job["containerProperties"]
        self.image(container["image"])
        self.options(container["command"])
        mounts = {mount["sourceVolume"] for mount in container["mountPoints"]}
        assert mounts == {volume["name"] for volume in container["volumes"]}
        strategy = job["retryStrategy"]["evaluateOnExit"]
        assert {int(rule["onExitCode"]) for rule in strategy if rule["action"] == "EXIT"} == RESULTS, strategy
        environment = {entry["name"]: entry["value"] for entry in container["environment"]}
        count = int(environment["AWS_BATCH_JOB_ARRAY_SIZE"])
        page = (ROOT / "docs/scale.md").read_text()
        assert f"--array-properties size={count}\n" in page, "docs/scale.md starts another number of parts"
        return self.run("batch", container["command"], environment, "AWS_BATCH_JOB_ARRAY_INDEX", count)


if __name__ == "__main__":
    rows.main(Checks, "kubernetes", "batch")
