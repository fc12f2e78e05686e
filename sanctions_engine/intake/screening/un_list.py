"""Read the official UN Consolidated List (XML) and the 1718 Committee's list of vessels (CSV).

The reader depends on element names only: order, indentation and quoting of the file do not matter,
and two files that say the same give equal entries. A document type declaration is refused, so that
no entity can be defined, let alone expand.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cache
from typing import TYPE_CHECKING
from xml.parsers import expat

import pycountry

from sanctions_engine.errors import InputError, Problem
from sanctions_engine.intake.imo import valid_imo
from sanctions_engine.intake.screening.entries import (
    REGIMES,
    Address,
    Alias,
    Identifier,
    Kind,
    ListEntry,
    Measure,
    Period,
    UnList,
)

if TYPE_CHECKING:
    from typing import Never

__all__ = ["MAX_BYTES", "ListChange", "compare_lists", "read_un_list", "read_vessel_list"]

MAX_BYTES = 64 * 1024 * 1024
"""The whole list is 2 MB; what is 32 times larger is not the list."""

_MAX_DEPTH = 12
_QUALITY = {"good": "good", "low": "low", "a.k.a.": "aka", "f.k.a.": "fka"}
_PART_NAMES = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME", "FIFTH_NAME", "SIXTH_NAME")
_IMO_COMPANY = re.compile(r"\bIMO\b\)?(?:\s+(?:company\s+)?(?:number|no\.?))?\s*:?\s*(\d{7})\b", re.IGNORECASE)
_YEAR = re.compile(r"(\d{4})")

# Short names of the United Nations that pycountry does not find as they stand.
_COUNTRIES = {
    "british virgin islands": "VG",
    "china, hong kong special administrative region": "HK",
    "china, macao special administrative region": "MO",
    "cote d'ivoire": "CI",
    "democratic people's republic of korea": "KP",
    "democratic people’s republic of korea": "KP",
    "dprk": "KP",
    "democratic republic of the congo": "CD",
    "congo": "CG",
    "iran (islamic republic of)": "IR",
    "iran": "IR",
    "niger": "NE",
    "republic of korea": "KR",
    "russia": "RU",
    "state of palestine": "PS",
    "palestine": "PS",
    "syria": "SY",
    "turkey": "TR",
    "türkiye": "TR",
    "united kingdom of great britain and northern ireland": "GB",
    "united republic of tanzania": "TZ",
    "tanzania": "TZ",
}


@cache
def _country(text: str) -> str:
    """ISO code of a country as the list writes it; empty where it names none that exists today."""
    key = text.casefold().strip(" .,;")
    if not key or (len(key) < 4 and key not in _COUNTRIES):  # "na" is "not available", not Namibia
        return ""
    if key in _COUNTRIES:
        return _COUNTRIES[key]
    try:
        return str(pycountry.countries.lookup(key).alpha_2)
    except LookupError:
        return ""


@dataclass(slots=True)
class _Node:
    """An XML element while it is read."""

    tag: str
    text: list[str] = field(default_factory=list)
    children: list[_Node] = field(default_factory=list)

    def all(self, tag: str) -> Iterator[_Node]:
        """Children of that name."""
        return (child for child in self.children if child.tag == tag)

    def value(self, tag: str) -> str:
        """Text of the first child of that name that has any, with white space folded."""
        for child in self.all(tag):
            if text := child.own:
                return text
        return ""

    def values(self, tag: str) -> tuple[str, ...]:
        """Distinct texts of the ``VALUE`` children of that element, sorted."""
        found = {" ".join(value.own.split()) for node in self.all(tag) for value in node.all("VALUE")}
        return tuple(sorted(found - {""}))

    @property
    def own(self) -> str:
        """Text of this element with white space folded."""
        return " ".join("".join(self.text).split())


def _refuse(source: str, what: str) -> Never:
    raise InputError([Problem(source, what)])


def _parse(data: bytes, source: str) -> tuple[dict[str, str], list[tuple[Kind, _Node]]]:
    """Root attributes and record elements of the file."""
    records: list[tuple[Kind, _Node]] = []
    stack: list[_Node] = []
    root: dict[str, str] = {}
    kinds: dict[str, Kind] = {"INDIVIDUAL": "individual", "ENTITY": "entity"}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if not stack:
            if tag != "CONSOLIDATED_LIST":
                _refuse(source, f"the root element is <{tag[:40]}>, not <CONSOLIDATED_LIST>; this is not the UN list")
            root.update(attributes)
        if len(stack) >= _MAX_DEPTH:
            _refuse(source, f"elements are nested more than {_MAX_DEPTH} deep; this is not the UN list")
        stack.append(_Node(tag))

    def end(tag: str) -> None:
        node = stack.pop()
        if len(stack) == 2 and tag in kinds:
            records.append((kinds[tag], node))
        elif len(stack) > 2:
            stack[-1].children.append(node)

    def text(data: str) -> None:
        if len(stack) > 2:
            stack[-1].text.append(data)

    def doctype(*_: object) -> None:
        _refuse(source, "the file declares a document type; the UN list has none, so it is refused unread")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        place = f"{source}:{error.lineno}:{error.offset + 1}"
        _refuse(place, f"broken XML ({expat.ErrorString(error.code)}); download the list again")
    return root, records


def _day(text: str) -> date | None:
    """The day that an ISO text starts with (old files append an offset); ``None`` where there is none."""
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


def _birth_dates(record: _Node) -> tuple[Period, ...]:
    found: set[Period] = set()
    for node in record.all("INDIVIDUAL_DATE_OF_BIRTH"):
        approximate = node.value("TYPE_OF_DATE").upper() == "APPROXIMATELY" or "pprox" in node.value("NOTE")
        try:
            if node.value("FROM_YEAR") and node.value("TO_YEAR"):
                years = sorted((int(node.value("FROM_YEAR")), int(node.value("TO_YEAR"))))
                found.add(Period.years(years[0], years[1], approximate=approximate))
            elif day := _day(node.value("DATE")):
                # 1 January stands for "some time in that year" all over the list.
                first = (day.month, day.day) == (1, 1)
                found.add(
                    Period.years(day.year, day.year, approximate=approximate)
                    if first
                    else Period(day, day, approximate)
                )
            elif year := _YEAR.search(node.value("YEAR")):
                found.add(Period.years(int(year[1]), int(year[1]), approximate=approximate))
        except ValueError:
            continue  # a year that no calendar has says nothing about the person
    for alias in record.all("INDIVIDUAL_ALIAS"):
        if day := _day(alias.value("DATE_OF_BIRTH")):
            found.add(Period(day, day))
    return tuple(sorted(found))


def _documents(record: _Node) -> set[Identifier]:
    found: set[Identifier] = set()
    for node in record.all("INDIVIDUAL_DOCUMENT"):
        number = node.value("NUMBER")
        if number:
            country = _country(node.value("ISSUING_COUNTRY") or node.value("COUNTRY_OF_ISSUE"))
            kind = node.value("TYPE_OF_DOCUMENT") or node.value("TYPE_OF_DOCUMENT2")
            found.add(Identifier(number, kind, country, node.value("NOTE")))
    return found


def _addresses(record: _Node, tag: str) -> tuple[Address, ...]:
    found: set[Address] = set()
    for node in record.all(tag):
        text = ", ".join(filter(None, (node.value(part) for part in ("STREET", "CITY", "STATE_PROVINCE", "ZIP_CODE"))))
        country, note = node.value("COUNTRY"), node.value("NOTE")
        code = _country(country)
        if country and not code:
            text = f"{text}, {country}" if text else country
        if text or code or note:
            found.add(Address(text, code, note))
    return tuple(sorted(found))


def _entry(kind: Kind, record: _Node) -> tuple[ListEntry, str]:
    """One record, and its regime label as written."""
    label = record.value("UN_LIST_TYPE")
    prefix = "INDIVIDUAL" if kind == "individual" else "ENTITY"
    comments = record.value("COMMENTS1")
    identifiers = _documents(record)
    imo = None
    if kind == "entity" and (company := _IMO_COMPANY.search(comments)):
        imo = company[1]
        identifiers.add(Identifier(imo, "IMO company number"))
    aliases = {
        Alias(name, _QUALITY.get(node.value("QUALITY").casefold(), ""), node.value("NOTE"))
        for node in record.all(f"{prefix}_ALIAS")
        if (name := node.value("ALIAS_NAME"))
    }
    nationalities = {_country(text) for text in record.values("NATIONALITY")}
    amended = [day for text in record.values("LAST_DAY_UPDATED") if (day := _day(text))]
    original = record.value("NAME_ORIGINAL_SCRIPT")
    entry = ListEntry(
        reference=record.value("REFERENCE_NUMBER"),
        regime=REGIMES.get(label, f"un.other:{label}"),
        kind=kind,
        names=(" ".join(filter(None, (record.value(part) for part in _PART_NAMES))),),
        aliases=tuple(sorted(aliases)),
        original_script=(original,) if original else (),
        titles=record.values("TITLE"),
        designations=record.values("DESIGNATION"),
        birth_dates=_birth_dates(record) if kind == "individual" else (),
        nationalities=tuple(sorted(nationalities - {""})),
        identifiers=tuple(sorted(identifiers)),
        addresses=_addresses(record, f"{prefix}_ADDRESS"),
        listed_on=_day(record.value("LISTED_ON")),
        amended_on=max(amended, default=None),
        imo=imo,
        comments=comments,
    )
    return entry, label


def _check_size(data: bytes, source: str) -> None:
    if len(data) > MAX_BYTES:
        _refuse(source, f"{len(data):,} bytes is more than {MAX_BYTES:,}; this is not the UN list")


def read_un_list(data: bytes, source: str) -> UnList:
    """Read the official XML.

    Args:
        data: Bytes of the file.
        source: Where it came from, for messages.

    Returns:
        Entries sorted by reference; the same for files that differ in layout or order only.

    Raises:
        InputError: Not well-formed, not this list, no records, a record without reference or name, or a
            reference that occurs twice. Nothing is returned in part.
    """
    _check_size(data, source)
    root, records = _parse(data, source)
    entries: list[ListEntry] = []
    unknown: set[str] = set()
    problems: list[Problem] = []
    for kind, record in records:
        entry, label = _entry(kind, record)
        if not entry.reference or not entry.name:
            what = "has no REFERENCE_NUMBER" if not entry.reference else "has no name"
            problems.append(Problem(source, f"record {entry.reference or entry.name or '(empty)'} {what}"))
        if label not in REGIMES:
            unknown.add(label)
        entries.append(entry)
    twice = [reference for reference, n in Counter(entry.reference for entry in entries).items() if n > 1]
    problems += [Problem(source, f"reference {reference} stands twice") for reference in sorted(twice) if reference]
    if not records:
        problems.append(Problem(source, "the list has no records"))
    generated = _day(root.get("dateGenerated", ""))
    if generated is None:
        problems.append(Problem(source, "the root has no readable dateGenerated"))
    if problems:
        raise InputError(problems[:20])
    entries.sort(key=lambda entry: entry.reference)
    return UnList(
        entries=tuple(entries),
        generated=generated,
        sha256=hashlib.sha256(data).hexdigest(),
        source=source,
        unknown_regimes=tuple(sorted(unknown)),
    )


_VESSEL_COLUMNS = {"name", "other_names", "imo", "date_of_designation", "asset_freeze", "deflag", "port_ban"}


def read_vessel_list(data: bytes, source: str) -> UnList:
    """Read the vessels designated under resolution 1718, from a table with a header row.

    Args:
        data: UTF-8 CSV with the columns name, other_names (split by ``|``), imo, date_of_designation,
            asset_freeze, deflag, port_ban (yes or no) and, if known, economic_resource_of and other_information.
        source: Where it came from, for messages.

    Returns:
        One entry a vessel; rows with the same IMO number are joined, their measures united.

    Raises:
        InputError: Columns are missing, or a row has no name, no readable date or an impossible IMO number.
    """
    _check_size(data, source)
    try:
        rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    except (UnicodeDecodeError, csv.Error) as error:
        _refuse(source, f"not a UTF-8 CSV table ({error})")
    if missing := _VESSEL_COLUMNS - set(rows[0] if rows else ()):
        _refuse(source, f"the vessel table lacks the columns {', '.join(sorted(missing))}")
    vessels: dict[str, ListEntry] = {}
    problems: list[Problem] = []
    for number, row in enumerate(rows, 2):
        cells = {key: (value or "").strip() for key, value in row.items() if key and isinstance(value, str | None)}
        name, imo, listed = cells["name"], cells["imo"], _day(cells["date_of_designation"])
        if not name or listed is None or (imo and not valid_imo(imo)):
            problems.append(Problem(f"{source}:{number}", "needs a name, an ISO date and a true IMO number or none"))
            continue
        wanted: tuple[Measure, ...] = ("asset_freeze", "deflag", "port_ban")
        measures = {measure for measure in wanted if cells[measure].casefold() == "yes"}
        names = (name, *(other.strip() for other in cells["other_names"].split("|") if other.strip()))
        key = f"IMO {imo}" if imo else f"VESSEL {name.upper()}"
        if earlier := vessels.get(key):
            measures |= set(earlier.measures)
            names = tuple(dict.fromkeys(earlier.names + names))
            listed = min(listed, earlier.listed_on or listed)
        vessels[key] = ListEntry(
            reference=key,
            regime="un.dprk",
            kind="vessel",
            names=names,
            listed_on=listed,
            imo=imo or None,
            measures=tuple(sorted(measures)),
            comments=cells.get("other_information") or cells.get("economic_resource_of", ""),
        )
    if problems:
        raise InputError(problems[:20])
    entries = tuple(sorted(vessels.values(), key=lambda entry: entry.reference))
    newest = max((entry.listed_on for entry in entries if entry.listed_on), default=None)
    return UnList(entries, newest, hashlib.sha256(data).hexdigest(), source)


@dataclass(frozen=True, slots=True)
class ListChange:
    """What happened to one entry between two lists.

    Args:
        reference: Of the entry.
        change: ``added``, ``removed`` or ``amended``.
        name: Listed name (the newer one).
        regime: Regime id.
        fields: For an amended entry, what differs.
    """

    reference: str
    change: str
    name: str
    regime: str
    fields: tuple[str, ...] = ()


def compare_lists(old: Iterable[ListEntry], new: Iterable[ListEntry]) -> tuple[ListChange, ...]:
    """What was added, removed and amended, by reference; content is compared, not version numbers."""
    before = {entry.reference: entry for entry in old}
    after = {entry.reference: entry for entry in new}
    changes = []
    for reference in sorted(before.keys() | after.keys()):
        first, last = before.get(reference), after.get(reference)
        if first is None or last is None:
            entry = first or last
            assert entry is not None  # noqa: S101 - the reference came from one of the two
            word = "added" if first is None else "removed"
            changes.append(ListChange(reference, word, entry.name, entry.regime))
        elif first != last:
            differ = tuple(f.name for f in fields(ListEntry) if getattr(first, f.name) != getattr(last, f.name))
            changes.append(ListChange(reference, "amended", last.name, last.regime, differ))
    return tuple(changes)
