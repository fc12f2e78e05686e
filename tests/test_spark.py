"""Spark says of every row what a batch says, wherever the rows are, and loses none."""

from __future__ import annotations

import os
import random
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sanctions_engine.engine import Engine
from sanctions_engine.errors import EngineError, InputError
from sanctions_engine.rulebook import Rulebook
from tests.small_book import DEFINITIONS, GOODS, REGIME, RULE

pl = pytest.importorskip("polars", reason="Polars comes with the batch extra")
pa = pytest.importorskip("pyarrow", reason="pyarrow comes with the spark extra")
pytest.importorskip("pyspark", reason="PySpark comes with the spark extra")
if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
    pytest.skip("Spark needs Java 17 or later, and there is none here", allow_module_level=True)

from sanctions_engine import spark as on_spark  # noqa: E402
from sanctions_engine.batch import check_frame  # noqa: E402
from sanctions_engine.spark import check_spark  # noqa: E402

pytestmark = pytest.mark.filterwarnings(
    "ignore::FutureWarning", "ignore::ResourceWarning", "ignore::DeprecationWarning"
)

HEADERS: dict[str, list[str | None]] = {
    "occurred": ["2018-05-04", "2016-11", "2009-06-12", None, "31/12/2020"],
    "activities": ["sale", "sale|transport", "payment", None],
    "supplier_name": ["Rossi SpA", "Korea Mining Development Trading Corporation", None],
    "supplier_country": ["KP", "DE", "unknown", None],
    "recipient_country": ["RU", "D.P.R.K.", "Korea", None],
    "from_country": ["KP", "DE", None],
    "to_country": ["RU", "KP", "CN", None],
}
LINES: dict[str, list[str | None]] = {
    "goods_description": ["coal", "infantry rockets", "wheat", "spare parts", None],
    "hs": ["2701", "9306", "1001", "zz", None],
    "quantity": ["3", None],
    "unit": ["tonnes", None],
}


def made_up_rows(transactions: int) -> pl.DataFrame:
    """Return rows as records have them: several lines of one transaction, no id, gaps, what cannot be read."""
    rng = random.Random(11)
    rows: list[dict[str, Any]] = []
    for number in range(transactions):
        header = {name: rng.choice(pool) for name, pool in HEADERS.items()}
        identity = rng.choice([f"t{number}", f"t{number}", f"t{number}", None])
        for _ in range(rng.choice([1, 1, 2, 3]) if identity else 1):
            line = {name: rng.choice(pool) for name, pool in LINES.items()}
            rows.append({"line": len(rows) + 1, "transaction": identity, **header, **line})
    return pl.DataFrame(rows, infer_schema_length=None)


def as_told(verdicts: pl.DataFrame, findings: pl.DataFrame, quarantine: pl.DataFrame) -> list[tuple[Any, ...]]:
    """Return what a batch found in the shape in which Spark gives it."""
    of: dict[int, list[tuple[Any, ...]]] = {}
    for _, row, *finding in findings.rows():
        of.setdefault(row, []).append(tuple(finding))
    judged = [(t, row, rows, outcome, of.get(row, []), None) for t, row, rows, outcome, _ in verdicts.rows()]
    refused = [(t, row, 1, None, None, reason) for row, t, reason in quarantine.rows()]
    return sorted(judged + refused, key=lambda told: told[1])


def collected(frame: Any) -> list[tuple[Any, ...]]:
    """Return the rows of a Spark frame as plain values, by their numbers."""
    rows = [
        (*row[:4], None if row.findings is None else [tuple(f) for f in row.findings], row.reason)
        for row in frame.collect()
    ]
    return sorted(rows, key=lambda told: told[1])


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    from pyspark.sql import SparkSession

    found = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "localhost")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", "100")
        .getOrCreate()
    )
    found.sparkContext.setLogLevel("OFF")
    yield found
    found.stop()


@pytest.fixture(scope="module")
def rows() -> pl.DataFrame:
    return made_up_rows(150)


@pytest.fixture(scope="module")
def expected(rows: pl.DataFrame) -> list[tuple[Any, ...]]:
    found = check_frame(Engine(matcher="python"), rows.drop("line"))
    told = as_told(found.verdicts, found.findings, found.quarantine)
    assert {"violation", "potential", "incomplete", "clear", None} <= {outcome for _, _, _, outcome, _, _ in told}
    assert any("of the same transaction" in (reason or "") for *_, reason in told)
    return told


def test_spark_says_what_a_batch_says_wherever_the_rows_are(
    session: Any, rows: pl.DataFrame, expected: list[tuple[Any, ...]], tmp_path: Path
) -> None:
    for part, piece in enumerate((rows[::3], rows[1::3], rows[2::3])):  # no transaction of several rows is whole
        piece.write_parquet(tmp_path / f"{part}.parquet")
    assert collected(check_spark(session.read.parquet(str(tmp_path)), row="line")) == expected


