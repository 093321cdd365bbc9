"""Uses akid at a terminal: `akid review`, key by key, and long reports through a pager.

usage: terminal.py --akid F --scratch D
"""

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import termios
import time

import rows
from repository import ENVIRONMENT, Trials, key

STYLES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """A command on a pseudo-terminal."""

    def __init__(self, command, cwd, rows=24, columns=80, **environment):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(cwd)
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            home = {"HOME": str(cwd.parent), "TERM": "xterm", "LESS": ""}
            os.execvpe(str(command[0]), [str(word) for word in command], {**ENVIRONMENT, **home, **environment})
        self.text, self.seen = "", 0

    def read(self, timeout):
        """Reads what there is; whether the other side is still open."""
        ready, _, _ = select.select([self.fd], [], [], timeout)
        if not ready:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.text += STYLES.sub("", data.decode(errors="replace")).replace("\r\n", "\n")
        return bool(data)

    def expect(self, text, timeout=30):
        """Waits until `text` is shown after what was waited for last; returns what is between."""
        end = time.monotonic() + timeout
        while text not in self.text[self.seen :]:
            is_open = self.read(0.1)
            assert time.monotonic() < end and (is_open or text in self.text[self.seen :]), (
                f"{text!r} is not shown: {self.text[self.seen :]!r}"
            )
        start = self.seen
        self.seen = self.text.index(text, start) + len(text)
        return self.text[start : self.seen]

    def send(self, keys):
        os.write(self.fd, keys.encode())

    def end(self, timeout=30):
        """Waits for the end; the exit code."""
        end = time.monotonic() + timeout
        while self.read(0.1):
            if time.monotonic() > end:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                raise AssertionError(f"it does not end: {self.text[-500:]!r}")
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)


MENU = "[q]uit  [?] "


