"""The pytest plugin: ``*.scenario.yaml`` files, and only those, are tests.

A failure shows what was expected and what came, where the rule stands, and which facts decided. A scenario that
cannot be read, asserts nothing or evaluates no rule is an error, never a pass.

Every run of pytest loads this module where the package is installed, also in projects without a scenario: the engine is
imported when the first scenario file is met.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

if TYPE_CHECKING:
    from sanctions_engine.engine import Engine
    from sanctions_engine.scenario import Scenario, ScenarioResult

_ENGINES = pytest.StashKey["tuple[Engine, ...]"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the engine that runs scenarios."""
    group = parser.getgroup("sanctions", "sanctions_engine scenarios (*.scenario.yaml)")
    group.addoption(
        "--sanctions-matcher",
        choices=("auto", "python", "durable", "both"),
        default="auto",
        help="What finds the rules that apply; `both` runs each scenario twice and compares (default: auto).",
    )
    group.addoption(
        "--sanctions-rules",
        action="append",
        default=[],
        metavar="FOLDER",
        help="A folder of your own rules, beside the bundled ones; may be repeated.",
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ScenarioFile | None:
    """Collect a scenario file."""
    if file_path.name.endswith(".scenario.yaml"):
        file: ScenarioFile = ScenarioFile.from_parent(parent, path=file_path)
        return file
    return None


def pytest_unconfigure(config: pytest.Config) -> None:
    """Give back what the engines hold."""
    for engine in config.stash.get(_ENGINES, ()):
        engine.close()


class ScenarioFile(pytest.File):
    """A file of scenarios."""

    def collect(self) -> Iterable[ScenarioItem]:
        """Yield its scenarios; a file that is not well formed is a collection error."""
        from sanctions_engine.errors import SanctionsError
        from sanctions_engine.scenario import load_scenarios

        try:
            scenarios = load_scenarios(self.path)
        except SanctionsError as error:
            raise self.CollectError(str(error)) from error
        for scenario in scenarios:
            yield ScenarioItem.from_parent(self, name=scenario.name, scenario=scenario)


class ScenarioItem(pytest.Item):
    """One scenario."""

    def __init__(self, *, scenario: Scenario, **kwargs: object) -> None:
        super().__init__(**kwargs)  # type: ignore[arg-type]  # pytest passes its own node arguments through
        self.scenario = scenario

    def runtest(self) -> None:
        """Check it and compare; with both matchers, compare them too."""
        from sanctions_engine.scenario import explain_failure, run_scenario

        engines = _engines(self.config)
        results = [run_scenario(self.scenario, engine) for engine in engines]
        for result, engine in zip(results, engines, strict=True):
            if result.failures:
                raise ScenarioFailureError(result, tuple(explain_failure(result, engine)))
        reports = [result.report.to_dict() for result in results]
        if any(report["findings"] != reports[0]["findings"] for report in reports):
            names = " and ".join(engine.matcher.name for engine in engines)
            raise AssertionError(f"{self.scenario.place}: matchers {names} find different things; please report this")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        """Show each difference on its line, then the rules and facts behind it."""
        if isinstance(excinfo.value, ScenarioFailureError):
            return "\n".join(_lines(self.scenario, excinfo.value))
        from sanctions_engine.errors import SanctionsError

        if isinstance(excinfo.value, (SanctionsError, AssertionError)):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Say where the scenario stands."""
        return self.path, None, f"scenario: {self.name}"


class ScenarioFailureError(AssertionError):
    """A scenario that did not go as expected.

    Args:
        result: How it went.
        why: Rules and facts behind the differences, a line each.
    """

    def __init__(self, result: ScenarioResult, why: tuple[str, ...]) -> None:
        super().__init__("\n".join(result.failures))
        self.failures = result.failures
        self.why = why


def _lines(scenario: Scenario, failure: ScenarioFailureError) -> Iterator[str]:
    yield f"{scenario.place}: {scenario.name}"
    yield from (f"  {line}" for line in failure.failures)
    yield from (f"  {line}" for line in failure.why)


def _engines(config: pytest.Config) -> tuple[Engine, ...]:
    """Return the engines of this run, made once."""
    found = config.stash.get(_ENGINES, None)
    if found is None:
        from sanctions_engine.engine import Engine
        from sanctions_engine.rulebook import Rulebook

        folders = [config.rootpath / folder for folder in config.getoption("--sanctions-rules")]
        book = Rulebook.load(*folders) if folders else None
        matcher = config.getoption("--sanctions-matcher")
        names: tuple[Literal["auto", "python", "durable"], ...] = (
            ("python", "durable") if matcher == "both" else (matcher,)
        )
        found = config.stash[_ENGINES] = tuple(Engine(book, matcher=name) for name in names)
    return found
