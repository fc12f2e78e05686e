"""What a field of a description, a rule or a scenario accepts, and how what it refuses is said.

Lenient in spelling: one for a list of one, yes and no, countries in any usual name, numbers with separators. Readers
raise ``InputError``; pydantic gathers what they say with the place of each.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Annotated, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, Field
from pydantic_core import ErrorDetails, PydanticCustomError

from sanctions_engine.dates import Period, read_period
from sanctions_engine.documents import Path, path_text
from sanctions_engine.errors import InputError, did_you_mean
from sanctions_engine.intake.countries import CountryReading, read_country
from sanctions_engine.intake.hs import read_hs
from sanctions_engine.intake.imo import read_imo
from sanctions_engine.intake.places import Area, PlaceReading, read_area, read_place
from sanctions_engine.vocabulary import Vocabulary

__all__ = [
    "MAX_ITEMS",
    "Amount",
    "Authority",
    "Countries",
    "Country",
    "Currency",
    "Day",
    "HsCodes",
    "Imo",
    "Name",
    "Number",
    "Place",
    "Ref",
    "Refs",
    "SubArea",
    "Text",
    "Texts",
    "YesNo",
    "kind_in_words",
    "one_or_many",
    "read_authority",
    "reading",
    "refusal",
    "word",
    "yes_no",
]

MAX_ITEMS = 5_000
"""How many things a list of a transaction may hold."""
_MAX_TEXT = 20_000
_MAX_NAME = 1_000


def reading(read: Callable[[str], object]) -> BeforeValidator:
    """Turn a reader that raises ``InputError`` into a pydantic validator."""

    def validate(value: object) -> object:
        if not isinstance(value, str):
            if value is None or isinstance(value, (bool, list, dict, float)):
                raise PydanticCustomError(
                    "reading", "{what}", {"what": f"text is expected, not {kind_in_words(value)}"}
                )
            if isinstance(value, int):
                value = str(value)
            else:
                return value  # already read
        try:
            return read(value)
        except InputError as error:
            raise PydanticCustomError("reading", "{what}", {"what": error.problems[0].what}) from error

    return BeforeValidator(validate)


def kind_in_words(value: object) -> str:
    """Say what kind of value stands where another was expected."""
    return {bool: "yes/no", list: "a list", dict: "a mapping", float: "a fraction", type(None): "nothing"}.get(
        type(value), type(value).__name__
    )


def word(vocabulary: Vocabulary) -> BeforeValidator:
    """Read a word of a vocabulary, by any of its synonyms."""
    return reading(vocabulary.read)


def one_or_many(value: object) -> object:
    """Accept ``x`` for ``[x]``: most fields that may hold several hold one."""
    return value if value is None or isinstance(value, (list, tuple)) else (value,)


def yes_no(value: object) -> object:
    """Read yes and no, written as people write them."""
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


def _currency(text: str) -> str:
    code = text.strip().upper()
    if not re.fullmatch(r"[A-Z]{3,5}", code):  # five letters: USDT, USDC and the like
        raise InputError(f"{text[:20]!r} is not a currency; write its code, such as USD")
    return code


def _text(text: str) -> str:
    if len(text) > _MAX_TEXT:
        raise InputError(f"is longer than {_MAX_TEXT:,} characters; shorten it")
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise InputError("holds half of a surrogate pair; the text was damaged on the way")
    return text


def _name(text: str) -> str:
    if len(text) > _MAX_NAME:
        raise InputError(f"is longer than {_MAX_NAME:,} characters; a name is shorter")
    if not text.strip():
        raise InputError("is empty; leave the key out if it is not known")
    return _text(text)


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


Text = Annotated[str, reading(_text)]
Name = Annotated[str, reading(_name)]
Ref = Annotated[str, reading(_name)]
Refs = Annotated[tuple[Ref, ...], BeforeValidator(one_or_many)]
Country = Annotated[CountryReading, reading(read_country)]
Countries = Annotated[tuple[Country, ...], BeforeValidator(one_or_many)]
Place = Annotated[PlaceReading, reading(read_place)]
SubArea = Annotated[Area, reading(read_area)]
Day = Annotated[Period, BeforeValidator(lambda v: v if isinstance(v, Period) else _period(v))]
YesNo = Annotated[bool, BeforeValidator(yes_no)]
Number = Annotated[Decimal, BeforeValidator(_decimal), Field(allow_inf_nan=False)]
Amount = Annotated[Number, Field(ge=0)]
Authority = Annotated[str, reading(read_authority)]
Currency = Annotated[str, reading(_currency)]
Imo = Annotated[str, reading(read_imo)]
HsCodes = Annotated[tuple[Annotated[str, reading(read_hs)], ...], BeforeValidator(one_or_many)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(one_or_many)]


def _period(value: object) -> Period:
    try:
        return read_period(value)
    except InputError as error:
        raise PydanticCustomError("date", "{what}", {"what": error.problems[0].what}) from error


def refusal(detail: ErrorDetails, model: type[BaseModel]) -> tuple[Path, str]:
    """Say in our words what pydantic refused, and where.

    Args:
        detail: One of its findings.
        model: The model that was being read; its fields are what a misspelt key is compared with.
    """
    # What pydantic puts in between for its own use (a validator, a choice of models) is no key that anybody wrote.
    location = tuple(
        step for step in detail["loc"] if not (isinstance(step, str) and step.startswith(("function-", "<")))
    )
    if detail["type"] == "missing":
        return location, f"{path_text(location)} is missing"
    return location, f"{path_text(location)}: {_what(detail, location, model)}"


def _what(detail: ErrorDetails, location: Path, model: type[BaseModel]) -> str:
    context = detail.get("ctx", {})
    match detail["type"]:
        case "extra_forbidden":
            fields = [field.alias or name for name, field in _model_at(model, location[:-1]).model_fields.items()]
            return f"unknown key{did_you_mean(str(location[-1]), fields) or '; known: ' + ', '.join(fields)}"
        case "enum" | "literal_error":
            expected = re.findall(r"'([^']+)'", str(context.get("expected", "")))
            written = str(detail["input"])
            return f"{written[:60]!r} is not one of {', '.join(expected)}{did_you_mean(written, expected)}"
        case "string_pattern_mismatch":
            return f"{str(detail['input'])[:60]!r} is not of the expected form {context.get('pattern')}"
        case "too_long":
            return f"has more than {MAX_ITEMS:,} entries; use `batch` for large inputs, or split the transaction"
        case "model_type" | "dict_type" | "mapping_type":
            return f"a mapping of keys is expected, not {kind_in_words(detail['input'])}"
        case "bool_type" | "bool_parsing":
            return "write yes or no"
        case _:
            return detail["msg"].replace("Input should be", "must be")


def _model_at(model: type[BaseModel], location: Path) -> type[BaseModel]:
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
