"""`scan_repositories`: each target is scanned by `akid fleet scan`."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, Optional, Sequence, Tuple

import pandas as pd
from pyspark.sql import DataFrame

from . import _cache, _worker
from ._rows import SCHEMA, Row, finding_row, frames, status_row

PATIENCE = 60
"""Seconds that akid has beyond the time for a target to write what it found."""

SUMMARY = b" targets: "
"""What akid's last line has, if the status of each target was written."""

TAKEN = b"left to another run"
"""What akid says of a target whose lock another process has."""


@dataclass(frozen=True)
class Settings:
    """How each target is scanned."""

    timeout: int
    local: Optional[str]
    mirror_budget: Optional[int]
    cache: Optional[str]
    shared_cache: Optional[str]
    allow_file_urls: bool
    options: Tuple[str, ...]
    binary: Optional[str]
    run: str
    """Different for each call of `scan_repositories`."""


def scan_repositories(
    df: DataFrame,
    *,
    timeout: int = 3600,
    local: Optional[str] = None,
    mirror_budget: Optional[int] = None,
    cache: Optional[str] = None,
    shared_cache: Optional[str] = None,
    allow_file_urls: bool = False,
    options: Sequence[str] = (),
    binary: Optional[str] = None,
) -> DataFrame:
    """Scans the history of git repositories. Returns a `DataFrame` with the columns of `akid.spark.COLUMNS`.

    `df` has a column `target` with a path that all workers know, or a URL that git clones with the credential helpers
    of the worker; and, if you like, a column `labels`, a map of strings. All targets of a partition are scanned one
    after the other: `df.repartition(n)` spreads them.

    timeout: seconds for a target; then its status is `timeout`, with what was found so far.
    local: a folder on the disk of each worker, for mirrors and results. A worker that gets a target again fetches what
        is new, and repeats its last result if nothing is. Without it, clones are deleted after each target.
    mirror_budget: bytes that the mirrors in `local` may have together; those used longest ago are deleted.
    cache: a folder on the disk of each worker for akid's cache of clean objects (`--cache`).
    shared_cache: a folder that all workers see; segments of the cache are brought from there and to there. Nobody else
        may write to it.
    allow_file_urls: whether targets may be `file://` URLs.
    options: further options of `akid fleet scan`, such as `["--config", "/etc/akid.toml"]`.
    binary: path of akid on the workers, if it is not that of the installed package.
    """
    run = uuid.uuid4().hex
    settings = Settings(
        timeout, local, mirror_budget, cache, shared_cache, allow_file_urls, tuple(options), binary, run
    )
    has_labels = "labels" in df.columns

    def scan(batches: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for batch in batches:
            labels = batch["labels"] if has_labels else [None] * len(batch)
            for target, some in zip(batch["target"], labels):
                yield from frames(scan_target(target or "", _worker.labels_of(some), settings))

    return df.select("target", *(["labels"] if has_labels else [])).mapInPandas(scan, SCHEMA)


def scan_target(target: str, labels: Dict[str, str], settings: Settings) -> Iterator[Row]:
    """Scans one target; yields its findings and its status."""
    if settings.cache and settings.shared_cache:
        _cache.bring(settings.shared_cache, settings.cache, settings.run)
    with _folder(target, settings) as folder:
        code, stderr = _run(target, labels, folder, settings)
        status = next(iter(Path(folder, "status").glob("*/*.json")), None)
        # Without akid's summary, it is that of an earlier scan.
        if status and SUMMARY in stderr and code in (0, 1, 2):
            yield from _rows(json.loads(status.read_bytes()), Path(folder), code)
        else:
            yield _unscanned(target, code, stderr, settings)
    if settings.cache and settings.shared_cache:
        _cache.give(settings.cache, settings.shared_cache, settings.run)


def _run(target: str, labels: Dict[str, str], folder: str, settings: Settings) -> Tuple[Optional[int], bytes]:
    """Runs akid; returns its exit code, `None` if it took too long, and its standard error.

    The target is no argument: arguments can be seen by everybody on the machine.
    """
    line = json.dumps({"target": target, "labels": labels}).encode()
    words = _words(folder, settings)
    deadline = time.monotonic() + settings.timeout + PATIENCE
    while True:
        pipe = subprocess.PIPE
        process = _worker.start(words, stdin=pipe, stdout=subprocess.DEVNULL, stderr=pipe)
        try:
            _, stderr = process.communicate(line, timeout=max(1.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            return None, b""
        finally:
            _worker.end(process)
        if TAKEN not in stderr:
            return process.returncode, stderr
        if time.monotonic() > deadline:
            raise _worker.WorkerError("another process does not let go of the target")
        # One that a lost task has left behind.
        time.sleep(1)


def _words(folder: str, settings: Settings) -> List[str]:
    # With a job for each processor a scan has one thread. There is one target, so the other jobs do nothing.
    jobs = max(1, (os.cpu_count() or 1) // _worker.processors())
    words = [_worker.command(settings.binary), "fleet", "scan", "--quiet", "--targets", "-", "--out", folder]
    words += ["--jobs", str(min(jobs, 512)), "--timeout-per-target", f"{settings.timeout}s"]
    if settings.allow_file_urls:
        words.append("--allow-file-urls")
    if settings.cache:
        words.append(f"--cache={settings.cache}")
    return [*words, *settings.options]


def _rows(outcome: Dict[str, Any], folder: Path, code: Optional[int]) -> Iterator[Row]:
    """Yields the rows of a target that akid has a status of."""
    _worker.raise_if_full(outcome["reason"])
    target, labels = outcome["target"], outcome.get("labels", {})
    findings = next(iter(folder.glob("findings/*/*.jsonl")), None)
    if findings:
        with findings.open("rb") as lines:
            for line in lines:
                finding = json.loads(line)
                if finding["type"] == "finding":
                    yield finding_row(finding, target, labels, outcome["time"])
    counts = ("head", "seconds", "inputs", "bytes", "findings", "credentials", "failing", "reason")
    more = {name: outcome[name] for name in counts}
    said = json.dumps(outcome, ensure_ascii=False, separators=(",", ":"))
    yield status_row(target, labels, outcome["time"], outcome["status"], exit_code=code, json=said, **more)


def _unscanned(target: str, code: Optional[int], stderr: bytes, settings: Settings) -> Row:
    """Returns the status of a target that akid wrote none for."""
    now = pd.Timestamp.now(tz="UTC").isoformat()
    if code is None:
        reason = f"more than {settings.timeout} s"
        return status_row(_shown(target, settings), {}, now, "timeout", reason=reason)
    refused = re.match(r"-:1: (.*)", _worker.error_of(stderr))
    if code != 2 or not refused:
        raise _worker.WorkerError(f"akid ended with {code}: {_worker.error_of(stderr)}")
    return status_row(_shown(target, settings), {}, now, "failed", reason=refused[1], exit_code=code)


def _shown(target: str, settings: Settings) -> str:
    """Returns a target that akid refuses, as it may be shown: without what could be a password."""
    return _worker.shown(re.sub(r"^([a-z+.-]+://)?.*@", r"\1", target, flags=re.DOTALL), settings.binary)


@contextlib.contextmanager
def _folder(target: str, settings: Settings) -> Iterator[str]:
    """Yields the folder for the results and the mirror of a target, for this task alone."""
    if settings.local is None:
        with _worker.Temporary() as folder:
            yield folder
        return
    name = hashlib.sha256(target.encode(errors="surrogatepass")).hexdigest()[:32]
    folder = Path(settings.local, name[:2], name)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(folder / "lock", "ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield str(folder)
        os.utime(lock.name)
        if settings.mirror_budget is not None:
            (folder / "size").write_text(str(_size(folder / "mirrors")))
    if settings.mirror_budget is not None:
        _keep_to_budget(Path(settings.local), settings.mirror_budget)


def _size(folder: Path) -> int:
    paths = (Path(parent, name) for parent, _, names in os.walk(folder) for name in names)
    return sum(path.lstat().st_size for path in paths)


def _keep_to_budget(local: Path, budget: int) -> None:
    """Deletes the mirrors that were used longest ago, and not those in use, until the others are within the budget."""
    used = []
    for path in local.glob("*/*/size"):
        with contextlib.suppress(OSError, ValueError):
            used.append((path.with_name("lock").stat().st_mtime, int(path.read_text()), path.parent))
    total = sum(size for _, size, _ in used)
    for _, size, folder in sorted(used):
        if total <= budget:
            return
        with open(folder / "lock", "ab") as lock, contextlib.suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder / "mirrors", ignore_errors=True)
            (folder / "size").write_text("0")
            total -= size
