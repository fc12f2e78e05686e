"""The goods lines of transactions put into classes: each distinct line is read once, each sequence numbered."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING

import polars as pl

from sanctions_engine.batch.amounts import Amounts
from sanctions_engine.batch.columns import COLUMNS, Row, text_of
from sanctions_engine.batch.numbering import Numbered, Numbering
from sanctions_engine.errors import InputError

if TYPE_CHECKING:
    from sanctions_engine.batch.classes import Reader, Register

__all__ = ["Lines"]


class Lines:
    """Numbers what the goods lines of transactions say, as far as any rule could tell it apart.

    Args:
        reader: Reads a line.
        registers: The columns' classes by their codes.
    """

    def __init__(self, reader: Reader, registers: Mapping[str, Register]) -> None:
        self._reader = reader
        self._registers = registers
        self._amounts = Amounts(reader.limits)
        self._numbering = Numbering()
        self._codes: dict[Hashable, int] = {None: 0}
        self._tokens: list[Hashable] = [None]
        self._code_of: dict[tuple[str, ...], list[int | None]] = {}
        self._numbers: dict[tuple[int, ...], int] = {(): 0}
        self._sequences: list[tuple[int, ...]] = [()]

    @property
    def size(self) -> int:
        """How much it remembers."""
        return self._numbering.size + len(self._sequences)

    def told(self, sequence: int) -> tuple[Hashable, ...]:
        """Return what is told apart of the lines of a sequence, those left out that say nothing."""
        return tuple(self._tokens[code] for code in self._sequences[sequence])

    def of(self, frame: pl.DataFrame, chosen: pl.DataFrame, numbers: Mapping[str, pl.Series], level: str) -> Numbered:
        """Number the goods lines of transactions, in their order; 0 stands for none.

        Args:
            frame: The rows.
            chosen: The transactions: first row (``at``) and number of rows (``rows``).
            numbers: The values of each column, numbered by its register.
            level: Of the classes.
        """
        at, rows = chosen["at"], chosen["rows"]
        single = rows.max() == 1
        if not single:
            spread = chosen.select(
                pl.int_range(pl.len(), dtype=pl.UInt32).alias("t"),
                pl.int_ranges("at", pl.col("at") + pl.col("rows"), dtype=pl.UInt32).alias("i"),
            ).explode("i")
            at = spread["i"]
        codes = self._each(frame, at, numbers, level)
        if single:
            table = pl.Series([self._sequence((code,)) for code in range(len(self._tokens))], dtype=pl.UInt32)
            return Numbered("lines", table.gather(codes), len(self._sequences))
        texts = (
            spread.with_columns(c=codes)
            .group_by("t", maintain_order=True)
            .agg(pl.col("c").cast(pl.String).str.join(","))
            .to_series(1)
        )
        distinct = texts.unique()
        found = [self._sequence(tuple(map(int, text.split(",")))) for text in distinct.to_list()]
        numbered = texts.replace_strict(distinct, pl.Series(found, dtype=pl.UInt32), return_dtype=pl.UInt32)
        return Numbered("lines", numbered, len(self._sequences))

    def _sequence(self, codes: tuple[int, ...]) -> int:
        codes = tuple(code for code in codes if code)
        number = self._numbers.setdefault(codes, len(self._sequences))
        if number == len(self._sequences):
            self._sequences.append(codes)
        return number

    def _each(self, frame: pl.DataFrame, at: pl.Series, numbers: Mapping[str, pl.Series], level: str) -> pl.Series:
        """Return the code of each row's goods line."""
        coded = {
            name: (register, level, register.look(level, numbers[name].gather(at)).cast(pl.UInt32))
            for name in sorted(numbers)
            if COLUMNS[name].line
            for register in (self._registers[name],)
        }
        columns = [Numbered(name, codes, register.size(level)) for name, (register, _, codes) in coded.items()]
        amounts = self._amounts.of(frame, at, coded)
        if amounts is not None:
            columns.append(amounts)
        if not columns:
            return pl.zeros(at.len(), pl.UInt32, eager=True)
        columns[0] = Numbered(f"{level} {columns[0].name}", columns[0].codes, columns[0].size)
        shape = tuple(column.name for column in columns)
        met = self._numbering.of("line", columns, {})
        known = self._code_of.setdefault(shape, [])
        known += [None] * (met.size - len(known))
        found = pl.Series(known, dtype=pl.UInt32).gather(met.codes)
        if found.null_count():
            new = pl.DataFrame({"n": met.codes, "i": at}).filter(found.is_null()).unique("n", keep="first")
            for number, row in new.rows():
                known[number] = self._code(frame.row(row, named=True))
            found = pl.Series(known, dtype=pl.UInt32).gather(met.codes)
        return found

    def _code(self, row: Mapping[str, object]) -> int:
        described: Row = {name: text_of(value) for name, value in row.items() if COLUMNS[name].line}
        try:
            token = self._reader.line(described)
        except InputError:  # told by the single check
            token = tuple(sorted((name, value) for name, value in described.items() if value is not None))
        code = self._codes.setdefault(token, len(self._tokens))
        if code == len(self._tokens):
            self._tokens.append(token)
        return code
