"""A rulebook of one regime with one rule, small enough to know every way it can go wrong."""

from __future__ import annotations

from pathlib import Path

from sanctions_engine.rulebook import bundled_rules

GOODS = (bundled_rules() / "un" / "goods.yaml").read_text(encoding="utf-8")
"""The bundled classes: the words for goods name them."""
REGIME = """\
regime: un.test
title: Testland
committee: un.9999-committee
targets: {states: [KP]}
resolutions:
  S/RES/9999 (2017): {adopted: 2017-12-22}
"""
DEFINITIONS = """\
sold_there:
  all:
    - activity: {in: [sale, gift]}
    - to.states: {include: KP}
"""
RULE = """\
rule: un.test.9999-1
title: Machinery to Testland
authority: {resolution: S/RES/9999 (2017), paragraph: "1", checked: memory}
in_force: {from: 2017-12-22, until: 2020-01-01}
effect: prohibition
binds: [every_member_state]
reach: [territory]
for_each: goods
when:
  all:
    - use: sold_there
    - goods.categories: {include: machinery}
unless:
  - exemption: Committee decision
    authority: 9999/2
    approval: {by: un.9999-committee, kind: approval}
  - exemption: relief
    authority: 9999/3
    when: {purposes: {include: humanitarian}}
severity: high
because: A test.
"""
SCENARIOS = """\
rule: un.test.9999-1
given:
  occurred: 2018-05-04
  activities: [sale]
  parties:
    - {name: A Seller, roles: [seller], kind: company, jurisdiction: FR, nationality: FR}
    - {name: A Buyer, roles: [buyer, end_user], kind: company, jurisdiction: KP}
  goods: [{description: lathe, hs: "8458"}]
  route: {from: {country: FR}, to: {country: KP}, via: []}
cases:
  - {case: a lathe, expect: {rule: violation, in_breach: [FR]}}
  - {case: wheat, change: {goods: [{description: wheat, hs: "1001"}]}, expect: {rule: none}}
"""


def write_book(folder: Path, *, rule: str = RULE, definitions: str = DEFINITIONS, goods: str = GOODS) -> Path:
    """Write the book below a folder and return the folder of its rules; other texts may stand in."""
    home = folder / "rules" / "un" / "test"
    home.mkdir(parents=True)
    (home.parent / "goods.yaml").write_text(goods, encoding="utf-8")
    (home / "regime.yaml").write_text(REGIME, encoding="utf-8")
    (home / "definitions.yaml").write_text(definitions, encoding="utf-8")
    (home / "9999-1.yaml").write_text(rule, encoding="utf-8")
    return folder / "rules"


def write_cases(folder: Path, text: str = SCENARIOS) -> Path:
    """Write a scenario file below a folder and return the folder of scenarios."""
    home = folder / "tests"
    home.mkdir(parents=True, exist_ok=True)
    (home / "9999-1.scenario.yaml").write_text(text, encoding="utf-8")
    return home
