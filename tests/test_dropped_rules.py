"""The index of rules drops none that a judge would not call FALSE: what it drops is never judged, so never asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from sanctions_engine.documents import read_file
from sanctions_engine.engine import Engine
from sanctions_engine.facts import ForEach
from sanctions_engine.judge import judge
from sanctions_engine.match import LiveRules
from sanctions_engine.truth import Truth
from tests.ordinary_life import ordinary_transactions

EXAMPLES = sorted((Path(__file__).resolve().parent.parent / "examples" / "transactions").glob("*.yaml"))
BARE: list[dict[str, object]] = [
    {"activities": ["sale"], "route": {"to": "North Korea"}},
    {"parties": [{"name": "A", "jurisdiction": "North Korea"}]},
    {"activities": ["payment"], "parties": [{"name": "A", "roles": ["payer"], "jurisdiction": "Iran"}]},
    {"activities": ["transport"], "vessels": [{"name": "V", "flag": "KP"}], "goods": [{"description": "cargo"}]},
]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(matcher="python")


def test_a_rule_that_the_index_drops_is_false_whatever_is_assumed(engine: Engine) -> None:
    rules = engine.rulebook.rules
    live = LiveRules(rules)
    described = [data for file in EXAMPLES if isinstance(data := read_file(file).data, dict)]
    dropped = 0
    for raw in (*described, *BARE, *ordinary_transactions(12)):
        facts = engine.check(raw).facts
        for kind in ForEach:
            for subject in facts.subjects(kind):
                kept = {rule.index for rule in live.candidates(subject, facts)}
                for rule in rules:
                    if rule.rule.for_each is kind and rule.index not in kept:
                        trace = judge(rule.when, facts, subject)
                        assert (trace.truth, trace.strict) == (Truth.FALSE, Truth.FALSE), (rule.id, subject.path)
                        dropped += 1
    assert dropped > 1_000
