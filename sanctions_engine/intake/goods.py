"""Which classes of goods a line belongs to, by its HS code, its description and what the user states.

The classes are law (``rules/un/goods.yaml``); the words are ours (``lexicon/*.yaml``). Code and text are
combined as the design says: a code that decides is certain; a short or merely indicative code leaves a doubt
that strong words settle; a commodity word that the code excludes is overruled and reported; where words define
the class (arms, weapons of mass destruction, luxury) words prevail over the code, and the conflict is reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path

from sanctions_engine.documents import Document, read_file
from sanctions_engine.errors import InputError, Problem, RuleError, did_you_mean
from sanctions_engine.intake.hs import HsRanges
from sanctions_engine.intake.lexicon import Lexicon, Wording, bundled_lexicon
from sanctions_engine.truth import Cause, Truth

__all__ = ["CategoryHit", "Classification", "GoodsCategories", "GoodsCategory", "GoodsClassifier", "ValueAbove"]


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
class ValueAbove:
    """A value of one piece that must be exceeded."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class _Codes:
    ranges: HsRanges
    basis: str
    decides: str  # yes, with_word, no, or empty
    contested: str | None


@dataclass(frozen=True, slots=True)
class _Link:
    """A doubtful step from a class to one above it."""

    child: str
    contested: str | None
    value: ValueAbove | None


@dataclass(frozen=True, slots=True)
class GoodsCategory:
    """A class of goods that rules name.

    Args:
        id: Snake-case identifier.
        title: What a lawyer calls it.
        within: Classes directly above.
        text_defined: Whether the paragraph's words define it, a code being only an aid.
        value_above: The value of one piece above which it belongs to the classes in ``doubtful``.
        contested: Why lawyers differ on whether it belongs to the classes in ``doubtful``.
        doubtful: Classes above to which it belongs only so.
        parts_unknown: Whether a part of such a thing may lie outside the class.
        source: Paragraphs, or an item definition of the working reference.
    """

    id: str
    title: str
    within: tuple[str, ...]
    text_defined: bool
    value_above: ValueAbove | None
    contested: str | None
    doubtful: tuple[str, ...]
    parts_unknown: bool
    source: tuple[str, ...]
    codes: tuple[_Codes, ...]


_KEYS = ("title", "within", "defined_by", "hs", "value_above", "contested", "parts", "source")
_CODE_KEYS = ("codes", "basis", "decides", "contested")
_LONGEST_REMEMBERED = 1000  # characters; longer texts rarely recur and would fill the memory
_DECIDES = ("yes", "with_word", "no", "")
_BASES = ("paragraph_text", "monitoring_practice", "illustrative")


class GoodsCategories:
    """The tree of classes; one for all regimes.

    Args:
        categories: Classes, each named once; parents known, without cycles.
    """

    __slots__ = ("_above", "_all", "_below")

    def __init__(self, categories: Mapping[str, GoodsCategory]) -> None:
        self._all = dict(categories)
        self._above = {name: self._ancestors(name) for name in self._all}
        below: dict[str, set[str]] = {name: set() for name in self._all}
        for name, ancestors in self._above.items():
            for ancestor in ancestors:
                below[ancestor].add(name)
        self._below = {name: frozenset(found) for name, found in below.items()}

    def _ancestors(self, name: str) -> dict[str, _Link | None]:
        """Classes above, each with the doubtful step on the way to it, or ``None`` where one way is sure."""
        found: dict[str, _Link | None] = {}
        queue: list[tuple[str, _Link | None]] = [(name, None)]
        while queue:
            at, doubt = queue.pop()
            category = self._all[at]
            for parent in category.within:
                step = doubt
                if doubt is None and parent in category.doubtful:
                    step = _Link(at, category.contested, category.value_above)
                if parent not in found or (found[parent] is not None and step is None):
                    found[parent] = step
                    queue.append((parent, step))
        return found

    @property
    def ids(self) -> tuple[str, ...]:
        """All identifiers, as in the file."""
        return tuple(self._all)

    def __contains__(self, name: object) -> bool:
        return name in self._all

    def __getitem__(self, name: str) -> GoodsCategory:
        return self._all[name]

    def __iter__(self) -> Iterator[GoodsCategory]:
        return iter(self._all.values())

    def descendants(self, name: str) -> frozenset[str]:
        """All classes below one, without itself."""
        return self._below[name]

    def ancestors(self, name: str) -> frozenset[str]:
        """All classes above one, without itself, the doubtful ones included."""
        return frozenset(self._above[name])

    def above(self, name: str) -> Mapping[str, _Link | None]:
        """Classes above one, each with the doubt on the way to it."""
        return self._above[name]

    def read_id(self, text: str) -> str:
        """The identifier for what a user wrote: ``Luxury goods`` is ``luxury_goods``.

        Raises:
            InputError: No class is called so.
        """
        plain = "_".join(text.casefold().replace("-", " ").replace("_", " ").split())
        for form in (plain, _SYNONYMS.get(plain, ""), plain + "s", plain.removesuffix("s"), _american(plain)):
            if form in self._all:
                return form
        for category in self._all.values():
            if category.title.casefold() == text.strip().casefold():
                return category.id
        known = list(self._all)
        raise InputError(f"{text[:60]!r} is not a class of goods{did_you_mean(plain, known)}")

    @classmethod
    def load(cls, path: str | Path) -> GoodsCategories:
        """Read ``goods.yaml``.

        Raises:
            RuleError: All mistakes in the file, each with its place.
        """
        try:
            document = read_file(path)
        except InputError as error:
            raise RuleError(error.problems) from error
        return _CategoryReader(document).read()


