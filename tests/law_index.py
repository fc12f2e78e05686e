"""What the index tests of several regimes share: reading the working references beside the project."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml


@cache
def reference_file(shared: Path, name: str) -> dict[str, Any]:
    """The working reference of a name, or the test is skipped without it."""
    file = shared / "reference" / name
    if not file.is_file():
        pytest.skip(f"../shared/reference/{name} is not here")
    data = yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)
    assert isinstance(data, dict)
    return data


def texts_in(value: object) -> Iterator[str]:
    """Every text in a part of a reference."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_in(inner)


_RESOLUTION = re.compile(r"\b(\d{3,4})(?: \(\d{4}\))?(?: (annex(?: [ab])?))? p(?=\d)", re.I)
_NUMBER = re.compile(
    r"(annex )?p?(\d{1,2})((?:\([a-z]+\))*)(?:\s*(?:-|to)\s*p?(\d{1,2})(?!\d))?(?:-\(([a-z])\))?", re.I
)


def paragraphs_in(text: str, own: str | None = None) -> set[str]:
    """The paragraphs a text cites: "2713 p33, p34 and 36-38" gives 2713/33, 2713/34, 2713/36 to 2713/38.

    Other small numbers after a resolution are read as paragraphs too: the set says what *may* be cited.

    Args:
        text: In the reference's words.
        own: The resolution that a bare "p5" speaks of.
    """
    found: set[str] = set()
    heads = list(_RESOLUTION.finditer(text))
    if own is not None:
        for number in _NUMBER.finditer(text[: heads[0].start()] if heads else text):
            if number[0].startswith("p"):
                found |= _numbered(own, "", number)
    for i, head in enumerate(heads):
        tail = text[head.end() : heads[i + 1].start() if i + 1 < len(heads) else len(text)]
        for number in _NUMBER.finditer(tail):
            found |= _numbered(head[1], (head[2] or number[1] or "").strip().casefold(), number)
    return found


def _numbered(resolution: str, annex: str, number: re.Match[str]) -> set[str]:
    start = f"{resolution}/{annex + ' ' if annex else ''}"
    first, last = int(number[2]), int(number[4] or number[2])
    found = {f"{start}{first}{number[3]}", *(f"{start}{n}" for n in range(first + 1, last + 1))}
    if number[5] and len(number[3]) == 3:  # 7(a)-(c)
        found |= {f"{start}{first}({chr(c)})" for c in range(ord(number[3][1]), ord(number[5]) + 1)}
    return found


def paragraphs_of(measure: dict[str, Any]) -> set[str]:
    """The paragraphs that a measure of the reference cites anywhere."""
    head = re.search(r"\b\d{3,4}\b(?= p)|(?<=resolution )\d{3,4}\b", measure.get("paragraph") or "")
    own = head[0] if head else None
    return {paragraph for text in texts_in(measure) for paragraph in paragraphs_in(text, own)}


def is_cited(paragraph: str, cited: set[str], texts: str) -> bool:
    """Whether a rule's paragraph is among those cited, as itself, as a limb of one or as the whole of its limbs.

    A rule that says that its paragraph was not confirmed must at least name a resolution that the text names.
    """
    number, _, rest = paragraph.partition("/")
    if "not confirmed" in rest:
        return re.search(rf"\b{number}\b", texts) is not None
    several = re.fullmatch(r"(\d+)-(\d+)", rest)
    if several is not None:
        return all(f"{number}/{n}" in cited for n in range(int(several[1]), int(several[2]) + 1))
    paragraph = paragraph.casefold()
    return any(paragraph == p or paragraph.startswith(f"{p}(") or p.startswith(f"{paragraph}(") for p in cited)
