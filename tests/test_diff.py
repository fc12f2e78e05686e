"""A change of a rule gets the right class, and a witness that the two books really judge differently."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from sanctions_engine.assurance.diff import (
    Change,
    Difference,
    Effect,
    Kind,
    as_markdown,
    check_corpus,
    diff,
    opened_book,
)
from sanctions_engine.assurance.trials import read_scenarios
from sanctions_engine.cli import main
from sanctions_engine.engine import Engine
from sanctions_engine.errors import InputError
from sanctions_engine.rulebook import Rulebook
from sanctions_engine.transaction import Transaction
from tests.small_book import DEFINITIONS, GOODS, RULE, SCENARIOS, write_book, write_cases

RULE_ID = "un.test.9999-1"


@dataclass(frozen=True)
class HandMade:
    """A change by hand: what is replaced by what, and what must be said of it."""

    name: str
    old: str
    new: str
    kind: Kind
    effects: frozenset[Effect] = frozenset()
    within: str = "rule"


FORBIDS, ALLOWS, REASON = frozenset({Effect.FORBIDS}), frozenset({Effect.ALLOWS}), frozenset({Effect.REASON})
CHANGES = [
    HandMade("another title", "Machinery to", "Machines to", Kind.TEXT),
    HandMade(
        "parts in another order",
        "    - use: sold_there\n    - goods.categories: {include: machinery}\n",
        "    - goods.categories: {include: machinery}\n    - use: sold_there\n",
        Kind.TEXT,
    ),
    HandMade(
        "a distributed condition",
        "    - goods.categories: {include: machinery}\n",
        "    - not: {not: {any: [{goods.categories: {include: machinery}}, "
        "{all: [{goods.categories: {include: machinery}}, {mode: {include: sea}}]}]}}\n",
        Kind.TEXT,
    ),
    HandMade("a condition dropped", "    - goods.categories: {include: machinery}\n", "", Kind.MEANING, FORBIDS),
    HandMade("narrower goods", "include: machinery}", "include: mining_equipment}", Kind.MEANING, ALLOWS),
    HandMade("other goods", "include: machinery}", "include: food}", Kind.MEANING, FORBIDS | ALLOWS),
    HandMade("a day later", "from: 2017-12-22", "from: 2017-12-23", Kind.MEANING, ALLOWS),
    HandMade("a call only", "effect: prohibition", "effect: call", Kind.MEANING, ALLOWS),
    HandMade("an exemption gone", "    when: {purposes: {include: humanitarian}}", "    when: {all: [{purposes: {include: humanitarian}}, {mode: {include: air}}]}", Kind.MEANING, FORBIDS),  # noqa: E501  # a table
    HandMade("another paragraph", 'paragraph: "1"', 'paragraph: "7"', Kind.MEANING, REASON),
    HandMade("another duty-bearer", "reach: [territory]", "reach: [nationals]", Kind.MEANING, REASON),
    HandMade("a shared definition", "[sale, gift]", "[sale]", Kind.MEANING, ALLOWS, within="definitions"),
    HandMade("only one State, no longer one of several", "    - use: sold_there\n", "    - use: sold_there\n    - parties.states: {in: [KP, FR]}\n", Kind.MEANING, ALLOWS),  # noqa: E501  # a table
    HandMade("a seller who is nowhere else", "    - use: sold_there\n", "    - use: sold_there\n    - not: {all: [{supplier.states: {include: FR}}, {not: {supplier.states: {only: FR}}}]}\n", Kind.MEANING, ALLOWS),  # noqa: E501  # a table
    HandMade("an exemption for a ship of two flags", "    when: {purposes: {include: humanitarian}}", "    when: {any: [{purposes: {include: humanitarian}}, {all: [{vessel.flag: {include: MN}}, {vessel.flag: {include: PA}}]}]}", Kind.MEANING, ALLOWS),  # noqa: E501  # a table
    HandMade("what stays at home is out", "    - use: sold_there\n", "    - use: sold_there\n    - not: {all: [{start.states: {only: KP}}, {destination.states: {only: KP}}, {parties.states: {only: KP}}]}\n", Kind.MEANING, ALLOWS),  # noqa: E501  # a table
    HandMade("an approval of another body", "by: un.9999-committee, kind: approval", "by: state, kind: approval", Kind.MEANING, FORBIDS | ALLOWS),  # noqa: E501  # a table
    HandMade(
        "goods classes",
        'title: machinery\n    defined_by: code\n    hs: [{codes: ["84"]',
        'title: machinery\n    defined_by: code\n    hs: [{codes: ["10", "84"]',
        Kind.MEANING,
        FORBIDS,
        within="goods",
    ),
]  # fmt: skip


@lru_cache(maxsize=1)
def unchanged() -> Rulebook:
    with TemporaryDirectory() as folder:
        return Rulebook.load(write_book(Path(folder)), bundled=False)


def difference(tmp_path: Path, change: HandMade, scenarios: str = SCENARIOS) -> tuple[Rulebook, Rulebook, Difference]:
    texts = {"rule": RULE, "definitions": DEFINITIONS, "goods": GOODS}
    assert texts[change.within].count(change.old) == 1
    old = unchanged()
    texts[change.within] = texts[change.within].replace(change.old, change.new)
    new = Rulebook.load(write_book(tmp_path / "new", **texts), bundled=False)
    return old, new, diff(old, new, read_scenarios([write_cases(tmp_path, scenarios)]))


def verdict(book: Rulebook, described: Mapping[str, object]) -> object:
    report = Engine(book, matcher="python").check(Transaction.of(described))
    return [
        (f.outcome, f.citations, [(a.state, a.limb) for a in f.in_breach])
        for f in report.findings
        if f.rule.id == RULE_ID
    ]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_a_change_gets_its_class_and_a_witness_that_differs(change: HandMade, tmp_path: Path) -> None:
    old, new, found = difference(tmp_path, change)
    [one] = found.changes
    assert (one.rule, one.kind) == (RULE_ID, change.kind), one
    assert {witness.effect for witness in one.witnesses} == change.effects
    for witness in one.witnesses:
        assert verdict(old, witness.transaction) != verdict(new, witness.transaction)


def test_a_witness_is_as_short_as_it_can_be(tmp_path: Path) -> None:
    old, new, found = difference(tmp_path, next(c for c in CHANGES if c.name == "a call only"))
    [witness] = found.changes[0].witnesses
    for key in witness.transaction:
        rest = {k: v for k, v in witness.transaction.items() if k != key}
        assert verdict(old, rest) == verdict(new, rest) if rest else True
    assert len(witness.transaction) < 5


def test_the_same_book_differs_in_nothing() -> None:
    book = unchanged()
    assert diff(book, book) == Difference((), 1)


def test_a_rule_that_comes_or_goes_is_shown_by_what_it_catches(tmp_path: Path) -> None:
    folder = write_book(tmp_path / "b")
    (folder / "un" / "test" / "9999-1.yaml").rename(folder / "un" / "test" / "9999-5.yaml")
    moved = folder / "un" / "test" / "9999-5.yaml"
    moved.write_text(RULE.replace("9999-1\n", "9999-5\n"), encoding="utf-8")
    other = Rulebook.load(folder, bundled=False)
    found = diff(unchanged(), other, read_scenarios([write_cases(tmp_path)]))
    assert [(c.rule, c.kind) for c in found.changes] == [
        ("un.test.9999-1", Kind.REMOVED),
        ("un.test.9999-5", Kind.ADDED),
    ]
    removed, added = found.changes
    assert {w.effect for w in removed.witnesses} == ALLOWS
    assert {w.effect for w in added.witnesses} <= FORBIDS


def test_a_class_that_no_transaction_shows_is_not_said_to_be_the_same(tmp_path: Path) -> None:
    change = HandMade(
        "a title of another class", "    title: household and", "    title: house and", Kind.UNPROVED, within="goods"
    )
    _, _, found = difference(tmp_path, change)
    assert [(one.rule, one.kind) for one in found.changes] == [(RULE_ID, Kind.UNPROVED)]
    assert found.unchanged == 0
    assert "1 more are the same in text" in as_markdown(found)


def test_a_rule_that_reads_no_goods_is_the_same_whatever_their_classes(tmp_path: Path) -> None:
    rule = RULE.replace("    - goods.categories: {include: machinery}\n", "").replace(
        "for_each: goods", "for_each: activity"
    )
    other = GOODS.replace("    title: household and", "    title: house and")
    old = Rulebook.load(write_book(tmp_path / "a", rule=rule), bundled=False)
    new = Rulebook.load(write_book(tmp_path / "b", rule=rule, goods=other), bundled=False)
    assert diff(old, new) == Difference((), 1)


def test_what_cannot_be_shown_is_not_said_to_be_the_same() -> None:
    found = Difference((Change(RULE_ID, Kind.MEANING, "when"),), 0)
    assert "neither proved to mean the same" in as_markdown(found)


def test_a_bad_row_of_a_corpus_is_counted_with_its_place(tmp_path: Path) -> None:
    old, new, _ = difference(tmp_path, next(c for c in CHANGES if c.name == "a call only"))
    scenario = read_scenarios([tmp_path / "tests"])[0]
    corpus = tmp_path / "deals.jsonl"
    good = json.dumps(dict(scenario.transaction))
    corpus.write_text(f'{good}\n{{"occurred": \n\n{{"ocurred": "2018-01-01"}}\n[1]\n{good}\n', encoding="utf-8")
    found = check_corpus(old, new, corpus)
    assert found.rows == 2
    assert dict(found.moved) == {("violation", "advisory"): 2}
    assert [problem.where for problem in found.bad] == [f"{corpus}:{line}" for line in (2, 4, 5)]
    assert "did you mean 'occurred'" in found.bad[1].what


def test_git_revisions_are_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def git(*words: str) -> None:
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *words], cwd=tmp_path, check=True)

    folder = write_book(tmp_path)
    git("init", "-q")
    git("add", "rules")
    git("commit", "-q", "-m", "old")
    (folder / "un" / "test" / "9999-1.yaml").write_text(RULE.replace("2017-12-22", "2017-12-23"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    write_cases(tmp_path)
    assert main(["rules", "diff", "HEAD", "rules", "--scenarios", "tests", "--exit-code"]) == 2
    said = capsys.readouterr().out
    assert "1 changed in meaning" in said
    assert "newly allows" in said
    assert "2017-12-22" in said


@pytest.mark.parametrize("name", ["nowhere", "--output=/tmp/x", "HEAD~99999"])
def test_what_is_neither_folder_nor_revision_is_said(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="neither a folder of rules nor a git revision"), opened_book(name):
        pass