_SYNONYMS = {
    "weapons": "arms",
    "weapon": "arms",
    "arms_and_related_materiel": "arms",
    "conventional_arms": "arms",
    "munitions": "ammunition",
    "shells": "ammunition",
    "tank": "battle_tank",
    "tanks": "battle_tank",
    "drone": "uav",
    "drones": "uav",
    "unmanned_aircraft": "uav",
    "oil": "petroleum",
    "crude": "crude_oil",
    "refined_oil": "refined_petroleum",
    "petrol": "gasoline",
    "gas_oil": "diesel",
    "luxury": "luxury_goods",
    "jewellery": "luxury_jewellery",
    "jewelry": "luxury_jewellery",
    "luxury_jewelry": "luxury_jewellery",
    "ship": "vessel",
    "ships": "vessel",
    "vehicles": "transport_vehicles",
    "cars": "road_vehicle",
    "statues": "statue",
    "monuments": "statue",
    "fish": "seafood",
    "medicines": "medicine",
    "drugs": "medicine",
    "pharmaceuticals": "medicine",
    "nuclear": "nuclear_items",
    "wmd": "wmd_items",
    "dual_use": "conventional_dual_use",
    "diamonds": "rough_diamonds",
    "antiquities": "cultural_property",
    "steel": "iron",
    "metals": "base_metals",
    "electronics": "electrical_equipment",
    "industrial_machinery": "machinery",
    "ngl": "natural_gas_liquids",
    "banknotes": "cash",
}


def _american(text: str) -> str:
    return text.replace("fertilizer", "fertiliser").replace("armored", "armoured").replace("caliber", "calibre")


