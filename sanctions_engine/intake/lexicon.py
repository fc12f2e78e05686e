"""What the words of a goods description can mean.

The words are data (``words/*.yaml``), editable without programming. Reading is linear in the length of the text:
it is cut into words once, and a trie finds the longest phrases. A branch of it grows when a text first has its first
word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

from sanctions_engine.documents import Document, read_file
from sanctions_engine.errors import InputError, Problem, RuleError, did_you_mean
from sanctions_engine.truth import Cause

__all__ = ["Lexicon", "WordUse", "Wording", "bundled_lexicon"]

BUNDLED = Path(__file__).parent / "words"


@dataclass(frozen=True, slots=True)
class WordUse:
    """A phrase of the text and the classes it names.

    Args:
        categories: All of them where the phrase is certain; any of them, or none, where it is not.
        phrase: As it stands in the text.
        span: Where, as a half-open interval of characters.
        cause: ``None`` where the phrase is certain, else why it is not.
        generic: Whether it leaves open which member of a family is meant ("weapons").
        of_parts: Whether the text speaks of parts of it.
        modifier: Whether another phrase beside it may be what the goods are.
        object: Whether the goods are only for it: ships in "paint for ships".
        segment: Which part of the text, parts being set off by commas, joining words and the like.
    """

    categories: tuple[str, ...]
    phrase: str
    span: tuple[int, int]
    cause: Cause | None
    generic: bool
    of_parts: bool
    modifier: bool
    object: bool
    segment: int


@dataclass(frozen=True, slots=True)
class Wording:
    """A description as read.

    Args:
        uses: The phrases that count.
        categories: All classes they name, objects left out.
        specific: Whether the words say what the goods are, so that other classes are out.
        said: Whether anything is said at all.
        excluded: Where they do not, classes that are out nevertheless: equipment is no fuel and no food.
    """

    uses: tuple[WordUse, ...]
    categories: frozenset[str]
    specific: bool
    said: bool
    excluded: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Term:
    categories: tuple[str, ...]
    strong: bool
    generic: bool = False
    material: bool = False
    contested: bool = False
    not_when: frozenset[str] = frozenset()
    strong_when: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Node:
    next: dict[str, _Node] = field(default_factory=dict)
    terms: list[_Term] = field(default_factory=list)
    glue: tuple[int, ...] = ()  # words that must follow the one before without a space: T-72, not T 72


@dataclass(slots=True)
class _Token:
    word: str
    start: int
    end: int
    glued: bool  # no space before it
    clause: int
    segment: int
    script: str  # w word, n number, c Chinese, Japanese or Korean run, j joining word ("and")


@dataclass(slots=True)
class _Match:
    terms: Sequence[_Term]
    first: _Token
    end: int
    text_start: int


# --- words ----------------------------------------------------------------------------------------------

_TOKEN = re.compile(r"(?:[^\W_]|[\u0300-\u036f\u3099])+")
_CJK = "\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
_CJK_ONLY = re.compile(rf"[{_CJK}]+")
_PIECE = re.compile(rf"[0-9]+|[{_CJK}]+|[^0-9{_CJK}]+")
_CLAUSE_BREAK = re.compile(r"[;\n\r+&/|•·]|[.!?](?=\s|\Z)")
_SEGMENT_BREAK = re.compile(r"[,、，]|\s[–—-]\s")

_UNCHANGED = frozenset({"arms", "goods", "glasses", "gas", "lens", "species", "series", "news", "brass", "chassis"})
_IRREGULAR = {
    "knives": "knife",
    "shelves": "shelf",
    "leaves": "leaf",
    "halves": "half",
    "loaves": "loaf",
    "calves": "calf",
    "wolves": "wolf",
    "men": "man",
    "women": "woman",
    "children": "child",
    "feet": "foot",
    "geese": "goose",
    "mice": "mouse",
    "vehicules": "vehicle",
}
_ENDINGS = (
    "иями ями ами ого его ому ему ыми ими иях иям ием ией ий ый ой ая яя ое ее ые ие ую юю ых их ым им ом ем "
    "ов ев ей ам ям ах ях ия ию ью ии а я о е ё ы и у ю ь й"
)
_RUSSIAN_ENDINGS = tuple(sorted(_ENDINGS.split(), key=len, reverse=True))


def _singular(word: str) -> str:
    if len(word) <= 3 or word in _UNCHANGED:
        return word
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes", "toes", "goes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _russian_stem(word: str) -> str:
    for ending in _RUSSIAN_ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def _pieces(raw: str) -> tuple[tuple[str, int, int, str], ...]:
    """Split one run, remembering the short ones: words recur, and hostile lengths are not kept."""
    return _short_pieces(raw) if len(raw) <= 40 else _split(raw)


def _split(raw: str) -> tuple[tuple[str, int, int, str], ...]:
    """Split one run of letters and digits: ``152mm`` is a number and a word. (word, start, end, script)."""
    plain = unicodedata.normalize("NFKC", raw).casefold()
    same = len(plain) == len(raw)
    found = []
    for piece in _PIECE.finditer(plain):
        text = piece.group()
        script = "n" if text.isdecimal() else "c" if _CJK_ONLY.match(text) else "w"
        if script == "w":
            text = _russian_stem(text) if "\u0400" <= text[-1] <= "\u04ff" else _singular(text)
            if text in ("х", "×"):  # the Cyrillic letter in 7,62х39
                text = "x"
        found.append((text, piece.start() if same else 0, piece.end() if same else len(raw), script))
    return tuple(found)


_short_pieces = lru_cache(maxsize=65536)(_split)

_LATIN = re.compile(r"[a-z]+(?![^\W_]|[\u0300-\u036f\u3099×])")


def _first_word(phrase: str) -> str | None:
    """The first word that ``_tokens`` finds in a phrase; ``None`` where there is none."""
    latin = _LATIN.match(phrase)
    if latin is not None:
        return _singular(latin[0])  # most of them, and all that _split would do
    tokens = _tokens(phrase, frozenset())
    return tokens[0].word if tokens else None


def _tokens(text: str, joiners: frozenset[str]) -> list[_Token]:
    found: list[_Token] = []
    clause = segment = 0
    last = 0
    for run in _TOKEN.finditer(text.replace("×", "x")):
        start, end = run.span()
        gap = text[last:start]
        if found and gap and not gap.isspace():
            if _CLAUSE_BREAK.search(gap):
                clause += 1
                segment += 1
            elif _SEGMENT_BREAK.search(gap) and not (
                gap in ",." and found[-1].script == "n" and text[start].isdecimal()
            ):
                segment += 1
        if gap in ("'", "’") and run.group() in ("s", "S"):
            last = end
            continue
        glued = bool(found) and not any(map(str.isspace, gap)) and gap not in (",", ";")
        for at, (word, first, stop, script) in enumerate(_pieces(run.group())):
            if word in joiners and script == "w":
                # The joining word itself belongs to neither side.
                found.append(_Token(word, start + first, start + stop, at > 0 or glued, clause, segment, "j"))
                clause += 1
                segment += 1
                continue
            found.append(_Token(word, start + first, start + stop, at > 0 or glued, clause, segment, script))
        last = end
    return found


# --- the lexicon ----------------------------------------------------------------------------------------

_STRENGTHS = ("strong", "weak", "generic", "family", "contested")
_ENTRY_KEYS = ("is", *_STRENGTHS, "not_when", "strong_when", "material")
_FILE_KEYS = (
    "terms",
    "calibres",
    "vague",
    "made",
    "never_made",
    "parts",
    "shapes",
    "fillers",
    "joiners",
    "before_object",
    "nothing",
    "unreal",
    "except",
    "holders",
)
_LANGUAGES = ("en", "ru", "ko", "zh")
_ARMED = "@calibre"
_ENOUGH_USES = 64


class Lexicon:
    """Words and what they mean.

    Load one with :meth:`load`; the constructor takes what the loader read.
    """

    __slots__ = (
        "_before_object",
        "_calibres",
        "_cjk",
        "_cjk_contexts",
        "_except",
        "_fillers",
        "_holders",
        "_joiners",
        "_longest_cjk",
        "_made",
        "_never_made",
        "_nothing",
        "_parts",
        "_root",
        "_shapes",
        "_unreal",
        "_vague",
        "_waiting",
        "categories",
    )

    def __init__(
        self,
        terms: Iterable[tuple[str, _Term]],
        *,
        calibres: Iterable[str],
        vague: Iterable[str],
        made: Iterable[str],
        never_made: Iterable[str],
        parts: Iterable[str],
        shapes: Iterable[str],
        fillers: Iterable[str],
        joiners: Iterable[str],
        before_object: Iterable[str],
        nothing: Iterable[str],
        unreal: Iterable[str],
        except_: Iterable[str],
        holders: Iterable[str],
    ) -> None:
        self._calibres = frozenset(calibres)
        self._joiners = _words(joiners)
        self._shapes = _words(shapes)
        self._fillers = _words(fillers)
        self._before_object = _words(before_object)
        self._nothing = frozenset(word.casefold() for word in nothing)
        self._unreal = _words(unreal)
        self._except = _words(except_)
        self._holders = _words(holders)
        self._root = _Node()
        self._waiting: dict[str, list[tuple[str, _Term]]] = {}
        """Phrases by their first word; see ``_branch``."""
        self._cjk: dict[str, list[_Term]] = {}
        self._vague = _Term((), strong=False)
        self._made = _Term((), strong=False)
        self._never_made = frozenset(never_made)
        self._parts = _Term((), strong=False)
        known: dict[int, _Term] = {}
        for phrase, term in terms:
            known[id(term)] = term
            self._insert(phrase, term)
        for phrase in vague:
            self._insert(phrase, self._vague)
        for phrase in made:
            self._insert(phrase, self._made)
        for phrase in parts:
            self._insert(phrase, self._parts)
        found = frozenset().union(*(term.categories for term in known.values()))
        contexts = frozenset[str]().union(*(term.not_when | term.strong_when for term in known.values()))
        self.categories = found | self._never_made
        self._longest_cjk = max(map(len, self._cjk), default=0)
        self._cjk_contexts = tuple(sorted(filter(_is_cjk, contexts)))

    def _insert(self, phrase: str, term: _Term) -> None:
        if _is_cjk(phrase):
            held = self._cjk.setdefault(unicodedata.normalize("NFKC", phrase).casefold(), [])
            if term not in held:
                held.append(term)
        elif (first := _first_word(phrase)) is not None:
            self._waiting.setdefault(first, []).append((phrase, term))

    def _branch(self, word: str) -> _Node:
        """Grow what follows a first word. Threads that meet here grow the same, and either is kept."""
        branch = _Node()
        for phrase, term in self._waiting[word]:
            tokens = _tokens(phrase, frozenset())
            node = branch
            for token in tokens[1:]:
                node = node.next.setdefault(token.word, _Node())
            node.glue = tuple(
                at
                for at in range(1, len(tokens))
                if tokens[at].glued
                and {tokens[at].script, tokens[at - 1].script} == {"w", "n"}
                and any(
                    len(tokens[k].word) == 1 and tokens[k].script == "w" and tokens[k].word != "x" for k in (at, at - 1)
                )
            )
            if term not in node.terms:
                node.terms.append(term)
        self._root.next[word] = branch
        return branch

    @classmethod
    def load(cls, folder: str | Path = BUNDLED) -> Lexicon:
        """Read all ``*.yaml`` of a folder.

        Raises:
            RuleError: All mistakes, each with its place.
        """
        reader = _LexiconReader()
        files = sorted(Path(folder).glob("*.yaml"))
        if not files:
            raise RuleError(f"{folder}: holds no *.yaml with words")
        for file in files:
            reader.read(file)
        return reader.lexicon()

    def read(self, text: str) -> Wording:
        """Find what a description says."""
        tokens = _tokens(text, self._joiners)
        if not tokens or text.strip().casefold() in self._nothing:
            return Wording((), frozenset(), specific=False, said=False)
        matches, unknown = self._scan(tokens)
        contexts = self._contexts(tokens)
        return self._judge(text, tokens, matches, unknown, contexts)

    def _scan(self, tokens: list[_Token]) -> tuple[list[_Match], set[int]]:
        """Longest phrases from left to right, and the segments that hold a word we do not know."""
        matches: list[_Match] = []
        unknown: set[int] = set()
        at, count = 0, len(tokens)
        root = self._root.next
        while at < count:
            token = tokens[at]
            node = root.get(token.word)
            if node is None and token.word in self._waiting:
                node = self._branch(token.word)
            best: _Node | None = None
            stop = at + 1
            ahead = at + 1
            while node is not None:
                if node.terms and all(tokens[at + k].glued for k in node.glue):
                    best, stop = node, ahead
                if ahead >= count:
                    break
                following = tokens[ahead]
                if following.segment != tokens[ahead - 1].segment and tokens[ahead - 1].script != "j":
                    break
                node = node.next.get(following.word)
                ahead += 1
            if best is not None and stop < count and self._only_holds(tokens, stop):
                at = stop
                continue
            if best is not None:
                matches.append(_Match(best.terms, token, tokens[stop - 1].end, token.start))
                at = stop
                continue
            if token.script == "c":
                self._scan_run(token, matches, unknown)
            elif token.script == "w" and token.word not in self._shapes and token.word not in self._fillers:
                unknown.add(token.segment)
            at += 1
        return matches, unknown

    def _only_holds(self, tokens: list[_Token], stop: int) -> bool:
        """Whether the phrase that ends here only holds what follows: "railcars of …"."""
        return tokens[stop].word == "of" and tokens[stop - 1].word in self._holders and stop + 1 < len(tokens)

    def _scan_run(self, token: _Token, matches: list[_Match], unknown: set[int]) -> None:
        """Phrases inside a run of letters that are written without spaces, or with particles behind."""
        run = token.word
        even = len(run) == token.end - token.start
        at, seen = 0, False
        while at < len(run):
            for length in range(min(self._longest_cjk, len(run) - at), 0, -1):
                piece = run[at : at + length]
                terms = self._cjk.get(piece)
                if terms is None or (length == 1 and len(run) > 2):
                    continue
                if terms:
                    start = token.start + at if even else token.start
                    end = start + length if even else token.end
                    matches.append(_Match(terms, token, end, start))
                    seen = True
                at += length
                break
            else:
                at += 1
        if not seen:
            unknown.add(token.segment)

    def _contexts(self, tokens: list[_Token]) -> dict[int, set[str]]:
        """The words of each clause, with a mark where a calibre stands ("152 mm")."""
        words: dict[int, set[str]] = {}
        before: _Token | None = None
        number = ""
        for token in tokens:
            held = words.setdefault(token.clause, set())
            held.add(token.word)
            if token.script == "c":
                held.update(context for context in self._cjk_contexts if context in token.word)
            if token.script == "n":
                joined = before is not None and before.script == "n" and token.glued
                number = f"{number}.{token.word}" if joined else token.word
            elif token.word in ("mm", "мм", "mil", "x", "cal") and number in self._calibres:
                held.add(_ARMED)
                number = ""
            else:
                number = ""
            before = token
        return words

    def _judge(
        self,
        text: str,
        tokens: list[_Token],
        matches: list[_Match],
        unknown: set[int],
        contexts: Mapping[int, set[str]],
    ) -> Wording:
        objects: dict[int, int] = {}  # segment -> where "for …" starts
        outs: dict[int, int] = {}  # clause -> where "other than …" starts
        for token in tokens:
            if token.word in self._before_object:
                objects.setdefault(token.segment, token.start)
            elif token.word in self._except:
                outs.setdefault(token.clause, token.start)
        live: list[tuple[_Match, list[_Term]]] = []
        named: dict[int, list[int]] = {}  # segment -> starts of phrases that say what the goods are
        named_clauses: set[int] = set()
        parts: set[int] = set()
        vague: list[_Token] = []
        made: list[_Token] = []
        lone_parts: list[_Token] = []
        for match in matches:
            around = contexts[match.first.clause]
            kept = []
            for term in match.terms:
                if term is self._vague:
                    vague.append(match.first)
                elif term is self._made:
                    made.append(match.first)
                elif term is self._parts:
                    parts.add(match.first.segment)
                    lone_parts.append(match.first)
                elif term.not_when.isdisjoint(around):
                    kept.append(term)
                elif not term.strong_when.isdisjoint(around) and self._unreal.isdisjoint(around):
                    kept.append(term)  # some words speak for it and some against; see _cause
            if not kept:
                continue
            live.append((match, kept))
            if any(not term.material for term in kept):
                named.setdefault(match.first.segment, []).append(match.text_start)
                named_clauses.add(match.first.clause)
        uses: list[WordUse] = []
        seen: set[tuple[int, Cause | None, bool, bool]] = set()
        known_segments: set[int] = set()
        known_clauses: set[int] = set()
        for match, terms in live:
            segment = match.first.segment
            cut = objects.get(segment, -1)
            after = 0 <= cut < match.text_start
            heads: Sequence[int] = named.get(segment, [])
            head_before = after and bool(heads) and heads[0] < cut
            for term in terms:
                cause = self._cause(term, contexts[match.first.clause])
                if match.text_start > outs.get(match.first.clause, match.text_start):
                    cause = cause or Cause.IMPRECISE
                if term.material:
                    if heads and (cut < 0 or after or heads[0] < cut):
                        continue  # steel in "steel desks" is what the desks are made of
                    if cause is None and (segment in unknown or match.first.clause in named_clauses):
                        cause = Cause.IMPRECISE
                elif after and segment not in parts and (head_before or segment in unknown):
                    cause = cause or Cause.IMPRECISE
                known_segments.add(segment)
                known_clauses.add(match.first.clause)
                of_parts = segment in parts
                is_object = head_before and not of_parts
                key = (id(term), cause, of_parts, is_object)
                if key in seen and len(uses) >= _ENOUGH_USES:
                    continue  # the same again in a long text
                seen.add(key)
                uses.append(
                    WordUse(
                        term.categories,
                        text[match.text_start : match.end],
                        (match.text_start, match.end),
                        cause,
                        term.generic,
                        of_parts,
                        len(heads) > 1 or term.material,
                        is_object,
                        segment,
                    )
                )
        anything = any(token.segment not in known_segments for token in vague)
        anything_made = any(token.segment not in known_segments for token in made) or any(
            token.segment not in known_segments and not known_clauses for token in lone_parts
        )
        # A word for made things or for parts leaves out what is not made, unless a word beside it is not known.
        never = self._never_made if anything_made and not anything and (uses or not unknown) else frozenset()
        return Wording(
            tuple(uses),
            frozenset(name for use in uses if not use.object for name in use.categories),
            specific=bool(uses) and not anything and not anything_made,
            said=True,
            excluded=never,
        )

    def _cause(self, term: _Term, around: set[str]) -> Cause | None:
        if term.strong or not term.strong_when.isdisjoint(around):
            return None if term.not_when.isdisjoint(around) else Cause.AMBIGUOUS
        return Cause.CONTESTED if term.contested else Cause.AMBIGUOUS


def _is_cjk(phrase: str) -> bool:
    return not phrase.isascii() and _CJK_ONLY.fullmatch(unicodedata.normalize("NFC", phrase)) is not None


def _words(phrases: Iterable[str]) -> frozenset[str]:
    return frozenset(token.word for phrase in phrases for token in _tokens(phrase, frozenset()))


class _LexiconReader:
    """Reads the files of a lexicon, and all mistakes in them before it gives up."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []
        self._terms: list[tuple[str, _Term]] = []
        self._lists: dict[str, list[str]] = {key: [] for key in _FILE_KEYS if key != "terms"}

    def read(self, file: Path) -> None:
        try:
            document = read_file(file)
        except InputError as error:
            self._problems.extend(error.problems)
            return
        data = document.data
        if not isinstance(data, dict):
            self._problems.append(Problem(document.where(()), "is not a mapping with `terms`"))
            return
        for key, value in data.items():
            if key == "terms":
                if not isinstance(value, list):
                    self._fault(document, (key,), "terms is a list of entries")
                    continue
                for at, entry in enumerate(value):
                    self._entry(document, (key, at), entry)
            elif key in self._lists:
                self._lists[key].extend(self._phrases(document, (key,), value))
            else:
                self._fault(document, (key,), f"unknown key {key!r}{did_you_mean(key, _FILE_KEYS)}")

    def _fault(self, document: Document, path: tuple[str | int, ...], what: str) -> None:
        self._problems.append(Problem(document.where(path), what))

    def _entry(self, document: Document, path: tuple[str | int, ...], entry: object) -> None:
        if not isinstance(entry, dict):
            self._fault(document, path, "an entry is a mapping with `is` and words")
            return
        for key in entry:
            if key not in _ENTRY_KEYS:
                self._fault(document, (*path, key), f"unknown key {key!r}{did_you_mean(key, _ENTRY_KEYS)}")
        named = entry.get("is")
        categories = tuple(self._phrases(document, (*path, "is"), [named] if isinstance(named, str) else named))
        if not categories:
            self._fault(document, path, "an entry needs `is`: a class of goods, or several")
        if not any(strength in entry for strength in _STRENGTHS):
            self._fault(document, path, f"an entry needs words under one of {', '.join(_STRENGTHS)}")
        not_when = self._context(document, (*path, "not_when"), entry.get("not_when"))
        strong_when = self._context(document, (*path, "strong_when"), entry.get("strong_when"))
        if entry.get("material") not in (None, "yes"):
            self._fault(document, (*path, "material"), "material is yes, or left out")
        for strength in _STRENGTHS:
            term = _Term(
                categories,
                strong=strength in ("strong", "generic"),
                generic=strength in ("generic", "family"),
                material=entry.get("material") == "yes",
                contested=strength == "contested",
                not_when=not_when,
                strong_when=strong_when,
            )
            for phrase in self._phrases(document, (*path, strength), entry.get(strength)):
                self._terms.append((phrase, term))

    def _context(self, document: Document, path: tuple[str | int, ...], value: object) -> frozenset[str]:
        phrases = self._phrases(document, path, value)
        words: set[str] = set()
        for phrase in phrases:
            if phrase == _ARMED:
                words.add(_ARMED)
            elif _LATIN.fullmatch(phrase):
                words.add(_singular(phrase))
            elif len(tokens := _tokens(phrase, frozenset())) == 1:
                words.add(tokens[0].word)
            else:
                self._fault(document, path, f"{phrase!r} is more than one word; a context is a single word")
        return frozenset(words)

    def _phrases(self, document: Document, path: tuple[str | int, ...], value: object) -> list[str]:
        """A list of phrases, or such lists by language."""
        if value is None:
            return []
        if isinstance(value, dict):
            found = []
            for language, phrases in value.items():
                if language not in _LANGUAGES:
                    self._fault(document, (*path, language), f"language is one of {', '.join(_LANGUAGES)}")
                found.extend(self._phrases(document, (*path, language), phrases))
            return found
        if isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value):
            return [item for item in value if isinstance(item, str)]
        self._fault(document, path, f"{path[-1]} is a list of phrases, or such lists by language")
        return []

    def lexicon(self) -> Lexicon:
        if self._problems:
            raise RuleError(self._problems)
        lists = dict(self._lists)
        return Lexicon(self._terms, except_=lists.pop("except"), **lists)


@cache
def bundled_lexicon() -> Lexicon:
    """The words that travel with the package: read once a process, when a description is first."""
    return Lexicon.load()
