#!/usr/bin/env bash
# Writes SHA256SUMS of the files of a release, and checks it: usage: packaging/release/sums.sh FOLDER
set -euo pipefail
cd -- "$1"
rm -f SHA256SUMS
sums=$(sha256sum -- *)
printf '%s\n' "$sums" >SHA256SUMS
sha256sum --check --quiet SHA256SUMS
