#!/usr/bin/env python3
"""Sets the owner in every address of the project.

usage: packaging/release/set-owner.py OWNER

OWNER is the GitHub user or organization that publishes akid. The script replaces the owner that `repository` in
Cargo.toml names, in each file that owner-files.txt lists. Review the change, run `cargo test project::`, and commit.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILES = Path(__file__).with_name("owner-files.txt")
REPOSITORY = re.compile(r'(?m)^repository = "https://github\.com/([\w-]+)/akid"$')


def main():
    if len(sys.argv) != 2 or not re.fullmatch(r"[A-Za-z0-9](-?[A-Za-z0-9]){0,38}", sys.argv[1]):
        sys.exit(__doc__)
    owner = sys.argv[1]
    current = REPOSITORY.search((ROOT / "Cargo.toml").read_text())
    if not current:
        sys.exit("set-owner.py: Cargo.toml has no `repository` on GitHub")
    # Registries of container images accept only lower case.
    image = re.compile(rf"\bghcr\.io/{current[1]}/akid", re.IGNORECASE)
    address = re.compile(rf"\b{current[1]}/akid")
    for path in FILES.read_text().split():
        text = image.sub(f"ghcr.io/{owner.lower()}/akid", (ROOT / path).read_text())
        (ROOT / path).write_text(address.sub(f"{owner}/akid", text))
        print(path)


if __name__ == "__main__":
    main()
