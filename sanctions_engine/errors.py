"""The error tree: who has to act, on what, where.

Missing facts are not errors; they are questions in a report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

__all__ = [
    "EngineError",
    "InputError",
    "Problem",
    "RuleError",
    "RulebookError",
    "SanctionsError",
    "did_you_mean",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: where it is, what is wrong, and what to do.

    Args:
        where: A path in the data (``parties[0].role``) or ``file:line:column``.
        what: What is wrong and what to do, on one line.
    """

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" if self.where else self.what


class SanctionsError(Exception):
    """Root of every error this library raises on purpose."""


class _ProblemsError(SanctionsError):
    """An error that lists all mistakes found, not only the first."""

    def __init__(self, problems: Sequence[Problem] | str) -> None:
        if isinstance(problems, str):
            problems = [Problem("", problems)]
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[_ProblemsError], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)


class RuleError(_ProblemsError):
    """The author of a rule must act: syntax, shape or reference."""


class RulebookError(RuleError):
    """Everything that is wrong with a rulebook, at once."""


class InputError(_ProblemsError):
    """The caller must act: a transaction, a frame or a list is not readable as it stands."""


class EngineError(SanctionsError):
    """We must act: evaluators disagree, or inference is unavailable or failed."""


def did_you_mean(word: str, known: Sequence[str], *, cutoff: float = 70) -> str:
    """Name the nearest known word, as the end of an error message.

    Args:
        word: What was written.
        known: The words that would have been understood.
        cutoff: Similarity from 0 to 100 below which nothing is suggested.

    Returns:
        ``"; did you mean 'supplier'?"``, or nothing where no known word is near.
    """
    text = word[:200].casefold()
    # A typing error first; only then a word that is part of another.
    found = process.extractOne(text, known, scorer=fuzz.ratio, score_cutoff=cutoff) or process.extractOne(
        text, known, scorer=fuzz.WRatio, score_cutoff=cutoff
    )
    return f"; did you mean {found[0]!r}?" if found else ""
