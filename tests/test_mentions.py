"""A target that is mentioned in a text leaves the nexus open; one that no text mentions does not."""

from __future__ import annotations

from collections.abc import Mapping

from sanctions_engine import Engine, Transaction

_ENGINE = Engine(matcher="python")


def _deal(**changes: object) -> dict[str, object]:
    return {
        "occurred": "2019-06-01",
        "activities": ["sale"],
        "parties": [
            {"name": "Lyon Mills", "roles": ["seller"], "kind": "company", "jurisdiction": "FR", "nationality": "FR"},
            {"name": "Porto Mills", "roles": ["buyer"], "kind": "company", "jurisdiction": "PT", "nationality": "PT"},
        ],
        "goods": [{"description": "lathe from the north"}, {"description": "Korea style chairs"}],
        "route": {"from": {"country": "FR"}, "to": {"country": "PT"}, "via": []},
        **changes,
    }


def _mentioned(**changes: object) -> frozenset[str]:
    return _ENGINE.mentions_in(_ENGINE.facts(Transaction.of(_deal(**changes))).text)


def test_a_name_does_not_begin_in_one_text_and_end_in_the_next() -> None:
    assert _mentioned() == frozenset()


def test_a_target_named_in_one_text_is_noticed() -> None:
    assert _mentioned(notes="the lathe goes on to North  Korea.") == {"north korea"}


def _through_dalian(*more: Mapping[str, object]) -> dict[str, object]:
    deal = _deal(goods=[{"description": "machine tools", "hs": "8458", "end_use": "a plant near Pyongyang"}])
    parties = deal["parties"]
    assert isinstance(parties, list)
    return {**deal, "parties": [*parties, *more]}


def test_an_end_use_in_a_target_asks_for_the_end_user() -> None:
    report = _ENGINE.check(_through_dalian())
    assert report.outcome.value == "potential"
    assert "parties.end_user" in [question.ask for question in report.questions]


def test_a_named_end_user_answers_where_the_goods_go_on() -> None:
    elsewhere = {"name": "Porto Works", "roles": ["end user"], "kind": "company", "jurisdiction": "PT"}
    there = {"name": "Rason Works", "roles": ["end user"], "kind": "company", "jurisdiction": "DPRK"}
    assert _ENGINE.check(_through_dalian(elsewhere)).outcome.value == "clear"
    assert _ENGINE.check(_through_dalian(there)).outcome.value == "violation"
