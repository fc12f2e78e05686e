"""``check``: described transactions in, findings out, in the format of your choice."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from sanctions_engine.commands.exits import Exit, echo_problems
from sanctions_engine.documents import MAX_BYTES, Document, read_document, read_file
from sanctions_engine.engine import Engine
from sanctions_engine.errors import InputError, Problem
from sanctions_engine.finding import Outcome
from sanctions_engine.plain import safe_json
from sanctions_engine.render import html_document, markdown, print_page, report_page
from sanctions_engine.report import Report
from sanctions_engine.rulebook import Rulebook
from sanctions_engine.transaction import Transaction

__all__ = ["check", "console_for", "house_rules"]

_CODES = {
    Outcome.VIOLATION: Exit.VIOLATION,
    Outcome.POTENTIAL: Exit.POTENTIAL,
    Outcome.DUTY: Exit.DUTY,
    Outcome.INCOMPLETE: Exit.INCOMPLETE,
}
_MANY = 20

house_rules = click.option(
    "--rules",
    "folders",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A folder of your own rules, beside the bundled ones; may be repeated.",
)


def console_for(color: bool | None) -> Console:
    """Return a console on standard output: colour where there is a terminal, unless told otherwise (``NO_COLOR``)."""
    return Console(
        file=sys.stdout,
        highlight=False,
        markup=False,
        emoji=False,
        force_terminal=True if color else None,
        no_color=True if color is False else None,
        color_system="auto" if not color else "standard",
    )


@click.command(
    "check",
    epilog="""\b
Examples:
  sanctions-engine check deal.yaml
  sanctions-engine check deal.yaml --why --as-of 2013-06-01
  sanctions-engine check a.yaml b.json --format json | jq .outcome
  cat deal.yaml | sanctions-engine check -

\b
Exit codes: 0 clear, exempt or advisory; 2 violation; 3 potential; 4 incomplete; 5 duty;
65 a file cannot be read. For several files: the gravest of 65, 2, 3, 5, 4, 0.""",
)
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "html", "markdown"]), default="text", show_default=True
)
@click.option(
    "--as-of", type=click.DateTime(formats=["%Y-%m-%d"]), metavar="DATE", help="Law and list as known on that day."
)
@click.option(
    "--matcher",
    type=click.Choice(["auto", "durable", "python"]),
    default="auto",
    show_default=True,
    help="What finds the rules that apply; both give the same results.",
)
@click.option("--assume-nothing", is_flag=True, help="Ask instead of assuming what is usually so.")
@house_rules
@click.option("--why", is_flag=True, help="Show the whole tree of every finding.")
@click.option("--color/--no-color", default=None, help="Colour or none; by default where there is a terminal.")
@click.pass_context
def check(
    context: click.Context,
    files: tuple[str, ...],
    form: str,
    as_of: datetime | None,
    matcher: Literal["auto", "durable", "python"],
    assume_nothing: bool,
    folders: tuple[Path, ...],
    why: bool,
    color: bool | None,
) -> None:
    """Check described transactions, one a FILE (YAML or JSON; - for standard input), against the law.

    Every file is checked, also where another cannot be read.
    """
    book = Rulebook.load(*folders) if folders else None
    codes: list[int] = []
    reports: list[Report] = []
    counts: Counter[str] = Counter()
    console = console_for(color)
    with Engine(book, matcher=matcher, assume="nothing" if assume_nothing else "usual") as engine:
        for i, name in enumerate(_progress(files)):
            try:
                report = engine.check(_read(name), as_of=as_of.date() if as_of else None)
            except InputError as error:
                codes.append(Exit.BAD_INPUT)
                counts["not readable"] += 1
                echo_problems(error)
                if form == "json":
                    problems = [{"where": p.where, "what": p.what} for p in error.problems]
                    click.echo(safe_json({"file": name, "errors": problems}))
                continue
            codes.append(_CODES.get(report.outcome, Exit.CLEAR))
            counts[report.outcome.value] += 1
            if form == "json":
                click.echo(safe_json(report.to_dict()))
            elif form == "text":
                if i:
                    console.print()
                print_page(report_page(report, why=why), console)
            else:
                reports.append(report)
    if form == "html" and reports:
        click.echo(html_document([report_page(report, why=why) for report in reports]), nl=False)
    elif form == "markdown" and reports:
        click.echo("\n".join(markdown(report_page(report, why=why)) for report in reports), nl=False)
    elif form == "text" and len(files) > 1:
        click.echo(f"\n{len(files)} files: " + ", ".join(f"{n} {what}" for what, n in counts.most_common()))
    context.exit(Exit.worst(codes))


def _read(name: str) -> Transaction:
    if name == "-":
        return Transaction.of(_stdin())
    transaction = Transaction.of(read_file(name))
    if "id" in transaction.model_fields_set:
        return transaction
    return transaction.model_copy(update={"id": Path(name).stem[:200] or name})


def _stdin() -> Document:
    data = sys.stdin.buffer.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise InputError([Problem("standard input", f"is larger than {MAX_BYTES:,} bytes")])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError([Problem("standard input", f"is not UTF-8 text (byte {error.start})")]) from error
    return read_document(text, name="standard input", json_only=text.lstrip()[:1] == "{")


def _progress(files: Sequence[str]) -> Iterator[str]:
    """Yield the files; with a bar where there are many and the output goes elsewhere."""
    console = Console(stderr=True)
    shown = len(files) > _MANY and console.is_terminal and not sys.stdout.isatty()
    columns = (TextColumn("checking"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not shown) as progress:
        yield from progress.track(files, total=len(files))
