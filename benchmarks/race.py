"""The race: the same rules and data before us and before every named rule engine, Polars and DuckDB.

    pip install -e ".[batch,spark]" -r benchmarks/requirements.txt
    python benchmarks/race.py -o benchmarks/results/race.json [--rounds 3] [--rows 10000,100000,1000000]
    python benchmarks/race.py -o benchmarks/results/race.json --only missing,batch     # the rest is kept
    python benchmarks/race.py -o benchmarks/results/race.json --only charts            # draw and print again

Every figure is processor time, measured in a process of its own; the runners take turns, round by round, and the median
counts, so that a busy machine slows all of them alike. Writes the figures with the machine they come from, draws
``benchmarks/charts/*.svg``, and prints the tables.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from race_peers import PEERS
from race_rules import RULES, more_rules

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

Figures = dict[str, Any]
WHOLE, TWELVE = "the whole book", "the twelve"
OURS = {
    f"ours, {what}, {book}, {matcher}": (what, book, matcher)
    for what in ("whole check", "rules only")
    for book in (TWELVE, WHOLE)
    for matcher in ("python", "durable")
}
READING = "reading the facts, before any engine"
CHECK = f"ours, whole check, {WHOLE}, python"
GROWING = (f"ours, rules only, {WHOLE}, python", CHECK, *PEERS)
SIZES = (12, 50, 200, 2_000)
PASSES = 3
TIMED = 120
"""How many transactions of a kind are timed; answers are counted over all."""
PATIENCE = 900
"""Seconds after which a runner is stopped, and has failed."""


# ---------------------------------------------------------------------- in a process of its own


def spent(work: Callable[[], object]) -> float:
    """Return the seconds of processor time that some work takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def peak() -> float:
    """Return the most memory this process has had, in MB."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    # Not ru_maxrss: on Linux that starts with what the parent had.
    return next(int(line.split()[1]) / 1024 for line in status.read_text().splitlines() if line.startswith("VmHWM"))


def run_single(name: str, sample: Path, count: int) -> Figures:
    """Time one engine on single transactions, and return its answers."""
    situations = json.loads(sample.read_text(encoding="utf-8"))
    before = peak()
    start = time.process_time()
    if name == READING:
        from race_sample import read

        prepare, answer = (lambda situation: situation["raw"]), read()
    elif name in OURS:
        prepare, answer = _ours(*OURS[name], None if count == len(RULES) else count)
    else:
        peer = PEERS[name](more_rules(count))

        def prepare(situation: Figures) -> list[Any]:
            return [peer.prepare(facts) for facts in situation["facts"]]

        def answer(prepared: list[Any]) -> object:
            return [peer.answer(line) for line in prepared]

    build = time.process_time() - start
    streams: Figures = {}
    for kind in dict.fromkeys(situation["kind"] for situation in situations):
        its = [situation for situation in situations if situation["kind"] == kind]
        own = [prepare(situation) for situation in its[:: -(-len(its) // TIMED)]]
        for one in own:
            answer(one)  # whatever is learned at the first sight of something is learned
        passes = [spent(lambda own=own: [answer(one) for one in own]) for _ in range(PASSES)]
        streams[kind] = statistics.median(passes) / len(own) * 1e6
    found: Figures = {"build_ms": build * 1e3, "us": streams, "memory_mb": peak() - before}
    if name in PEERS and count == len(RULES):
        found["answers"] = [answer(prepare(situation)) for situation in situations]
    return found


def _ours(what: str, book: str, matcher: Any, size: int | None) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    from check import of_rules, sized

    from sanctions_engine.engine import Engine
    from sanctions_engine.rulebook import Rulebook
    from sanctions_engine.transaction import Transaction

    law = Rulebook.load()
    if size is not None:
        law = next(rules for _, rules in sized(law) if len(rules.rules) == size)
    elif book == TWELVE:
        names = {rule.rule for rule in RULES}
        law = of_rules(law, [rule for rule in law.rules if rule.id in names])
    engine = Engine(law, matcher=matcher)
    if what == "whole check":
        return (lambda situation: situation["raw"]), engine.check

    def prepare(situation: Figures) -> Any:
        facts = engine.facts(Transaction.of(situation["raw"]))
        answer(facts)  # every fact is read once, as the peers' are
        return facts

    def answer(facts: Any) -> object:
        facts.weighed.clear()  # or it would know from the last time what each test says
        live, _ = engine._live(facts)  # noqa: SLF001  # the part of a check that only evaluates rules
        return engine.matcher.match(facts, live) if live.rules else None

    return prepare, answer


BATCHES = ("the floor", "Polars by hand", "DuckDB by hand", "ours")


def run_batch(name: str, path: Path, hits: Path | None) -> Figures:
    """Time one runner on a file."""
    import batch
    import race_batch

    from sanctions_engine.engine import Engine

    engine = Engine(matcher="python")
    before = peak()
    more: Figures = {}
    with tempfile.TemporaryDirectory() as folder:
        if name == "ours":
            from sanctions_engine.batch import Batch, check_frame

            learned = Batch(engine)
            start = time.process_time()
            result = check_frame(engine, path, Path(folder) / "cold", batch=learned)
            seconds = time.process_time() - start
            again = spent(lambda: check_frame(engine, path, Path(folder) / "warm", batch=learned))
            more = {"warm_seconds": again, "single_checks": learned.combinations}
            found = result.findings if hits is not None else None
        else:
            work = {
                "the floor": batch.floor,
                "Polars by hand": race_batch.by_polars,
                "DuckDB by hand": race_batch.by_duckdb,
            }[name]
            start = time.process_time()
            found = work(path)
            seconds = time.process_time() - start
        memory = peak() - before
        if hits is not None and not isinstance(found, int):
            found.write_parquet(hits)
    return {"seconds": seconds, "memory_mb": memory, **more}


# ---------------------------------------------------------------------- the course


def apart(*arguments: object) -> Figures:
    """Run this file again in a process of its own; what fails says why."""
    return started([HERE / "race.py", *arguments])


def started(arguments: Iterable[object]) -> Figures:
    """Run a script that prints its figures in the last line."""
    command = [sys.executable, *map(str, arguments)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return {"failed": f"still running after {PATIENCE} s"}
    if done.returncode:
        if done.returncode < 0:
            return {"failed": f"killed by signal {-done.returncode}"}
        return {"failed": (done.stderr.strip().splitlines() or ["no message"])[-1][:160]}
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def median_of(runs: list[Figures]) -> Figures:
    """Return the medians of what several runs measured."""
    failed = next((run for run in runs if "failed" in run), None)
    if failed is not None:
        return failed
    first = runs[0]
    middle: Figures = {}
    for key, value in first.items():
        if isinstance(value, dict):
            middle[key] = {k: statistics.median(run[key][k] for run in runs) for k in value}
        elif isinstance(value, float):
            middle[key] = statistics.median(run[key] for run in runs)
        else:
            middle[key] = value
    return middle


def told(text: str) -> None:
    print(f"  {text}", file=sys.stderr, flush=True)


def race_single(sample: Path, rounds: int) -> Figures:
    """(a) and (d): single transactions, the twelve paragraphs."""
    runs: dict[str, list[Figures]] = {name: [] for name in (*OURS, READING, *PEERS)}
    for number in range(rounds):
        for name, own in runs.items():
            told(f"single, round {number + 1}: {name}")
            own.append(apart("--single", name, "--sample", sample, "--count", len(RULES)))
    return {name: median_of(own) for name, own in runs.items()}


def race_growth(sample: Path, rounds: int) -> Figures:
    """(c): the same with more rules, on ordinary traffic."""
    runs: dict[tuple[str, int], list[Figures]] = {}
    for number in range(rounds):
        for count in SIZES[1:]:
            for name in GROWING:
                if any("failed" in run for run in runs.get((name, count), ())):
                    continue
                told(f"growth, round {number + 1}: {count} rules, {name}")
                runs.setdefault((name, count), []).append(apart("--single", name, "--sample", sample, "--count", count))
    return {name: {str(count): median_of(runs[name, count]) for count in SIZES[1:]} for name in GROWING}


def race_batch_files(sizes: Iterable[int], rounds: int, folder: Path) -> Figures:
    """(b), (c) and (d): files of a growing number of rows."""
    import batch
    import polars as pl
    from race_batch import compared

    found: Figures = {"rows": {}}
    largest = 1_000_000
    for mix, one_in in (("1 in 100", 100), ("every row", 1)):
        for rows in sizes:
            if mix == "every row" and rows > 100_000:
                continue
            path = folder / f"{one_in}-{rows}.parquet"
            told(f"batch: making {rows:,} rows, {mix}")
            batch.make(path, rows, one_in)
            runs: dict[str, list[Figures]] = {name: [] for name in BATCHES}
            for number in range(rounds if rows < largest else 1):
                for name, own in runs.items():
                    told(f"batch, round {number + 1}: {rows:,} rows, {mix}, {name}")
                    hits = folder / f"hits-{name.replace(' ', '-')}.parquet"
                    own.append(apart("--batch", name, "--file", path, *(("--hits", hits) if number == 0 else ())))
                    if "failed" in own[-1]:
                        break
            found["rows"][f"{mix}, {rows}"] = {name: median_of(own) for name, own in runs.items()}
            path.unlink()
            kept = {name: folder / f"hits-{name.replace(' ', '-')}.parquet" for name in BATCHES[1:]}
            if all(file.exists() for file in kept.values()) and rows <= largest:
                ours, polars, duck = (
                    pl.read_parquet(kept[name]) for name in ("ours", "Polars by hand", "DuckDB by hand")
                )
                assert set(polars.rows()) == set(duck.rows()), "Polars and DuckDB were told the same rules"
                found[f"answers, {mix}"] = {"rows": rows, **compared(ours, polars)}
            for file in kept.values():
                file.unlink(missing_ok=True)
    return found


SPARK_ROWS, SPARK_FILES = 2_400_000, 12


def race_spark(folder: Path) -> Figures:
    """Local Spark pinned to one core and to two, and what the machine gives two processes that share nothing."""
    import batch
    import polars as pl

    files = folder / "spark"
    files.mkdir()
    told(f"spark: making {SPARK_ROWS:,} rows")
    batch.make(folder / "all.parquet", SPARK_ROWS, 100)
    frame = pl.read_parquet(folder / "all.parquet")
    size = SPARK_ROWS // SPARK_FILES
    for n in range(SPARK_FILES):
        frame[n * size : (n + 1) * size].write_parquet(files / f"{n:02}.parquet")
    del frame
    found: Figures = {}
    for name, options in (("one core", ("--cores", 1)), ("two cores", ("--cores", 2)), ("machine", ("--machine",))):
        told(f"spark: {name}")
        found[name] = started([HERE / "race_spark.py", *options, "--folder", files])
    return found


def judged(answers: list[list[list[bool]]], truth: list[list[list[str]]]) -> dict[str, int]:
    """Count a peer's answers by what our whole rulebook says.

    Open questions (``potential``) have no right answer among yes and no: no clears in silence, yes overstates.
    """
    counts: Counter[str] = Counter()
    for lines, own in zip(answers, truth, strict=True):
        for line, its in zip(lines, own, strict=True):
            for yes, outcome in zip(line, its, strict=True):
                if outcome == "violation":
                    counts["right" if yes else "a breach called clear"] += 1
                elif outcome == "potential":
                    counts["open, called a breach" if yes else "open, called clear"] += 1
                else:
                    counts["excepted, called a breach" if yes else "right"] += 1
    return dict(counts)


# ---------------------------------------------------------------------- telling it


def machine() -> Figures:
    """Describe what the figures were measured on."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    packages = ["polars", "duckdb", "pydantic", *(PEERS[name].package for name in PEERS if PEERS[name].package)]
    return {
        "when": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": names[0] if names else platform.machine(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        "packages": {name: metadata.version(name) for name in dict.fromkeys(packages)},
    }


