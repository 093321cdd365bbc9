"""Packs a binary for a release.

usage: archive.py BINARY TARGET OUT

Writes OUT/akid-VERSION-TARGET.tar.gz, with the binary, the licenses and what there is to read. The same files give the
same bytes: nothing of this machine, its clock or its user is in it.
"""

import gzip
import io
import sys
import tarfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXTS = ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"]


def version():
    return tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]["version"]


def entry(name, content, mode):
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), mode
    return info, io.BytesIO(content)


def archive(binary, target, out):
    name = f"akid-{version()}-{target}"
    program = "akid.exe" if "windows" in target else "akid"
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(*entry(f"{name}/{program}", Path(binary).read_bytes(), 0o755))
        for text in TEXTS:
            tar.addfile(*entry(f"{name}/{text}", (ROOT / text).read_bytes(), 0o644))
    path = Path(out, f"{name}.tar.gz")
    path.write_bytes(gzip.compress(packed.getvalue(), mtime=0))
    return path


if __name__ == "__main__":
    print(archive(*sys.argv[1:]))
