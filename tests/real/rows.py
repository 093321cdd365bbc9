"""A table of checks. A check returns a detail for its row, or raises an AssertionError."""

import shutil
import sys


def run(checks):
    """Runs (name, check) pairs, prints a row for each; the number that failed."""
    failed = 0
    for name, check in checks:
        try:
            row = ("ok", check())
        except Exception as fault:  # A check that breaks is a failed one; the others still run.
            row = ("FAIL", str(fault) if isinstance(fault, AssertionError) else repr(fault))
            failed += 1
        print(f"{row[0]:<5} {name:<66} {row[1] or ''}".rstrip())
    return failed


def program(name):
    """A program of this environment, else of the system."""
    from pathlib import Path

    own = Path(sys.executable).with_name(name)
    found = str(own) if own.exists() else shutil.which(name)
    assert found, f"{name} is not installed"
    return found
