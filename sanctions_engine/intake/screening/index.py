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
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from sanctions_engine.intake.screening.lexicon import PARTICLES, TITLES, familiarity, is_company_form
from sanctions_engine.intake.screening.spelling import has_arabic, korean, readings, skeleton, sound

__all__ = ["Likeness", "ListedName", "NameIndex", "split_name"]

_MAX_PARTS = 12
"""Parts that one comparison looks at; longer text is read through overlapping windows of this size."""
_JOINED_LENGTH = 20
_FREQUENT = math.log(60)
_ALONE = 0.9  # a name of one short part must be spelled nearly so
_TELLING_ENOUGH = 0.8  # common parts make no candidate of a name that has another part too
_DOUBT = 1.5  # how much more a part spelled otherwise loses than its share of edits
_FLOOR = 0.30  # what a part of no distinction still counts in coverage, so that dropping it is not free


@dataclass(frozen=True, slots=True)
class ListedName:
    """One name under which an entry can be found.

    Args:
        entry: Position of the entry in the list.
        text: As listed.
        role: ``name``, ``alias``, ``former``, ``low``, ``script`` or ``acronym``.
        korean: Whether its parts may be Korean ones.
    """

    entry: int
    text: str
    role: str
    korean: bool = False


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


def _abd(words: list[str]) -> list[str]:
    """``Abd al-Rahman``, ``Abdul Rahman``, ``Abdurrahman`` as one part each."""
    out: list[str] = []
    position = 0
    while position < len(words):
        word = words[position]
        if word in _ABD_ALONE:
            following = position + 1
            if following < len(words) and words[following] in ("al", "el", "ul", "ur", "ar", "as", "es", "us", "ar"):
                following += 1
            if following < len(words) and len(words[following]) > 2:
                out.append(_ABD_ALONE[word] + _unassimilated(words[following]))
                position = following + 1
                continue
        elif word.startswith("abd") and len(word) > 6:
            out.append("abd" + _unassimilated(_without_article(word[3:])))
            position += 1
            continue
        elif word.startswith("عبدال") and len(word) > 6:
            word = "عبد" + word[5:]
        out.append(word)
        position += 1
    return out


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


def split_name(words: Sequence[str]) -> tuple[list[str], list[tuple[str, int]]]:
    """Separate the parts that carry a name from titles, joining words and company forms.

    Args:
        words: Parts in order.

    Returns:
        The carrying parts, and further readings of single ones: a joining word glued to the part that
        follows (``bin`` + ``laden``), with the position of that part.
    """
    merged = _abd([word for word in words if word])
    carrying: list[str] = []
    glued: list[tuple[str, int]] = []
    before = ""
    for word in merged:
        if word in PARTICLES:
            before = word
            continue
        if word in TITLES or is_company_form(word):
            before = ""
            continue
        if before and len(word) > 2:
            glued.append((before + word, len(carrying)))
        carrying.append(word)
        before = ""
    if not carrying:
        carrying = [word for word in merged if word not in PARTICLES] or list(merged)
    return carrying[:_MAX_PARTS], [(word, at) for word, at in glued if at < _MAX_PARTS]


def _joined(carrying: Sequence[str]) -> list[tuple[str, int]]:
    """Two or three neighbouring parts as one word, with the mask of the parts they cover."""
    out = []
    for length in (2, 3):
        for start in range(len(carrying) - length + 1):
            word = "".join(carrying[start : start + length])
            if len(word) <= _JOINED_LENGTH and word.isalpha():
                out.append((word, ((1 << length) - 1) << start))
    return out


def _deletions(text: str) -> set[str]:
    return {text[:i] + text[i + 1 :] for i in range(len(text))}


