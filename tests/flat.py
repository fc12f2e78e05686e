"""Described transactions as rows of the flat shape, less what it has no column for: material for tests of the batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sanctions_engine.transaction import Transaction, describe

FlatRow = dict[str, str | None]

_WORDS = ("purposes", "grounds", "circumstances", "red_flags", "project")
_PARTY = {
    "name": "name",
    "jurisdiction": "country",
    "nationality": "nationality",
    "kind": "kind",
    "located_in": "located_in",
}
_LINE = {"description": "goods_description", "kind": "goods_kind"}


def flatten(raw: Mapping[str, Any]) -> list[FlatRow]:
    """Return a transaction as flat rows, one a goods line; links, claims, approvals and the like are left out."""
    told = describe(Transaction.of(raw))
    head: FlatRow = {}
    for name in ("occurred", "contracted", "discovered", "notes"):
        _put(head, name, told.get(name))
    for name in _WORDS:
        _put(head, name, told.get(name))
    _put(head, "activities", [activity["kind"] for activity in told.get("activities", ())])
    _put(head, "mode", told.get("conveyance", {}).get("mode"))
    route = told.get("route", {})
    for side in ("from", "to"):
        for part in ("country", "place", "area"):
            _put(head, f"{side}_{part}", route.get(side, {}).get(part))
    _put(head, "via", [stop.get("country") or stop.get("place") for stop in route.get("via", ())])
    for party in told.get("parties", ()):
        for role in party.get("roles", ()):
            if not any(name.startswith(f"{role}_") for name in head):
                for theirs, ours in _PARTY.items():
                    _put(head, f"{role}_{ours}", party.get(theirs))
    for vessel in told.get("vessels", ())[:1]:
        for name in ("name", "imo", "flag", "former_flags", "kind", "roles", "ais_off", "suspected_of"):
            _put(head, f"vessel_{name}", vessel.get(name))
    for payment in told.get("payments", ())[:1]:
        for end in ("payer_bank", "payee_bank"):
            for part in ("name", "country", "bic"):
                _put(head, f"{end}_{part}", payment.get(end, {}).get(part))
        amount = payment.get("amount", {})
        _put(head, "amount", amount.get("value"))
        _put(head, "amount_currency", amount.get("currency"))
        _put(head, "payment_purpose", payment.get("purpose"))
    return [{**head, **line} for line in _lines(told)] or [head]


def _lines(told: Mapping[str, Any]) -> Iterator[FlatRow]:
    for line in told.get("goods", ()):
        row: FlatRow = {}
        for name in ("description", "kind", "hs", "categories", "origin", "made_in", "condition", "spare_part_for",
                     "end_use"):  # fmt: skip
            _put(row, _LINE.get(name, name), line.get(name))
        for name, unit, theirs in (("quantity", "unit", "unit"), ("value", "currency", "currency"),
                                   ("unit_value", "currency", "currency")):  # fmt: skip
            amount = line.get(name, {})
            _put(row, name, amount.get("value"))
            _put(row, unit, amount.get(theirs))
        yield row


def _put(row: FlatRow, name: str, value: object) -> None:
    if isinstance(value, list):
        value = "|".join(str(item) for item in value)
    if isinstance(value, bool):
        value = "yes" if value else "no"
    if value is not None and str(value):
        row[name] = str(value)
