"""Screening parties and vessels against the UN list.

    from sanctions_engine.intake.screening import Screener

    screener = Screener.installed()
    screener.screen("Kim Yong Chol", birth_date="1962-02-18", countries=["KP"])

``screener.info`` says which list that was; a starter list is not the UN list.
"""

from sanctions_engine.intake.screening.entries import (
    REGIMES,
    Address,
    Alias,
    Identifier,
    Kind,
    ListEntry,
    ListInfo,
    Measure,
    Period,
    UnList,
)
from sanctions_engine.intake.screening.screener import HIT, POSSIBLE, Match, Screener
from sanctions_engine.intake.screening.store import ListStore, read_any_list
from sanctions_engine.intake.screening.un_list import ListChange, compare_lists, read_un_list, read_vessel_list

__all__ = [
    "HIT",
    "POSSIBLE",
    "REGIMES",
    "Address",
    "Alias",
    "Identifier",
    "Kind",
    "ListChange",
    "ListEntry",
    "ListInfo",
    "ListStore",
    "Match",
    "Measure",
    "Period",
    "Screener",
    "UnList",
    "compare_lists",
    "read_any_list",
    "read_un_list",
    "read_vessel_list",
]
