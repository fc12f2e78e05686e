"""YAML and JSON texts as plain data with places.

Safe and strict: every scalar is text (``NO`` is Norway, ``0306`` is not octal, ``8.10`` keeps its zero), duplicate
keys and aliases are refused, size and depth are limited, and every value remembers its line and column.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path as FilePath

import yaml

from sanctions_engine.errors import InputError, Problem

__all__ = ["MAX_BYTES", "Document", "Path", "path_text", "read_document", "read_file"]

Path = tuple[str | int, ...]

MAX_BYTES = 20_000_000
MAX_DEPTH = 60
_NULLS = ("", "~", "null", "Null", "NULL")


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed text.

    Args:
        name: Where it came from, for messages.
        data: ``dict``, ``list``, ``str`` or ``None`` from YAML; JSON's own types from JSON.
        places: Line and column (from 1) of each value by its path; empty for JSON.
    """

    name: str
    data: object
    places: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def where(self, path: Path) -> str:
        """Return ``file:line:column`` for a path, or for the nearest ancestor that has a place."""
        at = path
        while at not in self.places and at:
            at = at[:-1]
        line_column = self.places.get(at)
        if line_column is None:
            return f"{self.name}: {path_text(path)}" if path else self.name
        return f"{self.name}:{line_column[0]}:{line_column[1]}"


def path_text(path: Sequence[str | int]) -> str:
    """Write a path as people do: ``parties[0].owned_by[1].share``."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def read_file(path: str | FilePath) -> Document:
    """Read a YAML (``.yaml``, ``.yml``) or JSON (``.json``) file.

    Raises:
        InputError: The file cannot be read, is too large, or is not well formed.
    """
    file = FilePath(path)
    try:
        if file.is_dir():
            raise InputError([Problem(str(path), "is a folder; name a file")])
        if file.stat().st_size > MAX_BYTES:
            raise InputError([Problem(str(path), f"is larger than {MAX_BYTES:,} bytes; use `batch` for large inputs")])
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError([Problem(str(path), f"cannot be read: {error.strerror or error}")]) from error
    except UnicodeDecodeError as error:
        raise InputError([Problem(str(path), f"is not UTF-8 text (byte {error.start})")]) from error
    return read_document(text, name=str(path), json_only=file.suffix.lower() == ".json")


def read_document(text: str, *, name: str = "<text>", json_only: bool = False) -> Document:
    """Read YAML, or JSON where ``json_only``.

    Raises:
        InputError: The text is not well formed, nests too deeply, repeats a key, uses an alias, or is too large.
    """
    if len(text) > MAX_BYTES:
        raise InputError([Problem(name, f"is larger than {MAX_BYTES:,} characters; use `batch` for large inputs")])
    return _read_json(text, name) if json_only else _read_yaml(text, name)


def _read_json(text: str, name: str) -> Document:
    def pairs(items: list[tuple[str, object]]) -> dict[str, object]:
        result: dict[str, object] = {}
        for key, value in items:
            if key in result:
                raise InputError([Problem(name, f"key {key[:80]!r} appears twice in one object; keep one")])
            result[key] = value
        return result

    def constant(word: str) -> object:
        raise InputError([Problem(name, f"{word} is not a number; leave the key out if it is not known")])

    try:
        data = json.loads(text, object_pairs_hook=pairs, parse_float=str, parse_constant=constant)
    except json.JSONDecodeError as error:
        raise InputError([Problem(f"{name}:{error.lineno}:{error.colno}", f"is not JSON: {error.msg}")]) from error
    except (RecursionError, ValueError) as error:  # ValueError: an integer of more digits than Python reads
        raise InputError([Problem(name, f"cannot be read: {str(error)[:120]}")]) from error
    return Document(name, data)


class _Frame:
    """A YAML collection that is still open."""

    __slots__ = ("at", "container", "key", "path")

    def __init__(self, container: dict[str, object] | list[object], path: Path, at: tuple[int, int]) -> None:
        self.container = container
        self.path = path
        self.key: str | None = None
        self.at = at


def _read_yaml(text: str, name: str) -> Document:
    places: dict[Path, tuple[int, int]] = {}
    problems: list[Problem] = []
    stack: list[_Frame] = []
    root: list[object] = []

    def place(value: object, at: tuple[int, int]) -> Path:
        if not stack:
            root.append(value)
            places[()] = at
            return ()
        top = stack[-1]
        if isinstance(top.container, list):
            path: Path = (*top.path, len(top.container))
            top.container.append(value)
        else:
            key = top.key
            if key is None:
                raise InputError(
                    [Problem(f"{name}:{at[0]}:{at[1]}", "a key must be plain text, not a list or mapping")]
                )
            path = (*top.path, key)
            top.container[key] = value
            top.key = None
        places[path] = at
        return path

    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            at = (event.start_mark.line + 1, event.start_mark.column + 1) if event.start_mark else (1, 1)
            where = f"{name}:{at[0]}:{at[1]}"
            if isinstance(event, yaml.AliasEvent):
                raise InputError([Problem(where, "aliases (*name) are not read; write the value out")])
            if isinstance(event, yaml.NodeEvent) and event.anchor:
                raise InputError([Problem(where, "anchors (&name) are not read; write the value out")])
            if isinstance(event, yaml.DocumentStartEvent) and root:
                raise InputError([Problem(where, "a second document starts here; one file holds one document")])
            if isinstance(event, yaml.CollectionStartEvent):
                if event.tag and not event.tag.startswith("tag:yaml.org,2002:"):
                    raise InputError([Problem(where, f"tag {event.tag[:60]} is not read; only plain data is")])
                if len(stack) >= MAX_DEPTH:
                    raise InputError([Problem(where, f"nests deeper than {MAX_DEPTH} levels")])
                fresh: dict[str, object] | list[object] = {} if isinstance(event, yaml.MappingStartEvent) else []
                stack.append(_Frame(fresh, place(fresh, at), at))
            elif isinstance(event, yaml.CollectionEndEvent):
                stack.pop()
            elif isinstance(event, yaml.ScalarEvent):
                if event.tag and not event.tag.startswith("tag:yaml.org,2002:str"):
                    raise InputError([Problem(where, f"tag {event.tag[:60]} is not read; only plain data is")])
                top = stack[-1] if stack else None
                if top is not None and isinstance(top.container, dict) and top.key is None:
                    if event.value in top.container:
                        first = places[(*top.path, event.value)]
                        problems.append(
                            Problem(where, f"key {event.value[:80]!r} is already on line {first[0]}; keep one")
                        )
                    top.key = event.value
                else:
                    plain = event.implicit[0] and event.value in _NULLS
                    place(None if plain else event.value, at)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise InputError([Problem(where, f"is not YAML: {error.problem or error.context}")]) from error
    except (yaml.YAMLError, UnicodeError) as error:  # UnicodeError: a lone surrogate half
        raise InputError([Problem(name, f"is not YAML: {str(error).splitlines()[0][:160]}")]) from error
    if problems:
        raise InputError(problems)
    if not root or root[0] is None:
        raise InputError([Problem(name, "is empty")])
    return Document(name, root[0], places)
