"""Brings segments of akid's cache of clean objects from a folder that all workers see, and to there.

A segment never changes, and its name is the checksum of its content. So segments of any number of workers can lie in
one folder, and a copy that is there already is the right one.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import time
from pathlib import Path

from ._worker import WorkerError

SEGMENTS = "*/*.clean"
OTHERS = stat.S_IWGRP | stat.S_IWOTH
PAUSE = 60
"""Seconds between two times that a worker gives its segments to the others."""


def bring(shared: str, cache: str, run: str) -> None:
    """Brings what the others know, once for each run: what akid has merged since would come back each time."""
    note = Path(f"{cache}.brought")
    if note.exists() and note.read_text() == run:
        return
    note.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    copy(shared, cache)
    note.write_text(run)


def give(cache: str, shared: str, run: str) -> None:
    """Gives the others what this worker knows."""
    note = Path(f"{cache}.given")
    if note.exists() and note.read_text() == run and time.time() - note.stat().st_mtime < PAUSE:
        return
    if copy(cache, shared):
        note.write_text(run)


def copy(source: str, target: str) -> int:
    """Copies the segments that are missing in `target`, and returns how many.

    Each is written beside its place, so that nobody sees a part of one.
    """
    copied = 0
    for segment in sorted(Path(source).glob(SEGMENTS)):
        folder = Path(target, segment.parent.name)
        if (folder / segment.name).exists():
            continue
        for private in (Path(source), segment.parent, segment):
            check(private)
        for private in (Path(target), folder):
            private.mkdir(mode=0o700, parents=True, exist_ok=True)
            check(private)
        handle, beside = tempfile.mkstemp(prefix=".new-", dir=folder)
        os.close(handle)
        try:
            shutil.copyfile(segment, beside, follow_symlinks=False)
            os.replace(beside, folder / segment.name)
            copied += 1
        except FileNotFoundError:  # Another process has merged it meanwhile.
            os.unlink(beside)
    return copied


def check(path: Path) -> None:
    """Raises an exception if others may write to a file or folder: they could hide objects from a scan."""
    found = path.lstat()
    if stat.S_ISLNK(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & OTHERS:
        raise WorkerError(f"{path}: others may write to it, so that they could hide objects from a scan")
