"""Every evaluator answers as ``judge`` does, on random conditions over random transactions."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanctions_engine.condition import Condition
from sanctions_engine.engine import Engine
from sanctions_engine.facts import ForEach
from sanctions_engine.judge import judge
from sanctions_engine.match import LiveRules, Matcher, PythonMatcher
from sanctions_engine.rule import CompiledExemption, CompiledRule, Rule
from sanctions_engine.rulebook import Rulebook
from sanctions_engine.transaction import Transaction
from sanctions_engine.truth import Truth
from tests.strategies import conditions, described

inference = pytest.importorskip("sanctions_engine.inference", reason="durable_rules is not installed")

BOOK = Rulebook.load()
ENGINE = Engine(BOOK, matcher="python")


def made_rule(index: int, when: Condition, unless: tuple[Condition, ...], for_each: ForEach) -> CompiledRule:
    rule = Rule.model_validate(
        {
            "rule": f"un.dprk.made-{index}",
            "title": "made for a test",
            "authority": {"resolution": "S/RES/2397 (2017)", "paragraph": "7", "checked": "memory"},
            "in_force": {"from": date(2006, 1, 1)},
            "effect": "prohibition",
            "binds": "every_member_state",
            "for_each": for_each.value,
            "when": {"activity": {"in": "sale"}},
            "severity": "low",
            "because": "a test",
        }
    )
    exemptions = tuple(CompiledExemption("made", "2397/25", c, "memory", "here") for c in unless)
    return CompiledRule(rule, BOOK.regimes["un.dprk"], when, exemptions, frozenset(), "here", index)


@given(
    st.lists(st.tuples(conditions, st.lists(conditions, max_size=2), st.sampled_from(ForEach)), min_size=1, max_size=4),
    described,
)
def test_both_matchers_equal_judge(
    rules: list[tuple[Condition, list[Condition], ForEach]], raw: dict[str, Any]
) -> None:
    compiled = [made_rule(i, when, tuple(unless), kind) for i, (when, unless, kind) in enumerate(rules)]
    facts = ENGINE.facts(Transaction.of(raw))
    expected = {}
    for rule in compiled:
        for subject in facts.subjects(rule.rule.for_each):
            when = judge(rule.when, facts, subject).truth
            if when is not Truth.FALSE:
                unless = tuple(judge(e.condition, facts, subject).truth for e in rule.exemptions)
                expected[rule.id, subject] = (when, unless)
    assumed = []
    matchers: list[Matcher] = [PythonMatcher(compiled), inference.DurableMatcher(compiled)]
    for matcher in matchers:
        matched, gaps = matcher.match(facts, LiveRules(compiled))
        assert {(m.rule.id, m.subject): (m.when, m.unless) for m in matched} == expected, matcher.name
        assumed.append(set(gaps))
        matcher.close()
    assert assumed[0] == assumed[1]


@given(conditions, described)
def test_opening_every_assumption_never_turns_true_to_false(condition: Condition, raw: dict[str, Any]) -> None:
    transaction = Transaction.of(raw)
    facts = ENGINE.facts(transaction)
    for kind in ForEach:
        for subject in facts.subjects(kind):
            trace = judge(condition, facts, subject)
            assert trace.strict is trace.truth or trace.strict is Truth.UNKNOWN
            if trace.truth is Truth.UNKNOWN:
                assert trace.gaps() or trace.contested(), "an UNKNOWN says what would settle it"
