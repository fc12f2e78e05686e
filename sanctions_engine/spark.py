"""Past one machine: the batch, run by Spark on every worker, with the verdicts of single checks (extra ``spark``).

Nothing here knows what a rule means or how a row is read: each worker holds a ``Batch`` and hands it the Arrow record
batches of its partition. Law and list travel once, as a broadcast; a worker process makes its engine of them once and
keeps what it has learned of values and combinations for as long as Spark keeps the process.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Literal

from sanctions_engine.engine import Engine, engine_version
from sanctions_engine.errors import EngineError, InputError, Problem, did_you_mean
from sanctions_engine.intake.screening import Screener
from sanctions_engine.rulebook import Rulebook

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa
    from pyspark import Broadcast
    from pyspark.sql import Column, DataFrame

    from sanctions_engine.batch import Batch, Part

__all__ = ["VERDICTS", "check_spark"]

_FINDING = "rule:string,outcome:string,subject:string,settled:boolean,exemption:string,citations:string"
VERDICTS = (
    f"transaction string, row bigint, rows int, outcome string, findings array<struct<{_FINDING}>>, reason string"
)
"""What comes out, as Spark writes a schema: a row for each transaction judged, and for each input row quarantined.

``outcome`` is null and ``reason`` is given where a row was quarantined; there ``rows`` is 1. The sum of ``rows`` is the
number of input rows.
"""

_ROW = "sanctions_engine_row"
_ROWS_AT_ONCE = 250_000
_ROWS_TO_SPARK = 50_000


@dataclass(frozen=True, slots=True)
class _Order:
    """What a worker is asked to do; small, for it travels with every task."""

    version: str
    law: str
    one_row_each: bool


def check_spark(
    frame: DataFrame,
    *,
    rulebook: Rulebook | None = None,
    screener: Screener | None = None,
    assume: Literal["usual", "nothing"] = "usual",
    columns: Mapping[str, str] | None = None,
    ignore: Iterable[str] = (),
    row: str | None = None,
    one_row_each: bool = False,
) -> DataFrame:
    """Check every transaction of a Spark frame in the flat shape, with the verdicts of ``Engine.check``.

    Args:
        frame: One row a goods line. The rows of a transaction are brought together (a shuffle by its id) and judged
            in the order of their numbers; a row without an id is a transaction of its own.
        rulebook: The law; the bundled UN rulebook where not given.
        screener: The list; the one installed here where not given. What workers have installed counts for nothing.
        assume: As for ``Engine``.
        columns: The frame's names of columns to ours.
        ignore: Columns that say nothing of a transaction; any other unknown column is an error.
        row: A column of whole numbers, one for each row. Where not given Spark numbers them, rising but with gaps.
        one_row_each: The caller's word that no two rows are of one transaction, which saves the shuffle. It is only
            checked among the rows that a worker holds at once: rows of one id that are in different partitions are
            judged each by itself.

    Returns:
        A frame of the schema ``VERDICTS``, worked out when Spark is asked for it.

    Raises:
        InputError: The columns are not those of the flat shape. A row that cannot be read is quarantined instead.
            Row numbers that repeat among the rows that a worker holds at once, and an id that does so against the
            caller's word, stop the run when Spark comes to them.
    """
    from pyspark.sql import functions as sql

    from sanctions_engine.batch import Batch

    rulebook = rulebook if rulebook is not None else Rulebook.load()
    screener = screener if screener is not None else Screener.installed()
    renamed, ignored = dict(columns or {}), frozenset(ignore)
    if row is not None and row not in frame.columns:
        raise InputError([Problem(row, f"no such column{did_you_mean(row, frame.columns)}")])

    def column(name: str) -> Column:
        return sql.col("`" + name.replace("`", "``") + "`")  # or Spark looks inside for a dot

    described = [name for name in frame.columns if name != row]
    engine = Engine(rulebook, screener=screener, matcher="python", assume=assume)
    nothing = frame.select([column(name) for name in described]).limit(0).toArrow()
    Batch(engine, columns=renamed, ignore=ignored).flat(_polars(nothing))
    ours = [column(name).alias(renamed.get(name, name)) for name in described if name not in ignored]
    number = sql.monotonically_increasing_id() + 1 if row is None else column(row)
    frame = frame.select(*ours, number.alias(_ROW))
    if "transaction" in frame.columns and not one_row_each:
        # A row without an id gets a place of its own, or all of them would meet in one partition.
        alone = sql.concat(sql.lit("row "), sql.col(_ROW).cast("string"))
        frame = frame.repartition(sql.coalesce(sql.col("transaction").cast("string"), alone))
        frame = frame.sortWithinPartitions("transaction", _ROW)
    law = pickle.dumps((rulebook, screener.entries, screener.info, assume), protocol=pickle.HIGHEST_PROTOCOL)
    order = _Order(engine_version(), sha256(law).hexdigest(), one_row_each)
    return frame.mapInArrow(partial(_judge, frame.sparkSession.sparkContext.broadcast(law), order), VERDICTS)


def _judge(law: Broadcast[bytes], order: _Order, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Judge a partition, on a worker.

    Raises:
        InputError: Rows are not numbered, or several are of one transaction against the caller's word.
        EngineError: A row would be lost, or the worker has another version of this package.
    """
    os.environ.setdefault("POLARS_MAX_THREADS", "1")  # Spark runs a process for every core; read when Polars loads
    if order.version != engine_version():
        raise EngineError(
            f"a worker has sanctions_engine {engine_version()} and the driver {order.version}; install the same on both"
        )
    batch = _batch_of(law, order)
    for frame in _pieces(batches, batch, order):
        numbers = frame[_ROW]
        if not numbers.dtype.is_integer() or numbers.null_count() or numbers.n_unique() != frame.height:
            raise InputError([Problem("row", "must number the rows: a whole number each, and none twice")])
        if order.one_row_each and "transaction" in frame.columns:
            ids = frame["transaction"].drop_nulls()
            if ids.n_unique() != ids.len():
                twice = ids.filter(ids.is_duplicated())[0]
                raise InputError([Problem(f"transaction {twice}", "has several rows; call without one_row_each")])
        part = batch.check(frame.drop(_ROW), first_row=numbers)
        accounted = int(part.verdicts["rows"].sum()) + part.quarantine.height
        if accounted != frame.height:
            raise EngineError(f"{frame.height} rows were read and {accounted} accounted for; please report this")
        yield from _arrow(part).to_batches(max_chunksize=_ROWS_TO_SPARK)


