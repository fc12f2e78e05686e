"""Batch against single checks, hand-written Polars and the floor of reading the file: rates in processor time.

    python benchmarks/batch.py [--rows 1000000] [--growth] [-o FIGURES.json]

Makes flat Parquet files of one row a transaction: ordinary trade and payments of which one in a hundred has a DPRK
nexus, and a hot mix where every row has one. Every figure is processor time of one process on one core. The floor
reads the file and touches every column once; the peer is hand-written Polars that answers four rules only, for what
it can see (it knows no gaps, no spellings and no list). *Cold*: a new batch, which has yet to read every distinct name, date
and text, and to weigh every distinct value; *warm*: the same batch over the same file again, so that only the work a
row is left. Both read the file and write the tables. Prints a Markdown table; ``-o`` writes the raw figures.
"""

from __future__ import annotations

import os

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # a rate a core

import argparse
import json
import platform
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import polars as pl

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sanctions_engine.batch import Batch, check_frame, nest
from sanctions_engine.engine import Engine
from tests.ordinary_life import COMPANIES, COUNTRIES, FORMS, GOODS

HOT_GOODS = [("infantry rockets", "9306"), ("coal", "2701"), ("frozen squid", "0307"), ("textiles", "62"), ("diesel", "2710.19"),
             ("wheat", "1001"), ("medicine", "3004"), ("machine tools", "8458"), ("iron ore", "2601"), ("spare parts", None)]  # fmt: skip
CHUNK = 500_000


def names(count: int, rng: random.Random) -> list[str]:
    """Return made-up company names."""
    words = [w for c in COMPANIES for w in c.replace("&", " ").split()]
    return [f"{rng.choice(words)} {rng.choice(words)} {n:x} {rng.choice(FORMS)}" for n in range(count)]


def make(path: Path, rows: int, hot_one_in: int, seed: int = 7) -> None:
    """Write a file: countries, goods and dates at random, 20,000 companies, two thirds without a jurisdiction."""
    companies = names(20_000, random.Random(seed))
    pieces: list[Path] = []
    for start in range(0, rows, CHUNK):
        count = min(CHUNK, rows - start)
        seeds = iter(range(seed * 1_000_000 + start, seed * 1_000_000 + start + 100))

        def some(pool: Sequence[object], count: int = count, seeds: Iterator[int] = seeds) -> pl.Series:
            return pl.Series(pool).sample(count, with_replacement=True, seed=next(seeds))

        def drawn(share: float, count: int = count, seeds: Iterator[int] = seeds) -> pl.Series:
            return pl.int_range(count, eager=True).shuffle(seed=next(seeds)) < share * count

        goods = pl.DataFrame(GOODS, schema=["d", "h"], orient="row").sample(
            count, with_replacement=True, seed=next(seeds)
        )
        hot = pl.DataFrame(HOT_GOODS, schema=["d", "h"], orient="row").sample(
            count, with_replacement=True, seed=next(seeds)
        )
        piece = path.with_name(f"{path.stem}-{start:09}.part")
        is_hot, outward = drawn(1 / hot_one_in), drawn(0.5)
        a, b = some(COUNTRIES), some(COUNTRIES)
        day = pl.concat_str(
            some(range(2016, 2027)), some([f"-{n:02}" for n in range(1, 13)]), some([f"-{n:02}" for n in range(1, 29)])
        )
        pl.DataFrame({
            "transaction": pl.select(pl.format("trade-{}", pl.int_range(start, start + count))).to_series(),
            "occurred": pl.select(day).to_series(),
            "activities": some(["sale", "sale|transport", "procurement", "transport"]),
            "supplier_name": some(companies), "recipient_name": some(companies),
            "from_country": a, "to_country": b,
            "mode": some(["sea", "road", "rail", None]),
            "quantity": some(range(100, 90_000)) / 100, "unit": some(["tonnes", "kg", "pieces"]),
            "value": some(range(10_000, 9_000_000)) / 100,
        }).with_columns(
            pl.when(is_hot & ~outward).then(pl.lit("KP")).otherwise("from_country").alias("from_country"),
            pl.when(is_hot & outward).then(pl.lit("North Korea")).otherwise("to_country").alias("to_country"),
            pl.when(is_hot).then(hot["d"]).otherwise(goods["d"]).alias("goods_description"),
            pl.when(drawn(0.8)).then(pl.when(is_hot).then(hot["h"]).otherwise(goods["h"])).alias("hs"),
            pl.lit("USD").alias("currency"),
        ).with_columns(
            pl.when(drawn(0.34)).then("from_country").alias("supplier_country"),
            pl.when(drawn(0.34)).then("to_country").alias("recipient_country"),
        ).with_columns(pl.when(drawn(0.95)).then("to_country").alias("to_country")).write_parquet(piece)  # fmt: skip
        pieces.append(piece)
    pl.scan_parquet(pieces).sink_parquet(path)
    for piece in pieces:
        piece.unlink()


