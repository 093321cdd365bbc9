#!/usr/bin/env python3
"""Fits src/redact/words.txt and src/redact/trigrams.txt: which letters are words.

Run it on any folders of public sources and documentation; take many languages:

    src/redact/fit-words.py src/redact FOLDER...

Words that the first folder's `words.txt` has already stay in it: names of products and services that no folder may
have. Only the standard library is needed.

Counted is in how many files a word stands, a word being what letters are between changes of case. Long runs of
base64 are cut out first.
"""

import collections
import math
import os
import re
import sys

PART = re.compile(rb"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
ENCODED = re.compile(rb"[A-Za-z0-9+/=_-]{44,}")
LARGEST_FILE = 400_000
LARGEST_FOLDER = 60_000_000
LETTERS = "abcdefghijklmnopqrstuvwxyz"
NUMBERS = {letter: at for at, letter in enumerate(LETTERS)}
END = 26
# How many of the commonest words of each length are listed.
LISTED = {3: 450, 4: 1100, 5: 1000}
# Longer words are listed if they stand in as many files and do not read like words.
COMMON = 60
WORD = 10
WIDTH = 110


def texts(folder):
    """The texts of a folder's files, up to a size."""
    size = 0
    for path, folders, files in os.walk(folder):
        folders[:] = sorted(set(folders) - {".git", "__pycache__", "test", "tests", "testdata", "target"})
        for file in (os.path.join(path, name) for name in sorted(files)):
            if size > LARGEST_FOLDER:
                return
            if os.path.islink(file) or not os.path.isfile(file) or os.path.getsize(file) > LARGEST_FILE:
                continue
            with open(file, "rb") as opened:
                data = opened.read()
            if b"\0" not in data[:4096]:
                size += len(data)
                yield ENCODED.sub(b" ", data)


def count(folders):
    """In how many files each word stands."""
    files = collections.Counter()
    for text in (text for folder in folders for text in texts(folder)):
        files.update({part.lower().decode() for part in PART.findall(text)})
    return files


class Trigrams:
    """How much likelier a letter is in a word than by chance, in half bits, after the two before it."""

    def __init__(self, files):
        self.after_two = collections.defaultdict(lambda: [0.0] * 27)
        self.after_one = collections.defaultdict(lambda: [0.0] * 27)
        self.all = [0.0] * 27
        for word, times in sorted(files.items()):
            if 4 <= len(word) <= 18 and times >= 6:
                for before, number in self.steps(word):
                    for counts in (self.after_two[before], self.after_one[before[1]], self.all):
                        counts[number] += math.sqrt(times)

    @staticmethod
    def steps(word):
        """Each letter's number and the end's, with the two letters before it."""
        padded = "^^" + word
        numbers = [NUMBERS[letter] for letter in word] + [END]
        return [(padded[at : at + 2], number) for at, number in enumerate(numbers)]

    def weight(self, before, number):
        after_one = self.after_one[before[1]]
        share = (after_one[number] + 50 * (self.all[number] + 1) / sum(self.all)) / (sum(after_one) + 50)
        after_two = self.after_two[before]
        share = (after_two[number] + 60 * share) / (sum(after_two) + 60)
        chance = 1 / 8 if number == END else 1 / 26
        return max(-14, min(14, round(2 * math.log2(share / chance))))

    def odds(self, word):
        return sum(self.weight(before, number) for before, number in self.steps(word))

    def lines(self):
        rows = [a + b for a in "^" + LETTERS for b in "^" + LETTERS if b != "^" or a == "^"]
        return [row + " " + "".join(symbol(self.weight(row, number)) for number in range(27)) for row in rows]


def symbol(weight):
    if weight == 0:
        return "."
    return chr(64 + weight) if weight > 0 else chr(96 - weight)


def listed(files, trigrams, known):
    words = set(known)
    for length, most in LISTED.items():
        of_length = [word for word, _ in files.most_common() if len(word) == length]
        words.update(of_length[:most])
    words.update(
        word for word, times in files.items()
        if len(word) > max(LISTED) and times >= COMMON and trigrams.odds(word) < WORD
    )
    return words


def wrapped(words):
    lines = []
    for length in sorted({len(word) for word in words}):
        line = ""
        for word in sorted(word for word in words if len(word) == length):
            if len(line) + len(word) >= WIDTH:
                lines.append(line)
                line = ""
            line = f"{line} {word}".strip()
        lines.append(line)
    return lines


def main():
    target, *folders = sys.argv[1:]
    path = os.path.join(target, "words.txt")
    with open(path) as file:
        known = file.read().split()
    files = count(folders)
    trigrams = Trigrams(files)
    for name, lines in (("words.txt", wrapped(listed(files, trigrams, known))), ("trigrams.txt", trigrams.lines())):
        with open(os.path.join(target, name), "w") as file:
            file.write("\n".join(lines) + "\n")


main()
