"""The tables of rules for people who read law say what the book says."""

from __future__ import annotations

import pytest

from sanctions_engine.rule_table import regime_table
from sanctions_engine.rulebook import Rulebook, bundled_rules


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return Rulebook.load()


def test_tables_beside_the_rules_are_current(book: Rulebook) -> None:
    stale = []
    for regime in book.regimes:
        file = bundled_rules().joinpath(*regime.split("."), "README.md")
        if not file.is_file() or file.read_text(encoding="utf-8") != regime_table(book, regime):
            stale.append(regime)
    assert stale == [], "run: python -m sanctions_engine.rule_table"


def test_every_rule_of_a_regime_is_in_its_table(book: Rulebook) -> None:
    for regime in book.regimes:
        table = regime_table(book, regime)
        assert [r.id for r in book.of_regime(regime) if f"`{r.id}`" not in table] == []


def test_a_paragraph_has_one_row_with_its_span_effect_and_grade(book: Rulebook) -> None:
    rows = [line for line in regime_table(book, "un.dprk").splitlines() if line.startswith("| 2397/7 | from")]
    title = "Machinery, vehicles and base metals supplied to the DPRK"
    assert rows == [f"| 2397/7 | from 2017-12-22 | forbids: {title} | `un.dprk.2397-7` | content |"]


def test_paragraphs_stand_in_the_order_of_the_law(book: Rulebook) -> None:
    table = regime_table(book, "un.dprk")
    places = [table.index(f"\n| {p} |") for p in ("1718/8(a)(i)", "1718/8(a)(ii)", "1874/9", "2270/29", "2397/7")]
    assert places == sorted(places)


def test_what_is_not_encoded_is_said_with_its_reason(book: Rulebook) -> None:
    table = regime_table(book, "un.dprk")
    assert "`dprk-2397-27-future-petroleum-action` | It states what the Council intends" in table


def test_a_call_is_not_called_a_prohibition(book: Rulebook) -> None:
    row = next(line for line in regime_table(book, "un.dprk").splitlines() if line.startswith("| 1718/8(f) |"))
    assert "calls upon:" in row
    assert "forbids" not in row
