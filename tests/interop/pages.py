"""Makes HTML reports, and has a browser check them: page.cjs. Runs the commands that they show.

usage: pages.py --akid F --scratch D [--show] [--only CHECK]

CHROMIUM names the browser. Prints a table; ends with 1 if any row failed.
"""

import json
import os
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import rows
from leaks import Leaks
from repository import ENVIRONMENT, Repository, key

HERE = Path(__file__).parent
# Names as a page could take for markup; files of these names hold a key.
HOSTILE = [
    "<script>alert(1)<", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "<b>bold<", "&lt;i&gt;&#60;",
    "</td><", "\u202egnp.exe", "\u2066x\u2069", "a\nb", "a\x1b[31m", "javascript:alert(1)", "]]><!--",
]  # fmt: skip
LONG = "/".join(["directory-with-a-long-name" * 8] * 18)


class Commands(HTMLParser):
    """The texts of a page's commands."""

    def __init__(self, html):
        super().__init__()
        self.commands, self.depth = [], 0
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        if tag == "pre" and ("class", "copy") in attributes:
            self.depth = 1
            self.commands.append("")

    def handle_endtag(self, tag):
        if tag == "pre":
            self.depth = 0

    def handle_data(self, data):
        if self.depth:
            self.commands[-1] += data


class Checks:
    def __init__(self, args):
        self.args = args
        args.scratch.mkdir(parents=True)

    def akid(self, name, *words):
        """Scans, and writes the page and the same as JSON."""
        outputs = ["-o", f"html:{self.page(name)}", "-o", f"json:{self.page(name).with_suffix('.json')}"]
        environment = {**ENVIRONMENT, "HOME": str(self.args.scratch)}
        command = [self.args.akid, *words, *outputs]
        done = subprocess.run(
            command, cwd=self.args.scratch, env=environment, capture_output=True, text=True, check=False
        )
        assert self.page(name).exists(), done.stderr
        return done

    def page(self, name):
        return self.args.scratch / f"{name}.html"

    def make(self):
        """the pages: of nothing, 100 and 10,000 findings, and of hostile names"""
        scratch = self.args.scratch
        Leaks(scratch / "shop", 1, "git@example.com:team/shop.git").plant(50).finish()
        Leaks(scratch / "tools", 2, "https://example.com/team/tools").plant(27).finish()
        Leaks(scratch / "many", 3, "https://example.com/team/many").plant(10_000, a_commit=10).finish()
        (scratch / "nothing").mkdir()
        self.akid("nothing", "scan", "nothing")
        self.akid("hundred", "history", "shop", "tools")
        self.akid("many", "history", "many")
        self.hostile()
        sizes = {page.stem: f"{page.stat().st_size // 1000} kB" for page in scratch.glob("*.html")}
        return ", ".join(f"{name} {size}" for name, size in sorted(sizes.items()))

    def hostile(self):
        repository = Repository(self.args.scratch / "hostile")
        for nth, name in enumerate([*HOSTILE, LONG]):
            text, _, _ = key(f"{name}{nth}")
            repository.commit_files({f"{name}/<img src=x>.env": text}, f"<script>alert('{nth}')</script>")
        repository.git("branch", "<svg/onload=alert(1)>")
        self.akid("hostile", "history", "hostile")

    def browser(self):
        """Chromium"""
        command = ["node", HERE / "page.cjs", self.args.scratch]
        subprocess.run(command, env={**os.environ, "HOME": str(self.args.scratch)}, check=True, timeout=600)
        return "all of the above"

    def commands(self):
        """each command of the pages shows its finding"""
        tried = 0
        for name in ("hundred", "hostile"):
            commands = Commands(self.page(name).read_text()).commands
            shown = [command for command in commands if command.startswith("git ")]
            findings = json.loads(self.page(name).with_suffix(".json").read_text())["findings"]
            assert len(shown) == len(findings), f"{name}: {len(shown)} commands of {len(findings)} findings"
            for command in shown:
                done = subprocess.run(
                    ["sh", "-c", command], cwd=self.args.scratch, env=ENVIRONMENT, capture_output=True, text=True
                )
                assert done.returncode == 0, f"{command}: {done.stderr}"
                assert "aws" in done.stdout.lower() or "key" in done.stdout, f"{command}: {done.stdout}"
                tried += 1
        return f"{tried} commands"


if __name__ == "__main__":
    rows.main(Checks, "make", "browser", "commands")