def floor(path: Path) -> int:
    """Read the file and touch every column once."""
    frame = pl.read_parquet(path)
    return sum(int(frame[name].null_count()) + int(frame[name].hash().max() or 0) % 2 for name in frame.columns)


def by_hand(path: Path) -> int:
    """Four rules as an analyst would write them in Polars: arms from and to, coal from, luxury to the DPRK."""
    kp = ["KP", "North Korea"]
    hs = pl.col("hs").str.replace_all(r"[. ]", "")
    text = pl.col("goods_description").str.to_lowercase()
    source = pl.col("from_country").is_in(kp) | pl.col("supplier_country").is_in(kp)
    target = pl.col("to_country").is_in(kp) | pl.col("recipient_country").is_in(kp)
    arms = hs.str.starts_with("93") | text.str.contains("rocket|shell|ammunition|rifle")
    day = pl.col("occurred").str.to_date("%Y-%m-%d")
    frame = pl.scan_parquet(path).select(
        "transaction",
        (source & arms & (day >= pl.date(2009, 6, 12))).alias("1874/9"),
        (target & arms & (day >= pl.date(2009, 6, 12))).alias("1874/10"),
        (source & (hs.str.starts_with("2701") | text.str.contains("coal")) & (day >= pl.date(2017, 8, 5))).alias("2371/8"),
        (target & (hs.str.starts_with("7113") | text.str.contains("jewellery")) & (day >= pl.date(2006, 10, 14))).alias("1718/8(a)(iii)"),
    )  # fmt: skip
    return frame.collect().height


def spent(work: Callable[[], object]) -> float:
    """Return the seconds of processor time that some work takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def single(engine: Engine, path: Path, count: int) -> float:
    """Return transactions a second of single checks on the same rows."""
    rows = [
        {k: None if v is None else str(v) for k, v in row.items()}
        for row in pl.scan_parquet(path).head(count).collect().rows(named=True)
    ]
    return count / spent(lambda: [engine.check(nest([row])) for row in rows])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--growth", action="store_true", help="also 10^4 rows up, by tens, to --rows")
    parser.add_argument("-o", "--out", type=Path)
    options = parser.parse_args()
    engine = Engine(matcher="python")
    figures: list[dict[str, object]] = []
    sizes = [n for n in (10**4, 10**5, 10**6, 10**7) if n < options.rows] if options.growth else []
    print(f"{len(engine.rulebook.rules)} rules, one core, processor time\n")
    print(
        "| mix | rows | cold, rows/s | warm, rows/s | single checks | one by one, /s "
        "| floor, rows/s | by hand (4 rules), rows/s | by hand / cold | by hand / warm | peak memory, MB |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        for mix, one_in in (("1 in 100", 100), ("every row", 1)):
            for rows in (*sizes, options.rows):
                if mix == "every row" and rows > 10**6:
                    continue
                path = Path(folder) / f"{one_in}-{rows}.parquet"
                make(path, rows, one_in)
                fresh = Engine(matcher="python")
                batch = Batch(fresh)

                def run(name: str, path: Path = path, batch: Batch = batch, rows: int = rows) -> None:
                    result = check_frame(batch.engine, path, Path(folder) / f"{name}-{path.stem}", batch=batch)
                    assert result.judged == rows, result

                cold, warm = spent(lambda: run("cold")), spent(lambda: run("warm"))
                peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # before others hold the whole file
                low, hand = (
                    min(spent(lambda path=path, work=work: work(path)) for _ in range(3)) for work in (floor, by_hand)
                )
                one = single(fresh, path, 1_000)
                figures.append({
                    "mix": mix, "rows": rows, "cold_seconds": cold, "warm_seconds": warm,
                    "single_checks": batch.combinations, "single_per_second": one,
                    "floor_seconds": low, "by_hand_seconds": hand,
                    "peak_memory_mb": peak,
                })  # fmt: skip
                cells = (mix, f"{rows:,}", f"{rows / cold:,.0f}", f"{rows / warm:,.0f}", f"{batch.combinations:,}",
                         f"{one:,.0f}", f"{rows / low:,.0f}", f"{rows / hand:,.0f}", f"{cold / hand:.1f}",
                         f"{warm / hand:.1f}", f"{peak:,.0f}")  # fmt: skip
                print("| " + " | ".join(cells) + " |", flush=True)
                path.unlink()
    if options.out:
        machine = {"system": platform.platform(), "processor": _processor(), "cores": os.cpu_count(),
                   "python": platform.python_version(), "polars": pl.__version__}  # fmt: skip
        options.out.write_text(json.dumps({"machine": machine, "figures": figures}, indent=1) + "\n", encoding="utf-8")


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    main()
