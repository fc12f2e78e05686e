"""The pytest plugin: ``*.scenario.yaml`` files, and only those, are tests."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from sanctions_engine.engine import Engine
from sanctions_engine.errors import SanctionsError
from sanctions_engine.scenario import Scenario, load_scenarios, run_scenario

_ENGINE = pytest.StashKey[Engine]()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ScenarioFile | None:
    """Collect a scenario file."""
    if file_path.name.endswith(".scenario.yaml"):
        file: ScenarioFile = ScenarioFile.from_parent(parent, path=file_path)
        return file
    return None


class ScenarioFile(pytest.File):
    """A file of scenarios."""

    def collect(self) -> Iterable[ScenarioItem]:
        """Yield its scenarios; a file that is not well formed is a collection error."""
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
        """Check it and compare."""
        result = run_scenario(self.scenario, _engine(self.config))
        if result.failures:
            raise ScenarioFailureError(result.failures)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        """Show each difference on its line."""
        if isinstance(excinfo.value, ScenarioFailureError):
            return "\n".join(
                [f"{self.scenario.place}: {self.scenario.name}", *(f"  {line}" for line in excinfo.value.failures)]
            )
        if isinstance(excinfo.value, SanctionsError):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Say where the scenario stands."""
        return self.path, None, f"scenario: {self.name}"


class ScenarioFailureError(AssertionError):
    """A scenario that did not go as expected."""

    def __init__(self, failures: tuple[str, ...]) -> None:
        super().__init__("\n".join(failures))
        self.failures = failures


def _engine(config: pytest.Config) -> Engine:
    found = config.stash.get(_ENGINE, None)
    if found is None:
        found = config.stash[_ENGINE] = Engine(matcher="python")
    return found
