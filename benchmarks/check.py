"""One check with the whole book against pydantic validation of the same transaction: ratios in one run.

    python benchmarks/check.py [--rounds N]

Prints a Markdown table: microseconds and ratios, for ordinary traffic and for transactions where rules fire, under
both matchers, and the growth with the number of rules. Where a compiled build of the package is installed, that is
what is measured, and the first line says so.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from operator import truediv
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parent.parent))  # last: an installed package comes before the checkout

from sanctions_engine import judge
from sanctions_engine.documents import read_file
from sanctions_engine.engine import Engine
from sanctions_engine.rule import CompiledRule
from sanctions_engine.rulebook import Rulebook
from sanctions_engine.transaction import Transaction
from tests.ordinary_life import ordinary_transactions

EXAMPLES = Path(__file__).resolve().parent.parent / "examples" / "transactions"


def timed(functions: list[Callable[[Any], object]], items: list[Any], rounds: int) -> list[list[float]]:
    """Return microseconds of processor time an item, for each function in each round; they take turns.

    A shared machine is now fast, now slow: only figures of one round may be held against each other.
    """
    times: list[list[float]] = [[] for _ in functions]
    for _ in range(rounds):
        for function, measured in zip(functions, times, strict=True):
            start = time.process_time()
            for item in items:
                function(item)
            measured.append((time.process_time() - start) / len(items) * 1e6)
    return times


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
    build = "as written" if str(judge.__file__).endswith(".py") else "compiled"
    print(f"{len(python.rulebook.rules)} rules, {len(python.rulebook.regimes)} regimes, {build}\n")
    print("| traffic | pydantic alone | python | ratio | durable | ratio |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, raws in (("ordinary", ordinary), ("rules fire", hot)):
        base, *checks = timed([Transaction.model_validate, python.check, durable.check], raws, rounds)
        cells = [f"{statistics.median(base):.0f} µs"]
        for times in checks:
            ratio = statistics.median(map(truediv, times, base))
            cells += [f"{statistics.median(times):.0f} µs", f"{ratio:.1f}"]
        print(f"| {name} | {' | '.join(cells)} |")
    print("\n| rules | ordinary | rules fire |")
    print("|---|---:|---:|")
    books = sized(python.rulebook)
    engines = [Engine(book, matcher="python") for _, book in books]
    checks = [engine.check for engine in engines]
    rows = zip(timed(checks, ordinary, rounds), timed(checks, hot, rounds), strict=True)
    for (name, _), (cold, firing) in zip(books, rows, strict=True):
        print(f"| {name} | {statistics.median(cold):.0f} µs | {statistics.median(firing):.0f} µs |")


if __name__ == "__main__":
    main()
