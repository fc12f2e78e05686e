"""Say whether a described party or vessel is one on the list: yes, no, or what would settle it."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import get_args

from rapidfuzz import fuzz

from sanctions_engine.errors import InputError, Problem, did_you_mean
from sanctions_engine.intake.imo import valid_imo
from sanctions_engine.intake.screening.entries import Kind, ListEntry, ListInfo, Period, UnList, describe
from sanctions_engine.intake.screening.index import Likeness, ListedName, NameIndex
from sanctions_engine.intake.screening.lexicon import COMMON_ACRONYMS
from sanctions_engine.intake.screening.spelling import has_arabic, has_han, readings
from sanctions_engine.intake.screening.store import ChosenLists, ListStore
from sanctions_engine.truth import Truth

__all__ = ["HIT", "POSSIBLE", "Feature", "Match", "Screener"]

HIT = 0.86
"""Score from which a name that is distinctive enough is the listed one.

Chosen so that next to nothing is called a hit that is none. On the tuned, held-out and blind set of
``benchmarks/screening.py`` (the whole list of 2026-02-27) hits alone find 66.4, 65.6 and 66.2 per cent of distorted
listed names and flag 0.3, 0.0 and 0.0 per cent of names that must not match: a precision of 99.7, 100 and 100 per
cent. 0.82 finds 0.3 to 0.5 points more at the same alarms; 0.90 finds 2.4 to 2.7 points less. What is missed is mostly
common names, which stay candidates until a birth date or a nationality is known.
"""
POSSIBLE = 0.76
"""Score from which a name may be the listed one.

Hits and candidates together find 96.1, 96.4 and 96.3 per cent of distorted listed names (tuned, held-out and blind
set; 90.3 on the first run of the last) and flag 3.0, 2.1 and 1.8 per cent of near-misses and ordinary names: a
precision of 97.9, 98.5 and 98.6 per cent. 0.80 finds 94.9, 95.8 and 95.4 and flags 1.8, 1.1 and 0.6; 0.72 finds 96.6,
96.7 and 97.0 and flags 4.5, 4.2 and 4.6: below, look-alikes grow faster than finds.
"""

_DISTINCT_PERSON = 1.45
_DISTINCT_OTHER = 0.62
_ANSWERED = 0.85  # a hit leaves no telling part of the query unexplained
_FULL_NAME = 0.25  # each further part of a name that agrees in full
_LONGEST_NAME = 18
"""Words; what is longer is a text in which names may stand."""
_SPOTS = 500
_AROUND = 5
_CACHE = 65_536
_LONGEST_REMEMBERED = 500

Feature = tuple[str, float, float]
"""Name of a feature, its value (0 to 1, or -1 for a contradiction), and its weight in the decision."""


@dataclass(frozen=True, slots=True)
class Match:
    """One entry that a screened name may be.

    Args:
        entry: The list entry.
        truth: TRUE for a hit, UNKNOWN for a candidate, FALSE for a look-alike that a fact contradicts.
        score: 0 to 1; how like the names are, 1 where an identifying number agrees.
        query: The name as asked (the alias, where an alias matched).
        name: The listed name or alias that matched.
        features: What the decision was made of, as (name, value, weight).
        contradiction: The fact that rules the entry out, for people; ``None`` where none does.
        why: The decision in one line.
        asks: Facts that would settle a candidate: ``birth_date``, ``nationality``, ``imo``,
            ``identifiers``, ``aliases``. Empty unless the truth is UNKNOWN.
    """

    entry: ListEntry
    truth: Truth
    score: float
    query: str
    name: str
    features: tuple[Feature, ...]
    contradiction: str | None
    why: str
    asks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is known of the party beside its names."""

    kind: Kind | None
    birth: Period | None
    countries: frozenset[str]
    identifiers: frozenset[str]
    imo: str | None


