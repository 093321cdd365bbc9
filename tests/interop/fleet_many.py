"""Times `akid fleet` over a folder of results with 100,000 targets, of which nothing has changed.

usage: fleet_many.py --akid F --scratch D [--targets N]

By hand, not in CI. Each target is an empty bare repository. A few are scanned; the rows of the others are copies of
those, since the work per target is no part of what is timed. One target in ten has a finding of its own. Prints a table:
the seconds, CPU seconds and MB of each command, over a tenth of the targets and over all.
"""

import argparse
import hashlib
import json
import os
import resource
import signal
import subprocess
import time
from pathlib import Path

from plant import Maker
from repository import ENVIRONMENT, key


def identity(path):
    """What akid names a target by."""
    name = os.fsencode(path)
    return hashlib.sha256(len(name).to_bytes(8, "little") + name).hexdigest()[:32]


class Fleet:
    def __init__(self, akid, folder, count):
        self.akid, self.folder, self.count = akid, folder, count
        self.out, self.list = folder / "out", folder / "targets.txt"
        (folder / "repos").mkdir(parents=True)
        self.paths = [folder / "repos" / str(number) for number in range(count)]
        for path in self.paths:
            make_repository(path)
        (folder / "leak").mkdir()
        text, self.key_id, _ = key("many")
        (folder / "leak/a.env").write_text(text)
        self.copy_rows()
        self.list.write_text("".join(f"{path}\n" for path in self.paths))

    def copy_rows(self):
        """Scans a repository and a leak, and makes the results of all out of theirs."""
        self.list.write_text(f"{self.paths[0]}\n{self.folder}/leak\n")
        self.run("scan", "--targets", self.list, "--out", self.out, "--jobs", "2")
        clean, leak = (self.row(self.paths[0]), self.row(self.folder / "leak"))
        texts = [self.file("findings", path, "jsonl").read_text() for path in (self.paths[0], self.folder / "leak")]
        for number, path in enumerate(self.paths):
            has_key = number % 10 == 0
            row = {**(leak if has_key else clean), "target": str(path), "id": identity(path), "state": clean["state"]}
            text = texts[has_key].replace(str(self.folder / "leak" if has_key else self.paths[0]), str(path))
            key_id = Maker(number).key_id()
            text = text.replace(self.key_id, key_id).replace("89a974500b1c", f"{number:012x}")
            self.file("status", path, "json").write_text(json.dumps(row) + "\n")
            self.file("findings", path, "jsonl").write_text(text)

    def file(self, part, path, end):
        name = identity(path)
        folder = self.out / part / name[:2]
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{name}.{end}"

    def row(self, path):
        return json.loads(self.file("status", path, "json").read_text())

    def command(self, *words):
        return [self.akid, "fleet", *map(str, words)]

    def run(self, *words):
        """Runs akid; returns what it says, its seconds, CPU seconds and peak in MB."""
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        said = subprocess.run(
            ["/usr/bin/time", "-f", "%M", *self.command(*words)], env={**ENVIRONMENT, "HOME": str(self.folder)},
            capture_output=True, text=True,
        )  # fmt: skip
        seconds, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return said, seconds, cpu, int(said.stderr.split()[-1]) / 1024

    def time(self):
        everything = ("scan", "--targets", self.list, "--out", self.out, "--jobs", "2", "--quiet")
        # Killed as soon as it has begun, and started again.
        killed = subprocess.Popen(self.command(*everything), env=ENVIRONMENT, stderr=subprocess.DEVNULL)
        time.sleep(1)
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        commands = {
            "scan, again after a kill": everything,
            "status": ("status", self.out),
            "report -f jsonl": ("report", self.out, "-q", "-o", f"jsonl:{self.folder}/all.jsonl"),
            "report -f html": ("report", self.out, "-q", "-o", f"html:{self.folder}/all.html"),
        }
        for name, words in commands.items():
            said, seconds, cpu, peak = self.run(*words)
            lines = (said.stdout + said.stderr).splitlines()
            if name.startswith("scan"):
                assert f"{self.count} of them unchanged" in said.stderr, lines[-3:]
            if name == "status":
                assert said.stdout.count("\n") == self.count + 1, lines[-3:]
            print(f"{self.count:>7} targets  {name:<26} {seconds:6.1f} s  {cpu:6.1f} CPU s  {peak:6.0f} MB", flush=True)


def make_repository(path):
    (path / "objects").mkdir(parents=True)
    (path / "refs").mkdir()
    (path / "HEAD").write_text("ref: refs/heads/main\n")
    (path / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = true\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--akid", type=Path, required=True)
    parser.add_argument("--scratch", type=Path, required=True)
    parser.add_argument("--targets", type=int, default=100_000)
    args = parser.parse_args()
    for count in (args.targets // 10, args.targets):
        Fleet(args.akid.resolve(), args.scratch.resolve() / str(count), count).time()
