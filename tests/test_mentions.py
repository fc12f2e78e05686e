"""A target that is mentioned in a text leaves the nexus open; one that no text mentions does not."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

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


def _lathes(**changes: object) -> dict[str, object]:
    return _deal(goods=[{"description": "machine tools", "hs": "8458"}], **changes)


def _asked(**changes: object) -> tuple[str, list[str]]:
    report = _ENGINE.check(_lathes(**changes))
    return report.outcome.value, [question.ask for question in report.questions]


def test_notes_that_name_a_target_ask_where_the_goods_go_and_come_from() -> None:
    outcome, asks = _asked(notes="Actually for Pyongyang")
    assert outcome == "potential"
    assert {"parties.end_user", "goods[0].origin"} <= set(asks)


def test_notes_ask_nothing_where_it_would_not_matter() -> None:
    wheat = [{"description": "wheat", "hs": "1001"}]
    assert _ENGINE.check(_deal(goods=wheat, notes="Actually for Pyongyang")).outcome.value == "clear"


def test_what_the_notes_leave_open_can_be_answered() -> None:
    deal = _lathes(notes="Actually for Pyongyang")
    parties = [
        *deal["parties"],
        {"name": "Evora Works", "roles": ["end user"], "kind": "company", "jurisdiction": "PT"},
    ]  # type: ignore[misc]
    goods = [{"description": "machine tools", "hs": "8458", "origin": "FR"}]
    assert _ENGINE.check({**deal, "parties": parties, "goods": goods}).outcome.value == "clear"


@pytest.mark.parametrize(
    ("notes", "outcome"),
    [
        ("Not for re-export to Iran, North Korea or Somalia.", "clear"),
        ("not from North Korea", "clear"),
        ("Do not tell customs that it goes to Pyongyang", "potential"),
        ("no questions: it is bound for Pyongyang", "potential"),
        ("not for Iran; the plant is near Pyongyang", "potential"),
    ],
)
def test_a_denial_in_so_many_words_raises_no_question(notes: str, outcome: str) -> None:
    assert _asked(notes=notes)[0] == outcome


def test_goods_whose_description_names_a_target_are_asked_for_their_origin() -> None:
    coal = {"description": "anthracite of DPRK origin", "hs": "2701"}
    asked = _ENGINE.check(_deal(goods=[coal]))
    assert [(f.rule.id, f.outcome.value) for f in asked.potentials] == [("un.dprk.2371-8-coal", "potential")]
    assert [question.ask for question in asked.questions] == ["goods[0].origin"]
    assert _ENGINE.check(_deal(goods=[{**coal, "origin": "RU"}])).outcome.value == "clear"


def test_a_text_adds_nothing_to_what_is_told_of_the_same_state() -> None:
    deal = _lathes(notes="made in North Korea", route={"from": {"country": "DPRK"}, "to": {"country": "PT"}, "via": []})
    assert "parties.end_user" not in [question.ask for question in _ENGINE.check(deal).questions]
