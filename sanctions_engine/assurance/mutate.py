"""``rules mutate``: whether the scenarios would notice a mistake in a rule.

Every mutant of a rule is put on trial before the rule's own scenarios. One that passes them all survives: either it
is proved to mean the same, or a scenario is missing, and one that would notice is looked for near those there are.
"""

from __future__ import annotations

import multiprocessing
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import chain, islice
from pathlib import Path

import yaml

from sanctions_engine.assurance.meaning import same_verdict
from sanctions_engine.assurance.mutants import Mutant, Shared, mutants_of
from sanctions_engine.assurance.trials import Bench, Trial, findings_of
from sanctions_engine.assurance.variations import Described, changed_tests, focused, tests_of_rule, variations
from sanctions_engine.documents import write_file
from sanctions_engine.errors import InputError
from sanctions_engine.facts import FactBase
from sanctions_engine.finding import Finding
from sanctions_engine.rule import CompiledRule
from sanctions_engine.rulebook import Rulebook
from sanctions_engine.scenario import Scenario
from sanctions_engine.transaction import Transaction

__all__ = ["Fate", "Figures", "RuleOnTrial", "TriedMutant", "figures_of", "mutate", "mutate_rule", "write_scenarios"]

_MOST_VARIATIONS = 300
_MOST_FOCUSED = 120
_MOST_BASES = 6


class Fate(Enum):
    """What became of a mutant."""

    KILLED = "killed"
    ELSEWHERE = "killed elsewhere"
    """A mistake in what rules share, noticed by the scenarios of another rule that uses it."""
    EQUIVALENT = "equivalent"
    SURVIVED = "survived"


@dataclass(frozen=True, slots=True)
class TriedMutant:
    """A mutant after its trial.

    Args:
        kind: What sort of mistake, in words.
        what: The mistake.
        fate: What became of it.
        by: The scenario that noticed it, or how it was proved to mean the same.
        told_apart: For a survivor: a scenario file that tells it from the rule, the verdict left open; empty where
            none was looked for or found.
        shared: For a mistake inside a shared definition: which one; see ``Mutant.shared``.
    """

    kind: str
    what: str
    fate: Fate
    by: str = ""
    told_apart: str = ""
    shared: str = ""


