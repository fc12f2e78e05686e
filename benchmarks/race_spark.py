"""Local Spark with one core and with two, over the same files: time, processor time and what is learned anew.

    python benchmarks/race_spark.py --cores 2 --folder PARQUET_FOLDER      # used by race.py

Wall time says what a user waits, and suffers from whatever else the machine does. Processor time of the Python workers
a row says what would remain on a machine of one's own: if it is the same with two cores as with one, two cores do twice
the work.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
TICKS = os.sysconf("SC_CLK_TCK")


def processes() -> dict[int, tuple[int, str, float]]:
    """Return parent, name and seconds of processor time of every process."""
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            name, _, rest = (folder / "stat").read_text().partition("(")[2].rpartition(")")
        except OSError:
            continue  # it ended while we looked
        fields = rest.split()
        found[int(folder.name)] = (int(fields[1]), name, (int(fields[11]) + int(fields[12])) / TICKS)
    return found


def below(root: int) -> dict[str, float]:
    """Return the processor time of what descends from a process: of Java, and of Python workers."""
    everything = processes()
    spent = {"java": 0.0, "python": 0.0}
    for process, (parent, name, seconds) in everything.items():
        while parent not in (root, 0, 1) and parent in everything:
            parent = everything[parent][0]
        if parent == root and process != root:
            spent["java" if name == "java" else "python"] += seconds
    return spent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cores", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    from pyspark.sql import SparkSession

    from sanctions_engine.spark import check_spark

    session = (
        SparkSession.builder.master(f"local[{options.cores}]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "localhost")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.memory", "2g")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.sql.files.openCostInBytes", str(64 << 20))  # one task a file
        .config("spark.sql.files.maxPartitionBytes", str(64 << 20))
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    frame = session.read.parquet(str(options.folder))
    rows = frame.count()
    check_spark(frame.limit(1000), one_row_each=True).write.format("noop").mode("overwrite").save()  # workers are up
    runs: dict[str, Any] = {"rows": rows, "partitions": frame.rdd.getNumPartitions(), "load": os.getloadavg()[0]}
    for name, one_row_each in (("cold", True), ("warm", True), ("warm", True), ("warm, with the shuffle", False)):
        before, start = below(os.getpid()), time.perf_counter()
        check_spark(frame, one_row_each=one_row_each).write.format("noop").mode("overwrite").save()
        wall, after = time.perf_counter() - start, below(os.getpid())
        run = {"seconds": wall} | {f"{kind}_cpu": after[kind] - before[kind] for kind in after}
        # Which worker gets which file is Spark's choice: at the second time each has seen most of them.
        runs[name] = min(runs.get(name, run), run, key=lambda one: one["python_cpu"])
    session.stop()
    print(json.dumps(runs))


if __name__ == "__main__":
    main()
