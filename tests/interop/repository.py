"""Repositories to try things on, in a temporary folder."""

import os
import subprocess
from pathlib import Path

from plant import Maker

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
    "GIT_AUTHOR_NAME": "Nobody",
    "GIT_AUTHOR_EMAIL": "nobody@example.com",
    "GIT_COMMITTER_NAME": "Nobody",
    "GIT_COMMITTER_EMAIL": "nobody@example.com",
    "GIT_TERMINAL_PROMPT": "0",
}


class Repository:
    """A repository with a worktree, made in `folder`."""

    def __init__(self, folder, bare=False):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main", *(["--bare"] if bare else []))

    def git(self, *words, check=True, env=None, **more):
        """Runs git; returns what it prints."""
        done = self.run("git", *words, env=env, **more)
        assert not check or done.returncode == 0, f"git {' '.join(words)}: {done.stderr[-800:]}"
        return done.stdout.strip()

    def run(self, *command, env=None, **more):
        environment = {**ENVIRONMENT, "HOME": str(self.folder.parent), **(env or {})}
        return subprocess.run(
            command,
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
            **more,
        )

    def write(self, path, text):
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def commit(self, message="Change", **files):
        """Writes files and commits all; the commit's ID. `files` is for names that are Python's, too."""
        return self.commit_files(files, message)

    def commit_files(self, files, message="Change"):
        for path, text in files.items():
            self.write(path, text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--no-verify", "--allow-empty", "--message", message)
        return self.head()

    def head(self):
        return self.git("rev-parse", "HEAD")


def key(seed):
    """A made-up key: its text as an environment file, and what must never be shown of it."""
    maker = Maker(seed)
    key_id, secret = maker.key_id(), maker.secret()
    return f"AWS_ACCESS_KEY_ID={key_id}\nAWS_SECRET_ACCESS_KEY={secret}\n", key_id, secret


class Trials:
    """Repositories and folders to try things in."""

    def __init__(self, args):
        self.args, self.count = args, 0

    def folder(self):
        self.count += 1
        folder = self.args.scratch / str(self.count)
        folder.mkdir(parents=True)
        return folder

    def repository(self):
        """A repository with a clean commit; and a key to plant."""
        repository = Repository(self.folder() / "app")
        repository.commit_files({"README.md": "# app\n"}, "Begin")
        return repository, key(f"trial {self.count}")
