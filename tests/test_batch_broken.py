"""What is wrong with an input is said, or its rows are quarantined; no output is silently shorter than its input."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from sanctions_engine.engine import Engine
from sanctions_engine.errors import InputError
from tests.test_batch import single

pl = pytest.importorskip("polars", reason="Polars comes with the batch extra")

from sanctions_engine.batch import BatchResult, check_frame  # noqa: E402

HEADER = "transaction,occurred,activities,from_country,to_country,goods_description,hs,quantity,unit"
GOOD = "{},2022-01-01,sale,DE,KP,wheat,1001,5,tonnes"
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(matcher="python")


def table(*rows: str) -> str:
    return "\n".join((HEADER, *rows)) + "\n"


def check(engine: Engine, path: Path, rows: int, rows_at_once: int = 4) -> BatchResult:
    """Check a file in small pieces, and hold that each of its rows is in the output once."""
    result = check_frame(engine, path, path.parent / "out", rows_at_once=rows_at_once)
    assert (result.rows, result.judged + result.quarantined) == (rows, rows)
    told = result.quarantine["row"].to_list()
    for first, count in result.verdicts.select("row", "rows").rows():
        told += range(first, first + count)
    assert sorted(told) == list(range(1, rows + 1))
    return result


def test_utf_16_is_named(engine: Engine, tmp_path: Path) -> None:
    for name in ("a.csv", "a.jsonl"):
        (tmp_path / name).write_text(table(GOOD.format("a")), encoding="utf-16")
        with pytest.raises(InputError, match="UTF-16" if name == "a.csv" else "no line of JSON"):
            check_frame(engine, tmp_path / name)


def test_a_row_in_latin_1_is_quarantined_and_the_others_judged(engine: Engine, tmp_path: Path) -> None:
    text = table(GOOD.format("a"), GOOD.format("b").replace("wheat", "Weizen für Müller"), GOOD.format("c"))
    (tmp_path / "a.csv").write_bytes(text.encode("latin-1"))
    result = check(engine, tmp_path / "a.csv", 3)
    assert result.verdicts["transaction"].to_list() == ["a", "c"]
    assert "not UTF-8" in result.quarantine["reason"][0]
    (tmp_path / "b.csv").write_bytes(text.replace("transaction", "Geschäft", 1).encode("latin-1"))
    with pytest.raises(InputError, match="not UTF-8"):
        check_frame(engine, tmp_path / "b.csv")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("b,2022-01-01,sale,DE", "has 4 cells where the first line names 9 columns"),
        (GOOD.format("b") + ",one more", "has 10 cells"),
        (GOOD.format("b").replace("wheat", '"wheat'), "a quote is never closed"),
        (GOOD.format("b").replace("2022-01-01", "31/12/2022"), "column occurred"),
        (GOOD.format("b").replace(",5,", ",five,"), "quantity"),
        (GOOD.format("b").replace(",5,", ",-5,"), "quantity"),
        (GOOD.format("b").replace("tonnes", ""), "unit is missing"),
        (GOOD.format("b").replace("DE", "Germny"), "did you mean"),
    ],
)
def test_a_broken_row_is_quarantined_with_its_reason(engine: Engine, tmp_path: Path, row: str, reason: str) -> None:
    (tmp_path / "a.csv").write_text(table(GOOD.format("a"), row, GOOD.format("c")), encoding="utf-8")
    result = check(engine, tmp_path / "a.csv", 3, rows_at_once=1)
    assert result.quarantine["row"].to_list() == [2]
    assert reason in result.quarantine["reason"][0]


def test_columns_are_asked_for_by_name(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(table(GOOD.format("a")).replace("from_country", "from_contry", 1), encoding="utf-8")
    with pytest.raises(InputError, match="did you mean 'from_country'"):
        check_frame(engine, path)
    assert check_frame(engine, path, columns={"from_contry": "from_country"}).judged == 1
    assert check_frame(engine, path, ignore=["from_contry"]).judged == 1
    with pytest.raises(InputError, match="shipper: no such column"):
        check_frame(engine, path, ignore=["from_contry"], columns={"shipper": "supplier_name"})
    path.write_text("hs,goods_description\n1001,wheat\n1001,wheat\n", encoding="utf-8")
    result = check_frame(engine, path)  # no ids, dates or countries: each row is a transaction of which little is known
    assert result.verdicts.select("transaction", "outcome").rows() == [("row 1", "incomplete"), ("row 2", "incomplete")]


@pytest.mark.parametrize(("suffix", "rows"), [("csv", 700_001), ("jsonl", 70_001)])
def test_a_wrong_type_far_down_costs_its_own_row_only(engine: Engine, tmp_path: Path, suffix: str, rows: int) -> None:
    path = tmp_path / f"a.{suffix}"
    good, bad = ("sale,9,2022-01-01\n", "sale,9,[2022]\n") if suffix == "csv" else (
        '{"activities":"sale","amount":9,"amount_currency":"USD"}\n', '{"activities":{"kind":"sale"},"amount":9}\n'
    )  # fmt: skip
    with path.open("w", encoding="utf-8") as file:
        file.write("activities,ignored,occurred\n" if suffix == "csv" else "")
        file.writelines(good for _ in range(rows - 1))
        file.write(bad)
    result = check_frame(engine, path, tmp_path / "out", ignore=["ignored"] if suffix == "csv" else ())
    assert (result.rows, result.judged) == (rows, rows - 1)
    assert result.quarantine["row"].to_list() == [rows]


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.csv", b"", "is empty"),
        ("a.jsonl", b"", "is empty"),
        ("a.parquet", b"", "is empty"),
        ("a.parquet", b"PAR1 but no more", "cannot be read"),
        ("a.arrow", b"not arrow at all", "cannot be read"),
        ("a.csv", b"hs,hs\n1,1\n", "stands twice"),
        ("a.jsonl", b"{'hs': 1}\n", "no line of JSON"),
    ],
)
def test_a_file_that_cannot_be_opened_is_named(
    engine: Engine, tmp_path: Path, name: str, content: bytes, what: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=what) as told:
        check_frame(engine, tmp_path / name, tmp_path / "out")
    assert name in str(told.value)


def test_a_directory_a_missing_file_and_a_table_of_no_rows(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a directory"):
        check_frame(engine, tmp_path, tmp_path / "out")
    with pytest.raises(InputError, match="no such file"):
        check_frame(engine, tmp_path / "gone.csv", tmp_path / "out")
    (tmp_path / "a.csv").write_text(table(), encoding="utf-8")
    result = check(engine, tmp_path / "a.csv", 0)
    assert result.outcome.value == "clear"


def test_half_a_parquet_file_is_an_error(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame({"hs": [str(n) for n in range(10_000, 30_000)]}).write_parquet(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(InputError, match="cannot be read"):
        check_frame(engine, path, tmp_path / "out")


@pytest.mark.parametrize(
    ("frame", "what"),
    [
        (lambda: pl.DataFrame({"hs": [1001]}), "lose the zero"),
        (lambda: pl.DataFrame({"occurred": [b"2022"]}), "write text"),
        (lambda: pl.DataFrame({"value": [date(2022, 1, 1)]}), "not numbers"),
    ],
)
def test_a_column_of_a_type_that_loses_what_was_said_is_an_error(
    engine: Engine, frame: Callable[[], object], what: str
) -> None:
    with pytest.raises(InputError, match=what):
        check_frame(engine, frame())  # type: ignore[arg-type]  # a Polars frame


def test_an_input_that_changed_is_not_gone_on_with(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(table(GOOD.format("a")), encoding="utf-8")
    check_frame(engine, path, tmp_path / "out")
    path.write_text(table(GOOD.format("a"), GOOD.format("b")), encoding="utf-8")
    with pytest.raises(InputError, match="holds a run of other input"):
        check_frame(engine, path, tmp_path / "out")
    with pytest.raises(InputError, match="holds files that are not of a batch run"):
        check_frame(engine, path, tmp_path)


def test_a_full_disk_is_an_error_and_the_run_can_go_on(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(table(*(GOOD.format(f"trade-{i:040}") for i in range(3_000))), encoding="utf-8")
    code = (
        "import resource, sys\n"
        "from sanctions_engine.cli import main\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))\n"
        "sys.argv = ['sanctions-engine', 'batch', sys.argv[1], '-o', sys.argv[2], '--part-rows', '1000']\n"
        "sys.exit(main())\n"
    )
    command = [sys.executable, "-c", code, str(path), str(tmp_path / "out")]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode not in (0, 1, 2), run.stderr
    assert "cannot be written" in run.stderr
    assert "Traceback" not in run.stderr
    assert not (tmp_path / "out" / "verdicts.parquet").exists()
    result = check_frame(engine, path, tmp_path / "out", rows_at_once=1_000)
    assert (result.rows, result.judged) == (3_000, 3_000)


def test_nested_input_is_judged_as_check_judges_it_and_explained_on_demand(engine: Engine, tmp_path: Path) -> None:
    deal = {"occurred": "2022", "activities": ["sale"], "goods": [{"hs": "9306"}],
            "route": {"from": {"country": "DE"}, "to": {"country": "KP"}}}  # fmt: skip
    lines = [json.dumps({**deal, "transaction": "a"}), '{"goods": 3}', json.dumps({**deal, "gods": []}), "{", "[]",
             json.dumps({**deal, "transaction": "f"})]  # fmt: skip
    (tmp_path / "a.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    check(engine, tmp_path / "a.jsonl", 6)
    result = check_frame(engine, tmp_path / "a.jsonl", tmp_path / "told", explain=True)
    assert result.verdicts["transaction"].to_list() == ["a", "f"]
    assert "did you mean 'goods'" in dict(result.quarantine.select("row", "reason").rows())[3]
    told = [json.loads(line) for line in (tmp_path / "told" / "explanations.jsonl").read_text().splitlines()]
    assert told == [engine.check({**deal, "transaction": name}).to_dict() for name in ("a", "f")]


def test_as_of_a_day_a_batch_says_what_a_check_says_of_that_day(engine: Engine, tmp_path: Path) -> None:
    then = engine.as_of(date(2009, 1, 1))
    told = {"occurred": "2018-06-01", "activities": "sale", "from_country": "DE", "to_country": "KP"}
    rows = [{**told, "hs": hs, "transaction": hs} for hs in ("9301", "2701", "8703", "7113")]
    pl.DataFrame(rows).write_parquet(tmp_path / "a.parquet")
    result = check(then, tmp_path / "a.parquet", len(rows))
    said = {t: (outcome, []) for t, outcome in result.verdicts.select("transaction", "outcome").rows()}
    for t, _, *finding in result.findings.rows():
        said[t][1].append(tuple(finding))
    assert said == {row["transaction"]: single(then, [row]) for row in rows}
    assert said != {row["transaction"]: single(engine, [row]) for row in rows}
