"""Run akid, which finds AWS access keys, from Python.

    import akid

    report = akid.scan("deploy", "backup.tar.gz")
    for finding in report.findings:
        print(finding["path"], finding["key_id"], finding["severity"])

The package carries the command `akid` and needs nothing else. `akid.spark` runs it on a Spark cluster, and needs
`akid-scanner[spark]`. No report contains a secret: docs/json.md describes its properties.
"""

from __future__ import annotations

import json
import os
import shutil
import site
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Sequence, Union

__all__ = ["AkidError", "Report", "binary", "history", "scan"]

StrPath = Union[str, "os.PathLike[str]"]

try:
    __version__ = metadata.version("akid-scanner")
except metadata.PackageNotFoundError:  # A copy of the module, without the wheel.
    __version__ = "unknown"


class AkidError(Exception):
    """akid wrote no report: bad usage, or a fault. The message is what akid printed."""


@dataclass(frozen=True)
class Report:
    """The result of a scan."""

    findings: List[Dict[str, Any]]
    """All findings, also suppressed ones, as `finding` in docs/json.md."""
    summary: Dict[str, Any]
    """Credentials, counts and what was not scanned, as `summary_line` in docs/json.md."""
    exit_code: int
    """0: nothing fails; 1: a finding fails; 2: the scan is incomplete."""

    @property
    def complete(self) -> bool:
        """Whether everything was scanned that was asked for."""
        return bool(self.summary["complete"])


def binary() -> str:
    """Returns the path of the command `akid`.

    The environment variable `AKID_BINARY` names another one. Without it, that of this installation is used, and else
    the one in `PATH`.
    """
    named = os.environ.get("AKID_BINARY")
    if named:
        return named
    own = next((path for path in _installed() if path.is_file()), None)
    found = str(own) if own else shutil.which("akid")
    if not found:
        raise FileNotFoundError("akid is not installed: install `akid-scanner`, or name the command in AKID_BINARY")
    return found


def _installed() -> Iterator[Path]:
    """Yields where installers put commands: of an environment, of a user, and beside a folder of packages."""
    name = "akid" + (sysconfig.get_config_var("EXE") or "")
    yield Path(sysconfig.get_path("scripts"), name)
    yield Path(sys.executable).with_name(name)
    yield Path(site.getuserbase(), "Scripts" if os.name == "nt" else "bin", name)
    yield Path(__file__).resolve().parents[1] / "bin" / name


def scan(*paths: StrPath, options: Sequence[str] = (), timeout: Optional[float] = None) -> Report:
    """Scans files and folders, including archives, as `akid scan` does.

    Without paths it scans the current folder. `options` are those of the command, such as `["--history"]`. A scan that
    takes longer than `timeout` seconds raises `subprocess.TimeoutExpired`.
    """
    return _report("scan", paths, options, timeout)


def history(*repositories: StrPath, options: Sequence[str] = (), timeout: Optional[float] = None) -> Report:
    """Scans the full history of git repositories, as `akid history` does. See `scan` for the parameters."""
    return _report("history", repositories, options, timeout)


def _report(command: str, paths: Sequence[StrPath], options: Sequence[str], timeout: Optional[float]) -> Report:
    words = [binary(), command, "--quiet", "--format", "jsonl", *options, "--", *(os.fspath(path) for path in paths)]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    if not lines or lines[-1].get("type") != "summary":
        raise AkidError(done.stderr.decode(errors="replace").strip() or f"akid ended with {done.returncode}")
    return Report(lines[:-1], lines[-1], done.returncode)