@dataclass(frozen=True, slots=True)
class RuleOnTrial:
    """A rule with its mutants.

    Args:
        rule: Its id.
        regime: Its regime.
        scenarios: How many scenarios speak of it.
        failing: Scenarios that the rule itself does not pass; they are left out.
        mutants: Its mutants.
    """

    rule: str
    regime: str
    scenarios: int
    failing: tuple[str, ...]
    mutants: tuple[TriedMutant, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of mutants.

    Args:
        mutants: All.
        killed: Noticed by a scenario.
        equivalent: Proved to mean the same.
        survived: Neither.
        elsewhere: Of those killed: mistakes in what rules share that only the scenarios of another rule notice.
    """

    mutants: int
    killed: int
    equivalent: int
    survived: int
    elsewhere: int

    @property
    def score(self) -> float:
        """The part of the mutants that mean something else that scenarios notice, in per cent; 100 of none."""
        other = self.mutants - self.equivalent
        return 100.0 * self.killed / other if other else 100.0


def figures_of(tried: Sequence[RuleOnTrial]) -> Figures:
    """Count the mutants of some rules."""
    fates = Counter(mutant.fate for rule in tried for mutant in rule.mutants)
    killed = fates[Fate.KILLED] + fates[Fate.ELSEWHERE]
    return Figures(fates.total(), killed, fates[Fate.EQUIVALENT], fates[Fate.SURVIVED], fates[Fate.ELSEWHERE])


def mutate(
    book: Rulebook,
    scenarios: Sequence[Scenario],
    rules: Sequence[CompiledRule],
    *,
    jobs: int = 1,
    search: bool = False,
    shared: Shared | None = None,
    done: Callable[[RuleOnTrial], None] = lambda _: None,
) -> tuple[RuleOnTrial, ...]:
    """Put every mutant of some rules on trial.

    Args:
        book: The rulebook.
        scenarios: All scenarios; those that speak of a rule are its trials.
        rules: The rules.
        jobs: Processes.
        search: Whether scenarios are looked for that would notice the survivors.
        shared: What the rules share, see ``shared_conditions``; a mistake there is noticed where any rule notices it.
        done: Called after each rule.

    Returns:
        In the order of the rules.

    Raises:
        InputError: A scenario's transaction cannot be read.
    """
    found: dict[str, RuleOnTrial] = {}
    if jobs <= 1 or len(rules) < 2:
        bench = Bench(book, scenarios)
        for rule in rules:
            found[rule.id] = mutate_rule(bench, rule, search=search, shared=shared)
            done(found[rule.id])
        bench.close()
    else:
        positions = [rule.index for rule in rules]
        with multiprocessing.Pool(jobs, _start, (book, scenarios, search, shared)) as pool:
            for tried in pool.imap_unordered(_work, positions):
                found[tried.rule] = tried
                done(tried)
    return _noticed_elsewhere([found[rule.id] for rule in rules])


def _noticed_elsewhere(tried: Sequence[RuleOnTrial]) -> tuple[RuleOnTrial, ...]:
    """Let a mistake in what rules share count as noticed in all of them: it is one mistake in one text."""
    noticed = {
        mutant.shared: f"{rule.rule}: {mutant.by}"
        for rule in tried
        for mutant in rule.mutants
        if mutant.shared and mutant.fate is Fate.KILLED
    }
    return tuple(
        replace(
            rule,
            mutants=tuple(
                replace(mutant, fate=Fate.ELSEWHERE, by=noticed[mutant.shared], told_apart="")
                if mutant.fate is Fate.SURVIVED and mutant.shared in noticed
                else mutant
                for mutant in rule.mutants
            ),
        )
        for rule in tried
    )


_workers: dict[int, tuple[Bench, bool, Shared | None]] = {}
"""The bench of this process."""


def _start(book: Rulebook, scenarios: Sequence[Scenario], search: bool, shared: Shared | None) -> None:
    _workers[os.getpid()] = Bench(book, scenarios), search, shared


def _work(index: int) -> RuleOnTrial:
    bench, search, shared = _workers[os.getpid()]
    return mutate_rule(bench, bench.book.rules[index], search=search, shared=shared)


def mutate_rule(bench: Bench, rule: CompiledRule, *, search: bool = False, shared: Shared | None = None) -> RuleOnTrial:
    """Put every mutant of one rule on trial.

    Args:
        bench: The rulebook with its scenarios.
        rule: One of its rules.
        search: Whether scenarios are looked for that would notice the survivors.
        shared: What rules share.
    """
    book = bench.book
    trials = bench.trials(rule)
    failing = tuple(f"{t.scenario.place}: {t.scenario.name}" for t in trials if not t.passes(book, rule))
    sound = [t for t in trials if f"{t.scenario.place}: {t.scenario.name}" not in failing]
    near = _Near(bench, rule, sound) if search else None
    tried = []
    for mutant in mutants_of(rule, book.goods, shared):
        killer = _killer(book, mutant.rule, sound)
        if killer is not None:
            tried.append(
                TriedMutant(mutant.kind.value, mutant.what, Fate.KILLED, killer.scenario.name, shared=mutant.shared)
            )
            continue
        proof = _equivalent(rule, mutant.rule)
        if proof is not None:
            tried.append(TriedMutant(mutant.kind.value, mutant.what, Fate.EQUIVALENT, proof, shared=mutant.shared))
            continue
        apart = near.tells_apart(mutant) if near is not None else ""
        tried.append(TriedMutant(mutant.kind.value, mutant.what, Fate.SURVIVED, "", apart, mutant.shared))
    return RuleOnTrial(rule.id, rule.regime.regime, len(sound), failing, tuple(tried))


def _killer(book: Rulebook, rule: CompiledRule, trials: list[Trial]) -> Trial | None:
    """Return the first scenario a mutant fails; it moves to the front, since it may notice the next one too."""
    for i, trial in enumerate(trials):
        if not trial.passes(book, rule):
            trials.insert(0, trials.pop(i))
            return trial
    return None


def _equivalent(rule: CompiledRule, mutant: CompiledRule) -> str | None:
    if rule.citations != mutant.citations:
        return None
    proof = same_verdict(rule, mutant)
    return proof.by if proof is not None else None


# ---------------------------------------------------------------------- what would notice a survivor


_Judged = tuple[Described, FactBase, Sequence[Finding]]
"""A transaction, as described and as read, with what the rule itself finds."""


class _Near:
    """Transactions near those of a rule's scenarios, read when the first survivor needs them."""

    def __init__(self, bench: Bench, rule: CompiledRule, trials: Sequence[Trial]) -> None:
        self.bench = bench
        self.rule = rule
        self.bases = [t.scenario.transaction for t in trials if t.scenario.as_of is None and t.scenario.rule == rule.id]
        self.expected = [
            (t.scenario.expect.rule, t.scenario.expect.exemption)
            for t in trials
            if t.scenario.as_of is None and t.scenario.rule == rule.id
        ]
        self._read: list[_Judged] | None = None

    def tells_apart(self, mutant: Mutant) -> str:
        """Return a scenario that rule and mutant judge differently, or nothing."""
        for described, facts, own in chain(self._close(mutant.rule), self._candidates()):
            other = findings_of(mutant.rule, facts)
            if _verdict(own) != _verdict(other):
                return _scenario_text(self.rule, mutant, described, own, other)
        return ""

    def _close(self, mutant: CompiledRule) -> Iterator[_Judged]:
        """Yield transactions that say just what the mutant changed, from one scenario of each verdict."""
        tests = changed_tests(self.rule, mutant)
        one_each = dict(reversed(list(zip(self.expected, self.bases, strict=True))))
        bases = list(one_each.values())[-_MOST_BASES:][::-1] if tests else []
        candidates = (described for base in bases for described in focused(tests, base))
        yield from self._judged(islice(candidates, _MOST_FOCUSED))

    def _candidates(self) -> Iterator[_Judged]:
        if self._read is not None:
            yield from self._read
            return
        read = []
        for found in self._judged(variations(tests_of_rule(self.rule), self.bases, _MOST_VARIATIONS)):
            read.append(found)
            yield found
        self._read = read

    def _judged(self, candidates: Iterable[Described]) -> Iterator[_Judged]:
        for described in candidates:
            try:
                facts = self.bench.facts(Transaction.of(described))
            except InputError:
                continue  # a variation need not be a transaction
            if self.bench.concerns(self.rule, facts):
                yield described, facts, findings_of(self.rule, facts)


def _verdict(findings: Sequence[Finding]) -> tuple[object, ...]:
    """Return what a scenario can hold a rule to: its gravest finding, and what that rests on."""
    gravest = min(findings, key=lambda f: f.outcome.rank, default=None)
    if gravest is None:
        return ("none",)
    exemption = gravest.exemption.paragraph if gravest.exemption is not None else None
    return gravest.outcome.value, exemption, gravest.citations


def _scenario_text(
    rule: CompiledRule, mutant: Mutant, described: Described, own: Sequence[Finding], other: Sequence[Finding]
) -> str:
    body = {
        "rule": rule.id,
        "given": described,
        "cases": [{"case": f"tells apart: {mutant.what}"[:200], "expect": {"rule": "???"}}],
    }
    text = yaml.safe_dump(body, sort_keys=False, allow_unicode=True, width=110)
    text = text.replace("rule: ???", "rule: ???  # the author's verdict")
    return (
        f"# A mutant that no scenario notices: {_line(mutant.what)}\n"
        f"# The rule says {_said(own)}; the mutant says {_said(other)}. Which is the law?\n{text}"
    )


def _line(text: str) -> str:
    return " ".join(text.split())


def _said(findings: Sequence[Finding]) -> str:
    outcome, *rest = _verdict(findings)
    exemption = rest[0] if rest else None
    return f"{outcome} by {exemption}" if exemption is not None else str(outcome)


def write_scenarios(tried: Sequence[RuleOnTrial], folder: Path) -> Iterator[Path]:
    """Write the scenarios that would notice survivors, one a file, and yield their paths.

    Args:
        tried: Rules on trial, searched.
        folder: Where to; a folder a regime is made in it.

    Raises:
        InputError: The folder cannot be written to.
    """
    for rule in tried:
        texts = dict.fromkeys(mutant.told_apart for mutant in rule.mutants if mutant.told_apart)
        for number, text in enumerate(texts, 1):
            room, _, name = rule.rule.rpartition(".")
            path = folder / re.sub(r"[^a-z0-9.-]", "-", room) / f"{name}-missing-{number}.scenario.yaml"
            write_file(path, text)
            yield path
