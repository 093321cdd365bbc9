#!/usr/bin/env bash
# Puts what the container image is made of into a folder: usage: packaging/release/container.sh DIST FOLDER
#
# DIST has the archives of Linux.
set -euo pipefail

for pair in amd64:x86_64 arm64:aarch64; do
    folder=$2/linux/${pair%%:*}
    mkdir -p "$folder"
    for archive in "$1"/akid-*-"${pair##*:}"-unknown-linux-gnu.tar.gz; do
        tar -xzf "$archive" --directory "$folder" --strip-components 1 --wildcards '*/akid'
    done
    [ -x "$folder/akid" ] || { echo "packaging/release/container.sh: no akid for ${pair%%:*} in $1" >&2; exit 1; }
done
cp /etc/ssl/certs/ca-certificates.crt "$2/"