def test_rows_that_nobody_numbered_are_all_accounted_for(session: Any, rows: pl.DataFrame, tmp_path: Path) -> None:
    alone = rows.unique("transaction", keep="first", maintain_order=True).drop("line")
    alone.write_parquet(tmp_path / "one.parquet")
    frame = session.read.parquet(str(tmp_path)).repartition(3)
    told = collected(check_spark(frame, one_row_each=True))
    assert sum(count for _, _, count, *_ in told) == alone.height
    found = check_frame(Engine(matcher="python"), alone)
    assert {t: outcome for t, _, _, outcome, *_ in told if t in set(alone["transaction"]) and outcome} == {
        t: outcome for t, outcome in found.verdicts.select("transaction", "outcome").rows() if not t.startswith("row ")
    }


def test_the_law_of_the_driver_is_the_law_of_the_workers(session: Any, tmp_path: Path) -> None:
    files = {"goods.yaml": GOODS, "test/regime.yaml": REGIME, "test/definitions.yaml": DEFINITIONS,
             "test/9999-1.yaml": RULE}  # fmt: skip
    for name, text in files.items():
        (tmp_path / "un" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "un" / name).write_text(text, encoding="utf-8")
    lathe = session.createDataFrame(
        [("a", "sale", "2018-05-04", "lathe", "8458", "FR", "KP")],
        "transaction string, activities string, occurred string, goods_description string, hs string, "
        "from_country string, `their.end` string",
    )
    (told,) = collected(check_spark(lathe, rulebook=Rulebook.load(tmp_path), columns={"their.end": "to_country"}))
    assert "un.test.9999-1" in [finding[0] for finding in told[4]]


def test_a_column_that_says_something_unknown_is_refused_before_anything_runs(session: Any) -> None:
    frame = session.createDataFrame([("a", "sale", 1)], "transaction string, activites string, line int")
    with pytest.raises(InputError, match="activities"):
        check_spark(frame, row="line")
    with pytest.raises(InputError, match="did you mean 'line'"):
        check_spark(frame, row="lines", columns={"activites": "activities"})


def test_rows_numbered_twice_stop_the_run(session: Any) -> None:
    from pyspark.errors import PythonException

    frame = session.createDataFrame(
        [("a", "sale", 1), ("b", "sale", 1)], "transaction string, activities string, line int"
    )
    with pytest.raises(PythonException, match="must number the rows"):
        check_spark(frame.coalesce(1), row="line").collect()


# ---------------------------------------------------------------------- a worker, without Spark around it


class Law:
    """A broadcast that has arrived."""

    def __init__(self) -> None:
        import pickle

        engine = Engine(matcher="python")
        self.value = pickle.dumps((engine.rulebook, engine.screener.entries, engine.screener.info, "usual"))


def order(version: str | None = None, *, one_row_each: bool = False) -> Any:
    return on_spark._Order(version or on_spark.engine_version(), "of a test", one_row_each)


def test_a_transaction_is_whole_though_record_batches_end_within_it(
    rows: pl.DataFrame, expected: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_spark, "_ROWS_AT_ONCE", 5)
    batches = iter(
        rows.rename({"line": on_spark._ROW}).to_arrow(compat_level=pl.CompatLevel.oldest()).to_batches(max_chunksize=2)
    )
    told = [row for batch in on_spark._judge(Law(), order(), batches) for row in batch.to_pylist()]
    assert [(t["transaction"], t["row"], t["rows"], t["outcome"]) for t in sorted(told, key=lambda t: t["row"])] == [
        row[:4] for row in expected
    ]


def test_a_transaction_of_several_rows_is_not_torn_on_the_word_that_there_is_none() -> None:
    told = pl.DataFrame(
        {"transaction": ["a", None, "b", None, "a"], "activities": "sale", on_spark._ROW: [1, 2, 3, 4, 5]}
    )
    with pytest.raises(InputError, match=r"transaction a.*has several rows; call without one_row_each"):
        list(on_spark._judge(Law(), order(one_row_each=True), iter(told.to_arrow().to_batches())))
    alone = told.head(4).to_arrow(compat_level=pl.CompatLevel.oldest()).to_batches()
    (judged,) = on_spark._judge(Law(), order(one_row_each=True), iter(alone))
    assert judged.num_rows == 4


def test_a_worker_of_another_version_judges_nothing(rows: pl.DataFrame) -> None:
    with pytest.raises(EngineError, match=r"the driver 0\.0\.0; install the same"):
        list(on_spark._judge(Law(), order("0.0.0"), iter([])))
