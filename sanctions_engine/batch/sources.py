"""Files and frames read in pieces, with a place to go on from; what cannot be read of them is kept with its reason."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BufferedReader, StringIO
from pathlib import Path
from typing import Protocol

import polars as pl

from sanctions_engine.errors import InputError, Problem

__all__ = ["Frame", "Piece", "Source", "open_source"]

_LONGEST_RECORD = 1_000_000


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows of a file.

    Args:
        frame: The rows; in a nested file one column of JSON texts.
        bad: Rows that could not be read, with the reason.
        ends: Where the file goes on after each row.
        last: Whether nothing follows.
    """

    frame: pl.DataFrame
    bad: Mapping[int, str]
    ends: Callable[[int], int]
    last: bool


class Source(Protocol):
    """A file that can be read from a place on: a row number, or a byte."""

    nested: bool
    start: int
    size: int

    def read(self, at: int, rows: int) -> Piece:
        """Read some rows from a place on."""


class _Columnar:
    """Parquet or Arrow IPC: places are row numbers."""

    start = 0

    def __init__(self, path: Path, scan: Callable[[Path], pl.LazyFrame]) -> None:
        try:
            self._frame = scan(path)
            schema = self._frame.collect_schema()
            size = self._frame.select(pl.len()).collect().item()
        except (pl.exceptions.PolarsError, OSError) as error:
            raise InputError([Problem(str(path), f"cannot be read ({_short(error)})")]) from error
        self._path = path
        self.size = int(size)
        self.nested = any(kind.is_nested() and kind != pl.List(pl.String) for kind in schema.values())

    def read(self, at: int, rows: int) -> Piece:
        """Read some rows from a row on."""
        try:
            frame = self._frame.slice(at, rows).collect()
        except (pl.exceptions.PolarsError, OSError) as error:
            raise InputError(
                [Problem(f"{self._path}, from row {at + 1}", f"cannot be read ({_short(error)})")]
            ) from error
        if self.nested:
            texts = [json.dumps(_without_none(row), default=str) for row in frame.iter_rows(named=True)]
            frame = pl.DataFrame({"json": texts}, schema={"json": pl.String})
        return Piece(frame, {}, lambda row: at + row, at + frame.height >= self.size)


class _Lines:
    """A text file read by records: places are bytes."""

    nested = False
    start = 0

    def __init__(self, path: Path) -> None:
        self._path = path
        self.size = path.stat().st_size

    def _records(self, file: BufferedReader, rows: int) -> tuple[list[tuple[bytes, int]], bool]:
        """Return records with the byte after each."""
        found: list[tuple[bytes, int]] = []
        while len(found) < rows:
            record = file.readline(_LONGEST_RECORD)
            if not record:
                return found, True
            if record.strip():
                found.append((record, file.tell()))
        return found, file.tell() >= self.size


