#!/usr/bin/env python3
"""Times the scan of an archive beside unpacking it with the usual tool and scanning the files.

    cargo build --release && benches/unpack.py TREE [AKID]

Packs TREE in each format. Prints CPU and wall seconds, medians of five alternating runs, and the ratio of CPU. Needs
tar, gzip, bzip2, xz, zstd, lz4, zip and unzip.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

AKID = Path(__file__).resolve().parent.parent / "target/release/akid"
RUNS = 5
# How each format is packed, from x.tar or from the tree, and unpacked into a folder.
FORMATS = {
    "tar": ("true", "tar -xf {archive} -C {out}"),
    "tar.gz": ("gzip -k x.tar", "gzip -dc {archive} | tar -x -C {out}"),
    "tar.bz2": ("bzip2 -k x.tar", "bzip2 -dc {archive} | tar -x -C {out}"),
    "tar.xz": ("xz -k -T0 x.tar", "xz -dc {archive} | tar -x -C {out}"),
    "tar.zst": ("zstd -q -k x.tar", "zstd -qdc {archive} | tar -x -C {out}"),
    "tar.lz4": ("lz4 -q -k x.tar x.tar.lz4", "lz4 -qdc {archive} | tar -x -C {out}"),
    "zip": ('here=$PWD; cd "$TREE"; zip -qr "$here/x.zip" .', "unzip -qo {archive} -d {out}"),
}


def shell(command, **more):
    subprocess.run(["sh", "-e", "-c", command], check=True, **more)


def scan(akid, work, path):
    # The exit code depends on what is found; only the time matters here.
    command = [akid, "scan", "-q", "--no-config", "--no-ignore", "-f", "jsonl", "-o", work / "found", path]
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def unpack_and_scan(akid, work, archive, command):
    out = work / "out"
    out.mkdir()
    shell(command.format(archive=archive, out=out))
    scan(akid, work, out)
    shutil.rmtree(out)


def clock(work):
    """Returns the CPU seconds of the processes that `work` runs, and the wall seconds."""
    before, start = os.times(), time.monotonic()
    work()
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return cpu, time.monotonic() - start


def medians(runs):
    return [statistics.median(column) for column in zip(*runs)]


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    tree = Path(sys.argv[1]).resolve()
    akid = Path(sys.argv[2]).resolve() if len(sys.argv) == 3 else AKID
    print(f"{'archive':<10} {'akid cpu/wall':>14} {'unpack cpu/wall':>16} {'ratio':>6}")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        shell('tar -C "$TREE" -cf x.tar .', cwd=work, env={**os.environ, "TREE": str(tree)})
        for name, (pack, unpack) in FORMATS.items():
            shell(pack, cwd=work, env={**os.environ, "TREE": str(tree)})
            archive = work / f"x.{name}"
            direct, long = [], []
            for _ in range(RUNS):
                direct.append(clock(lambda: scan(akid, work, archive)))
                long.append(clock(lambda: unpack_and_scan(akid, work, archive, unpack)))
            (cpu, wall), (long_cpu, long_wall) = medians(direct), medians(long)
            ratio = cpu / long_cpu if long_cpu else float("nan")
            print(f"{name:<10} {cpu:>7.2f}/{wall:<6.2f} {long_cpu:>9.2f}/{long_wall:<6.2f} {ratio:>6.2f}")


if __name__ == "__main__":
    main()
