"""Reads the reports for CI with other people's readers of their formats, over a tree with names that try to break out.

usage: consumers.py --akid F --scratch D
"""

import argparse
import csv
import io
import json
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import junitparser
import rows
from markdown_it import MarkdownIt
from repository import key

NAMES = [
    "plain.env", "=cmd|'calc'!A1.env", "a;=1+1.env", "+1.env", "@SUM(1).env", "-1.env", "a|b.env", "`code`.env",
    "<img src=x onerror=alert(1)>.env", "[x](http:%2f%2fevil.example).env", "![x](y).env", "**bold**.env", "@everyone.env",
    "www.evil.example.env", "a\nb.env", "a\n| x | y |.env", "a\x1b[31m.env", "]]>.env", "--><x>.env", "&amp;&#124;.env",
    "\\|.env", "\x01.env", "\uffff.env", "\u202eoot.env", "~~x~~.env", "#1.env", "::error::x.env", "\"quoted\", 'too'.env",
]  # fmt: skip


class Tags(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tags, self.cells = [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag == "td":
            self.cells.append("")

    def handle_data(self, data):
        if self.cells:
            self.cells[-1] += data


class Checks:
    def __init__(self, args):
        self.tree = args.scratch / "tree"
        self.tree.mkdir(parents=True)
        self.secrets = []
        for name in [*NAMES, b"\xff\xfe.env"]:
            text, _, secret = key(repr(name))
            self.secrets.append(secret)
            path = self.tree / name if isinstance(name, str) else Path(bytes(self.tree).decode(), name.decode("utf-8", "surrogateescape"))
            path.write_text(text)
        formats = ["csv", "github", "gitlab", "junit", "markdown", "json"]
        outputs = [word for format in formats for word in ("-o", f"{format}:{args.scratch / format}")]
        done = subprocess.run([args.akid, "scan", *outputs, self.tree], capture_output=True, check=False)
        assert done.returncode == 1, done.stderr
        self.reports = {format: (args.scratch / format).read_text() for format in formats}
        self.paths = [finding["path"] for finding in json.loads(self.reports["json"])["findings"]]
        assert len(self.paths) == len(NAMES) + 1

    def csv(self):
        """Python's csv reads the CSV; no cell is a formula, cut at commas or semicolons"""
        lines = list(csv.DictReader(io.StringIO(self.reports["csv"], newline=""), strict=True))
        assert [line["path"].replace("'", "") for line in lines] == [path.replace("'", "") for path in self.paths]
        for delimiter in (",", ";", "\t"):
            for line in csv.reader(io.StringIO(self.reports["csv"], newline=""), delimiter=delimiter):
                formulas = [cell for cell in line if cell.startswith(("=", "+", "-", "@", "\t"))]
                assert not formulas, formulas
        return f"{len(lines)} lines"

    def junit(self):
        """junitparser reads the JUnit; a test for each finding"""
        suites = junitparser.JUnitXml.fromstring(self.reports["junit"].encode())
        cases = [case for suite in suites for case in suite]
        failed = [case for case in cases if any(isinstance(result, junitparser.Failure) for result in case.result)]
        assert (suites.tests, suites.failures) == (len(cases), len(failed)) == (len(self.paths) + 1, len(self.paths))
        files = [case._elem.get("file") for case in failed]
        assert files == [path.replace("\uffff", "\ufffd") for path in self.paths], files
        return f"{len(cases)} tests"

    def markdown(self):
        """markdown-it renders the page; only a table and code, five cells a row"""
        renderer = MarkdownIt("gfm-like", {"html": True, "linkify": True})
        page = Tags(renderer.render(self.reports["markdown"]))
        allowed = {"h3", "table", "thead", "tbody", "tr", "th", "td", "strong", "code", "p", "ul", "li"}
        strange = [(tag, attributes) for tag, attributes in page.tags if tag not in allowed or attributes]
        assert not strange, strange
        assert len(page.cells) == 5 * len(self.paths), f"{len(page.cells)} cells"
        shown = [cell.rsplit(":", 2)[0] for cell in page.cells[2::5]]
        assert shown == self.paths, [pair for pair in zip(shown, self.paths, strict=True) if pair[0] != pair[1]]
        return f"{len(page.cells) // 5} rows, {len(self.reports['markdown'])} bytes"

    def gitlab(self):
        """GitLab's report has every path"""
        report = json.loads(self.reports["gitlab"])
        assert [v["location"]["file"] for v in report["vulnerabilities"]] == self.paths
        assert len({v["id"] for v in report["vulnerabilities"]}) == len(self.paths)
        return f"{len(self.paths)} vulnerabilities"

    def secrecy(self):
        """no eight characters of a secret in any of them"""
        pieces = {secret[n : n + 8] for secret in self.secrets for n in range(len(secret) - 7)}
        shown = [(format, piece) for format, text in self.reports.items() for piece in pieces if piece in text]
        assert not shown, f"{len(shown)} pieces"
        return f"{len(self.reports)} reports, {len(self.secrets)} secrets"


def main():
    parser = argparse.ArgumentParser()
    for name in ("akid", "scratch"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    args = parser.parse_args()
    args.akid, args.scratch = args.akid.resolve(), args.scratch.resolve()
    checks = Checks(args)
    all_of_them = [checks.csv, checks.junit, checks.markdown, checks.gitlab, checks.secrecy]
    return 1 if rows.run((check.__doc__, check) for check in all_of_them) else 0


if __name__ == "__main__":
    sys.exit(main())
