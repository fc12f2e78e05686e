"""Which State a text names, in any usual name, language, case and spelling; never guessed.

A reading is exact on a key that forgets case, accents, punctuation, abbreviation dots and word order ("Korea, North" is
"North Korea"). Sources, in order: our overlay (``data/countries.yaml``: ambiguous names and what libraries lack or
misread), then rigour's names of territories and ISO 3166-1 by pycountry, then ISO's translations by pycountry, opened
only for a text the others do not know or one outside ASCII. Sources that disagree give an ambiguous reading. Nearness
("fuzzy" search) is used for suggestions only: it reads "N. Korea" as the South.

Former States: one that lives on under another name is read as the present one (Zaire is CD, Burma MM, Rhodesia ZW); one
that broke up or was absorbed keeps its former ISO 3166-3 code (SU, YU, CS, DD, YD, VD, AN).
"""

from __future__ import annotations

import gettext
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import ClassVar, TypedDict

import pycountry
import yaml
from rigour._core import territories_jsonl  # the public lookup picks one of two like-named territories in silence

from sanctions_engine.errors import InputError, Problem, did_you_mean

__all__ = [
    "HIGH_SEAS",
    "MAX_LENGTH",
    "CountryReading",
    "codes_named",
    "country_name",
    "is_usual_name",
    "known_codes",
    "mentioned_countries",
    "name_key",
    "plain",
    "read_country",
    "shown",
]

HIGH_SEAS = "XZ"
"""No State: UN/LOCODE's code for international waters."""

MAX_LENGTH = 200
"""Characters beyond which a text is no name."""

_THREE = 3


@dataclass(frozen=True, slots=True)
class CountryReading:
    """What a text says about a State.

    Args:
        text: As written, without the white space around it.
        codes: ISO 3166-1 alpha-2 (also XK, XZ for the high seas, former States); one is certain, several are ambiguous.
        note: Why several, or ``None``.
    """

    text: str
    codes: frozenset[str]
    note: str | None


class _Ambiguity(TypedDict):
    codes: list[str]
    note: str
    texts: list[str]


class _Overlay(TypedDict):
    languages: list[str]
    names: dict[str, str]
    aliases: dict[str, list[str]]
    former_codes: dict[str, str]
    three_letter: dict[str, str]
    demonyms: dict[str, list[str]]
    ordinary_words: list[str]
    ambiguous: list[_Ambiguity]


@dataclass(frozen=True, slots=True)
class _Names:
    """What nearly every text is read by: our overlay, ISO's codes and its English names. Keys of `name_key`."""

    overlaid: dict[str, frozenset[str]]  # on which the overlay has the last word
    english: dict[str, frozenset[str]]  # of ISO 3166-1, and those we show its States by
    notes: dict[str, str]
    codes: dict[str, str]  # alpha-2, alpha-3, former, sport
    shown: dict[str, str]  # code to short English name
    usual: frozenset[str]  # keys of short English names and of the overlay
    suggestions: tuple[str, ...]


class _Fold(dict[int, str | None]):
    """A translation table for `str.translate` that works out each character once.

    Letters stay, marks of accent and direction vanish, the rest parts words.
    """

    _EXTRA: ClassVar[dict[str, str]] = {
        "ı": "i",
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "ə": "e",
    }
    _DROPPED = frozenset("'’‘`´ʻʼʹ′\u00ad")
    # Accents of Latin, Greek and Cyrillic; vowel points of Hebrew and Arabic. Vowel signs of Indic scripts are letters.
    _ACCENTS = (range(0x0300, 0x0370), range(0x0591, 0x05C8), range(0x064B, 0x0660), range(0x0670, 0x0671))

    def __missing__(self, point: int) -> str | None:
        char = chr(point)
        category = unicodedata.category(char)
        folded: str | None
        if char in self._DROPPED or category == "Cf" or any(point in accents for accents in self._ACCENTS):
            folded = None
        elif category[0] in "LMN":
            folded = self._EXTRA.get(char, char)
        else:
            folded = " "
        self[point] = folded
        return folded


