"""The classes of goods of the law: a tree, with the codes of each, how it is told, and what lies within what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from sanctions_engine.documents import Document, read_file
from sanctions_engine.errors import InputError, Problem, RuleError, did_you_mean
from sanctions_engine.intake.hs import HsRanges

__all__ = ["Codes", "GoodsCategories", "GoodsCategory", "Link", "ValueAbove"]


@dataclass(frozen=True, slots=True)
class ValueAbove:
    """A value of one piece that must be exceeded."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Codes:
    """HS codes of a class, and what they say of a line that has one.

    Args:
        ranges: They.
        basis: ``paragraph_text``, ``monitoring_practice`` or ``illustrative``.
        decides: ``yes``, ``with_word``, ``no``, or empty.
        contested: Why lawyers differ on them.
    """

    ranges: HsRanges
    basis: str
    decides: str
    contested: str | None


@dataclass(frozen=True, slots=True)
class Link:
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
    codes: tuple[Codes, ...]


_KEYS = ("title", "within", "defined_by", "hs", "value_above", "contested", "parts", "source")
_CODE_KEYS = ("codes", "basis", "decides", "contested")
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

    def _ancestors(self, name: str) -> dict[str, Link | None]:
        """Classes above, each with the doubtful step on the way to it, or ``None`` where one way is sure."""
        found: dict[str, Link | None] = {}
        queue: list[tuple[str, Link | None]] = [(name, None)]
        while queue:
            at, doubt = queue.pop()
            category = self._all[at]
            for parent in category.within:
                step = doubt
                if doubt is None and parent in category.doubtful:
                    step = Link(at, category.contested, category.value_above)
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

    def above(self, name: str) -> Mapping[str, Link | None]:
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

    def _codes(self, value: object, path: tuple[str | int, ...]) -> tuple[Codes, ...]:
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
            found.append(Codes(ranges, str(basis), str(decides), contested if isinstance(contested, str) else None))
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
