"""A page: what a person reads of one report or rule, before any format lays it out."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LONGEST_LIST", "Entry", "Page", "Section"]

LONGEST_LIST = 20
"""How many things of a list are shown before the rest is only counted."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One statement, with what belongs below it.

    Args:
        text: The statement.
        head: What stands before it: a paragraph, a label, a number.
        aside: Where it comes from.
        mark: How it stands: an outcome's or a truth's value; empty: no mark.
        meta: Particulars of a finding.
        below: What explains it.
        quiet: Whether it is a particular rather than a statement.
    """

    text: str
    head: str = ""
    aside: str = ""
    mark: str = ""
    meta: str = ""
    below: tuple[Entry, ...] = ()
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A list under a label; ``major`` where its entries are findings of their own."""

    label: str
    entries: tuple[Entry, ...]
    major: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """What a person reads of one report or rule.

    Args:
        title: What it is about.
        particulars: Dates, activities.
        verdict: The outcome in capitals; empty for a page that judges nothing.
        qualifier: What the verdict rests on.
        mark: The outcome's value.
        sections: In order.
        foot: By what it was judged.
    """

    title: str
    particulars: str
    verdict: str
    qualifier: str
    mark: str
    sections: tuple[Section, ...]
    foot: str = ""
