"""Checks SARIF of what is inside of archives with the JSON schema and with sarif-multitool's rules for GitHub.

usage: archives.py --akid F --scratch D --schema F --multitool F
"""

import argparse
import io
import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import jsonschema

import rows
from check import multitool, several
from plant import Maker


def tar(files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in files:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def plant(folder):
    """A wheel, and an image whose first layer has a file that its second deletes; the same key in both."""
    maker = Maker(1)
    key = f"AWS_ACCESS_KEY_ID={maker.key_id()}\nAWS_SECRET_ACCESS_KEY={maker.secret()}\n".encode()
    with zipfile.ZipFile(folder / "app.whl", "w", zipfile.ZIP_DEFLATED) as wheel:
        wheel.writestr("app/_settings.py", key)
    layers = [("a/layer.tar", tar([("app/.env", key)])), ("b/layer.tar", tar([("app/.wh..env", b"")]))]
    config = {"history": [{"created_by": "COPY . /app"}, {"created_by": "RUN rm"}], "rootfs": {"type": "layers"}}
    manifest = [{"Config": "c.json", "RepoTags": ["shop/api:1"], "Layers": [name for name, _ in layers]}]
    texts = [("c.json", config), ("manifest.json", manifest)]
    files = layers + [(name, json.dumps(text).encode()) for name, text in texts]
    (folder / "image.tar").write_bytes(tar(files))


class Checks:
    def __init__(self, args):
        self.args = args
        tree = args.scratch / "tree"
        tree.mkdir(parents=True)
        plant(tree)
        self.path = args.scratch / "archives.sarif"
        done = subprocess.run([args.akid, "scan", "-q", "--no-config", "-o", self.path, tree], check=False)
        assert done.returncode == 1, done.returncode
        self.sarif = json.loads(self.path.read_text())

    def schema(self):
        validator = jsonschema.Draft7Validator(json.loads(self.args.schema.read_text()))
        errors = [f"{error.json_path}: {error.message[:120]}" for error in validator.iter_errors(self.sarif)]
        assert not errors, several(errors)
        return "valid"

    def rules(self):
        out = self.args.scratch / "validated.sarif"
        multitool(self.args, "validate", self.path, "--rule-kind", "Sarif;Ghas", "--output", out)
        found = json.loads(out.read_text())["runs"][0]["results"]
        errors = [f"{r['ruleId']}: {json.dumps(r['message'])[:160]}" for r in found if r.get("level") == "error"]
        assert not errors, several(errors)
        return "no error"

    def places(self):
        run = self.sarif["runs"][0]
        told = set()
        for result in run["results"]:
            outer = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
            index = result["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["index"]
            way = []
            while index is not None:
                way.append(run["artifacts"][index]["location"]["uri"])
                index = run["artifacts"][index].get("parentIndex")
            assert way[-1] == outer, (way, outer)
            told.add("!/".join(reversed(way)))
        assert told == {"app.whl!/app/_settings.py", "image.tar!/a/layer.tar!/app/.env"}, told
        return "at the archive, with the way to the member"


def main():
    parser = argparse.ArgumentParser()
    for name in ("akid", "scratch", "schema", "multitool"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    checks = Checks(parser.parse_args())
    names = {"SARIF 2.1.0, JSON schema": checks.schema, "sarif-multitool, rules of SARIF and GitHub": checks.rules}
    names["each result is where GitHub and a reader look for it"] = checks.places
    return 1 if rows.run(names.items()) else 0


if __name__ == "__main__":
    sys.exit(main())
