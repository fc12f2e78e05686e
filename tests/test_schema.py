"""The JSON Schemas of rules and transactions: current, complete, and no laxer than an editor needs."""

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

import sanctions_engine
from sanctions_engine.facts import FACTS
from sanctions_engine.rulebook import RESERVED_FILES, Rulebook, bundled_rules
from sanctions_engine.schema import rule_schema, scenario_schema, schema_text, transaction_schema

PACKAGE = Path(sanctions_engine.__file__).parent
ROOT = Path(__file__).resolve().parent.parent
RULES = sorted(path for path in bundled_rules().rglob("*.yaml") if path.name not in RESERVED_FILES)


class AsEditorsRead(yaml.SafeLoader):
    """YAML 1.2 as editors read it: dates stay text, and NO is Norway."""


AsEditorsRead.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if not tag.endswith((":timestamp", ":bool"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}

RULE = """\
rule: un.dprk.2397-7
title: Machinery supplied to the DPRK
authority: {resolution: S/RES/2397 (2017), paragraph: 7, checked: content}
in_force: {from: 2017-12-22}
effect: prohibition
binds: [every_member_state]
for_each: goods
when:
  all:
    - activity: {in: $activities.transfer}
    - to.states: {include: KP}
    - goods.hs: {under: [84-85, 8710]}
    - not: {party.kind: {include: bank}}
unless:
  - {exemption: Committee decision, authority: 2397/25, approval: {by: un.1718-committee}}
  - {use: committee_2397_25}
severity: high
because: Because.
"""


def faults(schema: dict, text: str) -> list[str]:
    data = yaml.load(text, Loader=AsEditorsRead)  # a safe loader with fewer types
    return [error.message for error in Draft202012Validator(schema).iter_errors(data)]


@pytest.fixture(scope="module")
def rule() -> dict:
    return rule_schema()


@pytest.fixture(scope="module")
def transaction() -> dict:
    return transaction_schema()


@pytest.fixture(scope="module")
def scenario() -> dict:
    return scenario_schema()


@pytest.mark.parametrize("name", ["rule", "transaction", "scenario"])
def test_shipped_schema_is_current(name: str, request: pytest.FixtureRequest) -> None:
    shipped = (PACKAGE / f"{name}.schema.json").read_text(encoding="utf-8")
    assert shipped == schema_text(request.getfixturevalue(name)), (
        f"run: sanctions-engine rules schema {name} -o sanctions_engine/{name}.schema.json"
    )


def test_what_a_docstring_says_of_a_field_over_several_lines_is_whole(rule: dict) -> None:
    assert rule["properties"]["binds"]["description"].endswith("is its to prevent.")


@pytest.mark.parametrize("name", ["rule", "transaction", "scenario"])
def test_schema_is_a_schema(name: str, request: pytest.FixtureRequest) -> None:
    Draft202012Validator.check_schema(request.getfixturevalue(name))


def test_every_fact_is_offered_with_what_it_means(rule: dict) -> None:
    offered = rule["$defs"]["condition"]["anyOf"][0]["properties"]
    assert set(FACTS) <= set(offered)
    assert all(offered[name]["description"] for name in FACTS)


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_every_shipped_rule_fits(path: Path, rule: dict) -> None:
    assert faults(rule, path.read_text(encoding="utf-8")) == []


def test_every_example_transaction_fits(transaction: dict) -> None:
    files = sorted((ROOT / "examples" / "transactions").glob("*.yaml"))
    assert files
    for path in files:
        assert faults(transaction, path.read_text(encoding="utf-8")) == [], path.name


@pytest.mark.parametrize(
    ("written", "broken"),
    [
        ("effect: prohibition", "effect: forbids"),
        ("to.states:", "to.state:"),
        ("include: KP", "include: North Korea"),
        ("include: KP", "equals: KP"),
        ("$activities.transfer", "selling"),
        ("include: bank", "include: banque"),
        ("severity: high", "severety: high"),
        ("from: 2017-12-22", "from: 2017-12"),
        ("checked: content", "checked: sure"),
        ("for_each: goods", "for_each: item"),
        ("because: Because.", "because: ''"),
        ("title: Machinery supplied to the DPRK\n", ""),
        ("- to.states: {include: KP}", "- {to.states: {include: KP}, from.states: {include: KP}}"),
        ("  all:\n", "  every:\n"),
    ],
)
def test_a_broken_rule_is_marked(written: str, broken: str, rule: dict) -> None:
    assert faults(rule, RULE) == []
    assert written in RULE
    assert faults(rule, RULE.replace(written, broken)) != []


def test_synonyms_and_usual_spellings_pass(transaction: dict) -> None:
    text = """
        transaction: t
        occurred: 2022
        activities: sale
        parties: {name: X, roles: exporter, jurisdiction: КНДР, owned_by: Y}
        goods: [{description: rockets, hs: 9301, value: 2000 USD}]
        route: {from: D.P.R.K., to: {country: RU}}
        payments: []
    """
    assert faults(transaction, text) == []


@pytest.mark.parametrize("broken", ["goodz: []", "goods: [{descripton: x}]", "route: {form: KP}", "claims: [{by: X}]"])
def test_a_broken_transaction_is_marked(broken: str, transaction: dict) -> None:
    assert faults(transaction, f"transaction: t\n{broken}\n") != []


def test_words_of_a_book_are_offered_when_asked() -> None:
    book = Rulebook.load()
    offered = rule_schema(book)["$defs"]["words.category"]["anyOf"][0]["anyOf"][0]["enum"]
    assert set(offered) == set(book.goods.ids)
    assert "enum" not in json.dumps(rule_schema()["$defs"]["words.category"])


SCENARIOS = sorted((ROOT / "tests" / "scenarios").rglob("*.scenario.yaml"))[::12]
CASES = """\
rule: un.dprk.2397-7
cites: 2397/7
for_each: goods
given: {occurred: 2023-05-04, activities: [sale]}
cases:
  - case: "{} of tractors"
    change: {"goods[0].hs": null}
    each: {activities: [sale, gift]}
    expect: {rule: potential, missing: [goods]}
"""


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.name)
def test_a_shipped_scenario_fits(path: Path, scenario: dict) -> None:
    assert faults(scenario, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("written", "broken"),
    [
        ("cites:", "cite:"),
        ("for_each: goods", "for_each: good"),
        ("activities: [sale]}", "activity: [sale]}"),
        ("each:", "every:"),
        ("[sale, gift]", "[sale]"),
        ("[sale, gift]", "[sale, sale]"),
        ("{activities: [sale, gift]}", "{}"),
        ("{activities: [sale, gift]}", "{activities: [sale, gift], occurred: [2023, 2024]}"),
        ("rule: potential", "rule: perhaps"),
        ("missing:", "asks:"),
    ],
)
def test_a_broken_scenario_is_marked(written: str, broken: str, scenario: dict) -> None:
    assert faults(scenario, CASES) == []
    assert written in CASES
    assert faults(scenario, CASES.replace(written, broken)) != []
