# ruff: noqa: E501  # the seeds are a table
"""Lint finds every seeded defect, by the check that is about it and at its place, and is silent on good rules."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from sanctions_engine.assurance.lint import CHECKS, Level, Remark, lint_folders, page
from sanctions_engine.cli import main
from sanctions_engine.errors import InputError

GOODS = """\
categories:
  food: {title: food, defined_by: code, hs: [{codes: ["07-08", "10"], basis: illustrative, decides: yes}]}
  grain: {title: grain, within: [food], defined_by: code, hs: [{codes: ["1001"], basis: illustrative, decides: yes}]}
  fuel: {title: fuel, defined_by: code, hs: [{codes: ["2709", "2710"], basis: paragraph_text, decides: yes}]}
  secrets: {title: secrets without a code, defined_by: text}
"""
REGIME = """\
regime: un.test
title: Testland
committee: un.9999-committee
targets: {states: [KP]}
renewal: {confirmed_until: 2030-01-01, applies_to: [un.test.9999-3]}
resolutions:
  S/RES/9998 (2016): {adopted: 2016-01-05}
  S/RES/9999 (2017): {adopted: 2017-01-05}
"""
DEFINITIONS = """\
goods_there:
  all:
    - activity: {in: [$activities.transfer, transport]}
    - to.states: {include: KP}
aid:
  any:
    - purposes: {include: humanitarian}
    - recipient.kind: {include: ngo}
"""
PARAMETERS = "fuel_cap: {values: ['500'], unit: barrel, source: 9999/3}\n"
EXEMPTIONS = """\
committee:
  exemption: Committee decision, case by case
  authority: 9999/9
  in_force: {from: 2017-01-05}
  approval: {by: un.9999-committee, kind: approval}
"""
SUPPLY = """\
rule: un.test.9998-1
title: Food supplied to Testland
authority: {resolution: S/RES/9998 (2016), paragraph: "1", checked: content}
measures: [food-ban]
in_force: {from: 2016-01-05, until: 2017-01-05}
effect: prohibition
binds: [every_member_state]
reach: [territory, nationals]
for_each: goods
when:
  all:
    - use: goods_there
    - goods.categories: {include: food}
unless:
  - exemption: aid
    authority: 9998/2
    when: {use: aid}
hs_basis: illustrative
severity: high
because: Food of any kind that is handed over or carried to Testland; drink is not captured.
"""
SUCCESSOR = """\
rule: un.test.9999-1
title: Food supplied to Testland, continued
authority: {resolution: S/RES/9999 (2017), paragraph: "1", checked: content}
measures: [food-ban]
in_force: {from: 2017-01-05}
effect: prohibition
binds: [every_member_state]
reach: [territory, nationals]
for_each: goods
when:
  all:
    - use: goods_there
    - goods.categories: {include: food}
unless:
  - use: committee
hs_basis: illustrative
severity: high
because: The successor of 9998/1; the Committee may now decide case by case.
"""
CAP = """\
rule: un.test.9999-3
title: Fuel supplied to Testland beyond the cap
authority: {resolution: S/RES/9999 (2017), paragraph: "3", checked: content}
in_force:
  from: 2017-06-01
  phases: [{until: 2017-09-01, applies_if: {contracted: {before: 2017-01-05}}}]
effect: cap
binds: [every_member_state]
reach: [territory]
for_each: goods
when:
  all:
    - use: goods_there
    - goods.categories: {include: fuel}
unless:
  - exemption: within the cap
    authority: 9999/3
    when: {not: {cumulative: {exceeds: {measure: 9999/3, limits: [$parameters.fuel_cap]}}}}
    approval: {by: un.9999-committee, kind: notification, never_assumed: yes}
hs_basis: paragraph_text
severity: high
because: Fuel beyond five hundred barrels in all, or within them but without notice.
"""
SERVICE = """\
rule: un.test.9999-5
title: Teaching Testland's agents
authority: {resolution: S/RES/9999 (2017), paragraph: "5", checked: memory}
in_force: {from: 2017-01-05}
effect: prohibition
binds: [every_member_state, dprk]
reach: [nationals]
for_each: activity
when:
  all:
    - activity: {in: [teaching, training]}
    - any:
        - student.states: {include: KP}
        - contested: some States hold that a host is enough for the paragraph
          when: {host.states: {include: KP}}
