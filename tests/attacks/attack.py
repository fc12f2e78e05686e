"""Attacks on the durable matcher, run by test_durable.py in a process of their own: they could crash it.

Each prints one line that starts with its name; the test reads it.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import resource
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sanctions_engine.engine import Engine
from sanctions_engine.errors import EngineError
from sanctions_engine.inference import DurableMatcher
from sanctions_engine.match import LiveRules, PythonMatcher
from sanctions_engine.rulebook import Rulebook
from sanctions_engine.transaction import Transaction
from tests.attacks import made_rules

BOOK = Rulebook.load()
ENGINE = Engine(BOOK, matcher="python")


def _answers(matcher: Any, rules: Any, raws: list[dict[str, Any]]) -> list[Any]:
    found = []
    live = LiveRules(rules)
    for raw in raws:
        matched, assumed = matcher.match(ENGINE.facts(Transaction.of(raw)), live)
        found.append((sorted((m.rule.id, m.subject.path, m.when.value, str(m.unless)) for m in matched), len(assumed)))
    return found


def equal(count: int, number: int = 400) -> None:
    """A number of rules, many transactions: the same answers as the Python matcher."""
    rules = made_rules.rules(number, BOOK)
    live = LiveRules(rules)
    durable, python = DurableMatcher(rules), PythonMatcher(rules)
    wrong = fired = 0
    for raw in made_rules.traffic(count):
        facts = ENGINE.facts(Transaction.of(raw))
        a, b = durable.match(facts, live), python.match(facts, live)
        key = lambda one: (one.rule.index, one.subject.path)  # noqa: E731  # a sort key
        wrong += sorted(a[0], key=key) != sorted(b[0], key=key) or set(a[1]) != set(b[1])
        fired += len(a[0])
    durable.close()
    print(f"equal wrong={wrong} fired={fired} count={count}")


def threads(count: int) -> None:
    """Four threads on one matcher: nothing lost, nothing mixed."""
    rules = made_rules.rules(120, BOOK)
    raws = made_rules.traffic(count)
    durable, python = DurableMatcher(rules), PythonMatcher(rules)
    expected = _answers(python, rules, raws)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: _answers(durable, rules, raws), range(4)))
    durable.close()
    print(f"threads wrong={sum(sorted(map(str, r)) != sorted(map(str, expected)) for r in results)}")


def _child(args: tuple[int, list[dict[str, Any]]]) -> list[Any]:
    return _answers(FORKED, RULES, args[1])


FORKED: Any = None
RULES: Any = None


def forked(count: int) -> None:
    """Workers forked from a process that has used its matcher, while another thread holds it."""
    global FORKED, RULES  # how a forked worker inherits
    RULES = made_rules.rules(120, BOOK)
    raws = made_rules.traffic(count)
    FORKED = DurableMatcher(RULES)
    expected = _answers(FORKED, RULES, raws)
    with ThreadPoolExecutor(1) as pool:
        busy = pool.submit(_answers, FORKED, RULES, raws * 3)
        with multiprocessing.get_context("fork").Pool(2) as workers:
            results = workers.map(_child, [(i, raws) for i in range(4)])
        busy.result()
    print(f"forked wrong={sum(r != expected for r in results)} workers={len(results)}")


def memory(count: int) -> None:
    """Engines opened and closed: memory stays flat."""
    rules = made_rules.rules(60, BOOK)
    live = LiveRules(rules)
    facts = ENGINE.facts(Transaction.of(made_rules.traffic(1)[0]))
    sizes = []
    for i in range(count):
        matcher = DurableMatcher(rules)
        matcher.match(facts, live)
        matcher.close()
        if i in (count // 5, count - 1):
            gc.collect()
            with open("/proc/self/statm") as statm:
                sizes.append(int(statm.read().split()[1]) * resource.getpagesize())
    print(f"memory growth={sizes[1] - sizes[0]} after={count}")


def dropped(count: int) -> None:
    """Firings dropped, and invented, on purpose: an error every time, never an answer."""
    rules = made_rules.rules(120, BOOK)
    live = LiveRules(rules)
    python = PythonMatcher(rules)
    matcher = DurableMatcher(rules)
    genuine = matcher._fire
    silent = caught = 0
    for i, raw in enumerate(made_rules.traffic(count)):
        facts = ENGINE.facts(Transaction.of(raw))
        tampered = []

        def tamper(shard: Any, atoms: Any, invent: bool = i % 2 == 1, seen: list[int] = tampered) -> list[str]:
            fired = genuine(shard, atoms)
            if atoms == frozenset({"warm"}) or seen:
                return fired
            if invent:
                seen.append(1)
                return (
                    [*fired, next(n for n in shard.clauses if n not in fired)]
                    if len(fired) < len(shard.clauses)
                    else fired[1:]
                )
            if fired:
                seen.append(1)
                return fired[1:]
            return fired

        matcher._fire = tamper
        try:
            matched, _ = matcher.match(facts, live)
            silent += bool(tampered) or len(matched) != len(python.match(facts, live)[0])
        except EngineError:
            caught += 1
        matcher._fire = genuine
        again, _ = matcher.match(facts, live)
        silent += len(again) != len(python.match(facts, live)[0])
    print(f"dropped silent={silent} caught={caught} count={count}")


if __name__ == "__main__":
    globals()[sys.argv[1]](*map(int, sys.argv[2:]))
    sys.stdout.flush()
    os._exit(0)
