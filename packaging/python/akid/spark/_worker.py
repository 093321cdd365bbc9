"""What scans need of the worker that they run on."""

from __future__ import annotations

import errno
import io
import json
import os
import signal
import subprocess
import tarfile
import tempfile
from typing import Any, Dict, Mapping, Optional, Sequence

from pyspark import TaskContext

import akid

GRACE = 10
"""Seconds that akid has to end the processes that it started, before it is killed."""


class WorkerError(RuntimeError):
    """A fault of the worker, and not of what is scanned: Spark tries the task again, maybe on another worker."""


def command(binary: Optional[str]) -> str:
    """Returns the path of akid, which must be there."""
    path = binary or akid.binary()
    if not os.access(path, os.X_OK):
        raise WorkerError(f"{path}: akid is not there")
    return path


def processors() -> int:
    """Returns how many processors this task has."""
    context = TaskContext.get()
    return context.cpus() if context else 1


def scratch() -> Optional[str]:
    """Returns a folder for temporary files that Spark or its resource manager cleans up; `None` for the system's."""
    folders = (os.environ.get("SPARK_LOCAL_DIRS") or os.environ.get("LOCAL_DIRS") or "").split(",")
    return next((folder for folder in folders if os.path.isdir(folder)), None)


class Temporary(tempfile.TemporaryDirectory):  # type: ignore[type-arg]
    """A temporary folder for one target."""

    def __init__(self) -> None:
        super().__init__(prefix="akid-", dir=scratch())


def environment() -> Dict[str, str]:
    """Returns the environment for akid: no part of a list, which a job of Kubernetes would have told it."""
    parts = ("JOB_COMPLETION_INDEX", "AWS_BATCH_JOB_ARRAY_INDEX")
    return {name: value for name, value in os.environ.items() if name not in parts}


def start(words: Sequence[str], **more: Any) -> "subprocess.Popen[bytes]":
    """Starts akid."""
    try:
        return subprocess.Popen(words, env=environment(), **more)
    except OSError as fault:
        raise WorkerError(f"{words[0]}: {fault.strerror}") from None


def end(process: "subprocess.Popen[bytes]") -> None:
    """Ends akid, which ends what it started."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def error_of(stderr: bytes) -> str:
    """Returns what akid says is wrong."""
    lines = stderr.decode(errors="replace").splitlines()
    errors = [line[len("error: ") :] for line in lines if line.startswith("error: ")]
    return (errors or lines or ["akid said nothing"])[-1]


STDIN = "<stdin>!/"
"""What akid puts before the name of a member of its standard input."""

CUT_SHORT = b"\x1f\x8b\x08\0\0\0\0\0\0\x03"
"""The start of a gzip. akid reports it by its name, as that may be shown."""


def shown(name: str, binary: Optional[str]) -> str:
    """Returns a name with everything masked that could be a secret, as akid does it in its reports."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        entry = tarfile.TarInfo(name)
        entry.size = len(CUT_SHORT)
        tar.addfile(entry, io.BytesIO(CUT_SHORT))
    words = [command(binary), "scan", "--quiet", "--format", "jsonl", "--no-config", "-"]
    done = subprocess.run(words, input=buffer.getvalue(), capture_output=True, env=environment(), check=False)
    lines = done.stdout.splitlines()
    listed = json.loads(lines[-1])["unreadable"] if lines else []
    return listed[0]["path"].replace(STDIN, "", 1) if listed else "****"


def raise_if_full(reason: Optional[str]) -> None:
    """Raises an exception where the disk of the worker is full, or git is missing."""
    if reason and os.strerror(errno.ENOSPC) in reason:
        raise WorkerError(reason)
    if reason and reason.startswith("git cannot be run"):
        raise WorkerError(reason)


def labels_of(value: Any) -> Dict[str, str]:
    """Returns a map as Spark gives it: a dictionary, pairs, or nothing."""
    if value is None or isinstance(value, float):
        return {}
    pairs = value.items() if isinstance(value, Mapping) else value
    return {str(name): str(text) for name, text in pairs if text is not None}
