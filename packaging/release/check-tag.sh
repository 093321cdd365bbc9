#!/usr/bin/env bash
# Whether a tag is that of the version in Cargo.toml, and the changelog has it: usage: packaging/release/check-tag.sh TAG
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
if [ "$1" != "v$version" ]; then
    echo "packaging/release/check-tag.sh: the tag is not v$version, the version in Cargo.toml" >&2
    exit 1
fi
if ! grep -qF "## [$version]" CHANGELOG.md; then
    echo "packaging/release/check-tag.sh: CHANGELOG.md has no section [$version]" >&2
    exit 1
fi
