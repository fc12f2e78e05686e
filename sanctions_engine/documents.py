"""YAML and JSON texts as plain data with places.

Safe and strict: every scalar is text (``NO`` is Norway, ``0306`` is not octal, ``8.10`` keeps its zero), duplicate
keys and aliases are refused, size and depth are limited, and every value remembers its line and column.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path as FilePath

import yaml

from sanctions_engine.errors import InputError, Problem

__all__ = ["MAX_BYTES", "Document", "Path", "path_text", "read_bytes", "read_document", "read_file", "write_file"]

Path = tuple[str | int, ...]

MAX_BYTES = 20_000_000
MAX_DEPTH = 60
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # in C where libyaml is there


# A tree beside the data, for a path to each value would cost more than the reading, and hardly any is asked after. A
# place is one number (the line, counted from 0, above the column): numbers are nothing to the garbage collector.
_Spot = int | tuple[int, "dict[str, _Spot] | list[_Spot]"]
_LINE, _COLUMN = 32, (1 << 32) - 1


@dataclass(frozen=True)
class Document:
    """A parsed text.

    Args:
        name: Where it came from, for messages.
        data: ``dict``, ``list``, ``str`` or ``None`` from YAML; JSON's own types from JSON.
        spot: Where the data stands, and what it holds; ``None`` for JSON.
    """

    name: str
    data: object
    spot: _Spot | None = None

    @cached_property
    def places(self) -> dict[Path, tuple[int, int]]:
        """Line and column (from 1) of each value by its path; empty for JSON."""
        return dict(_places((), self.spot)) if self.spot is not None else {}

    def where(self, path: Path) -> str:
        """Return ``file:line:column`` for a path, or for the nearest ancestor that has a place."""
        if self.spot is None:
            return f"{self.name}: {path_text(path)}" if path else self.name
        at, below = _opened(self.spot)
        for step in path:
            inner: _Spot | None = None
            if isinstance(below, dict):
                inner = below.get(step) if isinstance(step, str) else None
            elif below is not None and isinstance(step, int) and step < len(below):
                inner = below[step]
            if inner is None:
                break
            at, below = _opened(inner)
        return _where(self.name, at)


def _opened(spot: _Spot) -> tuple[int, dict[str, _Spot] | list[_Spot] | None]:
    return (spot, None) if isinstance(spot, int) else spot


def _places(path: Path, spot: _Spot) -> Iterator[tuple[Path, tuple[int, int]]]:
    at, below = _opened(spot)
    yield path, ((at >> _LINE) + 1, (at & _COLUMN) + 1)
    steps: Iterable[tuple[str | int, _Spot]] = below.items() if isinstance(below, dict) else enumerate(below or ())
    for step, inner in steps:
        yield from _places((*path, step), inner)


def _where(name: str, at: int) -> str:
    return f"{name}:{(at >> _LINE) + 1}:{(at & _COLUMN) + 1}"


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
    try:
        info = os.stat(path)
        if stat.S_ISDIR(info.st_mode):
            raise InputError([Problem(str(path), "is a folder; name a file")])
        if info.st_size > MAX_BYTES:
            raise InputError([Problem(str(path), f"is larger than {MAX_BYTES:,} bytes; use `batch` for large inputs")])
        with open(path, "rb") as stream:
            data = stream.read()
    except OSError as error:
        raise InputError([Problem(str(path), f"cannot be read: {error.strerror or error}")]) from error
    return read_bytes(data, name=str(path), json_only=str(path).lower().endswith(".json"))


def read_bytes(data: bytes, *, name: str, json_only: bool = False) -> Document:
    """Read what a file holds, as ``read_document`` reads its text.

    Raises:
        InputError: It is not UTF-8, is too large, or is not well formed.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError([Problem(name, f"is not UTF-8 text (byte {error.start})")]) from error
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return read_document(text, name=name, json_only=json_only)


