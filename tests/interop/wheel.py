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
PYTHON = ROOT / "packaging/python"


def wheel(binary, out):
    project = tomllib.loads((PYTHON / "pyproject.toml").read_text())["project"]
    version = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]["version"]
    # The name as file names spell it.
    name = f"{project['name'].replace('-', '_')}-{version}"
    info = f"{name}.dist-info"
    files = module() | {
        f"{name}.data/scripts/akid": Path(binary).read_bytes(),
        f"{name}.data/scripts/akid-spark": (PYTHON / "commands/scripts/akid-spark").read_bytes(),
        f"{info}/METADATA": metadata(project, version).encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: akid\nRoot-Is-Purelib: false\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},sha256={digest(content)},{len(content)}\n" for path, content in files.items())
    files[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    path = Path(out, f"{name}-py3-none-any.whl")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for file, content in files.items():
            entry = zipfile.ZipInfo(file)
            entry.external_attr = (0o100755 if "/scripts/" in file else 0o100644) << 16
            packed.writestr(entry, content, zipfile.ZIP_DEFLATED, compresslevel=1)
    return path


def module():
    files = [path for path in sorted((PYTHON / "akid").rglob("*")) if path.suffix == ".py" or path.name == "py.typed"]
    return {path.relative_to(PYTHON).as_posix(): path.read_bytes() for path in files}


def metadata(project, version):
    lines = ["Metadata-Version: 2.1", f"Name: {project['name']}", f"Version: {version}"]
    lines += [f"Summary: {project['description']}", f"Requires-Python: {project['requires-python']}"]
    for extra, needed in project["optional-dependencies"].items():
        lines += [f"Provides-Extra: {extra}", *(f'Requires-Dist: {package}; extra == "{extra}"' for package in needed)]
    return "".join(f"{line}\n" for line in lines)


def digest(content):
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


if __name__ == "__main__":
    print(wheel(*sys.argv[1:]))
