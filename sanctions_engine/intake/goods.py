"""Which classes of goods a line belongs to, by its HS code, its description and what the user states.

The classes are law (``rules/un/goods.yaml``); the words are ours (``lexicon/*.yaml``). Code and text are
combined as the design says: a code that decides is certain; a short or merely indicative code leaves a doubt
that strong words settle; a commodity word that the code excludes is overruled and reported; where words define
the class (arms, weapons of mass destruction, luxury) words prevail over the code, and the conflict is reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache

from sanctions_engine.errors import Problem, RuleError, did_you_mean
from sanctions_engine.intake.categories import GoodsCategories, Link
from sanctions_engine.intake.lexicon import Lexicon, Wording, bundled_lexicon
from sanctions_engine.truth import Cause, Truth

__all__ = ["CategoryHit", "Classification", "GoodsClassifier"]


@dataclass(frozen=True, slots=True)
class CategoryHit:
    """That a goods line belongs to a class, may belong to it, or does not although its words say so.

    Args:
        category: Identifier in ``goods.yaml``.
        truth: TRUE, UNKNOWN, or FALSE where the code overruled the words.
        cause: Why it is UNKNOWN.
        why: The evidence, to be shown to people.
        sources: Where the evidence lies: ``hs``, ``description``, ``stated``.
        span: Where in the description, as a half-open interval of characters.
    """

    category: str
    truth: Truth
    cause: Cause | None
    why: str
    sources: tuple[str, ...]
    span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Classification:
    """All classes one goods line belongs to or may belong to.

    Args:
        hits: TRUE and UNKNOWN classes, the classes above them included; FALSE only where words were overruled.
        open: Why further classes are possible, or ``None`` where they are not.
        conflicts: Contradictions between code, words and statement, to be shown to people.
        excluded: Classes that code or words rule out even where ``open`` says that others are possible.
    """

    hits: tuple[CategoryHit, ...]
    open: Cause | None
    conflicts: tuple[str, ...]
    excluded: frozenset[str] = frozenset()
    _truths: dict[str, Truth] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_truths", {hit.category: hit.truth for hit in self.hits})

    def truth(self, category: str) -> Truth:
        """Whether the line belongs to a class."""
        found = self._truths.get(category)
        if found is not None:
            return found
        return Truth.FALSE if self.open is None or category in self.excluded else Truth.UNKNOWN

    def hit(self, category: str) -> CategoryHit | None:
        """The evidence for a class, if there is any."""
        return next((hit for hit in self.hits if hit.category == category), None)


@dataclass(frozen=True, slots=True)
class _CodeSays:
    """What one code says of every class."""

    yes: Mapping[str, str]  # class -> why
    maybe: Mapping[str, tuple[Cause, str]]
    with_word: frozenset[str]  # classes for which the code is enough with a word that may mean them
    outside: frozenset[str]  # classes that have codes, none of which the code can be
    excluded: frozenset[str]  # those of them that codes define


_LONGEST_REMEMBERED = 1000  # characters; longer texts rarely recur and would fill the memory
_SAYS_NOTHING = Wording((), frozenset(), specific=False, said=False)
_NOTHING = _CodeSays({}, {}, frozenset(), frozenset(), frozenset())


@dataclass(slots=True)
class _Evidence:
    truth: Truth
    cause: Cause | None
    why: str
    sources: tuple[str, ...]
    span: tuple[int, int] | None


class GoodsClassifier:
    """Classifies goods lines; made once and used from any thread.

    Args:
        categories: The classes.
        lexicon: The words; the bundled ones if left out. Those may name classes that an older tree does not have: such
            a word still says what the goods are, and that they are of no class of the tree.

    Raises:
        RuleError: The lexicon that is given names a class that the tree does not have.
    """

    def __init__(self, categories: GoodsCategories, lexicon: Lexicon | None = None) -> None:
        self.categories = categories
        self._words: tuple[Lexicon, frozenset[str]] | None = None
        if lexicon is not None:
            unknown = lexicon.categories - set(categories.ids)
            if unknown:
                raise RuleError(
                    [
                        Problem("lexicon", f"no class is called {name!r}{did_you_mean(name, categories.ids)}")
                        for name in sorted(unknown)
                    ]
                )
            self._words = lexicon, unknown
        self._parts_unknown = frozenset(
            below
            for category in categories
            if category.parts_unknown
            for below in (category.id, *categories.descendants(category.id))
        )
        self._arms = frozenset({"arms"} | categories.descendants("arms")) if "arms" in categories else frozenset()
        wmd = {"wmd_items"} | categories.descendants("wmd_items") if "wmd_items" in categories else set()
        self._weapons = self._arms | wmd
        self._coded = {category.id: category for category in categories if category.codes}
        self._say = lru_cache(maxsize=16384)(self._code_says)
        self._cached = lru_cache(maxsize=8192)(self._classify)

    def classify(
        self,
        description: str | None,
        hs: tuple[str, ...],
        stated: tuple[str, ...] = (),
        unit_value: tuple[Decimal, str] | None = None,
    ) -> Classification:
        """Find the classes of a goods line.

        Args:
            description: Free text, in any of the lexicon's languages.
            hs: Candidate codes as :func:`read_hs` returns them, of which exactly one is right.
            stated: Classes the user names.
            unit_value: Value of one piece and its currency, for classes that are luxury above a value.

        Raises:
            InputError: A stated class is unknown.
        """
        text = description or ""
        classify = self._cached if len(text) <= _LONGEST_REMEMBERED else self._classify
        return classify(text, tuple(hs), tuple(map(self.categories.read_id, stated)), unit_value)

    # --- the code ---------------------------------------------------------------------------------------

    def _code_says(self, code: str) -> _CodeSays:
        yes: dict[str, str] = {}
        maybe: dict[str, tuple[Cause, str]] = {}
        with_word: set[str] = set()
        outside: set[str] = set()
        for name, category in self._coded.items():
            possible = False
            for entry in category.codes:
                under = entry.ranges.under(code)
                if under is Truth.FALSE:
                    continue
                possible = True
                if entry.decides == "no":
                    continue
                if under is Truth.UNKNOWN:
                    maybe.setdefault(
                        name, (Cause.IMPRECISE, f"HS {code} is too short to say; {name} is {entry.ranges}")
                    )
                    continue
                if entry.decides == "with_word":
                    with_word.add(name)
                if entry.contested:
                    maybe[name] = (Cause.CONTESTED, f"HS {code}: {entry.contested}")
                elif entry.decides == "yes":
                    basis = (
                        "named in the paragraph" if entry.basis == "paragraph_text" else "by the heading's own words"
                    )
                    yes[name] = f"HS {code}, {name} {basis}"
                elif entry.basis == "monitoring_practice" and len(code) >= 4:
                    yes[name] = f"HS {code}, {name} in monitoring practice"
                elif len(code) < 4:
                    maybe[name] = (Cause.CONTESTED, f"HS {code}, a chapter that is only an aid for {name}")
                elif name not in maybe or maybe[name][0] is Cause.IMPRECISE:
                    maybe[name] = (Cause.IMPRECISE, f"HS {code}, {name} in the illustrative code list")
            if not possible:
                outside.add(name)
        for name in yes:
            maybe.pop(name, None)
        excluded = frozenset(name for name in outside if not self.categories[name].text_defined)
        return _CodeSays(yes, maybe, frozenset(with_word), frozenset(outside), excluded)

    # --- one line ---------------------------------------------------------------------------------------

    def _classify(
        self,
        description: str,
        codes: tuple[str, ...],
        stated: tuple[str, ...],
        unit_value: tuple[Decimal, str] | None,
    ) -> Classification:
        wording = self._wording(description)
        readings = [
            self._reading(wording, code, stated, unit_value) for code in (dict.fromkeys(codes) if codes else (None,))
        ]
        precise = bool(codes) and all(len(code) >= 4 for code in codes)
        if precise or wording.specific or (stated and not wording.said):
            open_: Cause | None = None
        else:
            open_ = Cause.IMPRECISE if codes or wording.said else Cause.ABSENT
        if len(readings) == 1:
            hits, conflicts, excluded = readings[0]
        else:
            hits, conflicts, excluded = _merge(readings, codes)
        excluded |= {below for name in wording.excluded for below in (name, *self.categories.descendants(name))}
        return Classification(
            tuple(CategoryHit(name, e.truth, e.cause, e.why, e.sources, e.span) for name, e in hits.items()),
            open_,
            tuple(conflicts),
            frozenset(excluded - hits.keys()),
        )

    def _wording(self, description: str) -> Wording:
        """Return what a description says, less the classes that the tree does not have."""
        if not description:
            return _SAYS_NOTHING
        words = self._words
        if words is None:  # read when a description is first; threads that meet here make the same
            lexicon = bundled_lexicon()
            words = self._words = lexicon, lexicon.categories - set(self.categories.ids)
        lexicon, unknown = words
        wording = lexicon.read(description)
        if not unknown:
            return wording
        return replace(
            wording,
            uses=tuple(
                replace(use, categories=tuple(name for name in use.categories if name not in unknown))
                for use in wording.uses
            ),
            categories=wording.categories - unknown,
            excluded=wording.excluded - unknown,
        )

    def _reading(
        self,
        wording: Wording,
        code: str | None,
        stated: tuple[str, ...],
        unit_value: tuple[Decimal, str] | None,
    ) -> tuple[dict[str, _Evidence], list[str], frozenset[str]]:
        says = self._say(code) if code is not None else _NOTHING
        direct: dict[str, _Evidence] = {}
        overruled: dict[str, _Evidence] = {}
        conflicts: list[str] = []
        generic: dict[str, int | None] = {}  # class -> where in the text it is named; None where it is stated
        placed: dict[str, set[int]] = {}  # class -> where in the text
        ambiguous: dict[tuple[int, int], list[tuple[str, list[str]]]] = {}

        def add(name: str, evidence: _Evidence) -> None:
            known = direct.get(name)
            direct[name] = evidence if known is None else _stronger(known, evidence)

        for name, why in says.yes.items():
            add(name, _Evidence(Truth.TRUE, None, why, ("hs",), None))

        worded = wording.categories
        agrees = any(not self._contradicts(says, name) for name in worded)
        for use in wording.uses:
            if use.object and not self._weapons.intersection(use.categories):
                continue  # what paint for ships is for is not what is traded
            kept = [name for name in use.categories if name not in says.outside]
            for name in use.categories:
                placed.setdefault(name, set()).add(use.segment)
            sure = use.cause is None
            if sure:
                for name in use.categories:
                    quoted = f'description "{use.phrase}"'
                    cause, why = None, quoted
                    if use.of_parts and name in self._parts_unknown:
                        cause, why = Cause.IMPRECISE, f"{quoted}, but a part of it"
                    evidence = _Evidence(
                        Truth.TRUE if cause is None else Truth.UNKNOWN, cause, why, ("description",), use.span
                    )
                    if name in kept:
                        add(name, evidence)
                    elif self.categories[name].text_defined:
                        add(name, evidence)
                        if self._contradicts(says, name):
                            conflicts.append(f'HS {code} contradicts the words "{use.phrase}" ({name}), which prevail')
                    else:
                        overruled[name] = _Evidence(
                            Truth.FALSE, None, f"{quoted} overruled by HS {code}", ("description", "hs"), use.span
                        )
                        if not use.modifier or not agrees:
                            conflicts.append(
                                f'HS {code} contradicts the word "{use.phrase}" ({name}); the code prevails'
                            )
                    if use.of_parts and name in self._arms and "arms_parts" in self.categories:
                        add("arms_parts", _Evidence(Truth.TRUE, None, f"{quoted}, parts", ("description",), use.span))
            else:
                why = f'description "{use.phrase}"' + (
                    " may mean it" if use.cause is Cause.AMBIGUOUS else " does not settle it"
                )
                for name in kept:
                    add(name, _Evidence(Truth.UNKNOWN, use.cause, why, ("description",), use.span))
                if use.cause is Cause.AMBIGUOUS:
                    ambiguous.setdefault(use.span, []).append((use.phrase, kept))
            if use.generic:
                for name in kept:
                    generic.setdefault(name, use.segment)
        for span, found in ambiguous.items():
            # The code rules out the innocent meaning: what the other meanings share is certain.
            meanings = [name for _, kept in found for name in kept if name in self._coded]
            if any(name in says.with_word for name in meanings):
                why = f'description "{found[0][0]}" with HS {code}'
                for name in self._shared(meanings):
                    add(name, _Evidence(Truth.TRUE, None, why, ("description", "hs"), span))
        for name in stated:
            why = "stated by the user"
            if self._contradicts(says, name):
                conflicts.append(f"HS {code} contradicts the stated class {name}")
                if not self.categories[name].text_defined:
                    add(
                        name,
                        _Evidence(Truth.UNKNOWN, Cause.AMBIGUOUS, f"stated, but HS {code}", ("stated", "hs"), None),
                    )
                    continue
            add(name, _Evidence(Truth.TRUE, None, why, ("stated",), None))
            generic[name] = None

        # Words that say which kind settle what a short or indicative code leaves open; "vehicles" does not.
        families = {use.span for use in wording.uses if use.generic}
        kinds = {
            name
            for use in wording.uses
            if wording.specific and use.span not in families and not use.object
            for name in use.categories
            if not self._contradicts(says, name)
        }
        below_generic = self._below_generic(generic, direct, placed)
        for name, (cause, why) in says.maybe.items():
            if name in below_generic or not self._settled(says, name, kinds):
                add(name, _Evidence(Truth.UNKNOWN, cause, why, ("hs",), None))
        for name, (phrase_owner, evidence_span) in below_generic.items():
            if name not in says.outside or (self.categories[name].text_defined and not says.yes):
                why = f"{phrase_owner} does not say which kind"
                add(name, _Evidence(Truth.UNKNOWN, Cause.IMPRECISE, why, direct[phrase_owner].sources, evidence_span))

        hits = self._close(direct, unit_value)
        for name, evidence in overruled.items():
            hits.setdefault(name, evidence)
        return hits, list(dict.fromkeys(conflicts)), says.excluded

    def _settled(self, says: _CodeSays, name: str, kinds: set[str]) -> bool:
        """Whether the words leave no room for a class that the code leaves possible.

        "Airbus" under 8802 is no helicopter; but "trucks" under 8710, which is arms, do not say which arms.
        """
        if not kinds:
            return False
        for above in self.categories.above(name):
            if above in says.yes and kinds.isdisjoint({above} | self.categories.descendants(above)):
                return False
        return True

    def _contradicts(self, says: _CodeSays, name: str) -> bool:
        """Whether a code leaves no room for a class; words that define it need only fit the family (9301: arms)."""
        if name not in says.outside:
            return False
        if not self.categories[name].text_defined:
            return True
        family = (above for above, doubt in self.categories.above(name).items() if doubt is None)
        return all(above in says.outside for above in family if self.categories[above].text_defined)

    def _shared(self, names: Iterable[str]) -> frozenset[str]:
        """What several classes have in common: themselves if one, else the classes surely above all of them."""
        shared: frozenset[str] | None = None
        for name in names:
            sure = frozenset({name} | {above for above, doubt in self.categories.above(name).items() if doubt is None})
            shared = sure if shared is None else shared & sure
        return shared or frozenset()

    def _below_generic(
        self,
        generic: Mapping[str, int | None],
        direct: Mapping[str, _Evidence],
        placed: Mapping[str, set[int]],
    ) -> dict[str, tuple[str, tuple[int, int] | None]]:
        """Classes below a word that names a family ("weapons"), unless code or text say beside it which member.

        In "weapons and ammunition" the second word does not say what the first means.
        """
        found: dict[str, tuple[str, tuple[int, int] | None]] = {}
        for name, segment in generic.items():
            below = self.categories.descendants(name)
            if name not in direct or any(
                member in direct and (segment is None or member not in placed or segment in placed[member])
                for member in below
            ):
                continue
            for member in self.categories.ids:
                if member in below:
                    found.setdefault(member, (name, direct[name].span))
        return found

    def _close(self, direct: Mapping[str, _Evidence], unit_value: tuple[Decimal, str] | None) -> dict[str, _Evidence]:
        """Add the classes above, with the doubts on the way."""
        hits = dict(direct)
        for name, evidence in direct.items():
            for above, doubt in self.categories.above(name).items():
                step = evidence
                if doubt is not None:
                    settled = _settle(doubt, unit_value)
                    if settled is Truth.FALSE:
                        continue
                    if settled is Truth.UNKNOWN and evidence.truth is Truth.TRUE:
                        step = _Evidence(Truth.UNKNOWN, *_doubt(doubt, unit_value), evidence.sources, evidence.span)
                known = hits.get(above)
                hits[above] = step if known is None else _stronger(known, step)
        return hits


def _settle(doubt: Link, unit_value: tuple[Decimal, str] | None) -> Truth:
    if doubt.value is None or unit_value is None or unit_value[1] != doubt.value.currency:
        return Truth.UNKNOWN
    return Truth.of(unit_value[0] > doubt.value.amount)


def _doubt(doubt: Link, unit_value: tuple[Decimal, str] | None) -> tuple[Cause, str]:
    if doubt.value is None:
        return Cause.CONTESTED, f"{doubt.child}: {doubt.contested}"
    need = f"{doubt.child} only above {doubt.value.amount} {doubt.value.currency} a piece"
    if unit_value is None:
        return Cause.ABSENT, f"{need}; the value is not stated"
    return Cause.IMPRECISE, f"{need}; the value is in {unit_value[1]}"


def _stronger(one: _Evidence, other: _Evidence) -> _Evidence:
    """The stronger evidence; where both are certain, both are named."""
    if one.truth is not other.truth:
        return one if (one.truth | other.truth) is one.truth else other
    if one.truth is Truth.TRUE and one.sources != other.sources and one.why not in other.why:
        if other.why in one.why or set(other.sources) <= set(one.sources):
            return one
        sources = tuple(dict.fromkeys((*one.sources, *other.sources)))
        return _Evidence(one.truth, None, f"{one.why}; {other.why}", sources, one.span or other.span)
    if one.cause is Cause.CONTESTED and other.cause is not Cause.CONTESTED:
        return other  # what a better description can settle is asked first
    return one


def _merge(
    readings: list[tuple[dict[str, _Evidence], list[str], frozenset[str]]], codes: tuple[str, ...]
) -> tuple[dict[str, _Evidence], list[str], frozenset[str]]:
    """Several candidate codes: certain only where every reading is."""
    merged: dict[str, _Evidence] = {}
    for name in dict.fromkeys(name for hits, _, _ in readings for name in hits):
        found = [hits[name] for hits, _, _ in readings if name in hits]
        truths = {evidence.truth for evidence in found} | ({Truth.FALSE} if len(found) < len(readings) else set())
        why = "; ".join(dict.fromkeys(part for evidence in found for part in evidence.why.split("; ")))
        sources = tuple(dict.fromkeys(source for evidence in found for source in evidence.sources))
        span = next((evidence.span for evidence in found if evidence.span), None)
        if len(truths) == 1 and Truth.UNKNOWN not in truths:
            merged[name] = _Evidence(truths.pop(), None, why, sources, span)
            continue
        causes = {evidence.cause for evidence in found}
        cause = causes.pop() if len(causes) == 1 and None not in causes else Cause.AMBIGUOUS
        why = why if truths == {Truth.UNKNOWN} else f"{why}; but not under every code of {', '.join(codes)}"
        merged[name] = _Evidence(Truth.UNKNOWN, cause, why, tuple(dict.fromkeys((*sources, "hs"))), span)
    every = set(readings[0][1]).intersection(*(conflicts for _, conflicts, _ in readings[1:]))
    conflicts = [text for text in readings[0][1] if text in every]
    if all(conflicts for _, conflicts, _ in readings):
        conflicts = list(dict.fromkeys(text for _, texts, _ in readings for text in texts))
    excluded = frozenset.intersection(*(excluded for _, _, excluded in readings))
    return merged, conflicts, excluded