def write_file(path: FilePath, text: str) -> None:
    """Write a text, and the folders above it where they are not there.

    Raises:
        InputError: It cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError([Problem(str(path), f"cannot be written: {error.strerror}")]) from error


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


def _read_yaml(text: str, name: str) -> Document:
    def refused(at: int, what: str) -> InputError:
        return InputError([Problem(_where(name, at), what)])

    problems: list[Problem] = []
    # The innermost collection that is open: a mapping with the key that waits for its value, or a list where there is
    # no mapping. The document stands in a list, as if it were its only item.
    mapping: dict[str, object] | None = None
    by_key: dict[str, _Spot] = {}
    key: str | None = None
    items: list[object] = []
    in_order: list[_Spot] = []
    root, root_spots = items, in_order
    around: list[tuple[dict[str, object] | None, dict[str, _Spot], list[object], list[_Spot]]] = []
    try:
        next_event = _LOADER(text).get_event
        while (event := next_event()) is not None:
            mark = event.start_mark
            at = mark.line << _LINE | mark.column
            value: object
            fresh: dict[str, object] | list[object] | None = None
            below: dict[str, _Spot] | list[_Spot] | None = None
            if isinstance(event, yaml.ScalarEvent):
                if event.anchor:
                    raise refused(at, "anchors (&name) are not read; write the value out")
                if event.tag and not event.tag.startswith("tag:yaml.org,2002:str"):
                    raise refused(at, f"tag {event.tag[:60]} is not read; only plain data is")
                written = event.value
                if key is None and mapping is not None:
                    if written in mapping:
                        line = (_opened(by_key[written])[0] >> _LINE) + 1
                        problems.append(
                            Problem(_where(name, at), f"key {written[:80]!r} is already on line {line}; keep one")
                        )
                    key = written
                    continue
                value = None if written in _NULLS and event.implicit[0] else written
            elif isinstance(event, yaml.CollectionEndEvent):
                mapping, by_key, items, in_order = around.pop()
                continue
            elif isinstance(event, yaml.CollectionStartEvent):
                if event.anchor:
                    raise refused(at, "anchors (&name) are not read; write the value out")
                if event.tag and not event.tag.startswith("tag:yaml.org,2002:"):
                    raise refused(at, f"tag {event.tag[:60]} is not read; only plain data is")
                if len(around) >= MAX_DEPTH:
                    raise refused(at, f"nests deeper than {MAX_DEPTH} levels")
                if key is None and mapping is not None:
                    raise refused(at, "a key must be plain text, not a list or mapping")
                value = fresh = {} if isinstance(event, yaml.MappingStartEvent) else []
                below = {} if isinstance(event, yaml.MappingStartEvent) else []
            elif isinstance(event, yaml.AliasEvent):
                raise refused(at, "aliases (*name) are not read; write the value out")
            elif isinstance(event, yaml.DocumentStartEvent) and root:
                raise refused(at, "a second document starts here; one file holds one document")
            else:
                continue
            if mapping is not None and key is not None:
                mapping[key] = value
                by_key[key] = at if below is None else (at, below)
                key = None
            else:
                items.append(value)
                in_order.append(at if below is None else (at, below))
            if fresh is not None:
                around.append((mapping, by_key, items, in_order))
                if isinstance(fresh, dict) and isinstance(below, dict):
                    mapping, by_key = fresh, below
                elif isinstance(fresh, list) and isinstance(below, list):
                    mapping, items, in_order = None, fresh, below
    except yaml.MarkedYAMLError as error:
        place = error.problem_mark
        where = f"{name}:{place.line + 1}:{place.column + 1}" if place else name
        raise InputError([Problem(where, f"is not YAML: {error.problem or error.context}")]) from error
    except (yaml.YAMLError, UnicodeError) as error:  # UnicodeError: a lone surrogate half
        raise InputError([Problem(name, f"is not YAML: {str(error).splitlines()[0][:160]}")]) from error
    if problems:
        raise InputError(problems)
    if not root or root[0] is None:
        raise InputError([Problem(name, "is empty")])
    return Document(name, root[0], root_spots[0])
