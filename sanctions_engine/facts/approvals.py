"""Approvals, notifications and determinations: by the right body, in time, in force, and for this thing."""

from __future__ import annotations

from datetime import date, timedelta

from sanctions_engine.condition import ApprovalSpec
from sanctions_engine.dates import Period
from sanctions_engine.facts.description import Description
from sanctions_engine.facts.subject import ForEach, Subject
from sanctions_engine.readings import Evidence, Gap, Weighed, weigh_together
from sanctions_engine.transaction import Approval
from sanctions_engine.truth import Cause, Truth

__all__ = ["covers", "weigh_approval", "weigh_determination"]


def weigh_approval(description: Description, spec: ApprovalSpec, subject: Subject) -> Weighed:
    """Weigh whether an approval by the right authority, in force and in scope, is held for each of the acts.

    Unknown: an approval without dates or scope; silence too, where the spec says so.
    """
    days = dict.fromkeys((day.period, day.path) for day in description.days(subject, spec.acts))
    return weigh_together([_weigh_on(description, spec, subject, *day) for day in days], every=True)


def _weigh_on(
    description: Description, spec: ApprovalSpec, subject: Subject, occurred: Period | None, when: str
) -> Weighed:
    found = Truth.FALSE
    evidence: list[Evidence] = []
    gaps: list[Gap] = []
    spans: list[tuple[date, date]] = []
    for i, approval in enumerate(description.transaction.approvals or ()):
        path = f"approvals[{i}]"
        shown = f"{approval.kind} by {approval.by}" + (f" ({approval.reference})" if approval.reference else "")
        if not _authority_fits(approval.by, approval.to, spec) or not _kind_fits(approval.kind, spec.kind):
            continue
        if approval.paragraph is not None and spec.paragraphs and approval.paragraph not in spec.paragraphs:
            evidence.append(Evidence(path, f"{shown} is for {approval.paragraph}", frozenset({"other"})))
            continue
        truth = Truth.TRUE
        if approval.covers is None:
            truth = Truth.UNKNOWN
            gaps.append(Gap(f"{path}.covers"))
        elif not covers(description, approval.covers, subject):
            evidence.append(Evidence(path, f"{shown} does not cover {subject.path}", frozenset({"other"})))
            continue
        elif approval.granted and approval.granted.last and approval.expires and approval.expires.first:
            spans.append((approval.granted.last, approval.expires.first))
        truth = truth & _in_force(approval, spec, (occurred, when), (path, shown), gaps, evidence)
        if truth is not Truth.FALSE:
            evidence.append(Evidence(path, shown, frozenset({"held"}), truth is Truth.TRUE))
        found = found | truth
    if found is Truth.UNKNOWN and spec.deadline is None and _follow_on(spans, occurred):
        found = Truth.TRUE
    stated = description.is_stated_unknown("approvals")
    if found is Truth.FALSE and (description.transaction.approvals is None or stated):
        gap = Gap(
            "approvals",
            Cause.ABSENT,
            "no approval is held",
        )
        if spec.never_assumed or stated or description.assume_nothing:
            cause = Cause.STATED if stated else Cause.ABSENT
            return Weighed(Truth.UNKNOWN, Truth.UNKNOWN, tuple(evidence), (Gap("approvals", cause, _step(spec)),))
        return Weighed(Truth.FALSE, Truth.UNKNOWN, (), (), (gap,))
    return Weighed(found, found, tuple(evidence), tuple(gaps) if found is Truth.UNKNOWN else ())


def _follow_on(spans: list[tuple[date, date]], occurred: Period | None) -> bool:
    """Whether approvals that follow on each other leave no day of a period without one."""
    if occurred is None or occurred.first is None or occurred.last is None:
        return False
    day = occurred.first
    for first, last in sorted(spans):
        if first > day:
            return False
        if last >= occurred.last:
            return True
        day = max(day, last + timedelta(days=1))
    return False


def _in_force(
    approval: Approval,
    spec: ApprovalSpec,
    act: tuple[Period | None, str],
    held: tuple[str, str],
    gaps: list[Gap],
    evidence: list[Evidence],
) -> Truth:
    """Weigh whether an approval is in time for an act, noting what speaks against it and what is missing.

    Args:
        approval: What is held.
        spec: What is needed.
        act: When the act was, and where that stands.
        held: The path of what is held, and how it is shown.
        gaps: What is missing is added.
        evidence: What speaks against it is added.
    """
    occurred, stated = act
    path, shown = held
    if occurred is None:
        gaps.append(Gap(stated))
        return Truth.UNKNOWN
    result = Truth.TRUE
    if approval.granted is None:
        gaps.append(Gap(f"{path}.granted"))
        result = Truth.UNKNOWN
    else:
        granted = _in_time(approval.granted, occurred, spec)
        if granted is Truth.FALSE:
            when = f"after {spec.deadline}" if spec.deadline else "after the act"
            evidence.append(Evidence(path, f"{shown} was given on {approval.granted}, {when}", frozenset({"late"})))
            return Truth.FALSE
        if granted is Truth.UNKNOWN:
            gaps.append(Gap(f"{path}.granted", Cause.IMPRECISE))
        result = result & granted
    if approval.expires is None:
        # A notification is an event: it does not run out. An approval without an end proves nothing for today.
        if approval.kind == "approval":
            gaps.append(Gap(f"{path}.expires"))
            result = result & Truth.UNKNOWN
        return result
    valid = occurred.not_after(approval.expires)
    if valid is Truth.FALSE:
        evidence.append(Evidence(path, f"{shown} expired on {approval.expires}", frozenset({"expired"})))
        return Truth.FALSE
    if valid is Truth.UNKNOWN:
        gaps.append(Gap(f"{path}.expires", Cause.IMPRECISE))
    return result & valid


