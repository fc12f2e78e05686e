"""``rules mutate``: whether the scenarios would notice a mistake in a rule."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from sanctions_engine.assurance.mutants import shared_conditions
from sanctions_engine.assurance.mutate import Fate, Figures, RuleOnTrial, figures_of, mutate, write_scenarios
from sanctions_engine.assurance.trials import read_scenarios
from sanctions_engine.commands.assurance import scenario_folders
from sanctions_engine.commands.check import console_for, house_rules
from sanctions_engine.commands.exits import Exit
from sanctions_engine.errors import InputError, Problem, did_you_mean
from sanctions_engine.plain import safe, safe_json
from sanctions_engine.rule import CompiledRule
from sanctions_engine.rulebook import Rulebook

__all__ = ["mutate_command"]


@click.command(
    "mutate",
    epilog="""\b
Examples:
  sanctions-engine rules mutate un.dprk.2397-7
  sanctions-engine rules mutate un.dprk un.libya --jobs 2 --fail-under 95
  sanctions-engine rules mutate house.acme --rules house_rules --scenarios tests --write-scenarios missing

\b
A mutant is a rule with one thing wrong: a condition dropped or negated, a word missing, a date off by a day, an
exemption too wide. One that no scenario notices is set aside if it is proved to mean the same (with the extra
`assurance`: by z3), else a scenario is missing. --write-scenarios looks for one and leaves the verdict to you.
A mistake in a shared definition or exemption counts as noticed in every rule that uses it, once the scenarios of one
rule on trial notice it. Of a set of over 60 words five are left out in turn; a group of activities goes as a whole.
Exit codes: 0; 2 the score is under --fail-under; 65 rules or scenarios cannot be read, or do not pass unchanged.""",
)
@click.argument("names", nargs=-1, metavar="[RULE|REGIME]…")
@house_rules
@click.option(
    "--scenarios",
    "where",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Where scenarios stand; by default tests/scenarios or tests beside a folder of rules.",
)
@click.option("--jobs", type=click.IntRange(1, 64), default=None, help="Processes; by default one a core.")
@click.option("--write-scenarios", "write_to", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@click.option("--fail-under", type=click.FloatRange(0, 100), metavar="PER_CENT", help="Fail under this score.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--all", "every", is_flag=True, help="List the mutants proved equivalent too.")
@click.option("--color/--no-color", default=None)
@click.pass_context
def mutate_command(
    context: click.Context,
    names: tuple[str, ...],
    folders: tuple[Path, ...],
    where: tuple[Path, ...],
    jobs: int | None,
    write_to: Path | None,
    fail_under: float | None,
    form: Literal["text", "json"],
    every: bool,
    color: bool | None,
) -> None:
    """Make every small mistake in RULEs, or those of REGIMEs, and see whether a scenario notices."""
    book = Rulebook.load(*folders)
    rules = _chosen(book, names)
    scenarios = read_scenarios(where or scenario_folders(folders))
    if not scenarios:
        raise InputError([Problem("", "there is no scenario (*.scenario.yaml); say where with --scenarios")])
    console = console_for(color)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(file=sys.stderr),
        disable=not sys.stderr.isatty(),
        transient=True,
    ) as progress:
        task = progress.add_task("mutating", total=len(rules))
        tried = mutate(
            book,
            scenarios,
            rules,
            jobs=jobs or os.cpu_count() or 1,
            search=write_to is not None,
            shared=shared_conditions(book),
            done=lambda _: progress.advance(task),
        )
    written = tuple(write_scenarios(tried, write_to)) if write_to is not None else ()
    if form == "json":
        click.echo(safe_json(_json(tried)))
    else:
        _say(console, tried, every)
        if write_to is not None:
            lonely = sum(m.fate is Fate.SURVIVED and not m.told_apart for rule in tried for m in rule.mutants)
            words = f"{len(written)} scenarios written to {safe(str(write_to))}; none was found for {lonely} survivors"
            console.print(Text(words))
    score = figures_of(tried).score
    if any(rule.failing for rule in tried):
        context.exit(Exit.BAD_INPUT)
    context.exit(Exit.VIOLATION if fail_under is not None and score < fail_under else Exit.CLEAR)


def _chosen(book: Rulebook, names: Sequence[str]) -> tuple[CompiledRule, ...]:
    if not names:
        return book.rules
    chosen: dict[int, CompiledRule] = {}
    for name in names:
        of_regime = [rule for rule in book.rules if name in (rule.id, rule.regime.regime)]
        if not of_regime:
            known = [*book.regimes, *(rule.id for rule in book.rules)]
            raise InputError([Problem("", f"no rule or regime {name!r}{did_you_mean(name, known)}")])
        chosen |= {rule.index: rule for rule in of_regime}
    return tuple(chosen[index] for index in sorted(chosen))


def _by_regime(tried: Sequence[RuleOnTrial]) -> dict[str, list[RuleOnTrial]]:
    found: dict[str, list[RuleOnTrial]] = {}
    for rule in tried:
        found.setdefault(rule.regime, []).append(rule)
    return dict(sorted(found.items()))


def _say(console: Console, tried: Sequence[RuleOnTrial], every: bool) -> None:
    for rule in tried:
        figures = figures_of([rule])
        style = "" if figures.survived else "green"
        console.print(
            Text(f"{rule.rule}  {_in_words(figures)}  ({rule.scenarios} scenarios)", f"bold {style}"), soft_wrap=True
        )
        for failing in rule.failing:
            console.print(Text(f"  left out, fails unchanged: {safe(failing)}", "red"), soft_wrap=True)
        for mutant in rule.mutants:
            if mutant.fate is Fate.SURVIVED:
                console.print(Text(f"  survived  {mutant.kind}: {safe(mutant.what)}"), soft_wrap=True)
            elif every and mutant.fate is Fate.EQUIVALENT:
                console.print(Text(f"  the same ({mutant.by})  {safe(mutant.what)}", "dim"), soft_wrap=True)
    console.print()
    by_regime = _by_regime(tried)
    for regime, rules in by_regime.items():
        console.print(Text(f"{regime:<24} {len(rules):>4} rules  {_in_words(figures_of(rules))}"), soft_wrap=True)
    kinds = Counter(m.kind for rule in tried for m in rule.mutants if m.fate is Fate.SURVIVED)
    for kind, count in kinds.most_common():
        console.print(Text(f"  survivors: {count:>5}  {kind}", "dim"))
    console.print(Text(f"{'all':<24} {len(tried):>4} rules  {_in_words(figures_of(tried))}", "bold"), soft_wrap=True)


def _in_words(figures: Figures) -> str:
    return (
        f"{figures.mutants} mutants: {figures.killed} killed ({figures.elsewhere} of them shared, noticed in another "
        f"rule), {figures.equivalent} equivalent, "
        f"{figures.survived} surviving; score {figures.score:.1f}"
    )


def _figures(tried: Sequence[RuleOnTrial]) -> dict[str, object]:
    figures = figures_of(tried)
    return {
        "mutants": figures.mutants,
        "killed": figures.killed,
        "killed_elsewhere": figures.elsewhere,
        "equivalent": figures.equivalent,
        "surviving": figures.survived,
        "score": round(figures.score, 2),
    }


def _json(tried: Sequence[RuleOnTrial]) -> dict[str, object]:
    return {
        **_figures(tried),
        "regimes": {regime: _figures(rules) for regime, rules in _by_regime(tried).items()},
        "rules": [
            {
                "rule": rule.rule,
                **_figures([rule]),
                "scenarios": rule.scenarios,
                "failing": list(rule.failing),
                "survivors": [
                    {"kind": m.kind, "what": m.what, "told_apart": bool(m.told_apart)}
                    for m in rule.mutants
                    if m.fate is Fate.SURVIVED
                ],
            }
            for rule in tried
        ],
    }
