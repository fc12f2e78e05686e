"""Combinations of codes numbered as they are met, each once and for good, without hashing a row.

Codes are small numbers, and of their combinations only few are met. So they are numbered two at a time: a table, by
the first code and the second, says which number the pair has; the number and the next column's code make the next
pair. Only pairs that were never met are looked at one by one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

__all__ = ["Numbered", "Numbering"]

_LARGEST_TABLE = 1 << 20
"""Places of a table; pairs that could be more are found by a join."""
_HALF = 1 << 32


@dataclass(frozen=True, slots=True)
class Numbered:
    """A column of numbers.

    Args:
        name: What they stand for.
        codes: The number of each row; none is null.
        size: All are below it.
    """

    name: str
    codes: pl.Series
    size: int


class _Pairs:
    """The pairs of two columns' codes that were met; a pair's number is how many were met before it."""

    def __init__(self) -> None:
        self._met = pl.DataFrame(schema={"pair": pl.UInt64, "number": pl.UInt32})
        self._table = pl.Series(dtype=pl.UInt32)
        self._width = 0
        self._sizes = 1, 1

    @property
    def size(self) -> int:
        return self._met.height

    def of(self, first: Numbered, second: Numbered) -> pl.Series:
        """Number the pair of each row."""
        self._sizes = max(self._sizes[0], first.size), max(self._sizes[1], second.size)
        height, width = (1 << (size - 1).bit_length() for size in self._sizes)
        places = width * height
        if places > _LARGEST_TABLE:
            return self._joined(first.codes, second.codes)
        if width > self._width or places > self._table.len():  # more codes than ever
            self._lay_out(width, places)
        at = first.codes * self._width + second.codes
        found = self._table.gather(at)
        if found.null_count():
            new = at.filter(found.is_null()).unique().sort()
            numbers = self._note(_paired(new // self._width, new % self._width))
            self._table.scatter(new, numbers)
            found = self._table.gather(at)
        return found

    def _note(self, pairs: pl.Series) -> pl.Series:
        numbers = pl.int_range(self.size, self.size + pairs.len(), dtype=pl.UInt32, eager=True)
        self._met = self._met.vstack(pl.DataFrame({"pair": pairs, "number": numbers}))
        return numbers

    def _lay_out(self, width: int, places: int) -> None:
        self._width = width
        self._table = pl.repeat(None, places, dtype=pl.UInt32, eager=True)
        if self.size:
            pairs = self._met["pair"]
            self._table.scatter(pairs // _HALF * width + pairs % _HALF, self._met["number"])

    def _joined(self, first: pl.Series, second: pl.Series) -> pl.Series:
        pairs = pl.DataFrame({"pair": _paired(first, second)})
        found = pairs.join(self._met, on="pair", how="left", maintain_order="left").to_series(1)
        if found.null_count():
            self._note(pairs.to_series().filter(found.is_null()).unique().sort())
            found = pairs.join(self._met, on="pair", how="left", maintain_order="left").to_series(1)
        return found


def _paired(first: pl.Series, second: pl.Series) -> pl.Series:
    return first.cast(pl.UInt64) * _HALF + second.cast(pl.UInt64)


class Numbering:
    """Numbers combinations of columns; the same combination of the same columns always has the same number."""

    def __init__(self) -> None:
        self._pairs: dict[tuple[str, ...], _Pairs] = {}

    @property
    def size(self) -> int:
        """How many pairs it remembers."""
        return sum(pairs.size for pairs in self._pairs.values())

    def of(self, name: str, columns: Iterable[Numbered], known: dict[tuple[str, ...], Numbered]) -> Numbered:
        """Number the combination of each row.

        Args:
            name: What the combinations are called.
            columns: At least one, of equally many rows.
            known: What was numbered of the same rows before; filled. Combinations that begin alike share it.
        """
        first, *others = columns
        at: tuple[str, ...] = (first.name,)
        for other in others:
            at = (*at, other.name)
            found = known.get(at)
            if found is None:
                pairs = self._pairs.setdefault(at, _Pairs())
                codes = pairs.of(first, other)
                found = known[at] = Numbered(name, codes, pairs.size)
            first = found
        return Numbered(name, first.codes, first.size)