severity: medium
because: Whoever is taught; a visit without teaching is not captured by this rule.
"""
SIGN = """\
rule: un.test.indicator-odd-route
title: A short stop on the way
authority: {resolution: S/RES/9999 (2017), paragraph: "1", checked: content}
in_force: {from: 2017-01-05}
effect: indicator
binds: [every_member_state]
for_each: transaction
when: {red_flags: {include: short_stop}}
points_to: [9999/1]
severity: low
because: A sign that the destination may be another than the papers say; never a breach.
"""
FILES = {
    "goods.yaml": GOODS,
    "un/test/regime.yaml": REGIME,
    "un/test/definitions.yaml": DEFINITIONS,
    "un/test/parameters.yaml": PARAMETERS,
    "un/test/exemptions.yaml": EXEMPTIONS,
    "un/test/9998-1.yaml": SUPPLY,
    "un/test/9999-1.yaml": SUCCESSOR,
    "un/test/9999-3.yaml": CAP,
    "un/test/9999-5.yaml": SERVICE,
    "un/test/indicator-odd-route.yaml": SIGN,
}
SCENARIOS = {f"{rule}.scenario.yaml": f"rule: un.test.{rule}\n" for rule in
             ("9998-1", "9999-1", "9999-3", "9999-5", "indicator-odd-route")}  # fmt: skip

Write = Callable[[Path], None]


def book(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder


def look(tmp_path: Path, files: dict[str, str], scenarios: dict[str, str] | None = None) -> tuple[Remark, ...]:
    rules = book(tmp_path / "rules", files)
    tests = book(tmp_path / "tests", SCENARIOS if scenarios is None else scenarios)
    return lint_folders([rules], bundled=False, scenarios=[tests], on=date(2026, 1, 1))


def test_good_rules_are_passed_in_silence(tmp_path: Path) -> None:
    assert look(tmp_path, FILES) == ()


def changed(name: str, old: str, new: str) -> dict[str, str]:
    assert old in FILES[name], f"{old!r} is not in {name}: the seed is stale"
    return {**FILES, name: FILES[name].replace(old, new, 1)}


TEST = "un/test/"
FOOD, NEXT, FUEL, TEACH, ODD = (
    f"{TEST}{n}.yaml" for n in ("9998-1", "9999-1", "9999-3", "9999-5", "indicator-odd-route")
)
FOOD_TEST = "    - goods.categories: {include: food}\n"
AID = "    when: {use: aid}\n"
TAUGHT = "        - student.states: {include: KP}\n"

# the check that must find it; the file; what is replaced; by what; the line it must point at (0: any)
SEEDS: list[tuple[str, str, str, str, int]] = [
    # --- what cannot hold
    ("unsatisfiable-condition", FOOD, FOOD_TEST, FOOD_TEST + "    - not: {goods.categories: {include: food}}\n", 11),
    ("unsatisfiable-condition", FOOD, FOOD_TEST, "    - goods.categories: {include: grain}\n    - not: {goods.categories: {include: food}}\n", 11),
    ("unsatisfiable-condition", FOOD, FOOD_TEST, '    - goods.hs: {under: "27"}\n    - goods.hs: {under: "84-85"}\n', 11),
    ("unsatisfiable-condition", FOOD, FOOD_TEST, FOOD_TEST + "    - occurred: {from: 2018-01-01}\n", 11),
    ("unsatisfiable-condition", FOOD, FOOD_TEST, FOOD_TEST + "    - occurred: {before: 2016-01-01}\n", 11),
    ("unsatisfiable-condition", FOOD, FOOD_TEST, FOOD_TEST + "    - goods.value: {above: {value: 10, unit: USD}}\n    - goods.value: {below: {value: 9, unit: USD}}\n", 11),
    ("unsatisfiable-condition", FOOD, FOOD_TEST, FOOD_TEST + "    - contracted: {before: 2015-01-01}\n    - contracted: {from: 2015-06-01}\n", 11),
    ("unsatisfiable-condition", FOOD, FOOD_TEST, FOOD_TEST + "    - evasion: {is: yes}\n    - evasion: {is: no}\n", 11),
    ("unsatisfiable-condition", FOOD, FOOD_TEST, FOOD_TEST + "    - goods.condition: {include: new}\n    - goods.condition: {include: used}\n", 11),
    ("unsatisfiable-condition", FOOD, FOOD_TEST, FOOD_TEST + "    - from.states: {include: KP}\n    - destination.states: {include: KP}\n", 11),
    ("unsatisfiable-condition", TEACH, "    - any:\n", "    - activity: {include: transport}\n    - any:\n", 10),
    ("unsatisfiable-condition", TEACH, "    - any:\n", "    - host.kind: {include: ngo}\n    - not: {parties.kind: {include: ngo}}\n    - any:\n", 10),
    ("unsatisfiable-condition", TEACH, "    - any:\n", "    - student.states: {only: CN}\n    - student.states: {include: KP}\n    - any:\n", 10),
    # --- what always holds
    ("always-true", ODD, "{red_flags: {include: short_stop}}", "{any: [{red_flags: {include: short_stop}}, {not: {red_flags: {include: short_stop}}}]}", 8),
    ("always-true", ODD, "{red_flags: {include: short_stop}}", "{any: [{evasion: {is: yes}}, {evasion: {is: no}}]}", 8),
    # --- branches and parts
    ("unreachable-branch", TEACH, TAUGHT, TAUGHT + "        - activity: {include: transport}\n", 14),
    ("unreachable-branch", TEACH, TAUGHT, TAUGHT + "        - all: [{student.states: {only: CN}}, {student.states: {include: KP}}]\n", 14),
    ("unreachable-branch", FOOD, FOOD_TEST, FOOD_TEST + "    - any: [{occurred: {from: 2019-01-01}}, {mode: {include: sea}}]\n", 14),
    ("redundant-branch", TEACH, TAUGHT, "        - student.states: {in: [KP, CN]}\n" + TAUGHT, 14),
    ("redundant-branch", FOOD, FOOD_TEST, "    - any: [{goods.categories: {include: food}}, {goods.categories: {include: grain}}]\n", 13),
    ("redundant-branch", f"{TEST}definitions.yaml", "    - recipient.kind: {include: ngo}\n", "    - recipient.kind: {include: ngo}\n    - parties.kind: {include: ngo}\n", 8),
    ("redundant-part", TEACH, "    - any:\n", "    - activity: {in: [teaching, training, testing]}\n    - any:\n", 12),
    ("redundant-part", FOOD, FOOD_TEST, "    - goods.categories: {include: grain}\n    - goods.categories: {include: food}\n", 14),
    # --- exemptions
    ("exemption-never-applies", FOOD, AID, AID + "    in_force: {from: 2018-01-01}\n", 15),
    ("exemption-never-applies", FOOD, AID, "    when: {all: [{use: aid}, {not: {goods.categories: {include: food}}}]}\n", 15),
    ("exemption-never-applies", FOOD, AID, "    when: {occurred: {from: 2017-02-01}}\n", 15),
    ("exemption-swallows-rule", FOOD, AID, "    when: {use: goods_there}\n", 15),
    ("exemption-swallows-rule", FOOD, AID, "    when: {any: [{use: aid}, {goods.categories: {in: [food, fuel]}}]}\n", 15),
    ("exemption-swallows-rule", FOOD, AID, "    when: {occurred: {before: 2017-01-05}}\n", 15),
    ("exemption-from-silence", FOOD, AID, "    when: {not: {evasion: {is: yes}}}\n", 15),
    ("exemption-from-silence", FOOD, AID, "    when: {all: [{not: {recipient.kind: {include: ngo}}}, {military_end_use: {is: no}}]}\n", 15),
    ("exemption-twice", NEXT, "  - use: committee\n", "  - use: committee\n  - {exemption: as the Committee decides, authority: 9999/9, in_force: {from: 2017-01-05}, approval: {by: un.9999-committee}}\n", 16),
    ("exemption-before-its-paragraph", FOOD, "authority: 9998/2", "authority: 9999/2", 15),
    ("foreign-committee", f"{TEST}exemptions.yaml", "un.9999-committee", "un.1718-committee", 0),
    # --- rules beside each other
    ("date-gap", NEXT, "{from: 2017-01-05}", "{from: 2017-01-06}", 5),
    ("date-gap", FOOD, "until: 2017-01-05", "until: 2017-01-04", 0),
    ("date-overlap", FOOD, "until: 2017-01-05", "until: 2017-01-06", 0),
    ("date-overlap", FOOD, ", until: 2017-01-05", "", 0),
    # --- dates
    ("phase-outside-force", FUEL, "until: 2017-09-01", "until: 2017-05-01", 6),
    ("phase-outside-force", FUEL, "from: 2017-06-01", "from: 2017-10-01", 6),
    ("in-force-before-adoption", FOOD, "{from: 2016-01-05", "{from: 2015-12-31", 5),
    ("in-force-before-adoption", f"{TEST}regime.yaml", "adopted: 2017-01-05", "adopted: 2017-02-05", 0),
    ("resolution-year", f"{TEST}regime.yaml", "adopted: 2016-01-05", "adopted: 2015-12-31", 0),
    ("renewal-past", f"{TEST}regime.yaml", "2030-01-01", "2025-12-31", 5),
    ("renewal-of-nothing", f"{TEST}regime.yaml", "[un.test.9999-3]", "[un.test.9999-4]", 5),
    # --- authority, grade, whom it binds
    ("id-not-paragraph", FOOD, 'paragraph: "1"', 'paragraph: "7"', 3),
    ("id-not-paragraph", FOOD, "S/RES/9998 (2016)", "S/RES/9989 (2016)", 3),
    ("determination-not-cited", TEACH, "severity: medium", "determination: 9998/8\nseverity: medium", 16),
    ("weak-grade", TEACH, "severity: medium", "severity: critical", 3),
    ("weak-grade", FOOD, "checked: content", "checked: memory", 3),
    ("contested-unexplained", TEACH, "contested: some States hold that a host is enough for the paragraph", "contested: unclear", 14),
    ("contested-unexplained", FOOD, "severity: high", "contested: perhaps\nseverity: high", 19),
    ("points-to-nothing", ODD, "[9999/1]", "[9999/11]", 9),
    ("grave-advice", ODD, "severity: low", "severity: critical", 10),
    ("binds-unknown", FOOD, "[every_member_state]", "[every_membr]", 7),
    ("binds-no-target", TEACH, "dprk", "iran", 6),
    ("no-reach", FOOD, "reach: [territory, nationals]\n", "", 7),
    ("idle-reach", TEACH, "[every_member_state, dprk]", "[dprk]", 7),
    ("state-not-target", FOOD, "    - use: goods_there\n", "    - activity: {include: sale}\n    - to.states: {include: KE}\n", 11),
    ("both-directions", FOOD, FOOD_TEST, FOOD_TEST + "    - from.states: {include: KP}\n", 11),
    ("negated-unknown", FOOD, FOOD_TEST, FOOD_TEST + "    - not: {goods.condition: {include: used}}\n", 14),
    ("idle-subject", TEACH, "for_each: activity", "for_each: party", 8),
    ("idle-subject", TEACH, "for_each: activity", "for_each: vessel", 8),
    ("regime-without-targets", f"{TEST}regime.yaml", "{states: [KP]}", "{}", 4),
    # --- goods and caps
    ("no-hs-basis", FOOD, "hs_basis: illustrative\n", "", 11),
    ("idle-hs-basis", TEACH, "severity: medium", "hs_basis: illustrative\nseverity: medium", 16),
    ("cap-without-total", FUEL, "{not: {cumulative: {exceeds: {measure: 9999/3, limits: [$parameters.fuel_cap]}}}}", "{use: aid}", 7),
    ("cap-measure-not-cited", FUEL, "measure: 9999/3", "measure: 9999/2", 3),
    ("cap-notice-assumed", FUEL, ", never_assumed: yes", "", 16),
    ("limits-unsaid", FUEL, "[$parameters.fuel_cap]", "[$parameters.fuel_cap, {value: 70, unit: tonne}]", 18),
    ("hs-no-such-heading", FOOD, FOOD_TEST, '    - goods.hs: {under: ["2709", "2722"]}\n', 13),
    ("hs-no-such-heading", "goods.yaml", '"2710"', '"2772"', 4),
    ("hs-overlap", FOOD, FOOD_TEST, '    - goods.hs: {under: ["84-86", "8517"]}\n', 13),
    ("hs-overlap", "goods.yaml", '"07-08", "10"', '"07-10", "10"', 2),
    # --- how it is written
    ("double-negation", FOOD, FOOD_TEST, FOOD_TEST + "    - not: {not: {mode: {include: sea}}}\n", 14),
    ("lonely-part", FOOD, FOOD_TEST, "    - any: [{goods.categories: {include: food}}]\n", 13),
    ("lonely-part", f"{TEST}definitions.yaml", "    - recipient.kind: {include: ngo}\n", "", 7),
    ("repeated-word", f"{TEST}definitions.yaml", "transport]", "transport, sale]", 3),
    ("repeated-word", TEACH, "[teaching, training]", "[teaching, training, teaching]", 11),
    ("covered-class", FOOD, "{include: food}", "{in: [food, grain]}", 13),
    ("long-title", FOOD, "Food supplied to Testland", "Food " * 30, 2),
    ("thin-because", ODD, "A sign that the destination may be another than the papers say; never a breach.", "As above.", 11),
    ("placeholder", FOOD, "Food supplied to Testland", "Say in a line what it forbids", 2),
    # --- what nobody uses
    ("unused-definition", FOOD, "{use: aid}", "{purposes: {include: humanitarian}}", 0),
    ("unused-parameter", FUEL, "$parameters.fuel_cap", "{value: 500, unit: barrel}", 0),
    ("unused-exemption", NEXT, "unless:\n  - use: committee\n", "", 0),
    # --- what keeps a rulebook from loading
    ("load-error", FOOD, "{use: aid}", "{use: aide}", 17),
    ("load-error", FOOD, "include: food", "include: fod", 13),
    ("load-error", FUEL, "$parameters.fuel_cap", "$parameters.fuel_cp", 18),
    ("load-error", NEXT, "use: committee", "use: comittee", 15),
    ("load-error", FOOD, "2017-01-05}", "2016-01-01}", 5),
]  # fmt: skip


@pytest.mark.parametrize(
    ("check", "name", "old", "new", "line"), SEEDS, ids=[f"{i}-{seed[0]}" for i, seed in enumerate(SEEDS)]
)
def test_a_seeded_defect_is_found(tmp_path: Path, check: str, name: str, old: str, new: str, line: int) -> None:
    remarks = look(tmp_path, changed(name, old, new))
    found = [remark for remark in remarks if remark.check == check]
    assert found, f"{check} found nothing; said were: {[str(r) for r in remarks]}"
    if line:
        assert (tmp_path / "rules" / name, line) in [(Path(r.place.file), r.place.line) for r in found]


# the check that must find it, files that are added
ADDED: list[tuple[str, dict[str, str]]] = [
    ("duplicate-rule", {f"{TEST}9999-7.yaml": SUCCESSOR.replace("9999-1", "9999-7").replace('"1"', '"7"')}),
    (
        "duplicate-rule",  # the same, written otherwise
        {
            f"{TEST}9999-7.yaml": SUCCESSOR.replace("9999-1", "9999-7")
            .replace('"1"', '"7"')
            .replace("    - goods.categories: {include: food}\n", "")
            .replace("use: goods_there", "all: [{goods.categories: {include: food}}, {use: goods_there}]")
        },
    ),
    (
        "shadowed-rule",
        {f"{TEST}9999-1-grain.yaml": SUCCESSOR.replace("9999-1", "9999-1-grain").replace("include: food", "include: grain")},
    ),
    (
        "shadowed-rule",
        {f"{TEST}9999-1-later.yaml": SUCCESSOR.replace("9999-1", "9999-1-later").replace("{include: food}", "{include: food}\n    - mode: {include: sea}")},
    ),
    ("conflicting-effects", {f"{TEST}9999-1-call.yaml": SUCCESSOR.replace("9999-1", "9999-1-call").replace("prohibition", "call")}),
    ("conflicting-effects", {f"{TEST}9998-1-cap.yaml": SUPPLY.replace("9998-1", "9998-1-cap").replace("prohibition", "cap")}),
    (
        "date-overlap",
        {f"{TEST}9999-1-b.yaml": SUCCESSOR.replace("9999-1", "9999-1-b").replace("2017-01-05}", "2019-01-05, until: 2020-01-05}")},
    ),
    (
        "date-gap",  # a cap of another paragraph that a ban takes over a day late
        {
            f"{TEST}9998-6.yaml": CAP.replace("9999-3", "9998-6").replace("9999/3", "9998/6").replace('"3"', '"6"')
            .replace("S/RES/9999 (2017)", "S/RES/9998 (2016)")
            .replace("include: fuel", "include: grain")
            .replace("  from: 2017-06-01\n", "  from: 2016-06-01\n  until: 2017-01-04\n")
            .replace("  phases: [{until: 2017-09-01, applies_if: {contracted: {before: 2017-01-05}}}]\n", ""),
            FOOD: SUPPLY.replace("include: food", "include: fuel"),
        },
    ),
    ("unused-definition", {f"{TEST}definitions.yaml": DEFINITIONS + "nobody: {mode: {include: sea}}\n"}),
    ("unused-parameter", {f"{TEST}parameters.yaml": PARAMETERS + "nobody: {values: [a], source: 9999/3}\n"}),
    ("unused-exemption", {f"{TEST}exemptions.yaml": EXEMPTIONS + EXEMPTIONS.replace("committee:\n", "nobody:\n", 1)}),
    ("load-error", {f"{TEST}9999-8.yaml": "rule: un.test.9999-8\nwhenn: {}\n"}),
    ("unused-waiver", {f"{TEST}waivers.yaml": "waivers: [{check: no-reach, rule: un.test.9998-1, because: x}]\n"}),
]  # fmt: skip


@pytest.mark.parametrize(("check", "files"), ADDED, ids=[f"{i}-{seed[0]}" for i, seed in enumerate(ADDED)])
def test_a_seeded_file_is_found(tmp_path: Path, check: str, files: dict[str, str]) -> None:
    remarks = look(tmp_path, {**FILES, **files})
    assert check in {remark.check for remark in remarks}, [str(r) for r in remarks]


def test_a_shared_definition_is_looked_at_by_itself(tmp_path: Path) -> None:
    # One branch is for another rule that uses it: in this rule it can never hold, and that is no fault.
    shared = "aid:\n  any:\n    - purposes: {include: humanitarian}\n    - activity: {only: [teaching]}\n"
    files = {**FILES, f"{TEST}definitions.yaml": DEFINITIONS.partition("aid:")[0] + shared}
    assert look(tmp_path, files) == ()


def test_a_rule_without_scenarios_and_scenarios_without_a_rule_are_found(tmp_path: Path) -> None:
    left = {name: text for name, text in SCENARIOS.items() if "9999-5" not in name}
    remarks = look(tmp_path, FILES, {**left, "old.scenario.yaml": "# old\nrule: un.test.9999-4\n"})
    assert {(r.check, r.rule) for r in remarks} == {
        ("no-scenarios", "un.test.9999-5"),
        ("scenarios-of-nothing", "un.test.9999-4"),
    }
    assert [r.place.line for r in remarks if r.check == "scenarios-of-nothing"] == [2]


def test_at_least_sixty_defects_are_seeded_and_every_check_finds_one() -> None:
    assert len(SEEDS) + len(ADDED) + 2 >= 60
    seeded = {seed[0] for seed in SEEDS} | {seed[0] for seed in ADDED} | {"no-scenarios", "scenarios-of-nothing"}
    assert seeded == set(CHECKS)


def test_the_bundled_book_is_passed_in_silence() -> None:
    scenarios = Path(__file__).parent / "scenarios"
    assert [str(remark) for remark in lint_folders([], scenarios=[scenarios])] == []


# ---------------------------------------------------------------------- waivers, choice, pages, formats


def test_a_waiver_with_a_reason_silences_a_remark(tmp_path: Path) -> None:
    files = changed(FOOD, "hs_basis: illustrative\n", "")
    waiver = "waivers: [{check: no-hs-basis, rule: un.test.9998-1, because: it has no codes yet}]\n"
    assert look(tmp_path, {**files, f"{TEST}waivers.yaml": waiver}) == ()


@pytest.mark.parametrize("text", ["waivers: [{check: no-hs-basis, rule: un.test.9998-1}]\n", "waivers: no\n"])
def test_a_waiver_without_a_reason_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match=r"waivers\.yaml:1:"):
        look(tmp_path, {**FILES, f"{TEST}waivers.yaml": text})


def test_checks_can_be_chosen_by_pattern(tmp_path: Path) -> None:
    rules = book(tmp_path, changed(FOOD, AID, "    when: {not: {evasion: {is: yes}}}\n"))
    assert {r.check for r in lint_folders([rules], bundled=False, select=["exemption-*"])} == {"exemption-from-silence"}
    assert lint_folders([rules], bundled=False, select=["exemption-*"], ignore=["*-silence"]) == ()
    with pytest.raises(InputError, match="did you mean 'date-gap'"):
        lint_folders([rules], bundled=False, select=["date-gaps"])


@pytest.mark.parametrize("name", list(CHECKS))
def test_every_check_has_a_page(name: str) -> None:
    text = page(name)
    assert text.startswith(f"# {name}\n")
    for heading in ("## What\n", "## Why\n", "## How to mend\n"):
        assert len(text.partition(heading)[2].strip()) > 20
    assert f"Level: {CHECKS[name].level.value}." in text


def test_sarif_and_json_name_the_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    house = {
        "house/acme/regime.yaml": "regime: house.acme\ntitle: Acme\ntargets: {states: [BY]}\n",
        "house/acme/no-grain.yaml": SUCCESSOR.replace("un.test.9999-1", "house.acme.no-grain")
        .replace("- use: goods_there", "- all: [{mode: {include: sea}}, {not: {mode: {include: sea}}}]")
        .replace("unless:\n  - use: committee\n", ""),
    }
    book(tmp_path / "rules", house)
    chosen = ["rules", "lint", "rules", "--select", "unsatisfiable-condition"]
    assert main([*chosen, "--format", "sarif", "-o", "out.sarif"]) == 65
    log = json.loads(Path("out.sarif").read_text(encoding="utf-8"))
    run = log["runs"][0]
    assert log["version"] == "2.1.0"
    [result] = run["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"].endswith("rules/house/acme/no-grain.yaml")
    assert place["region"] == {"startLine": 11, "startColumn": 3}
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "unsatisfiable-condition"
    assert main([*chosen, "--format", "json"]) == 65
    assert [r["line"] for r in json.loads(capsys.readouterr().out)] == [11]


def test_a_warning_fails_only_where_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "new", "house.acme.x", "--rules", str(tmp_path / "rules"), "--state", "BY"]) == 0
    chosen = ["rules", "lint", str(tmp_path / "rules"), "--select", "placeholder"]
    assert main(chosen) == 0
    out = capsys.readouterr().out
    assert "warning placeholder" in out
    assert "--explain placeholder" in out
    assert main([*chosen, "--strict"]) == 65


def test_explain_shows_a_page_and_suggests(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "lint", "--explain", "date-gap"]) == 0
    assert "## How to mend" in capsys.readouterr().out
    assert main(["rules", "lint", "--explain", "dategap"]) == 65
    assert "did you mean 'date-gap'" in capsys.readouterr().err


def test_the_pre_commit_hook_calls_a_command_that_exists() -> None:
    text = (Path(__file__).resolve().parent.parent / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    entry = re.search(r"entry: sanctions-engine (.+)", text)
    assert entry is not None
    assert main([*entry[1].split(), "--explain", "all"]) == 0


def test_levels_are_those_of_sarif() -> None:
    assert {level.value for level in Level} <= {"error", "warning", "note"}
