# ruff: noqa: E501  # cases are lines of a scenario file
"""Coverage says what scenarios show of a rule, and never more: truths, who decided, exemptions, days, lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from sanctions_engine.assurance.coverage import Coverage, RuleShown, TestShown, measure, rules_asserted
from sanctions_engine.assurance.coverage_page import coverage_html, file_lines
from sanctions_engine.assurance.places import Sources
from sanctions_engine.cli import main
from sanctions_engine.condition import All, AnyOf, Not
from sanctions_engine.engine import Engine
from sanctions_engine.errors import InputError
from sanctions_engine.rulebook import Rulebook, bundled_rules
from sanctions_engine.scenario import Scenario, load_scenarios
from sanctions_engine.truth import Truth

RULE = """\
rule: house.acme.r1
title: Food or fuel to Belarus
authority: {resolution: S/RES/9901 (2024), paragraph: "1", checked: quoted}
in_force: {from: 2024-03-01, until: 2025-03-01}
effect: prohibition
binds: [every_member_state]
reach: [territory]
for_each: goods
when:
  all:
    - use: to_belarus
    - any:
        - goods.categories: {include: food}
        - goods.categories: {include: diesel}
unless:
  - exemption: medical
    authority: 9901/2
    when: {purposes: {include: medical}}
hs_basis: illustrative
severity: low
because: A rule for tests of coverage, with a shared definition and an exemption.
"""
FILES = {
    "goods.yaml": (bundled_rules() / "un" / "goods.yaml").read_text(encoding="utf-8"),
    "house/acme/regime.yaml": "regime: house.acme\ntitle: Acme\ntargets: {states: [BY]}\n",
    "house/acme/definitions.yaml": "to_belarus:\n  to.states: {include: BY}\n",
    "house/acme/r1.yaml": RULE,
}
GIVEN = """\
rule: house.acme.r1
given:
  occurred: 2024-05-01
  activities: [sale]
  parties:
    - {name: a, roles: [supplier], jurisdiction: Switzerland}
    - {name: b, roles: [recipient], jurisdiction: Belarus}
  goods: [{description: wheat, hs: "1001"}]
  route: {from: Switzerland, to: Belarus, via: []}
