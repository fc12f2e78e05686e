"""Batch and single verdicts are the same: on made-up and recorded frames, and for every bundled rule."""
# ruff: noqa: E501  # tables, a case a line

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sanctions_engine.documents import read_file
from sanctions_engine.engine import Engine
from sanctions_engine.errors import InputError
from sanctions_engine.scenario import Scenario, load_scenarios
from tests.flat import FlatRow, flatten
from tests.ordinary_life import ordinary_transactions
from tests.test_batch import assert_equal, cells

pl = pytest.importorskip("polars", reason="Polars comes with the batch extra")

from sanctions_engine.batch import Batch, judging  # noqa: E402
from sanctions_engine.batch.verdict import Verdict  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
SCENARIOS = sorted((ROOT / "tests" / "scenarios").rglob("*.scenario.yaml"))


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(matcher="python")


@pytest.fixture(scope="module")
def batch(engine: Engine) -> Batch:
    return Batch(engine)


# ---------------------------------------------------------------------- what is swept: only States make it hot

STATES = ["DE", "France", "CN", "Russia", "Viet Nam", "KP", "North Korea", "Iran", "Libya", "South Africa", "SO", "Iraq",
          "Korea", "KP|RU", "DE|FR", "Cote d'Ivoire", "high seas"]  # fmt: skip
NAMES = ["Acme GmbH", "Bolt and Sons", "Rossi SpA"]
WHEN = [
    "2012-05-03",
    "2017-12-22",
    "2018",
    "2016-03/2016-05",
    "[2010..2011]",
    "1985-06",
    "2026",
    "2009-06-12",
    "../2006",
]
LINES = [("infantry rockets", "9306"), ("coal", "2701"), ("used tractors", "8701"), ("frozen squid", "0307"), ("wheat", None),
         ("spare parts", None), ("gold rings", "7113"), ("diesel", "2710.19"), ("statues", "9703"), ("cars", "8703|8704"),
         ("aircraft parts", "8803"), ("textiles", "62"), ("rice", "2701.12")]  # fmt: skip


def party(role: str) -> st.SearchStrategy[FlatRow]:
    kinds = ["company", "bank", "diplomat", "armed_forces", "individual", "un_body"]
    return cells(
        **{
            f"{role}_name": NAMES,
            f"{role}_country": STATES,
            f"{role}_nationality": STATES,
            f"{role}_kind": kinds,
            f"{role}_located_in": ["Berlin", "DE"],
        }
    )


frames_heads = cells(
    occurred=WHEN,
    contracted=WHEN,
    discovered=WHEN,
    activities=[
        "sale",
        "sale|transport",
        "payment",
        "transport",
        "employment",
        "insurance",
        "humanitarian",
        "chartering",
    ],
    purposes=["humanitarian", "livelihood|medical"],
    circumstances=["emergency"],
    red_flags=["false registry certificate"],
    mode=["sea", "rail", "air"],
    from_country=STATES,
    from_place=["Hamburg", "Marseille"],
    to_country=STATES,
    via=["CN", "FR|DE", "SG"],
    payer_bank_country=STATES,
    payer_bank_name=["Deutsche Handelsbank"],
    payee_bank_country=STATES,
    amount=["100"],
    vessel_name=["Blue Wave"],
    vessel_flag=STATES,
    vessel_former_flags=["PA|TG|KH"],
    vessel_roles=["carrier"],
    vessel_ais_off=["yes", "no"],
)


@st.composite
def swept(draw: st.DrawFn) -> list[FlatRow]:
    rng = draw(st.randoms(use_true_random=False))
    head: FlatRow = dict(draw(frames_heads))
    for role in draw(st.lists(st.sampled_from(["supplier", "recipient", "end_user", "payer", "payee", "carrier", "worker",
                                               "employer", "bank", "insurer"]), max_size=3, unique=True)):  # fmt: skip
        head |= draw(party(role))
    keep = rng.choice([0.3, 0.6, 0.95])
    head = {name: text for name, text in head.items() if text is not None and rng.random() < keep}
    if "amount" in head:
        head["amount_currency"] = "USD"
    rows = []
    for description, code in rng.choices(LINES, k=rng.choice([1, 1, 1, 2, 3])):
        line: FlatRow = {"goods_description": rng.choice([description, None]), "hs": rng.choice([code, None])}
        line |= {"origin": rng.choice([None, None, *STATES]), "made_in": rng.choice([None, None, "DE", "KP"])}
        line |= {"condition": rng.choice([None, "used"]), "end_use": rng.choice([None, None, "a military barracks"])}
        if rng.random() < 0.4:
            line |= {"quantity": rng.choice(["1", "3", "0"]), "unit": rng.choice(["pieces", "tonnes"]),
                     "value": rng.choice(["100", "6001", "90000"]), "currency": rng.choice(["USD", "EUR"])}  # fmt: skip
        rows.append({**head, **line})
    return rows


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(swept(), min_size=15, max_size=25))
def test_what_is_swept_is_judged_as_a_single_check_judges_it(
    engine: Engine, batch: Batch, made: list[list[FlatRow]]
) -> None:
    assert_equal(engine, made, batch)


