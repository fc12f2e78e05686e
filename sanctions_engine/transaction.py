"""What users describe: who, what, from where to where, on which ship, paid how, when.

Lenient in spelling, strict in meaning: countries in any usual name, HS codes with dots, synonyms of roles;
but an unknown key or word is an error with the nearest known one, and all errors of a description are
reported together. ``None`` means *not stated*; an empty list means *none* (design, section 3).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path as FilePath
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from sanctions_engine.dates import Period
from sanctions_engine.documents import Document, Path, path_text, read_document, read_file
from sanctions_engine.errors import InputError, Problem, did_you_mean
from sanctions_engine.fields import (
    MAX_ITEMS,
    Amount,
    Authority,
    Countries,
    Country,
    Currency,
    Day,
    HsCodes,
    Imo,
    Name,
    Place,
    Ref,
    Refs,
    SubArea,
    Text,
    Texts,
    YesNo,
    kind_in_words,
    one_or_many,
    refusal,
    word,
    yes_no,
)
from sanctions_engine.intake.countries import CountryReading, read_country
from sanctions_engine.intake.places import Area, PlaceReading
from sanctions_engine.vocabulary import (
    ACTIVITIES,
    CIRCUMSTANCES,
    GROUNDS,
    PARTY_KINDS,
    PURPOSES,
    RED_FLAGS,
    ROLES,
    UNITS,
    VESSEL_ROLES,
)

__all__ = [
    "Activity",
    "Approval",
    "Claim",
    "Cumulative",
    "Determination",
    "End",
    "Goods",
    "Listing",
    "Money",
    "Ownership",
    "Party",
    "Payment",
    "Quantity",
    "Route",
    "Transaction",
    "Vessel",
]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, arbitrary_types_allowed=True)


class _Short(_Model):
    """A model for which a text may stand; ``_text`` names the field that the text then is."""

    _text: ClassVar[str]

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        return {cls._text: value} if isinstance(value, str) else value


class _Located(_Short):
    """A model for which a text may stand that is its country, or else what ``_text`` names."""

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        if isinstance(value, str):
            try:
                return {"country": read_country(value)}
            except InputError:
                return {cls._text: value}
        return value


class Money(_Model):
    """An amount of money.

    Args:
        value: The amount.
        currency: Its code, such as ``USD``.
    """

    value: Amount
    currency: Currency

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        if isinstance(value, str):
            match = re.fullmatch(r"\s*([A-Za-z]{3,5})\s*([\d.,_ ]+)\s*|\s*([\d.,_ ]+)\s*([A-Za-z]{3,5})\s*", value[:80])
            if match is None:
                raise PydanticCustomError("money", "write an amount with its currency, such as USD 2,000")
            return {"value": match[2] or match[3], "currency": match[1] or match[4]}
        return value


class Quantity(_Model):
    """How much.

    Args:
        value: The amount.
        unit: ``barrel``, ``tonne``, ``piece`` …
        barrels_per_tonne: A stated conversion factor. There is none by default: the Council agreed none.
    """

    value: Amount
    unit: Annotated[str, word(UNITS)]
    barrels_per_tonne: Annotated[Amount, Field(gt=0)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        if isinstance(value, str):
            match = re.fullmatch(r"\s*([\d.,_]+)\s*(\D.*?)\s*", value[:80])
            if match is None:
                raise PydanticCustomError("quantity", "write an amount with its unit, such as 500 tonnes")
            return {"value": match[1], "unit": match[2]}
        return value


class Ownership(_Short):
    """A party that owns a share of another.

    Args:
        party: The owner.
        share: Per cent of the whole, 0 to 100; not stated: unknown.
    """

    _text: ClassVar = "party"

    party: Ref
    share: Annotated[Amount, Field(le=100)] | None = None


class Listing(_Model):
    """What the user says of a listing.

    Args:
        regime: A regime's id, such as ``un.dprk``; not stated: a candidate under any.
        reference: The list's own reference number.
        from_: First day.
        until: First day on which it no longer stood.
    """

    regime: Name | None = None
    reference: Name | None = None
    from_: Annotated[Day | None, Field(alias="from")] = None
    until: Day | None = None


def _listings(value: object) -> object:
    value = yes_no(value) if isinstance(value, str) and value.strip().casefold() in _ANSWERS else value
    if value is True:
        return ({},)
    if value is False:
        return ()
    if isinstance(value, str):
        return ({"regime": value},)
    return one_or_many(value)


_ANSWERS = ("yes", "no", "true", "false")
Listings = Annotated[tuple[Listing, ...], BeforeValidator(_listings)]


class Party(_Model):
    """A person, company or body that takes part."""

    id: Name | None = None
    name: Name | None = None
    aliases: Annotated[tuple[Name, ...], BeforeValidator(one_or_many)] = ()
    roles: Annotated[
        tuple[Annotated[str, word(ROLES)], ...] | None,
        BeforeValidator(one_or_many),
        Field(alias="roles", validation_alias="roles"),
    ] = None
    kind: Annotated[str, word(PARTY_KINDS)] | None = None
    jurisdiction: Countries | None = None
    nationality: Countries | None = None
    incorporated_in: Countries | None = None
    located_in: Texts | None = None
    owned_by: Annotated[tuple[Ownership, ...], BeforeValidator(one_or_many)] | None = None
    controlled_by: Refs | None = None
    acts_for: Refs | None = None
    member_of: Texts | None = None
    identifiers: Mapping[str, Text] | None = None
    birth_date: Day | None = None
    protected_from_return: YesNo | None = None
    listed: Listings | None = None
    description: Text | None = None


class Vessel(_Model):
    """A ship, or an aircraft where ``kind`` says so."""

    id: Name | None = None
    name: Name | None = None
    kind: Literal["ship", "aircraft"] = "ship"
    imo: Imo | None = None
    flag: Countries | None = None
    former_flags: Countries | None = None
    owner: Ref | None = None
    operator: Ref | None = None
    roles: Annotated[tuple[Annotated[str, word(VESSEL_ROLES)], ...] | None, BeforeValidator(one_or_many)] = None
    designated: Listings | None = None
    suspected_of: Texts | None = None
    ais_off: YesNo | None = None
    crew_states: Countries | None = None
    description: Text | None = None


class Goods(_Model):
    """One line of goods, a right, a service as an item, money or an asset."""

    id: Name | None = None
    kind: Literal["good", "right", "service", "money", "asset"] = "good"
    description: Text | None = None
    hs: HsCodes | None = None
    categories: Texts | None = None
    quantity: Quantity | None = None
    value: Money | None = None
    unit_value: Money | None = None
    origin: Countries | None = None
    made_in: Countries | None = None
    condition: Literal["new", "used"] | None = None
    spare_part_for: Texts | None = None
    end_use: Text | None = None


class End(_Located):
    """Where a route starts, passes or ends.

    Args:
        country: The State.
        place: A place; where no country is given it is looked up, and the reading is shown.
        area: A part of a State (Darfur, North Kivu).
        sea_area: The high seas and the like.
        loaded: For a place on the way: whether the goods were loaded there.
    """

    _text: ClassVar = "place"

    country: Country | None = None
    place: Place | None = None
    area: SubArea | None = None
    sea_area: Text | None = None
    loaded: YesNo | None = None


class Route(_Model):
    """From where to where. ``via: []`` says that there is no stop; not stated: assumed none."""

    from_: Annotated[End | None, Field(alias="from")] = None
    to: End | None = None
    via: Annotated[tuple[End, ...], BeforeValidator(one_or_many)] | None = None


class Conveyance(_Short):
    """How the goods or persons move."""

    _text: ClassVar = "mode"

    mode: Literal["rail", "sea", "road", "air", "pipeline", "post", "hand", "river"] | None = None


class Activity(_Short):
    """Something done, with links to what it concerns where there could be doubt.

    Args:
        kind: The canonical word.
        by: Who does, gives or pays.
        for_: To or for whom.
        vessel: Which vessels.
        goods: Which goods lines.
        subject: Fields of knowledge, or classes of items, that it is about.
        amount: Money involved.
        on: When, where it differs from the transaction.
    """

    _text: ClassVar = "kind"

    kind: Annotated[str, word(ACTIVITIES)]
    by: Refs | None = None
    for_: Annotated[Refs | None, Field(alias="for")] = None
    vessel: Refs | None = None
    goods: Refs | None = None
    subject: Texts | None = None
    amount: Money | None = None
    on: Day | None = None
    description: Text | None = None


class BankEnd(_Located):
    """A bank at one end of a payment: by name, country, or BIC (whose letters 5 and 6 are its country)."""

    _text: ClassVar = "name"

    name: Name | None = None
    country: Country | None = None
    bic: Annotated[str, Field(pattern=r"^[A-Za-z]{6}[A-Za-z0-9]{2}([A-Za-z0-9]{3})?$")] | None = None


class Payment(_Model):
    """Money that moves for, or in, the transaction."""

    kind: Annotated[str, word(ACTIVITIES)] = "payment"
    payer: Ref | None = None
    payee: Ref | None = None
    payer_bank: BankEnd | None = None
    payee_bank: BankEnd | None = None
    amount: Money | None = None
    goods: Refs | None = None
    purpose: Text | None = None
    on: Day | None = None


class Approval(_Model):
    """An approval, notification or determination that somebody holds.

    Without dates or scope it proves nothing: it is then UNKNOWN (design, section 3).
    """

    by: Authority
    kind: Literal["approval", "notification", "determination"] = "approval"
    reference: Text | None = None
    granted: Day | None = None
    expires: Day | None = None
    covers: Refs | None = None
    paragraph: Text | None = None
    to: Authority | None = None


class Claim(_Model):
    """Who says what about the described facts."""

    about: Annotated[tuple[Text, ...], BeforeValidator(one_or_many)] = ("transaction",)
    status: Literal["alleged", "denied", "confirmed"]
    by: Text
    on: Day | None = None
    source: Text | None = None


class Cumulative(_Model):
    """A total that a cap is measured against, before this transaction.

    Args:
        measure: The paragraph of the cap, such as ``2397/5``.
        period: The period it counts.
        value: The total so far.
        unit: A unit of quantity, or a currency.
        as_stated_by: Whose figure it is.
        barrels_per_tonne: A stated conversion factor.
    """

    measure: Text
    period: Day | None = None
    value: Amount
    unit: Text
    as_stated_by: Text | None = None
    barrels_per_tonne: Annotated[Amount, Field(gt=0)] | None = None


class Determination(_Model):
    """A State's or Committee's finding that a catch-all paragraph applies."""

    by: Authority
    paragraph: Text
    on: Day | None = None
    covers: Refs | None = None


class Transaction(_Model):
    """A described transaction (design, section 4).

    Args:
        id: How the report names it; the key in a file is ``transaction``.
        occurred: When, in EDTF.
        unknown: Paths the user explicitly does not know; this always wins over any assumption.

    Every other field is as in a file. ``None``: not stated. Empty: none.
    """

    id: Annotated[Name, Field(alias="transaction")] = "transaction"
    title: Text | None = None
    occurred: Day | None = None
    contracted: Day | None = None
    discovered: Day | None = None
    activities: Annotated[tuple[Activity, ...], BeforeValidator(one_or_many), Field(max_length=MAX_ITEMS)] | None = None
    parties: Annotated[tuple[Party, ...], BeforeValidator(one_or_many), Field(max_length=MAX_ITEMS)] | None = None
    goods: Annotated[tuple[Goods, ...], BeforeValidator(one_or_many), Field(max_length=MAX_ITEMS)] | None = None
    vessels: Annotated[tuple[Vessel, ...], BeforeValidator(one_or_many), Field(max_length=MAX_ITEMS)] | None = None
    route: Route | None = None
    conveyance: Conveyance | None = None
    payments: Annotated[tuple[Payment, ...], BeforeValidator(one_or_many), Field(max_length=MAX_ITEMS)] | None = None
    services: Annotated[tuple[Activity, ...], BeforeValidator(one_or_many), Field(max_length=MAX_ITEMS)] | None = None
    purposes: Annotated[tuple[Annotated[str, word(PURPOSES)], ...], BeforeValidator(one_or_many)] | None = None
    grounds: Annotated[tuple[Annotated[str, word(GROUNDS)], ...], BeforeValidator(one_or_many)] | None = None
    circumstances: Annotated[tuple[Annotated[str, word(CIRCUMSTANCES)], ...], BeforeValidator(one_or_many)] | None = (
        None
    )
    red_flags: Annotated[tuple[Annotated[str, word(RED_FLAGS)], ...], BeforeValidator(one_or_many)] | None = None
    project: Texts | None = None
    approvals: Annotated[tuple[Approval, ...], BeforeValidator(one_or_many)] | None = None
    determinations: Annotated[tuple[Determination, ...], BeforeValidator(one_or_many)] | None = None
    cumulative: Annotated[tuple[Cumulative, ...], BeforeValidator(one_or_many)] | None = None
    claims: Annotated[tuple[Claim, ...], BeforeValidator(one_or_many)] | None = None
    unknown: Texts = ()
    notes: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _lift_unknown(cls, value: object) -> object:
        """Read the word ``unknown`` in any field as an explicit unknown at that path."""
        if not isinstance(value, Mapping):
            return value
        found: list[str] = []
        lifted = _without_unknown(value, (), found)
        if not found or not isinstance(lifted, dict):
            return value
        return {**lifted, "unknown": [*_as_list(value.get("unknown")), *found]}

    @model_validator(mode="after")
    def _links_hold(self) -> Self:
        problems = [f"{path_text(path)}: {what}" for path, what in _broken_links(self)]
        if problems:
            raise PydanticCustomError("links", "{what}", {"what": "\n".join(problems)})
        return self

    @classmethod
    def load(cls, path: str | FilePath) -> Transaction:
        """Read one transaction from a YAML or JSON file.

        Raises:
            InputError: Everything that is wrong with it, each with its line and column and the nearest known word.
        """
        return cls.of(read_file(path))

    @classmethod
    def of(cls, source: Transaction | Mapping[str, object] | str | Document) -> Transaction:
        """Read a transaction from a mapping, a YAML or JSON text, or a parsed document.

        Raises:
            InputError: Everything that is wrong with it.
        """
        if isinstance(source, Transaction):
            return source
        document = source
        if isinstance(document, str):
            document = read_document(document)
        if not isinstance(document, Document):
            document = Document("", document)
        if not isinstance(document.data, Mapping):
            what = f"a transaction is a mapping, not {kind_in_words(document.data)}"
            if isinstance(document.data, str):
                what += "; to read a file, use Transaction.load(path)"
            raise InputError([Problem(document.where(()), what)])
        try:
            return cls.model_validate(document.data)
        except ValidationError as error:
            raise InputError(_problems(error, cls, document)) from error
        except RecursionError as error:
            raise InputError([Problem(document.where(()), "nests too deeply")]) from error

    def to_json(self) -> str:
        """Write the transaction as it was understood, countries and words in canonical form."""
        return json.dumps(describe(self), ensure_ascii=False)

    def find(self, collection: str, ref: str) -> int | None:
        """Return the index that a reference (``parties[0]``, an id, a name) points to; ``None`` if to nothing."""
        return _index(getattr(self, collection) or (), collection, ref)


def describe(value: object) -> Any:
    """Return a model as plain data in the shape users write, leaving out what was not stated."""
    if isinstance(value, BaseModel):
        result = {}
        for name, field in type(value).model_fields.items():
            item = getattr(value, name)
            if item is not None and not (name == "unknown" and not item):
                result[field.alias or name] = describe(item)
        return result
    if isinstance(value, (tuple, list)):
        return [describe(item) for item in value]
    if isinstance(value, Mapping):
        return {key: describe(item) for key, item in value.items()}
    if isinstance(value, (CountryReading, PlaceReading, Period)):
        return value.text
    if isinstance(value, Area):
        return value.id
    if isinstance(value, Decimal):
        return str(value)
    return value


def _as_list(value: object) -> list[object]:
    return [] if value is None else list(value) if isinstance(value, (list, tuple)) else [value]


def _without_unknown(value: object, path: Path, found: list[str]) -> object:
    if isinstance(value, Mapping):
        result: dict[object, object] = {}
        for key, item in value.items():
            if isinstance(item, str) and key not in ("name", "description", "about", "id", "transaction", "unknown"):
                if item.strip().casefold() == "unknown":
                    found.append(path_text((*path, str(key))))
                    continue
                result[key] = item
            elif isinstance(item, (Mapping, list, tuple)) and key != "unknown":
                result[key] = _without_unknown(item, (*path, str(key)), found)
            else:
                result[key] = item
        return result
    if isinstance(value, (list, tuple)):
        return [
            _without_unknown(item, (*path, i), found) if isinstance(item, (Mapping, list, tuple)) else item
            for i, item in enumerate(value)
        ]
    return value


_LINK = re.compile(r"(parties|goods|vessels|activities|payments|services)\[(\d{1,6})\]\Z")


def _index(items: tuple[Any, ...], collection: str, ref: str) -> int | None:
    match = _LINK.fullmatch(ref)
    if match is not None:
        return int(match[2]) if match[1] == collection and int(match[2]) < len(items) else None
    named = [i for i, item in enumerate(items) if item.id == ref]
    if not named:
        named = [i for i, item in enumerate(items) if getattr(item, "name", None) == ref]
    return named[0] if len(named) == 1 else None


def _broken_links(transaction: Transaction) -> Iterator[tuple[Path, str]]:
    """Find references to nothing, ids that stand twice, and parties that own themselves through others."""
    known: dict[str, list[str]] = {}
    for collection in ("parties", "goods", "vessels"):
        items = getattr(transaction, collection) or ()
        ids = [item.id for item in items if item.id is not None]
        known[collection] = [*ids, *(n for item in items if (n := getattr(item, "name", None))), f"{collection}[0]"]
        seen: set[str] = set()
        for i, item in enumerate(items):
            if item.id is not None and item.id in seen:
                yield (collection, i, "id"), f"id {item.id!r} stands twice; give each its own"
            seen.add(item.id or "")

    def check(path: Path, refs: tuple[str, ...] | str | None, *collections: str) -> Iterator[tuple[Path, str]]:
        for ref in (refs,) if isinstance(refs, str) else refs or ():
            if all(transaction.find(collection, ref) is None for collection in collections):
                words = [word for collection in collections for word in known[collection]]
                yield path, f"{ref[:60]!r} names nothing in {' or '.join(collections)}{did_you_mean(ref, words)}"

    for name in ("activities", "services"):
        for i, activity in enumerate(getattr(transaction, name) or ()):
            yield from check((name, i, "by"), activity.by, "parties")
            yield from check((name, i, "for"), activity.for_, "parties")
            yield from check((name, i, "vessel"), activity.vessel, "vessels")
            yield from check((name, i, "goods"), activity.goods, "goods")
    for i, payment in enumerate(transaction.payments or ()):
        yield from check(("payments", i, "payer"), payment.payer, "parties")
        yield from check(("payments", i, "payee"), payment.payee, "parties")
        yield from check(("payments", i, "goods"), payment.goods, "goods")
    for i, party in enumerate(transaction.parties or ()):
        for j, stake in enumerate(party.owned_by or ()):
            yield from check(("parties", i, "owned_by", j, "party"), stake.party, "parties")
        yield from check(("parties", i, "controlled_by"), party.controlled_by, "parties")
        yield from check(("parties", i, "acts_for"), party.acts_for, "parties")
        total = sum((stake.share for stake in party.owned_by or () if stake.share is not None), Decimal(0))
        if total > 100:
            yield ("parties", i, "owned_by"), f"the shares add up to {total} per cent; at most 100 can be owned"
    for i, approval in enumerate(transaction.approvals or ()):
        covered = tuple(ref for ref in approval.covers or () if ref not in ("transaction", "all"))
        yield from check(("approvals", i, "covers"), covered, "goods", "parties", "vessels")
    for i, unknown in enumerate(transaction.unknown):
        top = re.split(r"[.\[]", unknown, maxsplit=1)[0]
        fields = [field.alias or name for name, field in Transaction.model_fields.items()]
        if top not in fields:
            yield ("unknown", i), f"{unknown[:60]!r} is not a path of a transaction{did_you_mean(top, fields)}"


def _problems(error: ValidationError, model: type[BaseModel], document: Document) -> list[Problem]:
    """Put pydantic's findings into our words, each at its place."""
    problems: list[Problem] = []
    for detail in error.errors():
        if detail["type"] == "links":
            for line in detail["msg"].splitlines():
                path, _, what = line.partition(": ")
                problems.append(Problem(_place(document, _parse_path(path)), f"{path}: {what}"))
            continue
        location, what = refusal(detail, model)
        problems.append(Problem(_place(document, location), what))
    return problems


def _place(document: Document, path: Path) -> str:
    return document.where(path) if document.places else document.name


def _parse_path(text: str) -> Path:
    return (
        tuple(int(index) if index else name for name, index in re.findall(r"([^.\[\]]+)(?<!\])|\[(\d+)\]", text)) or ()
    )