class NameIndex:
    """An index over listed names.

    Args:
        names: Listed names; their positions identify them in results.
    """

    __slots__ = (
        "_by_deletion",
        "_by_korean",
        "_by_skeleton",
        "_by_sound",
        "_counts",
        "_names",
        "_near",
        "_parts",
        "_postings",
        "_tellings",
        "_units",
        "_vocabulary",
        "_weights",
        "_words",
    )

    def __init__(self, names: Sequence[ListedName]) -> None:
        self._names = names
        self._vocabulary: dict[str, int] = {}
        self._words: list[str] = []
        self._postings: list[list[int]] = []
        self._units: list[tuple[tuple[int, int], ...]] = []
        self._parts: list[tuple[str, ...]] = []
        self._weights: list[tuple[float, ...]] = []
        self._tellings: list[tuple[float, ...]] = []
        self._by_sound: dict[str, list[int]] = defaultdict(list)
        self._by_skeleton: dict[str, list[int]] = defaultdict(list)
        self._by_korean: dict[str, list[int]] = defaultdict(list)
        self._by_deletion: dict[str, list[int]] = defaultdict(list)
        self._near: dict[str, tuple[tuple[int, float], ...]] = {}
        self._counts: dict[str, float] = {}
        self._build()

    def _build(self) -> None:
        bearers: dict[str, set[int]] = defaultdict(set)
        cuts = []
        for name in self._names:
            found = readings(name.text)
            carrying, glued = split_name(found[0]) if found else ([], [])
            cuts.append((carrying, glued))
            for word in carrying:
                bearers[sound(word)].add(name.entry)
        self._counts = {key: max(0.15, 1 - math.log(len(who)) / _FREQUENT) for key, who in bearers.items()}
        korean_words: set[str] = set()
        for position, (name, (carrying, glued)) in enumerate(zip(self._names, cuts, strict=True)):
            units: dict[int, int] = {}
            for at, word in enumerate(carrying):
                units[self._word(word, position)] = 1 << at
                if word.startswith(("al", "el")) and len(word) > 6 and word.isascii():
                    units.setdefault(self._word(word[2:], position), 1 << at)
            for word, at in glued:
                units.setdefault(self._word(word, position), 1 << at)
            for word, mask in _joined(carrying):
                units.setdefault(self._word(word, position), mask)
            if name.korean:
                korean_words.update(self._words[unit] for unit in units)
            self._units.append(tuple(units.items()))
            self._parts.append(tuple(carrying))
            self._weights.append(tuple(self.weight(word) for word in carrying))
            self._tellings.append(tuple(self._telling(word) for word in carrying))
        for word, number in self._vocabulary.items():
            heard = sound(word)
            self._by_sound[heard].append(number)
            if bones := skeleton(word):
                self._by_skeleton[bones].append(number)
            if word in korean_words and (key := korean(word)):
                self._by_korean[key].append(number)
            if len(word) > 3 and not word.isdigit():
                for cut in _deletions(heard) | {heard}:
                    self._by_deletion[cut].append(number)
                if word != heard:
                    for cut in _deletions(word) | {word}:
                        self._by_deletion[cut].append(number)

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

    def _telling(self, word: str) -> float:
        """What a part tells of who it is. A family that is listed whole makes its name no commoner at large."""
        return min(max(0.4, self._counts.get(sound(word), 1.0)), familiarity(word))

    def near(self, word: str) -> tuple[tuple[int, float], ...]:
        """Listed units spelled like this word, with their similarity."""
        found = self._near.get(word)
        if found is None:
            if len(self._near) > 200_000:
                self._near.clear()
            found = self._near[word] = tuple(self._search(word).items())
        return found

    def _search(self, word: str) -> dict[int, float]:
        out: dict[int, float] = {}
        exact = self._vocabulary.get(word)
        if exact is not None:
            out[exact] = 1.0
        if word.isdigit() or not word:
            return out
        heard = sound(word)
        for number in self._by_sound.get(heard, ()):
            out.setdefault(number, 0.96)
        if len(word) <= 14 and (key := korean(word)):
            for number in self._by_korean.get(key, ()):
                out.setdefault(number, 0.95)
        bones = skeleton(word)
        arabic = has_arabic(word)
        if len(bones) > 1:
            for number in self._by_skeleton.get(bones, ()):
                if number in out:
                    continue
                other = self._words[number]
                if arabic != has_arabic(other):
                    out[number] = 0.94 if len(bones) > 2 else 0.9
                    continue
                similarity = self._like(heard, sound(other), 0.45)
                if similarity >= 0.8:
                    out[number] = similarity
        if len(word) > 3:
            tried: set[int] = set()
            keys = _deletions(heard) | {heard}
            if word != heard:
                keys |= _deletions(word) | {word}
            for key in keys:
                for number in self._by_deletion.get(key, ()):
                    if number in out or number in tried:
                        continue
                    tried.add(number)
                    other = self._words[number]
                    similarity = self._typo(word, other, heard, sound(other))
                    if similarity >= 0.75:
                        out[number] = similarity
        return out

    @classmethod
    def _typo(cls, word: str, other: str, heard: str, other_heard: str) -> float:
        """Similarity of two words that differ by slips of the finger."""
        if word.startswith("abd") and other.startswith("abd") and min(len(word), len(other)) > 5:
            word, other = word[3:], other[3:]
            heard, other_heard = sound(word), sound(other)
        length = min(len(word), len(other))
        if length <= 4 and len(word) == len(other) and sorted(word) != sorted(other):
            return 0.0  # one letter for another makes another short name: yong, tong
        similarity = max(cls._like(heard, other_heard, 1.0), cls._like(word, other, 1.0))
        if heard[:1] != other_heard[:1]:
            similarity -= 0.06  # slips seldom fall on the first letter
        return similarity

    @staticmethod
    def _like(first: str, second: str, cost: float) -> float:
        """1 less the edits as a share of the length; an edit costs ``cost``."""
        length = max(len(first), len(second))
        edits = OSA.distance(first, second, score_cutoff=3)
        return 0.0 if edits > 3 else 1 - cost * edits / length

    def search(self, words: Sequence[str], floor: float) -> list[Likeness]:
        """Listed names that score at least ``floor`` against a name.

        Args:
            words: Parts of the name in order, at most :data:`_MAX_PARTS` carrying ones are compared.
            floor: Least score of interest.
        """
        carrying, glued = split_name(words)
        if not carrying:
            return []
        weights = [self.weight(word) for word in carrying]
        costs = [_FLOOR + (1 - _FLOOR) * weight for weight in weights]
        total = sum(costs)
        units = [(word, 1 << at) for at, word in enumerate(carrying)]
        potential = [0.0] * len(carrying)
        found: list[tuple[int, tuple[tuple[int, float], ...]]] = []
        for word, mask in units:
            near = self.near(word)
            if near:
                found.append((mask, near))
                at = mask.bit_length() - 1
                potential[at] = costs[at] * max(similarity for _, similarity in near)
            elif len(word) == 1:
                potential[mask.bit_length() - 1] = costs[mask.bit_length() - 1]
        for word, at in glued:
            if near := self.near(word):
                found.append((1 << at, near))
                potential[at] = costs[at]
        needed = total * floor / (2 - floor)
        if len(carrying) > 1:
            for word, mask in _joined(carrying):
                if near := self.near(word):
                    found.append((mask, near))
                    for at in range(len(carrying)):
                        if mask >> at & 1:
                            potential[at] = costs[at]
        if sum(potential) < needed:
            return []
        # Names that share none of the dearest parts cannot reach the floor with what is left.
        left = sum(potential)
        required = 0
        for at in sorted(range(len(carrying)), key=lambda at: -costs[at]):
            if left < needed:
                break
            required |= 1 << at
            left -= potential[at]
        reached: set[int] = set()
        near_units: dict[int, list[tuple[int, float]]] = defaultdict(list)
        for mask, near in found:
            for number, similarity in near:
                near_units[number].append((mask, similarity))
                if mask & required:
                    reached.update(self._postings[number])
        out = []
        for name in reached:
            likeness = self._compare(name, carrying, weights, costs, total, near_units, floor)
            if likeness is not None:
                out.append(likeness)
        return out

    def _compare(
        self,
        name: int,
        carrying: Sequence[str],
        weights: Sequence[float],
        costs: Sequence[float],
        total: float,
        near_units: dict[int, list[tuple[int, float]]],
        floor: float,
    ) -> Likeness | None:
        pairs = []
        for number, name_mask in self._units[name]:
            for query_mask, similarity in near_units.get(number, ()):
                pairs.append((similarity, query_mask, name_mask, number))
        if not pairs:
            return None
        listed, listed_weights = self._parts[name], self._weights[name]
        listed_costs = [_FLOOR + (1 - _FLOOR) * weight for weight in listed_weights]
        # Dearest certain pairs first, so that a typo never takes the place of an equal.
        pairs.sort(key=lambda pair: (-pair[0], -pair[2].bit_count(), -pair[1].bit_count(), pair[1], pair[2]))
        used_query = used_name = 0
        got_query = got_name = distinction = 0.0
        shown = []
        for similarity, query_mask, name_mask, number in pairs:
            if query_mask & used_query or name_mask & used_name:
                continue
            used_query |= query_mask
            used_name |= name_mask
            worth = 1 - _DOUBT * (1 - similarity)
            got_query += worth * _under(costs, query_mask)
            got_name += worth * _under(listed_costs, name_mask)
            distinction += worth * _under(self._tellings[name], name_mask)
            shown.append((_text(carrying, query_mask), self._words[number], round(similarity, 3)))
        listed_total = sum(listed_costs)
        for at, word in enumerate(carrying):  # initials
            if len(word) == 1 and not used_query >> at & 1 and not word.isdigit():
                for other, full in enumerate(listed):
                    if not used_name >> other & 1 and full.startswith(word):
                        used_query |= 1 << at
                        used_name |= 1 << other
                        got_query += 0.75 * costs[at]
                        got_name += 0.75 * listed_costs[other]
                        distinction += 0.25 * self._tellings[name][other]
                        shown.append((word, full, 0.75))
                        break
        covered_query, covered_name = got_query / total, got_name / listed_total
        if covered_query + covered_name == 0:
            return None
        score = 2 * covered_query * covered_name / (covered_query + covered_name)
        digits = {word.lstrip("0") for word in carrying if word.isdigit()}
        listed_digits = {word.lstrip("0") for word in listed if word.isdigit()}
        if digits != listed_digits:
            score *= 0.7 if digits and listed_digits else 0.85
        if score < floor:
            return None
        if len(shown) == 1 and score < _ALONE and len(carrying[0]) < 8:
            return None
        if covered_query < 0.8 and distinction < _TELLING_ENOUGH and used_query != (1 << len(carrying)) - 1:
            return None
        return Likeness(
            name=name,
            score=min(score, 1.0),
            covered_query=covered_query,
            covered_name=covered_name,
            distinction=distinction,
            matched=used_name.bit_count(),
            pairs=tuple(shown),
        )


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
