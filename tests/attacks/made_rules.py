"""Made-up rules and traffic for attacks on the durable matcher; deterministic, no Hypothesis."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

from sanctions_engine.condition import All, AnyOf, Condition, Contested, Not, Op, Span, Test
from sanctions_engine.rule import CompiledExemption, CompiledRule, Rule
from sanctions_engine.rulebook import Rulebook
from tests import strategies as s

CODES = ("KP", "RU", "CN", "KR", "PL")
STATE_FACTS = ("from.states", "to.states", "supplier.states", "recipient.states", "parties.states", "start.states")
CLASSES = ("arms", "machinery", "coal", "textiles", "seafood", "luxury_goods", "refined_petroleum", "food")


def _test(rng: random.Random) -> Test:
    kind = rng.randrange(5)
    if kind == 0:
        return Test("activity", Op.INCLUDE, frozenset(rng.sample(s.ACTIVITIES, 3)))
    if kind == 1:
        return Test(rng.choice(STATE_FACTS), Op.INCLUDE, frozenset(rng.sample(CODES, 2)))
    if kind == 2:
        return Test("goods.categories", Op.INCLUDE, frozenset(rng.sample(CLASSES, 2)))
    if kind == 3:
        return Test("parties.kind", Op.INCLUDE, frozenset(rng.sample(s.KINDS, 2)))
    return Test("occurred", Op.WITHIN, Span(date(2006 + rng.randrange(15), 1, 1), None))


def condition(rng: random.Random, depth: int = 2) -> Condition:
    if depth == 0 or rng.random() < 0.3:
        return _test(rng)
    parts = tuple(condition(rng, depth - 1) for _ in range(rng.randint(2, 3)))
    roll = rng.random()
    if roll < 0.55:
        return All(parts)
    if roll < 0.8:
        return AnyOf(parts)
    return Not(parts[0]) if roll < 0.95 else Contested(parts[0], "made")


def rules(count: int, book: Rulebook, seed: int = 7) -> list[CompiledRule]:
    rng = random.Random(seed)
    made = []
    for index in range(count):
        rule = Rule.model_validate(
            {
                "rule": f"un.dprk.made-{index}",
                "title": "made for a test",
                "authority": {"resolution": "S/RES/2397 (2017)", "paragraph": "7", "checked": "memory"},
                "in_force": {"from": date(2006, 1, 1)},
                "effect": "prohibition",
                "binds": "every_member_state",
                "for_each": rng.choice(["transaction", "goods", "party"]),
                "when": {"activity": {"in": "sale"}},
                "severity": "low",
                "because": "a test",
            }
        )
        exemptions = tuple(
            CompiledExemption("made", "2397/25", condition(rng, 1), "memory", "here") for _ in range(rng.randrange(2))
        )
        made.append(CompiledRule(rule, book.regimes["un.dprk"], condition(rng), exemptions, frozenset(), "here", index))
    return made


def traffic(count: int, seed: int = 11) -> list[dict[str, Any]]:
    """Return random descriptions, most with a DPRK nexus."""
    rng = random.Random(seed)

    def party(i: int) -> dict[str, Any]:
        made: dict[str, Any] = {"name": f"Party {i}", "jurisdiction": rng.choice(s.COUNTRIES)}
        if rng.random() < 0.8:
            made["roles"] = rng.sample(s.ROLES, rng.randint(0, 2))
        if rng.random() < 0.5:
            made["kind"] = rng.choice(s.KINDS)
        if rng.random() < 0.2:
            del made["jurisdiction"]
        return made

    result = []
    for _ in range(count):
        raw: dict[str, Any] = {
            "activities": rng.sample(s.ACTIVITIES, rng.randint(1, 2)),
            "parties": [party(i) for i in range(rng.randint(1, 3))],
            "goods": [{"description": rng.choice(s.DESCRIPTIONS)} for _ in range(rng.randint(0, 2))],
            "route": {"from": {"country": rng.choice(s.COUNTRIES)}, "to": {"country": rng.choice(s.COUNTRIES)}},
            "occurred": rng.choice(s.DATES),
        }
        for key in ("goods", "route", "occurred"):
            if rng.random() < 0.1:
                del raw[key]
        result.append(raw)
    return result
