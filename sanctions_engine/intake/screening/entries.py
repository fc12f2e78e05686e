"""What stands on the list: one record a party or vessel, as the Council's committees publish it."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sanctions_engine.errors import InputError, Problem

__all__ = [
    "REGIMES",
    "Address",
    "Alias",
    "Identifier",
    "Kind",
    "ListEntry",
    "ListInfo",
    "Measure",
    "Period",
    "UnList",
    "describe",
]

Kind = Literal["individual", "entity", "vessel"]
Measure = Literal["asset_freeze", "deflag", "port_ban", "travel_ban", "arms_embargo"]

REGIMES: dict[str, str] = {
    "DPRK": "un.dprk",
    "Somalia": "un.somalia",
    "Al-Qaida": "un.isil-al-qaida",
    "Iraq": "un.iraq",
    "DRC": "un.drc",
    "Sudan": "un.sudan",
    "Lebanon": "un.lebanon-1636",
    "Libya": "un.libya",
    "Taliban": "un.taliban",
    "GB": "un.guinea-bissau",
    "CAR": "un.car",
    "Yemen": "un.yemen",
    "SouthSudan": "un.south-sudan",
    "Mali": "un.mali",
    "Haiti": "un.haiti",
    "Iran": "un.iran",
}
"""The list's own regime labels (``UN_LIST_TYPE``) and ours."""


@dataclass(frozen=True, slots=True, order=True)
class Alias:
    """Another name of a listed party, and how good the Committee holds it to be.

    Args:
        name: As listed.
        quality: ``good``, ``low``, ``aka``, ``fka``, empty where the list says nothing, or ``usual`` for a name that
            everybody uses and the list does not give.
        note: What the list adds ("previously listed as").
    """

    name: str
    quality: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """The days that a birth date allows: one day, a month, a year or a range of years.

    Args:
        earliest: First possible day.
        latest: Last possible day.
        approximate: The list says "approximately"; the two years around are possible too.
    """

    earliest: date
    latest: date
    approximate: bool = False

    @property
    def is_day(self) -> bool:
        """True where the period is a single day."""
        return self.earliest == self.latest

    def __str__(self) -> str:
        first, last = self.earliest, self.latest
        if self.is_day:
            text = first.isoformat()
        elif (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
            text = f"{first.year:04}" if first.year == last.year else f"{first.year:04}/{last.year:04}"
        else:
            text = f"{first.year:04}-{first.month:02}"
        return f"{text}~" if self.approximate else text

    @classmethod
    def years(cls, first: int, last: int, *, approximate: bool = False) -> Period:
        """Every day from the first year to the last."""
        return cls(date(first, 1, 1), date(last, 12, 31), approximate)

    @classmethod
    def read(cls, text: str) -> Period:
        """Read a year, a month, a day or a range of two of them (``1964``, ``1964-06``, ``1964/1966``, ``1964~``).

        Raises:
            InputError: Not such a date.
        """
        match = _PERIOD.fullmatch(text.strip())
        if not match:
            raise InputError([Problem("birth_date", f"{text[:40]!r} is no date; write 1964, 1964-06 or 1964-06-18")])
        try:
            first = _part(match["first"])
            last = _part(match["last"]) if match["last"] else first
            return cls(first.earliest, last.latest, bool(match["about"]))
        except ValueError:
            raise InputError([Problem("birth_date", f"{text[:40]!r} is no day of the calendar")]) from None


_PERIOD = re.compile(
    r"(?P<first>\d{4}(?:-\d{2}(?:-\d{2})?)?)(?:/(?P<last>\d{4}(?:-\d{2}(?:-\d{2})?)?))?(?P<about>[~?%]?)"
)


def _part(text: str) -> Period:
    numbers = [int(part) for part in text.split("-")]
    if len(numbers) == 1:
        return Period.years(numbers[0], numbers[0])
    year, month = numbers[:2]
    if len(numbers) == 2:
        if not 1 <= month <= 12:
            raise ValueError(text)
        return Period(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]))
    day = date(year, month, numbers[2])
    return Period(day, day)


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """A passport, identity card or company number.

    Args:
        number: As listed.
        kind: "Passport", "National Identification Number", "IMO company number" …
        country: ISO code of the issuer, empty where unknown.
        note: What the list adds ("expired on …").
    """

    number: str
    kind: str = ""
    country: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """Where a listed party is or was said to be.

    Args:
        text: Street, city and province as listed, joined by commas.
        country: ISO code, empty where the list names none that is known.
        note: What the list adds ("previous address").
    """

    text: str
    country: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One listed party or vessel.

    Args:
        reference: Permanent reference number ("KPe.001"); for a vessel its IMO number ("IMO 8628597").
        regime: Regime id ("un.dprk"); ``un.other:<label>`` where the list names one that is not known here.
        kind: Individual, entity or vessel.
        names: The listed name, and further names given beside it (a vessel's former names).
        aliases: Other names, with their quality.
        original_script: Names in the script of their language.
        titles: "Maulavi", "Major General".
        designations: Offices and functions.
        birth_dates: Possible birth dates; empty where none is listed.
        nationalities: ISO codes.
        identifiers: Passports, identity cards, company numbers.
        addresses: Where it is or was.
        listed_on: Day of listing, ``None`` where the list says none.
        amended_on: Last amendment.
        imo: IMO number of a vessel, or IMO company number.
        measures: What the listing entails, where the source says it (vessels).
        comments: The list's narrative.
    """

    reference: str
    regime: str
    kind: Kind
    names: tuple[str, ...]
    aliases: tuple[Alias, ...] = ()
    original_script: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    designations: tuple[str, ...] = ()
    birth_dates: tuple[Period, ...] = ()
    nationalities: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    addresses: tuple[Address, ...] = ()
    listed_on: date | None = None
    amended_on: date | None = None
    imo: str | None = None
    measures: tuple[Measure, ...] = ()
    comments: str = ""

    @property
    def name(self) -> str:
        """The name the entry is known by."""
        return self.names[0]


@dataclass(frozen=True, slots=True)
class ListInfo:
    """Which list parties were screened against.

    Args:
        generated: Day the list was generated; ``None`` for the starter list.
        sha256: Digest of the file as received.
        entries: Number of parties and vessels.
        names: Number of names, aliases and original-script names.
        starter: True for the few entries that travel with this package.
        source: File or address it came from.
        notes: What a report should say about this list, one sentence each.
    """

    generated: date | None
    sha256: str
    entries: int
    names: int
    starter: bool
    source: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UnList:
    """A list as read: equal entries whatever the layout or order of the file.

    Args:
        entries: Sorted by reference.
        generated: Day of generation stated in the file.
        sha256: Digest of the file.
        source: Where it came from.
        starter: True for the starter list.
        unknown_regimes: Regime labels in the file that this version does not know.
    """

    entries: tuple[ListEntry, ...]
    generated: date | None
    sha256: str
    source: str
    starter: bool = False
    unknown_regimes: tuple[str, ...] = ()


def describe(un_list: UnList, notes: Sequence[str] = ()) -> ListInfo:
    """What a report says about a list."""
    extra = tuple(
        f"the list has entries under {label!r}, a regime that this version does not know"
        for label in un_list.unknown_regimes
    )
    return ListInfo(
        generated=un_list.generated,
        sha256=un_list.sha256,
        entries=len(un_list.entries),
        names=sum(len(e.names) + len(e.aliases) + len(e.original_script) for e in un_list.entries),
        starter=un_list.starter,
        source=un_list.source,
        notes=(*notes, *extra),
    )
