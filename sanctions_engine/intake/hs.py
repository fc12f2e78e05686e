"""Codes of the Harmonized System: how they are written, and whether they lie under a range.

A code is a prefix: ``8701`` stands for every good of heading 8701. What a short code leaves open is
UNKNOWN, never guessed.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from sanctions_engine.errors import InputError
from sanctions_engine.truth import Truth

__all__ = ["HsRange", "HsRanges", "read_hs"]

_WIDTH = 10  # longest national codes (China, the European Union, Korea)
_PREFIX = re.compile(
    r"^\s*(?:(?:h\.?\s?s\.?|hts(?:us)?|hscode|taric|тн\s?вэд)(?![a-zа-я]))?[\s.:#№-]*(?:codes?|код)?[\s.:#№-]*"
)
_BODY = re.compile(r"[0-9](?:[ .\-\u00a0]?[0-9])*\Z", re.ASCII)
_HEADING_SET_OFF = re.compile(r"[0-9]{4}[ .\-\u00a0]", re.ASCII)
_LONGEST_TEXT = 64


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:40] + "…")


def read_hs(text: str) -> str:
    """The digits of an HS code as people write it.

    Dots, spaces, hyphens and a leading ``HS`` or ``HS code`` are dropped; zeros are kept. An odd number
    of digits is accepted where it has one reading. ``30617`` has two, since spreadsheets drop a leading
    zero, and is refused.

    Args:
        text: ``"8701.20"``, ``"HS 8701 20"``, ``"0306"``; 2 to 10 digits.

    Returns:
        Digits only.

    Raises:
        InputError: No code, too short or long, a chapter or heading that does not exist, or two readings.
    """
    if len(text) > _LONGEST_TEXT:
        raise InputError(f"HS code {_quoted(text)} is too long; write one code of 2 to 10 digits")
    folded = unicodedata.normalize("NFKC", text).casefold()
    body = _PREFIX.sub("", folded).strip().rstrip(".")
    if not _BODY.match(body):
        raise InputError(
            f"{_quoted(text)} is not an HS code; write 2 to 10 digits such as 8701.20, several codes as a list"
        )
    digits = re.sub(r"[^0-9]", "", body)
    if not 2 <= len(digits) <= _WIDTH:
        raise InputError(f"HS code {_quoted(text)} has {len(digits)} digits; write 2 to 10")
    if digits[:2] in {"00", "77", "98", "99"}:
        raise InputError(
            f"HS code {_quoted(text)}: chapter {digits[:2]} does not exist in the Harmonized System; "
            "give the code the goods have in chapters 01 to 97"
        )
    # Chapters 01 to 09 have no heading past 14, so a lost zero is possible only before x0 or x1.
    if len(digits) % 2 and digits[0] != "0" and digits[1] in "01" and not _HEADING_SET_OFF.match(body):
        whole = f", or {digits[:4]}.{digits[4:]} if it is complete" if len(digits) > 4 else ""
        raise InputError(
            f"HS code {_quoted(text)} has {len(digits)} digits, so a leading zero may be lost; write 0{digits}{whole}"
        )
    if digits[2:4] == "00":
        raise InputError(
            f"HS code {_quoted(text)}: heading {digits[:4]} does not exist; for the chapter alone write {digits[:2]}"
        )
    return digits


def _significant(digits: str) -> str:
    """Without a subheading 00: either the heading is not divided, or its code was padded."""
    return digits[:4] if digits[4:6] == "00" else digits


@dataclass(frozen=True, slots=True)
class HsRange:
    """A closed range of HS prefixes of one length: chapters 72 to 76, heading 8710.

    Args:
        first: Digits of the first prefix.
        last: Digits of the last, as many as the first has.
    """

    first: str
    last: str

    @classmethod
    def parse(cls, text: str) -> HsRange:
        """Read ``"72-76"``, ``"8710"``, ``"2616.90"`` or ``"8802-8806"``.

        Raises:
            InputError: Not a range, ends of different length, or the wrong way round.
        """
        if not re.fullmatch(r"\s*[0-9]{2,4}(?:\.?[0-9]{1,6})?\s*(?:[-–]\s*[0-9]{2,4}(?:\.?[0-9]{1,6})?\s*)?", text):
            raise InputError(f"{_quoted(text)} is not a range of HS codes; write 72-76, 8710 or 2616.90")
        ends = [_significant(read_hs(end)) for end in re.split(r"[-–]", text)]
        if len(ends[0]) != len(ends[-1]):
            raise InputError(f"HS range {_quoted(text)}: both ends need the same number of digits")
        if ends[0] > ends[-1]:
            raise InputError(f"HS range {_quoted(text)} runs backwards; write {ends[-1]}-{ends[0]}")
        return cls(ends[0], ends[-1])

    def __str__(self) -> str:
        return self.first if self.first == self.last else f"{self.first}-{self.last}"

    @property
    def bounds(self) -> tuple[int, int]:
        """Half-open interval of ten-digit numbers."""
        unit = 10 ** (_WIDTH - len(self.first))
        return int(self.first) * unit, (int(self.last) + 1) * unit


class HsRanges:
    """A set of ranges, compiled once so that a question costs one binary search.

    Args:
        ranges: Texts as :meth:`HsRange.parse` reads them, or ranges.

    Raises:
        InputError: A text is not a range.
    """

    __slots__ = ("_ends", "_starts", "ranges")

    def __init__(self, ranges: Iterable[str | HsRange]) -> None:
        self.ranges = tuple(r if isinstance(r, HsRange) else HsRange.parse(r) for r in ranges)
        starts: list[int] = []
        ends: list[int] = []
        for start, end in sorted(r.bounds for r in self.ranges):
            if ends and start <= ends[-1]:
                ends[-1] = max(ends[-1], end)
            else:
                starts.append(start)
                ends.append(end)
        self._starts = tuple(starts)
        self._ends = tuple(ends)

    def __str__(self) -> str:
        return ", ".join(map(str, self.ranges))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, HsRanges) and (self._starts, self._ends) == (other._starts, other._ends)

    def __hash__(self) -> int:
        return hash((self._starts, self._ends))

    def under(self, code: str) -> Truth:
        """Whether a code lies under the set: TRUE for all its completions, FALSE for none, else UNKNOWN.

        Args:
            code: Digits, as :func:`read_hs` returns them.
        """
        first, end = _bounds(code)
        at = bisect_right(self._starts, first) - 1
        if at >= 0 and end <= self._ends[at]:
            return Truth.TRUE
        if at >= 0 and first < self._ends[at]:
            return Truth.UNKNOWN
        if at + 1 < len(self._starts) and self._starts[at + 1] < end:
            return Truth.UNKNOWN
        return Truth.FALSE


@lru_cache(maxsize=16384)
def _bounds(code: str) -> tuple[int, int]:
    prefix = _significant(code)
    unit = 10 ** (_WIDTH - len(prefix))
    start = int(prefix) * unit
    return start, start + unit
