"""JSON Schemas of a rule file and of a transaction, so that editors complete and check them.

Generated from the models and the vocabulary of facts. They describe YAML as an editor reads it, where ``7`` is
a number; the loader reads every scalar as text. A schema is more lenient than the loader where the loader knows
more: synonyms, spellings of countries, references between files.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, get_args

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from sanctions_engine.facts import FACTS, OPERATORS, FactSpec, FactType
from sanctions_engine.intake.places import known_areas
from sanctions_engine.rule import Rule
from sanctions_engine.rulebook import Rulebook
from sanctions_engine.scenario import ScenarioText
from sanctions_engine.transaction import Conveyance, Goods, Transaction, Vessel
from sanctions_engine.vocabulary import ACTIVITY_GROUPS, SUBJECTS, Vocabulary

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_core import core_schema

__all__ = ["rule_schema", "scenario_schema", "schema_text", "transaction_schema"]

Json = dict[str, Any]
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TEXT: Json = {"type": ["string", "number"]}
_YES_NO: Json = {"enum": ["yes", "no", True, False]}
_HANGING = " " * 8  # how far the further lines of an argument are indented in a docstring
_CONDITION: Json = {"$ref": "#/$defs/condition"}


def schema_text(schema: Json) -> str:
    """Write a schema as a file holds it."""
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def rule_schema(book: Rulebook | None = None) -> Json:
    """Return the schema of a rule file.

    Args:
        book: A rulebook whose regimes and goods classes are offered; without it any word is accepted there.
    """
    schema = _generate(Rule)
    definitions = schema["$defs"]
    definitions |= _word_lists(book)
    definitions["condition"] = _condition()
    return {
        "$schema": _DIALECT,
        "title": "A rule of sanctions_engine",
        **{key: value for key, value in schema.items() if key != "title"},
    }


def transaction_schema() -> Json:
    """Return the schema of a described transaction."""
    schema = _generate(Transaction)
    return {
        "$schema": _DIALECT,
        "title": "A transaction described for sanctions_engine",
        **{key: value for key, value in schema.items() if key != "title"},
    }


def scenario_schema() -> Json:
    """Return the schema of a scenario file; its transaction is checked as one that may be incomplete."""
    schema = _generate(ScenarioText)
    given = transaction_schema()
    schema["$defs"] |= given.pop("$defs")
    schema["$defs"]["Transaction"] = {k: v for k, v in given.items() if k not in ("$schema", "title", "required")}
    sweep: Json = {"type": "array", "minItems": 2, "uniqueItems": True}
    schema["$defs"]["Case"]["properties"]["each"] |= {
        "anyOf": [{"type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": sweep}]
    }
    whole: Json = {"$ref": "#/$defs/Transaction"}
    schema["properties"]["given"] |= {"anyOf": [whole]}
    schema["properties"]["transaction"] |= {"anyOf": [dict(_TEXT), whole]}
    return {
        "$schema": _DIALECT,
        "title": "A scenario file of sanctions_engine",
        **{key: value for key, value in schema.items() if key != "title"},
    }


# ---------------------------------------------------------------------- models


class _Generator(GenerateJsonSchema):
    """Says what a reader in front of a field accepts: text for a list of one, spellings of a word."""

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> JsonSchemaValue:
        function = schema["function"]["function"]
        match getattr(function, "__name__", ""):
            case "one_or_many":
                return _one_or_many(self.generate_inner(schema["schema"]))
            case "yes_no":
                return dict(_YES_NO)
            case "_day":
                return {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$", "description": "A full day: 2017-12-22."}
            case "_decimal":
                return {"type": ["number", "string"]}
            case "_from_text":
                return {"anyOf": [dict(_TEXT), self.generate_inner(schema["schema"])]}
            case "_listings":
                return {"anyOf": [dict(_YES_NO), dict(_TEXT), self.generate_inner(schema["schema"])]}
            case "<lambda>":
                return {**_TEXT, "description": "A date: 2022-11-18, 2022-11, 2022, start/end, [earliest..latest]."}
            case "validate":
                return _read(inspect.getclosurevars(function).nonlocals.get("read"))
            case _:
                return self.generate_inner(schema["schema"])


def _one_or_many(inner: JsonSchemaValue) -> JsonSchemaValue:
    """Let ``x`` stand for ``[x]``."""
    items = inner.get("items") or next((o["items"] for o in inner.get("anyOf", ()) if "items" in o), None)
    return {"anyOf": [items, inner]} if items else inner


def _read(reader: object) -> JsonSchemaValue:
    """Say what a reader of text takes: the words of a vocabulary first, then their synonyms."""
    vocabulary = getattr(reader, "__self__", None)
    if isinstance(vocabulary, Vocabulary):
        return {"anyOf": [{"enum": list(vocabulary.words)}, {"type": "string", "description": "or a usual synonym"}]}
    return dict(_TEXT)


def _generate(model: type[BaseModel]) -> Json:
    schema = model.model_json_schema(by_alias=True, mode="validation", schema_generator=_Generator)
    schema.setdefault("$defs", {})
    _say(model, schema, schema["$defs"])
    patched = _patched(schema)
    assert isinstance(patched, dict)  # noqa: S101  # a mapping stays one
    return patched


def _say(model: type[BaseModel], schema: Json, definitions: Json) -> None:
    """Move what docstrings say of fields to the fields, where editors show it."""
    for holder in (schema, *definitions.values()):
        lines = str(holder.get("description", "")).splitlines()
        if not lines:
            continue
        holder["description"] = lines[0].replace("``", "`")
        for line in "\n".join(lines).replace(f"\n{_HANGING}", " ").splitlines():
            name, colon, says = line.strip().partition(": ")
            field = holder.get("properties", {}).get(name.rstrip("_"))
            if colon and isinstance(field, dict) and "description" not in field:
                field["description"] = says.replace("``", "`")


def _patched(value: object, key: str = "") -> object:
    """Put conditions where raw mappings stand, and let editors' numbers pass as text."""
    if isinstance(value, list):
        return [_patched(item) for item in value]
    if not isinstance(value, dict):
        return value
    result: Json = {}
    for name, item in value.items():
        if name == "properties":
            result[name] = {
                field: {**_CONDITION, **({"description": said["description"]} if "description" in said else {})}
                if field in ("when", "applies_if")
                else _patched(said, field)
                for field, said in item.items()
            }
        elif name == "title" and isinstance(item, str):
            continue
        else:
            result[name] = _patched(item, name)
    if "anyOf" in result and "additionalProperties" in result:
        # The models forbid unknown keys; where a model may also be written as text, that belongs to its mapping.
        closed = result.pop("additionalProperties")
        result["anyOf"] = [
            {**option, "additionalProperties": closed} if option.get("type") == "object" else option
            for option in result["anyOf"]
        ]
    if result.get("type") == "string" and "enum" not in result:
        result["type"] = ["string", "number"]
    return result