def test_a_sweep_over_one_table_says_the_same_as_checks_of_its_rows(engine: Engine) -> None:
    rng = random.Random(8)
    made = []
    for _ in range(250):
        description, code = rng.choice(LINES)
        made.append([{
            "occurred": rng.choice(WHEN), "activities": rng.choice(["sale", "transport"]), "supplier_name": rng.choice(NAMES),
            "supplier_country": rng.choice([None, *STATES]), "from_country": rng.choice(STATES), "to_country": rng.choice(STATES),
            "mode": rng.choice([None, "sea"]), "goods_description": description, "hs": code,
        }])  # fmt: skip
    judged = Batch(engine)
    assert_equal(engine, made, judged)
    assert judged.combinations < len(made), "nothing was swept"


def test_what_was_learned_is_learned_anew_where_it_takes_too_much_room(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "_REMEMBERED", 5)
    judged = Batch(engine)
    for day in ("2016-01-02", "2018-01-02", "1999"):
        made: list[list[FlatRow]] = [
            [{"occurred": day, "activities": "sale", "from_country": state, "to_country": "KP", "hs": hs}]
            for state in STATES[:6]
            for hs in ("9306", "1001")
        ]
        assert_equal(engine, made, judged)


# ---------------------------------------------------------------------- recorded traffic, and every rule


def described(scenarios: Iterator[Scenario]) -> Iterator[list[FlatRow]]:
    for scenario in scenarios:
        try:
            yield flatten(scenario.transaction)
        except InputError:  # a scenario of what is refused
            continue


def test_the_flattened_scenario_of_each_rule_gets_the_verdict_of_a_single_check(engine: Engine, batch: Batch) -> None:
    assert_equal(engine, list(described(load_scenarios(path)[0] for path in SCENARIOS)), batch)


def test_every_bundled_rule_finds_in_a_nested_batch_what_it_finds_in_a_single_check(
    engine: Engine, batch: Batch
) -> None:
    """Of each rule the first scenario in which it finds something, links, claims, approvals and all."""
    chosen: dict[str, Mapping[str, Any]] = {}
    for path in SCENARIOS:
        for scenario in load_scenarios(path):
            if (
                scenario.rule
                and scenario.rule not in chosen
                and scenario.expect.rule not in (None, "none")
                and not scenario.as_of
            ):
                chosen[scenario.rule] = scenario.transaction
    texts = [json.dumps({**raw, "transaction": rule}, default=str) for rule, raw in chosen.items()]
    part = batch.check_nested(pl.Series(texts))
    found: dict[str, list[tuple[object, ...]]] = {rule: [] for rule in chosen}
    for name, _, *finding in part.findings.rows():
        found[name].append(tuple(finding))
    outcomes = dict(part.verdicts.select("transaction", "outcome").rows())
    for rule, raw in chosen.items():
        report = engine.check(json.loads(json.dumps(raw, default=str)))
        verdict = Verdict.of(report.findings, incomplete=bool(report.incomplete))
        assert (outcomes[rule], found[rule]) == (verdict.outcome, list(verdict.findings)), rule
        assert rule in {finding[0] for finding in found[rule]}, rule
    missing = {rule.id for rule in engine.rulebook.rules} - chosen.keys()
    assert len(missing) <= len(engine.rulebook.rules) // 20, f"no scenario shows {sorted(missing)}"


def test_ordinary_life_and_the_examples_get_the_verdicts_of_single_checks(engine: Engine, batch: Batch) -> None:
    files = sorted((ROOT / "examples" / "transactions").glob("*.yaml"))
    assert files
    examples = [read_file(path).data for path in files]
    assert_equal(engine, [flatten(raw) for raw in (*ordinary_transactions(40), *examples)], batch)