class Checks(Trials):
    def review(self, *words, cwd, **environment):
        return Terminal([self.args.akid, "review", *words], cwd, **environment)

    def planted(self, count=3):
        repository, _ = self.repository()
        self.secrets = []
        for number in range(count):
            text, _, secret = key(f"review {self.count} {number}")
            self.secrets.append(secret)
            repository.write(f"{number}.env", text)
        return repository

    def hidden(self, terminal):
        assert not any(secret[:8] in terminal.text for secret in self.secrets), "a secret is shown"

    def decisions(self):
        """each key does what it says; what was decided does not come up again, what was skipped comes last"""
        repository = self.planted()
        folder = repository.folder
        repository.write(".akid.toml", '# mine\nbaseline = "known"\n')
        at = self.review(cwd=folder)
        at.expect("3 credentials to review")
        first = at.expect(MENU)
        assert "0.env:1:19" in first and "[u]ndo" not in first, first
        at.send("s")
        assert "1.env:1:19" in at.expect(MENU)
        at.send("a")
        at.expect("Why may it stay?")
        at.send("a key of the tests\r")
        at.expect("Until which day")
        at.send("2020-01-01\r")
        at.expect("is over")
        at.send("\x15" + "2199-12-31\r")
        at.expect("added to .akid.toml")
        assert "2.env:1:19" in at.expect(MENU)
        at.send("?")
        at.expect("a  allow it")
        at.expect(MENU)
        at.send("e")
        at.expect("akid status" if "akid status" in at.text else "key")
        at.expect(MENU)
        at.send("b")
        at.expect("wrote 1 finding to known")
        at.expect("1 allowed, 1 added to the baseline, 1 skipped")
        assert at.end() == 0
        self.hidden(at)
        written = (folder / ".akid.toml").read_text()
        assert written.startswith('# mine\nbaseline = "known"\n') and 'reason = "a key of the tests"' in written, written
        assert "2199-12-31" in written

        again = self.review(cwd=folder)
        again.expect("1 credential to review; 1 that you skipped before come last")
        assert "0.env:1:19" in again.expect(MENU)
        again.send("q")
        again.expect("1 not reviewed")
        assert again.end() == 0
        return "3 credentials"

    def undone(self):
        """undo restores the files, and nothing that somebody else has changed since"""
        repository = self.planted()
        folder = repository.folder
        at = self.review("--baseline", "known", cwd=folder)
        at.expect(MENU)
        at.send("b")
        at.expect("wrote 1 finding to known")
        at.expect(MENU)
        at.send("u")
        at.expect("undone: known is removed")
        assert "0.env:1:19" in at.expect(MENU)
        assert not (folder / "known").exists()
        at.send("b")
        at.expect("wrote 1 finding")
        at.expect(MENU)
        repository.write("known", (folder / "known").read_text() + "# somebody's\n")
        at.send("u")
        at.expect("known was changed since then")
        at.expect(MENU)
        assert "somebody's" in (folder / "known").read_text()
        at.send("s")
        at.expect(MENU)
        at.send("\x03")
        code = at.end()
        assert code == 130, code
        self.hidden(at)
        return "3 steps"

    def opened(self):
        """`o` opens the file at the line; a place in history is told with its command"""
        repository = self.planted(1)
        folder = repository.folder
        repository.commit_files({}, "Add a key")
        (folder / "0.env").unlink()
        repository.commit_files({}, "Remove it")
        text, _, _ = key(f"open {self.count}")
        repository.write("sub dir/a b.env", f"\n\n{text}")
        editor = self.args.scratch / str(self.count) / "vim"
        editor.write_text('#!/bin/sh\nprintf "%s\\n" "$@" >"$RECORD"\n')
        editor.chmod(0o755)
        record = editor.with_name("record")
        at = self.review("--history", cwd=folder, EDITOR=f"'{editor}' -R", RECORD=str(record))
        at.expect("2 credentials to review")
        assert "sub dir/a b.env:3" in at.expect(MENU)
        at.send("o")
        at.expect(MENU)
        words = record.read_text().splitlines()
        assert words == ["-R", "+3", str((folder / "sub dir/a b.env").resolve())], words
        at.send("s")
        at.expect(MENU)
        at.send("o")
        at.expect("this place is in history")
        at.expect("git show")
        at.expect(MENU)
        at.send("\x1b")
        assert at.end() == 0
        return "2 places"

    def of_a_report(self):
        """a report can be reviewed, and what was decided since then is left out"""
        repository = self.planted()
        folder = repository.folder
        report = folder.parent / "report.json"
        repository.run(str(self.args.akid), "scan", "-o", str(report))
        ids = [finding["key_id"] for finding in json.loads(report.read_text())["findings"]]
        repository.run(str(self.args.akid), "allow", ids[0], "--reason", "x")
        at = self.review(report, cwd=folder)
        at.expect("2 credentials to review")
        at.expect(MENU)
        at.send("q")
        assert at.end() == 0
        self.hidden(at)
        return "2 of 3 left"

    def paged(self):
        """a long report goes through the user's pager, and the exit code stays akid's"""
        repository = self.planted(12)
        folder = repository.folder
        at = Terminal([self.args.akid, "scan"], folder)
        at.expect("FAILS")
        at.send("q")
        assert at.end() == 1, at.text[-400:]
        assert "12 credentials" in at.text[at.seen :], "no summary after the pager"
        # A pager that is not there loses nothing.
        at = Terminal([self.args.akid, "scan"], folder, AKID_PAGER="no-such-pager")
        assert at.end() == 1
        assert at.text.count("FAILS") == 12, at.text
        # `| less` ends before the summary is written.
        at = Terminal(["sh", "-c", f"'{self.args.akid}' scan | less"], folder)
        at.expect("FAILS")
        at.send("q")
        at.end()
        assert "12 credentials" in at.text, at.text[-400:]
        return "3 ways"


if __name__ == "__main__":
    rows.main(Checks, "decisions", "undone", "opened", "of_a_report", "paged")
