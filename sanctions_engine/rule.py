"""A rule as written: one operative paragraph, with its authority, dates, conditions and exemptions.

The models here check shape; ``rulebook`` gives every mistake its line and column and compiles conditions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from sanctions_engine.condition import Condition, tests_of
from sanctions_engine.facts import ForEach, Targets
from sanctions_engine.fields import one_or_many, yes_no

__all__ = [
    "PARAGRAPH",
    "Authority",
    "CompiledExemption",
    "CompiledRule",
    "Effect",
    "Exemption",
    "Phase",
    "Regime",
    "Resolution",
    "Rule",
    "Severity",
    "SharedExemption",
]


class Effect(Enum):
    """What a paragraph does to conduct."""

    PROHIBITION = "prohibition"
    CAP = "cap"
    DUTY = "duty"
    """A State must act: inspect, report, freeze, expel."""
    CALL = "call"
    """The Council only calls upon States."""
    INDICATOR = "indicator"
    """A warning sign; never a violation by itself."""


class Severity(Enum):
    """How grave a breach is, for sorting."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


def _day(value: object) -> object:
    """Read a full day; a rule's dates are never imprecise."""
    if isinstance(value, date):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise PydanticCustomError("day", "{v} is not in the calendar", {"v": value}) from error
    raise PydanticCustomError("day", "write a full day, such as 2017-12-22")


Day = Annotated[date, BeforeValidator(_day)]
Texts = Annotated[tuple[str, ...], BeforeValidator(one_or_many)]
Line = Annotated[str, Field(min_length=1, max_length=300)]
Prose = Annotated[str, Field(min_length=1, max_length=4000)]
Checked = Literal["quoted", "number_confirmed", "content", "memory"]
Raw = Mapping[str, Any]
"""A condition as written; ``rulebook`` compiles it and reports its mistakes with their places."""

PARAGRAPH = re.compile(r"\d{3,4}/[0-9A-Za-z() .-]+\Z")
"""A paragraph of the Council's as the reference writes it; ``rulebook`` asks it of every rule under ``un``."""
Cited = Annotated[str, Field(min_length=1, max_length=160)]
"""A paragraph that a rule rests on: ``2397/25``, or a part of another instrument in full."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Authority(_Model):
    """Where a rule comes from: a resolution of the Council, or an instrument of somebody else.

    Args:
        resolution: ``S/RES/2397 (2017)``.
        instrument: In place of a resolution, for a rule that is not the Council's: ``Regulation (EU) 2017/1509``.
        paragraph: The operative paragraph: ``7``, ``8(a)(iii)``; of an instrument its part: ``Article 5(1)``.
        checked: How surely the paragraph was checked, as in the reference.
        source: Where it was checked.
        also: Further paragraphs the rule rests on, as ``1718/8(b)``.
    """

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["resolution"]}, {"required": ["instrument"]}]})

    resolution: Annotated[str, Field(pattern=r"^S/RES/\d{3,4} \(\d{4}\)$")] | None = None
    instrument: Annotated[str, Field(min_length=1, max_length=120)] | None = None
    paragraph: Annotated[str, Field(pattern=r"^[0-9A-Za-z()§, .-]{1,40}$")]
    checked: Checked
    source: Line | None = None
    also: Annotated[tuple[Cited, ...], BeforeValidator(one_or_many)] = ()

    @model_validator(mode="after")
    def _is_one_text(self) -> Authority:
        if (self.resolution is None) == (self.instrument is None):
            raise PydanticCustomError(
                "authority", "names one text: write resolution for the Council's, instrument for any other"
            )
        return self

    @property
    def text(self) -> str:
        """The resolution or instrument by name."""
        return self.resolution or self.instrument or ""

    @property
    def number(self) -> str:
        """The resolution's number; empty where it is another instrument."""
        return (self.resolution or "").removeprefix("S/RES/").split(" ")[0]

    @property
    def citation(self) -> str:
        """The paragraph as the reference writes it: ``2397/7``; of an instrument in full."""
        return f"{self.number}/{self.paragraph}" if self.resolution else f"{self.instrument}, {self.paragraph}"


class Notice(_Model):
    """Who must be told of what a wind-down lets through.

    Args:
        by: The authority that must be notified.
        until: The last day of notice, where the paragraph sets one; else the notice comes before the act.
    """

    by: str
    until: Day | None = None


