"""The flat shape: one row a goods line, the documented columns, and how rows become a described transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from sanctions_engine.errors import InputError, Problem
from sanctions_engine.vocabulary import ROLES

__all__ = [
    "BESIDE",
    "COLUMNS",
    "NEEDS",
    "PARTY_COLUMNS",
    "UNITS",
    "Column",
    "Row",
    "as_text",
    "cell",
    "goods_line",
    "nest",
    "stated",
    "text_of",
]

Row = Mapping[str, str | None]


Kind = Literal[
    "id", "date", "words", "country", "name", "vessel", "number", "place", "stops", "located", "exact", "imo", "bic",
    "text", "goods", "amount",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the flat shape.

    Args:
        name: Its name.
        kind: How its values are read and told apart.
        says: Where it goes in a transaction.
        line: True for what each goods line has of its own; else all rows of a transaction share it.
    """

    name: str
    kind: Kind
    says: str
    line: bool = False


def _columns() -> Iterator[Column]:
    yield Column("transaction", "id", "id; rows that share it stand together and are one transaction")
    for name in ("occurred", "contracted", "discovered"):
        yield Column(name, "date", f"{name}, in EDTF")
    for name in ("activities", "purposes", "grounds", "circumstances", "red_flags", "project"):
        yield Column(name, "words", f"{name}; several with | between")
    yield Column("mode", "words", "conveyance.mode")
    yield Column("notes", "text", "notes")
    for side in ("from", "to"):
        yield Column(f"{side}_country", "country", f"route.{side}.country")
        yield Column(f"{side}_place", "place", f"route.{side}.place")
        yield Column(f"{side}_area", "exact", f"route.{side}.area")
    yield Column("via", "stops", "route.via; several with | between")
    for role in ROLES.words:
        yield Column(f"{role}_name", "name", f"name of the {role}")
        yield Column(f"{role}_country", "country", f"jurisdiction of the {role}; several with | between")
        yield Column(f"{role}_nationality", "country", f"nationality of the {role}")
        yield Column(f"{role}_kind", "words", f"kind of the {role}")
        yield Column(f"{role}_located_in", "located", f"where the {role} is")
    for end in ("payer_bank", "payee_bank"):
        yield Column(f"{end}_name", "name", f"payments[0].{end}.name")
        yield Column(f"{end}_country", "country", f"payments[0].{end}.country")
        yield Column(f"{end}_bic", "bic", f"payments[0].{end}.bic")
    yield Column("amount", "amount", "payments[0].amount.value")
    yield Column("amount_currency", "words", "payments[0].amount.currency")
    yield Column("payment_purpose", "text", "payments[0].purpose")
    yield Column("vessel_name", "vessel", "vessels[0].name")
    yield Column("vessel_imo", "imo", "vessels[0].imo")
    yield Column("vessel_flag", "country", "vessels[0].flag")
    yield Column("vessel_former_flags", "country", "vessels[0].former_flags; several with | between")
    for name in ("kind", "roles", "ais_off"):
        yield Column(f"vessel_{name}", "words", f"vessels[0].{name}")
    yield Column("vessel_suspected_of", "exact", "vessels[0].suspected_of; several with | between")
    yield Column("goods_description", "goods", "goods[].description", True)
    yield Column("hs", "goods", "goods[].hs; candidates with | between", True)
    yield Column("categories", "goods", "goods[].categories; several with | between", True)
    yield Column("quantity", "number", "goods[].quantity.value", True)
    yield Column("unit", "goods", "goods[].quantity.unit", True)
    yield Column("value", "number", "goods[].value.value", True)
    yield Column("unit_value", "number", "goods[].unit_value.value", True)
    yield Column("currency", "goods", "goods[].value.currency, and of unit_value", True)
    for name in ("origin", "made_in"):
        yield Column(name, "country", f"goods[].{name}; several with | between", True)
    for name in ("condition", "goods_kind", "spare_part_for", "end_use"):
        yield Column(name, "goods", f"goods[].{name.removeprefix('goods_')}", True)


