#!/usr/bin/env bash
# Builds akid for a release: usage: packaging/release/build.sh TARGET OUT
#
# OUT gets akid-VERSION-TARGET.tar.gz and a wheel. The binary needs no library that is not on every such system: on
# Linux and Windows the C library is in it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

target=$1
mkdir -p "$2"
out=$(cd "$2" && pwd)

export CARGO_PROFILE_RELEASE_STRIP=symbols
# Else the system's zlib is linked to when there is one.
export LIBZ_SYS_STATIC=1
wheel=()
case $target in
    *-linux-gnu)
        export RUSTFLAGS="-C target-feature=+crt-static"
        # Without a C library to fit, it fits every one.
        wheel=(--compatibility manylinux2014)
        ;;
    *-windows-msvc) export RUSTFLAGS="-C target-feature=+crt-static" ;;
esac

cargo build --locked --release --target "$target"
folder=${CARGO_TARGET_DIR:-target}/$target/release
program=$folder/akid
[ -f "$program" ] || program=$folder/akid.exe
if [[ $target == *-linux-gnu ]] && ldd "$program" 2>&1 | grep -q '=>'; then
    echo "packaging/release/build.sh: $program needs libraries of the system:" >&2
    ldd "$program" >&2
    exit 1
fi
python3 packaging/release/archive.py "$program" "$target" "$out"
cp LICENSE-MIT LICENSE-APACHE packaging/python/
(cd packaging/python && maturin build --locked --release --target "$target" --out "$out" ${wheel[@]+"${wheel[@]}"})
