"""A target that is mentioned in a text leaves the nexus open; one that no text mentions does not."""

from __future__ import annotations

from sanctions_engine import Engine

_ENGINE = Engine(matcher="python")


def _deal(**changes: object) -> dict[str, object]:
    return {
        "occurred": "2019-06-01",
        "activities": ["sale"],
        "parties": [
            {"name": "Lyon Mills", "roles": ["seller"], "kind": "company", "jurisdiction": "FR", "nationality": "FR"},
            {"name": "Porto Mills", "roles": ["buyer"], "kind": "company", "jurisdiction": "PT", "nationality": "PT"},
        ],
        "goods": [{"description": "a lathe from the north", "hs": "8458"}, {"description": "Korea style chairs", "hs": "9401"}],
        "route": {"from": {"country": "FR"}, "to": {"country": "PT"}, "via": []},
        **changes,
    }  # fmt: skip


def test_a_name_does_not_begin_in_one_text_and_end_in_the_next() -> None:
    assert _ENGINE.check(_deal()).outcome.value == "clear"


def test_a_target_named_in_a_text_is_asked_about() -> None:
    named = _deal(notes="the lathe goes on to North Korea")
    assert "un.dprk" in {finding.rule.regime.id for finding in _ENGINE.check(named).findings}
