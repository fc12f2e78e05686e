"""Which States some rules tell apart: all others are told apart only from each other.

A rule knows a State only by the sets in which it names States: the DPRK's, the whole world but the DPRK. Two States
that stand in the same sets are, for it, two States of one class. What a transaction says of them is kept by renaming
each by its class and by when it first appears, so that "sold from Germany to Germany" and "from France to Germany"
stay apart, and "from France to France" is what "from Germany to Germany" is.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

__all__ = ["Line", "States", "Telling", "states_in"]


class States(frozenset[str]):
    """Codes of which exactly one is right; those of one class are told apart only from each other."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Line:
    """What any rule could tell apart of a goods line.

    Args:
        loud: Whether it mentions, or may go on to mention, a target.
        kind: Its kind; it decides what is done with it.
        told: What every fact of goods says of it, and what else facts read of it.
        origin: Where it is said to originate.
        made_in: Where it is said to be made.
    """

    loud: bool
    kind: str | None
    told: Hashable
    origin: tuple[States, ...] | None
    made_in: tuple[States, ...] | None


class Telling:
    """What some rules tell States apart by.

    Args:
        named: The sets in which they name States (and whatever else: words that are no State's code do no harm).
        themselves: States that must stand as they are: those that regimes are aimed at.
    """

    def __init__(self, named: Iterable[frozenset[str]], themselves: Iterable[str]) -> None:
        alone = frozenset(themselves)
        sets: dict[str, list[int]] = {}
        for i, words in enumerate(dict.fromkeys(named)):
            for word in words - alone:
                sets.setdefault(word, []).append(i)
        numbers: dict[tuple[int, ...], int] = {}
        members: dict[int, int] = {}
        self._classes: dict[str, int | None] = dict.fromkeys(alone)
        for word, mine in sets.items():
            number = numbers.setdefault(tuple(mine), len(numbers) + 1)
            members[number] = members.get(number, 0) + 1
            self._classes[word] = number
        for word, of_word in self._classes.items():
            if of_word is not None and members[of_word] == 1:
                self._classes[word] = None

    def class_of(self, code: str) -> int | None:
        """Return the class of a State; None where it stands for itself. All that no rule names are of class 0."""
        return self._classes.get(code, 0)

    def folded(self, told: Hashable, names: dict[str, str]) -> Hashable:
        """Rename States that stand for others by their class and the order in which they appear.

        Args:
            told: What is told apart of a transaction.
            names: The names given so far; filled.
        """
        if isinstance(told, States):
            renamed = []
            for code in sorted(told):
                of_code = self._classes.get(code, 0)
                if of_code is not None:
                    code = names.setdefault(code, f"~{of_code}.{len(names)}")
                renamed.append(code)
            return States(renamed)
        if type(told) is tuple:
            return tuple([self.folded(part, names) for part in told])
        if isinstance(told, Line):
            origins = self.folded((told.origin, told.made_in), names)
            return told.loud, told.kind, told.told, origins
        return told


def states_in(told: Hashable) -> frozenset[str]:
    """Return all States that stand in what is told apart of a transaction."""
    if isinstance(told, States):
        return told
    if type(told) is tuple:
        return frozenset().union(*(states_in(part) for part in told))
    if isinstance(told, Line):
        return states_in((told.origin, told.made_in))
    return frozenset()
