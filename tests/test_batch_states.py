"""States that no rule tells apart may be taken for each other, and no others: what classes of States rest on."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest

from sanctions_engine.engine import Engine
from sanctions_engine.intake.countries import read_country
from sanctions_engine.transaction import Transaction

pytest.importorskip("polars", reason="Polars comes with the batch extra")

from sanctions_engine.batch import COLUMNS, nest
from sanctions_engine.batch.book import Book
from sanctions_engine.batch.classes import Reader
from sanctions_engine.batch.states import Line, States, Telling, states_in
from sanctions_engine.batch.truthsets import Law
from tests.test_batch_sweep import POOLS, STATES, WHO, truths


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(matcher="python")


WORLD = [
    "DE",
    "FR",
    "CN",
    "RU",
    "KP",
    "KR",
    "IR",
    "LY",
    "VN",
    "ZA",
    "SO",
    "IQ",
    "PA",
    "TG",
    "KH",
    "BR",
    "SG",
    "CY",
    "US",
]
ONE, OTHER, THIRD = (States({code}) for code in ("DE", "FR", "PL"))


@pytest.mark.parametrize("seed", range(12))
def test_states_of_one_class_can_change_places_and_no_truth_changes(engine: Engine, seed: int) -> None:
    """By the rules of one or two regimes, and by those of all."""
    rng = random.Random(seed)
    regimes = list(engine.rulebook.regimes)
    reader = Reader(engine)
    law = Law(engine.rulebook.rules)
    book = Book(frozenset(regimes if seed % 3 == 0 else rng.sample(regimes, seed % 3)), law, reader)
    telling = book.telling
    members: dict[object, list[str]] = {}
    for code in WORLD:
        of_code = telling.class_of(code)
        members.setdefault(code if of_code is None else of_code, []).append(code)
    assert any(len(mine) > 1 for mine in members.values()), "no two States are alike; the test shows nothing"
    places: dict[str, str] = {}
    for mine in members.values():
        places |= dict(zip(mine, rng.sample(mine, len(mine)), strict=True))

    def moved(name: str, text: str) -> str:
        if COLUMNS[name].kind != "country":
            return text
        return "|".join(places[code] for code in text.split("|"))

    def described(name: str) -> str:
        if COLUMNS[name].kind == "country":
            return "|".join(rng.sample(WORLD, rng.choice([1, 1, 1, 2])))
        return rng.choice([*POOLS.get(name, ()), *WHO.get(name, ())])

    names = [name for name in (*POOLS, *WHO) if COLUMNS[name].kind not in ("stops", "located")]
    row = {name: described(name) for name in names if rng.random() < 0.7}
    row.setdefault("activities", "sale|transport")
    if "unit_value" in row:
        row["currency"] = "USD"
    other = {name: moved(name, text) for name, text in row.items()}
    assert row != other
    tests = sorted({test for rule in book.rules for test in law.used[rule.index]})
    told = truths(law, tests, engine.facts(Transaction.of(nest([other]))))
    for (number, path), truth in truths(law, tests, engine.facts(Transaction.of(nest([row])))).items():
        assert told[number, path] is truth, (law.tests[number], path, row, other)


def test_states_at_which_a_regime_is_aimed_stand_for_themselves(engine: Engine) -> None:
    telling = Reader(engine).telling
    assert [telling.class_of(state) for state in sorted(engine.target_states)] == [None] * len(engine.target_states)


def test_states_that_the_pools_name_are_read(engine: Engine) -> None:
    assert all(read_country(code).codes for text in STATES for code in text.split("|"))


@pytest.mark.parametrize(
    ("sets", "same"),
    [
        ([{"DE", "FR"}, {"DE", "FR", "CN"}], [("DE", "FR")]),
        ([{"DE"}, {"DE", "FR", "CN"}], [("FR", "CN")]),
        ([{"DE", "FR"}, {"FR", "CN"}], []),
        ([], [("DE", "FR"), ("DE", "CN"), ("FR", "CN")]),
    ],
)
def test_two_states_are_alike_where_the_same_sets_hold_them(sets: list[set[str]], same: list[tuple[str, str]]) -> None:
    telling = Telling(map(frozenset, sets), ["KP"])
    for a, b in (("DE", "FR"), ("DE", "CN"), ("FR", "CN"), ("DE", "KP")):
        alike = telling.folded((States({a}),), {}) == telling.folded((States({b}),), {})
        assert alike is ((a, b) in same), (a, b)


def test_renaming_keeps_who_is_the_same_as_whom() -> None:
    telling = Telling([], ["KP"])

    def folded(*told: object) -> object:
        return telling.folded(told, {})

    assert folded(ONE, OTHER) == folded(OTHER, THIRD)
    assert folded(ONE, ONE) == folded(OTHER, OTHER)
    assert folded(ONE, ONE) != folded(ONE, OTHER)
    assert folded(ONE, OTHER, ONE) != folded(ONE, OTHER, OTHER)
    assert folded((ONE,), OTHER) != folded(ONE, (OTHER,))
    assert folded(States({"KP"}), ONE) != folded(ONE, States({"KP"}))


def test_states_of_goods_lines_count() -> None:
    line = Line(False, "good", ("told",), (ONE,), None)
    telling = Telling([frozenset({"DE"})], [])
    assert states_in((line, OTHER)) == {"DE", "FR"}
    assert telling.folded((ONE, line), {}) != telling.folded((OTHER, line), {})


def test_a_truth_of_one_book_is_held_to_the_sets_of_that_book_only(engine: Engine) -> None:
    """The whole book tells more States apart than the rules of one regime do, never fewer."""
    whole, sets = Reader(engine).telling, [frozenset({"RU"})]
    one: Mapping[str, int | None] = {code: Telling(sets, ["KP"]).class_of(code) for code in WORLD}
    assert one["RU"] is None
    assert one["DE"] == one["CN"] == 0
    assert whole.class_of("RU") is None or whole.class_of("RU") != whole.class_of("DE")
