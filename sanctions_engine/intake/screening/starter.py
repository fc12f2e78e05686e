"""The starter list: the few parties and vessels that the examples of this package need."""

from __future__ import annotations

import hashlib
from datetime import date
from functools import lru_cache
from importlib.resources import files

import yaml
from pydantic import BaseModel, ConfigDict

from sanctions_engine.intake.screening.entries import (
    Address,
    Alias,
    Identifier,
    Kind,
    ListEntry,
    Measure,
    Period,
    UnList,
)

__all__ = ["starter_list"]


_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # scalars as text: the model types them, NO stays Norway


class _Record(BaseModel):
    """One entry as the authors wrote it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reference: str
    regime: str
    kind: Kind
    name: str
    others: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()
    script: tuple[str, ...] = ()
    born: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    passports: tuple[str, ...] = ()
    listed: date
    imo: str | None = None
    measures: tuple[Measure, ...] = ()

    def entry(self) -> ListEntry:
        """The record in the shape that every list has."""
        person = self.kind == "individual"
        vessel = self.kind == "vessel"
        aliases = [Alias(text, "good" if person else "aka") for text in self.others if not vessel]
        return ListEntry(
            reference=self.reference,
            regime=self.regime,
            kind=self.kind,
            names=(self.name, *self.others) if vessel else (self.name,),
            aliases=tuple(sorted([*aliases, *(Alias(text, "low") for text in self.weak)])),
            original_script=self.script,
            birth_dates=tuple(sorted(Period.read(text) for text in self.born)),
            nationalities=self.countries if person else (),
            identifiers=tuple(Identifier(number, "Passport") for number in self.passports),
            addresses=() if person else tuple(Address("", code) for code in self.countries),
            listed_on=self.listed,
            imo=self.imo,
            measures=self.measures,
        )


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    note: str
    entries: tuple[_Record, ...]


@lru_cache(maxsize=1)
def starter_list() -> UnList:
    """The starter list that travels with this package.

    It was typed by the project's authors from what the Council's committees publish, in part; it is for
    trying the library, never for screening.
    """
    source = files("sanctions_engine.intake.screening") / "starter.yaml"
    data = source.read_bytes()
    read = _File.model_validate(yaml.load(data, Loader=_LOADER))  # noqa: S506 - builds nothing but text
    entries = tuple(sorted((record.entry() for record in read.entries), key=lambda entry: entry.reference))
    return UnList(entries, None, hashlib.sha256(data).hexdigest(), "starter list", starter=True)
