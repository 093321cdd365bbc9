"""`scan_objects`: objects are streamed as a tar into `akid scan -`."""

from __future__ import annotations

import contextlib
import functools
import io
import json
import re
import subprocess
import tarfile
import threading
import time
from dataclasses import dataclass
from typing import Any, BinaryIO, Callable, Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Tuple

import pandas as pd
from pyspark.sql import DataFrame

from . import _worker
from ._rows import SCHEMA, Row, finding_row, frames, status_row

Opener = Callable[[str], BinaryIO]

STREAM_OBJECTS = 1000
STREAM_BYTES = 64 << 20
"""A stream ends when it has this many objects or bytes."""


BLOCK = 1 << 16
"""Bytes that are written at once."""


class Item(NamedTuple):
    """An object to scan: a URI, and its content if it is here already."""

    uri: str
    content: Optional[bytes]


class Unread(NamedTuple):
    """An object that could not be read: `failed`, or `incomplete` if it changed meanwhile; and why."""

    status: str
    reason: str


@dataclass(frozen=True)
class Settings:
    """How objects are scanned."""

    timeout: int
    open_object: Optional[Opener]
    options: Tuple[str, ...]
    binary: Optional[str]


@dataclass(frozen=True)
class Ended:
    """What akid said of a stream."""

    lines: List[Dict[str, Any]]
    code: Optional[int]
    """`None` if it took too long."""
    stderr: bytes
    unread: Dict[str, Unread]
    """Objects that could not be read, by their URIs."""
    seconds: float

    @property
    def summary(self) -> Optional[Dict[str, Any]]:
        """The last line, if the report is whole."""
        return self.lines[-1] if self.lines and self.lines[-1].get("type") == "summary" else None

    @property
    def is_complete(self) -> bool:
        """Whether everything in the stream was scanned."""
        return self.is_whole and self.summary is not None and bool(self.summary["complete"])

    @property
    def is_whole(self) -> bool:
        """Whether akid read the stream to its end. It names objects that it could not read to theirs."""
        if self.code is None or self.summary is None or self.summary["summary"]["interrupted"]:
            return False
        return all(entry["path"].startswith(_worker.STDIN) for entry in self.summary["skipped"])


