"""``rules lint`` and ``rules coverage``: whether a rulebook can be trusted, said to its authors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from sanctions_engine.assurance.coverage import Coverage, RuleShown, Tally, measure, rules_asserted
from sanctions_engine.assurance.coverage_page import coverage_html
from sanctions_engine.assurance.lint import CHECKS, Level, Remark, lint_folders, page, remarks_as_sarif
from sanctions_engine.commands.check import console_for, house_rules
from sanctions_engine.commands.exits import Exit, echo_problems
from sanctions_engine.commands.test import scenario_files
from sanctions_engine.documents import write_file
from sanctions_engine.engine import Engine, engine_version
from sanctions_engine.errors import InputError, Problem, RulebookError, did_you_mean
from sanctions_engine.plain import safe, safe_json
from sanctions_engine.rulebook import Rulebook, bundled_rules
from sanctions_engine.scenario import Scenario, load_scenarios
from sanctions_engine.truth import Truth

__all__ = ["coverage", "lint", "scenario_folders"]

_DAY = click.DateTime(formats=["%Y-%m-%d"])
_HEADS = "  rules  tests  both truths   MC/DC  as written  exemptions applied       days"
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
            write_file(output, text + "\n")
    failed = any(strict or remark.level is Level.ERROR for remark in remarks)
    context.exit(Exit.BAD_INPUT if failed else Exit.CLEAR)


# ---------------------------------------------------------------------- coverage


@click.command(
    "coverage",
    epilog="""\b
Examples:
  sanctions-engine rules coverage --regime un.dprk --missing
  sanctions-engine rules coverage --html coverage.html --fail-under 80
  sanctions-engine rules coverage house_tests --rules house_rules --regime house.acme

