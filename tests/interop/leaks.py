"""Repositories whose history holds any number of made-up credentials, written by `git fast-import`."""

import subprocess

from plant import Maker
from repository import ENVIRONMENT, Repository

AUTHORS = ["Ada Example <ada@example.com>", "Grace Example <grace@example.com>", "Jürgen Weiß <j.weiss@example.com>"]
FOLDERS = ["deploy", "services/billing/config", "infra/terraform/modules/network", "scripts", "src/main/resources"]
FIRST = 1_660_000_000
DAY = 86_400


class Leaks:
    """A history that adds credentials, copies some, and removes some again."""

    def __init__(self, folder, seed, url):
        self.maker, self.seed = Maker(seed), seed
        self.random = self.maker.random
        self.repository = Repository(folder)
        self.repository.git("remote", "add", "origin", url)
        self.stream, self.commits = [], 0

    def text(self):
        """A credential of some kind, as a file has it."""
        kind = self.random.random()
        if kind < 0.55:
            return f"export AWS_ACCESS_KEY_ID={self.maker.key_id()}\nexport AWS_SECRET_ACCESS_KEY={self.maker.secret()}\n"
        if kind < 0.7:
            return f"# the old key was {self.maker.key_id()}, ask Kim\n"
        if kind < 0.85:
            return f"[default]\naws_secret_access_key = {self.maker.secret()}\n"
        return f"AWS_ACCESS_KEY_ID={self.maker.key_id('ASIA')}\nAWS_SECRET_ACCESS_KEY={self.maker.secret()}\n"

    def commit(self, day, message, changes):
        """A commit that writes `changes`; None deletes."""
        when = f"{FIRST + day * DAY} +0000"
        author = AUTHORS[self.commits % len(AUTHORS)]
        self.add(b"commit refs/heads/main\n", f"author {author} {when}\ncommitter {author} {when}\n".encode())
        self.data(message.encode())
        for path, text in changes:
            # Any byte can be in a path, by its number.
            quoted = "".join(chr(byte) if 48 <= byte < 123 and byte != 92 else f"\\{byte:03o}" for byte in path.encode())
            if text is None:
                self.add(f'D "{quoted}"\n'.encode())
            else:
                self.add(f'M 100644 inline "{quoted}"\n'.encode())
                self.data(text.encode())
        self.commits += 1

    def add(self, *lines):
        self.stream.extend(lines)

    def data(self, content):
        self.add(b"data %d\n" % len(content), content, b"\n")

    def plant(self, count, days=1400, a_commit=1):
        """Adds `count` credentials. With one a commit, some are in two more files, and some are removed later."""
        removed = []
        for first in range(0, count, a_commit):
            day = days * first // count
            changes = []
            for nth in range(first, min(first + a_commit, count)):
                folder = FOLDERS[nth % len(FOLDERS)]
                path, text = f"{folder}/{self.seed}-{nth}.env", self.text()
                changes.append((path, f"# settings {nth}\n{text}"))
                if a_commit == 1 and nth % 7 == 3:
                    changes += [(f"backup/{copy}/{nth}.env", text) for copy in ("eu", "us")]
                if a_commit == 1 and nth % 3:
                    removed.append((day + 40 + nth % 200, path))
            self.commit(day, f"Add settings for step {first}", changes)
        for day, path in sorted(removed):
            self.commit(day, "Remove a key", [(path, None)])
        return self

    def finish(self):
        """Writes the history; the folder."""
        command = ["git", "fast-import", "--quiet", "--date-format=raw"]
        environment = {**ENVIRONMENT, "HOME": str(self.repository.folder.parent)}
        subprocess.run(command, cwd=self.repository.folder, env=environment, input=b"".join(self.stream), check=True)
        self.repository.git("reset", "--quiet", "--hard", "main")
        return self.repository.folder
