#!/usr/bin/env python3
"""Fits src/aws/likeness.tsv: how much likelier each pair of letters is in text than in a random key.

Run it on any checkouts of public source, each a folder; take many languages:

    src/aws/fit-likeness.py CHECKOUT... > src/aws/likeness.tsv

The same files give the same table, in whatever order they are named. Only the standard library is needed.
What comes out are counts over thousands of runs, rounded to half bits: no run can be read back from it.

What is counted: every different run of 12 to 399 letters of a secret's alphabet (A-Z a-z 0-9 / +), once in a
checkout; each checkout weighs the same. Hex digests are cut out, they have a test of their own. A second fit
leaves out what the first takes for random: keys, and pieces of longer base64.
"""

import math
import os
import re
import sys

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
RUN = re.compile(rb"[A-Za-z0-9/+]{12,}")
HEX = re.compile(rb"[0-9a-f]{16,}|[0-9A-F]{16,}")
INDEX = {ord(letter): at for at, letter in enumerate(LETTERS)}
LONGEST_RUN = 399
LARGEST_FILE = 4 << 20
# The share of a run that may be anything: it bounds what one odd pair can say against text.
NOISE = 0.15
# A pair seen less often than this in its row is mostly guessed from the kinds of its letters.
PRIOR = 30.0
# Bits a letter from which on a run counts as text in the second fit.
TEXT = 0.5


def kind(letter):
    """The class that stands in for a letter where it is too rare to have been counted."""
    if letter.isupper():
        return 0
    if letter.islower():
        return 1
    return 2 if letter.isdigit() else 3


KINDS = [kind(letter) for letter in LETTERS]


def runs_of(checkout):
    """The different runs of a checkout's text files, as lists of letter numbers."""
    runs = set()
    for folder, folders, files in os.walk(checkout):
        folders[:] = [name for name in folders if name != ".git"]
        for name in files:
            path = os.path.join(folder, name)
            if os.path.islink(path) or not os.path.isfile(path) or os.path.getsize(path) > LARGEST_FILE:
                continue
            with open(path, "rb") as file:
                data = file.read()
            if b"\0" not in data[:8192]:
                runs.update(run for run in RUN.findall(data) if len(run) <= LONGEST_RUN)
    parts = {part for run in runs for part in HEX.split(run)}
    return [[INDEX[byte] for byte in part] for part in sorted(parts)]


def fit(corpora):
    """Log-odds in bits of the second letter after the first, text against uniform."""
    pairs = [[0.0] * 64 for _ in LETTERS]
    for runs in corpora:
        counts = [[0] * 64 for _ in LETTERS]
        for run in runs:
            for first, second in zip(run, run[1:]):
                counts[first][second] += 1
        total = sum(map(sum, counts)) or 1
        for row, counted in zip(pairs, counts):
            for second, count in enumerate(counted):
                row[second] += 1e6 * count / total / len(corpora)
    guesses = guess(pairs)
    table = []
    for first, row in enumerate(pairs):
        total = sum(row) + PRIOR
        likely = [(count + PRIOR * guesses[KINDS[first]][at]) / total for at, count in enumerate(row)]
        table.append([math.log2((1 - NOISE) * p * 64 + NOISE) for p in likely])
    return table


def guess(pairs):
    """How likely each letter is after a letter of each kind: its kind's chance times its share in the kind."""
    by_kind = [[1.0] * 4 for _ in range(4)]
    letters = [1.0] * 64
    for first, row in enumerate(pairs):
        for second, count in enumerate(row):
            by_kind[KINDS[first]][KINDS[second]] += count
            letters[second] += count
    in_kind = [sum(count for at, count in enumerate(letters) if KINDS[at] == k) for k in range(4)]
    return [
        [row[KINDS[at]] / sum(row) * letters[at] / in_kind[KINDS[at]] for at in range(64)] for row in by_kind
    ]


def reads_as_text(table, run):
    """Whether a run scores as text by a first fit."""
    return sum(table[first][second] for first, second in zip(run, run[1:])) > TEXT * len(run)


def symbol(bits):
    """A weight as one character: capitals for text, small letters for random, half a bit a step, `.` for none."""
    steps = max(-26, min(26, round(bits * 2)))
    if steps == 0:
        return "."
    return chr(ord("A" if steps > 0 else "a") + abs(steps) - 1)


def main():
    checkouts = sys.argv[1:]
    if not checkouts:
        sys.exit("usage: src/aws/fit-likeness.py CHECKOUT... > src/aws/likeness.tsv")
    corpora = sorted(runs_of(checkout) for checkout in checkouts)
    table = fit(corpora)
    table = fit([[run for run in runs if reads_as_text(table, run)] for runs in corpora])
    print("\t" + LETTERS)
    for letter, row in zip(LETTERS, table):
        print(letter + "\t" + "".join(map(symbol, row)))


if __name__ == "__main__":
    main()
