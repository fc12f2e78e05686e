"""The condition of a rule: a closed, frozen tree, and the table of its operators.

Nodes only say what is asked; they do not evaluate themselves. ``judge`` is the one definition of their
meaning, and other evaluators (clauses for durable_rules, Polars expressions) are held to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum

from sanctions_engine.intake.hs import HsRanges

__all__ = [
    "Acts",
    "All",
    "AnyOf",
    "ApprovalSpec",
    "CapSpec",
    "Condition",
    "Contested",
    "Measure",
    "Not",
    "Op",
    "Span",
    "Test",
    "tests_of",
]


class Op(Enum):
    """What a test asks of a fact."""

    INCLUDE = "include"
    """Some value is one of these."""
    ONLY = "only"
    """There is a value, and every value is one of these."""
    UNDER = "under"
    """Some HS code lies under one of these."""
    IS = "is"
    """The flag is yes, or no."""
    ABOVE = "above"
    AT_LEAST = "at_least"
    BELOW = "below"
    AT_MOST = "at_most"
    BEFORE = "before"
    """All of the date comes before this day."""
    FROM = "from"
    """All of the date is this day or later."""
    WITHIN = "within"
    """The act lies in this span of the law."""
    HELD = "held"
    """Such an approval is held for this subject."""
    MADE = "made"
    """A determination under this paragraph is stated."""
    EXCEEDS = "exceeds"
    """The total with this transaction exceeds the cap."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A number with its unit or currency; the unit is empty for a plain count."""

    value: Decimal
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Acts:
    """The acts of whose days a test asks: those that a rule is about, while it is law.

    Args:
        kinds: The activities the rule is about; empty: any.
        start: First day of the law, for an exemption: what it must exempt are acts of that day or later.
        end: First day after it.
        every: Whether each of them must pass the test, as for an exemption; else one that does is enough.
    """

    kinds: frozenset[str] = frozenset()
    start: date | None = None
    end: date | None = None
    every: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """A span of time ``[start, end)``, and the acts that are held against it.

    Args:
        start: First day; ``None`` for always.
        end: First day after the span; ``None`` for never.
        acts: The acts. Conduct that goes on is in the span if any part of it is.
    """

    start: date | None
    end: date | None
    acts: Acts = Acts()


@dataclass(frozen=True, slots=True)
class ApprovalSpec:
    """The approval an exemption needs.

    Args:
        by: Who must give it (``un.1718-committee``, ``state``).
        formerly: Names under which the same authority went before: what it gave or was told then stands.
        kind: ``approval`` or ``notification``.
        paragraphs: Paragraphs whose mention on the approval fits; one that names another paragraph does not count.
        never_assumed: True where silence leaves it UNKNOWN (the conditions of a cap) instead of assuming none.
        within_days: Days after the act within which it still counts ("notifies the Committee every thirty days").
        deadline: The last day on which it still counts, whenever the act was (the notice of a wind-down).
        acts: The acts, each of which needs it.
    """

    by: str
    kind: str
    paragraphs: frozenset[str]
    never_assumed: bool = False
    within_days: int = 0
    deadline: date | None = None
    formerly: frozenset[str] = frozenset()
    acts: Acts = Acts()


@dataclass(frozen=True, slots=True)
class CapSpec:
    """A cap on a total.

    Args:
        measure: The paragraph by which totals are stated.
        limits: The limits, each in its unit.
        share: The part of the limit at which the test answers TRUE: 1 for the cap itself, which must be exceeded,
            less for a step towards it, which need only be reached.
        before: Whether only what went before counts, without this transaction.
        limit_from: Where the Council gives no number: the measure by which the limit itself is stated.
        lowest: Of several limits, whether each binds ("whichever is lower": so unless the rule says otherwise), so
            that a total must be held against every one; else they are one limit in several units, and a total in
            any of them answers.
        acts: The acts that add to the total; one that exceeds it is enough.
    """

    measure: str
    limits: tuple[Measure, ...]
    share: Decimal = Decimal(1)
    before: bool = False
    limit_from: str | None = None
    lowest: bool = False
    acts: Acts = Acts()


Operand = frozenset[str] | HsRanges | bool | Measure | date | Span | ApprovalSpec | CapSpec | str


@dataclass(frozen=True, slots=True)
class Test:
    """One question about one fact.

    Args:
        fact: A name of the vocabulary of facts.
        op: The operator.
        operand: What the fact is held against.
    """

    fact: str
    op: Op
    operand: Operand

    __test__ = False  # keep pytest from collecting it


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds (Kleene's conjunction)."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Some part holds (Kleene's disjunction)."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold; UNKNOWN stays UNKNOWN."""

    part: Condition


@dataclass(frozen=True, slots=True)
class Contested:
    """Lawyers differ whether the part matters: where it holds the answer is UNKNOWN, and says why."""

    part: Condition
    why: str


Condition = All | AnyOf | Not | Contested | Test


def tests_of(condition: Condition) -> Iterator[Test]:
    """Yield every test of a condition, left to right."""
    match condition:
        case Test():
            yield condition
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from tests_of(part)
        case Not(part) | Contested(part):
            yield from tests_of(part)
