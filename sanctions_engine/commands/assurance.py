"""``rules lint``: whether a rulebook can be trusted, said to its authors."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Literal

import click
from rich.text import Text

from sanctions_engine.assurance.lint import CHECKS, Level, Remark, lint_folders, page, remarks_as_sarif
from sanctions_engine.commands.check import console_for
from sanctions_engine.commands.exits import Exit, echo_problems
from sanctions_engine.engine import engine_version
from sanctions_engine.errors import InputError, Problem, RulebookError
from sanctions_engine.render import safe, safe_json
from sanctions_engine.rulebook import bundled_rules

__all__ = ["lint", "scenario_folders"]

_DAY = click.DateTime(formats=["%Y-%m-%d"])
_STYLES = {Level.ERROR: "bold red", Level.WARNING: "yellow"}


@click.command(
    "lint",
    epilog="""\b
Examples:
  sanctions-engine rules lint                         the bundled rules
  sanctions-engine rules lint house_rules             and your own beside them
  sanctions-engine rules lint --select 'exemption-*'
  sanctions-engine rules lint --explain date-gap      what a check finds, why, how to mend it
  sanctions-engine rules lint --format sarif -o lint.sarif

\b
What is meant so is waived in a waivers.yaml beside the rules: waivers: [{check, rule, because}].
Exit codes: 0 no error; 65 an error (with --strict: a warning too), or the rules do not load.""",
)
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path), metavar="[FOLDER]…")
@click.option("--rules", "more", multiple=True, type=click.Path(path_type=Path), help="The same as FOLDER.")
@click.option(
    "--scenarios",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Where scenarios stand; by default tests/scenarios or tests beside a folder of rules.",
)
@click.option("--select", multiple=True, metavar="CHECK", help="Only these checks; a pattern may be given.")
@click.option("--ignore", multiple=True, metavar="CHECK", help="All but these.")
@click.option("--on", "day", type=_DAY, metavar="DATE", help="Say which regimes were not confirmed up to that day.")
@click.option("--strict", is_flag=True, help="Warnings fail too.")
@click.option("--explain", "explained", metavar="CHECK", help="Show the page of a check, or of `all`.")
@click.option("--format", "form", type=click.Choice(["text", "json", "sarif"]), default="text", show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write a file.")
@click.option("--color/--no-color", default=None)
@click.pass_context
def lint(
    context: click.Context,
    folders: tuple[Path, ...],
    more: tuple[Path, ...],
    scenarios: tuple[Path, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    day: datetime | None,
    strict: bool,
    explained: str | None,
    form: Literal["text", "json", "sarif"],
    output: Path | None,
    color: bool | None,
) -> None:
    """Look for what an author got wrong: the bundled rules, and those in FOLDERs."""
    if explained is not None:
        click.echo("\n\n".join(page(name).rstrip() for name in (CHECKS if explained == "all" else [explained])))
        return
    own = (*folders, *more)
    remarks = lint_folders(
        own,
        scenarios=scenarios or scenario_folders(own),
        on=day.date() if day is not None else None,
        select=select,
        ignore=ignore,
    )
    if form == "text" and output is None:
        _say(remarks, color)
    else:
        text = {"json": _json, "sarif": _sarif, "text": _plain}[form](remarks)
        if output is None:
            click.echo(text)
        else:
            _write(output, text + "\n")
    failed = any(strict or remark.level is Level.ERROR for remark in remarks)
    context.exit(Exit.BAD_INPUT if failed else Exit.CLEAR)


def scenario_folders(folders: tuple[Path, ...]) -> tuple[Path, ...]:
    """Return where scenarios of rule folders are looked for: ``tests/scenarios`` beside each, or ``tests``."""
    found = []
    for folder in (bundled_rules(), *folders):
        beside = folder.resolve().parent
        found += [next((f for f in (beside / "tests" / "scenarios", beside / "tests") if f.is_dir()), None)]
    return tuple(dict.fromkeys(folder for folder in found if folder is not None))


def _say(remarks: tuple[Remark, ...], color: bool | None) -> None:
    broken = [Problem(str(remark.place), remark.message) for remark in remarks if remark.check == "load-error"]
    if broken:
        echo_problems(RulebookError(broken))
        return
    console = console_for(color)
    for remark in remarks:
        line = Text(f"{safe(_near(remark.place.file))}:{remark.place.line}:{remark.place.column}: ")
        line.append(f"{remark.level.value} ", _STYLES[remark.level])
        line.append(remark.check, "bold")
        line.append(f": {safe(remark.message)}")
        console.print(line, soft_wrap=True)
    counts = Counter(remark.level.value for remark in remarks)
    words = ", ".join(f"{counts[level.value]} {level.value}{'s' * (counts[level.value] != 1)}" for level in Level)
    console.print(Text(f"{len(CHECKS)} checks: {words if remarks else 'nothing to remark'}", "bold"))
    if remarks:
        console.print(Text(f"what one means: sanctions-engine rules lint --explain {remarks[0].check}", "dim"))


def _near(file: str) -> str:
    """Return a path as seen from here, where it lies below."""
    try:
        return str(Path(file).resolve().relative_to(Path.cwd()))
    except ValueError:
        return file


def _plain(remarks: tuple[Remark, ...]) -> str:
    return "\n".join(str(remark) for remark in remarks)


def _json(remarks: tuple[Remark, ...]) -> str:
    return safe_json(
        [
            {
                "check": remark.check,
                "level": remark.level.value,
                "file": remark.place.file,
                "line": remark.place.line,
                "column": remark.place.column,
                "rule": remark.rule or None,
                "message": remark.message,
            }
            for remark in remarks
        ]
    )


def _sarif(remarks: tuple[Remark, ...]) -> str:
    return remarks_as_sarif(remarks, engine_version(), Path.cwd())


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError([Problem(str(path), f"cannot be written: {error.strerror}")]) from error