def weigh_determination(description: Description, paragraph: str, subject: Subject) -> Weighed:
    """Weigh whether a determination under a paragraph is stated. Silence is UNKNOWN."""
    stated = description.transaction.determinations
    for i, made in enumerate(stated or ()):
        covered = made.covers is None or covers(description, made.covers, subject)
        if made.paragraph == paragraph and covered:
            return Weighed(
                Truth.TRUE,
                Truth.TRUE,
                (Evidence(f"determinations[{i}]", f"{made.by} under {paragraph}", frozenset({paragraph})),),
            )
    unknown = description.is_stated_unknown("determinations")
    if stated is None or unknown:
        cause = Cause.STATED if unknown else Cause.ABSENT
        return Weighed(Truth.UNKNOWN, Truth.UNKNOWN, (), (Gap("determinations", cause, f"under {paragraph}"),))
    return Weighed(Truth.FALSE, Truth.FALSE)


def covers(description: Description, refs: tuple[str, ...], subject: Subject) -> bool:
    """Whether what an approval or a determination names takes in the subject."""
    if "transaction" in refs or "all" in refs or subject.kind is ForEach.TRANSACTION:
        return True
    collection = {ForEach.GOODS: "goods", ForEach.PARTY: "parties", ForEach.VESSEL: "vessels"}.get(subject.kind)
    if collection is None:  # an activity is covered where what it concerns is
        act = description.all_acts[subject.index] if subject.index >= 0 else None
        if act is None:
            return True
        goods = set(description.indices("goods", refs))
        vessels = set(description.indices("vessels", refs))
        concerned = {
            i
            for i in range(len(description.transaction.vessels or ()))
            if any(a is act for a, _ in description.acts(Subject(ForEach.VESSEL, i, f"vessels[{i}]")))
        }
        others = (goods and not goods & set(act.goods or range(len(description.transaction.goods or ())))) or (
            vessels and concerned and not vessels & concerned
        )
        return not others
    if any(description.transaction.find(collection, ref) == subject.index for ref in refs):
        return True
    # An approved consignment covers the ship that carries it, where it covers every line on board.
    lines = set(description.lines(subject)[0]) if subject.kind is ForEach.VESSEL else set()
    return bool(lines) and lines <= set(description.indices("goods", refs))


def _step(spec: ApprovalSpec) -> str:
    """Name a step as people say it: "a notification to the 1718 Committee"."""
    names = [name.removeprefix("un.").replace("-", " ").title() for name in (spec.by, *sorted(spec.formerly))]
    body = "a State" if spec.by == "state" else f"the {', formerly the '.join(names)}"
    if not spec.by.startswith(("un.", "state")):
        body = spec.by  # a body of a house's own goes by its id
    return f"a notification to {body}" if spec.kind == "notification" else f"an {spec.kind} by {body}"


def _in_time(granted: Period, occurred: Period, spec: ApprovalSpec) -> Truth:
    """Whether an approval or notice was given before the act, within its days of grace, or by its deadline."""
    if spec.deadline is not None:
        return granted.not_after(Period(spec.deadline, spec.deadline, spec.deadline.isoformat()))
    return granted.not_after(occurred, spec.within_days)


def _authority_fits(by: str, to: str | None, spec: ApprovalSpec) -> bool:
    if spec.kind == "notification" and to is not None:
        return _same_authority(to, spec) or _same_authority(by, spec)
    return _same_authority(by, spec)


def _same_authority(held: str, spec: ApprovalSpec) -> bool:
    if spec.by == "state":
        return held == "state" or held.startswith("state:")
    # "The Committee" without a number is read as the rule's own: a transaction speaks of one regime's Committee.
    return held in (spec.by, *spec.formerly) or (held == "un.committee" and spec.by.endswith("-committee"))


def _kind_fits(held: str, wanted: str) -> bool:
    return (
        held == wanted
        or (wanted == "approval" and held == "determination")
        or (wanted == "notification" and held == "approval")
    )
