"""Answering a report's questions, as the person asked would: every path gets a precise fact."""

from __future__ import annotations

import re
from copy import deepcopy
from itertools import pairwise
from typing import Any

from sanctions_engine.transaction import Transaction, describe

FULL_PARTY = {
    "kind": "company", "jurisdiction": "SG", "nationality": "SG", "owned_by": [], "controlled_by": [], "acts_for": [],
    "listed": [], "member_of": [], "located_in": [],
}  # fmt: skip
_FIXED: dict[str, Any] = {
    "occurred": "2023-05-04",
    "contracted": "2023-05-01",
    "discovered": "2023-05-04",
    "grounds": [],
    "purposes": [],
    "approvals": [],
    "determinations": [],
    "goods": [{"description": "wheat", "hs": "1001.99", "origin": "SG", "condition": "new"}],
    "activities": ["talks"],
    "cumulative": [
        {"measure": m, "value": "1", "unit": u}
        for m, u in (("2397/5", "barrel"), ("2397/4", "barrel"), ("2375/14", "barrel"), ("2321/26", "tonne"))
    ],
    "vessels": [{"name": "Plain Sailing", "imo": "9074729", "flag": "SG", "owner": "Plain Owner", "suspected_of": []}],
    "payments": [],
    "parties": [],
    "services": [],
}
_FIELDS: dict[str, Any] = {
    "country": "SG", "place": None, "jurisdiction": "SG", "nationality": "SG", "flag": "SG", "hs": "1001.99",
    "description": "wheat", "condition": "new", "unit_value": "USD 5", "value": "USD 5", "quantity": "1 barrel",
    "name": "Plain Person", "birth_date": "1990-01-01", "listed": [], "designated": [], "suspected_of": [],
    "owner": "Plain Owner", "operator": "Plain Owner", "imo": "9074729", "granted": "2000-01-01",
    "expires": "2100-01-01", "covers": ["transaction"], "share": "100", "subject": ["agriculture"],
    "barrels_per_tonne": "8", "regime": "un.dprk", "identifiers": {"passport": "PLAIN1"}, "aliases": [],
    "kind": "company", "located_in": [], "origin": "SG", "area": None, "roles": ["visitor"],
}  # fmt: skip


def answered(transaction: Transaction, asks: list[str]) -> dict[str, Any]:
    """Return the description with every asked path answered precisely."""
    raw: dict[str, Any] = describe(transaction)
    raw = deepcopy(raw)
    raw["unknown"] = [u for u in raw.get("unknown", ()) if u not in asks and not any(a.startswith(u) for a in asks)]
    for ask in sorted(asks, key=lambda a: (a.count("."), a), reverse=True):
        _answer(raw, ask)
    return raw


def _answer(raw: dict[str, Any], ask: str) -> None:
    if ask.startswith("parties.") and "[" not in ask:
        role = ask.removeprefix("parties.")
        raw.setdefault("parties", []).append({**FULL_PARTY, "name": f"Plain {role}", "roles": [role]})
        return
    if named := re.match(r"vessels\[(\d+)\]\.(owner|operator)\.(\w+)", ask):
        # An owner that is only named is answered by describing it among the parties.
        name = raw["vessels"][int(named[1])][named[2]]
        raw.setdefault("parties", []).append({**FULL_PARTY, "name": name, "roles": [named[2]]})
        return
    if ask in _FIXED:
        # A list that was stated unknown is closed by the answer; what it held stays.
        # A day that was stated too coarsely is answered by a day.
        held = None if isinstance(_FIXED[ask], str) else raw.get(ask)
        raw[ask] = held or deepcopy(_FIXED[ask])
        return
    steps = [name or int(index) for name, index in re.findall(r"([A-Za-z_]+)|\[(\d+)\]", ask)]
    holder: Any = raw
    for step, following in pairwise(steps):
        if isinstance(step, str) and not isinstance(holder.get(step), (dict, list)):
            holder[step] = [] if isinstance(following, int) else {}
        if isinstance(step, int) and step >= len(holder):
            holder.append({})
        if isinstance(step, int) and isinstance(holder[step], str):
            holder[step] = {"kind": holder[step]}
        holder = holder[step]
    last = steps[-1]
    if last in ("by", "for"):
        holder[last] = ["parties[0]"]
    elif last == "goods":
        holder[last] = ["goods[0]"]
    elif last == "vessel":
        holder[last] = ["vessels[0]"]
    elif last == "place":
        holder.pop("place", None)
        holder["country"] = "SG"
    else:
        holder[last] = deepcopy(_FIELDS[str(last)])
    if last == "country":
        holder.pop("place", None)
