"""`akid-spark`: scans targets on a Spark cluster and writes Parquet.

akid-spark --targets repositories.txt --out s3a://security/akid
spark-submit --master yarn "$(akid-spark --script)" --targets repositories.txt --out s3a://security/akid
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime, timezone
from typing import Dict, List, Optional, Tuple

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

from akid.spark import scan_objects, scan_repositories

MOST_PARTITIONS = 10_000
"""So many targets have a task of their own. More of them share one."""


def main(arguments: Optional[List[str]] = None) -> int:
    """Runs the command; returns its exit code."""
    args = parse(arguments)
    if args.script:
        print(__file__)
        return 0
    spark = SparkSession.builder.appName("akid").getOrCreate()
    now = datetime.now(timezone.utc)
    rows = repositories(spark, args) if args.targets else objects(spark, args)
    run = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    rows = rows.withColumn("run", f.lit(run)).withColumn("date", f.lit(now.strftime("%Y-%m-%d")).cast("date"))
    rows.write.mode("append").partitionBy("date").parquet(args.out)
    return summary(spark.read.parquet(args.out).where(f.col("run") == run), args.exit_code)


def parse(arguments: Optional[List[str]]) -> argparse.Namespace:
    """Reads the arguments."""
    parser = argparse.ArgumentParser(prog="akid-spark", description="Scan repositories or objects on a Spark cluster.")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--targets", metavar="FILE", help="list of repositories, as `akid fleet scan` takes it")
    what.add_argument("--objects", metavar="URI", help="files to scan, with those in folders below")
    what.add_argument("--listing", metavar="FILE", help="list of objects to scan, one URI a line")
    what.add_argument("--script", action="store_true", help="print the path of this program, for spark-submit")
    parser.add_argument("--out", metavar="URI", help="folder to which Parquet files are added")
    parser.add_argument("--partitions", type=int, metavar="N", help="number of tasks [default: one per target]")
    parser.add_argument(
        "--timeout", type=int, metavar="SECONDS", help="for a target [3600] or a stream of objects [600]"
    )
    parser.add_argument("--local", metavar="DIR", help="folder of each worker for mirrors and results")
    parser.add_argument("--mirror-budget", type=int, metavar="BYTES", help="delete mirrors in --local beyond this")
    parser.add_argument("--cache", metavar="DIR", help="folder of each worker for the cache of clean objects")
    parser.add_argument("--shared-cache", metavar="DIR", help="folder that all workers see, to share the cache")
    parser.add_argument("--allow-file-urls", action="store_true", help="allow targets with `file://` URLs")
    parser.add_argument("--config", metavar="FILE", help="configuration for all targets, on each worker")
    parser.add_argument("--binary", metavar="FILE", help="path of akid on the workers")
    parser.add_argument("--exit-code", action="store_true", help="end with 1 if findings fail, with 2 if incomplete")
    args = parser.parse_args(arguments)
    if not args.script and not args.out:
        parser.error("--out is missing")
    return args


def repositories(spark: SparkSession, args: argparse.Namespace) -> DataFrame:
    """Scans the list of repositories."""
    targets = [target_of(line) for line in lines_of(spark, args.targets)]
    # Of two lines for one target the last one says more.
    labels: Dict[str, Dict[str, str]] = {}
    for target, some in targets:
        labels.setdefault(target, {}).update(some)
    df = spark.createDataFrame(list(labels.items()), "target string, labels map<string,string>")
    names = ("local", "mirror_budget", "cache", "shared_cache", "allow_file_urls", "binary")
    more = {name: getattr(args, name) for name in names}
    partitions = args.partitions or max(1, min(len(labels), MOST_PARTITIONS))
    df = df.repartition(partitions)
    return scan_repositories(df, timeout=args.timeout or 3600, options=options_of(args), **more)


def lines_of(spark: SparkSession, path: str) -> List[str]:
    """Returns the lines of a list that say something."""
    lines = [row.value.strip() for row in spark.read.text(path).collect()]
    return [line for line in lines if line and not line.startswith("#")]


def target_of(line: str) -> Tuple[str, Dict[str, str]]:
    """Returns the target of a line, and its labels."""
    if not line.startswith("{"):
        return line, {}
    try:
        read = json.loads(line)
        target = next(read[name] for name in ("target", "url", "path") if name in read)
        return str(target), {str(name): str(value) for name, value in read.get("labels", {}).items()}
    except (ValueError, StopIteration, AttributeError):
        sys.exit('akid-spark: a line of --targets is no target: write {"target": …, "labels": {…}}')


def objects(spark: SparkSession, args: argparse.Namespace) -> DataFrame:
    """Scans objects."""
    if args.listing:
        df = spark.createDataFrame([(line,) for line in lines_of(spark, args.listing)], "path string")
    else:
        df = spark.read.format("binaryFile").option("recursiveFileLookup", True).load(args.objects)
    if args.partitions:
        df = df.repartition(args.partitions)
    return scan_objects(df, timeout=args.timeout or 600, options=options_of(args), binary=args.binary)


def options_of(args: argparse.Namespace) -> List[str]:
    """Returns the options for akid itself."""
    return ["--config", args.config] if args.config else []


def summary(rows: DataFrame, has_exit_code: bool) -> int:
    """Prints how the scans ended; returns the exit code."""
    counted = [f.count("*").alias("count"), f.sum("failing").alias("failing")]
    ends = {row.status: row for row in rows.where("kind = 'status'").groupBy("status").agg(*counted).collect()}
    credentials = rows.where("kind = 'finding' and suppressed is null").select("credential_id").distinct().count()
    counts = ", ".join(f"{row['count']} {status}" for status, row in sorted(ends.items())) or "nothing to scan"
    print(f"akid-spark: {counts}; {credentials} credentials", file=sys.stderr)
    if not has_exit_code:
        return 0
    if any(status not in ("ok", "unreadable") for status in ends):
        return 2
    return 1 if any(row.failing for row in ends.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
