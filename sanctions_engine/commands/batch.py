"""``batch``: a table of transactions in, tables of verdicts and findings out."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Literal

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from sanctions_engine.commands.check import house_rules
from sanctions_engine.commands.exits import Exit
from sanctions_engine.engine import Engine
from sanctions_engine.errors import InputError
from sanctions_engine.finding import Outcome
from sanctions_engine.rulebook import Rulebook

__all__ = ["batch"]

_CODES = {
    Outcome.VIOLATION: Exit.VIOLATION,
    Outcome.POTENTIAL: Exit.POTENTIAL,
    Outcome.DUTY: Exit.DUTY,
    Outcome.INCOMPLETE: Exit.INCOMPLETE,
}


def _list_columns(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if not value or ctx.resilient_parsing:
        return
    from sanctions_engine.batch import COLUMNS

    for column in COLUMNS.values():
        click.echo(f"{column.name:28}{column.says}")
    ctx.exit()


@click.command(
    "batch",
    epilog="""\b
A flat table has one row a goods line; rows of one transaction stand together and share its id:
  transaction,occurred,activities,supplier_name,supplier_country,from_country,to_country,goods_description,hs
  A-1,2021-03-04,sale|transport,Acme Ltd,DE,DE,North Korea,ball bearings,8482.10
  A-1,2021-03-04,sale|transport,Acme Ltd,DE,DE,North Korea,lubricants,2710.19
  A-2,2021-03,payment,,,,,,
An empty cell is "not stated", never "no". --columns lists every column and what it means; a column that is not
among them stops the run, unless --column names it or --ignore leaves it out. Lines of JSON (and nested Parquet)
may instead hold whole transactions, as check reads them.

\b
Examples:
  sanctions-engine batch year.parquet -o verdicts
  sanctions-engine batch feed.csv -o verdicts --column shipper=supplier_name --ignore booking_no
  sanctions-engine batch deals.jsonl -o verdicts --explain
  sanctions-engine batch year.parquet -o then --as-of 2017-12-31

\b
OUT is a folder of tables:
  verdicts.parquet    a row a transaction: id, first row, rows, outcome, number of findings
  findings.parquet    a row a finding: rule, outcome, subject, settled, exemption, citations
  quarantine.parquet  a row for every input row that could not be read, and why
  explanations.jsonl  with --explain: the report of each transaction with findings, as check --format json
  run.json            how far the run is
Interrupted or killed, run the same command again: it goes on after the last part that was finished.

\b
Exit codes: 65 where a row was quarantined; else as check, by the gravest outcome.""",
)
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
@click.option("-o", "--out", required=True, metavar="OUT", type=click.Path(path_type=Path), help="A folder for tables.")
@click.option("--column", "renamed", multiple=True, metavar="THEIRS=OURS", help="A column that has another name here.")
@click.option("--ignore", multiple=True, metavar="COLUMN", help="A column that says nothing of a transaction.")
@click.option("--explain", is_flag=True, help="Also write the full report of each transaction with findings.")
@click.option(
    "--columns", is_flag=True, is_eager=True, expose_value=False, callback=_list_columns, help="List columns."
)
@click.option(
    "--part-rows",
    type=click.IntRange(1, 10_000_000),
    metavar="N",
    help="Rows held in memory at a time, and lost at most by a kill; 250000 where not given.",
)
@click.option("--as-of", type=click.DateTime(formats=["%Y-%m-%d"]), metavar="DATE", help="Law and list as of that day.")
@click.option(
    "--matcher", type=click.Choice(["python", "durable"]), default="python", show_default=True, help="As for check."
)
@click.option("--assume-nothing", is_flag=True, help="Ask instead of assuming what is usually so.")
@house_rules
@click.pass_context
def batch(
    context: click.Context,
    source: Path,
    out: Path,
    renamed: tuple[str, ...],
    ignore: tuple[str, ...],
    explain: bool,
    part_rows: int | None,
    as_of: datetime | None,
    matcher: Literal["python", "durable"],
    assume_nothing: bool,
    folders: tuple[Path, ...],
) -> None:
    """Check every transaction of a table; each row is judged, or quarantined with its reason.

    IN is CSV, TSV, JSON lines, Parquet or Arrow. The verdicts are those of check, for every transaction.
    """
    columns = {}
    for pair in renamed:
        theirs, sign, ours = pair.partition("=")
        if not sign:
            raise click.UsageError(f"--column {pair!r}: write THEIRS=OURS, such as shipper=supplier_name", context)
        columns[theirs] = ours
    try:
        from sanctions_engine.batch import ROWS_AT_ONCE, check_frame
    except ImportError as error:
        raise InputError(f"batch needs Polars ({error}); install sanctions-engine[batch]") from error
    book = Rulebook.load(*folders) if folders else None
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("checking"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]:,} rows"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("left"),
        console=console,
        disable=not console.is_terminal,
    )
    with Engine(book, matcher=matcher, assume="nothing" if assume_nothing else "usual") as engine, bar:
        task = bar.add_task("checking", total=None, rows=0, rate="")
        before: int | None = None  # rows that an earlier run had done

        def show(at: int, size: int, rows: int) -> None:
            nonlocal before
            before = rows if before is None else before
            spent = bar.tasks[task].elapsed or 0
            rate = f"{(rows - before) / spent:,.0f} rows a second" if spent and rows > before else ""
            bar.update(task, completed=at, total=size, rows=rows, rate=rate)

        result = check_frame(
            engine.as_of(as_of.date()) if as_of else engine,
            source,
            out,
            columns=columns,
            ignore=ignore,
            explain=explain,
            rows_at_once=part_rows or ROWS_AT_ONCE,
            progress=show,
        )
    said = ", ".join(f"{number:,} {outcome}" for outcome, number in result.outcomes.items()) or "none"
    click.echo(f"{result.transactions:,} transactions: {said}")
    click.echo(f"{result.rows:,} rows: {result.judged:,} judged, {result.quarantined:,} quarantined")
    if result.quarantined:
        click.echo(f"error: {result.quarantined:,} rows could not be read; see {out / 'quarantine.parquet'}", err=True)
    context.exit(Exit.BAD_INPUT if result.quarantined else _CODES.get(result.outcome, Exit.CLEAR))
