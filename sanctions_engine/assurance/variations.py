"""Transactions near those of a rule's scenarios: one thing left out, replaced by a word of the rule, or borrowed.

The search for what tells two versions of a rule apart looks here first: what lawyers described, minimally changed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from sanctions_engine.condition import ApprovalSpec, CapSpec, Op, Span, Test, tests_of
from sanctions_engine.intake.hs import HsRanges
from sanctions_engine.rule import CompiledRule

__all__ = [
    "Described",
    "changed_tests",
    "focused",
    "paths_of",
    "shortened",
    "strays",
    "tests_of_rule",
    "variations",
    "without",
]

Described = Mapping[str, object]
"""A transaction as users write it."""
Path = tuple[str | int, ...]

_MOST_DEPTH = 4
_MOST_WORDS = 60


def variations(tests: Iterable[Test], bases: Sequence[Described], most: int) -> Iterator[Described]:
    """Yield transactions near some, each once, the nearest kinds of change first.

    Args:
        tests: Those whose words, dates and codes are tried.
        bases: Transactions of a rule's scenarios.
        most: How many at most.
    """
    words = _Words(tests)
    seen: set[str] = set()
    streams: list[Callable[[Described], Iterable[Described]]] = [
        lambda base: (base,),
        words.dates,
        words.replaced,
        _deletions,
        lambda base: _borrowed(base, bases),
    ]
    for stream in streams:
        # Each kind of change has its share, and each base its turn, so that none starves another.
        share = max(most // 3, len(bases)) if stream is not streams[0] else len(bases)
        for varied in _in_turn([iter(stream(base)) for base in bases], share):
            key = json.dumps(varied, sort_keys=True, default=str, ensure_ascii=False)
            if key not in seen:
                seen.add(key)
                yield varied
                if len(seen) >= most:
                    return


def _in_turn(iterators: list[Iterator[Described]], most: int) -> Iterator[Described]:
    given = 0
    while iterators and given < most:
        for one in list(iterators):
            found = next(one, None)
            if found is None:
                iterators.remove(one)
                continue
            yield found
            given += 1
            if given >= most:
                return


def focused(tests: Iterable[Test], base: Described) -> Iterator[Described]:
    """Yield a transaction with the words, dates and codes of a few tests put in, wherever it may say them.

    Args:
        tests: What a change of a rule is about.
        base: The transaction.
    """
    words = _Words(tests)
    yield from words.dates(base)
    yield from words.replaced(base)


def tests_of_rule(rule: CompiledRule) -> dict[Test, None]:
    """Return the tests of a rule and of its exemptions, in order."""
    conditions = (rule.when, *(e.condition for e in rule.exemptions))
    return dict.fromkeys(test for condition in conditions for test in tests_of(condition))


def changed_tests(one: CompiledRule, other: CompiledRule) -> tuple[Test, ...]:
    """Return the tests that only one of two versions has; of sets of words, only the words that differ."""
    mine, theirs = tests_of_rule(one), tests_of_rule(other)
    found = []
    for test, others in [
        *((t, theirs) for t in mine if t not in theirs),
        *((t, mine) for t in theirs if t not in mine),
    ]:
        operand = test.operand
        if isinstance(operand, frozenset):
            for like in others:
                if like.fact == test.fact and isinstance(like.operand, frozenset) and like.operand < operand:
                    operand = operand - like.operand
        found.append(replace(test, operand=operand))
    return tuple(found)


def paths_of(value: object, depth: int = _MOST_DEPTH, at: Path = ()) -> Iterator[Path]:
    """Yield the path of every key and item, what is higher first."""
    if not depth:
        return
    steps: list[tuple[str | int, object]] = []
    if isinstance(value, Mapping):
        steps = [(str(key), item) for key, item in value.items()]
    elif isinstance(value, list | tuple):
        steps = list(enumerate(value))
    for step, _ in steps:
        yield (*at, step)
    for step, item in steps:
        yield from paths_of(item, depth - 1, (*at, step))


def without(described: Described, path: Path) -> Described:
    """Return a transaction without the key or item at a path."""
    copy = deepcopy(dict(described))
    holder = _holder(copy, path)
    if isinstance(holder, dict | list):
        del holder[path[-1]]  # type: ignore[arg-type]  # a mapping by key, a list by position
    return copy


def _with(described: Described, path: Path, value: object) -> Described:
    copy = deepcopy(dict(described))
    holder = _holder(copy, path)
    if isinstance(holder, dict | list):
        holder[path[-1]] = deepcopy(value)  # type: ignore[index]  # as above
    return copy


def _holder(value: object, path: Path) -> object:
    for step in path[:-1]:
        value = value[step]  # type: ignore[index]  # paths come from paths_of
    return value


def _deletions(base: Described) -> Iterator[Described]:
    for path in paths_of(base):
        yield without(base, path)


def _borrowed(base: Described, others: Sequence[Described]) -> Iterator[Described]:
    for other in others:
        for key, value in other.items():
            if base.get(key) != value:
                yield {**base, key: deepcopy(value)}


def shortened(described: Described, holds: Callable[[Described], bool]) -> Described:
    """Return a transaction as short as can be for which something still holds.

    Args:
        described: One for which it holds.
        holds: What must hold; it is asked of transactions that may not be well formed.
    """
    current = described
    shorter = True
    while shorter:
        shorter = False
        for path in paths_of(current, 5):
            smaller = without(current, path)
            if smaller and holds(smaller):
                current, shorter = smaller, True
                break
    return current


class _Words:
    """The words, dates and codes that rules name, and where a transaction may say them."""

    def __init__(self, tests: Iterable[Test]) -> None:
        tests = dict.fromkeys(tests)
        self.days = sorted({day for test in tests for day in _days(test)})
        self.said: dict[str, tuple[str, ...]] = {}
        for test in tests:
            key = _key_of(test.fact)
            if key is not None and isinstance(test.operand, frozenset):
                have = dict.fromkeys((*self.said.get(key, ()), *sorted(test.operand)))
                self.said[key] = tuple(have)[:_MOST_WORDS]
        self.codes = tuple(
            code for test in tests if isinstance(test.operand, HsRanges) for one in test.operand.ranges
            for code in (one.first, one.last)
        )  # fmt: skip
        self.grounds = tuple(dict.fromkeys(test.fact for test in tests if "." not in test.fact and _is_flag(test)))

    def dates(self, base: Described) -> Iterator[Described]:
        for day in self.days:
            yield {**base, "occurred": day.isoformat()}
            yield {**base, "occurred": f"{day}/{day + timedelta(1)}"}
        if "contracted" in base:
            for day in self.days:
                yield {**base, "contracted": day.isoformat()}

    def replaced(self, base: Described) -> Iterator[Described]:
        for ground in self.grounds:
            yield {**base, "grounds": [ground]}
        for key in ("purposes", "circumstances", "project", "red_flags", "mode"):
            for word in self.said.get(key, ()):
                yield {**base, "conveyance": {"mode": word}} if key == "mode" else {**base, key: [word]}
        for word in self.said.get("states", ())[:_MOST_HOMES]:
            yield _at_home(base, word)
        for path in paths_of(base):
            here, value = path[-1], _at(base, path)
            if path[0] in ("activities", "services") and isinstance(value, str) and (len(path) < 3 or here == "kind"):
                for word in self.said.get("activity", ()):
                    yield _with(base, path, word)
            elif len(path) == 2 and path[0] == "goods" and isinstance(value, Mapping):
                yield from self._goods(base, path, value)
            elif here in _STATE_KEYS:
                for word in (*self.said.get("states", ()), "FR"):
                    yield _with(base, path, word)
                if here not in ("country", "origin"):  # of two States at once: "only" is not "also"
                    for word in self.said.get("states", ()):
                        yield _with(base, path, [word, "FR" if word != "FR" else "CN"])
            elif here == "roles":
                for word in self.said.get("roles", ()):
                    yield _with(base, path, [word])
            elif len(path) == 3 and path[0] == "parties" and here == "kind":
                for word in self.said.get("kind", ()):
                    yield _with(base, path, word)
            elif here == "subject":
                for word in self.said.get("subject", ()):
                    yield _with(base, path, [word])
        route = base.get("route")
        if isinstance(route, Mapping) and "from" in route and "to" in route:
            yield {**base, "route": {**route, "from": route["to"], "to": route["from"]}}

    def _goods(self, base: Described, path: Path, line: Mapping[str, object]) -> Iterator[Described]:
        bare = {key: item for key, item in line.items() if key not in ("description", "hs", "categories")}
        for word in self.said.get("categories", ()):
            yield _with(base, path, {**bare, "description": "goods", "categories": [word]})
        for code in self.codes:
            yield _with(base, path, {**bare, "description": "goods", "hs": code})
        for kind in self.said.get("goods.kind", ()):
            yield _with(base, path, {**line, "kind": kind})
        for condition in ("new", "used"):
            yield _with(base, path, {**line, "condition": condition})


def _at_home(base: Described, state: str) -> Described:
    """Return a transaction of which everything is in and of one State: what "only" tests ask for."""
    for path in paths_of(base):
        if path[-1] in _STATE_KEYS and path[0] != "route":
            base = _with(base, path, state)
    route = base.get("route")
    ends = {"from": {"country": state}, "to": {"country": state}}
    return {**base, "route": {**route, **ends}} if isinstance(route, Mapping) else base


_MOST_HOMES = 5


def _at(value: object, path: Path) -> object:
    for step in path:
        value = value[step]  # type: ignore[index]  # paths come from paths_of
    return value


def _key_of(fact: str) -> str | None:
    last = fact.rsplit(".", 1)[-1]
    if fact in ("activity", "subject", "purposes", "circumstances", "project", "red_flags", "mode", "goods.kind"):
        return fact
    return last if last in ("states", "categories", "roles", "kind") else None


def _is_flag(test: Test) -> bool:
    return isinstance(test.operand, bool)


def _days(test: Test) -> Iterator[date]:
    edges: tuple[object, ...] = (test.operand,)
    if isinstance(test.operand, Span):
        edges = (test.operand.start, test.operand.end)
    elif isinstance(test.operand, ApprovalSpec):
        edges = (test.operand.deadline,)
    for edge in edges:
        if isinstance(edge, date):
            yield from (edge - timedelta(2), edge - timedelta(1), edge, edge + timedelta(1))


def strays(tests: Iterable[Test], bases: Sequence[Described], most: int) -> Iterator[Described]:
    """Yield transactions a few random steps away from some: a last resort, the same ones in every run.

    What one change cannot show, several at once may: a list of States where one stood, an approval, a listing, a total.

    Args:
        tests: Those whose words, dates, codes, approvals and totals are put in.
        bases: Transactions of a rule's scenarios.
        most: How many at most.
    """
    step = _Steps(tests)
    rng = Random(most)  # noqa: S311  # a search, not a secret
    for _ in range(most):
        described = deepcopy(dict(rng.choice(bases)))
        for _ in range(rng.randint(1, _MOST_STEPS)):
            described = step.taken(described, rng)
        yield described


_MOST_STEPS = 4


class _Steps:
    """Single random steps with the words of some tests."""

    def __init__(self, tests: Iterable[Test]) -> None:
        tests = tuple(dict.fromkeys(tests))
        self.words = _Words(tests)
        self.said = {key: list(words) for key, words in self.words.said.items()}
        self.states = [*self.said.get("states", ()), "FR", "CN"]
        self.listed = [word for test in tests if test.fact.endswith(".listed") for word in sorted(_named(test))]
        self.approvals = [test.operand for test in tests if isinstance(test.operand, ApprovalSpec)]
        self.caps = [test.operand for test in tests if isinstance(test.operand, CapSpec)]
        self.paragraphs = [str(test.operand) for test in tests if test.op is Op.MADE]

    def taken(self, described: dict[str, object], rng: Random) -> dict[str, object]:
        """Return a transaction one step on; where the step leads nowhere, the same."""
        paths = list(paths_of(described))
        chosen = rng.choice((self._deleted, self._elsewhere, self._said, self._added, self._dated))
        return dict(chosen(described, paths, rng))

    def _deleted(self, described: Described, paths: list[Path], rng: Random) -> Described:
        return without(described, rng.choice(paths)) if len(paths) > 1 else described

    def _elsewhere(self, described: Described, paths: list[Path], rng: Random) -> Described:
        at = [p for p in paths if p[-1] in _STATE_KEYS]
        if not at:
            return described
        path = rng.choice(at)
        alone = path[-1] in ("country", "origin")
        return _with(described, path, rng.choice(self.states) if alone else self._some_states(rng))

    def _some_states(self, rng: Random) -> list[str]:
        return rng.sample(self.states, rng.randint(1, 2))

    def _dated(self, described: Described, paths: list[Path], rng: Random) -> Described:
        if not self.words.days:
            return described
        day = rng.choice(self.words.days)
        key = rng.choice(("occurred", "occurred", "contracted"))
        return {**described, key: rng.choice((day.isoformat(), f"{day}/{day + timedelta(30)}"))}

    def _said(self, described: Described, paths: list[Path], rng: Random) -> Described:
        """Put in a word of the rule where a transaction may say it."""
        found: list[tuple[Path, Sequence[object]]] = []
        for path in paths:
            here, top = path[-1], path[0]
            if top in ("activities", "services") and (here == "kind" or len(path) == 2) and self.said.get("activity"):
                value = _at(described, path)
                if isinstance(value, str):
                    found.append((path, self.said["activity"]))
            elif top == "goods" and len(path) == 2:
                found += [
                    ((*path, key), words)
                    for key, words in (
                        ("categories", [[word] for word in self.said.get("categories", ())]),
                        ("hs", self.words.codes),
                        ("kind", self.said.get("goods.kind", ())),
                        ("condition", ("new", "used")),
                    )
                    if words and isinstance(_at(described, path), Mapping)
                ]
            elif here in ("roles", "kind", "subject") and self.said.get(str(here)):
                words = self.said[str(here)]
                found.append((path, words if here == "kind" else [[word] for word in words]))
        for key in ("purposes", "circumstances", "project", "red_flags"):
            found += [((key,), [[word] for word in self.said[key]])] if self.said.get(key) else []
        found += [(("grounds",), [[word] for word in self.words.grounds])] if self.words.grounds else []
        if not found:
            return described
        path, options = rng.choice(found)
        return _with(described, path, rng.choice(options))

    def _added(self, described: Described, paths: list[Path], rng: Random) -> Described:
        """Add what the rule asks for and nobody said: a party, a vessel, an approval, a total, a listing."""
        options: list[tuple[str, object]] = [
            ("vessels", {"name": "Example Star", "flag": self._some_states(rng)}),
            ("parties", self._party(rng)),
        ]
        if self.approvals:
            options.append(("approvals", self._approval(rng.choice(self.approvals), rng)))
        if self.caps:
            options.append(("cumulative", self._total(rng.choice(self.caps), rng)))
        if self.paragraphs:
            made = {"by": "State", "paragraph": rng.choice(self.paragraphs), "on": "2020-01-01"}
            options.append(("determinations", made))
        if self.said.get("activity"):
            options.append(("activities", rng.choice(self.said["activity"])))
        key, item = rng.choice(options)
        held = described.get(key)
        return {**described, key: [*held, item] if isinstance(held, list | tuple) else [item]}

    def _party(self, rng: Random) -> dict[str, object]:
        party: dict[str, object] = {"name": "An Example Party", "jurisdiction": self._some_states(rng)}
        if self.said.get("roles"):
            party["roles"] = [rng.choice(self.said["roles"])]
        if self.said.get("kind"):
            party["kind"] = rng.choice(self.said["kind"])
        if self.listed and rng.random() < 0.5:
            party["listed"] = [{"regime": rng.choice(self.listed), "reference": "X.001"}]
        return party

    @staticmethod
    def _approval(spec: ApprovalSpec, rng: Random) -> dict[str, object]:
        by = "State" if spec.by == "state" else spec.by.removeprefix("un.").replace("-", " ")
        approval: dict[str, object] = {"by": by, "kind": spec.kind, "covers": ["transaction"]}
        if rng.random() < 0.8:
            approval |= {"granted": "2000-01-01", "expires": "2099-12-31"}
        if spec.paragraphs and rng.random() < 0.5:
            approval["paragraph"] = rng.choice(sorted(spec.paragraphs))
        return approval

    @staticmethod
    def _total(cap: CapSpec, rng: Random) -> dict[str, object]:
        if not cap.limits:
            return {"measure": rng.choice((cap.measure, cap.limit_from or cap.measure)), "value": 10, "unit": "barrel"}
        limit = rng.choice(cap.limits)
        value = int(limit.value * cap.share) + rng.choice((-100_000, -1, 0, 1, 100_000))
        return {"measure": cap.measure, "value": max(value, 0), "unit": limit.unit}


_STATE_KEYS = ("country", "jurisdiction", "nationality", "flag", "incorporated_in", "origin")


def _named(test: Test) -> frozenset[str]:
    return test.operand if isinstance(test.operand, frozenset) else frozenset()
