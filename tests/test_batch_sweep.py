"""What a sweep rests on: each fact reads the columns of its unit and no others."""

# ruff: noqa: E501  # tables, a case a line
from __future__ import annotations

import random
from collections.abc import Callable, Iterable

import pytest

from sanctions_engine.engine import Engine
from sanctions_engine.facts import FACTS, FactBase, ForEach
from sanctions_engine.judge import weigh_test
from sanctions_engine.transaction import Transaction
from sanctions_engine.truth import Truth

pytest.importorskip("polars", reason="Polars comes with the batch extra")

from sanctions_engine.batch import COLUMNS, nest
from sanctions_engine.batch.truthsets import Law, Node, Values, bits_of, positions
from sanctions_engine.batch.units import Unit, unit_of

STATES = ["DE", "France", "KP", "RU", "Iran", "Libya", "Viet Nam", "KP|RU", "SO", "CD"]
DAYS = ["2010-05-01", "2017-12-22", "2018", "2016-03/2016-05", "[2010..2012]"]
POOLS = {
    "occurred": DAYS, "contracted": DAYS, "discovered": DAYS,
    "purposes": ["humanitarian", "livelihood", "diplomatic"], "circumstances": ["emergency", "distress"],
    "red_flags": ["false_registry_certificate", "end_user_is_a_trading_house"], "project": ["Rajin-Khasan", "another"],
    "from_country": STATES, "to_country": STATES, "via": ["CN", "FR|DE", "SG"], "mode": ["rail", "air", "road"],
    **{f"{role}_{part}": pool for role in ("supplier", "recipient", "payer", "insurer", "carrier") for part, pool in (
        ("name", ["Acme GmbH", "Bolt and Sons", "Rossi SpA"]), ("country", STATES), ("nationality", STATES),
        ("kind", ["company", "bank", "diplomat", "armed_forces", "un_body"]), ("located_in", ["Berlin", "DE", "FR"]))},
    "payer_bank_country": STATES, "payee_bank_country": STATES, "payer_bank_name": ["Handelsbank", "Sparkasse"],
    "vessel_name": ["Blue Wave", "Angara"], "vessel_flag": STATES, "vessel_former_flags": ["PA", "PA|TG|KH"],
    "vessel_ais_off": ["yes", "no"], "vessel_suspected_of": ["prohibited transport", "false flag"],
    "goods_description": ["infantry rockets", "used tractors", "wheat", "spare parts", "paintings"],
    "hs": ["9306", "8701", "1001", "2710|2709", "9701"], "origin": STATES, "made_in": STATES,
    "condition": ["new", "used"], "end_use": ["a military barracks", "farming"],
    "unit_value": ["50", "99999"], "spare_part_for": ["Tu-204", "an airliner"],
}  # fmt: skip
WHO = {"activities": ["sale|transport", "payment", "insurance|transport", "humanitarian", "construction"], "vessel_roles": ["carrier"]}  # fmt: skip
ORIGINS = ("origin", "made_in")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(matcher="python")


def outside(unit: Unit) -> list[str]:
    """Return the columns that facts of a unit must not read."""
    read = set(unit.columns)
    lines = {
        "": (),
        "origins": ORIGINS,
        "told": [name for name in POOLS if COLUMNS[name].line and name not in ORIGINS],
        "whole": [name for name in POOLS if COLUMNS[name].line],
    }
    return [name for name in POOLS if name not in read and name not in lines[unit.lines]]


def truths(programs: Law, tests: Iterable[int], facts: FactBase) -> dict[tuple[int, str], Truth]:
    return {
        (test, subject.path): weigh_test(programs.tests[test], facts, subject).truth
        for kind in ForEach
        for subject in facts.subjects(kind)
        for test in tests
    }


@pytest.mark.parametrize("seed", range(6))
def test_no_fact_reads_a_column_outside_its_unit(engine: Engine, seed: int) -> None:
    rng = random.Random(seed)
    programs = Law(engine.rulebook.rules)
    by_unit: dict[Unit, list[int]] = {}
    for number, test in enumerate(programs.tests):
        by_unit.setdefault(unit_of(test.fact), []).append(number)
    row = {name: rng.choice(pool) for name, pool in {**POOLS, **WHO}.items() if rng.random() < 0.7}
    row.setdefault("activities", "sale")
    if "unit_value" in row:
        row["currency"] = "USD"
    facts = engine.facts(Transaction.of(nest([row])))
    for unit, tests in by_unit.items():
        other = {**row, **{name: rng.choice(POOLS[name]) for name in outside(unit) if name in row}}
        told = truths(programs, tests, engine.facts(Transaction.of(nest([other]))))
        for (test, path), truth in truths(programs, tests, facts).items():
            assert told[test, path] is truth, (programs.tests[test], path, unit.name, row, other)


def test_every_fact_of_the_glossary_has_a_unit_of_its_own_or_reads_everything() -> None:
    everything = [name for name in FACTS if unit_of(name).name == "everything"]
    assert everything == [], "name their columns in the sweep, or they are weighed for every combination"


def test_a_set_of_combinations_is_the_bits_of_a_number() -> None:
    assert list(positions(bits_of([0, 7, 8, 30], 31))) == [0, 7, 8, 30]
    assert list(positions(0)) == []


ALL_THREE = (Truth.FALSE, Truth.UNKNOWN, Truth.TRUE)


@pytest.mark.parametrize(
    ("kind", "expect"),
    [
        ("all", lambda a, b: a & b),
        ("any", lambda a, b: a | b),
        ("not", lambda a, b: ~a),
        ("contested", lambda a, b: a & Truth.UNKNOWN),
    ],
)
def test_sets_follow_kleene(kind: str, expect: Callable[[Truth, Truth], Truth]) -> None:
    """Nine combinations have every two truths of two tests."""
    values = Values({0: 0b100100100, 1: 0b111000000}, {0: 0b010010010, 1: 0b000111000}, 0b111111111)
    true, possible = values.of(Node(kind, (Node("test", (), 0), Node("test", (), 1))))
    for at in range(9):
        said = Truth.TRUE if true >> at & 1 else Truth.UNKNOWN if possible >> at & 1 else Truth.FALSE
        assert said is expect(ALL_THREE[at % 3], ALL_THREE[at // 3])
