"""``test``: run scenario files without pytest."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click
from rich.text import Text

from sanctions_engine.commands.check import console_for, house_rules
from sanctions_engine.commands.exits import Exit, echo_problems
from sanctions_engine.engine import Engine
from sanctions_engine.errors import InputError, Problem
from sanctions_engine.plain import safe
from sanctions_engine.rulebook import Rulebook
from sanctions_engine.scenario import explain_failure, load_scenarios, run_scenario

__all__ = ["scenario_files", "test"]

_SUFFIX = ".scenario.yaml"


@click.command(
    "test",
    epilog="""\b
Examples:
  sanctions-engine test tests/scenarios
  sanctions-engine test my.scenario.yaml --rules house_rules

\b
Exit codes: 0 every scenario passed; 2 one failed; 65 a file or rule cannot be read, or there is no scenario.""",
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH…")
@click.option("--matcher", type=click.Choice(["auto", "durable", "python"]), default="auto", show_default=True)
@house_rules
@click.option("-v", "--verbose", is_flag=True, help="Name the scenarios that passed too.")
@click.option("--color/--no-color", default=None)
@click.pass_context
def test(
    context: click.Context,
    paths: tuple[Path, ...],
    matcher: Literal["auto", "durable", "python"],
    folders: tuple[Path, ...],
    verbose: bool,
    color: bool | None,
) -> None:
    """Run the scenarios in PATHs: files, or folders searched for *.scenario.yaml.

    A path without a scenario, a scenario that asserts nothing, and an unknown key are errors, never a pass.
    """
    console = console_for(color)
    passed = failed = broken = 0
    files = [file for path in paths for file in scenario_files(path)]
    book = Rulebook.load(*folders) if folders else None
    with Engine(book, matcher=matcher) as engine:
        for file in files:
            try:
                scenarios = load_scenarios(file)
            except InputError as error:
                broken += 1
                echo_problems(error)
                continue
            for scenario in scenarios:
                try:
                    result = run_scenario(scenario, engine)
                except InputError as error:
                    broken += 1
                    echo_problems(error)
                    continue
                if result.passed:
                    passed += 1
                    if verbose:
                        console.print(Text(f"passed  {safe(scenario.place)}: {safe(scenario.name)}", "green"))
                    continue
                failed += 1
                console.print(Text(f"FAILED  {safe(scenario.place)}: {safe(scenario.name)}", "bold red"))
                for line in (*result.failures, *explain_failure(result, engine)):
                    console.print(Text(f"        {safe(line)}"), soft_wrap=True)
    counts = [f"{passed} passed", *([f"{failed} failed"] if failed else []), *([f"{broken} broken"] if broken else [])]
    console.print(Text(f"{passed + failed + broken} scenarios: {', '.join(counts)}", "bold"))
    context.exit(Exit.BAD_INPUT if broken else Exit.VIOLATION if failed else Exit.CLEAR)


def scenario_files(path: Path) -> list[Path]:
    """Return a scenario file, or those of a folder.

    Raises:
        InputError: There is none.
    """
    if path.is_dir():
        found = sorted(path.rglob(f"*{_SUFFIX}"))
        if not found:
            raise InputError([Problem(str(path), f"holds no scenario (*{_SUFFIX})")])
        return found
    if not path.exists():
        raise InputError([Problem(str(path), "does not exist")])
    if not path.name.endswith(_SUFFIX):
        raise InputError([Problem(str(path), f"is not a scenario file; its name must end in {_SUFFIX}")])
    return [path]
