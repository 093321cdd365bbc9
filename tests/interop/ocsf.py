"""Validates OCSF events against the classes of OCSF 1.6.0 as published, over a history and a comparison of two scans.

usage: ocsf.py --akid F --scratch D [--show]
"""

import gzip
import json
import subprocess

import jsonschema
import rows
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema
from repository import Repository, key

VERSION = "1.6.0"


class Checks:
    def __init__(self, args):
        self.akid, self.scratch, self.show = args.akid, args.scratch, args.show
        self.schema = get_ocsf_schema(VERSION)
        self.classes = OcsfJsonSchemaEmbedded(self.schema)
        self.scratch.mkdir(parents=True)
        repository = Repository(self.scratch / "repo")
        for name in ["kept.env", "gone/früher.env", "<img src=x>.env"]:
            text, _, _ = key(name)
            repository.commit_files({name: text}, f"Add {name}")
        (repository.folder / "gone/früher.env").unlink()
        repository.commit_files({}, "Remove it")
        self.repository = repository.folder

    def run(self, *words):
        done = subprocess.run([self.akid, *words], capture_output=True, check=False, cwd=self.repository)
        assert done.returncode in (0, 1, 2), done.stderr
        text = done.stdout.decode()
        if self.show:
            print(text)
        return [json.loads(line) for line in text.splitlines()]

    def validate(self, event):
        name = self.classes.lookup_class_name_from_uid(event["class_uid"])
        schema = self.classes.get_class_schema(name)
        jsonschema.Draft202012Validator(schema).validate(event)
        self.consistent(event, self.schema["classes"][name]["attributes"])

    def consistent(self, given, attributes):
        """What JSON Schema does not say: captions beside numbers, and objects that need one of several attributes."""
        for name, value in given.items():
            attribute = attributes[name]
            sibling = attribute.get("sibling")
            if sibling in given:
                caption = attribute["enum"][str(value)]["caption"]
                assert given[sibling].endswith(caption), f"{name} {value} is {caption}, not {given[sibling]}"
            kind = attribute.get("object_type")
            if not kind or kind == "object":
                continue
            described = self.schema["objects"][kind]
            for child in value if attribute.get("is_array") else [value]:
                needed = described.get("constraints", {}).get("at_least_one")
                assert not needed or set(needed) & set(child), f"{kind} has none of {needed}"
                self.consistent(child, described["attributes"])

    def history(self):
        """each event of a history is valid by its class in OCSF 1.6.0"""
        events = self.run("history", "-f", "ocsf")
        for event in events:
            self.validate(event)
        classes = [event["class_uid"] for event in events]
        assert classes == [2006] * 3 + [6007], classes
        return f"{len(events)} events"

    def incomplete(self):
        """so are the events of a scan that was not complete"""
        (self.repository / "broken.gz").write_bytes(gzip.compress(bytes(1000))[:-9])
        events = self.run("scan", "--strict", "-f", "ocsf")
        for event in events:
            self.validate(event)
        assert events[-1]["status"] == "Failure", events[-1]
        (self.repository / "broken.gz").unlink()
        return f"{len(events)} events"

    def compared(self):
        """so are those of a comparison: what is gone is closed"""
        old, new = self.scratch / "old.json", self.scratch / "new.json"
        self.run("history", "-o", old)
        self.run("scan", "-o", new)
        events = self.run("report", new, "--compare", old, "-f", "ocsf")
        for event in events:
            self.validate(event)
        assert {event["activity_name"] for event in events[:-1]} == {"Update", "Close"}, events
        return f"{len(events)} events"

    def can_fail(self):
        """a wrong number, a wrong caption and an attribute that OCSF does not have are noticed"""
        event = self.run("scan", "-f", "ocsf")[0]
        wrong = [{**event, "severity_id": 17}, {**event, "severity": "Fatal"}, {**event, "secret": "x"}]
        for fault in wrong:
            try:
                self.validate(fault)
            except (AssertionError, KeyError, jsonschema.ValidationError):
                continue
            raise AssertionError("not noticed")
        return f"{len(wrong)} faults"


if __name__ == "__main__":
    rows.main(Checks, "history", "incomplete", "compared", "can_fail")
