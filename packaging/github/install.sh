#!/usr/bin/env bash
# Finds akid for the action, or installs a release of it; tells where it is as the output `akid`.
#
# Takes AKID_PATH, AKID_VERSION, AKID_DOWNLOAD_URL and AKID_REPOSITORY, and what GitHub sets.
set -euo pipefail

die() {
    echo "::error title=akid::$*"
    exit 2
}

use() {
    "$1" --version || die "the akid that was given or installed does not run"
    echo "akid=$1" >>"$GITHUB_OUTPUT"
    exit 0
}

if [ -n "${AKID_PATH:-}" ]; then
    [ -x "$AKID_PATH" ] || die "akid-path: there is no program there"
    use "$(cd "$(dirname "$AKID_PATH")" && pwd)/$(basename "$AKID_PATH")"
fi
if [ -z "${AKID_VERSION:-}" ] && found=$(type -P akid); then
    use "$found"
fi

case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) target=x86_64-unknown-linux-gnu ;;
    Linux-aarch64) target=aarch64-unknown-linux-gnu ;;
    Darwin-x86_64) target=x86_64-apple-darwin ;;
    Darwin-arm64) target=aarch64-apple-darwin ;;
    MINGW*-x86_64 | MSYS*-x86_64) target=x86_64-pc-windows-msvc ;;
    *) die "there is no release for this system: build akid with cargo and give its path as akid-path" ;;
esac

version=${AKID_VERSION:-}
if [ -z "$version" ]; then
    # The version that these very files belong to.
    version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$GITHUB_ACTION_PATH/Cargo.toml" | head -n 1)
fi
version=${version#v}
case $version in
    '' | *[!0-9A-Za-z.+-]*) die "version: not a version, such as 1.2.3" ;;
esac

url=${AKID_DOWNLOAD_URL:-}
if [ -z "$url" ]; then
    [ -n "${AKID_REPOSITORY:-}" ] || die "GitHub does not say which repository the action is from: give akid-path"
    url=https://github.com/$AKID_REPOSITORY/releases/download/v$version
fi

folder=$(mktemp -d "${RUNNER_TEMP:-/tmp}/akid.XXXXXX")
archive=akid-$version-$target.tar.gz
for file in "$archive" SHA256SUMS; do
    curl --fail --silent --show-error --location --retry 3 --output "$folder/$file" "$url/$file" ||
        die "$file of release $version could not be downloaded"
done

cd "$folder"
grep -F "  $archive" SHA256SUMS >expected || die "SHA256SUMS does not name $archive"
if type -P sha256sum >/dev/null; then
    sha256sum --check --status expected || die "the checksum of $archive is wrong: it is not installed"
else
    shasum --algorithm 256 --check --status expected || die "the checksum of $archive is wrong: it is not installed"
fi
tar -xzf "$archive"
program=$folder/akid-$version-$target/akid
[ -x "$program" ] || program=$program.exe
use "$program"
