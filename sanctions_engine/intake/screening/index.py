"""Find listed names like a given one, and say how like, without looking at the whole list.

Every listed name is cut into *units*: its parts, and neighbouring parts written as one word. A unit
knows which parts of the name it covers, as a bit mask. A query is cut the same way, so that
``Nam Chon Gang``, ``Namchon-gang`` and ``NAMCHONGANG`` meet. For each unit of the query the index
finds listed units that are spelled alike (same sound, same skeleton, one edit away); names are then
reached from the rarest parts of the query first, and only as long as a name reached that way could
still score enough. An ordinary name has a part that nobody on the list has, and ends there.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

from rapidfuzz.distance import OSA

from sanctions_engine.intake.screening.lexicon import (
    EVERYDAY,
    FORMS,
    GENERIC,
    PARTICLES,
    TITLES,
    familiarity,
    is_company_form,
)
from sanctions_engine.intake.screening.spelling import MAX_PART, has_arabic, korean, readings, skeleton, sound

__all__ = ["Likeness", "ListedName", "NameIndex", "split_name"]

_MAX_PARTS = 12
"""Parts that one comparison looks at."""
_JOINED_LENGTH = 20
_REMEMBERED = 200_000
_SAME_SOUND = 0.96
_OTHER_SOUND = 0.92
_LEAST_ALIKE = 0.7
_OTHER_VOWEL = 0.55  # what an edit costs between words of the same consonants
_LOOKS_LIKE = (("rn", "m"), ("cl", "d"), ("vv", "w"))  # read from paper or a screen, one for the other
_INITIAL = 0.75
_FREQUENT = math.log(60)
_ALONE = 0.9  # a name of one short part must be spelled nearly so
_TELLING_ENOUGH = 0.8  # common parts make no candidate of a name that has another part too
_DOUBT = 1.5  # how much more a part spelled otherwise loses than its share of edits
_ASKED = 0.6  # weight of the query's coverage against the listed name's: people leave out more than they add
_GENERIC = 0.4  # parts that tell less may be missing in a shortened name of a body
_FLOOR = 0.30  # what a part of no distinction still counts in coverage, so that dropping it is not free


@dataclass(frozen=True, slots=True)
class ListedName:
    """One name under which an entry can be found.

    Args:
        entry: Position of the entry in the list.
        text: As listed.
        role: ``name``, ``alias``, ``former``, ``low``, ``script``, ``acronym`` or ``usual``.
        korean: Whether its parts may be Korean ones.
        firm: Whether it is a body's name, whose generic words people leave out ("Ryonha Machinery").
    """

    entry: int
    text: str
    role: str
    korean: bool = False
    firm: bool = False


@dataclass(frozen=True, slots=True)
class Likeness:
    """How like a query a listed name is.

    Args:
        name: Position of the listed name.
        score: 0 to 1; 1 where every part has its equal.
        covered_query: Share of the query's weight that found a counterpart.
        covered_name: Share of the listed name's weight that did.
        distinction: Sum of what the matched parts say: a "Kim" 0.2, a part that one entry has 1.
        matched: Number of matched parts of the listed name.
        pairs: What was matched with what: query part, listed part, similarity.
    """

    name: int
    score: float
    covered_query: float
    covered_name: float
    distinction: float
    matched: int
    pairs: tuple[tuple[str, str, float], ...]


def _abd(words: Sequence[str]) -> list[tuple[str, str]]:
    """``Abd al-Rahman``, ``Abdul Rahman``, ``Abdurrahman`` as one part each, beside what was written."""
    out: list[tuple[str, str]] = []
    position = 0
    while position < len(words):
        word = words[position]
        position += 1
        if word in _ABD_ALONE:
            following = position
            if following < len(words) and words[following] in _ARTICLES:
                following += 1
            if following < len(words) and len(words[following]) > 2:
                written = "".join(words[position - 1 : following + 1])
                out.append((_ABD_ALONE[word] + _unassimilated(words[following]), written))
                position = following + 1
                continue
        elif word.startswith("abd") and len(word) > 6:
            out.append(("abd" + _unassimilated(_without_article(word[3:])), word))
            continue
        elif word.startswith("عبدال") and len(word) > 6:
            out.append(("عبد" + word[5:], word))
            continue
        out.append((word, word))
    return out


_ARTICLES = frozenset(("al", "el", "ul", "ur", "ar", "as", "es", "us"))
_SERVANTS = ("abd", "عبد")
_ABD_ALONE = dict.fromkeys(
    ("abd", "abdul", "abdel", "abdal", "abdol", "abdu", "abdou", "abdur", "abdus", "abdi"), "abd"
)
_ABD_ALONE |= {"عبد": "عبد"}


def _unassimilated(word: str) -> str:
    if word.startswith("ال"):
        return word[2:]
    return "allah" if word in ("lah", "ullah", "allah", "illah", "ellah", "alla", "ulla", "ulah", "alah") else word


def _without_article(rest: str) -> str:
    """What follows ``abd`` without the article: ``urrahman``, ``elkader``, ``aziz``."""
    if rest in ("ullah", "ullahi", "allah", "ulla", "alla", "ellah", "ulah", "alah"):
        return "allah"
    if rest[0] in "aeiou":
        if len(rest) > 4 and rest[1] == "l":
            return rest[2:]
        if len(rest) > 4 and rest[1] == rest[2]:
            return rest[2:]
        if len(rest) > 4 and rest[0] in "ueoi" and rest[1] not in "aeiou":
            return rest[1:]
    return rest


def _says_nothing(word: str) -> bool:
    return word in PARTICLES or word in TITLES or is_company_form(word)


_Variant = tuple[str, int, float]
"""Another writing of some parts of a name: the word, the mask of parts it stands for, and what it is worth."""
_SERVANT = 0.85  # Jabbar for Abd al-Jabbar


def _split_plain(words: Sequence[str], silent: Sequence[int]) -> tuple[list[str], list[_Variant]]:
    """As :func:`split_name`, for names without ``abd`` of which some words say nothing."""
    carrying: list[str] = []
    variants: list[_Variant] = []
    before = ""  # the word before, if it says nothing
    for at, word in enumerate(words):
        if not silent[at]:
            if len(carrying) == _MAX_PARTS:
                break
            carrying.append(word)
            if before and 3 < len(before) + len(word) <= _JOINED_LENGTH:
                variants.append((before + word, 1 << (len(carrying) - 1), 1.0))
            before = ""
        else:
            if at and not silent[at - 1] and 3 < len(words[at - 1]) + len(word) <= _JOINED_LENGTH:
                variants.append((words[at - 1] + word, 1 << (len(carrying) - 1), 1.0))
            before = word
    return carrying, variants


def split_name(words: Sequence[str]) -> tuple[list[str], list[_Variant]]:
    """Separate the parts that carry a name from titles, joining words and company forms.

    Args:
        words: Parts in order.

    Returns:
        The carrying parts, and other writings of them: two neighbours of any sort as one word (``binladen``,
        ``financelimited``), ``abdulrahman`` as it was written, and ``rahman`` for it.
    """
    silent = list(map(_says_nothing, words))
    compound = any(word.startswith(_SERVANTS) for word in words)
    if not compound:
        if not any(silent):
            return list(words[:_MAX_PARTS]), []
        if not all(silent):
            return _split_plain(words, silent)
    merged = _abd(words) if compound else [(word, word) for word in words]
    masks: list[int] = []
    carrying: list[str] = []
    for word, _ in merged:
        drop = _says_nothing(word) or len(carrying) == _MAX_PARTS
        masks.append(0 if drop else 1 << len(carrying))
        if not drop:
            carrying.append(word)
    if not carrying:
        kept = [at for at, (word, _) in enumerate(merged) if word not in PARTICLES] or list(range(len(merged)))
        for at in kept[:_MAX_PARTS]:
            masks[at] = 1 << len(carrying)
            carrying.append(merged[at][0])
    variants: list[_Variant] = []
    for at, (word, written) in enumerate(merged):
        if written is not word and masks[at]:
            variants += [(written, masks[at], 1.0), (word[3:], masks[at], _SERVANT)]
        if at and masks[at - 1] | masks[at] and not (masks[at - 1] and masks[at]):
            variants.append((merged[at - 1][1] + written, masks[at - 1] | masks[at], 1.0))
    return carrying, [variant for variant in variants if 3 < len(variant[0]) <= _JOINED_LENGTH]


def _joined(carrying: Sequence[str]) -> list[tuple[str, int]]:
    """Two or three neighbouring parts as one word, with the mask of the parts they cover."""
    out = []
    for length in (2, 3):
        for start in range(len(carrying) - length + 1):
            word = "".join(carrying[start : start + length])
            if len(word) <= _JOINED_LENGTH and word.isalpha():
                out.append((word, ((1 << length) - 1) << start))
    return out


_Numbers = tuple[int, ...]


def _add(table: dict[str, _Numbers], key: str, alone: _Numbers) -> None:
    """Add one number, given as a tuple of it that its keys share: most keys have no other, and memory counts."""
    held = table.get(key)
    if held is None:
        table[key] = alone
    elif held[-1] != alone[0]:
        table[key] = held + alone


def _shortened(text: str) -> list[str]:
    """The text, and what is left of it without any one letter: two words a slip apart have one of these in common."""
    return [text, *[text[:i] + text[i + 1 :] for i in range(len(text))]]


_Near = tuple[tuple[int, float], ...]
"""Listed units spelled like a word, each with what it is worth as the same: 1 for an equal, less for a slip."""
_Word = tuple[float, _Near, float, str, int]
"""What is known of a word of a query: its cost, the units near it, the best of them, its sound, and whether it is
a part like any other, says nothing (a title, joining word or company form) or begins with ``abd``."""
_ORDINARY, _SILENT, _SERVANT_OF = 0, 1, 2


@dataclass(slots=True)
class _Listed:
    """A listed name, cut up: its parts, what each counts in coverage, what each tells, and its numbers.

    Of a body's name, ``proper`` masks the parts that no shortened form of it leaves out, and ``rare`` those of them
    that tell it by themselves; both are 0 for other names.
    """

    parts: tuple[str, ...]
    costs: tuple[float, ...]
    total: float
    tellings: tuple[float, ...]
    digits: frozenset[str]
    proper: int
    rare: int


@dataclass(slots=True)
class _Query:
    """A query, cut up, with the listed units near each of its own."""

    carrying: Sequence[str]
    costs: list[float]
    total: float
    floor: float
    units: dict[int, list[tuple[int, float]]]
    digits: frozenset[str]
    words: int
    initials: list[int]
    proper: int
    """Mask of all that is no generic word, where that is one listed unit; else 0."""


def _coverage_needed(score: float, weight: float = _ASKED) -> float:
    """Coverage that a score needs at least of the side that weighs so much, however well the other is covered."""
    return weight / (1 / score - 1 + weight)


def _worth(similarity: float) -> float:
    return 1 - _DOUBT * (1 - similarity)


_WORTH_SAME = _worth(_SAME_SOUND)


def _typo(word: str, other: str, heard: str, other_heard: str) -> float:
    """Similarity of two words that differ by slips of the finger: 1 less the edits as a share of the length."""
    if word[:3] == other[:3] == "abd" and min(len(word), len(other)) > 5:
        word, other = word[3:], other[3:]
        heard, other_heard = sound(word), sound(other)
    if len(word) == len(other) <= 4 and sorted(word) != sorted(other):
        return 0.0  # one letter for another makes another short name: yong, tong
    similarity = OSA.normalized_similarity(heard, other_heard)
    if word != heard or other != other_heard:
        similarity = max(similarity, OSA.normalized_similarity(word, other))
    # Slips seldom fall on the first letter.
    return similarity if heard[:1] == other_heard[:1] else similarity - 0.06


class NameIndex:
    """An index over listed names.

    Args:
        names: Listed names; their positions identify them in results.
    """

    __slots__ = (
        "_by_deletion",
        "_by_korean",
        "_by_other_sound",
        "_by_skeleton",
        "_by_sound",
        "_counts",
        "_forms",
        "_heard",
        "_listed",
        "_looked",
        "_names",
        "_numbers",
        "_postings",
        "_units",
        "_vocabulary",
        "_words",
    )

    def __init__(self, names: Sequence[ListedName]) -> None:
        self._names = names
        self._vocabulary: dict[str, int] = {}
        self._words: list[str] = []
        self._postings: list[list[int]] = []
        self._units: list[tuple[tuple[int, int, float], ...]] = []
        self._numbers: list[frozenset[int]] = []
        self._listed: list[_Listed] = []
        self._by_sound: dict[str, _Numbers] = {}
        self._by_other_sound: dict[str, _Numbers] = {}
        self._by_skeleton: dict[str, _Numbers] = {}
        self._by_korean: dict[str, _Numbers] = {}
        self._by_deletion: dict[str, _Numbers] = {}
        self._looked: dict[str, _Word] = {}
        self._counts: dict[str, float] = {}
        self._forms: set[int] = set()
        self._heard: list[str] = []
        self._build()

    def _build(self) -> None:
        bearers: dict[str, set[int]] = defaultdict(set)
        cuts = []
        for name in self._names:
            found = readings(name.text)
            carrying, variants = split_name(found[0]) if found else ([], [])
            written = "".join(found[0]) if found else ""
            if carrying and 3 < len(written) <= MAX_PART:  # the whole name as one word, articles and all
                variants.append((written, (1 << len(carrying)) - 1, 1.0))
            cuts.append((carrying, variants))
            for word in carrying:
                bearers[sound(word)].add(name.entry)
        self._counts = {key: max(0.15, 1 - math.log(len(who)) / _FREQUENT) for key, who in bearers.items()}
        korean_words: set[str] = set()
        for position, (name, (carrying, variants)) in enumerate(zip(self._names, cuts, strict=True)):
            units = [(self._word(word, position), 1 << at, 1.0) for at, word in enumerate(carrying)]
            more = [(word, mask, 1.0) for word, mask in _joined(carrying)] + variants
            for at, word in enumerate(carrying):
                if word.startswith(("al", "el")) and len(word) > 6 and word.isascii():
                    more.append((word[2:], 1 << at, 1.0))
            glued = "".join(carrying)  # a whole name written as one word
            if len(carrying) > 3 or len(glued) > _JOINED_LENGTH:
                more.append((glued[:MAX_PART], (1 << len(carrying)) - 1, 1.0))
            units += [(self._word(word, position), mask, worth) for word, mask, worth in more if word not in carrying]
            if name.korean:
                korean_words.update(self._words[unit[0]] for unit in units)
            self._units.append(tuple(dict.fromkeys(units)))
            self._numbers.append(frozenset(unit[0] for unit in units))
            listed_costs = tuple(_FLOOR + (1 - _FLOOR) * self.weight(word) for word in carrying)
            proper = [at for at, word in enumerate(carrying) if name.firm and familiarity(word) > _GENERIC]
            self._listed.append(
                _Listed(
                    parts=tuple(carrying),
                    costs=listed_costs,
                    total=sum(listed_costs) or 1.0,
                    tellings=tuple(self._telling(word) for word in carrying),
                    digits=_digits(carrying),
                    proper=sum(1 << at for at in proper),
                    rare=sum(1 << at for at in proper if self._is_rare(carrying[at])),
                )
            )
        for word in (*FORMS, *PARTICLES, *TITLES):
            if len(word) > 4 and word not in self._vocabulary:
                self._forms.add(self._word(word, -1))
        for number in self._forms:
            self._postings[number].clear()
        single = {word for listed in self._listed for word in listed.parts}
        self._heard = list(map(sound, self._words))
        for word, number in self._vocabulary.items():
            heard, alone = self._heard[number], (number,)
            _add(self._by_sound, heard, alone)
            if word in single:
                for other_heard in _other_sounds(word, heard):
                    _add(self._by_other_sound, other_heard, alone)
            if bones := skeleton(word):
                _add(self._by_skeleton, bones, alone)
            if word in korean_words and (key := korean(word)):
                _add(self._by_korean, key, alone)
            if 3 < len(word) <= _JOINED_LENGTH and not word.isdigit():
                keys = _shortened(heard)
                if word in single and len(word) != len(heard):
                    keys += _shortened(word)
                for key in set(keys):
                    _add(self._by_deletion, key, alone)

    def _word(self, word: str, name: int) -> int:
        number = self._vocabulary.get(word)
        if number is None:
            number = self._vocabulary[word] = len(self._words)
            self._words.append(word)
            self._postings.append([])
        if not self._postings[number] or self._postings[number][-1] != name:
            self._postings[number].append(name)
        return number

    def weight(self, word: str) -> float:
        """What a part says, from 0 to 1: little where many entries, or many people anywhere, have it."""
        return min(self._counts.get(sound(word), 1.0), familiarity(word))

    def is_telling(self, word: str) -> bool:
        """Whether the word is a part of a listed name, as written or by its sound, that few others have."""
        number = self._vocabulary.get(word)
        known = (number is not None and bool(self._postings[number])) or sound(word) in self._by_sound
        return known and len(word) > 2 and self.weight(word) >= 0.5

    def _is_rare(self, word: str) -> bool:
        """Whether the word is an invented or foreign proper name that hardly any other entry has."""
        return len(word) > 4 and word.isalpha() and word not in EVERYDAY and self.weight(word) >= _TELLING_ENOUGH

    def _telling(self, word: str) -> float:
        """What a part tells of who it is. A family that is listed whole makes its name no commoner at large."""
        return min(max(0.4, self._counts.get(sound(word), 1.0)), familiarity(word))

    def look(self, word: str) -> _Word:
        """What a part of a query weighs, and the listed units spelled like it."""
        found = self._looked.get(word)
        if found is None:
            if len(self._looked) >= _REMEMBERED:
                self._looked.clear()
            found = self._looked[word] = self._examine(word)
        return found

    def _examine(self, word: str) -> _Word:
        heard = sound(word)
        near: _Near = ()
        best = 0.0
        weight = 0.1 if len(word) == 1 else min(self._counts.get(heard, 1.0), familiarity(word))
        if alike := self._search(word, heard):
            near = tuple([(number, _worth(similarity)) for number, similarity in alike.items()])
            best = max([worth for _, worth in near])
            if 0.5 < best < 1 and weight > 0.5:
                # A slip of the finger in a common word makes no rare one; in a company form it makes none at all.
                nearest = [number for number, worth in near if worth == best]
                if any(number in self._forms for number in nearest):
                    near, best, weight = (), 0.0, 0.0
                else:
                    weight = best * min(self.weight(self._words[number]) for number in nearest) + (1 - best) * weight
        cost = _FLOOR + (1 - _FLOOR) * weight if weight else 0.1
        if len(word) == 1:
            best = max(best, _INITIAL)
        sort = _SERVANT_OF if word.startswith(_SERVANTS) else _SILENT if _says_nothing(word) else _ORDINARY
        return (cost, near, best, heard, sort)

    def _look_joined(self, word: str, heard: str) -> _Near:
        """Listed units that are this word, or sound so; joined words are not looked through for slips."""
        exact = self._vocabulary.get(word)
        if exact is None and heard not in self._by_sound:
            return ()
        out = {number: _worth(_SAME_SOUND) for number in self._by_sound.get(heard, ())}
        if exact is not None:
            out[exact] = 1.0
        return tuple(out.items())

    def _search(self, word: str, heard: str) -> dict[int, float]:
        out: dict[int, float] = {}
        exact = self._vocabulary.get(word)
        if exact is not None:
            out[exact] = 1.0
        if word.isdigit() or not word:
            return out
        for number in self._by_sound.get(heard, ()):
            out.setdefault(number, _SAME_SOUND)
        for number in self._by_other_sound.get(heard, ()):
            out.setdefault(number, _OTHER_SOUND)
        for seen, meant in _LOOKS_LIKE:
            if seen in word:
                for number in self._by_sound.get(sound(word.replace(seen, meant, 1)), ()):
                    out.setdefault(number, _OTHER_SOUND)
        if len(word) <= 10 and (key := korean(word)) in self._by_korean:
            for number in self._by_korean[key]:
                out.setdefault(number, 0.95)
        bones = skeleton(word)
        arabic = not word.isascii() and has_arabic(word)
        if len(bones) > (1 if arabic else 2) and bones in self._by_skeleton:
            for number in self._by_skeleton[bones]:
                if number in out:
                    continue
                other_heard = self._heard[number]
                if arabic is other_heard.isascii():
                    if arabic:  # a name in Latin letters meets the listed Latin one, which has its vowels
                        out[number] = 0.94 if len(bones) > 2 else 0.9
                    continue
                if abs(len(heard) - len(other_heard)) <= 2:
                    similarity = 1 - _OTHER_VOWEL * OSA.normalized_distance(heard, other_heard)
                    if similarity >= 0.8:
                        out[number] = similarity
        if len(word) > 3:
            keys = _shortened(heard)
            if len(word) != len(heard):
                keys += _shortened(word)
            tried: set[int] = set()
            for key in filter(self._by_deletion.__contains__, keys):
                for number in self._by_deletion[key]:
                    if number not in out and number not in tried:
                        tried.add(number)
                        similarity = _typo(word, self._words[number], heard, self._heard[number])
                        if similarity >= _LEAST_ALIKE:
                            out[number] = similarity
        return out

    def search(self, words: Sequence[str], floor: float) -> list[Likeness]:
        """Listed names that score at least ``floor`` against a name.

        Args:
            words: Parts of the name in order, of which the first twelve that carry it are compared.
            floor: Least score of interest.
        """
        known = self._looked.get
        remembered = [known(word) for word in words]
        looked = []
        for at, look in enumerate(remembered):
            if look is None:
                if self._is_hopeless(words, remembered, floor):
                    return []
                look = remembered[at] = self.look(words[at])
            looked.append(look)
        carrying: Sequence[str] = words
        variants: Sequence[_Variant] = ()
        sorts = [look[4] for look in looked]
        if any(sorts) or len(words) > _MAX_PARTS:
            if _SERVANT_OF in sorts or _ORDINARY not in sorts:
                carrying, variants = split_name(words)
            else:
                carrying, variants = _split_plain(words, sorts)
            looked = [known(word) or self.look(word) for word in carrying]
        costs = [look[0] for look in looked]
        potential = [look[0] * look[2] for look in looked]
        total = sum(costs)
        needed = total * _coverage_needed(floor)
        joined = self._joined_units(carrying, [look[3] for look in looked]) if len(carrying) > 1 else []
        for word, mask, worth in variants:
            if near := self._look_joined(word, sound(word)):
                joined.append((mask, near if worth == 1 else tuple((number, worth * value) for number, value in near)))
        for mask, _ in joined:
            for at in range(len(carrying)):
                if mask >> at & 1:
                    potential[at] = costs[at]
        left = sum(potential)
        proper = sum([1 << at for at, word in enumerate(carrying) if word not in GENERIC])
        if left < needed and _under(potential, proper) < _under(costs, proper) * _WORTH_SAME:
            return []  # where ordinary names end
        found = [(1 << at, look[1]) for at, look in enumerate(looked) if look[1]] + joined
        if any(mask == proper and worth >= _WORTH_SAME for mask, near in found for _, worth in near):
            needed = min(needed, _under(costs, proper) * _WORTH_SAME)  # it may be a shortened name
        elif left < needed:
            return []
        else:
            proper = 0
        initials = [at for at, word in enumerate(carrying) if len(word) == 1 and word.isalpha()]
        # Names that share none of the dearest parts cannot reach the floor with what is left.
        required = 0
        for at in sorted(range(len(carrying)), key=costs.__getitem__, reverse=True):
            if left < needed:
                break
            required |= 1 << at
            left -= potential[at]
        candidates = self._reached(found, required, costs, needed - sum([costs[at] for at in initials]))
        if not candidates:
            return []
        units: dict[int, list[tuple[int, float]]] = {}
        for mask, near in found:
            for number, worth in near:
                units.setdefault(number, []).append((mask, worth))
        query = _Query(
            carrying=carrying,
            costs=costs,
            total=total,
            floor=floor,
            units=units,
            digits=_digits(carrying),
            words=len(words),
            initials=initials,
            proper=proper,
        )
        out = [likeness for name in candidates if (likeness := self._compare(name, query)) is not None]
        out.sort(key=attrgetter("name"))
        return out

    def _reached(
        self, found: Sequence[tuple[int, _Near]], required: int, costs: Sequence[float], needed: float
    ) -> list[int]:
        """Names with a unit near one of the required parts, by which the query may be covered as needed."""
        gained: dict[int, float] = {}
        others: dict[int, float] = {}  # units near the other parts, with what each could add
        for mask, near in found:
            cost = _under(costs, mask)
            if mask & required:
                for number, worth in near:
                    for name in self._postings[number]:
                        gained[name] = gained.get(name, 0.0) + worth * cost
            else:
                for number, worth in near:
                    others[number] = others.get(number, 0.0) + worth * cost
        out = []
        for name, gain in gained.items():
            if gain < needed:
                numbers = self._numbers[name]
                if numbers.isdisjoint(others):
                    continue
                gain += sum([others[number] for number in numbers & others.keys()])
            if gain >= needed:
                out.append(name)
        return out

    def _is_hopeless(self, words: Sequence[str], remembered: Sequence[_Word | None], floor: float) -> bool:
        """Whether no name can reach the floor, even if each word that is new had its equal on the list.

        A word that is remembered to have none there costs so much that the search for the others is spared.
        """
        potential = total = 0.0
        for look in remembered:
            if look is None:
                total += 1.0  # no part costs more
                potential += 1.0
            elif look[4] != _ORDINARY:
                return False
            else:
                total += look[0]
                potential += look[0] * look[2]
        if potential >= total * _coverage_needed(floor) or len(words) > _MAX_PARTS:
            return False
        if any(word.startswith(_SERVANTS) for word in words):
            return False
        heard = [sound(word) if look is None else look[3] for word, look in zip(words, remembered, strict=True)]
        return not self._joined_units(words, heard)

    def _joined_units(self, carrying: Sequence[str], sounds: Sequence[str]) -> list[tuple[int, _Near]]:
        """Listed units that are two or three neighbouring parts written as one word, with the parts they cover."""
        out: list[tuple[int, _Near]] = []
        vocabulary, listed_sounds = self._vocabulary, self._by_sound
        last = len(carrying) - 1
        for start in range(last):
            word, heard = carrying[start], sounds[start]
            for at in range(start + 1, min(start + 2, last) + 1):
                word += carrying[at]
                if len(word) > _JOINED_LENGTH:
                    break
                following = sounds[at]
                heard += following[1:] if heard[-1:] == following[:1] else following
                if heard in listed_sounds or word in vocabulary:
                    out.append(((1 << at + 1) - (1 << start), self._look_joined(word, heard)))
        return out

    def _compare(self, name: int, query: _Query) -> Likeness | None:
        """Line up the units of a query with those of a name, the surest first, and score what they cover."""
        pairs = []
        units = query.units
        met = 0
        for number, name_mask, factor in self._units[name]:
            if number in units:
                met |= name_mask
                for query_mask, worth in units[number]:
                    pairs.append((worth * factor, name_mask.bit_count(), query_mask, name_mask, number))
        costs = query.costs
        listed = self._listed[name]
        shortened = query.proper and listed.rare & met and not listed.proper & ~met
        if not (
            shortened
            or query.initials
            or _under(listed.costs, met) >= listed.total * _coverage_needed(query.floor, 1 - _ASKED)
        ):
            return None  # most end here: too much of the listed name has no counterpart
        pairs.sort(reverse=True)
        used_query = used_name = 0
        got_query = got_name = distinction = 0.0
        taken = []
        for worth, _, query_mask, name_mask, number in pairs:
            if query_mask & used_query or name_mask & used_name:
                continue
            used_query |= query_mask
            used_name |= name_mask
            got_query += worth * _under(costs, query_mask)
            got_name += worth * _under(listed.costs, name_mask)
            distinction += worth * _under(listed.tellings, name_mask)
            taken.append((query_mask, number, worth))
        initials = []
        for at in query.initials:
            if used_query >> at & 1:
                continue
            for other, full in enumerate(listed.parts):
                if not used_name >> other & 1 and full.startswith(query.carrying[at]):
                    used_query |= 1 << at
                    used_name |= 1 << other
                    got_query += _INITIAL * costs[at]
                    got_name += _INITIAL * listed.costs[other]
                    distinction += (1 - _INITIAL) * listed.tellings[other]
                    initials.append((query.carrying[at], full, _INITIAL))
                    break
        if not got_query:
            return None
        covered_query, covered_name = got_query / query.total, got_name / listed.total
        score = 1 / (_ASKED / covered_query + (1 - _ASKED) / covered_name)
        if query.digits != listed.digits:
            score *= 0.7 if query.digits and listed.digits else 0.85
        told = shortened and any(mask & query.proper and worth >= _WORTH_SAME for mask, _, worth in taken)
        if told and not listed.proper & ~used_name and query.digits == listed.digits:
            score = max(score, query.floor)  # at least a shortened name: what is left out, or added, is generic
        elif score < query.floor or _is_too_little(
            query, score, covered_query, covered_name, distinction, used_query, used_name
        ):
            return None
        shown = [(_text(query.carrying, mask), self._words[number], round(worth, 3)) for mask, number, worth in taken]
        return Likeness(
            name=name,
            score=min(score, 1.0),
            covered_query=covered_query,
            covered_name=covered_name,
            distinction=distinction,
            matched=used_name.bit_count(),
            pairs=(*shown, *initials),
        )


def _is_too_little(
    query: _Query,
    score: float,
    covered_query: float,
    covered_name: float,
    distinction: float,
    used_query: int,
    used_name: int,
) -> bool:
    """Whether what the names have in common tells too little for a candidate, though they cover each other enough."""
    matched = used_name.bit_count()
    if used_query.bit_count() == 1 and score < _ALONE and len(query.carrying[0]) < 8:
        return True
    # The listed name may stand whole within the query, with a further name between.
    within = covered_name >= 0.9 and matched >= 3 and distinction >= 0.6
    whole = used_query.bit_count() == len(query.costs)
    if not whole and covered_query < 0.8 and distinction < _TELLING_ENOUGH and not within:
        return True
    return matched == 1 and distinction < 0.5 and query.words > 1


# How other languages would spell what English letters write: German and Slavic j, ch and w, Russian kh for h.
_ELSEWHERE = (("y", "j"), ("kh", "ch"), ("v", "w"), ("w", "v"), ("h", "kh"), ("ch", "cz"))


def _other_sounds(word: str, heard: str) -> Iterator[str]:
    """How a listed word would sound to us if its bearer's papers were written in another country."""
    if not word.isascii():
        return
    for ours, theirs in _ELSEWHERE:
        if ours in word:
            other = sound(word.replace(ours, theirs))
            if other != heard:
                yield other
    if word.startswith("kh"):
        yield sound(word[1:])


_NONE: frozenset[str] = frozenset()


def _digits(words: Sequence[str]) -> frozenset[str]:
    """Numbers among the parts; names that differ in them are different names."""
    if any(word.isdigit() for word in words):
        return frozenset(word.lstrip("0") for word in words if word.isdigit())
    return _NONE


def _under(values: Sequence[float], mask: int) -> float:
    total, at = 0.0, 0
    while mask:
        if mask & 1:
            total += values[at]
        mask >>= 1
        at += 1
    return total


def _text(words: Iterable[str], mask: int) -> str:
    return " ".join(word for at, word in enumerate(words) if mask >> at & 1)
