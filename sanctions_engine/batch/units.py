"""Which columns each fact reads: a test of it need be weighed only once for every value of these.

The table must follow ``facts``. A fact that is not named reads everything, which is right and slow;
``tests/test_batch_sweep.py`` changes the columns outside each unit and holds that no truth changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sanctions_engine.batch.columns import COLUMNS
from sanctions_engine.vocabulary import GROUNDS, ROLES

__all__ = ["NEXUS", "PLACED_KINDS", "TIME", "VESSEL", "Unit", "unit_of"]

_SIDES = tuple(f"{side}_{part}" for side in ("from", "to") for part in ("country", "place", "area"))
_BANKS = tuple(f"{end}_{part}" for end in ("payer_bank", "payee_bank") for part in ("country", "bic"))


def _of_roles(*attributes: str) -> tuple[str, ...]:
    return tuple(f"{role}_{attribute}" for role in ROLES.words for attribute in attributes)


PLACED_KINDS = frozenset({"country", "place", "located", "stops", "bic"})
VESSEL = tuple(name for name in COLUMNS if name.startswith("vessel_"))
_WAY = (*_SIDES, "via", *_of_roles("country", "nationality", "kind"), *_BANKS)
_NAMES = (*_of_roles("name"), "payer_bank_name", "payee_bank_name", "payer_bank_bic", "payee_bank_bic", "vessel_name")
_HEADS = tuple(name for name, column in COLUMNS.items() if not column.line and column.kind != "id")


@dataclass(frozen=True, slots=True)
class Unit:
    """Columns that some facts read together, beside the skeleton of who takes part in what.

    Args:
        name: What it is called.
        columns: Those whose classes count.
        stated: Those of which it only counts whether they say something.
        lines: What counts of goods lines: "", "origins", "told" (all the rest), or "whole".
    """

    name: str
    columns: tuple[str, ...] = ()
    stated: tuple[str, ...] = ()
    lines: str = ""


SKELETON = Unit("skeleton")
EVERYTHING = Unit("everything", _HEADS, (), "whole")
GROUNDS_READ = Unit(
    "grounds", (*_of_roles("kind"), "grounds", "red_flags", "vessel_suspected_of", "vessel_ais_off"), (), "told"
)
DIRECTION = Unit("way", _WAY, (), "origins")
TIME = Unit("occurred", ("occurred",))
NEXUS = Unit("nexus", (*_WAY, *_of_roles("located_in"), *VESSEL), (*_NAMES, "occurred"), "origins")
UNITS: Mapping[str, Unit] = {
    **dict.fromkeys(("activity", "approvals", "determinations", "cumulative"), SKELETON),
    **dict.fromkeys(("goods.*", "subject"), Unit("goods", (), (), "told")),
    **{name: Unit(name, (name,)) for name in ("purposes", "circumstances", "project", "red_flags", "mode",
                                               "contracted", "discovered")},
    "livelihood": Unit("purposes", ("purposes",)),
    "occurred": TIME,
    **dict.fromkeys(GROUNDS.words, GROUNDS_READ),
    "vessel.*": Unit("vessel", (*VESSEL, "mode")),
    **{f"{head}.states": DIRECTION for head in ("from", "to", "start", "destination", "via", "origin")},
    **{f"{head}.areas": DIRECTION for head in ("from", "to")},
    **{
        f"{role}.{attribute}": unit
        for role in (*ROLES.words, "party", "parties")
        for attribute, unit in (
            ("states", DIRECTION),
            ("nationality", DIRECTION),
            ("kind", Unit("kinds", _of_roles("kind"))),
            ("listed", Unit("names", (), _NAMES)),
            ("groups", Unit("names", (), _NAMES)),
            ("located", Unit("located", _of_roles("located_in"))),
            ("roles", SKELETON),
            ("protected_from_return", SKELETON),
        )
    },
}  # fmt: skip
"""Which unit each fact reads; one that is not named here reads everything. ``tests/test_batch_sweep.py`` holds it."""


def unit_of(fact: str) -> Unit:
    """Return the unit of a fact."""
    return UNITS.get(fact) or UNITS.get(f"{fact.partition('.')[0]}.*") or EVERYTHING