_FOLD = _Fold()
_SHORT_FORMS = {
    "st": "saint",
    "ste": "saint",
    "rep": "republic",
    "repub": "republic",
    "dem": "democratic",
    "is": "islands",
    "fed": "federated",
    "people": "peoples",
}
_IGNORED = frozenset({"the", "of", "and"})
_INITIALS = re.compile(r"(?<!\S)\w(?: \w(?!\S))+")


def plain(text: str) -> str:
    """A text without case, accents, marks of direction and punctuation; initials ("D.P.R.K.") joined."""
    folded = text.casefold()
    if not text.isascii():
        folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    words = folded.translate(_FOLD).split()
    joined = " ".join(words)
    if len(words) < 2 or min(map(len, words)) > 1:
        return joined  # no initials; the pattern costs as much as the rest
    return _INITIALS.sub(lambda found: found[0].replace(" ", ""), joined)


def shown(text: str) -> str:
    """A text as it may stand in a message: what cannot be printed (controls, marks of direction, half pairs) is "?"."""
    return text if text.isprintable() else "".join(char if char.isprintable() else "?" for char in text)


def name_key(text: str) -> str:
    """What is compared of a country's name: its words without case, accents, punctuation and order."""
    words = plain(text).split()
    kept = [_SHORT_FORMS.get(word, word) for word in words if word not in _IGNORED]
    return " ".join(sorted(kept or words))


def _overlay() -> _Overlay:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the safe loader in C where libyaml is there
    text = files("sanctions_engine.intake").joinpath("data/countries.yaml").read_text(encoding="utf-8")
    overlay: _Overlay = yaml.load(text, Loader=loader)  # noqa: S506 - one of the two safe loaders
    return overlay


def _iso_names() -> Iterator[tuple[str, str]]:
    """Pairs of alpha-2 code and English name from pycountry."""
    for country in pycountry.countries:
        for attribute in ("name", "official_name", "common_name"):
            name = getattr(country, attribute, None)
            if name:
                yield country.alpha_2, name


def _library_names() -> Iterator[tuple[str, str]]:
    """Pairs of alpha-2 code and name from pycountry and rigour."""
    yield from _iso_names()
    iso = {country.alpha_2 for country in pycountry.countries} | {"XK"}
    for line in territories_jsonl().splitlines():
        territory = json.loads(line) if line.strip() else {}
        code = str(territory.get("code", "")).upper()
        if code in iso:
            names = [territory["name"], territory.get("full_name", "")]
            for name in [*names, *territory.get("names_strong", []), *territory.get("names_weak", [])]:
                yield code, name


