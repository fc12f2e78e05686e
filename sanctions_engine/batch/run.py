"""A whole run: pieces judged one after another, parts written, joined, and gone on with after an interruption."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from sanctions_engine.batch.judging import QUARANTINE, Batch, Part
from sanctions_engine.batch.sources import Frame, Source, open_source
from sanctions_engine.engine import engine_version
from sanctions_engine.errors import EngineError, InputError, Problem
from sanctions_engine.finding import Outcome

if TYPE_CHECKING:
    from sanctions_engine.engine import Engine

__all__ = ["ROWS_AT_ONCE", "BatchResult", "check_frame", "last_start"]

ROWS_AT_ONCE = 250_000


@dataclass(frozen=True)
class BatchResult:
    """What a run found, and where it is.

    Args:
        rows: Rows read.
        judged: Rows of transactions that were judged.
        quarantined: Rows that could not be read; ``rows`` is the sum of the two.
        transactions: How many were judged.
        outcomes: How many had each outcome, the gravest first.
        combinations: How many single checks it took, in this process.
        folder: Where the tables are; ``None``: in memory.
    """

    rows: int
    judged: int
    quarantined: int
    transactions: int
    outcomes: Mapping[str, int]
    combinations: int
    folder: Path | None = None
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict, repr=False)

    @property
    def outcome(self) -> Outcome:
        """The gravest outcome; CLEAR where nothing was judged."""
        return min((Outcome(name) for name in self.outcomes), key=lambda o: o.rank, default=Outcome.CLEAR)

    @property
    def verdicts(self) -> pl.DataFrame:
        """One row a transaction: its first row, number of rows, outcome, number of findings."""
        return self._table("verdicts")

    @property
    def findings(self) -> pl.DataFrame:
        """One row a finding: rule, outcome, subject, whether settled, exemption, citations."""
        return self._table("findings")

    @property
    def quarantine(self) -> pl.DataFrame:
        """One row for every row that could not be read, with the reason."""
        return self._table("quarantine")

    def _table(self, name: str) -> pl.DataFrame:
        return self.tables[name] if self.folder is None else pl.read_parquet(self.folder / f"{name}.parquet")


Progress = Callable[[int, int, int], None]
"""Called with how far the input is read, its size (rows or bytes), and rows done."""


def check_frame(
    engine: Engine,
    source: pl.DataFrame | str | Path,
    out: str | Path | None = None,
    *,
    columns: Mapping[str, str] | None = None,
    ignore: Iterable[str] = (),
    explain: bool = False,
    rows_at_once: int = ROWS_AT_ONCE,
    progress: Progress | None = None,
    batch: Batch | None = None,
) -> BatchResult:
    """Check every transaction of a frame or file; see ``Engine.check_frame``.

    Args:
        engine: Whose verdicts.
        source: A frame, or a file.
        out: A folder for the tables; ``None``: in memory.
        columns: The file's names of columns to ours.
        ignore: Columns that say nothing of a transaction.
        explain: Also write the full reports of transactions with findings.
        rows_at_once: How many rows are held in memory at a time; each piece becomes a part that a killed run keeps.
        progress: Told at the start and after each piece how far it is.
        batch: What an earlier run learned of values and combinations, to go on with; its columns and options count
            then. Not given: everything is learned anew.
    """
    batch = batch or Batch(engine, columns=columns, ignore=ignore, explain=explain)
    if rows_at_once < 1:
        raise InputError("rows_at_once must be at least 1")
    if isinstance(source, pl.DataFrame):
        opened: Source = Frame(source)
        name = "frame"
    else:
        path = Path(source)
        opened, name = open_source(path), str(path)
        if out is not None and Path(out).resolve() == path.resolve():
            raise InputError([Problem(name, "is the input itself; name another place for the output")])
    if out is None:
        parts = [part for _, _, part in _pieces(batch, opened, opened.start, 0, rows_at_once, progress)]
        return _in_memory(parts, batch)
    try:
        return _to_folder(batch, opened, name, Path(out), rows_at_once, progress)
    except OSError as error:
        raise InputError(
            [Problem(str(out), f"cannot be written ({error.strerror or error}); run again to go on from here")]
        ) from error


def _pieces(
    batch: Batch, source: Source, at: int, done: int, rows_at_once: int, progress: Progress | None
) -> Iterator[tuple[int, int, Part]]:
    """Yield what each piece of a file gave, with where to go on and how many rows that is.

    A piece ends where a transaction does.
    """
    last = False
    if progress is not None:
        progress(at, source.size, done)
    while not last:
        rows = rows_at_once
        piece = source.read(at, rows)
        end = piece.frame.height
        while not source.nested and not piece.last:
            end = last_start(piece.frame, batch)
            if end:
                break
            rows *= 2  # one transaction fills it all
            piece = source.read(at, rows)
            end = piece.frame.height
        last = piece.last
        bad = {row: reason for row, reason in piece.bad.items() if row < end}
        frame = piece.frame.head(end)
        if source.nested:
            part = batch.check_nested(frame["json"], first_row=done + 1, bad=bad)
        else:
            part = batch.check(frame, first_row=done + 1, bad=bad)
        if frame.height:
            at = piece.ends(end)
        done += frame.height
        accounted = int(part.verdicts["rows"].sum()) + part.quarantine.height
        if accounted != frame.height:
            raise EngineError(f"{frame.height} rows were read and {accounted} accounted for; please report this")
        if progress is not None:
            progress(at, source.size, done)
        yield at, done, part


def last_start(frame: pl.DataFrame, batch: Batch) -> int:
    """Return the row at which the last transaction of a piece starts."""
    name = batch.column_of("transaction", frame.columns)
    if name is None:
        return frame.height
    looked_at = 1
    while True:  # it is short, nearly always
        looked_at = min(16 * looked_at, frame.height)
        ids = frame[name].tail(looked_at).cast(pl.String)
        starts = (ids.ne_missing(ids.shift()) | ids.is_null()).slice(1).arg_true()
        if starts.len():
            return frame.height - looked_at + 1 + int(starts[-1])
        if looked_at == frame.height:
            return 0


def _in_memory(parts: Sequence[Part], batch: Batch) -> BatchResult:
    verdicts = pl.concat([part.verdicts for part in parts])
    findings = pl.concat([part.findings for part in parts])
    quarantine = pl.concat([part.quarantine for part in parts])
    verdicts, findings, quarantine = _apart(verdicts, findings, quarantine)
    return _result(
        verdicts, quarantine, batch, None, {"verdicts": verdicts, "findings": findings, "quarantine": quarantine}
    )


def _torn(judged: pl.Series, refused: pl.Series) -> pl.Series:
    """Return the transactions that were judged twice, or judged and refused."""
    if not refused.len() and judged.n_unique() == judged.len():  # nearly always, and far quicker to find
        return judged.clear()
    return judged.filter(judged.is_duplicated() | judged.is_in(refused.unique().implode())).unique()


def _apart(
    verdicts: pl.DataFrame, findings: pl.DataFrame, quarantine: pl.DataFrame, among: pl.Series | None = None
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Quarantine transactions whose rows do not stand together: what was judged of them is only a part."""
    twice = (_torn(verdicts["transaction"], quarantine["transaction"]) if among is None else among).implode()
    torn = verdicts.filter(pl.col("transaction").is_in(twice))
    if not torn.height:
        return verdicts, findings, quarantine
    moved = torn.select(
        pl.int_ranges("row", pl.col("row") + pl.col("rows"), dtype=pl.UInt64).alias("row"),
        "transaction",
        pl.lit("the rows of this transaction do not stand together; sort the file by transaction").alias("reason"),
    ).explode("row")
    return (
        verdicts.filter(~pl.col("transaction").is_in(twice)),
        findings.filter(~pl.col("transaction").is_in(twice)),
        pl.concat([quarantine, moved]).sort("row"),
    )


