"""The rows that scans give, and what akid prints as such rows."""

from __future__ import annotations

import json
from typing import Any, Dict, Iterable, Iterator, List, NamedTuple, Optional

import pandas as pd

Row = Dict[str, Any]


class Column(NamedTuple):
    """A column: its name, its type in SQL, and its meaning."""

    name: str
    type: str
    meaning: str


COLUMNS = [
    Column("kind", "string", "`finding` or `status`"),
    Column("target", "string", "the repository or object, as akid shows it; null for a stream of objects"),
    Column("labels", "map<string,string>", "what the input says of the target"),
    Column("time", "timestamp", "when the scan started"),
    Column("fingerprint", "string", "of a finding: identifies rule, credential and path in the target"),
    Column("credential_id", "string", "of a finding: identifies the credential in all targets"),
    Column("rule", "string", "of a finding: the rule's ID"),
    Column("severity", "string", "of a finding: `low`, `medium`, `high`, `critical`"),
    Column("confidence", "string", "of a finding: `low`, `medium`, `high`, `certain`"),
    Column("fails", "boolean", "of a finding: whether it makes the exit code 1"),
    Column("suppressed", "string", "of a finding: why it does not count; null if it counts"),
    Column("key_id", "string", "of a finding: the key ID"),
    Column("account", "string", "of a finding: the owning account, if known"),
    Column("path", "string", "of a finding: its path, in archives with `!/`"),
    Column("line", "bigint", "of a finding: line of its first place"),
    Column("reachability", "string", "of a finding in history: where it still is"),
    Column("introduced_in", "string", "of a finding in history: the first commit with it"),
    Column("status", "string", "of a status: `ok`, `incomplete`, `failed`, `timeout`; of an object also `unreadable`"),
    Column("reason", "string", "of a status: why it is not `ok`"),
    Column("head", "string", "of a remote repository's status: the commit of its `HEAD`"),
    Column("seconds", "double", "of a status: how long the scan took"),
    Column("inputs", "bigint", "of a status: objects scanned"),
    Column("bytes", "bigint", "of a status: bytes scanned"),
    Column("findings", "bigint", "of a status: findings that count"),
    Column("credentials", "bigint", "of a status: credentials that count"),
    Column("failing", "bigint", "of a status: credentials that fail"),
    Column("exit_code", "int", "of a status: akid's exit code"),
    Column("json", "string", "the finding as [json.md](json.md) describes it; for a status, what akid said of it"),
]

SCHEMA = ", ".join(f"{column.name} {column.type}" for column in COLUMNS)
"""The schema of the rows, as Spark reads it."""

MOST_ROWS = 1000
"""Rows of one data frame: a target with 100,000 findings is not held whole."""


def finding_row(finding: Dict[str, Any], target: Optional[str], labels: Dict[str, str], time: str) -> Row:
    """Returns the row of a finding of akid's JSON Lines."""
    exposure = finding.get("exposure") or {}
    return {
        "kind": "finding",
        "target": target,
        "labels": labels,
        "time": time,
        **{name: finding[name] for name in ("fingerprint", "credential_id", "rule", "severity")},
        **{name: finding[name] for name in ("fails", "suppressed", "key_id", "path")},
        "confidence": finding["confidence"]["level"],
        "account": (finding.get("account") or {}).get("id"),
        "line": _line(finding),
        "reachability": exposure.get("reachability"),
        "introduced_in": (exposure.get("introduced_in") or {}).get("commit"),
        "json": json.dumps(finding, ensure_ascii=False, separators=(",", ":")),
    }


def _line(finding: Dict[str, Any]) -> Optional[int]:
    for place in finding["places"]:
        for part in ("key_id", "secret", "token"):
            if place[part]:
                return int(place[part]["line"])
    return None


def status_row(target: Optional[str], labels: Dict[str, str], time: str, status: str, **more: Any) -> Row:
    """Returns the row that says how a scan ended."""
    return {"kind": "status", "target": target, "labels": labels, "time": time, "status": status, **more}


def frames(rows: Iterable[Row]) -> Iterator[pd.DataFrame]:
    """Yields the rows as data frames of a bounded size."""
    some: List[Row] = []
    for row in rows:
        some.append(row)
        if len(some) == MOST_ROWS:
            yield _frame(some)
            some = []
    if some:
        yield _frame(some)


def _frame(rows: List[Row]) -> pd.DataFrame:
    # Of type `object`, so that a missing number stays missing and does not become one that is none.
    columns = {column.name: pd.Series([row.get(column.name) for row in rows], dtype=object) for column in COLUMNS}
    columns["time"] = pd.to_datetime(columns["time"], utc=True, format="ISO8601")
    frame: pd.DataFrame = pd.DataFrame(columns)
    return frame
