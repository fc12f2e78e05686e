"""A batch says of every transaction what a single check says, and loses none."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sanctions_engine.engine import Engine
from sanctions_engine.errors import InputError
from tests.strategies import COUNTRIES, DATES, DESCRIPTIONS, KINDS, NAMES

pl = pytest.importorskip("polars", reason="Polars comes with the batch extra")

from sanctions_engine.batch import Batch, check_frame, nest  # noqa: E402

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
                                    ("unit_value", "currency", "EUR"), ("amount", "amount_currency", "USD")):  # fmt: skip  # noqa: E501
            if row.get(number) and rng.random() < 0.95:
                row[unit] = row.get(unit) or usual
        if rng.random() < 0.05:
            name = rng.choice(sorted(BAD))
            row[name] = BAD[name]
    return rows


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(flat_transactions(), min_size=3, max_size=8))
def test_batch_and_single_check_agree_on_made_up_frames(engine: Engine, made: list[list[FlatRow]]) -> None:
    assert_equal(engine, made)


GOODS_ROWS = [
    ("infantry rockets", "9306"),
    ("coal", "2701"),
    ("frozen squid", "0307"),
    ("wheat", "1001"),
    ("spare parts", None),
]


def recorded(seed: int, count: int) -> list[list[FlatRow]]:
    """Return flat trades between ordinary countries, a third of them with a DPRK end, a tenth with the past's targets."""  # noqa: E501
    rng = random.Random(seed)
    found: list[list[FlatRow]] = []
    for _ in range(count):
        start, end = (
            rng.choice(["DE", "Brazil", "South Africa", "CN"]),
            rng.choice(["FR", "Poland", "North Korea", "RU"]),
        )
        description, code = rng.choice(GOODS_ROWS)
        found.append([{
            "occurred": f"{rng.randint(1976, 2026)}-{rng.randint(1, 12):02}-15", "activities": rng.choice(["sale", "transport"]),  # noqa: E501
            "supplier_name": rng.choice(["Acme", "Bolt", None]), "supplier_country": rng.choice([start, None]),
            "recipient_country": rng.choice([end, None]), "from_country": start, "to_country": rng.choice([end, end, None]),  # noqa: E501
            "goods_description": description, "hs": code, "quantity": "5", "unit": rng.choice(["tonnes", "pieces"]),
            "value": rng.choice(["100", "90000"]), "currency": "USD",
        }])  # fmt: skip
    return found


def test_batch_and_single_check_agree_where_laws_change_and_end(engine: Engine) -> None:
    batch = Batch(engine)
    assert_equal(engine, recorded(1, 150), batch)
    assert_equal(engine, recorded(2, 150), batch)
    assert batch.combinations < 200


def test_what_cannot_be_read_is_quarantined_with_its_transaction(engine: Engine, tmp_path: Path) -> None:
    table = tmp_path / "in.csv"
    table.write_text(
        "transaction,occurred,activities,from_country,to_country,hs\n"
        "a,2022-01-01,sale,DE,FR,1001\n"
        "b,2022-01-01,sale,DE,KP\n"
        "b,2022-01-01,sale,DE,KP,9306\n"
        "c,2022-01-01,sale,Germny,KP,9306\n"
        "d,2022-01-01,sale,DE,KP,9306\n"
        "a,2022-01-01,sale,DE,FR,1001\n",
        encoding="utf-8",
    )
    result = engine.check_frame(table, tmp_path / "out")
    assert (result.rows, result.judged, result.quarantined) == (6, 1, 5)
    assert result.verdicts["transaction"].to_list() == ["d"]
    reasons = dict(result.quarantine.select("row", "reason").rows())
    assert "5 cells" in reasons[2]
    assert "row 2" in reasons[3]
    assert "Germny" in reasons[4]
    assert "do not stand together" in reasons[1]
    assert "do not stand together" in reasons[6]


def test_an_interrupted_run_goes_on_where_it_stopped(engine: Engine, tmp_path: Path) -> None:
    rows = [{**row, "transaction": f"t{i}"} for i, described in enumerate(recorded(3, 60)) for row in described]
    source = tmp_path / "in.parquet"
    pl.DataFrame(rows, infer_schema_length=None).write_parquet(source)
    whole = check_frame(engine, source, tmp_path / "whole", rows_at_once=7)

    def stop(at: int, size: int, done: int) -> None:
        if done > 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check_frame(engine, source, tmp_path / "twice", rows_at_once=7, progress=stop)
    again = check_frame(engine, source, tmp_path / "twice", rows_at_once=7)
    assert again.verdicts.equals(whole.verdicts)
    assert again.findings.equals(whole.findings)
    assert again.rows == 60


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("a.csv", "", "empty"),
        ("a.csv", "transaction,occured\na,2022\n", "did you mean 'occurred'"),
        ("a.xls", "x", "no format"),
        ("a.jsonl", "[1]\n", "one object"),
    ],
)
def test_a_file_that_is_no_table_is_an_error(engine: Engine, tmp_path: Path, name: str, text: str, what: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=what):
        engine.check_frame(tmp_path / name)
    with pytest.raises(InputError, match="directory"):
        engine.check_frame(tmp_path)
