"""What users describe: who, what, from where to where, on which ship, paid how, when.

Lenient in spelling, strict in meaning: countries in any usual name, HS codes with dots, synonyms of roles;
but an unknown key or word is an error with the nearest known one, and all errors of a description are
reported together. ``None`` means *not stated*; an empty list means *none* (design, section 3).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Annotated, Any, Literal, Self, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from sanctions_engine.dates import Period, read_period
from sanctions_engine.documents import Document, Path, path_text, read_document, read_file
from sanctions_engine.errors import InputError, Problem, did_you_mean
from sanctions_engine.intake.countries import CountryReading, read_country
from sanctions_engine.intake.hs import read_hs
from sanctions_engine.intake.places import Area, PlaceReading, read_area, read_place
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
    Vocabulary,
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
    "read_authority",
]

MAX_ITEMS = 5_000
MAX_TEXT = 20_000
MAX_NAME = 1_000


def _reading(read: Callable[[str], object]) -> BeforeValidator:
    """Turn a reader that raises ``InputError`` into a pydantic validator."""

    def validate(value: object) -> object:
        if not isinstance(value, str):
            if value is None or isinstance(value, (bool, list, dict, float)):
                raise PydanticCustomError("reading", "{what}", {"what": f"text is expected, not {_kind(value)}"})
            if isinstance(value, int):
                value = str(value)
            else:
                return value  # already read
        try:
            return read(value)
        except InputError as error:
            raise PydanticCustomError("reading", "{what}", {"what": error.problems[0].what}) from error

    return BeforeValidator(validate)


def _kind(value: object) -> str:
    return {bool: "yes/no", list: "a list", dict: "a mapping", float: "a fraction", type(None): "nothing"}.get(
        type(value), type(value).__name__
    )


def _word(vocabulary: Vocabulary) -> BeforeValidator:
    return _reading(vocabulary.read)


def _one_or_many(value: object) -> object:
    """Accept ``x`` for ``[x]``: most fields that may hold several hold one."""
    return value if value is None or isinstance(value, (list, tuple)) else (value,)


def _yes_no(value: object) -> object:
    if isinstance(value, str):
        answer = {"yes": True, "true": True, "no": False, "false": False}.get(value.strip().casefold())
        if answer is None:
            raise PydanticCustomError("yes_no", "write yes or no")
        return answer
    return value


def _decimal(value: object) -> object:
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        text = str(value).replace(",", "").replace("_", "").replace(" ", "").removesuffix("%")
        try:
            number = Decimal(text)
        except InvalidOperation:
            raise PydanticCustomError("number", "{v} is not a number", {"v": repr(str(value)[:40])}) from None
        if not number.is_finite() or len(text) > 40 or abs(number.adjusted()) > 30:
            raise PydanticCustomError("number", "{v} is not a usable number", {"v": repr(str(value)[:40])})
        return number
    if isinstance(value, float):
        return _decimal(repr(value))
    return value


def _not_negative(value: Decimal) -> Decimal:
    if value < 0:
        raise PydanticCustomError("number", "must not be negative")
    return value


def _currency(text: str) -> str:
    code = text.strip().upper()
    if not re.fullmatch(r"[A-Z]{3,5}", code):  # five letters: USDT, USDC and the like
        raise InputError(f"{text[:20]!r} is not a currency; write its code, such as USD")
    return code


def _text(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise InputError(f"is longer than {MAX_TEXT:,} characters; shorten it")
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise InputError("holds half of a surrogate pair; the text was damaged on the way")
    return text


def _name(text: str) -> str:
    if len(text) > MAX_NAME:
        raise InputError(f"is longer than {MAX_NAME:,} characters; a name is shorter")
    if not text.strip():
        raise InputError("is empty; leave the key out if it is not known")
    return _text(text)


_IMO = re.compile(r"(?:IMO)?\s*[-:#]?\s*(\d{7})\Z", re.IGNORECASE)


def read_imo(text: str) -> str:
    """Read a ship's IMO number and verify its check digit.

    Raises:
        InputError: Not seven digits, or the check digit is wrong.
    """
    match = _IMO.fullmatch(text.strip())
    if match is None:
        raise InputError(f"{text[:30]!r} is not an IMO number; it has seven digits, such as IMO 9179842")
    digits = match[1]
    if sum(int(d) * (7 - i) for i, d in enumerate(digits[:6])) % 10 != int(digits[6]):
        raise InputError(f"IMO {digits} fails its check digit; look for a typing error")
    return digits


@lru_cache(maxsize=4096)
def read_authority(text: str) -> str:
    """Read who approved something: ``un.1718-committee``, ``un.security-council``, ``state:RU``, ``state``.

    A body that a house rule names, such as ``acme.board``, stands as it is written.

    Raises:
        InputError: Neither a Council body nor a State.
    """
    plain = text.strip().casefold()
    if "committee" in plain and (match := re.search(r"(?<!\d)(\d{3,4})(?!\d)", plain)):
        return f"un.{match[1]}-committee"
    if plain.startswith(("un.", "state:")):
        return plain if plain.startswith("un.") else f"state:{plain[6:].upper()}"
    if "security council" in plain:
        return "un.security-council"
    if plain in ("state", "national authority", "government", "competent authority"):
        return "state"
    if plain in ("committee", "the committee", "sanctions committee"):
        return "un.committee"
    if match := re.fullmatch(r"(?:government|ministry|authorities) of (?:the )?(.+)", plain):
        plain = match[1]
    try:
        codes = read_country(plain).codes
    except InputError:
        if re.fullmatch(r"[a-z][a-z0-9-]+(\.[a-z][a-z0-9-]+)+", plain):
            return plain
        raise InputError(
            f"unknown authority {text[:60]!r}; write '1718 Committee', 'Security Council', 'State' or a country"
        ) from None
    return f"state:{next(iter(codes))}" if len(codes) == 1 else "state"


Text = Annotated[str, _reading(_text)]
Name = Annotated[str, _reading(_name)]
Ref = Annotated[str, _reading(_name)]
Refs = Annotated[tuple[Ref, ...], BeforeValidator(_one_or_many)]
Country = Annotated[CountryReading, _reading(read_country)]
Countries = Annotated[tuple[Country, ...], BeforeValidator(_one_or_many)]
Place = Annotated[PlaceReading, _reading(read_place)]
SubArea = Annotated[Area, _reading(read_area)]
Day = Annotated[Period, BeforeValidator(lambda v: v if isinstance(v, Period) else _period(v))]
YesNo = Annotated[bool, BeforeValidator(_yes_no)]
Number = Annotated[Decimal, BeforeValidator(_decimal), Field(allow_inf_nan=False)]
Amount = Annotated[Number, Field(ge=0)]
Authority = Annotated[str, _reading(read_authority)]
HsCodes = Annotated[tuple[Annotated[str, _reading(read_hs)], ...], BeforeValidator(_one_or_many)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_one_or_many)]


def _period(value: object) -> Period:
    try:
        return read_period(value)
    except InputError as error:
        raise PydanticCustomError("date", "{what}", {"what": error.problems[0].what}) from error


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, arbitrary_types_allowed=True)


class Money(_Model):
    """An amount of money.

    Args:
        value: The amount.
        currency: Its code, such as ``USD``.
    """

    value: Amount
    currency: Annotated[str, _reading(_currency)]

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
    unit: Annotated[str, _word(UNITS)]
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


class Ownership(_Model):
    """A party that owns a share of another.

    Args:
        party: The owner.
        share: Per cent of the whole, 0 to 100; not stated: unknown.
    """

    party: Ref
    share: Annotated[Amount, Field(le=100)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        return {"party": value} if isinstance(value, str) else value


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
    value = _yes_no(value) if isinstance(value, str) and value.strip().casefold() in _ANSWERS else value
    if value is True:
        return ({},)
    if value is False:
        return ()
    if isinstance(value, str):
        return ({"regime": value},)
    return _one_or_many(value)


_ANSWERS = ("yes", "no", "true", "false")
Listings = Annotated[tuple[Listing, ...], BeforeValidator(_listings)]


class Party(_Model):
    """A person, company or body that takes part."""

    id: Name | None = None
    name: Name | None = None
    aliases: Annotated[tuple[Name, ...], BeforeValidator(_one_or_many)] = ()
    roles: Annotated[
        tuple[Annotated[str, _word(ROLES)], ...] | None,
        BeforeValidator(_one_or_many),
        Field(alias="roles", validation_alias="roles"),
    ] = None
    kind: Annotated[str, _word(PARTY_KINDS)] | None = None
    jurisdiction: Countries | None = None
    nationality: Countries | None = None
    incorporated_in: Countries | None = None
    located_in: Texts | None = None
    owned_by: Annotated[tuple[Ownership, ...], BeforeValidator(_one_or_many)] | None = None
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
    imo: Annotated[str, _reading(read_imo)] | None = None
    flag: Countries | None = None
    former_flags: Countries | None = None
    owner: Ref | None = None
    operator: Ref | None = None
    roles: Annotated[tuple[Annotated[str, _word(VESSEL_ROLES)], ...] | None, BeforeValidator(_one_or_many)] = None
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


class End(_Model):
    """Where a route starts, passes or ends.

    Args:
        country: The State.
        place: A place; where no country is given it is looked up, and the reading is shown.
        area: A part of a State (Darfur, North Kivu).
        sea_area: The high seas and the like.
        loaded: For a place on the way: whether the goods were loaded there.
    """

    country: Country | None = None
    place: Place | None = None
    area: SubArea | None = None
    sea_area: Text | None = None
    loaded: YesNo | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        if isinstance(value, str):
            try:
                return {"country": read_country(value)}
            except InputError:
                return {"place": value}
        return value


class Route(_Model):
    """From where to where. ``via: []`` says that there is no stop; not stated: assumed none."""

    from_: Annotated[End | None, Field(alias="from")] = None
    to: End | None = None
    via: Annotated[tuple[End, ...], BeforeValidator(_one_or_many)] | None = None


class Conveyance(_Model):
    """How the goods or persons move."""

    mode: Literal["rail", "sea", "road", "air", "pipeline", "post", "hand", "river"] | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        return {"mode": value} if isinstance(value, str) else value


class Activity(_Model):
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

    kind: Annotated[str, _word(ACTIVITIES)]
    by: Refs | None = None
    for_: Annotated[Refs | None, Field(alias="for")] = None
    vessel: Refs | None = None
    goods: Refs | None = None
    subject: Texts | None = None
    amount: Money | None = None
    on: Day | None = None
    description: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        return {"kind": value} if isinstance(value, str) else value


class BankEnd(_Model):
    """A bank at one end of a payment: by name, country, or BIC (whose letters 5 and 6 are its country)."""

    name: Name | None = None
    country: Country | None = None
    bic: Annotated[str, Field(pattern=r"^[A-Za-z]{6}[A-Za-z0-9]{2}([A-Za-z0-9]{3})?$")] | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        if isinstance(value, str):
            try:
                return {"country": read_country(value)}
            except InputError:
                return {"name": value}
        return value


class Payment(_Model):
    """Money that moves for, or in, the transaction."""

    kind: Annotated[str, _word(ACTIVITIES)] = "payment"
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

    about: Annotated[tuple[Text, ...], BeforeValidator(_one_or_many)] = ("transaction",)
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
    activities: Annotated[tuple[Activity, ...], BeforeValidator(_one_or_many), Field(max_length=MAX_ITEMS)] | None = (
        None
    )
    parties: Annotated[tuple[Party, ...], BeforeValidator(_one_or_many), Field(max_length=MAX_ITEMS)] | None = None
    goods: Annotated[tuple[Goods, ...], BeforeValidator(_one_or_many), Field(max_length=MAX_ITEMS)] | None = None
    vessels: Annotated[tuple[Vessel, ...], BeforeValidator(_one_or_many), Field(max_length=MAX_ITEMS)] | None = None
    route: Route | None = None
    conveyance: Conveyance | None = None
    payments: Annotated[tuple[Payment, ...], BeforeValidator(_one_or_many), Field(max_length=MAX_ITEMS)] | None = None
    services: Annotated[tuple[Activity, ...], BeforeValidator(_one_or_many), Field(max_length=MAX_ITEMS)] | None = None
    purposes: Annotated[tuple[Annotated[str, _word(PURPOSES)], ...], BeforeValidator(_one_or_many)] | None = None
    grounds: Annotated[tuple[Annotated[str, _word(GROUNDS)], ...], BeforeValidator(_one_or_many)] | None = None
    circumstances: Annotated[tuple[Annotated[str, _word(CIRCUMSTANCES)], ...], BeforeValidator(_one_or_many)] | None = (
        None
    )
    red_flags: Annotated[tuple[Annotated[str, _word(RED_FLAGS)], ...], BeforeValidator(_one_or_many)] | None = None
    project: Texts | None = None
    approvals: Annotated[tuple[Approval, ...], BeforeValidator(_one_or_many)] | None = None
    determinations: Annotated[tuple[Determination, ...], BeforeValidator(_one_or_many)] | None = None
    cumulative: Annotated[tuple[Cumulative, ...], BeforeValidator(_one_or_many)] | None = None
    claims: Annotated[tuple[Claim, ...], BeforeValidator(_one_or_many)] | None = None
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
            raise InputError([Problem(document.where(()), f"a transaction is a mapping, not {_kind(document.data)}")])
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
        location = tuple(step for step in detail["loc"] if not (isinstance(step, str) and step.startswith("function-")))
        problems.append(Problem(_place(document, location), f"{path_text(location)}: {_say(detail, location, model)}"))
    return problems


def _place(document: Document, path: Path) -> str:
    return document.where(path) if document.places else document.name


def _parse_path(text: str) -> Path:
    return (
        tuple(int(index) if index else name for name, index in re.findall(r"([^.\[\]]+)(?<!\])|\[(\d+)\]", text)) or ()
    )


def _say(detail: ErrorDetails, location: Path, model: type[BaseModel]) -> str:
    match detail["type"]:
        case "extra_forbidden":
            fields = [field.alias or name for name, field in model_at(model, location[:-1]).model_fields.items()]
            return f"unknown key{did_you_mean(str(location[-1]), fields) or '; known: ' + ', '.join(fields)}"
        case "missing":
            return "is missing"
        case "literal_error":
            expected = re.findall(r"'([^']+)'", str(detail.get("ctx", {}).get("expected", "")))
            return f"{str(detail['input'])[:60]!r} is not one of {', '.join(expected)}" + did_you_mean(
                str(detail["input"]), expected
            )
        case "too_long":
            return f"has more than {MAX_ITEMS:,} entries; use `batch` for large inputs, or split the transaction"
        case "model_type" | "dict_type" | "mapping_type":
            return f"a mapping of keys is expected, not {_kind(detail['input'])}"
        case "bool_type" | "bool_parsing":
            return "write yes or no"
        case _:
            return detail["msg"].replace("Input should be", "must be")


def model_at(model: type[BaseModel], location: Path) -> type[BaseModel]:
    """Follow a location through the models to the one that holds its last key."""
    for step in location:
        if isinstance(step, int):
            continue
        for name, field in model.model_fields.items():
            if step in (name, field.alias):
                model = _inner_model(field.annotation) or model
    return model


def _inner_model(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) is None and not get_args(annotation):
        return None
    return next((found for arg in get_args(annotation) if (found := _inner_model(arg)) is not None), None)
