"""Scan repositories and objects on a Spark cluster.

    from akid.spark import scan_repositories

    targets = spark.createDataFrame([("https://git.example.com/team/shop",)], "target string")
    rows = scan_repositories(targets.repartition(targets.count()))
    rows.where("kind = 'status' and status <> 'ok'").show()

Both functions return a `DataFrame` with the columns of `COLUMNS`: a row for each finding, and rows that say how each
scan ended. That a target cannot be scanned is such a row. Only faults of the worker, such as a missing command or a
full disk, raise an exception, so that Spark tries the task again.

The package `akid-scanner[spark]` must be installed on all workers.
"""

from ._objects import scan_objects
from ._repositories import scan_repositories
from ._rows import COLUMNS, SCHEMA

__all__ = ["COLUMNS", "SCHEMA", "scan_objects", "scan_repositories"]