COLUMNS: Mapping[str, Column] = {column.name: column for column in _columns()}
"""The documented mapping: one row a goods line. A missing column, an empty cell or null is *not stated*."""

_ENDS = ("country", "place", "area")
PARTY_COLUMNS = {
    "name": "name",
    "country": "jurisdiction",
    "nationality": "nationality",
    "kind": "kind",
    "located_in": "located_in",
}
_ROLES_PLAYED: Mapping[str, Mapping[str, str]] = {
    role: {f"{role}_{ours}": theirs for ours, theirs in PARTY_COLUMNS.items()} for role in ROLES.words
}
_VESSEL: Mapping[str, str] = {
    f"vessel_{name}": name
    for name in ("name", "imo", "flag", "former_flags", "kind", "roles", "ais_off", "suspected_of")
}
_MANY = frozenset(
    {
        "activities", "purposes", "grounds", "circumstances", "red_flags", "project", "via", "hs",
        "categories",
        "origin", "made_in", "vessel_flag", "vessel_former_flags", "vessel_roles", "vessel_suspected_of",
        "spare_part_for",
        *(f"{role}_{name}" for role in ROLES.words for name in ("country", "nationality", "located_in")),
    }
)  # fmt: skip
# What a value needs beside it to be read by itself.
BESIDE: Mapping[str, Mapping[str, str]] = {
    "quantity": {"unit": "piece"},
    "unit": {"quantity": "1"},
    "value": {"currency": "USD"},
    "unit_value": {"currency": "USD"},
    "currency": {"value": "1"},
    "amount": {"amount_currency": "USD"},
    "amount_currency": {"amount": "1"},
}
# An amount says nothing without its unit; a unit without an amount says nothing and is passed over.
NEEDS = {"quantity": "unit", "value": "currency", "unit_value": "currency", "amount": "amount_currency"}
UNITS = frozenset(NEEDS.values())


def nest(rows: Sequence[Row]) -> dict[str, object]:
    """Put the rows of one transaction into the shape users write.

    Args:
        rows: Column to text, one mapping a goods line. Distinct parties, vessels and payments of several rows all
            take part; anything else must be the same in each.

    Raises:
        InputError: The rows contradict each other.
    """
    raw: dict[str, object] = {}
    for name in ("transaction", "occurred", "contracted", "discovered", "activities", "purposes", "grounds",
                 "circumstances", "red_flags", "project", "notes"):  # fmt: skip
        _put(raw, name, _one(rows, name))
    mode = _one(rows, "mode")
    if mode is not None:
        raw["conveyance"] = {"mode": mode}
    route: dict[str, object] = {}
    for side in ("from", "to"):
        end = {part: value for part in _ENDS if (value := _one(rows, f"{side}_{part}")) is not None}
        if end:
            route[side] = end
    _put(route, "via", _one(rows, "via"))
    if route:
        raw["route"] = route
    parties: list[dict[str, object]] = []
    at: dict[str, list[int]] = {}
    for role, names in _ROLES_PLAYED.items():
        if not any(name in row for row in rows for name in names):
            continue
        for party in _distinct(rows, names):
            at.setdefault(role, []).append(len(parties))
            parties.append({**party, "roles": [role]})
    if parties:
        raw["parties"] = parties
    if vessels := _distinct(rows, _VESSEL):
        raw["vessels"] = vessels
    if payments := _payments(rows, at):
        raw["payments"] = payments
    if goods := [line for row in rows if (line := goods_line(row))]:
        raw["goods"] = goods
    return raw


def cell(row: Row, name: str) -> object:
    """Return what a cell says: None, a text, or the list of what stands between bars."""
    text = row.get(name)
    if text is None or not text.strip():
        return None
    if name in _MANY and "|" in text:
        return [part.strip() for part in text.split("|") if part.strip()]
    return text


