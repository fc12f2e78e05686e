"""Combinations are numbered for good, and amounts fall on the side of a limit on which decimals put them."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

pl = pytest.importorskip("polars", reason="Polars comes with the batch extra")

from sanctions_engine.batch import numbering  # noqa: E402
from sanctions_engine.batch.amounts import Amounts, Limits  # noqa: E402
from sanctions_engine.batch.classes import Register  # noqa: E402
from sanctions_engine.batch.numbering import Numbered, Numbering  # noqa: E402


@pytest.mark.parametrize("largest", [1 << 20, 4], ids=["by a table", "by a join"])
def test_a_combination_keeps_its_number_and_shares_it_with_no_other(
    monkeypatch: pytest.MonkeyPatch, largest: int
) -> None:
    monkeypatch.setattr(numbering, "_LARGEST_TABLE", largest)
    rng = random.Random(3)
    numbers = Numbering()
    seen: dict[tuple[int, ...], int] = {}
    for sizes in ((2, 2, 2), (3, 2, 40), (40, 9, 3), (3, 300, 3)):
        rows = [tuple(rng.randrange(size) for size in sizes) for _ in range(200)]
        columns = [
            Numbered(str(i), pl.Series([row[i] for row in rows], dtype=pl.UInt32), size) for i, size in enumerate(sizes)
        ]
        found = numbers.of("all", columns, {})
        assert found.codes.max() < found.size
        for row, number in zip(rows, found.codes.to_list(), strict=True):
            assert seen.setdefault(row, number) == number
    assert len(set(seen.values())) == len(seen)


class OneWord:
    """A column of one word: code 1 stands for it."""

    def __init__(self, word: str) -> None:
        self.word = word

    def told(self, _: str, code: int) -> str | None:
        return self.word if code else None

    def size(self, _: str) -> int:
        return 2


@pytest.mark.parametrize("as_text", [False, True], ids=["numbers", "text"])
def test_many_amounts_are_told_apart_as_each_by_itself_is(as_text: bool) -> None:
    """Also where the value of a piece is a limit, or next to it."""
    rng = random.Random(5)
    limits = Limits([(Decimal(100), "USD"), (Decimal(2000), "USD"), (Decimal(3), "")], values_count=False)
    near = [100.0, 100.00000000001, 99.99999999999, 2000.0, 300.0, 330.90000000000003, 0.0, 1e-7, 5e15]
    values = [rng.choice([None, *near, rng.uniform(1, 9e5)]) for _ in range(300)]
    pieces = [rng.choice([None, 0.0, 1.0, 3.0, rng.uniform(0.1, 90)]) for _ in range(300)]
    units = [rng.randrange(2) for _ in range(300)]
    frame = pl.DataFrame({"value": values, "quantity": pieces}, schema={"value": pl.Float64, "quantity": pl.Float64})
    if as_text:
        texts = {name: [None if v is None else repr(v) for v in frame[name].to_list()] for name in frame.columns}
        frame = pl.DataFrame(texts, schema=dict.fromkeys(texts, pl.String))
    every = pl.int_range(300, dtype=pl.UInt32, eager=True)
    coded: dict[str, tuple[Register, str, pl.Series]] = {
        "unit": (OneWord("pieces"), "hot", pl.Series(units, dtype=pl.UInt32)),  # type: ignore[dict-item]
        "currency": (OneWord("USD"), "hot", pl.Series([1] * 300, dtype=pl.UInt32)),  # type: ignore[dict-item]
    }
    found = Amounts(limits).of(frame, every, coded)
    assert found is not None
    told: dict[int, object] = {}
    for row, number in enumerate(found.codes.to_list()):
        amounts = {name: frame[name][row] for name in frame.columns}
        if number == 0:
            assert not units[row] or all(v is None for v in amounts.values())
            continue
        expected = limits.sides(amounts, "pieces" if units[row] else None, "USD")
        assert told.setdefault(number, expected) == expected, amounts
    assert len(set(told.values())) == len(told) > 3