\b
A test is covered where it decided a verdict both as true and as false, all else equal (masking MC/DC). "As written"
counts a test of a shared definition once: it is covered where some rule that uses it covers it.
Exit codes: 0 measured; 2 a scenario failed, or less is covered than --fail-under; 65 a file cannot be read.""",
)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]…")
@house_rules
@click.option("--regime", help="Only the rules of this regime.")
@click.option("--fail-under", type=click.FloatRange(0, 100), metavar="PERCENT", help="Fail where MC/DC is lower.")
@click.option(
    "--html", "page_file", type=click.Path(path_type=Path, dir_okay=False), help="Write every rule, coloured."
)
@click.option("--missing", is_flag=True, help="Name each test that is not covered, and what lacks.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--color/--no-color", default=None)
@click.pass_context
def coverage(
    context: click.Context,
    paths: tuple[Path, ...],
    folders: tuple[Path, ...],
    regime: str | None,
    fail_under: float | None,
    page_file: Path | None,
    missing: bool,
    form: Literal["text", "json"],
    color: bool | None,
) -> None:
    """Measure what the scenarios in PATHs show of the rules: truths, exemptions, days, and what decided."""
    book = Rulebook.load(*folders)
    if regime is not None and regime not in book.regimes:
        raise click.UsageError(f"no regime {regime!r}{did_you_mean(regime, list(book.regimes))}")
    scenarios = _load(paths or scenario_folders(folders))
    wanted = _wanted(book, scenarios, bool(paths), folders, regime)
    scenarios = [scenario for scenario in scenarios if rules_asserted(scenario) & wanted]
    if not scenarios:
        raise InputError([Problem(", ".join(map(str, paths)), "no scenario here asserts anything of these rules")])
    with Engine(book, matcher="python") as engine:
        found = measure(engine, _progress(scenarios), rules=wanted)
    if page_file is not None:
        write_file(page_file, coverage_html(found, _shown_files(found)))
    if form == "json":
        click.echo(safe_json(_coverage_json(found)))
    else:
        _say_coverage(found, missing, color)
    low = fail_under is not None and found.tally().mcdc < fail_under
    if low and form == "text":
        click.echo(f"{found.tally().mcdc:.1f} per cent is less than {fail_under:g}", err=True)
    context.exit(Exit.VIOLATION if low or found.failed else Exit.CLEAR)


def _wanted(
    book: Rulebook, scenarios: list[Scenario], chosen: bool, folders: tuple[Path, ...], regime: str | None
) -> set[str]:
    """Return the rules to measure: of a regime; else your own; else those the chosen scenarios are about; else all."""
    if regime is not None:
        return {rule.id for rule in book.of_regime(regime)}
    if folders:
        own = tuple(str(folder) for folder in folders)
        return {rule.id for rule in book.rules if rule.place.startswith(own)}
    if chosen:
        return {rule for scenario in scenarios for rule in rules_asserted(scenario)}
    return {rule.id for rule in book.rules}


def _load(paths: tuple[Path, ...]) -> list[Scenario]:
    """Read all scenarios; every file that cannot be read is named."""
    found: list[Scenario] = []
    problems: list[Problem] = []
    for file in dict.fromkeys(file for path in paths for file in scenario_files(path)):
        try:
            found += load_scenarios(file)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return found


def _progress(scenarios: list[Scenario]) -> Iterator[Scenario]:
    console = Console(stderr=True)
    columns = (TextColumn("running"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        yield from progress.track(scenarios, total=len(scenarios))


def _shown_files(found: Coverage) -> list[str]:
    """Return the rule files, and the shared files in which their tests stand."""
    own = [shown.file for shown in found.rules]
    shared = {test.place.file for shown in found.rules for test in shown.tests} - set(own)
    return [*sorted(shared), *own]


def _say_coverage(found: Coverage, missing: bool, color: bool | None) -> None:
    console = console_for(color)
    for text in found.failed:
        console.print(Text(f"FAILED  {safe(text)}", "bold red"), soft_wrap=True)
    wide = max(len(regime) for regime in (*found.regimes, "regime"))
    console.print(
        Text(
            f"{'regime':<{wide}}  rules  tests  both truths   MC/DC  as written  exemptions applied       days", "bold"
        ),
        soft_wrap=True,
    )
    for regime in found.regimes:
        console.print(Text(_line(regime, found.tally(regime), wide)), soft_wrap=True)
    if len(found.regimes) > 1:
        console.print(Text(_line("all", found.tally(), wide), "bold"), soft_wrap=True)
    if missing:
        for shown in found.rules:
            for line in _lacks(shown):
                console.print(Text(safe(line)), soft_wrap=True)
    console.print(
        Text(f"{found.scenarios} scenarios passed, {len(found.failed)} failed; MC/DC is masking MC/DC", "dim")
    )


def _line(name: str, tally: Tally, wide: int) -> str:
    return (
        f"{name:<{wide}}  {tally.rules:>5}  {tally.tests:>5}  {tally.both_truths:>9.1f} %  {tally.mcdc:>5.1f} %"
        f"  {tally.mcdc_written:>8.1f} %"
        f"  {tally.applied:>9} of {tally.exemptions:<6}  {tally.shown:>4} of {tally.days}"
    )


def _lacks(shown: RuleShown) -> Iterator[str]:
    """Say what no run shows of a rule, a line each."""
    if not shown.runs:
        yield f"{_near(shown.file)}:1:1: {shown.rule}: no scenario asserts anything of it"
        return
    for test in shown.tests:
        if test.lacks:
            at = f"{_near(test.place.file)}:{test.place.line}:{test.place.column}"
            yield f"{at}: {shown.rule}: {test.says}: {test.lacks}"
    for exemption in shown.exemptions:
        if not exemption.applied:
            place = exemption.place
            yield f"{_near(place.file)}:{place.line}:{place.column}: {shown.rule}: {exemption.paragraph} never applies"
    for day, hit in shown.days.items():
        if not hit:
            yield f"{_near(shown.file)}:1:1: {shown.rule}: no run on: {day}"


def _coverage_json(found: Coverage) -> dict[str, object]:
    def tally(of: Tally) -> dict[str, object]:
        return {
            "rules": of.rules,
            "tests": of.tests,
            "both_truths": round(of.both_truths, 2),
            "unknown_seen": of.unknown,
            "covered": of.covered,
            "mcdc": round(of.mcdc, 2),
            "written": of.written,
            "mcdc_written": round(of.mcdc_written, 2),
            "exemptions": of.exemptions,
            "exemptions_applied": of.applied,
            "days": of.days,
            "days_shown": of.shown,
        }

    def truths(of: frozenset[Truth]) -> list[str]:
        return sorted(truth.value for truth in of)

    return {
        "scenarios": found.scenarios,
        "failed": list(found.failed),
        "criterion": "masking MC/DC, by occurrence",
        "total": tally(found.tally()),
        "regimes": {regime: tally(found.tally(regime)) for regime in found.regimes},
        "rules": [
            {
                "rule": shown.rule,
                "file": shown.file,
                "runs": shown.runs,
                "verdicts": sorted(shown.verdicts),
                "days": dict(shown.days),
                "tests": [
                    {
                        "says": test.says,
                        "place": str(test.place),
                        "part": test.part,
                        "seen": truths(test.seen),
                        "decided": truths(test.decided),
                        "covered": test.covered,
                    }
                    for test in shown.tests
                ],
                "exemptions": [
                    {
                        "paragraph": exemption.paragraph,
                        "title": exemption.title,
                        "place": str(exemption.place),
                        "seen": truths(exemption.seen),
                        "applied": exemption.applied,
                    }
                    for exemption in shown.exemptions
                ],
            }
            for shown in found.rules
        ],
    }


# ---------------------------------------------------------------------- shared by both


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
