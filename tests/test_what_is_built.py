"""What an act is about, read from its description where no subject is stated."""

from __future__ import annotations

import pytest

from sanctions_engine import Engine
from sanctions_engine.vocabulary import SUBJECTS

_ENGINE = Engine(matcher="python")


def _outcome(kind: str, description: str | None) -> str:
    act = {"kind": kind, **({"description": description} if description else {})}
    role = "contractor" if kind == "construction" else "provider"
    return _ENGINE.check(
        {
            "occurred": "2015-06-01",
            "activities": [act],
            "parties": [
                {"name": "Chonji Builders", "roles": [role], "kind": "company", "jurisdiction": "DPRK"},
                {"name": "August Works", "roles": ["recipient"], "kind": "company", "jurisdiction": "Namibia"},
            ],
        }
    ).outcome.value


@pytest.mark.parametrize(
    ("description", "outcome"),
    [
        ("building of a munitions factory", "violation"),
        ("an arms factory beside a school", "violation"),
        ("a rocket plant", "potential"),
        ("a factory", "potential"),
        ("a laboratory and a hospital", "potential"),
        ("barracks", "potential"),
        (None, "potential"),
        ("two schools and a football stadium", "clear"),
        ("a cement factory", "clear"),
        ("housing blocks, a power plant and a road", "clear"),
    ],
)
def test_what_is_built_is_read_from_the_description(description: str | None, outcome: str) -> None:
    assert _outcome("construction", description) == outcome


def test_an_overhaul_is_of_what_is_described() -> None:
    assert _outcome("maintenance", "overhaul of T-55 tanks") == "violation"
    assert _outcome("maintenance", "servicing of lifts and tractors") == "clear"


def test_a_description_of_a_course_never_answers_for_all_of_it() -> None:
    assert _outcome("training", "course for drivers of trucks") == "potential"


def test_words_are_found_whole_and_the_longest_first() -> None:
    assert SUBJECTS.within("Two military bases; a cement factory") == (
        frozenset({"military_works", "civil_works"}),
        "two a",
    )
    assert SUBJECTS.within("a carpark")[0] == frozenset()
