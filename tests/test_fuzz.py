"""Every reader refuses what it cannot read with an error of its own, whatever it is given.

Inputs are random, or real samples with slices cut, doubled, swapped and replaced. Only a ``SanctionsError`` may
escape.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanctions_engine.dates import read_period
from sanctions_engine.documents import read_document
from sanctions_engine.engine import Engine
from sanctions_engine.errors import InputError, RuleError, SanctionsError
from sanctions_engine.intake.countries import read_country
from sanctions_engine.intake.hs import HsRanges, read_hs
from sanctions_engine.intake.places import read_place
from sanctions_engine.intake.screening import read_un_list
from sanctions_engine.rulebook import Rulebook
from sanctions_engine.transaction import Transaction

ROOT = Path(__file__).resolve().parent.parent
ENGINE = Engine(matcher="python")
TRANSACTIONS = [
    file.read_text(encoding="utf-8") for file in sorted((ROOT / "examples" / "transactions").glob("*.yaml"))
]
RULE = """\
rule: un.test.9999-1
title: Machinery to Testland
authority: {resolution: S/RES/9999 (2017), paragraph: "1", checked: memory}
in_force: {from: 2017-12-22}
effect: prohibition
binds: [every_member_state]
reach: [territory]
for_each: goods
when:
  all:
    - activity: {in: $activities.transfer}
    - any: [{to.states: {include: KP}}, {not: {from.states: {only: [RU, CN]}}}]
    - goods.categories: {include: machinery}
    - goods.unit_value: {above: {value: 2000, unit: USD}}
unless:
  - exemption: Committee decision
    authority: 9999/2
    approval: {by: un.1718-committee, kind: approval}
severity: high
because: A test.
"""
GOODS = """\
categories:
  machinery: {title: machinery, defined_by: code, hs: [{codes: ["84-85"], basis: paragraph_text}], source: ["9999/1"]}
