"""On which side of the law's limits the amounts of goods lines lie."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl

from sanctions_engine.batch.columns import text_of
from sanctions_engine.batch.numbering import Numbered
from sanctions_engine.errors import InputError
from sanctions_engine.transaction import Money, Transaction

if TYPE_CHECKING:
    from sanctions_engine.batch.classes import Register

__all__ = ["Amounts", "Limits"]

_NUMBER = re.compile(r"\d{1,15}(\.\d{1,24})?")
_NAMES = ("quantity", "value", "unit_value")
_USUAL = 1e-6, 1e15
_NEAR = 1e-9
"""What is as near to a limit as this, of it, is worked out in decimals; binary fractions are far more exact."""


class Limits:
    """The limits a book sets, by unit or currency.

    Args:
        limits: Each with its unit.
        values_count: Whether a rule asks for the value of a whole line, and not only of one piece.
    """

    def __init__(self, limits: Iterable[tuple[Decimal, str]], *, values_count: bool) -> None:
        self._of: dict[str, list[Decimal]] = {}
        for limit, unit in sorted(set(limits)):
            self._of.setdefault(unit, []).append(limit)
        self.values_count = values_count
        self._currencies: dict[str, str | None] = {}
        self._pieces: dict[str, bool] = {}

    def of(self, unit: str) -> list[Decimal]:
        """Return the limits in a unit, the lowest first."""
        return self._of.get(unit, [])

    def side(self, value: Decimal, unit: str) -> Hashable:
        """Return on which side of every limit an amount lies."""
        mine = self.of(unit)
        return (unit, bisect_left(mine, value), bisect_right(mine, value)) if mine else "other"

    def money(self, money: Money | None) -> Hashable:
        """Return the same of money."""
        return None if money is None else self.side(money.value, money.currency)

    def sides(self, amounts: Mapping[str, object], unit: object, currency: object) -> Hashable:
        """Return on which side of every limit the amounts of a line lie; the amounts where that cannot be told.

        Args:
            amounts: ``quantity``, ``value`` and ``unit_value`` as the frame has them.
            unit: The text of the unit.
            currency: The text of the currency.
        """
        texts = {name: text_of(value) for name, value in amounts.items()}
        kind = self.currency(currency)
        numbers = {name: Decimal(text) for name, text in texts.items() if text is not None and _NUMBER.fullmatch(text)}
        if kind is None or len(numbers) < sum(text is not None for text in texts.values()):
            return tuple(texts.items())
        value, quantity, each = (numbers.get(name) for name in ("value", "quantity", "unit_value"))
        if each is None and value is not None and quantity and self.is_piece(unit):
            each = value / quantity
        return (
            None if each is None else self.side(each, kind),
            None if value is None or not self.values_count else self.side(value, kind),
        )

    def is_piece(self, unit: object) -> bool:
        """Whether a unit, as it is written, counts pieces, so that a value can be shared out among them."""
        if not isinstance(unit, str):
            return False
        found = self._pieces.get(unit)
        if found is None:
            found = self._pieces[unit] = _counts_pieces(unit)
        return found

    def currency(self, text: object) -> str | None:
        """Return the currency that a text names; None where it names none."""
        if not isinstance(text, str):
            return None
        if text not in self._currencies:
            try:
                described = Transaction.of({"goods": [{"value": {"value": "1", "currency": text}}]})
            except InputError:
                return None
            money = (described.goods or ())[0].value
            self._currencies[text] = money.currency if money is not None else None
        return self._currencies[text]


def _counts_pieces(unit: str) -> bool:
    try:
        described = Transaction.of({"goods": [{"quantity": {"value": "1", "unit": unit}}]})
    except InputError:
        return False
    quantity = (described.goods or ())[0].quantity
    return quantity is not None and quantity.unit == "piece"


class Amounts:
    """Numbers what the amounts of goods lines say, many lines at a time.

    Args:
        limits: What they are held against.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._numbers: dict[Hashable, int] = {None: 0}

    def of(
        self, frame: pl.DataFrame, at: pl.Series, coded: Mapping[str, tuple[Register, str, pl.Series]]
    ) -> Numbered | None:
        """Number what the amounts of some rows say; 0 where they say nothing that counts.

        Args:
            frame: The rows.
            at: Which of them.
            coded: Of ``unit`` and ``currency``, where they are stated: the column's register, the level, and the
                codes of these rows.

        Returns:
            None where the frame has no amounts.
        """
        names = [name for name in _NAMES if name in frame.columns]
        if not names:
            return None
        count = at.len()
        amounts = {name: frame[name].gather(at) for name in names}
        nothing = pl.repeat(False, count, dtype=pl.Boolean, eager=True)
        stated = nothing
        for values in amounts.values():
            stated = stated | values.is_not_null()
        pieces = nothing
        if "unit" in coded:
            register, level, codes = coded["unit"]
            whole = [self._limits.is_piece(register.told(level, code)) for code in range(register.size(level))]
            pieces = pl.Series(whole, dtype=pl.Boolean).gather(codes)
        counting = pieces  # the value of one piece does, where it is known
        if "unit_value" in amounts:
            counting = counting | amounts["unit_value"].is_not_null()
        if not self._limits.values_count:
            stated = stated & counting
        rows = stated.arg_true()
        found = pl.zeros(count, pl.UInt32, eager=True)
        if rows.len():
            found.scatter(rows, self._number(amounts, pieces, coded, rows))
        return Numbered("amounts", found, len(self._numbers))

    def _number(
        self,
        amounts: Mapping[str, pl.Series],
        pieces: pl.Series,
        coded: Mapping[str, tuple[Register, str, pl.Series]],
        rows: pl.Series,
    ) -> pl.Series:
        count = rows.len()
        mine = {name: values.gather(rows) for name, values in amounts.items()}
        numbers = {name: values.cast(pl.Float64, strict=False) for name, values in mine.items()}
        none = pl.repeat(None, count, dtype=pl.Float64, eager=True)
        value, quantity, unit_value = (numbers.get(name, none) for name in ("value", "quantity", "unit_value"))
        shared = pl.select(
            pl.when(unit_value.is_not_null())
            .then(unit_value)
            .when(pieces.gather(rows) & (quantity != 0))
            .then(value / quantity)
        ).to_series()
        odd = pl.repeat("currency" not in coded, count, dtype=pl.Boolean, eager=True)
        for name, number in numbers.items():
            usual = number.is_between(*_USUAL) | (number == 0)
            odd = odd | (mine[name].is_not_null() & ~usual.fill_null(False))
        key = pl.zeros(count, pl.UInt32, eager=True)
        tokens: list[Hashable] = [None]
        if "currency" in coded:
            register, level, codes = coded["currency"]
            codes = codes.gather(rows)
            for code in codes.unique().to_list():
                of_code = codes == code
                kind = self._limits.currency(register.told(level, code))
                if kind is None:
                    odd = odd | of_code
                    continue
                each, each_odd, each_tokens = self._sides(shared, kind)
                whole, whole_odd, whole_tokens = self._sides(value if self._limits.values_count else none, kind)
                odd = odd | (of_code & (each_odd | whole_odd))
                own = each * len(whole_tokens) + whole + len(tokens)
                key = pl.select(pl.when(of_code).then(own).otherwise(key)).to_series()
                tokens += [(a, b) for a in each_tokens for b in whole_tokens]
        used = set(key.unique().to_list())
        table = [self._numbered(token) if i in used else 0 for i, token in enumerate(tokens)]
        found = pl.Series(table, dtype=pl.UInt32).gather(key)
        for at in odd.arg_true().to_list():
            row = rows[at]
            unit, currency = (self._text(coded.get(name), row) for name in ("unit", "currency"))
            told = self._limits.sides({name: values[at] for name, values in mine.items()}, unit, currency)
            found[at] = self._numbered(told)
        return found

    def _sides(self, values: pl.Series, kind: str) -> tuple[pl.Series, pl.Series, list[Hashable]]:
        """Return the side of each value, whether it is too near to a limit to tell, and what the sides are."""
        limits = self._limits.of(kind)
        near = pl.repeat(False, values.len(), dtype=pl.Boolean, eager=True)
        if not limits:
            return values.is_not_null().cast(pl.UInt32), near, [None, "other"]
        above = values.is_not_null().cast(pl.UInt32)
        for limit in map(float, limits):
            above = above + (values > limit).fill_null(False).cast(pl.UInt32)
            near = near | ((values - limit).abs() <= _NEAR * limit).fill_null(False)
        return above, near, [None, *((kind, i, i) for i in range(len(limits) + 1))]

    def _numbered(self, told: Hashable) -> int:
        return self._numbers.setdefault(told, len(self._numbers))

    @staticmethod
    def _text(coded: tuple[Register, str, pl.Series] | None, row: int) -> object:
        if coded is None:
            return None
        register, level, codes = coded
        return register.told(level, codes[row])
