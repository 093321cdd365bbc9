#!/usr/bin/env python3
"""Times `akid staged` beside `git diff --cached --quiet`: 10 changed files in a repository of 50,000.

    cargo build --release && benches/staged.py [-n RUNS] [--files N]

The repository is made anew in a folder for temporary files. Runs alternate; the figures are medians of wall time, which
is what somebody who commits waits for.
"""

import argparse
import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

AKID = Path(__file__).resolve().parent.parent / "target" / "release" / "akid"
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_{what}": "a" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


def git(top, *arguments):
    subprocess.run(["git", *arguments], cwd=top, env=ENVIRONMENT, check=True, stdout=subprocess.DEVNULL)


def fill(top, files):
    """A commit of so many files in folders of 100, and ten staged changes."""
    for number in range(files):
        path = top / f"folder{number // 1000}" / f"sub{number // 100 % 10}" / f"file{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"this is file {number}\n" * 20)
    git(top, "init", "-q")
    git(top, "add", "-A")
    git(top, "commit", "-q", "-m", "all")
    changed = sorted(top.glob("folder*/sub*/*"))
    for path in changed[:: len(changed) // 10][:10]:
        path.write_text("changed\n" + path.read_text())
    git(top, "add", "-A")


def milliseconds(argv, top):
    start = time.monotonic()
    subprocess.run(argv, cwd=top, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return 1000 * (time.monotonic() - start)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", "--runs", type=int, default=20, help="runs of each (default: 20)")
    parser.add_argument("--files", type=int, default=50_000, help="files in the repository (default: 50,000)")
    arguments = parser.parse_args()
    commands = {
        "git diff --cached --quiet": ["git", "diff", "--cached", "--quiet"],
        "akid staged": [str(AKID), "staged", "-q"],
        "akid --version": [str(AKID), "--version"],
    }
    with tempfile.TemporaryDirectory(prefix="staged-") as folder:
        top = Path(folder)
        fill(top, arguments.files)
        samples = {name: [] for name in commands}
        for nth in range(arguments.runs + 1):  # The first round only warms the caches.
            for name, argv in commands.items():
                sample = milliseconds(argv, top)
                if nth > 0:
                    samples[name].append(sample)
    print("| command | wall ms |\n|---|---|")
    for name, rows in samples.items():
        print(f"| {name} | {statistics.median(rows):.1f} |")


main()
