"""How what is stated becomes evidence: a flag, countries, a place, what is known through somebody else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from sanctions_engine.errors import InputError
from sanctions_engine.intake.countries import CountryReading, read_country
from sanctions_engine.intake.places import read_place
from sanctions_engine.readings import Choice, Evidence, Reading
from sanctions_engine.truth import Cause

__all__ = [
    "NOTHING",
    "asks_of",
    "countries_reading",
    "flag_reading",
    "fold_words",
    "one_of",
    "place_codes",
    "state_evidence",
    "through",
    "union",
]


NOTHING = Reading()


def union(readings: Iterable[Reading]) -> Reading:
    """Return all that several readings hold."""
    result = NOTHING
    for reading in readings:
        result |= reading
    return result


def one_of(readings: Iterable[Reading], link: str) -> Reading:
    """Return what holds where only one of several readings does, and a link would say which.

    Args:
        readings: Of each candidate.
        link: The path of the link that is not stated.
    """
    return Reading(choices=(tuple(Choice(link, reading) for reading in readings),))


def asks_of(reading: Reading) -> tuple[str, ...]:
    """Return the paths that would settle what a reading leaves open."""
    return tuple(
        dict.fromkeys(
            [
                *(gap.path for gap in reading.gaps),
                *(a for e in reading.evidence if not e.sure or len(e.values) > 1 for a in e.asks or (e.path,)),
            ]
        )
    )


def flag_reading(path: str, value: bool, shown: str = "") -> Reading:
    """Read a yes or a no, shown in words where there are some."""
    return Reading((Evidence(path, shown or ("yes" if value else "no"), frozenset({"yes" if value else "no"})),))


@lru_cache(maxsize=8192)
def countries_reading(countries: tuple[CountryReading, ...], path: str, shown: str) -> Reading:
    """Read countries that all hold; one that is ambiguous is one of its States."""
    return Reading(
        tuple(
            Evidence(
                path,
                f"{shown} ({'/'.join(sorted(c.codes))})",
                c.codes,
                True,
                Cause.AMBIGUOUS if len(c.codes) > 1 else None,
            )
            for c in countries
            if c.codes
        )
    )


def state_evidence(path: str, shown: str, codes: frozenset[str]) -> Evidence:
    """Read one country or place, which is in one of these States."""
    return Evidence(
        path, f"{shown} ({'/'.join(sorted(codes))})", codes, True, Cause.AMBIGUOUS if len(codes) > 1 else None
    )


@lru_cache(maxsize=4096)
def place_codes(text: str) -> tuple[frozenset[str], str]:
    """Return the States that a country or place may be in, and what to show of it."""
    try:
        return read_country(text).codes, text
    except InputError:
        reading = read_place(text)
        return reading.codes, reading.note or text


def through(reading: Reading, chain: str, path: str) -> Reading:
    """Return a reading with the chain that leads to it in front."""
    evidence = tuple(
        Evidence(
            path,
            f"{chain}: {e.shown}",
            e.values,
            e.sure,
            e.cause,
            e.asks or ((e.path,) if not e.sure or len(e.values) > 1 else ()),
        )
        for e in reading.evidence
    )
    return Reading(evidence, reading.gaps, reading.assumed, reading.choices)


@lru_cache(maxsize=8192)
def fold_words(text: str) -> str:
    """Fold a text for comparison of whole words: case, punctuation and spaces do not matter."""
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))
