#!/usr/bin/env python3
"""Adds values that somebody published on purpose to src/aws/published.tsv: examples of manuals, test vectors, the keys of
public playgrounds. akid suppresses them as examples.

    src/aws/published.py "SOURCE" < VALUES

VALUES has one secret access key, key ID or password of CodeCommit or Keyspaces a line, SOURCE says where they are
published. Only their SHA-256 is kept, so that the file holds nothing that looks like a key. Only the standard library is
needed.
"""

import hashlib
import pathlib
import re
import sys

TABLE = pathlib.Path(__file__).with_name("published.tsv")
VALUE = re.compile(r"[A-Za-z0-9/+]{40}|[A-Za-z0-9/+]{43}=|A[KS]IA[A-Z0-9]{16}")


def main():
    if len(sys.argv) != 2 or not sys.argv[1].strip() or "\t" in sys.argv[1]:
        sys.exit(__doc__)
    lines = TABLE.read_text().splitlines() if TABLE.exists() else []
    known = dict(line.split("\t") for line in lines)
    for number, line in enumerate(sys.stdin, 1):
        value = line.strip()
        if not VALUE.fullmatch(value):
            sys.exit(f"line {number}: neither a secret access key, nor a key ID, nor a password")
        known.setdefault(hashlib.sha256(value.encode()).hexdigest(), sys.argv[1].strip())
    TABLE.write_text("".join(f"{digest}\t{source}\n" for digest, source in sorted(known.items())))


main()