_kept: dict[str, Batch] = {}


def _batch_of(law: Broadcast[bytes], order: _Order) -> Batch:
    """Return this process's batch for a law and list, made once."""
    from sanctions_engine.batch import Batch

    found = _kept.get(order.law)
    if found is None:
        _kept.clear()  # a worker serves one run at a time; what is left of another only takes room
        rulebook, entries, info, assume = pickle.loads(law.value)  # noqa: S301  # from our own driver
        engine = Engine(rulebook, screener=Screener(entries, info), matcher="python", assume=assume)
        found = _kept[order.law] = Batch(engine)
    return found


def _pieces(batches: Iterator[pa.RecordBatch], batch: Batch, order: _Order) -> Iterator[pl.DataFrame]:
    """Gather record batches into frames that end where a transaction does."""
    import polars as pl

    from sanctions_engine.batch import last_start

    held: list[pl.DataFrame] = []
    rows = 0
    for record_batch in batches:
        held.append(_polars(record_batch))
        rows += held[-1].height
        if rows < _ROWS_AT_ONCE:
            continue
        frame = pl.concat(held)
        end = rows if order.one_row_each else last_start(frame, batch)
        if end:
            yield frame.head(end)
        held, rows = ([frame.slice(end)], rows - end) if end < rows else ([], 0)
    if rows:
        yield pl.concat(held)


def _polars(rows: pa.Table | pa.RecordBatch) -> pl.DataFrame:
    import polars as pl

    frame = pl.from_arrow(rows)
    assert isinstance(frame, pl.DataFrame)  # noqa: S101  # what has columns becomes a frame
    return frame


def _arrow(part: Part) -> pa.Table:
    """Put the three tables of a batch into the one that Spark takes."""
    import polars as pl
    import pyarrow as pa

    names = [field.partition(":")[0] for field in _FINDING.split(",")]
    told = pl.struct([pl.col(name) if name == "settled" else pl.col(name).cast(pl.String) for name in names])
    found = part.findings.group_by("row", maintain_order=True).agg(told.alias("findings"))
    judged = part.verdicts.drop("findings").join(found, on="row", how="left")
    judged = judged.with_columns(pl.col("outcome").cast(pl.String), pl.col("findings").fill_null([]))
    table = pl.concat([judged, part.quarantine], how="diagonal").select(
        "transaction", "row", pl.col("rows").fill_null(1), "outcome", "findings", "reason"
    )
    finding = pa.struct([(name, pa.bool_() if name == "settled" else pa.string()) for name in names])
    types = {"row": pa.int64(), "rows": pa.int32(), "findings": pa.list_(finding)}
    schema = pa.schema([(name, types.get(name, pa.string())) for name in table.columns])
    return table.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(schema)
