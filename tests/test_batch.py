"""A batch says of every transaction what a single check says, and loses none."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sanctions_engine.documents import read_file
from sanctions_engine.engine import Engine
from sanctions_engine.errors import InputError
from tests.ordinary_life import ordinary_transactions
from tests.strategies import COUNTRIES, DATES, DESCRIPTIONS, KINDS, NAMES

pl = pytest.importorskip("polars", reason="Polars comes with the batch extra")

from sanctions_engine.batch import COLUMNS, Batch, nest  # noqa: E402

FlatRow = dict[str, str | None]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(matcher="python")


def single(engine: Engine, rows: Sequence[Mapping[str, str | None]]) -> object:
    """Return the verdict of a single check in the form a batch gives, or None where it cannot be read."""
    try:
        report = engine.check(nest(rows))
    except InputError:
        return None
    findings = [
        (f.rule.id, f.outcome.value, f.subject.path, f.settled, f.exemption.paragraph if f.exemption else None,
         " ".join(f.citations))
        for f in report.findings
    ]  # fmt: skip
    return report.outcome.value, findings


def assert_equal(engine: Engine, transactions: Sequence[Sequence[FlatRow]], batch: Batch | None = None) -> None:
    rows = [{**row, "transaction": f"t{i}"} for i, described in enumerate(transactions) for row in described]
    names = list(dict.fromkeys(name for row in rows for name in row))
    frame = pl.DataFrame(
        {name: [row.get(name) for row in rows] for name in names}, schema=dict.fromkeys(names, pl.String)
    )
    part = (batch or Batch(engine)).check(frame)
    outcomes = {t: (outcome, []) for t, outcome in part.verdicts.select("transaction", "outcome").rows()}
    for t, _, *finding in part.findings.rows():
        outcomes[t][1].append(tuple(finding))
    refused = set(part.quarantine["transaction"].to_list())
    assert not refused & outcomes.keys()
    assert part.verdicts["rows"].sum() + part.quarantine.height == len(rows)
    for i, described in enumerate(transactions):
        expected = single(engine, [{**row, "transaction": f"t{i}"} for row in described])
        if expected is None:
            assert f"t{i}" in refused, described
        else:
            assert outcomes.get(f"t{i}") == expected, nest(described)


# ---------------------------------------------------------------------- made-up frames

PLAIN_STATES = ["DE", "France", "Poland", "Brazil", "Guinea", "Korea", "Viet Nam", "India"]
FLAT_COUNTRIES = [*COUNTRIES, *PLAIN_STATES, "unknown", "high seas", "KP|RU", "DE|FR"]
TEXTS = [
    "spare parts of North",
    "Korea ginseng",
    "plain text",
    "goods for Pyongyang",
    "Islamic",
    "State stationery",
    "---",
]
ROLE_COLUMNS = ["supplier", "recipient", "end_user", "payer", "payee", "bank", "carrier", "employer", "worker"]


def cells(**pools: Sequence[str]) -> st.SearchStrategy[FlatRow]:
    return st.fixed_dictionaries({name: st.sampled_from([None, *pool, *pool]) for name, pool in pools.items()})


BAD = {"hs": "zz", "quantity": "x", "value": "-1", "unit": "furlongs", "currency": "dollars", "condition": "broken",
       "occurred": "31/12/2020", "activities": "jousting", "amount": "-3", "vessel_imo": "1234567"}  # fmt: skip


parties = st.sampled_from(ROLE_COLUMNS).flatmap(
    lambda role: cells(
        **{
            f"{role}_name": [*NAMES, "Muller GmbH", "Rossi SpA", "Trade North", "Korea Foods", "unknown"],
            f"{role}_country": FLAT_COUNTRIES,
            f"{role}_kind": KINDS,
            f"{role}_nationality": FLAT_COUNTRIES,
            f"{role}_located_in": ["Pyongyang", "Berlin", "DE", "Atlantis"],
        }
    )
)
lines = cells(
    goods_description=[*DESCRIPTIONS, *TEXTS],
    hs=["9306", "93", "8701", "1001", "2701", "0307", "62", "2710", "9301|9306", "1001|8701"],
    categories=["coal", "arms", "nonsense"],
    quantity=["3", "500", "1,000"],
    unit=["pieces", "tonnes", "barrels"],
    value=["100", "6000", "0"],
    unit_value=["50", "2000", "2001", "99999"],
    currency=["USD", "EUR"],
    origin=FLAT_COUNTRIES,
    condition=["new", "used"],
    goods_kind=["good", "asset"],
    end_use=["military barracks", "farming", *TEXTS],
)
headers = cells(
    occurred=[*DATES, "2009-06-11", "1950", "2031-02"],
    contracted=DATES,
    activities=["sale", "sale|transport", "payment", "transport", "employment", "insurance", "training", "unknown"],
    purposes=["humanitarian", "livelihood", "unknown"],
    mode=["sea", "rail"],
    grounds=["could_contribute"],
    notes=TEXTS,
    from_country=FLAT_COUNTRIES,
    from_place=["Khasan", "Tumangang", "Hamburg", "Springfield", "Atlantis"],
    to_country=FLAT_COUNTRIES,
    to_place=["Pyongyang", "Hamburg"],
    to_area=["Darfur"],
    via=["CN", "Dandong|RU", "FR|DE"],
    payer_bank_country=FLAT_COUNTRIES,
    payer_bank_name=["Foreign Trade Bank", "Deutsche Handelsbank"],
    payee_bank_bic=["DEUTDEFF", "FTBDKPPY", "ABCDKRSE"],
    amount=["100"],
    amount_currency=["USD"],
    payment_purpose=TEXTS,
)
vessels = cells(
    vessel_name=["Ocean Star", "Chon Ma San", "Angara"],
    vessel_imo=["9179842", "8660313"],
    vessel_flag=FLAT_COUNTRIES,
    vessel_roles=["carrier", "sold|carrier"],
    vessel_ais_off=["yes", "no"],
    vessel_suspected_of=["prohibited transport"],
)


@st.composite
def flat_transactions(draw: st.DrawFn) -> list[FlatRow]:
    keep = draw(st.floats(0.2, 1))
    rng = draw(st.randoms(use_true_random=False))
    header: FlatRow = dict(draw(headers))
    for party in draw(st.lists(parties, max_size=3)):
        header |= party
    if draw(st.integers(0, 3)) == 0:
        header |= draw(vessels)
    header = {name: text for name, text in header.items() if rng.random() < keep}
    rows = []
    for line in draw(st.lists(lines, min_size=1, max_size=3)):
        own = {name: text for name, text in line.items() if rng.random() < keep * 0.7}
        rows.append({**header, **own})
    if len(rows) > 1 and draw(st.integers(0, 5)) == 0:
        rows[-1] |= draw(parties)  # a party of its own on the last line
    for row in rows:
        for number, unit, usual in (("quantity", "unit", "pieces"), ("value", "currency", "USD"),
                                    ("unit_value", "currency", "EUR"), ("amount", "amount_currency", "USD")):  # fmt: skip
            if row.get(number) and rng.random() < 0.95:
                row[unit] = row.get(unit) or usual
        if rng.random() < 0.05:
            name = rng.choice(sorted(BAD))
            row[name] = BAD[name]
    return rows


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(flat_transactions(), min_size=1, max_size=12))
def test_batch_and_single_check_agree_on_made_up_frames(engine: Engine, made: list[list[FlatRow]]) -> None:
    assert_equal(engine, made)
