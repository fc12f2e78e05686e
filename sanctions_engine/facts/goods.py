"""What is moved or sold, and what an act is about: classes, codes, values, the field of knowledge."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from sanctions_engine.condition import Measure
from sanctions_engine.errors import InputError
from sanctions_engine.facts.description import Act, Description
from sanctions_engine.facts.evidence import NOTHING, flag_reading, fold_words, one_of, union
from sanctions_engine.facts.subject import ForEach, Subject
from sanctions_engine.intake.goods import Classification, GoodsClassifier
from sanctions_engine.readings import Evidence, Gap, Reading
from sanctions_engine.transaction import Goods, Money
from sanctions_engine.truth import Cause, Truth
from sanctions_engine.vocabulary import SUBJECTS

__all__ = ["GoodsFacts"]


_USED = re.compile(r"\b(used|second[- ]?hand|pre-owned|refurbished)\b(?!\s+(for|in|to|as|by|with|on)\b)", re.IGNORECASE)
_DONE_TO_A_THING = frozenset({"maintenance", "repair"})
_MONEY = frozenset({"cash", "gold", "silver", "precious"})
"""The classes that money may be of."""
_WORKS = frozenset({"civil_works", "military_works"})
_MAY_MAKE_ANYTHING = frozenset(
    {"factory", "factories", "plant", "plants", "works", "workshop", "workshops", "facility", "facilities", "complex",
     "mill", "yard", "shipyard", "laboratory", "laboratories", "institute", "research", "test", "testing", "launch",
     "silo", "silos", "tunnel", "tunnels", "underground", "depot", "installation", "special", "ministry", "compound"}
)  # fmt: skip
"""Words that leave open what a building is for, unless more is said of it ("cement factory")."""


class GoodsFacts:
    """Reads what is known of goods lines, and of what an act is about.

    Args:
        description: What was described.
        classifier: Reads goods descriptions.
    """

    def __init__(self, description: Description, classifier: GoodsClassifier) -> None:
        self._description = description
        self._transaction = description.transaction
        self._classifier = classifier
        self._classified: dict[int, Classification] = {}

    def read(self, attribute: str, subject: Subject) -> Reading:
        """Return what is known of an attribute of the goods of a subject: of all lines, or of one of several."""
        lines, together, must = self._description.lines(subject)
        if not lines:
            if self._transaction.goods is None and (must or self._description.is_stated_unknown("goods")):
                return self._description.gap("goods")
            return (
                self._description.assumed("goods", "no goods are concerned")
                if self._transaction.goods is None
                else NOTHING
            )
        readings = [_READERS[attribute](self, i) for i in lines]
        if together or len(readings) == 1:
            reading = union(readings)
        else:
            reading = one_of(readings, self._description.link(subject, "goods"))
        if subject.kind is not ForEach.GOODS:
            reading |= self._description.assumed("goods", "no further goods line is concerned")
        return reading

    def classification(self, index: int) -> Classification:
        """Return the classes of one goods line."""
        found = self._classified.get(index)
        if found is None:
            line = (self._transaction.goods or ())[index]
            try:
                found = self._classifier.classify(
                    line.description, line.hs or (), line.categories or (), self._unit_value(index)
                )
            except InputError as error:
                raise InputError([type(p)(f"goods[{index}].categories", p.what) for p in error.problems]) from error
            self._classified[index] = found
            self._description.conflicts += [f"goods[{index}]: {text}" for text in found.conflicts]
        return found

    def _ask(self, index: int) -> str:
        line = (self._transaction.goods or ())[index]
        return (
            f"goods[{index}].hs" if line.hs is None or line.description is not None else f"goods[{index}].description"
        )

    def _categories(self, index: int) -> Reading:
        line = (self._transaction.goods or ())[index]
        result = self.classification(index)
        ask = self._ask(index)
        evidence = []
        excluded = []
        for hit in result.hits:
            if hit.truth is Truth.FALSE:
                excluded.append(hit.category)
                continue
            sure = hit.truth is Truth.TRUE
            # A class that hangs on a value which is not stated is asked for by that value.
            settles = f"goods[{index}].unit_value" if hit.cause is Cause.ABSENT and "a piece" in hit.why else ask
            at = (
                "description"
                if line.description is not None and "description" in hit.sources
                else "hs"
                if "hs" in hit.sources
                else "categories"
            )
            evidence.append(
                Evidence(f"goods[{index}].{at}", hit.why, frozenset({hit.category}), sure,
                         None if sure else hit.cause or Cause.IMPRECISE,
                         () if sure else (settles,))
            )  # fmt: skip
        gaps: tuple[Gap, ...] = ()
        if result.open is not None and line.kind == "money":
            gaps = (Gap(ask, result.open, only=_MONEY - result.excluded.union(excluded)),)
        elif result.open is not None:
            cause = Cause.STATED if self._description.is_stated_unknown(f"goods[{index}]") else result.open
            gaps = (Gap(ask, cause, but=result.excluded.union(excluded)),)
        return Reading(tuple(evidence), gaps)

    def _hs(self, index: int) -> Reading:
        codes = (self._transaction.goods or ())[index].hs
        if codes is None:
            return self._description.gap(f"goods[{index}].hs")
        if not codes:
            return NOTHING
        several = Cause.IMPRECISE if len(codes) > 1 else None
        return Reading((Evidence(f"goods[{index}].hs", "HS " + " or ".join(codes), frozenset(codes), True, several),))

    def _word(self, index: int, name: str) -> Reading:
        line = (self._transaction.goods or ())[index]
        value = getattr(line, name)
        if value is None and name == "condition" and (found := _USED.search(line.description or "")):
            return Reading((Evidence(f"goods[{index}].description", found[0], frozenset({"used"})),))
        if value is None:
            return self._description.gap(f"goods[{index}].{name}")
        return Reading((Evidence(f"goods[{index}].{name}", str(value), frozenset({value})),))

    def _spare_part(self, index: int) -> Reading:
        texts = (self._transaction.goods or ())[index].spare_part_for
        if texts is None:
            if self.classification(index).hit("aircraft_spares") is not None:
                return self._description.gap(f"goods[{index}].spare_part_for")
            return self._description.assumed(
                f"goods[{index}].spare_part_for", "the goods are no spare parts for anything excepted"
            )
        path = f"goods[{index}].spare_part_for"
        if not any(character.isdigit() for text in texts for character in text):  # "an airliner": no type is named
            return Reading((Evidence(path, ", ".join(texts), frozenset()),), (Gap(path, Cause.IMPRECISE),))
        return Reading(tuple(Evidence(path, t, frozenset({fold_words(t)})) for t in texts))

    def _unit_value(self, index: int) -> tuple[Decimal, str] | None:
        """Return the value of one piece, for classes that only belong to a wider one above a value."""
        values = self._money(index, "unit_value").certain()
        return next(((v.value, v.unit) for v in values if isinstance(v, Measure)), None)

    def _money(self, index: int, name: str) -> Reading:
        line: Goods = (self._transaction.goods or ())[index]
        money: Money | None = getattr(line, name)
        if (
            money is None
            and name == "unit_value"
            and line.value
            and line.quantity
            and line.quantity.unit == "piece"
            and line.quantity.value
        ):
            money = Money.model_construct(value=line.value.value / line.quantity.value, currency=line.value.currency)
        if money is None:
            return self._description.gap(f"goods[{index}].{name}")
        return Reading(
            (
                Evidence(
                    f"goods[{index}].{name}",
                    f"{money.value} {money.currency}",
                    frozenset({Measure(money.value, money.currency)}),
                ),
            )
        )

    def _conflict(self, index: int) -> Reading:
        return flag_reading(f"goods[{index}].description", bool(self.classification(index).conflicts))

    def subject_matter(self, subject: Subject) -> Reading:
        """Return the fields of knowledge and classes of items that the acts of a subject are about."""
        reading = NOTHING
        for act, sure in self._description.acts(subject):
            one = NOTHING
            for text in act.subject:
                one |= self._subject_of(text, f"{act.path}.subject")
            lines = act.goods or (range(len(self._transaction.goods or ())) if act.frame.goods != "none" else ())
            parts = [self._categories(i) for i in lines]
            if len(parts) == 1 or act.goods or act.frame.goods == "consignment":
                one |= union(parts)
            elif parts:
                one |= one_of(parts, f"{act.path}.goods")
            if act.frame.subject and not act.subject:
                one |= self._described_subject(act, asked=not parts)
            reading |= one if sure else one.doubted(Cause.AMBIGUOUS, (self._description.link_path(act, subject),))
        return reading

    def _described_subject(self, act: Act, *, asked: bool) -> Reading:
        """Read what an act is about from its description, where no subject is stated.

        The classes that the description names are evidence like those of goods. It answers the question only where
        something is built or mended: "a school" leaves nothing open, "a factory" does; of a course or of help a
        description may say too little.

        Args:
            act: The act.
            asked: Whether silence is a missing fact (no goods say what it is about).
        """
        ask = f"{act.path}.subject"
        gap = self._description.gap(ask) if asked else NOTHING
        if act.text is None:
            return gap
        path = f"{act.path}.description"
        named = self._classes_of(act.text, path, ask)
        specific = self._classifier.classify(act.text, (), ()).open is None
        if act.kind != "construction":
            return named if specific and act.kind in _DONE_TO_A_THING else named | gap
        words, rest = SUBJECTS.within(act.text)
        works = words & _WORKS
        read = Reading(
            tuple(
                Evidence(path, act.text, frozenset({word}))
                if word in _WORKS
                else Evidence(path, act.text, frozenset({word}), False, Cause.IMPRECISE, (ask,))
                for word in sorted(words)
            )
        )
        closed = specific or (works and _MAY_MAKE_ANYTHING.isdisjoint(rest.split()))
        return named | read | (NOTHING if closed else gap)

    def _classes_of(self, text: str, path: str, ask: str) -> Reading:
        """Return the classes of goods that a text names."""
        return Reading(
            tuple(
                Evidence(
                    path,
                    hit.why,
                    frozenset({hit.category}),
                    hit.truth is Truth.TRUE,
                    hit.cause,
                    () if hit.truth is Truth.TRUE else (ask,),
                )
                for hit in self._classifier.classify(text, (), ()).hits
                if hit.truth is not Truth.FALSE
            )
        )

    def _subject_of(self, text: str, path: str) -> Reading:
        word = SUBJECTS.find(text)
        if word is not None:
            return Reading((Evidence(path, text, frozenset({word})),))
        plain = text.strip().casefold().replace(" ", "_").replace("-", "_")
        if plain in self._classifier.categories.ids:
            # An item of a class is an item of each wider class: they all hold, they are no alternatives.
            classes = (plain, *sorted(self._classifier.categories.ancestors(plain)))
            return Reading(tuple(Evidence(path, text, frozenset({name})) for name in classes))
        is_open = self._classifier.classify(text, (), ()).open is not None
        return self._classes_of(text, path, path) | Reading(gaps=(Gap(path, Cause.IMPRECISE),) if is_open else ())


_READERS: Mapping[str, Callable[[GoodsFacts, int], Reading]] = {
    "categories": lambda self, i: self._categories(i),
    "hs": lambda self, i: self._hs(i),
    "kind": lambda self, i: self._word(i, "kind"),
    "condition": lambda self, i: self._word(i, "condition"),
    "value": lambda self, i: self._money(i, "value"),
    "unit_value": lambda self, i: self._money(i, "unit_value"),
    "spare_part_for": lambda self, i: self._spare_part(i),
    "conflict": lambda self, i: self._conflict(i),
}