_ROLES = {
    "name": "the listed name",
    "alias": "the alias",
    "former": "the former name",
    "low": "the weak alias",
    "script": "the original name",
    "acronym": "the acronym",
    "usual": "the usual name, which the list does not give,",
}
_WRITTEN_ALIKE = 60.0
"""Per cent of letters that a name of one word shares with the listed word it sounds like, at least."""
_RANK = {Truth.TRUE: 2, Truth.UNKNOWN: 1, Truth.FALSE: 0}
_COUNTRY_CODE = re.compile("[A-Za-z]{2}")
_IMO = re.compile(r"IMO\d{7}")
_PARENTHESIS = re.compile(r"\(([^()]*)\)")
_REMARK = re.compile(
    r"(?i)^(?:formerly|previous|birth|born|false|nom de|also|known|original|in arabic|k[a-z]e\.|appears|spelling|name)"
)


def _normal_identifier(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKC", text).upper() if char.isalnum())


def _unparenthesised(text: str) -> Iterator[tuple[str, str]]:
    """Names within one listed text, each with ``acronym`` or empty: ``;`` separates, ``( )`` holds others."""
    insides = [inside.strip() for inside in _PARENTHESIS.findall(text)]
    outside = _PARENTHESIS.sub(" ", text).replace("(", " ").replace(")", " ")
    pieces = [piece.strip() for piece in outside.split(";") if piece.strip()]
    for piece in pieces:
        yield piece, ""
        first, _, second = piece.partition(" AND ")
        if second and " " in first and second.startswith(first):  # Bank X and Bank X International
            yield first, ""
            yield second, ""
    foreign = bool(pieces) and not any(char.isascii() and char.isalpha() for char in pieces[0])
    for inside in insides:
        if not inside or _REMARK.match(inside) or len(inside.split()) > 8:
            continue
        letters = [char for char in inside if char.isalpha()]
        if not letters:
            continue
        if foreign or not letters[0].isascii() or ";" in inside:
            for piece in inside.split(";"):
                if piece.strip() and not _REMARK.match(piece.strip()):
                    yield piece.strip(), ""
        elif " " not in inside and len(inside) <= 10 and sum(map(str.isupper, letters)) * 2 > len(letters):
            yield inside, "acronym"
        elif len(pieces) == 1 and len(inside.split()) <= 3:
            yield text.replace("(", " ").replace(")", " "), ""


def _names_of(position: int, entry: ListEntry) -> Iterator[ListedName]:
    korean = entry.regime == "un.dprk" or "KP" in entry.nationalities
    roles = [(name, "name") for name in entry.names]
    roles += [
        (alias.name, {"low": "low", "fka": "former", "usual": "usual"}.get(alias.quality, "alias"))
        for alias in entry.aliases
    ]
    roles += [(name, "script") for name in entry.original_script]
    seen: set[tuple[str, ...]] = set()
    for text, role in roles:
        for piece, special in _unparenthesised(text):
            if special and len(piece) < 2:
                continue
            kind = "script" if has_arabic(piece) or has_han(piece) else special or role
            key = tuple(word for reading in readings(piece)[:1] for word in reading)
            if key and key not in seen:
                seen.add(key)
                yield ListedName(position, piece, kind, korean, firm=entry.kind == "entity")


def _ways_to_read(name: str) -> Iterable[tuple[str, ...]]:
    """Readings of a query as a whole and, where it has brackets or semicolons, of the names they part."""
    whole = readings(name)
    if not ("(" in name or ";" in name) or len(name) > 1000:
        return whole
    pieces = [piece for piece, special in _unparenthesised(name) if not special or len(piece) > 3]
    return dict.fromkeys((*whole, *(words for piece in pieces for words in readings(piece))))


class Screener:
    """Screens names against one list.

    Build it with :meth:`installed` or :meth:`from_list`; it is immutable but for its cache, and may be
    shared between threads.
    """

    __slots__ = ("_by_identifier", "_by_imo", "_cache", "_entries", "_index", "_names", "_written", "info")

    def __init__(self, entries: Sequence[ListEntry], info: ListInfo) -> None:
        self._entries = tuple(entries)
        self._names = [name for at, entry in enumerate(self._entries) for name in _names_of(at, entry)]
        self._index = NameIndex(self._names)
        self._written: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for at, name in enumerate(self._names):
            for words in readings(name.text)[:1] if name.role != "low" else ():
                if len(words) > 1:
                    self._written[words].append(at)
        self._by_imo: dict[str, list[int]] = defaultdict(list)
        self._by_identifier: dict[str, list[int]] = defaultdict(list)
        for at, entry in enumerate(self._entries):
            if entry.imo:
                self._by_imo[entry.imo].append(at)
            for identifier in entry.identifiers:
                number = _normal_identifier(identifier.number)
                if len(number) >= 5:
                    self._by_identifier[number].append(at)
        self._cache: dict[object, tuple[Match, ...]] = {}
        self.info = info

    @classmethod
    def from_list(cls, un_list: UnList) -> Screener:
        """A screener over a list as read."""
        return cls(un_list.entries, describe(un_list))

    @classmethod
    def installed(cls, as_of: date | None = None, *, store: ListStore | None = None) -> Screener:
        """A screener over the newest installed list, or the newest that was out on a day.

        Args:
            as_of: Day whose knowledge counts; ``None`` for what is newest.
            store: Where lists are installed; the usual place if left out.

        Returns:
            Over the starter list where none is installed (``info.starter`` says so). Where every installed
            list is younger than the day, the oldest serves, without what was listed later, and
            ``info.notes`` says so.
        """
        return _over((store or ListStore.default()).choose(as_of))

    @property
    def entries(self) -> tuple[ListEntry, ...]:
        """All entries, sorted by reference."""
        return self._entries

    def screen(
        self,
        name: str,
        *,
        aliases: Sequence[str] = (),
        kind: str | None = None,
        birth_date: str | None = None,
        countries: Collection[str] = (),
        identifiers: Collection[str] = (),
        imo: str | None = None,
    ) -> tuple[Match, ...]:
        """Entries that this party or vessel is, may be, or only looks like.

        Args:
            name: In any script, order and spelling. A text of more than 18 words is searched for telling names.
            aliases: Its other names; each is screened, the best match of an entry stands.
            kind: ``individual``, ``entity`` or ``vessel``; ``None`` where unknown: all are searched.
            birth_date: Year, month or day (``1964``, ``1964-06``, ``1964-06-18``).
            countries: ISO codes of nationality or jurisdiction.
            identifiers: Passport and other numbers.
            imo: IMO number of a vessel or company.

        Returns:
            Best first: hits, candidates, contradicted look-alikes. Empty where nothing on the list is alike.

        Raises:
            InputError: The kind, the birth date or a country code cannot be read: taken for another one, it would
                rule out the entry that it stands for.
        """
        key = (name, tuple(aliases), kind, birth_date, frozenset(countries), frozenset(identifiers), imo)
        found = self._cache.get(key)
        if found is None:
            facts = _read_facts(kind, birth_date, countries, identifiers, imo)
            found = self._screen((name, *aliases), facts)
            if len(self._cache) >= _CACHE:
                self._cache.clear()
            if len(name) <= _LONGEST_REMEMBERED:
                self._cache[key] = found
        return found

    def screen_many(self, names: Iterable[str], *, kind: str | None = None) -> Iterator[tuple[Match, ...]]:
        """Screen names one after the other, with nothing known beside them but perhaps the kind."""
        facts = _read_facts(kind, None, (), (), None)
        return (self._screen((name,), facts) for name in names)

    def _screen(self, names: Sequence[str], facts: _Facts) -> tuple[Match, ...]:
        best: dict[int, Match] = {}
        for name in names:
            for words in _ways_to_read(name):
                for likeness in self._alike(words):
                    listed = self._names[likeness.name]
                    entry = self._entries[listed.entry]
                    if facts.kind and facts.kind != entry.kind:
                        continue
                    if _only_sounds_alike(likeness):
                        continue
                    match = _judge(entry, listed, likeness, name, facts)
                    earlier = best.get(listed.entry)
                    if earlier is None or _order(match) < _order(earlier):
                        best[listed.entry] = match
        if facts.imo or facts.identifiers:
            self._add_numbers(best, names[0], facts)
        return tuple(sorted(best.values(), key=_order)) if best else ()

    def _alike(self, words: tuple[str, ...]) -> Iterable[Likeness]:
        if len(words) <= _LONGEST_NAME:
            found = self._index.search(words, POSSIBLE)
            if words not in self._written:
                return found
            # A listed name of titles and common parts alone (Hafiz Saeed) is a candidate where it is given as listed.
            known = {likeness.name for likeness in found}
            return found + [
                Likeness(at, POSSIBLE, 1.0, 1.0, 0.5, 1, ()) for at in self._written[words] if at not in known
            ]
        # This is a text, not a name: look around each word that is telling and listed.
        spots = [at for at, word in enumerate(words) if self._index.is_telling(word)]
        windows = {
            words[start:end]
            for at in spots[:_SPOTS]
            for start in range(max(0, at - _AROUND + 1), at + 1)
            for end in range(at + 1, min(len(words), start + _AROUND) + 1)
        }
        best: dict[int, Likeness] = {}
        for window in windows:
            for likeness in self._index.search(window, POSSIBLE):
                if likeness.name not in best or likeness.score > best[likeness.name].score:
                    best[likeness.name] = likeness
        return best.values()

    def _add_numbers(self, best: dict[int, Match], name: str, facts: _Facts) -> None:
        """An IMO number that agrees beats any name; a document number needs a name that is not another."""
        for at in self._by_imo.get(facts.imo or "", ()):
            entry = self._entries[at]
            best[at] = Match(
                entry=entry,
                truth=Truth.TRUE,
                score=1.0,
                query=name,
                name=entry.name,
                features=(("imo", 1.0, 1.0),),
                contradiction=None,
                why=f"IMO {facts.imo} is {entry.name} ({entry.reference})",
                asks=(),
            )
        for number in facts.identifiers:
            for at in self._by_identifier.get(number, ()):
                entry, named = self._entries[at], best.get(at)
                if named is not None and named.truth is Truth.TRUE:
                    continue
                alike = named is not None
                best[at] = Match(
                    entry=entry,
                    truth=Truth.TRUE if alike else Truth.UNKNOWN,
                    score=1.0 if alike else 0.8,
                    query=name,
                    name=named.name if named else entry.name,
                    features=(*(named.features if named else ()), ("identifier", 1.0, 1.0)),
                    contradiction=None,
                    why=f"number {number} is listed for {entry.name} ({entry.reference})"
                    + ("" if alike else ", under another name"),
                    asks=() if alike else ("aliases", "birth_date" if entry.kind == "individual" else "nationality"),
                )


@lru_cache(maxsize=8)
def _over(chosen: ChosenLists) -> Screener:
    """The screener over some lists, made once for all who ask for them."""
    return Screener(*chosen.read())


def _order(match: Match) -> tuple[int, float, float, str]:
    distinction = sum(value for feature, value, _ in match.features if feature == "distinction")
    return -_RANK[match.truth], -match.score, -distinction, match.entry.reference


def _read_facts(
    kind: str | None,
    birth_date: str | None,
    countries: Collection[str],
    identifiers: Collection[str],
    imo: str | None,
) -> _Facts:
    kinds: tuple[Kind, ...] = get_args(Kind)
    chosen: Kind | None = None
    if kind is not None:
        chosen = next((known for known in kinds if known == kind), None)
        if chosen is None:
            raise InputError([Problem("kind", f"{kind[:40]!r} is no kind of listed party{did_you_mean(kind, kinds)}")])
    for code in countries:
        if not _COUNTRY_CODE.fullmatch(code):
            raise InputError([Problem("countries", f"{code[:40]!r} is no ISO 3166 code of two letters (KP)")])
    numbers = frozenset(filter(None, (_normal_identifier(text) for text in identifiers)))
    named = next((number for number in numbers if _IMO.fullmatch(number)), "")  # an identifier that says it is one
    number = re.sub(r"(?i)^imo|\s", "", imo or named).strip(" .:#-") or None
    return _Facts(
        kind=chosen,
        birth=Period.read(birth_date) if birth_date else None,
        countries=frozenset(code.upper() for code in countries),
        identifiers=numbers,
        imo=number,
    )


def _near(first: date, second: date) -> bool:
    """Whether two days differ as by a slip: day and month exchanged, or one of the three parts."""
    if (first.month, first.day) == (second.day, second.month) and first.year == second.year:
        return True
    same = (first.year == second.year) + (first.month == second.month) + (first.day == second.day)
    return same == 2 and abs(first.year - second.year) <= 1


def _birth(entry: ListEntry, asked: Period | None) -> tuple[str, float]:
    """How a birth date stands to the listed ones: none, day, year, near or other; and its evidence."""
    if asked is None or not entry.birth_dates:
        return "none", 0.0
    result = "other"
    for listed in entry.birth_dates:
        if listed.earliest <= asked.latest and asked.earliest <= listed.latest:
            if listed.is_day and asked.is_day:
                return "day", 2.0
            result = "year" if listed.latest.year - listed.earliest.year < 2 else "range"
        elif result == "other" and (
            (listed.is_day and asked.is_day and _near(listed.earliest, asked.earliest))
            or (listed.approximate and abs(listed.earliest.year - asked.earliest.year) <= 2)
        ):
            result = "near"
    return result, {"year": 0.7, "range": 0.3}.get(result, 0.0)


def _only_sounds_alike(likeness: Likeness) -> bool:
    """Whether all there is to a match is one word that sounds alike and is written quite otherwise.

    "Comet" is not KOMID and "Tech" is not Daesh: without a second word, a sound is no likeness of names.
    """
    if len(likeness.pairs) != 1:
        return False
    (ours, theirs, similarity), *_ = likeness.pairs
    return (
        similarity < 1
        and ours.isascii()
        and theirs.isascii()
        and fuzz.ratio(ours.casefold(), theirs.casefold()) < _WRITTEN_ALIKE
    )


def _judge(entry: ListEntry, listed: ListedName, likeness: Likeness, query: str, facts: _Facts) -> Match:
    """The decision on one entry from what the names and the other facts say."""
    features: list[Feature] = [
        ("name", round(likeness.score, 4), 1.0),
        ("parts_of_query", round(likeness.covered_query, 4), 0.5),
        ("parts_of_listed", round(likeness.covered_name, 4), 0.5),
        ("distinction", round(likeness.distinction, 4), 1.0),
    ]
    reasons = [f"{query[:80]!r} is like {_ROLES[listed.role]} {listed.text[:120]!r}"]
    evidence = 0.0
    contradiction: str | None = None
    softened = False  # a fact speaks against the entry without ruling it out
    listed_countries = frozenset(entry.nationalities or (address.country for address in entry.addresses)) - {""}

    birth, says = _birth(entry, facts.birth) if entry.kind == "individual" else ("none", 0.0)
    if birth != "none":
        evidence += says
        listed_dates = " or ".join(map(str, entry.birth_dates[:4]))
        if birth == "other":
            features.append(("birth_date", -1.0, 2.0))
            contradiction = f"born {facts.birth}, but {entry.reference} was born {listed_dates}"
        else:
            features.append(("birth_date", {"day": 1.0, "year": 0.7, "range": 0.4, "near": 0.0}[birth], 2.0))
            softened = birth == "near"
            reasons.append(f"birth date {'is close to' if softened else 'agrees with'} {listed_dates}")
    if facts.countries and listed_countries:
        shared = facts.countries & listed_countries
        if shared:
            evidence += 0.35
            features.append(("nationality", 1.0, 0.35))
            reasons.append(f"{'/'.join(sorted(shared))} is listed")
        else:
            features.append(("nationality", -1.0, 1.0))
            said, stands = "/".join(sorted(facts.countries)), "/".join(sorted(listed_countries))
            text = f"of {said}, but {entry.reference} is of {stands}"
            strong = entry.kind == "entity" and likeness.score >= 0.97 and likeness.distinction >= _DISTINCT_OTHER
            if birth == "day" or strong:
                softened = True  # a second nationality, or a branch abroad
                reasons.append(text)
            else:
                contradiction = contradiction or text
    if facts.imo and entry.kind == "vessel" and entry.imo and facts.imo != entry.imo:
        features.append(("imo", -1.0, 1.0))
        contradiction = f"IMO {facts.imo}, but {entry.reference} is another vessel's number"
        if not valid_imo(facts.imo) and _slip(facts.imo, entry.imo):
            softened, contradiction = True, None
            reasons.append(f"IMO {facts.imo} fails its check digit and is a slip away from {entry.imo}")

    asks: tuple[str, ...] = ()
    if contradiction:
        truth = Truth.FALSE
        reasons.append(contradiction)
    elif not softened and _is_hit(entry, listed, likeness, evidence):
        truth = Truth.TRUE
    else:
        truth = Truth.UNKNOWN
        asks = _asks(entry, facts)
        if likeness.score >= HIT and not softened:
            reasons.append("too common a name to tell without more")
    return Match(
        entry=entry,
        truth=truth,
        score=round(likeness.score, 4),
        query=query,
        name=listed.text,
        features=tuple(features),
        contradiction=contradiction,
        why="; ".join(reasons),
        asks=asks,
    )


def _is_hit(entry: ListEntry, listed: ListedName, likeness: Likeness, evidence: float) -> bool:
    if entry.kind == "vessel":  # ships' names are not unique; their numbers are
        return False
    if likeness.score < HIT or likeness.covered_query < _ANSWERED:
        return evidence >= 2 and likeness.distinction >= 0.5
    if entry.kind == "individual":
        if listed.role in ("low", "acronym") or likeness.matched < 2:
            return evidence >= 2
        fullness = _FULL_NAME * max(0, likeness.matched - 2) if likeness.score >= 0.93 else 0.0
        return likeness.distinction + fullness + evidence >= _DISTINCT_PERSON
    word = listed.text.strip("\"'“”‘’").casefold()
    if " " not in word and _is_weak_alone(word):
        return False
    needed = _DISTINCT_OTHER - min(evidence, 0.35)
    return likeness.distinction > needed


def _is_weak_alone(word: str) -> bool:
    """Whether a single word is a name of too many things: two or three letters, or a word like NADA."""
    return word in COMMON_ACRONYMS or (len(word) < 4 and word.isalpha()) or len(word) < 3


def _slip(first: str, second: str) -> bool:
    """Whether two numbers of one length differ in one digit, or in two neighbours exchanged."""
    differ = [at for at, (a, b) in enumerate(zip(first, second, strict=False)) if a != b]
    return len(first) == len(second) and (
        len(differ) == 1 or (len(differ) == 2 and sorted(first) == sorted(second) and differ[1] == differ[0] + 1)
    )


def _asks(entry: ListEntry, facts: _Facts) -> tuple[str, ...]:
    """Facts that are not known of the party and would tell it from the entry."""
    wanted = []
    if entry.kind == "vessel":
        if entry.imo and not facts.imo:
            wanted.append("imo")
    else:
        if entry.kind == "individual" and entry.birth_dates and (facts.birth is None or not facts.birth.is_day):
            wanted.append("birth_date")
        if not facts.countries and (entry.nationalities or entry.addresses):
            wanted.append("nationality")
        if entry.imo and not facts.imo:
            wanted.append("imo")
        if entry.identifiers and not facts.identifiers:
            wanted.append("identifiers")
    return tuple(wanted) or ("aliases",)