def run(only: set[str], out: Path, rounds: int, sizes: list[int]) -> Figures:
    """Run the parts that are asked for and put them with those measured before."""
    figures: Figures = json.loads(out.read_text(encoding="utf-8")) if out.exists() else {}
    out.parent.mkdir(parents=True, exist_ok=True)

    def keep(part: str, found: Figures) -> None:
        figures[part] = {**found, "of": machine()}
        out.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if only & {"single", "growth"}:
            from race_sample import situations

            from sanctions_engine.engine import Engine

            told("the sample, judged by the whole rulebook")
            engine = Engine(matcher="python")
            found, failed = situations(engine)
            told_as = [{"kind": s.kind, "raw": s.raw, "facts": s.facts} for s in found]
            whole, few = folder / "sample.json", folder / "few.json"
            whole.write_text(json.dumps(told_as), encoding="utf-8")
            few.write_text(json.dumps([s for s in told_as if s["kind"] == "ordinary"][:40]), encoding="utf-8")
            truth = [[list(line) for line in s.answers] for s in found]
            if "single" in only:
                single = race_single(whole, rounds)
                for result in single.values():
                    if "answers" in result:
                        result["answers"] = judged(result["answers"], truth)
                kinds = Counter(s.kind for s in found)
                keep("single", {
                    "transactions": kinds, "scenarios_not_passed": failed, "runners": single,
                    "rules": {TWELVE: len(RULES), WHOLE: len(engine.rulebook.rules)},
                    "ours_by_outcome": Counter(o for lines in truth for line in lines for o in line),
                })  # fmt: skip
            if "growth" in only:
                keep("growth", {"runners": race_growth(few, rounds)})
        if "missing" in only:
            from race_missing import TESTS, missing

            keep("missing", {"tests": TESTS, "answers": missing()})
        if "batch" in only:
            earlier, now = figures.get("batch", {"rows": {}}), race_batch_files(sizes, rounds, folder)
            keep("batch", {**earlier, **now, "rows": {**earlier["rows"], **now["rows"]}})
        if "spark" in only:
            keep("spark", race_spark(folder))
    return figures


PARTS = ("single", "growth", "missing", "batch", "spark", "charts")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--out", type=Path)
    parser.add_argument("--only", default=",".join(PARTS), help="parts, with commas between")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", default="10000,100000,1000000,10000000")
    for name in ("single", "batch"):
        parser.add_argument(f"--{name}", help=argparse.SUPPRESS)
    for name in ("sample", "file", "hits"):
        parser.add_argument(f"--{name}", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--count", type=int, default=len(RULES), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.single:
        with contextlib.redirect_stdout(sys.stderr):
            result = run_single(options.single, options.sample, options.count)
        print(json.dumps(result))
        return
    if options.batch:
        print(json.dumps(run_batch(options.batch, options.file, options.hits)))
        return
    only = set(options.only.split(","))
    if options.out is None or only - set(PARTS):
        parser.error(f"-o is needed, and parts are {', '.join(PARTS)}")
    figures = run(only, options.out, options.rounds, [int(n) for n in options.rows.split(",")])
    from race_tables import draw, tables

    print(tables(figures))
    draw(figures, HERE / "charts")


if __name__ == "__main__":
    main()