# ---------------------------------------------------------------------- conditions


def _condition() -> Json:
    """Return the grammar of conditions: a mapping with one key, which is a connective or a fact."""
    parts: Json = {"type": "array", "minItems": 1, "items": _CONDITION}
    connectives: Json = {
        "all": {**parts, "description": "Every part holds."},
        "any": {**parts, "description": "Some part holds."},
        "not": {**_CONDITION, "description": "The part does not hold; what is unknown stays unknown."},
        "use": {"type": "string", "description": "A test in the regime's definitions.yaml."},
    }
    facts = {name: _fact(spec) for name, spec in FACTS.items()}
    return {
        "description": "all, any, not, use, or a fact with its operator.",
        "anyOf": [
            {
                "type": "object",
                "minProperties": 1,
                "maxProperties": 1,
                "additionalProperties": False,
                "properties": connectives | facts,
            },
            {
                "type": "object",
                "additionalProperties": False,
                "required": ["contested", "when"],
                "properties": {
                    "contested": {"type": "string", "description": "Why lawyers differ; at most potential."},
                    "when": _CONDITION,
                },
            },
        ],
    }


def _fact(spec: FactSpec) -> Json:
    says = f"{spec.says[:1].upper()}{spec.says[1:]}. Not stated: {spec.absence}."
    return {
        "description": says,
        "type": "object",
        "minProperties": 1,
        "additionalProperties": False,
        "properties": {operator: _operand(spec, operator) for operator in OPERATORS[spec.type]},
    }