def _put(into: dict[str, object], name: str, value: object) -> None:
    if value is not None:
        into[name] = value


def _one(rows: Sequence[Row], name: str) -> object:
    found = cell(rows[0], name)
    for row in rows[1:]:
        other = cell(row, name)
        if other != found:
            raise InputError([Problem(name, f"the rows of one transaction disagree: {found!r} and {other!r}")])
    return found


def _distinct(rows: Sequence[Row], names: Mapping[str, str]) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for row in rows:
        item = {theirs: value for ours, theirs in names.items() if (value := cell(row, ours)) is not None}
        if item and item not in found:
            found.append(item)
    return found


def _payments(rows: Sequence[Row], parties: Mapping[str, list[int]]) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for row in rows:
        payment: dict[str, object] = {}
        for end in ("payer_bank", "payee_bank"):
            bank = {part: value for part in ("name", "country", "bic") if (value := cell(row, f"{end}_{part}"))}
            if bank:
                payment[end] = bank
        _put(payment, "amount", _amount(row, "amount", "amount_currency", "currency"))
        _put(payment, "purpose", cell(row, "payment_purpose"))
        for side in ("payer", "payee"):
            # One payer is the payer of the payment; of several nothing says which.
            if payment and len(parties.get(side, ())) == 1:
                payment[side] = f"parties[{parties[side][0]}]"
        if payment and payment not in found:
            found.append(payment)
    return found


def _amount(row: Row, number: str, unit: str, key: str) -> dict[str, object] | None:
    value = cell(row, number)
    if value is None:
        return None
    amount: dict[str, object] = {"value": value}
    _put(amount, key, cell(row, unit))
    return amount


def goods_line(row: Row) -> dict[str, object]:
    """Return the goods line a row describes; empty where it describes none."""
    line: dict[str, object] = {}
    for ours, theirs in (("goods_description", "description"), ("goods_kind", "kind")):
        _put(line, theirs, cell(row, ours))
    for name in ("hs", "categories", "origin", "made_in", "condition", "spare_part_for", "end_use"):
        _put(line, name, cell(row, name))
    _put(line, "quantity", _amount(row, "quantity", "unit", "unit"))
    _put(line, "value", _amount(row, "value", "currency", "currency"))
    _put(line, "unit_value", _amount(row, "unit_value", "currency", "currency"))
    return line


def text_of(value: object) -> str | None:
    """Return a cell as the text a person would have written; None for null."""
    if value is None or isinstance(value, str):
        return value
    return repr(value) if isinstance(value, float) else str(value)


def stated(row: Mapping[str, object]) -> dict[str, str]:
    """Return the cells of a row that say something, as text."""
    return {name: text for name, value in row.items() if (text := text_of(value)) is not None and text.strip()}


def as_text(column: pl.Expr, kind: pl.DataType, into: Column) -> pl.Expr:
    """Read a column as text as people would have written it; amounts stay numbers.

    Raises:
        InputError: The type loses what the text said.
    """
    if into.kind in ("number", "amount"):
        if kind.is_numeric() or kind == pl.String:
            return column
        if kind == pl.Null:
            return column.cast(pl.String)
        raise InputError(f"holds {kind}, not numbers")
    if kind == pl.String:
        return column
    if into.name == "hs" and kind.is_numeric():
        raise InputError("holds numbers, which lose the zero in front of HS codes; write them as text")
    if isinstance(kind, pl.Datetime):
        return column.dt.date().cast(pl.String)
    if kind == pl.Boolean:
        return pl.when(column).then(pl.lit("yes")).when(~column).then(pl.lit("no"))
    if isinstance(kind, pl.List) and kind.inner == pl.String:
        return column.list.join("|")
    if kind.is_nested() or kind == pl.Binary:
        raise InputError(f"holds {kind}; write text")
    return column.cast(pl.String)