class _CategoryReader:
    """Reads the tree, and all mistakes in it before it gives up."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._problems: list[Problem] = []

    def _fault(self, path: tuple[str | int, ...], what: str) -> None:
        self._problems.append(Problem(self._document.where(path), what))

    def read(self) -> GoodsCategories:
        data = self._document.data
        listed = data.get("categories") if isinstance(data, dict) else None
        found: dict[str, GoodsCategory] = {}
        if isinstance(data, dict):
            for key in data.keys() - {"categories"}:
                self._fault((key,), f"unknown key {key!r}; a goods file holds `categories`")
        if not isinstance(listed, dict) or not listed:
            self._fault((), "holds no `categories` (a mapping of identifier to class)")
        else:
            for name, body in listed.items():
                category = self._category(name, body)
                if category is not None:
                    found[name] = category
            self._check_parents(found, listed)
        if self._problems:
            raise RuleError(self._problems)
        return GoodsCategories(found)

    def _category(self, name: str, body: object) -> GoodsCategory | None:
        path = ("categories", name)
        if not name.isidentifier() or name != name.lower():
            self._fault(path, f"{name!r} is not an identifier; write small letters and underscores")
        if not isinstance(body, dict):
            self._fault(path, f"class {name!r} is not a mapping of keys such as title and hs")
            return None
        for key in body:
            if key not in _KEYS:
                self._fault((*path, key), f"unknown key {key!r}{did_you_mean(key, _KEYS)}")
        title = body.get("title")
        if not isinstance(title, str):
            self._fault(path, f"class {name!r} needs a title")
        defined_by = body.get("defined_by")
        if defined_by not in ("text", "code"):
            self._fault((*path, "defined_by"), f"class {name!r}: defined_by is text or code")
        parts = body.get("parts")
        if parts not in (None, "unknown"):
            self._fault((*path, "parts"), "parts is unknown, or left out")
        within = self._texts(body.get("within"), (*path, "within"))
        codes = self._codes(body.get("hs"), (*path, "hs"))
        if defined_by == "code" and not codes:
            self._fault(path, f"class {name!r} is defined by code but names none; add hs, or write defined_by: text")
        contested, contested_for = self._contested(body.get("contested"), (*path, "contested"))
        value, value_for = self._value(body.get("value_above"), (*path, "value_above"))
        if contested and value:
            self._fault(path, f"class {name!r}: give contested or value_above, not both")
        doubtful = contested_for or value_for
        for parent in doubtful:
            if parent not in within:
                self._fault(path, f"class {name!r}: {parent!r} is not among its `within`{did_you_mean(parent, within)}")
        return GoodsCategory(
            id=name,
            title=title if isinstance(title, str) else name,
            within=within,
            text_defined=defined_by == "text",
            value_above=value,
            contested=contested,
            doubtful=doubtful,
            parts_unknown=parts == "unknown",
            source=self._texts(body.get("source"), (*path, "source")),
            codes=codes,
        )

    def _texts(self, value: object, path: tuple[str | int, ...]) -> tuple[str, ...]:
        if value is None:
            return ()
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        self._fault(path, f"{path[-1]} is a list of words")
        return ()

    def _codes(self, value: object, path: tuple[str | int, ...]) -> tuple[_Codes, ...]:
        if value is None:
            return ()
        if not isinstance(value, list):
            self._fault(path, "hs is a list of {codes, basis}")
            return ()
        found = []
        for at, entry in enumerate(value):
            here = (*path, at)
            if not isinstance(entry, dict):
                self._fault(here, "hs is a list of {codes, basis}")
                continue
            for key in entry:
                if key not in _CODE_KEYS:
                    self._fault((*here, key), f"unknown key {key!r}{did_you_mean(key, _CODE_KEYS)}")
            basis = entry.get("basis")
            if basis not in _BASES:
                self._fault(here, f"basis is one of {', '.join(_BASES)}{did_you_mean(str(basis), _BASES)}")
            decides = entry.get("decides", "yes" if basis == "paragraph_text" else "")
            if decides not in _DECIDES:
                self._fault(here, f"decides is one of {', '.join(filter(None, _DECIDES))}, or left out")
            try:
                ranges = HsRanges(self._texts(entry.get("codes"), (*here, "codes")))
            except InputError as error:
                self._fault((*here, "codes"), str(error))
                continue
            if not ranges.ranges:
                self._fault(here, "names no codes")
            contested = entry.get("contested")
            found.append(_Codes(ranges, str(basis), str(decides), contested if isinstance(contested, str) else None))
        return tuple(found)

    def _contested(self, value: object, path: tuple[str | int, ...]) -> tuple[str | None, tuple[str, ...]]:
        if value is None:
            return None, ()
        if not isinstance(value, dict) or not isinstance(value.get("why"), str) or set(value) != {"for", "why"}:
            self._fault(path, "contested is {for: [classes above], why: a reason}")
            return None, ()
        return value["why"], self._texts(value["for"], (*path, "for"))

    def _value(self, value: object, path: tuple[str | int, ...]) -> tuple[ValueAbove | None, tuple[str, ...]]:
        if value is None:
            return None, ()
        if not isinstance(value, dict) or set(value) != {"for", "amount", "currency", "per"}:
            self._fault(path, "value_above is {for: [classes above], amount, currency, per: piece}")
            return None, ()
        try:
            amount = Decimal(str(value["amount"]))
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite() or amount < 0:
            self._fault((*path, "amount"), f"{str(value['amount'])[:40]!r} is not an amount")
        if value["per"] != "piece":
            self._fault((*path, "per"), "per is piece")
        return ValueAbove(amount, str(value["currency"])), self._texts(value["for"], (*path, "for"))

    def _check_parents(self, found: Mapping[str, GoodsCategory], listed: Mapping[str, object]) -> None:
        for name, category in found.items():
            for parent in category.within:
                if parent not in listed:
                    self._fault(
                        ("categories", name, "within"),
                        f"no class is called {parent!r}{did_you_mean(parent, list(listed))}",
                    )
        done: set[str] = set()
        for start in found:
            if start not in done:
                self._check_cycle(start, found, done)

    def _check_cycle(self, start: str, found: Mapping[str, GoodsCategory], done: set[str]) -> None:
        on_path: list[str] = []
        stack: list[tuple[str, bool]] = [(start, True)]
        while stack:
            name, entering = stack.pop()
            if not entering:
                on_path.pop()
                done.add(name)
                continue
            if name in on_path:
                circle = " within ".join([*on_path[on_path.index(name) :], name])
                self._fault(("categories", name, "within"), f"classes lie within each other: {circle}")
                return
            if name in done or name not in found:
                continue
            on_path.append(name)
            stack.append((name, False))
            stack.extend((parent, True) for parent in found[name].within)


@dataclass(frozen=True, slots=True)
class _CodeSays:
    """What one code says of every class."""

    yes: Mapping[str, str]  # class -> why
    maybe: Mapping[str, tuple[Cause, str]]
    with_word: frozenset[str]  # classes for which the code is enough with a word that may mean them
    outside: frozenset[str]  # classes that have codes, none of which the code can be
    excluded: frozenset[str]  # those of them that codes define


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


def _settle(doubt: _Link, unit_value: tuple[Decimal, str] | None) -> Truth:
    if doubt.value is None or unit_value is None or unit_value[1] != doubt.value.currency:
        return Truth.UNKNOWN
    return Truth.of(unit_value[0] > doubt.value.amount)


def _doubt(doubt: _Link, unit_value: tuple[Decimal, str] | None) -> tuple[Cause, str]:
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