"""
JSON = json.dumps({"occurred": "2022", "goods": [{"hs": ["9301"], "quantity": 3.5}], "unknown": None})
REGIME = "regime: un.test\ntitle: Testland\ntargets: {states: [KP]}\n"
LIST = (
    '<?xml version="1.0" encoding="UTF-8"?><CONSOLIDATED_LIST dateGenerated="2026-02-27T00:00:09.554Z"><INDIVIDUALS>'
    "<INDIVIDUAL><DATAID>1</DATAID><FIRST_NAME>GIVEN</FIRST_NAME><SECOND_NAME>FAMILY</SECOND_NAME>"
    "<UN_LIST_TYPE>DPRK</UN_LIST_TYPE><REFERENCE_NUMBER>KPi.001</REFERENCE_NUMBER><LISTED_ON>2016-03-02</LISTED_ON>"
    "<NATIONALITY><VALUE>Democratic People's Republic of Korea</VALUE></NATIONALITY>"
    "<INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>OTHER</ALIAS_NAME></INDIVIDUAL_ALIAS>"
    "<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>EXACT</TYPE_OF_DATE><DATE>1960-01-01</DATE></INDIVIDUAL_DATE_OF_BIRTH>"
    "</INDIVIDUAL></INDIVIDUALS><ENTITIES></ENTITIES></CONSOLIDATED_LIST>"
)
JUNK = [
    *("", "\x00", "\ud800", "\ufeff", "٣", "½", "[", "]", "{", "}", ":", ": ", "- ", "&a ", "*a", "!!python/object:x "),
    *("|\n", ">", "'", '"', "#", "~", "null", "yes", "NaN", "1e999999", "-1", "9999-12-31", "0001-01-01", "0000", ".."),
    *("/", "\n", "\n  ", "\t", "<", "&amp;", "]]>", "<!--", "$activities.", "$x", "any", "not", "1" * 400, "a" * 400),
]


@st.composite
def mutated(draw: st.DrawFn, samples: list[str]) -> str:
    """A real sample with one to four slices cut, doubled, moved or replaced."""
    text = draw(st.sampled_from(samples))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        end = min(len(text), at + draw(st.sampled_from([0, 1, 2, 5, 20, 80])))
        part = text[at:end]
        put = draw(st.one_of(st.sampled_from(JUNK), st.just(part + part), st.text(max_size=4)))
        text = text[:at] + put + text[end:]
    return text


def scalars() -> st.SearchStrategy[object]:
    return st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from(JUNK), st.text(max_size=20))


def anything() -> st.SearchStrategy[object]:
    keys = st.sampled_from(sorted(Transaction.model_fields)) | st.text(max_size=8)
    return st.recursive(
        scalars(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
        max_leaves=12,
    )


def only_ours(read: Callable[[], object], errors: type[SanctionsError] = SanctionsError) -> None:
    """Read; an error of another kind, or one that says nothing, fails the test."""
    said = "read"
    try:
        read()
    except errors as error:
        said = str(error)
    assert said.strip()


@given(st.one_of(mutated(TRANSACTIONS), st.text(max_size=60)))
def test_yaml_is_read_or_refused(text: str) -> None:
    only_ours(lambda: read_document(text), InputError)


@given(st.one_of(mutated([JSON]), st.text(max_size=60)))
def test_json_is_read_or_refused(text: str) -> None:
    only_ours(lambda: read_document(text, json_only=True), InputError)


@given(mutated(TRANSACTIONS))
def test_a_mutated_transaction_is_judged_or_refused(text: str) -> None:
    only_ours(lambda: ENGINE.check(Transaction.of(text)), InputError)


@given(st.dictionaries(st.sampled_from(sorted(Transaction.model_fields)), anything(), max_size=4))
def test_a_transaction_of_anything_is_judged_or_refused(raw: dict[str, object]) -> None:
    only_ours(lambda: ENGINE.check(Transaction.of(raw)), InputError)


BOOK = {"rule": RULE, "regime": REGIME, "goods": GOODS}


def book(folder: Path, **changed: str) -> Callable[[], Rulebook]:
    """Write a small rulebook, with one file changed, and say how to load it."""
    home = folder / "un" / "test"
    home.mkdir(parents=True)
    places = {"rule": home / "9999-1.yaml", "regime": home / "regime.yaml", "goods": home.parent / "goods.yaml"}
    for name, text in {**BOOK, **changed}.items():
        places[name].write_bytes(text.encode("utf-8", "surrogatepass"))
    return lambda: Rulebook.load(folder, bundled=False)


def test_the_unchanged_book_loads(tmp_path: Path) -> None:
    assert [r.rule.rule for r in book(tmp_path)().rules] == ["un.test.9999-1"]


@pytest.mark.parametrize("file", BOOK)
@given(data=st.data())
def test_a_mutated_rulebook_is_loaded_or_refused(
    tmp_path_factory: pytest.TempPathFactory, file: str, data: st.DataObject
) -> None:
    load = book(tmp_path_factory.mktemp("rules"), **{file: data.draw(mutated([BOOK[file]]))})
    only_ours(load, RuleError)


@given(st.one_of(mutated([LIST]).map(lambda t: t.encode("utf-8", "surrogatepass")), st.binary(max_size=60)))
def test_a_mutated_list_is_read_or_refused(data: bytes) -> None:
    only_ours(lambda: read_un_list(data, "fuzz"), InputError)


SMALL: dict[str, tuple[Callable[[str], object], list[str]]] = {
    "country": (read_country, ["North Korea", "Korea", "Dem. Rep. of the Congo", "KP", "中国", "Côte d'Ivoire"]),
    "place": (read_place, ["Khasan, Russia", "RUKHN", "port of Nampo (KP)", "Hong Kong", "Darfur"]),
    "hs": (read_hs, ["8701.20", "HS 8701 20", "0306", "93"]),
    "hs range": (lambda text: HsRanges([text]), ["72-76", "2616.90", "8802-8806"]),
    "period": (read_period, ["2022-11-18", "2022-11", "2022", "2022-11-18/2022-11-20", "[2022-11-18..]", "../2022"]),
    "goods": (
        lambda text: ENGINE.classifier.classify(text, ()),
        ["152mm artillery shells", "запасные части", "拖拉机"],
    ),
}


@pytest.mark.parametrize("reader", SMALL)
@given(data=st.data())
def test_a_small_reader_reads_or_refuses(reader: str, data: st.DataObject) -> None:
    read, samples = SMALL[reader]
    text = data.draw(st.one_of(mutated(samples), st.text(max_size=80)))
    only_ours(lambda: read(text), InputError)


@given(anything())
def test_a_period_of_anything_is_read_or_refused(value: object) -> None:
    only_ours(lambda: read_period(value), InputError)
