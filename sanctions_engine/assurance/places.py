"""Where in the files each condition of a rulebook stands.

The rulebook keeps conditions without places, since nothing that judges needs them. Here the texts are read again and
walked beside the compiled trees, so that a check or a coverage page can point at a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path as FilePath

from sanctions_engine.condition import All, AnyOf, Condition, Contested, Not, Test
from sanctions_engine.documents import Document, Path, read_file
from sanctions_engine.rule import CompiledRule
from sanctions_engine.rulebook import Rulebook

__all__ = ["Place", "Placed", "PlacedRule", "SharedName", "Sources", "place_in"]

_PARAMETER = re.compile(r"\$parameters\.([A-Za-z0-9_./-]+)\Z")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A file with line and column, both from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Placed:
    """A node of a condition with the place where it is written.

    Args:
        condition: The compiled node.
        place: Its first key or word; for a shared definition, the place in ``definitions.yaml``.
        parts: Its parts, in the order of the compiled node's.
        via: The name of the shared definition or exemption it is the whole text of; empty for what a rule says itself.
    """

    condition: Condition
    place: Place
    parts: tuple[Placed, ...] = ()
    via: str = ""

    def nodes(self) -> Iterator[Placed]:
        """Yield the node and everything below it, in the order of the text."""
        yield self
        for part in self.parts:
            yield from part.nodes()

    def tests(self) -> Iterator[Placed]:
        """Yield its tests, left to right."""
        return (node for node in self.nodes() if isinstance(node.condition, Test))


@dataclass(frozen=True, slots=True)
class SharedName:
    """A definition, parameter or exemption that rules share.

    Args:
        kind: ``definitions``, ``parameters`` or ``exemptions``.
        room: The folder it stands in, as ``un.dprk``; empty for the top.
        name: Its name.
    """

    kind: str
    room: str
    name: str


@dataclass(frozen=True, slots=True)
class PlacedRule:
    """A rule with its text.

    Args:
        rule: Compiled.
        document: Its file.
        when: Its condition as the author wrote it, without the span of the law and the determination.
        exemptions: The conditions of its exemptions, in the order of ``rule.exemptions``.
    """

    rule: CompiledRule
    document: Document
    when: Placed
    exemptions: tuple[Placed, ...]

    @property
    def span(self) -> Placed:
        """The span of the law, which is the first part of every compiled condition."""
        assert isinstance(self.rule.when, All)  # noqa: S101  # the compiler wraps every condition in its span
        return Placed(self.rule.when.parts[0], self.at("in_force"))

    def at(self, *path: str | int) -> Place:
        """Return the place of a key of the file, or of the nearest key above it."""
        return place_in(self.document, path)


class Sources:
    """The texts of a rulebook.

    Args:
        book: The rulebook; its folders are read again.

    Raises:
        InputError: A file has vanished or changed since the book was loaded and cannot be read.
    """

    def __init__(self, book: Rulebook) -> None:
        self.book = book
        self.documents: dict[str, Document] = {}
        self.shared: dict[SharedName, tuple[object, Document, Path]] = {}
        self.used: set[SharedName] = set()
        for folder in book.folders:
            for file in sorted(folder.rglob("*.yaml")):
                self._read(file, folder)
        self.rules = tuple(self._rule(rule) for rule in book.rules)

    def _read(self, file: FilePath, folder: FilePath) -> None:
        document = self.documents[str(file)] = read_file(file)
        kind = file.name.removesuffix(".yaml")
        if kind in ("definitions", "parameters", "exemptions") and isinstance(document.data, Mapping):
            room = ".".join(file.relative_to(folder).parts[:-1])
            for name, raw in document.data.items():
                self.shared[SharedName(kind, room, str(name))] = (raw, document, (str(name),))

    def document_of(self, rule: CompiledRule) -> Document:
        """Return the file of a rule."""
        return self.documents[rule.place.rsplit(":", 2)[0]]

    def place_of(self, shared: SharedName) -> Place:
        """Return where a shared definition, parameter or exemption stands."""
        _, document, path = self.shared[shared]
        return place_in(document, path)

    def regime_document(self, regime: str) -> Document | None:
        """Return the ``regime.yaml`` of a regime."""
        for folder in self.book.folders:
            file = folder.joinpath(*regime.split("."), "regime.yaml")
            if str(file) in self.documents:
                return self.documents[str(file)]
        return None

    def _rule(self, rule: CompiledRule) -> PlacedRule:
        document = self.document_of(rule)
        walk = _Walk(self, rule.regime.regime)
        assert isinstance(rule.when, All)  # noqa: S101  # the compiler wraps every condition in its span
        written = rule.when.parts[1]
        when = written.part if isinstance(written, Contested) and rule.rule.contested else written
        placed = walk.condition(when, rule.rule.when, document, ("when",))
        exemptions: list[Placed] = []
        raw_exemptions = [*rule.rule.unless, *rule.rule.in_force.phases]
        for i, compiled in enumerate(rule.exemptions):
            if i < len(rule.rule.unless):
                raw, where, path = walk.exemption(document, i)
                key = "when"
            else:
                path = ("in_force", "phases", i - len(rule.rule.unless))
                raw, where, key = _at(document, path), document, "applies_if"
            placed_exemption = walk.wrapped(compiled.condition, raw, where, path, key)
            via = str(path[0]) if where is not document else placed_exemption.via
            exemptions.append(replace(placed_exemption, via=via))
        assert len(exemptions) == len(raw_exemptions)  # noqa: S101  # the compiler keeps them in order
        return PlacedRule(rule, document, placed, tuple(exemptions))


def place_in(document: Document, path: Path) -> Place:
    """Return where a key stands in a text, or the nearest key above it that is there."""
    at = path
    while at not in document.places and at:
        at = at[:-1]
    line, column = document.places.get(at, (1, 1))
    return Place(document.name, line, column)


def _at(document: Document, path: Path) -> object:
    found: object = document.data
    for step in path:
        if isinstance(found, Mapping) or (isinstance(found, list) and isinstance(step, int)):
            found = found[step]  # type: ignore[index]  # a mapping by key, a list by position
    return found


class _Walk:
    """Walks raw text and compiled tree together; the compiler's own cases, in its order."""

    def __init__(self, sources: Sources, regime: str) -> None:
        self.sources = sources
        parts = regime.split(".")
        self.rooms = [".".join(parts[:length]) for length in range(len(parts), -1, -1)]

    def find(self, kind: str, name: str) -> tuple[object, Document, Path] | None:
        for room in self.rooms:
            shared = SharedName(kind, room, name)
            if shared in self.sources.shared:
                self.sources.used.add(shared)
                return self.sources.shared[shared]
        return None

    def exemption(self, document: Document, index: int) -> tuple[object, Document, Path]:
        raw = _at(document, ("unless", index))
        if isinstance(raw, Mapping) and "use" in raw:
            found = self.find("exemptions", str(raw["use"]))
            if found is not None:
                return found
        return raw, document, ("unless", index)

    def wrapped(self, condition: Condition, raw: object, document: Document, path: Path, key: str) -> Placed:
        """Place an exemption: its ``when`` among what its dates and its approval became."""
        here = place_in(document, path)
        written = raw.get(key) if isinstance(raw, Mapping) else None
        if isinstance(raw, Mapping) and raw.get("contested") is not None and isinstance(condition, Contested):
            return Placed(condition, here, (self._exempt(condition.part, written, raw, document, path, key),))
        return self._exempt(condition, written, raw, document, path, key)

    def _exempt(
        self, condition: Condition, written: object, raw: object, document: Document, path: Path, key: str
    ) -> Placed:
        keys = [k for k in (key, "in_force", "approval") if isinstance(raw, Mapping) and k in raw]
        if key == "applies_if":  # a wind-down: its span comes first
            keys = ["until", "applies_if", *(["notify"] if isinstance(raw, Mapping) and "notify" in raw else [])]
        if len(keys) == 1:
            return self._exempt_part(condition, written, document, path, keys[0], key)
        assert isinstance(condition, All)  # noqa: S101  # several parts are joined by the compiler
        parts = tuple(
            self._exempt_part(part, written, document, path, name, key)
            for part, name in zip(condition.parts, keys, strict=True)
        )
        return Placed(condition, place_in(document, path), parts)

    def _exempt_part(
        self, condition: Condition, written: object, document: Document, path: Path, name: str, key: str
    ) -> Placed:
        if name == key:
            return self.condition(condition, written, document, (*path, key))
        return Placed(condition, place_in(document, (*path, name)))

    def condition(self, condition: Condition, raw: object, document: Document, path: Path) -> Placed:
        here = place_in(document, path)
        if not isinstance(raw, Mapping) or not raw:
            return Placed(condition, here)
        if "contested" in raw and "when" in raw and isinstance(condition, Contested):
            return Placed(condition, here, (self.condition(condition.part, raw["when"], document, (*path, "when")),))
        key, value = next(iter(raw.items()))
        match key, condition:
            case "all" | "any", All(parts) | AnyOf(parts) if isinstance(value, list):
                placed = tuple(
                    self.condition(part, item, document, (*path, key, i))
                    for i, (part, item) in enumerate(zip(parts, value, strict=True))
                )
                return Placed(condition, place_in(document, (*path, key)), placed)
            case "not", Not(part):
                inner = self.condition(part, value, document, (*path, key))
                return Placed(condition, here, (inner,))
            case "use", _:
                found = self.find("definitions", str(value))
                if found is None:
                    return Placed(condition, here)
                return replace(self.condition(condition, *found), via=str(value))
            case _:
                self._parameters(value)
                at = (*path, str(key))
                if isinstance(condition, All) and isinstance(value, Mapping):  # several operators of one fact
                    return Placed(
                        condition,
                        here,
                        tuple(
                            Placed(part, place_in(document, (*at, str(op))))
                            for part, op in zip(condition.parts, value, strict=True)
                        ),
                    )
                return Placed(condition, here)

    def _parameters(self, raw: object) -> None:
        """Note every parameter that a test names."""
        if isinstance(raw, str) and (match := _PARAMETER.fullmatch(raw)):
            self.find("parameters", match[1])
        elif isinstance(raw, list):
            for item in raw:
                self._parameters(item)
        elif isinstance(raw, Mapping):
            for item in raw.values():
                self._parameters(item)
