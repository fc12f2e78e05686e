"""What each way of ending is worth, and how mistakes are told."""

from __future__ import annotations

from collections.abc import Sequence

import click

__all__ = ["Exit", "echo_problems"]


class Exit:
    """Exit codes. Where several files are checked, the first of ``WORST`` that occurs."""

    CLEAR = 0
    VIOLATION = 2
    POTENTIAL = 3
    INCOMPLETE = 4
    DUTY = 5
    USAGE = 64
    BAD_INPUT = 65
    OURS = 70

    WORST = (OURS, BAD_INPUT, VIOLATION, POTENTIAL, DUTY, INCOMPLETE, CLEAR)

    @classmethod
    def worst(cls, codes: Sequence[int]) -> int:
        """Return the gravest of some codes; what could not be read comes before any verdict."""
        return next((code for code in cls.WORST if code in codes), cls.CLEAR)


_MOST_PROBLEMS = 100


def echo_problems(error: Exception) -> None:
    """Write every mistake on a line of its own to standard error."""
    from sanctions_engine.plain import safe

    problems = getattr(error, "problems", ()) or (error,)
    for problem in problems[:_MOST_PROBLEMS]:
        click.echo(f"error: {safe(str(problem))}", err=True)
    if len(problems) > _MOST_PROBLEMS:
        click.echo(f"error: and {len(problems) - _MOST_PROBLEMS} more", err=True)
