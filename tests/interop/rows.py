"""A table of checks. A check returns a detail for its row, or raises an AssertionError."""

import argparse
import shutil
import sys
import time
from pathlib import Path


def run(checks):
    """Runs (name, check) pairs, prints a row for each; the number that failed."""
    failed = 0
    for name, check in checks:
        started = time.monotonic()
        try:
            row = ("ok", check())
        except Exception as fault:  # A check that breaks is a failed one; the others still run.
            row = ("FAIL", str(fault) if isinstance(fault, AssertionError) else repr(fault))
            failed += 1
        name = name.partition("\n")[0]
        print(f"{row[0]:<5} {name:<66} {row[1] or ''} ({time.monotonic() - started:.1f} s)", flush=True)
    return failed


def program(name):
    """A program of this environment, else of the system."""
    own = Path(sys.executable).with_name(name)
    found = str(own) if own.exists() else shutil.which(name)
    assert found, f"{name} is not installed"
    return found


def main(checks_of, *names, needs=()):
    """Runs the named checks of a class, as the command line says, and ends the process. `needs` names more paths."""
    parser = argparse.ArgumentParser()
    for name in ("akid", "scratch", *needs):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--show", action="store_true", help="print what is printed")
    parser.add_argument("--only", choices=names, help="this check only")
    args = parser.parse_args()
    args.akid, args.scratch = args.akid.resolve(), args.scratch.resolve()
    checks = checks_of(args)
    wanted = [args.only] if args.only else names
    try:
        failed = run((getattr(checks, name).__doc__, getattr(checks, name)) for name in wanted)
    finally:
        getattr(checks, "stop", lambda: None)()
    sys.exit(1 if failed else 0)