cases:
"""
HIT = "  - {case: wheat, expect: {rule: violation}}\n"
POLAND = '  - {case: to Poland, change: {route.to: Poland, "parties[1]": {name: b, roles: [recipient], jurisdiction: Poland}}, expect: {rule: none}}\n'
CLOTH = '  - {case: cloth, change: {"goods[0]": {description: cloth, hs: "5208"}}, expect: {rule: none}}\n'
OIL = '  - {case: fuel, change: {"goods[0]": {description: diesel fuel, hs: "2710"}}, expect: {rule: violation}}\n'
BEFORE = "  - {case: before, change: {occurred: 2024-02-29}, expect: {rule: none}}\n"
LAST = "  - {case: last day, change: {occurred: 2025-02-28}, expect: {rule: violation}}\n"
AFTER = "  - {case: after, change: {occurred: 2025-03-01}, expect: {rule: none}}\n"
FIRST = "  - {case: first day, change: {occurred: 2024-03-01}, expect: {rule: violation}}\n"
CLINIC = "  - {case: clinic, change: {purposes: [medical]}, expect: {rule: exempt, exemption: 9901/2}}\n"
VAGUE = '  - {case: vague, change: {"goods[0]": {quantity: {value: 3, unit: piece}}}, expect: {rule: potential}}\n'
ALL = (HIT, POLAND, CLOTH, OIL, BEFORE, FIRST, LAST, AFTER, CLINIC, VAGUE)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("rules")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    with Engine(Rulebook.load(folder, bundled=False), matcher="python") as made:
        yield made


def scenarios(folder: Path, *cases: str) -> tuple[Scenario, ...]:
    file = folder / "r1.scenario.yaml"
    file.write_text(GIVEN + "".join(cases), encoding="utf-8")
    return load_scenarios(file)


def shown(engine: Engine, folder: Path, *cases: str) -> RuleShown:
    [rule] = measure(engine, scenarios(folder, *cases)).rules
    return rule


def by_line(rule: RuleShown) -> dict[str, TestShown]:
    return {f"{Path(test.place.file).name}:{test.place.line}": test for test in rule.tests}


WITHIN, TO, FOOD, FUEL, MEDICAL = "r1.yaml:4", "definitions.yaml:2", "r1.yaml:13", "r1.yaml:14", "r1.yaml:18"


def test_every_test_stands_at_its_line(engine: Engine, tmp_path: Path) -> None:
    assert list(by_line(shown(engine, tmp_path, HIT))) == [WITHIN, TO, FOOD, FUEL, MEDICAL]


def test_full_scenarios_cover_every_test(engine: Engine, tmp_path: Path) -> None:
    rule = shown(engine, tmp_path, *ALL)
    assert [test.lacks for test in rule.tests] == [""] * 5
    assert rule.verdicts == {"none", "open", "hit", "exempt"}
    assert all(rule.days.values())
    assert [(e.paragraph, e.applied, e.seen) for e in rule.exemptions] == [
        ("9901/2", 1, frozenset({Truth.TRUE, Truth.FALSE}))
    ]


@pytest.mark.parametrize(
    ("left_out", "line", "lacks"),
    [
        (POLAND, TO, "is never false"),
        (OIL, FUEL, "is never true"),
        (CLINIC, MEDICAL, "is never true"),
        (CLOTH, FOOD, "never decides as false"),
    ],
)
def test_what_a_missing_case_leaves_open_is_named(
    engine: Engine, tmp_path: Path, left_out: str, line: str, lacks: str
) -> None:
    rule = shown(engine, tmp_path, *(case for case in ALL if case != left_out))
    assert by_line(rule)[line].lacks == lacks
    assert by_line(rule)[line].covered is False


def test_a_test_that_another_masks_does_not_decide(engine: Engine, tmp_path: Path) -> None:
    both = '  - {case: both, change: {"goods[0]": {categories: [food, diesel]}}, expect: {rule: violation}}\n'
    tests = by_line(shown(engine, tmp_path, both))
    assert Truth.TRUE in tests[FOOD].seen
    assert tests[FOOD].decided == frozenset()
    assert tests[FUEL].decided == frozenset()
    assert tests[TO].decided == {Truth.TRUE}


def test_a_test_of_the_rule_is_masked_where_nothing_else_holds(engine: Engine, tmp_path: Path) -> None:
    elsewhere = POLAND.replace("route.to", '"goods[0]": {description: cloth, hs: "5208"}, route.to')
    assert by_line(shown(engine, tmp_path, elsewhere))[TO].decided == frozenset()


def test_a_doubt_is_seen_as_unknown_and_decides_nothing(engine: Engine, tmp_path: Path) -> None:
    tests = by_line(shown(engine, tmp_path, VAGUE))
    assert tests[FOOD].seen == {Truth.UNKNOWN}
    assert tests[FOOD].decided == frozenset()


@pytest.mark.parametrize(
    ("case", "days"),
    [
        (BEFORE, {"before"}),
        (FIRST, {"first day", "in force"}),
        (HIT, {"in force"}),
        (LAST, {"in force", "last day"}),
        (AFTER, {"after"}),
    ],
)
def test_a_run_counts_for_the_days_it_falls_on(engine: Engine, tmp_path: Path, case: str, days: set[str]) -> None:
    assert {day for day, hit in shown(engine, tmp_path, case).days.items() if hit} == days


def test_a_scenario_that_fails_counts_for_nothing(engine: Engine, tmp_path: Path) -> None:
    found = measure(engine, scenarios(tmp_path, HIT.replace("violation", "none")))
    assert found.scenarios == 0
    assert "expected none, got violation" in found.failed[0]
    assert found.rules[0].runs == 0
    assert found.tally().mcdc == 0


def test_a_scenario_that_asserts_nothing_of_a_rule_does_not_count(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "other.scenario.yaml"
    text = (GIVEN + HIT).replace("rule: house.acme.r1\n", "", 1).replace("{rule: violation}", "{outcome: violation}")
    file.write_text(text, encoding="utf-8")
    found = measure(engine, load_scenarios(file))
    assert (found.scenarios, found.rules[0].runs) == (0, 0)


def test_a_rule_that_an_expectation_names_is_asserted(tmp_path: Path) -> None:
    case = "  - {case: x, expect: {findings: [{rule: house.acme.r2, outcome: none}], none_of: [house.acme.r3]}}\n"
    [scenario] = scenarios(tmp_path, case)
    assert rules_asserted(scenario) == {"house.acme.r1", "house.acme.r2", "house.acme.r3"}


def test_a_scenario_that_cannot_be_run_is_an_error_with_its_place(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"r1\.scenario\.yaml:11:"):
        measure(engine, scenarios(tmp_path, HIT.replace("expect", "change: {activities: [sael]}, expect")))


def test_a_rule_without_scenarios_is_counted(engine: Engine) -> None:
    tally = measure(engine, ()).tally()
    assert (tally.rules, tally.tests, tally.covered, tally.both_truths) == (1, 5, 0, 0.0)


# ---------------------------------------------------------------------- the page and the command


@pytest.fixture(scope="module")
def part(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Coverage:
    return measure(engine, scenarios(tmp_path_factory.mktemp("part"), HIT, CLOTH, CLINIC))


def test_lines_are_marked_by_what_is_shown(engine: Engine, part: Coverage) -> None:
    [file] = [shown.file for shown in part.rules]
    marks = {number: line.mark for number, line in file_lines(part)[file].items()}
    assert marks == {4: "never", 13: "covered", 14: "never", 16: "covered", 18: "covered"}


def test_the_page_is_safe_and_shows_every_file(engine: Engine, part: Coverage) -> None:
    files = [name for name in Sources(engine.rulebook).documents if name.endswith(("r1.yaml", "definitions.yaml"))]
    page = coverage_html(part, files)
    assert "<script" not in page
    assert "default-src 'none'" in page
    assert page.count("<details>") == 2
    assert '<span class="covered" title="' in page
    assert "to_belarus:" in page


def test_text_from_files_is_escaped(engine: Engine, part: Coverage, tmp_path: Path) -> None:
    hostile = tmp_path / "x.yaml"
    hostile.write_text("a: <b>&\n", encoding="utf-8")
    assert "a: &lt;b&gt;&amp;" in coverage_html(part, [str(hostile)])


@pytest.mark.parametrize(("least", "code"), [("30", 0), ("90", 2)])
def test_the_command_fails_under_a_limit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], least: str, code: int
) -> None:
    assert main(["rules", "new", "house.acme.x", "--rules", str(tmp_path / "rules"), "--state", "BY"]) == 0
    capsys.readouterr()
    own = ["rules", "coverage", str(tmp_path / "tests"), "--rules", str(tmp_path / "rules"), "--fail-under", least]
    assert main([*own, "--format", "json"]) == code
    found = json.loads(capsys.readouterr().out)
    assert [rule["rule"] for rule in found["rules"]] == ["house.acme.x"]
    assert 30 < found["total"]["mcdc"] < 90
    assert found["criterion"].startswith("masking MC/DC")


def test_the_command_refuses_what_it_cannot_measure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "coverage", str(tmp_path)]) == 65
    assert "holds no scenario" in capsys.readouterr().err
    (tmp_path / "a.scenario.yaml").write_text("rule: un.x\ncses: []\n", encoding="utf-8")
    assert main(["rules", "coverage", str(tmp_path)]) == 65
    assert "a.scenario.yaml:2:" in capsys.readouterr().err
    assert main(["rules", "coverage", "--regime", "un.dprkk"]) == 64
    assert "did you mean 'un.dprk'" in capsys.readouterr().err


# ---------------------------------------------------------------------- places


def test_every_condition_of_the_bundled_book_has_a_place() -> None:
    book = Rulebook.load()
    for placed in Sources(book).rules:
        assert [e.condition for e in placed.rule.exemptions] == [e.condition for e in placed.exemptions]
        for node in (*placed.when.nodes(), *(n for e in placed.exemptions for n in e.nodes())):
            if isinstance(node.condition, All | AnyOf):
                assert tuple(part.condition for part in node.parts) == node.condition.parts, str(node.place)
            elif isinstance(node.condition, Not):
                assert [part.condition for part in node.parts] == [node.condition.part], str(node.place)
            assert node.place.line >= 1


def test_coverage_of_a_day_before_the_rule_does_not_count(engine: Engine, tmp_path: Path) -> None:
    [scenario] = scenarios(tmp_path, HIT.replace("violation", "none"))
    early = Scenario(
        scenario.name, scenario.transaction, scenario.expect, scenario.rule, date(2023, 1, 1), scenario.place
    )
    assert measure(engine.as_of(date(2023, 1, 1)), [early]).rules == ()
    found = measure(engine, [early])
    assert (found.scenarios, found.rules[0].runs) == (1, 0)