def _operand(spec: FactSpec, operator: str) -> Json:
    match spec.type:
        case FactType.FLAG:
            return dict(_YES_NO)
        case FactType.DATE | FactType.SPAN:
            return {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
        case FactType.MONEY | FactType.COUNT:
            return {"$ref": "#/$defs/measure"}
        case FactType.TOTAL | FactType.APPROVALS:
            return {"$ref": f"#/$defs/{operator}"}
        case FactType.DETERMINATIONS:
            return {"type": "string", "description": "The paragraph under which it is made: 2270/8."}
        case FactType.STATES:
            return {"$ref": "#/$defs/states"}
        case FactType.HS:
            return {"$ref": "#/$defs/hs"}
        case _:
            return {"$ref": f"#/$defs/{_list_name(spec)}"}


def _list_name(spec: FactSpec) -> str:
    if spec.words is not None:
        return f"words.{spec.words.what.replace(' ', '_')}"
    attribute = spec.name.rpartition(".")[2]
    if spec.type is FactType.CATEGORIES:
        return "words.category"
    if spec.name in ("mode", "subject", "goods.kind", "goods.condition", "vessel.kind"):
        return f"words.{spec.name}"
    return {"listed": "words.regime", "areas": "words.area", "located": "states"}.get(attribute, "words.any")


def _word_lists(book: Rulebook | None) -> Json:
    """Return the lists of words that facts take, each once."""
    goods = book.goods.ids if book is not None else ()
    known: dict[str, Iterable[str]] = {
        "words.category": goods,
        "words.regime": tuple(book.regimes) if book is not None else (),
        "words.area": tuple(area.id for area in known_areas()),
        "words.subject": (*SUBJECTS.words, *goods) if goods else (),
        "words.mode": _literals(Conveyance, "mode"),
        "words.goods.kind": _literals(Goods, "kind"),
        "words.goods.condition": _literals(Goods, "condition"),
        "words.vessel.kind": _literals(Vessel, "kind"),
        "words.any": (),
    }
    for spec in FACTS.values():
        if spec.words is not None:
            known.setdefault(_list_name(spec), spec.words.words)
    groups = [f"$activities.{group}" for group in ACTIVITY_GROUPS]
    known["words.activity"] = [*known["words.activity"], *groups]
    lists = {
        name: _list({"anyOf": [{"enum": list(words)}, _PARAMETER]} if words else _TEXT) for name, words in known.items()
    }
    number = {"type": ["number", "string"]}
    return lists | {
        "states": _list({"anyOf": [{"type": "string", "pattern": "^[A-Z]{2}$"}, _PARAMETER]}),
        "hs": _list({"type": ["string", "number"], "description": "8710, 2616.90, or a range: 72-76."}),
        "measure": {
            "anyOf": [
                number,
                {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["value"],
                    "properties": {"value": number, "unit": {"type": "string"}},
                },
            ]
        },
        "exceeds": {
            "type": "object",
            "required": ["measure"],
            "properties": {
                "measure": {"type": "string", "description": "The paragraph by which totals are stated: 2397/5."},
                "limits": {
                    "description": "The limits, each in its unit; of several each binds, unless whichever: stated."
                },
                "whichever": {
                    "enum": ["lower", "stated"],
                    "description": "Of several limits: each binds (lower), or one limit in several units (stated).",
                },
                "limit_from": {"type": "string", "description": "The measure by which the limit itself is stated."},
                "share": {**number, "description": "The part of the limit that counts, such as 0.75."},
                "before": {**_YES_NO, "description": "Whether only what went before counts."},
            },
        },
        "held": {
            "type": "object",
            "required": ["by"],
            "properties": {
                "by": {"type": "string", "description": "un.1718-committee, un.security-council or state."},
                "kind": {"enum": ["approval", "notification"]},
                "never_assumed": dict(_YES_NO),
            },
        },
    }


_PARAMETER: Json = {"type": "string", "pattern": r"^\$parameters\."}


def _list(item: Json) -> Json:
    return {"anyOf": [item, {"type": "array", "items": item}]}


def _literals(model: type[BaseModel], field: str) -> tuple[str, ...]:
    """Return the words a field takes."""
    found: list[str] = []
    queue = [model.model_fields[field].annotation]
    while queue:
        for argument in get_args(queue.pop()):
            if isinstance(argument, str):
                found.append(argument)
            else:
                queue.append(argument)
    return tuple(found)