def _result(
    verdicts: pl.DataFrame,
    quarantine: pl.DataFrame,
    batch: Batch,
    folder: Path | None,
    tables: Mapping[str, pl.DataFrame],
) -> BatchResult:
    judged = int(verdicts["rows"].sum())
    outcomes = dict(verdicts.group_by("outcome").len().sort("outcome").rows())
    return BatchResult(
        judged + quarantine.height,
        judged,
        quarantine.height,
        verdicts.height,
        outcomes,
        batch.combinations,
        folder,
        tables,
    )


_TABLES = ("verdicts", "findings", "quarantine")


def _to_folder(
    batch: Batch, source: Source, name: str, folder: Path, rows_at_once: int, progress: Progress | None
) -> BatchResult:
    """Run with its output in a folder, going on where an interrupted run of the same input stopped."""
    if folder.exists() and not folder.is_dir():
        raise InputError([Problem(str(folder), "is a file; the output is a folder of tables")])
    folder.mkdir(parents=True, exist_ok=True)
    parts = folder / "parts"
    manifest = folder / "run.json"
    this = _identity(batch, source, name, rows_at_once)
    state: dict[str, object] = {"of": this, "at": source.start, "rows": 0, "parts": 0, "read": False, "done": False}
    if manifest.exists():
        try:
            earlier = json.loads(manifest.read_text(encoding="utf-8"))
        except ValueError as error:
            raise InputError([Problem(str(manifest), "is damaged; use another folder or remove this one")]) from error
        if not isinstance(earlier, dict) or earlier.get("of") != this:
            raise InputError(
                [
                    Problem(
                        str(folder), "holds a run of other input, law, list or options; use another folder or remove it"
                    )
                ]
            )
        state = earlier
    elif any(folder.iterdir()):
        raise InputError([Problem(str(folder), "holds files that are not of a batch run; use another folder")])
    else:  # before any part, so that a run which is killed at once can be gone on with
        _replace(manifest, json.dumps(state))
    parts.mkdir(exist_ok=True)
    start, done, number = (int(str(state[key])) for key in ("at", "rows", "parts"))
    if not state["read"]:
        for at, rows, part in _pieces(batch, source, start, done, rows_at_once, progress):
            for table in _TABLES:
                _write_table(getattr(part, table), parts / f"{number:07}-{table}.arrow")
            _replace(parts / f"{number:07}-explanations.jsonl", "".join(f"{line}\n" for line in part.explanations))
            number, done = number + 1, rows
            state = {**state, "at": at, "rows": done, "parts": number}
            _replace(manifest, json.dumps(state))
        state = {**state, "read": True}
        _replace(manifest, json.dumps(state))
    if not state["done"]:
        _join(parts, folder, number, explain=batch.explains)
        _replace(manifest, json.dumps({**state, "done": True}))
    for left in sorted(parts.iterdir()) if parts.exists() else ():
        left.unlink()
    parts.rmdir()
    verdicts = pl.scan_parquet(folder / "verdicts.parquet")
    outcomes = dict(verdicts.group_by("outcome").len().sort("outcome").collect().rows())
    judged, transactions = verdicts.select(pl.col("rows").sum(), pl.len()).collect().row(0)
    quarantined = pl.scan_parquet(folder / "quarantine.parquet").select(pl.len()).collect().item()
    if judged + quarantined != done:
        raise EngineError(f"{done} rows were read, {judged} judged and {quarantined} quarantined; please report this")
    return BatchResult(done, judged, quarantined, transactions, outcomes, batch.combinations, folder)


