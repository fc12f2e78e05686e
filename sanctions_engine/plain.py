"""What came from outside, made harmless for a terminal and a reader."""

from __future__ import annotations

import json
import re
import unicodedata

__all__ = ["safe", "safe_json"]

_LONGEST = 600


def safe(text: str, limit: int = _LONGEST) -> str:
    """Return text in which nothing acts on a terminal or a reader.

    Control characters (ANSI escapes), direction marks and other invisible characters are spelled out, line ends
    and tabs become spaces, and what is longer than ``limit`` characters is cut with a sign.
    """
    shown = text if len(text) <= limit else text[: limit - 1] + "…"
    if shown.isascii() and shown.isprintable():
        return shown
    return "".join(
        " "
        if char in "\n\r\t\u2028\u2029"
        else f"\\u{{{ord(char):x}}}"
        if unicodedata.category(char)[0] == "C"
        else char
        for char in shown
    )


def safe_json(value: object) -> str:
    """Return one line of JSON in which control and direction characters are escaped."""
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isascii() and "\x7f" not in text else _ACTIVE.sub(lambda found: _escaped(found[0]), text)


# What JSON lets stand and a terminal or reader may act on: DEL and C1 controls, format characters, odd separators,
# halves of surrogate pairs, private and unassigned characters. Python's `re` knows no categories.
_ACTIVE = re.compile(r"[^\x00-\x7e\u00a1-\u00ac\u00ae-\u02ff]")


def _escaped(char: str) -> str:
    if unicodedata.category(char)[0] not in "CZ":
        return char
    return json.dumps(char)[1:-1] if ord(char) > 0x7F else f"\\u{ord(char):04x}"