class _Json(_Lines):
    """JSON lines: flat rows, or nested transactions."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        with path.open("rb") as file:
            first = next(iter(self._records(file, 1)[0]), (b"", 0))[0]
        try:
            row = json.loads(first.decode("utf-8-sig")) if first else {}
        except (UnicodeDecodeError, ValueError) as error:
            raise InputError([Problem(f"{path}:1", f"is no line of JSON ({_short(error)})")]) from error
        if not isinstance(row, dict):
            raise InputError([Problem(f"{path}:1", "each line is one object: a flat row, or a transaction")])
        self.nested = any(
            isinstance(v, dict) or (isinstance(v, list) and any(isinstance(i, dict) for i in v)) for v in row.values()
        )

    def read(self, at: int, rows: int) -> Piece:
        """Read some lines from a byte on."""
        with self._path.open("rb") as file:
            file.seek(at)
            records, last = self._records(file, rows)
        bad: dict[int, str] = {}
        ends = [end for _, end in records]
        if self.nested:
            texts = []
            for i, (record, _) in enumerate(records):
                try:
                    texts.append(record.decode("utf-8-sig"))
                except UnicodeDecodeError as error:
                    bad[i] = f"is not UTF-8 text (byte {error.start})"
                    texts.append("")
            return Piece(
                pl.DataFrame({"json": texts}, schema={"json": pl.String}), bad, lambda row: ends[row - 1], last
            )
        cells: dict[str, list[str | None]] = {}
        for i, (record, _) in enumerate(records):
            try:
                row = json.loads(record.decode("utf-8-sig"), parse_float=str, parse_int=str)
                if not isinstance(row, dict):
                    raise ValueError("is not an object")
                texts_of_row = {name: _flat_cell(name, value) for name, value in row.items()}
            except (ValueError, RecursionError) as error:
                bad[i] = f"is no row of JSON ({_short(error)})"
                texts_of_row = {}
            for name in texts_of_row:
                if name not in cells:
                    cells[name] = [None] * i
            for name, column in cells.items():
                column.append(texts_of_row.get(name))
        if not cells and records:
            cells = {"transaction": [None] * len(records)}
        return Piece(pl.DataFrame(cells, schema=dict.fromkeys(cells, pl.String)), bad, lambda row: ends[row - 1], last)


def _flat_cell(name: str, value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "|".join(value)
    raise ValueError(f"{name} holds {'an object' if isinstance(value, dict) else 'a list'}; a flat row holds text")


class _Csv(_Lines):
    """CSV, by commas, semicolons or tabs, as the first line has it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        with path.open("rb") as file:
            start = file.read(4)
            if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
                raise InputError([Problem(str(path), "is UTF-16 text; save it as UTF-8")])
            file.seek(0)
            records, _ = self._records(file, 1)
        if not records:
            raise InputError([Problem(str(path), "is empty; the first line names the columns")])
        try:
            header = records[0][0].decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise InputError([Problem(f"{path}:1", f"is not UTF-8 text (byte {error.start})")]) from error
        self._delimiter = max(",;\t", key=header.count)
        self.names = [name.strip() for name in next(csv.reader([header], delimiter=self._delimiter))]
        if len(set(self.names)) < len(self.names):
            twice = next(name for name in self.names if self.names.count(name) > 1)
            raise InputError([Problem(f"{path}:1", f"column {twice!r} stands twice; keep one")])
        self.start = records[0][1]

    def read(self, at: int, rows: int) -> Piece:
        """Read some records from a byte on; what is ragged is kept apart."""
        bad: dict[int, str] = {}
        ends: list[int] = []
        table: list[list[str | None]] = []
        with self._path.open("rb") as file:
            file.seek(at)
            last = False
            while len(table) < rows and not last:
                cells, reason, last = self._record(file)
                if cells is None:
                    break
                if reason is None and len(cells) != len(self.names):
                    reason = f"has {len(cells)} cells where the first line names {len(self.names)} columns"
                if reason is not None:
                    bad[len(table)] = reason
                    cells = (cells + [None] * len(self.names))[: len(self.names)]
                table.append(cells)
                ends.append(file.tell())
            last = last or file.tell() >= self.size
        columns = list(zip(*table, strict=True)) if table else [()] * len(self.names)
        frame = pl.DataFrame(dict(zip(self.names, columns, strict=True)), schema=dict.fromkeys(self.names, pl.String))
        return Piece(frame, bad, lambda row: ends[row - 1], last)

    def _record(self, file: BufferedReader) -> tuple[list[str | None] | None, str | None, bool]:
        """Read one record, which may go over several lines inside quotes."""
        raw = file.readline(_LONGEST_RECORD)
        while raw and not raw.strip():
            raw = file.readline(_LONGEST_RECORD)
        if not raw:
            return None, None, True
        begun = file.tell()
        first = raw
        while raw.count(b'"') % 2:
            more = file.readline(_LONGEST_RECORD)
            if not more or len(raw) > _LONGEST_RECORD:
                file.seek(begun)
                return [], f"a quote is never closed: {first[:40]!r}", False
            raw += more
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            broken = raw.decode("utf-8", "replace").rstrip("\r\n").split(self._delimiter)
            return [*broken], f"is not UTF-8 text (byte {error.start} of the line)", False
        try:
            records = list(csv.reader(StringIO(text, newline=""), delimiter=self._delimiter, strict=True))
        except csv.Error as error:
            return [*text.rstrip("\r\n").split(self._delimiter)], f"is no CSV ({error})", False
        return [*records[0]] if len(records) == 1 else [], None if len(records) == 1 else "holds several records", False


def _short(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__


def _without_none(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_none(item) for item in value]
    return value


_FORMATS: Mapping[str, Callable[[Path], Source]] = {
    ".parquet": lambda path: _Columnar(path, pl.scan_parquet),
    ".arrow": lambda path: _Columnar(path, pl.scan_ipc),
    ".ipc": lambda path: _Columnar(path, pl.scan_ipc),
    ".feather": lambda path: _Columnar(path, pl.scan_ipc),
    ".jsonl": _Json,
    ".ndjson": _Json,
    ".csv": _Csv,
    ".tsv": _Csv,
}


def open_source(path: Path) -> Source:
    """Open a file by its suffix.

    Raises:
        InputError: It is no file, empty, or of no known format.
    """
    if path.is_dir():
        raise InputError([Problem(str(path), "is a directory; name a file")])
    if not path.is_file():
        raise InputError([Problem(str(path), "there is no such file")])
    make = _FORMATS.get(path.suffix.casefold())
    if make is None:
        raise InputError([Problem(str(path), f"is of no format known here; known: {', '.join(_FORMATS)}")])
    if path.stat().st_size == 0:
        raise InputError([Problem(str(path), "is empty")])
    return make(path)


class Frame:
    """A frame in memory."""

    start = 0
    nested = False

    def __init__(self, frame: pl.DataFrame) -> None:
        self._frame = frame
        self.size = frame.height

    def read(self, at: int, rows: int) -> Piece:
        """Return some rows."""
        return Piece(self._frame.slice(at, rows), {}, lambda row: at + row, at + rows >= self.size)
