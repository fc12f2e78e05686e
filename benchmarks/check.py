"""One check with the whole book against pydantic validation of the same transaction: ratios in one run.

    python benchmarks/check.py [--rounds N]

Prints a Markdown table: microseconds and ratios, for ordinary traffic and for transactions where rules fire, under
both matchers, and the growth with the number of rules.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sanctions_engine.documents import read_file
from sanctions_engine.engine import Engine
from sanctions_engine.rule import CompiledRule
from sanctions_engine.rulebook import Rulebook
from sanctions_engine.transaction import Transaction
from tests.ordinary_life import ordinary_transactions

EXAMPLES = Path(__file__).resolve().parent.parent / "examples" / "transactions"


def timed(function: Callable[[Any], object], items: list[Any], rounds: int) -> float:
    """Return the median, over rounds, of microseconds of processor time an item."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        for item in items:
            function(item)
        times.append((time.process_time() - start) / len(items) * 1e6)
    return statistics.median(times)


def sized(book: Rulebook) -> list[tuple[str, Rulebook]]:
    """Return rulebooks of growing size made of one: the DPRK's rules first, all of them, all of them repeated."""
    ordered = sorted(book.rules, key=lambda rule: rule.regime.regime != "un.dprk")
    sizes = (
        ("50 of the DPRK's", ordered[:50]),
        ("200, the DPRK's first", ordered[:200]),
        (f"all {len(book.rules)} of all regimes", list(book.rules)),
        ("2,000 (all, repeated)", [book.rules[i % len(book.rules)] for i in range(2_000)]),
    )
    return [(name, of_rules(book, rules)) for name, rules in sizes]


def of_rules(book: Rulebook, rules: Iterable[CompiledRule]) -> Rulebook:
    """Return a rulebook that holds only some rules."""
    return replace(book, rules=tuple(replace(rule, index=i) for i, rule in enumerate(rules)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    python = Engine(matcher="python")
    durable = Engine(matcher="durable")
    ordinary = ordinary_transactions(200)
    hot = [data for file in sorted(EXAMPLES.glob("*.yaml")) if isinstance(data := read_file(file).data, dict)]
    hot = [raw for raw in hot if python.check(raw).findings]
    print(f"{len(python.rulebook.rules)} rules, {len(python.rulebook.regimes)} regimes\n")
    print("| traffic | pydantic alone | python | ratio | durable | ratio |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, raws in (("ordinary", ordinary), ("rules fire", hot)):
        base = timed(Transaction.model_validate, raws, rounds)
        one = timed(python.check, raws, rounds)
        two = timed(durable.check, raws, rounds)
        print(f"| {name} | {base:.0f} µs | {one:.0f} µs | {one / base:.1f} | {two:.0f} µs | {two / base:.1f} |")
    print("\n| rules | ordinary | rules fire |")
    print("|---|---:|---:|")
    for name, book in sized(python.rulebook):
        engine = Engine(book, matcher="python")
        print(
            f"| {name} | {timed(engine.check, ordinary, rounds):.0f} µs | {timed(engine.check, hot, rounds):.0f} µs |"
        )


if __name__ == "__main__":
    main()
