"""Puts a wheel together from a binary that is there, so that trying wheels costs no build.

usage: wheel.py BINARY OUT

Releases make theirs with maturin, from the same pyproject.toml.
"""

import base64
import hashlib
import sys
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def wheel(binary, out):
    project = tomllib.loads((ROOT / "packaging/python/pyproject.toml").read_text())["project"]
    version = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]["version"]
    # The name as file names spell it.
    name = f"{project['name'].replace('-', '_')}-{version}"
    info = f"{name}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {version}\nSummary: {project['description']}\n"
    files = {
        f"{name}.data/scripts/akid": Path(binary).read_bytes(),
        f"{info}/METADATA": metadata.encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: akid\nRoot-Is-Purelib: false\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},sha256={digest(content)},{len(content)}\n" for path, content in files.items())
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    path = Path(out, f"{name}-py3-none-any.whl")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for file, content in files.items():
            entry = zipfile.ZipInfo(file)
            entry.external_attr = (0o100755 if file.endswith("/akid") else 0o100644) << 16
            packed.writestr(entry, content, zipfile.ZIP_DEFLATED, compresslevel=1)
    return path


def digest(content):
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


if __name__ == "__main__":
    print(wheel(*sys.argv[1:]))