class Phase(_Model):
    """A wind-down: until a day, what meets a condition is outside the ban.

    Args:
        until: First day on which the wind-down no longer runs.
        applies_if: The condition, such as ``{contracted: {before: 2017-08-05}}``.
        notify: Who must be told, if anybody; silence about it leaves the wind-down open.
    """

    until: Day
    applies_if: Raw
    notify: Notice | None = None


class InForce(_Model):
    """The span of the law.

    Args:
        from_: First day in force.
        until: First day no longer in force.
        phases: Wind-downs.
    """

    from_: Annotated[Day, Field(alias="from")]
    until: Day | None = None
    phases: tuple[Phase, ...] = ()


class ApprovalNeeded(_Model):
    """An approval, notification or determination an exemption needs.

    Args:
        by: ``un.1718-committee``, ``state``.
        kind: Approval, or notification to that authority.
        never_assumed: Whether silence leaves it unknown instead of assuming that none is held.
        within_days: Days after the act within which a notification still counts.
    """

    by: str
    kind: Literal["approval", "notification"] = "approval"
    never_assumed: Annotated[bool, BeforeValidator(yes_no)] = False
    within_days: Annotated[int, Field(ge=0, le=366)] = 0


class Exemption(_Model):
    """What takes conduct out of a rule.

    Args:
        exemption: What it is, in words.
        authority: Its own paragraph: ``2397/25``.
        when: The facts it needs.
        approval: The approval it needs.
        in_force: Its own span, where it differs from the rule's.
        checked: How surely its paragraph was checked; the rule's grade where not given.
        contested: Why lawyers differ about it.
    """

    exemption: Line
    authority: Cited
    when: Raw | None = None
    approval: ApprovalNeeded | None = None
    in_force: InForce | None = None
    checked: Checked | None = None
    contested: Line | None = None


def _keys(raw: object) -> frozenset[str]:
    return frozenset(raw) if isinstance(raw, Mapping) else frozenset(type(raw).__annotations__)


class SharedExemption(_Model):
    """A reference to an exemption in the regime's ``exemptions.yaml``, so that none is written twice."""

    use: str


class Rule(_Model):
    """One operative paragraph, or one limb of it.

    Args:
        rule: Its id, which is its path: ``un.dprk.2397-7`` in ``un/dprk/2397-7.yaml``.
        title: What it forbids or asks, in a line.
        authority: Resolution and paragraph.
        measures: Ids of the reference's measures that it encodes.
        in_force: The span of the law.
        effect: Prohibition, cap, duty, call or indicator.
        binds: Who owes the duty: ``every_member_state``, ``dprk``, ``flag_state``, ``port_state`` … A measure aimed at
            others than the State in whose territory they are binds the ``territorial_state`` too: what takes place
            wholly at home is its to prevent.
        reach: What ties a State to it: ``territory``, ``nationals``, ``flag``.
        for_each: What it judges one of at a time.
        when: The condition.
        unless: Exemptions.
        determination: The paragraph under which a State or Committee must determine that it applies.
        contested: Why lawyers differ whether it applies: such a rule is at most POTENTIAL.
        hs_basis: Whether the HS codes its goods classes use stand in the Council's text or are an aid.
        points_to: For an indicator: the paragraphs it warns of.
        severity: How grave.
        because: Why this condition captures the paragraph, and what it does not capture.
    """

    rule: Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]
    title: Line
    authority: Authority
    measures: Texts = ()
    in_force: InForce
    effect: Effect
    binds: Annotated[tuple[Annotated[str, Field(pattern=r"^[a-z0-9_]+$")], ...], BeforeValidator(one_or_many)]
    reach: Annotated[tuple[Literal["territory", "nationals", "flag"], ...], BeforeValidator(one_or_many)] = ()
    for_each: ForEach
    when: Raw
    unless: tuple[
        Annotated[
            Annotated[Exemption, Tag("<own>")] | Annotated[SharedExemption, Tag("<shared>")],
            Discriminator(lambda raw: "<shared>" if "use" in _keys(raw) else "<own>"),
        ],
        ...,
    ] = ()
    determination: Cited | None = None
    contested: Line | None = None
    hs_basis: Literal["paragraph_text", "monitoring_practice", "illustrative"] | None = None
    points_to: Texts = ()
    severity: Severity
    because: Prose


