"""The IMO numbers of ships."""

from __future__ import annotations

import re

from sanctions_engine.errors import InputError

__all__ = ["read_imo", "valid_imo"]

_IMO = re.compile(r"(?:IMO)?\s*[-:#]?\s*(\d{7})\Z", re.IGNORECASE)


def valid_imo(number: str) -> bool:
    """Whether seven digits carry the check digit of an IMO ship number (IMO resolution A.1117(30))."""
    if len(number) != 7 or not (number.isascii() and number.isdigit()):
        return False
    return sum(int(digit) * weight for digit, weight in zip(number, range(7, 1, -1), strict=False)) % 10 == int(
        number[6]
    )


def read_imo(text: str) -> str:
    """Read a ship's IMO number and verify its check digit.

    Raises:
        InputError: Not seven digits, or the check digit is wrong.
    """
    match = _IMO.fullmatch(text.strip())
    if match is None:
        raise InputError(f"{text[:30]!r} is not an IMO number; it has seven digits, such as IMO 9179842")
    if not valid_imo(match[1]):
        raise InputError(f"IMO {match[1]} fails its check digit; look for a typing error")
    return match[1]