def _identity(batch: Batch, source: Source, name: str, rows_at_once: int) -> dict[str, object]:
    """Return what must be the same for a run to go on where it stopped."""
    engine = batch.engine
    changed = Path(name).stat().st_mtime_ns if name != "frame" else 0
    return {
        "input": str(Path(name).resolve()) if name != "frame" else name,
        "size": source.size,
        "changed": changed,
        "rulebook": engine.rulebook.sha256,
        "list": engine.screener.info.sha256,
        "options": batch.options,
        "rows_at_once": rows_at_once,
        "engine": engine_version(),
    }


def _join(parts: Path, folder: Path, number: int, *, explain: bool) -> None:
    """Make one file of each table, and take apart what does not stand together."""
    files = {table: [parts / f"{i:07}-{table}.arrow" for i in range(number)] for table in _TABLES}
    lazy = {table: pl.scan_ipc(paths) for table, paths in files.items()}
    # Hashes first: they are small enough to be held for any input that fits a disk; only what they meet in is read.
    judged, refused = (
        lazy[t].select(pl.col("transaction").hash()).collect().to_series() for t in ("verdicts", "quarantine")
    )
    met = _torn(judged, refused)
    tables: dict[str, pl.LazyFrame] = dict(lazy)
    if met.len():
        near = pl.col("transaction").hash().is_in(met.implode())
        ids = [lazy[t].filter(near).select("transaction").collect().to_series() for t in ("verdicts", "quarantine")]
        twice = _torn(*ids)
        if twice.len():
            torn = [lazy[t].filter(pl.col("transaction").is_in(twice.implode())).collect() for t in _TABLES[:2]]
            _, _, moved = _apart(torn[0], torn[1], pl.DataFrame(schema=QUARANTINE), twice)
            for table in _TABLES[:2]:
                tables[table] = lazy[table].filter(~pl.col("transaction").is_in(twice.implode()))
            tables["quarantine"] = pl.concat([lazy["quarantine"], moved.lazy()]).sort("row")
    for table, frame in tables.items():
        target = folder / f"{table}.parquet"
        frame.sink_parquet(target.with_suffix(".tmp"), compression="lz4", statistics=False)
        target.with_suffix(".tmp").replace(target)
    if explain:
        target = folder / "explanations.jsonl"
        with target.with_suffix(".tmp").open("w", encoding="utf-8") as file:
            for i in range(number):
                file.write((parts / f"{i:07}-explanations.jsonl").read_text(encoding="utf-8"))
        target.with_suffix(".tmp").replace(target)


def _write_table(frame: pl.DataFrame, path: Path) -> None:
    temporary = path.with_suffix(".tmp")
    frame.write_ipc(temporary)
    temporary.replace(path)


def _replace(path: Path, text: str) -> None:
    temporary = path.with_suffix(".tmp")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