def scan_objects(
    df: DataFrame,
    *,
    timeout: int = 600,
    open_object: Optional[Opener] = None,
    options: Sequence[str] = (),
    binary: Optional[str] = None,
) -> DataFrame:
    """Scans objects, including archives. Returns a `DataFrame` with the columns of `akid.spark.COLUMNS`.

    `df` has a column `path` with URIs. If it has a column `content`, as `spark.read.format("binaryFile")` gives it,
    that is scanned; else the workers open the objects, with pyarrow's file systems (`s3://`, `gs://`, `hdfs://`, and
    files). Nothing is written to a disk. Each object has limits of its own, so that a decompression bomb costs the
    others nothing. A stream that takes longer than `timeout` seconds is repeated object by object, each with a time of
    its own.

    timeout: seconds for a stream, and for an object alone.
    open_object: opens a URI for reading; for storage that pyarrow does not know.
    options: further options of `akid scan`, such as `["--config", "/etc/akid.toml"]`.
    binary: path of akid on the workers, if it is not that of the installed package.
    """
    settings = Settings(timeout, open_object, tuple(options), binary)
    has_content = "content" in df.columns

    def scan(batches: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        for batch in batches:
            contents = batch["content"] if has_content else [None] * len(batch)
            for stream in streams(Item(uri_of(path or ""), content) for path, content in zip(batch["path"], contents)):
                yield from frames(scan_stream(stream, settings))

    return df.select("path", *(["content"] if has_content else [])).mapInPandas(scan, SCHEMA)


def uri_of(path: str) -> str:
    """Returns a path as a URI, as Spark writes it."""
    return f"file:{path}" if path.startswith("/") else path


def streams(items: Iterable[Item]) -> Iterator[List[Item]]:
    """Shares objects out to streams, in their order."""
    stream: List[Item] = []
    size = 0
    for item in items:
        more = len(item.content or b"")
        if stream and (len(stream) == STREAM_OBJECTS or size + more > STREAM_BYTES):
            yield stream
            stream, size = [], 0
        stream.append(item)
        size += more
    if stream:
        yield stream


def scan_stream(items: List[Item], settings: Settings) -> Iterator[Row]:
    """Scans objects; yields the findings and what is to say of the stream and of objects that were not read."""
    started = pd.Timestamp.now(tz="UTC").isoformat()
    ended = _run(items, settings)
    if not ended.is_whole and len(items) > 1:
        for item in items:
            yield from scan_stream([item], settings)
        return
    if ended.summary is None and ended.code == 2:
        raise _worker.WorkerError(f"akid ended with 2: {_worker.error_of(ended.stderr)}")
    for line in ended.lines:
        if line.get("type") == "finding":
            finding, target = _of_object(line)
            yield finding_row(finding, target, {}, started)
    stream = _stream_row(items, ended, started, settings.binary)
    yield from (row for row in _unread_rows(ended, started, settings.binary) if row["target"] != stream["target"])
    yield stream


def _unread_rows(ended: Ended, started: str, binary: Optional[str]) -> Iterator[Row]:
    """Yields a row for each object that was not read, or not to its end."""
    for uri, (status, reason) in ended.unread.items():
        yield status_row(_worker.shown(uri, binary), {}, started, status, reason=reason)
    for key, status in (("skipped", "incomplete"), ("unreadable", "unreadable")):
        for entry in (ended.summary or {}).get(key, []):
            # What akid says of the stream is in the stream's row.
            if entry["path"].startswith(_worker.STDIN):
                target = entry["path"].replace(_worker.STDIN, "", 1)
                yield status_row(target, {}, started, status, reason=entry["message"])


def _stream_row(items: List[Item], ended: Ended, started: str, binary: Optional[str]) -> Row:
    """Returns the row of a stream. Where an object was scanned alone, and not to its end, it is that object's."""
    summary = ended.summary or {}
    counts = summary.get("summary", {})
    credentials = [one for one in summary.get("credentials", []) if one["suppressed"] is None]
    more = {
        "reason": _reason(ended),
        "seconds": ended.seconds,
        "inputs": sum(item.uri not in ended.unread for item in items),
        "bytes": counts.get("bytes"),
        "findings": sum(counts.get("findings", {}).values()) + counts.get("left_out", {}).get("findings", 0),
        "credentials": len(credentials),
        "failing": sum(one["fails"] for one in credentials),
        "exit_code": ended.code,
    }
    status = _status(ended)
    target = _worker.shown(items[0].uri, binary) if len(items) == 1 and status != "ok" else None
    return status_row(target, {}, started, status, **more)


def _status(ended: Ended) -> str:
    if ended.code is None:
        return "timeout"
    if ended.summary is None:
        return "failed"
    return "incomplete" if ended.unread or not ended.is_complete else "ok"


def _reason(ended: Ended) -> Optional[str]:
    if ended.code is None:
        return "it took too long"
    if ended.summary is None:
        return f"akid ended with {ended.code}: {_worker.error_of(ended.stderr)}"
    if ended.unread:
        return next(iter(ended.unread.values())).reason
    return next((entry["message"] for entry in ended.summary["skipped"]), None)


def _of_object(finding: Dict[str, Any]) -> Tuple[Dict[str, Any], Optional[str]]:
    """Returns a finding with the path that it has without the stream, and its object."""
    members = (finding.get("archive") or {}).get("members") or [None]
    finding = dict(finding, path=finding["path"].replace(_worker.STDIN, "", 1))
    if len(members) > 1:
        finding["archive"] = {"path": members[0], "members": members[1:]}
    else:
        finding.pop("archive", None)
    return finding, members[0]


def _run(items: List[Item], settings: Settings) -> Ended:
    """Runs akid on a stream of objects."""
    started = time.monotonic()
    words = [_worker.command(settings.binary), "scan", "--quiet", "--format", "jsonl"]
    words += ["--threads", str(_worker.processors())]
    if not any(option.startswith("--config") for option in settings.options):
        # The folder in which Spark runs says nothing of the objects.
        words.append("--no-config")
    pipe = subprocess.PIPE
    process = _worker.start([*words, *settings.options, "-"], stdin=pipe, stdout=pipe, stderr=pipe)
    unread: Dict[str, Unread] = {}
    stderr: List[bytes] = []
    is_late = threading.Event()

    def give_up() -> None:
        is_late.set()
        process.kill()

    assert process.stdin and process.stdout and process.stderr
    errors = process.stderr
    timer = threading.Timer(settings.timeout, give_up)
    threads = [
        threading.Thread(target=_write, args=(items, process.stdin, unread, settings.open_object), daemon=True),
        threading.Thread(target=lambda: stderr.append(errors.read()), daemon=True),
        timer,
    ]
    for thread in threads:
        thread.start()
    try:
        lines = [json.loads(line) for line in process.stdout if line.endswith(b"\n")]
        process.wait()
    finally:
        timer.cancel()
        _worker.end(process)
    threads[0].join(1)
    threads[1].join()
    process.stdout.close()
    errors.close()
    code = None if is_late.is_set() else process.returncode
    return Ended(lines, code, b"".join(stderr), unread, time.monotonic() - started)


def _write(items: List[Item], pipe: BinaryIO, unread: Dict[str, Unread], open_object: Optional[Opener]) -> None:
    """Writes a tar. akid may end before it has read everything."""
    with contextlib.suppress(BrokenPipeError), pipe:
        with tarfile.open(fileobj=pipe, mode="w|", format=tarfile.PAX_FORMAT, bufsize=BLOCK) as tar:
            for item in items:
                _add(tar, item, unread, open_object)


def _add(tar: tarfile.TarFile, item: Item, unread: Dict[str, Unread], open_object: Optional[Opener]) -> None:
    """Adds an object to a tar. One that cannot be read is data, and no fault of the worker."""
    try:
        size, content = _open(item, open_object)
    except Exception as fault:
        unread[item.uri] = Unread("failed", _fault(fault))
        return
    entry = tarfile.TarInfo(item.uri)
    entry.size = size
    with content:
        padded = Padded(content, size)
        tar.addfile(entry, padded)  # type: ignore[arg-type]
        if padded.fault or content.read(1):
            unread[item.uri] = Unread("incomplete", padded.fault or "it grew while it was read")


def _fault(fault: Exception) -> str:
    """Says what is wrong, without the words of the fault: they may repeat a signed URL."""
    return (fault.strerror if isinstance(fault, OSError) else None) or type(fault).__name__


class Padded:
    """An object's content in exactly its size, because the tar has promised it."""

    def __init__(self, content: BinaryIO, size: int) -> None:
        self.content, self.left = content, size
        self.fault: Optional[str] = None

    def read(self, size: int) -> bytes:
        """Returns the next bytes; zeros, where there are none."""
        wanted = min(size, self.left)
        got = b""
        while len(got) < wanted and not self.fault:
            try:
                more = self.content.read(wanted - len(got))
            except Exception as fault:
                self.fault = _fault(fault)
                break
            if not more:
                self.fault = "it shrank while it was read"
            got += more
        self.left -= wanted
        return got.ljust(wanted, b"\0")


def _open(item: Item, open_object: Optional[Opener]) -> Tuple[int, BinaryIO]:
    """Returns the size and the content of an object."""
    if item.content is not None:
        return len(item.content), io.BytesIO(item.content)
    if open_object is not None:
        return _sized(open_object(item.uri))
    local = re.match(r"file:/*(/.*)", item.uri, re.DOTALL)
    if local:
        return _sized(open(local[1], "rb"))
    return _open_remote(item.uri)


def _sized(content: BinaryIO) -> Tuple[int, BinaryIO]:
    """Returns what can be sought as it is; of anything else the bytes."""
    if content.seekable():
        size = content.seek(0, io.SEEK_END)
        content.seek(0)
        return size, content
    with content:
        held = content.read()
    return len(held), io.BytesIO(held)


def _open_remote(uri: str) -> Tuple[int, BinaryIO]:
    """Opens an object with the file system of pyarrow that its scheme names."""
    from pyarrow import fs

    scheme, _, rest = uri.partition("://")
    authority, _, key = rest.partition("/")
    system, base = _system(f"{re.sub('^s3[an]$', 's3', scheme)}://{authority}")
    path = f"{base.rstrip('/')}/{key}"
    info = system.get_file_info(path)
    if info.type == fs.FileType.NotFound:
        raise FileNotFoundError(2, "not found")
    return info.size, system.open_input_stream(path)


@functools.lru_cache(maxsize=100)
def _system(root: str) -> Any:
    """Returns the file system of a bucket or host, and the path of its root. To find the region takes a request."""
    from pyarrow import fs

    return fs.FileSystem.from_uri(root)
