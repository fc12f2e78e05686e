"""Fetch a list over HTTP: whole, within limits, or not at all."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

from sanctions_engine.errors import InputError, Problem
from sanctions_engine.intake.screening.un_list import MAX_BYTES

if TYPE_CHECKING:
    from typing import Never

__all__ = ["OFFICIAL", "download"]

OFFICIAL = "https://scsanctions.un.org/resources/xml/en/consolidated.xml"
"""Where the Security Council publishes the Consolidated List."""

_PATIENCE = 30.0  # seconds without a byte
_LONGEST = 300.0  # seconds in all
_CHUNK = 64 * 1024


def _refuse(url: str, what: str) -> Never:
    raise InputError([Problem(url, f"{what}; the installed lists are unchanged")])


def download(url: str) -> bytes:
    """The bytes at an address.

    Args:
        url: ``http`` or ``https``.

    Raises:
        InputError: Unreachable, refused, too slow, larger than a list can be, or ended early.
    """
    request = urllib.request.Request(url, headers={"User-Agent": "sanctions-engine"})  # noqa: S310 - scheme checked
    if request.type not in ("http", "https"):
        _refuse(url, "only http and https addresses are read")
    end = time.monotonic() + _LONGEST
    parts: list[bytes] = []
    size = 0
    try:
        with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:  # noqa: S310 - scheme checked
            if answer.geturl().split(":", 1)[0] not in ("http", "https"):
                _refuse(url, "it points to an address that is neither http nor https")
            expected = answer.headers.get("Content-Length")
            while chunk := answer.read(_CHUNK):
                parts.append(chunk)
                size += len(chunk)
                if size > MAX_BYTES:
                    _refuse(url, f"more than {MAX_BYTES:,} bytes come; this is not the UN list")
                if time.monotonic() > end:
                    _refuse(url, f"not all had come after {_LONGEST:.0f} seconds")
    except urllib.error.HTTPError as error:
        error.close()
        _refuse(url, f"the server answers {error.code} {error.reason}")
    except http.client.IncompleteRead as error:
        _refuse(url, f"the connection ended after {size + len(error.partial):,} bytes")
    except (OSError, http.client.HTTPException, ValueError) as error:
        _refuse(url, f"it cannot be fetched ({getattr(error, 'reason', None) or error or type(error).__name__})")
    if expected is not None and expected.isdigit() and int(expected) != size:
        _refuse(url, f"{size:,} of {int(expected):,} bytes came")
    return b"".join(parts)
