"""What is known of one fact: evidence, alternatives, gaps and assumptions.

A ``Reading`` is the three-valued answer to "what are the values of this fact for this subject?". It keeps
apart what is certain, what has several readings, what is missing, and what was assumed because nobody
said otherwise, so that a verdict can name each.

These records are named tuples, not frozen dataclasses: a check makes a thousand of them and compares many, and a
tuple is made, hashed and compared in C.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import NamedTuple

from sanctions_engine.truth import Cause, Truth, all_of, any_of

__all__ = ["Evidence", "Gap", "Reading", "Weighed", "weigh", "weigh_only", "weigh_together"]

Value = Hashable


class Evidence(NamedTuple):
    """One thing said, or derived, about a fact.

    Args:
        path: Where in the transaction (``route.from.country``).
        shown: What a person should see ("Tumangang (KP)").
        values: The values it may mean; exactly one of them is right. One value: it is certain.
        sure: False where it may not hold at all (a candidate match, a party whose role is not linked).
        cause: Why it is not certain.
        asks: Paths of the facts that would settle it.
    """

    path: str
    shown: str
    values: frozenset[Value]
    sure: bool = True
    cause: Cause | None = None
    asks: tuple[str, ...] = ()


class Gap(NamedTuple):
    """Something not said that could add a value.

    Args:
        path: The path to ask for.
        cause: Why it is unknown.
        why: For an assumption: what was assumed, in words.
        only: The values it could add; ``None``: any.
        but: Values it cannot add.
    """

    path: str
    cause: Cause = Cause.ABSENT
    why: str = ""
    only: frozenset[Value] | None = None
    but: frozenset[Value] = frozenset()

    def could_satisfy(self, holds: Callable[[Value], Truth], named: frozenset[Value] | None) -> bool:
        """Whether an answer could make a test TRUE.

        Args:
            holds: The test of a single value.
            named: The values the test names, where it names some.
        """
        if self.only is None:
            return named is None or not named <= self.but
        if named is not None:
            return not named.isdisjoint(self.only - self.but if self.but else self.only)
        return any(holds(value) is not Truth.FALSE for value in self.only - self.but)

    def without(self, values: frozenset[Value]) -> Gap:
        """Return the gap that cannot add some values."""
        return Gap(self.path, self.cause, self.why, self.only, self.but | values)


class Reading(NamedTuple):
    """All that is known of one fact for one subject.

    Args:
        evidence: What was said or derived.
        gaps: What is missing and counts as UNKNOWN.
        assumed: What is missing and is assumed to add nothing.
        choices: Groups of readings of which exactly one is the right one each, and nothing says which (several
            parties in one role, no link). A test on such a group is UNKNOWN unless all agree.
    """

    evidence: tuple[Evidence, ...] = ()
    gaps: tuple[Gap, ...] = ()
    assumed: tuple[Gap, ...] = ()
    choices: tuple[tuple[Choice, ...], ...] = ()

    def __or__(self, other: Reading) -> Reading:
        if self is other or not any(other):
            return self
        if not any(self):
            return other
        return Reading(
            _merged(self.evidence, other.evidence),
            _merged(self.gaps, other.gaps),
            _merged(self.assumed, other.assumed),
            _merged(self.choices, other.choices),
        )

    def certain(self) -> frozenset[Value]:
        """Return the values that certainly hold."""
        return frozenset(v for e in self.evidence if e.sure and len(e.values) == 1 for v in e.values)

    def possible(self) -> frozenset[Value]:
        """Return the values that some evidence speaks for, certainly or not."""
        found = {v for e in self.evidence for v in e.values}
        for choice in self.choices:
            for option in choice:
                found |= option.reading.possible()
        return frozenset(found)

    def could_be(self) -> set[Value] | None:
        """Return the values outside which no test of membership is anything but FALSE, whatever is assumed.

        ``None`` where there are no such values: something is missing, or assumed, that could be anything.
        """
        found: set[Value] = set()
        for gap in self.gaps + self.assumed:
            if gap.only is None:
                return None
            found |= gap.only
        for item in self.evidence:
            if not item.values:
                return None  # something is there, and nothing says what
            found |= item.values
        for options in self.choices:
            for option in options:
                inner = option.reading.could_be()
                if inner is None:
                    return None
                found |= inner
        return found

    def doubted(self, cause: Cause, asks: tuple[str, ...]) -> Reading:
        """Return the same reading where nothing is sure, because of something else that is not known."""
        return Reading(
            tuple(
                Evidence(e.path, e.shown, e.values, False, e.cause or cause, (*e.asks, *asks)) for e in self.evidence
            ),
            self.gaps,
            self.assumed,
            tuple(tuple(Choice(o.path, o.reading.doubted(cause, asks)) for o in options) for options in self.choices),
        )

    def without(self, certain: frozenset[Value], possible: frozenset[Value], asks: tuple[str, ...]) -> Reading:
        """Return the reading less some values.

        Args:
            certain: Values that are certainly excluded.
            possible: Values that may be excluded: evidence for them becomes unsure.
            asks: What would settle whether they are.
        """
        if not certain and not possible:
            return self
        evidence = []
        for item in self.evidence:
            left = item.values - certain
            if not left:
                continue
            unsure = left != item.values or bool(left & possible)
            evidence.append(
                Evidence(
                    item.path,
                    item.shown,
                    left,
                    item.sure and not unsure,
                    item.cause or (Cause.ABSENT if unsure else None),
                    (*item.asks, *asks) if unsure else item.asks,
                )
            )
        return Reading(
            tuple(evidence),
            tuple(gap.without(certain) for gap in self.gaps),
            tuple(gap.without(certain) for gap in self.assumed),
            tuple(
                tuple(Choice(o.path, o.reading.without(certain, possible, asks)) for o in options)
                for options in self.choices
            ),
        )

    def opened(self) -> Reading:
        """Return the reading under ``assume="nothing"``: every assumption is a gap."""
        return Reading(
            self.evidence,
            _merged(self.gaps, self.assumed),
            (),
            tuple(tuple(Choice(o.path, o.reading.opened()) for o in options) for options in self.choices),
        )


class Choice(NamedTuple):
    """One of several readings, exactly one of which is right; ``path`` is the link that would say which."""

    path: str
    reading: Reading


def _merged(left: tuple[Hashable, ...], right: tuple[Hashable, ...]) -> tuple:  # type: ignore[type-arg]  # keeps its items' type
    if not right:
        return left
    if not left:
        return right
    return left + tuple(item for item in right if item not in left)


class Weighed(NamedTuple):
    """The answer to one test.

    Args:
        truth: Under the assumptions.
        strict: With every assumption made UNKNOWN.
        evidence: What spoke for it (TRUE), might (UNKNOWN), or what there is instead (FALSE).
        gaps: What would settle an UNKNOWN.
        assumed: The assumptions on which ``truth`` rests where ``strict`` differs.
    """

    truth: Truth
    strict: Truth
    evidence: tuple[Evidence, ...] = ()
    gaps: tuple[Gap, ...] = ()
    assumed: tuple[Gap, ...] = ()


def weigh(reading: Reading, holds: Callable[[Value], Truth], named: frozenset[Value] | None = None) -> Weighed:
    """Weigh whether *some* value of the fact passes a test.

    Args:
        reading: What is known of the fact.
        holds: The test of a single value.
        named: For a test of membership, the values it names; then ``holds`` is that membership.
    """
    sure: list[Evidence] = []
    maybe: list[Evidence] = []
    for item in reading.evidence:
        if named is None:
            truth = _consensus([holds(value) for value in item.values])
        elif item.values.isdisjoint(named):
            if item.values:
                continue
            truth = Truth.UNKNOWN
        else:
            truth = Truth.TRUE if item.values <= named else Truth.UNKNOWN
        if truth is Truth.TRUE and item.sure:
            sure.append(item)
        elif truth is not Truth.FALSE:
            maybe.append(item)
    if sure:
        return Weighed(Truth.TRUE, Truth.TRUE, tuple(sure))
    gaps = [gap for gap in reading.gaps if gap.could_satisfy(holds, named)] if reading.gaps else []
    assumed = [gap for gap in reading.assumed if gap.could_satisfy(holds, named)] if reading.assumed else []
    if not reading.choices:
        if maybe or gaps:
            return Weighed(Truth.UNKNOWN, Truth.UNKNOWN, tuple(maybe), _asked(gaps, maybe))
        if assumed:
            return Weighed(Truth.FALSE, Truth.UNKNOWN, reading.evidence, (), tuple(dict.fromkeys(assumed)))
        return Weighed(Truth.FALSE, Truth.FALSE, reading.evidence)
    chosen: list[Weighed] = []
    for options in reading.choices:
        weighed = [weigh(option.reading, holds, named) for option in options]
        truth = _consensus(w.truth for w in weighed)
        strict = _consensus(w.strict for w in weighed)
        link: tuple[Gap, ...] = ()
        if truth is Truth.UNKNOWN and len({w.truth for w in weighed}) > 1:
            link = tuple({o.path: Gap(o.path, Cause.AMBIGUOUS) for o in options}.values())
        chosen.append(
            Weighed(
                truth,
                strict,
                tuple(e for w in weighed if w.truth is not Truth.FALSE for e in w.evidence),
                link + tuple(g for w in weighed if w.truth is Truth.UNKNOWN for g in w.gaps),
                tuple(g for w in weighed for g in w.assumed),
            )
        )
    assumed += [gap for w in chosen for gap in w.assumed]
    sure += [e for w in chosen if w.truth is Truth.TRUE for e in w.evidence]
    if sure:
        return Weighed(Truth.TRUE, Truth.TRUE, tuple(sure))
    strict = Truth.UNKNOWN if assumed or any(w.strict is not Truth.FALSE for w in chosen) else Truth.FALSE
    unknown = [w for w in chosen if w.truth is Truth.UNKNOWN]
    if maybe or gaps or unknown:
        asked = dict.fromkeys((*_asked(gaps, maybe), *(gap for w in unknown for gap in w.gaps)))
        maybe += [e for w in unknown for e in w.evidence]
        return Weighed(Truth.UNKNOWN, Truth.UNKNOWN, tuple(maybe), tuple(asked))
    return Weighed(Truth.FALSE, strict, _all_evidence(reading), (), tuple(dict.fromkeys(assumed)) if assumed else ())


def weigh_together(parts: Sequence[Weighed], *, every: bool) -> Weighed:
    """Weigh whether a test holds of each of several things (``every``), or of one of them at least.

    Args:
        parts: The answer of each, one or more.
        every: Which of the two.
    """
    if len(parts) == 1:
        return parts[0]
    combine = all_of if every else any_of
    truth = combine([part.truth for part in parts])
    strict = combine([part.strict for part in parts])
    deciding = [part for part in parts if part.truth is truth]
    return Weighed(
        truth,
        strict,
        tuple(dict.fromkeys(e for part in deciding for e in part.evidence)),
        tuple(dict.fromkeys(gap for part in deciding for gap in part.gaps)),
        tuple(dict.fromkeys(gap for part in parts for gap in part.assumed)) if strict is not truth else (),
    )


def weigh_only(reading: Reading, holds: Callable[[Value], Truth]) -> Weighed:
    """Weigh whether the fact has a value and *every* value passes a test.

    That is: some value passes, and none fails. Evidence that is not sure shows neither.
    """
    some = weigh(reading, holds)
    other = weigh(reading, lambda value: ~holds(value))
    truth = some.truth & ~other.truth
    strict = some.strict & ~other.strict
    return Weighed(
        truth,
        strict,
        _all_evidence(reading),
        tuple(dict.fromkeys(some.gaps + other.gaps)) if truth is Truth.UNKNOWN else (),
        tuple(dict.fromkeys(some.assumed + other.assumed)) if strict is not truth else (),
    )


def _asked(gaps: Iterable[Gap], maybe: Iterable[Evidence]) -> tuple[Gap, ...]:
    """Return what would settle a test: what is missing, and what makes the evidence unsure."""
    unsure = (Gap(path, item.cause or Cause.IMPRECISE) for item in maybe for path in item.asks or (item.path,))
    return tuple(dict.fromkeys((*gaps, *unsure)))


def _all_evidence(reading: Reading) -> tuple[Evidence, ...]:
    if not reading.choices:
        return reading.evidence
    return reading.evidence + tuple(e for options in reading.choices for o in options for e in _all_evidence(o.reading))


def _consensus(truths: Iterable[Truth]) -> Truth:
    """Return what all readings agree on, else UNKNOWN."""
    result: Truth | None = None
    for truth in truths:
        if truth is Truth.UNKNOWN or (result is not None and truth is not result):
            return Truth.UNKNOWN
        result = truth
    return Truth.UNKNOWN if result is None else result
