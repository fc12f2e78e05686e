"""What lint says, and what each check may look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from importlib import resources

from sanctions_engine.assurance.places import Place, PlacedRule, Sources
from sanctions_engine.assurance.solver import Solver
from sanctions_engine.documents import Document, Path
from sanctions_engine.errors import InputError, Problem, did_you_mean
from sanctions_engine.facts import ForEach
from sanctions_engine.rulebook import Rulebook

__all__ = [
    "CHECKS",
    "Check",
    "Desk",
    "Level",
    "Remark",
    "check",
    "check_each_rule",
    "page",
    "rule_of",
    "values_written",
]


class Level(Enum):
    """How much a remark matters; the names are those of SARIF."""

    ERROR = "error"
    """The rule cannot mean what it says."""
    WARNING = "warning"
    """It probably does not, or a reader cannot tell."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that lint found.

    Args:
        check: The id of the check.
        level: How much it matters.
        place: Where.
        message: What is wrong and what to do, in a line.
        rule: The rule it is about; empty where it is about no single one.
    """

    check: str
    level: Level
    place: Place
    message: str
    rule: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.level.value} {self.check}: {self.message}"


@dataclass(frozen=True, slots=True)
class Desk:
    """What lies before a check.

    Args:
        book: The rulebook.
        sources: Its texts.
        scenarios: By rule id, where a scenario file names it; None where no folder of scenarios is known.
        on: The day against which renewals are held; None: they are not.
    """

    book: Rulebook
    sources: Sources
    scenarios: Mapping[str, Place] | None = None
    on: date | None = None
    _solvers: dict[ForEach, Solver] = field(default_factory=dict)

    def solver(self, for_each: ForEach) -> Solver:
        """Return the solver of a scope."""
        return self._solvers.setdefault(for_each, Solver(self.book.goods, for_each))

    def adopted(self, paragraph: str) -> date | None:
        """Return the day a paragraph's resolution was adopted, where some regime knows it."""
        number = paragraph.partition("/")[0]
        for regime in self.book.regimes.values():
            for name, resolution in regime.resolutions.items():
                if name.startswith(f"S/RES/{number} "):
                    return resolution.adopted
        return None


Found = tuple[Place, str, str]
"""Place, message, rule id (or nothing)."""
Said = tuple[Place, str]
"""Place and message, of the rule that is looked at."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Args:
        id: Its name, which is that of its page.
        level: How much its remarks matter.
        says: What it finds, in a line.
        run: Yields what it finds.
    """

    id: str
    level: Level
    says: str
    run: Callable[[Desk], Iterator[Found]]


CHECKS: dict[str, Check] = {}


def check(name: str, level: Level) -> Callable[[Callable[[Desk], Iterator[Found]]], Callable[[Desk], Iterator[Found]]]:
    """Enter a function as a check; the first line of its docstring says what it finds."""

    def enter(run: Callable[[Desk], Iterator[Found]]) -> Callable[[Desk], Iterator[Found]]:
        CHECKS[name] = Check(name, level, (run.__doc__ or "").strip().splitlines()[0], run)
        return run

    return enter


def check_each_rule(
    name: str, level: Level
) -> Callable[[Callable[[Desk, PlacedRule], Iterator[Said]]], Callable[[Desk, PlacedRule], Iterator[Said]]]:
    """Enter a function as a check of every rule by itself; the first line of its docstring says what it finds."""

    def enter(run: Callable[[Desk, PlacedRule], Iterator[Said]]) -> Callable[[Desk, PlacedRule], Iterator[Said]]:
        def of_all(desk: Desk) -> Iterator[Found]:
            for placed in desk.sources.rules:
                yield from ((place, message, placed.rule.id) for place, message in run(desk, placed))

        of_all.__doc__ = run.__doc__
        check(name, level)(of_all)
        return run

    return enter


def page(name: str) -> str:
    """Return the page of a check: what it finds, why that matters, how to mend it.

    Raises:
        InputError: There is no such check; the message names the nearest.
    """
    if name not in CHECKS:
        raise InputError([Problem("", f"no check {name[:60]!r}{did_you_mean(name, list(CHECKS))}")])
    return (resources.files("sanctions_engine.assurance") / "checks" / f"{name}.md").read_text(encoding="utf-8")


def rule_of(document: Document) -> str:
    """Return the id of the rule that a file holds; empty where it holds none."""
    return str(document.data.get("rule", "")) if isinstance(document.data, Mapping) else ""


def values_written(desk: Desk) -> Iterator[tuple[Document, Path, object]]:
    """Yield every value of every file, as written."""
    for document in desk.sources.documents.values():
        yield from ((document, path, value) for path, value in _values((), document.data))


def _values(path: Path, value: object) -> Iterator[tuple[Path, object]]:
    yield path, value
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _values((*path, str(key)), item)
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from _values((*path, i), item)
