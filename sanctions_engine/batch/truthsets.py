"""A truth of many combinations at once: the sets of those of which a condition is TRUE, and not FALSE, as bits.

Kleene's "and" and "or" are those of two sets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sanctions_engine.batch.units import unit_of
from sanctions_engine.condition import All, AnyOf, Condition, Contested, Not, Test
from sanctions_engine.rule import CompiledRule

__all__ = ["Law", "Node", "Values", "bits_of", "positions"]


@dataclass(frozen=True, slots=True)
class Node:
    """A condition with its tests numbered."""

    kind: str
    parts: tuple[Node, ...] = ()
    test: int = -1


class Law:
    """The conditions of a book with their distinct tests numbered.

    Args:
        rules: The rules, each at its index.
    """

    def __init__(self, rules: Sequence[CompiledRule]) -> None:
        self.tests: list[Test] = []
        self._numbers: dict[Test, int] = {}
        self.when = [self._node(rule.when) for rule in rules]
        self.unless = [tuple(self._node(e.condition) for e in rule.exemptions) for rule in rules]
        self.used = [
            tuple(dict.fromkeys(n for node in (when, *unless) for n in _numbers(node)))
            for when, unless in zip(self.when, self.unless, strict=True)
        ]
        """The tests each rule uses, exemptions included."""
        self.units = [unit_of(test.fact).name for test in self.tests]
        """The unit whose columns each test reads."""

    def _node(self, condition: Condition) -> Node:
        match condition:
            case Test():
                number = self._numbers.setdefault(condition, len(self.tests))
                if number == len(self.tests):
                    self.tests.append(condition)
                return Node("test", (), number)
            case All(parts):
                return Node("all", tuple(self._node(part) for part in parts))
            case AnyOf(parts):
                return Node("any", tuple(self._node(part) for part in parts))
            case Not(part):
                return Node("not", (self._node(part),))
            case Contested(part):
                return Node("contested", (self._node(part),))


def _numbers(node: Node) -> Iterator[int]:
    if node.kind == "test":
        yield node.test
    for part in node.parts:
        yield from _numbers(part)


@dataclass(frozen=True, slots=True)
class Values:
    """The tests of one subject: of which combinations each is TRUE, and UNKNOWN; a test that is not there is FALSE."""

    true: Mapping[int, int]
    unknown: Mapping[int, int]
    all: int

    def of(self, program: Node) -> tuple[int, int]:
        """Return of which combinations a program is TRUE, and of which it is not FALSE."""
        match program.kind:
            case "test":
                true = self.true.get(program.test, 0)
                return true, true | self.unknown.get(program.test, 0)
            case "all":
                true = possible = self.all
                for part in program.parts:
                    one, maybe = self.of(part)
                    true, possible = true & one, possible & maybe
                    if not possible:
                        return 0, 0
                return true, possible
            case "any":
                true = possible = 0
                for part in program.parts:
                    one, maybe = self.of(part)
                    true, possible = true | one, possible | maybe
                return true, possible
            case "not":
                true, possible = self.of(program.parts[0])
                return self.all & ~possible, self.all & ~true
            case _:  # contested: at most UNKNOWN
                return 0, self.of(program.parts[0])[1]


def bits_of(members: Iterable[int], count: int) -> int:
    """Return a set of numbers below ``count`` as bits."""
    octets = bytearray(count // 8 + 1)
    for member in members:
        octets[member >> 3] |= 1 << (member & 7)
    return int.from_bytes(octets, "little")


def positions(bits: int) -> Iterator[int]:
    """Yield the numbers of a set of bits."""
    text = bin(bits)[:1:-1]
    at = text.find("1")
    while at >= 0:
        yield at
        at = text.find("1", at + 1)