class Resolution(_Model):
    """What is known of a resolution.

    Args:
        adopted: The day.
        chapter_vii: Whether it was adopted under Chapter VII of the Charter.
        topic: In a line.
        vote: ``unanimous``, or who did not vote for it.
        vote_checked: How surely the vote was checked.
        source: Where.
    """

    adopted: Day
    chapter_vii: Annotated[bool, BeforeValidator(yes_no)] = True
    topic: Line | None = None
    vote: Literal["unanimous"] | Mapping[Literal["abstained", "against"], Texts] | None = None
    vote_checked: Checked = "memory"
    source: Line | None = None


class RegimeTargets(_Model):
    """What makes a transaction a regime's business; see ``facts.Targets``."""

    states: Texts = ()
    areas: Texts = ()
    groups: Mapping[str, Texts] = Field(default_factory=dict)
    mentions: Texts = ()
    grounds: Texts = ()


class Renewal(_Model):
    """How far the regime's last renewal is confirmed.

    Args:
        confirmed_until: The last day a source confirms. After it findings carry a warning: renewal to be confirmed.
        applies_to: Rules that need renewal; empty: all.
        note: What is known.
    """

    confirmed_until: Day
    applies_to: Texts = ()
    note: Line | None = None


class Regime(_Model):
    """One sanctions regime: committee, targets, resolutions.

    Args:
        regime: Its id, which is its folder: ``un.dprk``.
        title: Its name.
        committee: The authority whose approvals count: ``un.1718-committee``.
        committee_formerly: Names under which the same committee went before. Rules call it by the present one, and an
            approval under either name is its own; a committee that took over from another is not the same.
        subject: What it is about.
        status: ``in_force``, ``in_force_contested`` or ``ended``.
        contested: Why its being in force is disputed, where it is.
        targets: What makes a transaction its business.
        renewal: For regimes that need renewing.
        resolutions: What is known of each resolution it rests on.
    """

    regime: Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$")]
    title: Line
    committee: str | None = None
    committee_formerly: Texts = ()
    subject: Line | None = None
    status: Literal["in_force", "in_force_contested", "ended"] = "in_force"
    contested: Line | None = None
    targets: RegimeTargets
    renewal: Renewal | None = None
    source: Line | None = None
    resolutions: Mapping[str, Resolution] = Field(default_factory=dict)


class Parameter(_Model):
    """A number or list of codes that a rule uses by name, from a day on.

    Args:
        values: One value or several.
        unit: Unit or currency of a number.
        from_: First day it holds.
        source: Where it stands.
    """

    values: Texts
    unit: str = ""
    from_: Annotated[Day | None, Field(alias="from")] = None
    source: Line


@dataclass(frozen=True, slots=True)
class CompiledExemption:
    """An exemption with its condition, dates and approval included."""

    title: str
    paragraph: str
    condition: Condition
    checked: str
    place: str


@dataclass(frozen=True)
class CompiledRule:
    """A rule ready to be judged.

    Args:
        rule: As written.
        regime: The regime it belongs to.
        when: Its condition, dates included.
        exemptions: What takes conduct out of it.
        activities: The activities its condition names; empty: any.
        place: File and line, for messages.
        index: Its place in the rulebook.
    """

    rule: Rule
    regime: Regime
    when: Condition
    exemptions: tuple[CompiledExemption, ...]
    activities: frozenset[str]
    place: str
    index: int

    @property
    def id(self) -> str:
        """The rule's id."""
        return self.rule.rule

    @cached_property
    def facts_used(self) -> frozenset[str]:
        """The facts its condition asks about."""
        return frozenset(test.fact for test in tests_of(self.when))

    @property
    def of_the_council(self) -> bool:
        """Whether it is the Council's law; a rule outside ``un`` is somebody else's, whatever it cites."""
        return self.id.startswith("un.")

    @property
    def citations(self) -> tuple[str, ...]:
        """The paragraphs a finding cites, the rule's own first."""
        return (self.rule.authority.citation, *self.rule.authority.also)


def targets_of(regime: Regime) -> Targets:
    """Return a regime's targets in the form facts are held against."""
    t = regime.targets
    return Targets(
        regime.regime,
        frozenset(t.states),
        frozenset(t.areas),
        {k: tuple(v) for k, v in t.groups.items()},
        frozenset(t.mentions),
        frozenset(t.grounds),
    )
