"""What is said of the whole in so many words: what is done, how it moves, what for, in what project, when."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sanctions_engine.dates import Period
from sanctions_engine.facts.description import RELIEF, Description
from sanctions_engine.facts.evidence import flag_reading, fold_words
from sanctions_engine.facts.subject import Subject
from sanctions_engine.readings import Evidence, Reading
from sanctions_engine.truth import Cause
from sanctions_engine.vocabulary import ACTIVITY_GROUPS, FRAMES

__all__ = ["STATED"]


def _activity(description: Description, subject: Subject) -> Reading:
    acts = description.acts(subject)
    evidence = tuple(
        Evidence(
            act.path,
            act.kind.replace("_", " "),
            frozenset({act.kind}),
            sure,
            None if sure else Cause.AMBIGUOUS,
            () if sure else (description.link_path(act, subject),),
        )
        for act, sure in acts
    )
    evidence += tuple(
        Evidence(act.path, f"{act.kind}, with goods handed over", frozenset({"supply"}))
        for act, _ in acts
        if act.kind in RELIEF and act.frame is FRAMES["supply"]
    )
    t = description.transaction
    if not description.all_acts and t.activities is None:
        return description.gap("activities")
    reading = Reading(evidence)
    for name, group in (("payments", "finance"), ("services", "services")):
        if getattr(description.transaction, name) is None and description.is_stated_unknown(name):
            reading |= description.gap(name, only=ACTIVITY_GROUPS[group])
    return reading | description.assumed("activities", "no further activity takes place")


def _words(description: Description, name: str, why: str) -> Reading:
    words = getattr(description.transaction, name)
    if words is None:
        return description.assumed(name, why)
    return Reading(tuple(Evidence(name, word.replace("_", " "), frozenset({word})) for word in words))


def _project(description: Description, subject: Subject) -> Reading:
    words = description.transaction.project
    if words is None:
        return description.assumed("project", "it belongs to no project that has rules of its own")
    return Reading(tuple(Evidence("project", word, frozenset({fold_words(word).replace(" ", "_")})) for word in words))


def _mode(description: Description, subject: Subject) -> Reading:
    mode = description.transaction.conveyance.mode if description.transaction.conveyance else None
    if mode is None:
        return description.assumed("conveyance.mode", "nothing turns on how it moves")
    return Reading((Evidence("conveyance.mode", mode, frozenset({mode})),))


def _livelihood(description: Description, subject: Subject) -> Reading:
    purposes = description.transaction.purposes
    if purposes is None:
        return description.gap("purposes", only=frozenset({"yes"}))
    return flag_reading("purposes", "livelihood" in purposes, ", ".join(purposes))


def _day(description: Description, name: str) -> Reading:
    period: Period | None = getattr(description.transaction, name)
    if period is None:
        return description.gap(name)
    return Reading((Evidence(name, period.text, frozenset({period})),))


STATED: Mapping[str, Callable[[Description, Subject], Reading]] = {
    "activity": _activity,
    "mode": _mode,
    "purposes": lambda description, _: _words(description, "purposes", "it serves no excepted purpose"),
    "circumstances": lambda description, _: _words(description, "circumstances", "there is no emergency"),
    "red_flags": lambda description, _: _words(description, "red_flags", "there are no warning signs"),
    "livelihood": _livelihood,
    "project": _project,
    "contracted": lambda description, _: _day(description, "contracted"),
    "discovered": lambda description, _: _day(description, "discovered"),
}
"""Who reads each of them."""
