"""Local Spark with one core and with two, over the same files: time by the clock, and processor time a row.

    python benchmarks/race_spark.py --cores 2 --folder PARQUET_FOLDER      # used by race.py
    python benchmarks/race_spark.py --machine --folder PARQUET_FOLDER      # what the machine gives two processes

``local[1]`` alone is not one core: it means one task at a time, while Java's compiler and collector, the driver and the
Python worker run beside it on whatever core is free. So the whole run is pinned: to one processor, or to two, before
Java starts; Java is told how many it has and uses the same collector in both.

A machine need not give two processes twice the work of one, for they share memory and caches, and a virtual machine's
two processors may be one real one. ``--machine`` measures that: the plain batch in one process on one processor, then
in two at the same time, sharing nothing. Spark cannot do better than that.

Rows must be many (here millions) and files more than cores and of one size: a session's first seconds go to Java's
compiler and to what each worker learns of values. *Cold* is the first run of a session; *warm* the best of three after it, when
every worker has seen most values; *with the shuffle* the best of two more, by the ids of transactions.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

os.environ.setdefault("POLARS_MAX_THREADS", "1")

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
TICKS = os.sysconf("SC_CLK_TCK")
PASSES = 12
"""How often the plain batch goes over a file, once it has learned of it."""


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


def pinned(cores: int) -> None:
    """Keep this process, and all that it starts, on so many processors.

    Raises:
        SystemExit: There are not so many.
    """
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < cores:
        raise SystemExit(f"{cores} processors are needed, and {len(allowed)} may be used")
    os.sched_setaffinity(0, allowed[:cores])


def run_spark(cores: int, folder: Path) -> dict[str, Any]:
    """Time ``check_spark`` on so many cores."""
    pinned(cores)
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    from pyspark.sql import SparkSession

    from sanctions_engine.spark import check_spark

    files = len(list(folder.glob("*.parquet")))
    session = (
        SparkSession.builder.master(f"local[{cores}]")
        .config("spark.driver.extraJavaOptions", f"-XX:ActiveProcessorCount={cores} -XX:+UseParallelGC")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.driver.host", "localhost")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.memory", "2g")
        .config("spark.sql.shuffle.partitions", str(files))
        .config("spark.sql.files.openCostInBytes", str(64 << 20))  # one task a file
        .config("spark.sql.files.maxPartitionBytes", str(64 << 20))
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("OFF")
    frame = session.read.parquet(str(folder))
    rows = frame.count()
    check_spark(frame.limit(1000), one_row_each=True).write.format("noop").mode("overwrite").save()  # workers are up
    runs: dict[str, Any] = {"rows": rows, "partitions": frame.rdd.getNumPartitions(), "load": os.getloadavg()[0]}
    for name, times, one_row_each in (("cold", 1, True), ("warm", 3, True), ("warm, with the shuffle", 2, False)):
        for _ in range(times):
            before, start = below(os.getpid()), time.perf_counter()
            check_spark(frame, one_row_each=one_row_each).write.format("noop").mode("overwrite").save()
            wall, after = time.perf_counter() - start, below(os.getpid())
            run = {"seconds": wall} | {f"{kind}_cpu": after[kind] - before[kind] for kind in after}
            runs[name] = min(runs.get(name, run), run, key=lambda one: one["seconds"])
    session.stop()
    return runs


def run_plain(processor: int, file: Path) -> None:
    """Learn of a file, then go over it again as often as a line comes in, and say how long each time took."""
    os.sched_setaffinity(0, {processor})
    import polars as pl

    from sanctions_engine.batch import Batch
    from sanctions_engine.engine import Engine

    frame, batch = pl.read_parquet(file), Batch(Engine(matcher="python"))
    batch.check(frame)
    print(frame.height, flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        for _ in range(PASSES):
            batch.check(frame)
        print(time.perf_counter() - start, flush=True)


def run_machine(folder: Path) -> dict[str, Any]:
    """Return rows a second of the plain batch in one process, and in two at the same time that share nothing."""
    file = min(folder.glob("*.parquet"))
    pinned(2)
    both = [
        subprocess.Popen(
            [sys.executable, __file__, "--plain", str(processor), "--folder", str(file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for processor in sorted(os.sched_getaffinity(0))
    ]

    def said(by: Iterable[subprocess.Popen[str]]) -> list[float]:
        return [float(one.stdout.readline()) for one in by if one.stdout is not None]

    rows = said(both)[0] * PASSES
    rates: list[float] = []
    for together in (both[:1], both[1:], both):
        for one in together:
            assert one.stdin is not None
            one.stdin.write("go\n")
            one.stdin.flush()
        rates.append(sum(rows / seconds for seconds in said(together)))
    for one in both:
        one.communicate()
    return {"one": sum(rates[:2]) / 2, "two": rates[2], "load": os.getloadavg()[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--cores", type=int, help="time Spark on so many")
    what.add_argument("--machine", action="store_true", help="time two processes that share nothing")
    what.add_argument("--plain", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    if options.plain is not None:
        run_plain(options.plain, options.folder)
        return
    print(json.dumps(run_machine(options.folder) if options.machine else run_spark(options.cores, options.folder)))


if __name__ == "__main__":
    main()
