"""Checks a SARIF of akid against what was planted, against the schema, and against other people's tools.

usage: check.py --sarif F --tree D --manifest F --schema F --multitool F --scratch D --exit-code N --skips yes|no
    --category C [--objects]

Prints a table; ends with 1 if any row failed.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import jsonschema

WINDOW = 100


def arguments():
    parser = argparse.ArgumentParser()
    for name in ("sarif", "tree", "manifest", "schema", "multitool", "scratch"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--exit-code", type=int, required=True)
    parser.add_argument("--skips", choices=["yes", "no"], required=True)
    parser.add_argument("--category", required=True, help="what the analysis is to be called")
    parser.add_argument("--objects", action="store_true", help="the SARIF is of objects: of the tree's history")
    return parser.parse_args()


class Checks:
    """The rows of the table. A check returns a detail for it, or raises an AssertionError."""

    def __init__(self, args):
        self.args = args
        self.bytes = args.sarif.read_text()
        self.sarif = json.loads(self.bytes)
        self.run = self.sarif["runs"][0]
        self.results = [(r, *location(r)) for r in self.run["results"]]
        self.files = json.loads(args.manifest.read_text())
        self.by_path = {file["path"]: file for file in self.files}

    def exit_code(self):
        """the command's exit code"""
        wanted = 2 if self.args.skips == "yes" else 1
        assert self.args.exit_code == wanted, f"{self.args.exit_code}, not {wanted}"
        return str(wanted)

    def schema(self):
        """SARIF 2.1.0, JSON schema"""
        validator = jsonschema.Draft7Validator(json.loads(self.args.schema.read_text()))
        errors = [f"{error.json_path}: {error.message[:120]}" for error in validator.iter_errors(self.sarif)]
        assert not errors, several(errors)
        return "valid"

    def multitool(self):
        """sarif-multitool validate, rules of SARIF and GitHub"""
        out = self.args.scratch / "validated.sarif"
        multitool(self.args, "validate", self.args.sarif, "--rule-kind", "Sarif;Ghas", "--output", out)
        found = json.loads(out.read_text())["runs"][0]["results"]
        # The level is left out where it is the default of SARIF, a warning.
        by_level = {}
        for result in found:
            by_level.setdefault(result.get("level", "warning"), []).append(result["ruleId"])
        errors = [f"{r['ruleId']}: {json.dumps(r['message'])[:160]}" for r in found if r.get("level") == "error"]
        assert not errors, several(errors)
        others = (f"{level}: {', '.join(sorted(set(ids)))}" for level, ids in sorted(by_level.items()))
        return "no error; " + ("; ".join(others) or "nothing else")

    def sarif_tools(self):
        """sarif-tools reads it"""
        command = [Path(sys.executable).with_name("sarif"), "summary", self.args.sarif]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-300:]
        counts = [line for line in done.stdout.splitlines() if line.strip().startswith(("error", "warning", "note"))]
        return "; ".join(line.strip() for line in counts if " - " not in line)

    def planted(self):
        """every planted key has a result at its place"""
        have = {(path, region["startLine"]) for _, path, region in self.results}
        wanted = [(f["path"], p["line"]) for f in self.files if f["expected"] == "found" for p in f["places"]]
        missing = [f"{path}:{line}" for path, line in wanted if (path, line) not in have]
        assert not missing, several(missing)
        return f"{len(wanted)} places in {len({path for path, _ in wanted})} files"

    def silence(self):
        """examples, allowed lines and expired URLs have none"""
        silent = {file["path"] for file in self.files if file["expected"] == "silent"}
        extra = [f"{result['ruleId']} in {path}" for result, path, _ in self.results if path in silent]
        assert not extra, several(extra)
        return f"{len(silent)} files"

    def regions(self):
        """a region holds a key ID or a secret, whole"""
        wrong = []
        for result, path, region in self.results:
            values = {place["value"] for place in self.by_path[path]["places"]} | set(self.by_path[path]["secrets"])
            text = cut(self.text(path), region, self.run.get("columnKind"))
            if text not in values:
                wrong.append(f"{result['ruleId']} at {path}:{region['startLine']}:{region.get('startColumn')}")
        assert not wrong, several(wrong)
        return f"{len(self.results)} results"

    def secrecy(self):
        """no eight characters of a secret anywhere"""
        secrets = {secret for file in self.files for secret in file["secrets"]}
        # Tokens begin alike, with a text that is no secret.
        pieces = {s[n : n + 8] for s in secrets for n in range(16 if len(s) > 40 else 0, len(s) - 7)}
        output = self.bytes + (self.args.scratch / "stderr").read_text(errors="replace")
        shown = [piece for piece in pieces if piece in output]
        assert not shown, f"{len(shown)} pieces shown"
        return f"{len(secrets)} secrets, {len(pieces)} pieces"

    def skips(self):
        """what was skipped is told"""
        invocation = self.run["invocations"][0]
        notes = invocation.get("toolExecutionNotifications", [])
        skipping = self.args.skips == "yes"
        told = any("locked.env" in json.dumps(note) for note in notes)
        assert told == skipping, f"{len(notes)} notifications, locked.env told: {told}"
        assert invocation["executionSuccessful"] != skipping, "executionSuccessful is wrong"
        return f"{len(notes)} notifications" if skipping else "nothing was skipped"

    def commits(self):
        """every result of history names its commit and what still has it"""
        bare = [path for result, path, _ in self.results if not {"commit", "reachability"} <= result["properties"].keys()]
        assert not bare, several(bare)
        return f"{len(self.results)} results"

    def category(self):
        """the category that keeps it apart from other analyses"""
        category = self.run["automationDetails"]["id"]
        assert category == self.args.category, category
        return category

    def line_hashes(self):
        """primaryLocationLineHash as sarif-multitool computes it"""
        same, own, wrong = 0, 0, []
        for (result, path, region), theirs in zip(self.results, self.hashes_of_multitool(), strict=True):
            ours = result["partialFingerprints"]["primaryLocationLineHash"]
            if self.cuts_a_secret(path, region["startLine"]):
                # Their value could be turned back into the part of the secret that is in the window.
                own += 1
                if ours == theirs:
                    wrong.append(f"{path}:{region['startLine']} gives a secret away")
            elif ours == theirs:
                same += 1
            else:
                wrong.append(f"{path}:{region['startLine']} {ours}, not {theirs}")
        assert not wrong, several(wrong)
        assert own, "no window cut into a secret, so the exception was not tried"
        return f"{same} agree, {own} differ on purpose"

    def hashes_of_multitool(self):
        bare = json.loads(self.bytes)
        bare["runs"][0]["originalUriBaseIds"] = {"%SRCROOT%": {"uri": self.args.tree.resolve().as_uri() + "/"}}
        for result in bare["runs"][0]["results"]:
            result.pop("partialFingerprints", None)
        source, out = self.args.scratch / "bare.sarif", self.args.scratch / "hashed.sarif"
        source.write_text(json.dumps(bare))
        multitool(self.args, "rewrite", source, "--insert", "RollingHashPartialFingerprints", "--output", out)
        results = json.loads(out.read_text())["runs"][0]["results"]
        return [result.get("partialFingerprints", {}).get("primaryLocationLineHash") for result in results]

    def cuts_a_secret(self, path, line):
        """Whether the characters that are hashed for the line end inside a secret; blanks do not count."""
        rest = "\n".join(self.text(path).replace("\r\n", "\n").split("\n")[line - 1 :])
        units = rest.translate({ord(" "): None, ord("\t"): None}).encode("utf-16-le")
        spans = [(units.find(s.encode("utf-16-le")) // 2, len(s)) for s in self.by_path[path]["secrets"]]
        return any(0 <= start < WINDOW < start + length for start, length in spans)

    def text(self, path):
        return (self.args.tree / path).read_bytes().decode()


def location(result):
    physical = result["locations"][0]["physicalLocation"]
    return unquote(physical["artifactLocation"]["uri"]), physical["region"]


def cut(text, region, column_kind):
    """The text of a region within one line."""
    line = text.split("\n")[region["startLine"] - 1]
    if region.get("endLine", region["startLine"]) != region["startLine"]:
        return None
    start, end = region["startColumn"] - 1, region["endColumn"] - 1
    if column_kind == "unicodeCodePoints":
        return line[start:end]
    return line.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le", "replace")


def multitool(args, *words):
    command = [args.multitool, *words, "--log", "ForceOverwrite"]
    # Its exit code says nothing: 0 with errors, too. A missing output does.
    subprocess.run(command, capture_output=True, check=False, timeout=300)


def several(faults, most=5):
    more = f" and {len(faults) - most} more" if len(faults) > most else ""
    return "; ".join(faults[:most]) + more


def main():
    checks = Checks(arguments())
    names = [
        "exit_code", "schema", "multitool", "sarif_tools", "planted",
        "silence", "regions", "secrecy", "skips", "line_hashes", "category",
    ]  # fmt: skip
    if checks.args.objects:
        # Of history no line has a hash of GitHub's, and nothing is left unread.
        names = [name for name in names if name not in ("line_hashes", "skips", "regions")]
        names.append("commits")
    failed = 0
    for name in names:
        check = getattr(checks, name)
        try:
            row = ("ok", check())
        except Exception as fault:  # A check that breaks is a failed one; the others still run.
            row = ("FAIL", str(fault) if isinstance(fault, AssertionError) else repr(fault))
            failed += 1
        print(f"{row[0]:<5} {check.__doc__:<58} {row[1]}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