def _by_key(names: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    """Codes by the key of each name; short keys are codes, and codes have a table of their own."""
    found: dict[str, set[str]] = {}
    for code, name in names:
        key = name_key(name)
        if len(key) > _THREE or not key.isascii():
            found.setdefault(key, set()).add(code)
    return {key: frozenset(codes) for key, codes in found.items()}


@cache
def _names() -> _Names:
    overlay = _overlay()
    ours: dict[str, set[str]] = {}
    for code, texts in overlay["aliases"].items():
        for text in texts:
            ours.setdefault(name_key(text), set()).add(code)
    notes: dict[str, str] = {}
    for entry in overlay["ambiguous"]:
        for text in entry["texts"]:
            key = name_key(text)
            ours[key] = set(entry["codes"])
            notes[key] = entry["note"]

    codes = dict(overlay["three_letter"])
    codes.update(overlay["former_codes"])
    shown: dict[str, str] = {}
    for country in pycountry.countries:
        codes[country.alpha_2] = codes[country.alpha_3] = country.alpha_2
        shown[country.alpha_2] = getattr(country, "common_name", country.name)
    codes.update({"XK": "XK", "XKX": "XK", HIGH_SEAS: HIGH_SEAS})
    shown.update(overlay["names"])
    english = _by_key([*_iso_names(), *((code, name) for code, name in shown.items() if code in codes)])
    usual = frozenset(ours) | {name_key(name) for name in (*shown.values(), *(name for _, name in _iso_names()))}
    suggestions = {name.casefold() for name in shown.values()}
    suggestions.update(text.casefold() for texts in overlay["aliases"].values() for text in texts if len(text) > _THREE)
    overlaid = {key: frozenset(found) for key, found in ours.items()}
    return _Names(overlaid, english, notes, codes, shown, usual, tuple(sorted(suggestions)))


@cache
def _library() -> dict[str, frozenset[str]]:
    """Every name of the libraries but the translations; a tenth of a second, so opened only when asked."""
    return _by_key(_library_names())


@cache
def _translations() -> dict[str, frozenset[str]]:
    """ISO 3166-1 names in the overlay's languages. A translation of bare "Congo" names two States, as the word does."""
    pairs: list[tuple[str, str]] = []
    for language in _overlay()["languages"]:
        path = Path(pycountry.LOCALES_DIR) / language / "LC_MESSAGES" / "iso3166-1.mo"
        if not path.is_file():
            continue
        with path.open("rb") as stream:
            catalogue = gettext.GNUTranslations(stream)
        for country in pycountry.countries:
            for attribute in ("name", "common_name"):
                name = getattr(country, attribute, None)
                translated = catalogue.gettext(name) if name else name
                if translated and translated != name:
                    codes = {"CD", "CG"} if name == "Congo" else {country.alpha_2}
                    pairs += ((code, translated) for code in codes)
    return _by_key(pairs)


_PARTS = re.compile(r"[()\[\]{}/;,|=]|\s[-–—]\s|:\s")


def _lookup(text: str) -> tuple[frozenset[str], str | None]:
    """Codes of a whole text, and a note; no codes where it is no name or code."""
    names = _names()
    key = name_key(text)
    if not key:
        return frozenset(), None
    if key in names.overlaid:
        return names.overlaid[key], names.notes.get(key)
    code_like = plain(text)  # not the key, in which "ST" and "IS" are "saint" and "islands"
    if code_like.isascii() and len(code_like) <= _THREE:
        code = names.codes.get(code_like.upper())
        return (frozenset({code}), None) if code else (frozenset(), None)
    if key.isascii() and key in names.english:
        return names.english[key], None  # no library has it for another State as well: tests/test_countries.py
    found = _library().get(key, frozenset())
    if not found or not key.isascii():
        found |= _translations().get(key, frozenset())
    return found, None


def _explain(text: str, codes: frozenset[str], note: str | None) -> CountryReading:
    if len(codes) > 1:
        listed = ", ".join(sorted(codes)[:-1]) + " or " + max(codes)
        note = f"“{shown(text)}” may be {listed}" + (f": {note}" if note else "")
    else:
        note = None
    return CountryReading(text, codes, note)


@lru_cache(maxsize=65_536)
def _read(text: str) -> CountryReading:
    codes, note = _lookup(text)
    if not codes:
        # "Myanmar (Burma)", "DPRK / North Korea": the parts must all be countries
        parts = [part for part in _PARTS.split(text) if plain(part)]
        found = [_lookup(part)[0] for part in parts] if len(parts) > 1 else []
        if found and all(found):
            agreed = frozenset.intersection(*found)
            codes = agreed or frozenset.union(*found)
            note = None if agreed else "its parts name different States"
    if not codes:
        written = text.strip()
        hint = did_you_mean(plain(written), _names().suggestions, cutoff=76) if len(plain(written)) > _THREE else ""
        what = f"{written[:60]!r} is not a country that is known{hint or '; write its usual name or ISO 3166 code'}"
        raise InputError([Problem("", what)])
    return _explain(text.strip(), codes, note)


def read_country(text: str) -> CountryReading:
    """Read a State from a name in any usual language and spelling, or from an ISO 3166 code.

    Two letters are an ISO code (or UK) and nothing else; three are ISO's, or sport's where those mean one country.

    Args:
        text: A name or code, such as ``D.P.R.K.``, ``КНДР``, ``Korea, North`` or ``kp``.

    Returns:
        One code where it is certain; several where the name is shared ("Korea", "Congo"): never a guess.

    Raises:
        InputError: It names no State; with the nearest known name.
    """
    if len(text) > MAX_LENGTH:
        what = f"{text[:40]!r}… is too long for a country ({len(text)} characters; at most {MAX_LENGTH})"
        raise InputError([Problem("", what)])
    return _read(text)


def codes_named(text: str) -> frozenset[str]:
    """States that a whole text is a name or code of, as `read_country` reads it; none, and no error, if it is none."""
    return _lookup(text)[0] if len(text) <= MAX_LENGTH else frozenset()


def country_name(code: str) -> str:
    """The short English name people use of a State ("DPRK"), or the code itself where it is none.

    Args:
        code: ISO 3166-1 alpha-2, a former State's code, XK or XZ.
    """
    return _names().shown.get(code, code)


def is_usual_name(text: str) -> bool:
    """Whether a text is a State's usual English name or one of the overlay's, not only some language's word for it.

    Where a town bears the name too, only such a name is certainly the State: "Salvador" is El Salvador in few languages
    and a city in Brazil in all.
    """
    return name_key(text) in _names().usual


def known_codes() -> frozenset[str]:
    """Every code a reading may contain: ISO 3166-1 alpha-2, XK, XZ and the former States of the overlay."""
    return frozenset(_names().shown)


_WORD = re.compile(r"(?:\w\.){2,}\w?|[^\W_]+(?:['’][^\W_]+)*")


@cache
def _mentions() -> tuple[dict[str, list[tuple[tuple[str, ...], frozenset[str]]]], frozenset[str]]:
    """Names to look for in a running text, by their first word, longest first; and those that are ordinary words."""
    overlay = _overlay()
    found: dict[tuple[str, ...], set[str]] = {}
    named = [*_names().shown.items(), *(pair for pair in _iso_names() if "," not in pair[1])]
    for listed in (overlay["aliases"], overlay["demonyms"]):
        named += [(code, name) for code, names in listed.items() for name in names]
    named += [(code, name) for entry in overlay["ambiguous"] for name in entry["texts"] for code in entry["codes"]]
    for code, name in named:
        words = tuple(plain(name).split())
        if code != HIGH_SEAS and len("".join(words)) > 2:  # two letters are mostly something else
            found.setdefault(words, set()).add(code)
    by_first: dict[str, list[tuple[tuple[str, ...], frozenset[str]]]] = {}
    for words, codes in sorted(found.items(), key=lambda item: -len(item[0])):
        by_first.setdefault(words[0], []).append((words, frozenset(codes)))
    return by_first, frozenset(overlay["ordinary_words"])


def mentioned_countries(text: str) -> dict[str, tuple[int, int]]:
    """States a running text mentions by a usual English name, an alias of the overlay or a people's name.

    A mention decides nothing; it opens a question. The longest name counts ("South Korea" is not "Korea"); a name that
    is an ordinary word, or has three letters, counts only with capitals. Inflected forms of other languages are missed.

    Returns:
        By code, the place of its first mention: start and end in the text. A shared name mentions every State of it.
    """
    by_first, ordinary = _mentions()
    words = [(plain(found[0]), found.start(), found.end()) for found in _WORD.finditer(text)]
    mentioned: dict[str, tuple[int, int]] = {}
    at = 0
    while at < len(words):
        step = 1
        for name, codes in by_first.get(words[at][0], ()):
            if tuple(word for word, _, _ in words[at : at + len(name)]) != name:
                continue
            start, end = words[at][1], words[at + len(name) - 1][2]
            written = text[start:end]
            joined = " ".join(name)
            lower = written == written.lower() != written.upper()
            if (joined in ordinary and lower) or (
                len(joined) <= _THREE and joined.isascii() and written != written.upper()
            ):
                continue
            for code in codes:
                mentioned.setdefault(code, (start, end))
            step = len(name)
            break
        at += step
    return mentioned
