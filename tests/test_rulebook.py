"""A broken rulebook is refused with every mistake, each with file:line:column and a suggestion."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from sanctions_engine.condition import ApprovalSpec
from sanctions_engine.condition import Test as Asked
from sanctions_engine.errors import RulebookError
from sanctions_engine.rulebook import Rulebook, bundled_rules

GOOD = """\
rule: un.test.9999-1
title: Machinery to Testland
authority: {resolution: S/RES/9999 (2017), paragraph: "1", checked: memory}
in_force: {from: 2017-12-22}
effect: prohibition
binds: [every_member_state]
reach: [territory]
for_each: goods
when:
  all:
    - activity: {in: $activities.transfer}
    - to.states: {include: KP}
    - goods.categories: {include: machinery}
unless:
  - exemption: Committee decision
    authority: 9999/2
    approval: {by: un.1718-committee, kind: approval}
severity: high
because: A test.
"""
REGIME = "regime: un.test\ntitle: Testland\ntargets: {states: [KP]}\n"

# what is replaced, by what, line:column expected, a part of the message
BROKEN: list[tuple[str, str, str, str]] = [
    ("rule: un.test.9999-1", "rule: un.test.9999-2", "1:7", "un.test.9999-1"),
    ("rule: un.test.9999-1", "rule: Un Test", "1:7", "expected form"),
    ("title:", "titel:", "2:8", "did you mean 'title'"),
    ("title: Machinery to Testland", "title: ''", "2:8", "at least 1"),
    ("resolution: S/RES/9999 (2017)", "resolution: 9999", "3:25", "expected form"),
    ("checked: memory", "checked: sure", "3:69", "quoted"),
    ("checked: memory", "checkd: memory", "3:68", "did you mean 'checked'"),
    (', checked: memory', "", "3:12", "checked is missing"),
    ("from: 2017-12-22", "from: 2017-12", "4:18", "full day"),
    ("from: 2017-12-22", "from: 2017-02-30", "4:18", "calendar"),
    ("from: 2017-12-22", "from: 2017-12-22, until: 2017-01-01", "4:37", "ends before it starts"),
    ("from: 2017-12-22", "form: 2017-12-22", "4:18", "did you mean 'from'"),
    ("effect: prohibition", "effect: ban", "5:9", "prohibition"),
    ("effect: prohibition", "effect: prohibition\neffect: cap", "6:1", "already on line 5"),
    ("effect: prohibition", "effect: indicator", "5:9", "points_to"),
    ("reach: [territory]", "reach: [teritory]", "7:9", "did you mean 'territory'"),
    ("for_each: goods", "for_each: good", "8:11", "did you mean 'goods'"),
    ("for_each: goods", "", "1:1", "for_each is missing"),
    ("when:\n  all:", "when:\n  al:", "11:5", "did you mean 'all'"),
    ("- activity: {in", "- activty: {in", "11:16", "did you mean 'activity'"),
    ("$activities.transfer", "$activities.transfers", "11:22", "did you mean 'transfer'"),
    ("$activities.transfer", "$activity.transfer", "11:22", "$activities.<group>"),
    ("$activities.transfer", "sael", "11:22", "did you mean 'sale'"),
    ("{in: $activities.transfer}", "sale", "11:17", "needs an operator"),
    ("{include: KP}", "{includes: KP}", "12:29", "did you mean 'include'"),
    ("{include: KP}", "{include: Kp}", "12:28", "ISO code"),
    ("{include: KP}", "{include: North Korea}", "12:28", "write KP"),
    ("{include: KP}", "{under: KP}", "12:26", "no operator 'under'"),
    ("to.states", "to.state", "12:17", "did you mean 'to.states'"),
    ("to.states: {include: KP}", "use: to_testland", "12:12", "no definition"),
    ("to.states: {include: KP}", "party.states: {include: KP}", "12:21", "needs for_each: party"),
    (
        "to.states: {include: KP}",
        "cumulative: {exceeds: {measure: 9999/1, limits: [3 USD, 4 tonne], whichever: least}}",
        "12:84",
        "lower (each binds)",
    ),
    ("include: machinery}", "include: machinary}", "13:35", "did you mean 'machinery'"),
    ("goods.categories: {include: machinery}", "goods.hs: {under: '7701'}", "13:25", "chapter 77"),
    ("goods.categories: {include: machinery}", "goods.hs: {under: 90-84}", "13:25", "backwards"),
    ("goods.categories: {include: machinery}", "goods.unit_value: {above: 2000}", "13:33", "currency"),
    ("goods.categories: {include: machinery}", "goods.unit_value: {above: lots}", "13:33", "not a number"),
    ("goods.categories: {include: machinery}", "contracted: {before: 2017}", "13:28", "full day"),
    ("goods.categories: {include: machinery}", "livelihood: {is: perhaps}", "13:24", "yes or no"),
    ("goods.categories: {include: machinery}", "goods.unit_value: {above: $parameters.nothing}", "13:33", "no parameter"),
    ("goods.categories: {include: machinery}", "{all: []}", "13:13", "not an empty one"),
    ("goods.categories: {include: machinery}", "{any: sale}", "13:13", "takes a list"),
    ("goods.categories: {include: machinery}\n", "goods.categories: {include: machinery}\n      mode: {in: rail}\n", "13:7", "wrap several conditions"),
    ("authority: 9999/2", "authority: paragraph two", "16:16", "no paragraph of the Council's"),
    ("by: un.1718-committee", "by: the committee", "17:20", "unknown authority"),
    ("    approval: {by: un.1718-committee, kind: approval}\n", "", "15:5", "swallow its rule"),
    ("  - exemption: Committee decision\n    authority: 9999/2\n    approval: {by: un.1718-committee, kind: approval}", "  - use: nothing_shared", "15:10", "no shared exemption"),
    ("severity: high", "severity: hihg", "18:11", "did you mean 'high'"),
    ("because: A test.", "becuase: A test.", "19:10", "did you mean 'because'"),
    ("because: A test.", "because: &a A test.", "19:10", "anchors"),
    ("because: A test.", "because: {A: [test", "20:1", "not YAML"),
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rules = tmp_path / "rules"
    (rules / "un" / "test").mkdir(parents=True)
    shutil.copy(bundled_rules() / "un" / "goods.yaml", rules / "un" / "goods.yaml")
    (rules / "un" / "test" / "regime.yaml").write_text(REGIME)
    return rules


def refused(folder: Path) -> list[str]:
    with pytest.raises(RulebookError) as caught:
        Rulebook.load(folder, bundled=False)
    return str(caught.value).splitlines()


def test_the_good_rule_loads(folder: Path) -> None:
    (folder / "un/test/9999-1.yaml").write_text(GOOD)
    book = Rulebook.load(folder, bundled=False)
    assert [rule.id for rule in book.rules] == ["un.test.9999-1"]


def test_a_rule_calls_a_committee_by_its_present_name(folder: Path) -> None:
    renamed = REGIME + "committee: un.9999-committee\ncommittee_formerly: un.9998-committee\n"
    (folder / "un/test/regime.yaml").write_text(renamed)
    rule = folder / "un/test/9999-1.yaml"
    rule.write_text(GOOD.replace("un.1718-committee", "un.9998-committee"))
    assert "un.9998-committee is called un.9999-committee now" in refused(folder)[0]
    rule.write_text(GOOD.replace("un.1718-committee", "un.9999-committee"))
    ((exemption,),) = (r.exemptions for r in Rulebook.load(folder, bundled=False).rules)
    assert isinstance(exemption.condition, Asked)
    assert isinstance(exemption.condition.operand, ApprovalSpec)
    assert exemption.condition.operand.formerly == {"un.9998-committee"}


@pytest.mark.parametrize(
    ("old", "new", "at", "what"), BROKEN, ids=[f"{i}-{w[:24]}" for i, (_, _, _, w) in enumerate(BROKEN)]
)
def test_a_broken_rule_is_refused_with_its_place(folder: Path, old: str, new: str, at: str, what: str) -> None:
    assert old in GOOD
    (folder / "un/test/9999-1.yaml").write_text(GOOD.replace(old, new, 1))
    lines = refused(folder)
    assert any(f"9999-1.yaml:{at}: " in line and what in line for line in lines), lines
    assert all(len(line) < 700 for line in lines)


def test_forty_broken_files_are_all_reported_at_once(folder: Path) -> None:
    for i, (old, new, _, _) in enumerate(BROKEN):
        text = GOOD.replace(old, new, 1).replace("rule: un.test.9999-1", f"rule: un.test.8{i:03}-1")
        (folder / f"un/test/8{i:03}-1.yaml").write_text(text)
    named = set(re.findall(r"8\d{3}-1\.yaml", "\n".join(refused(folder))))
    # Three of the mistakes are about the file's own name, which this test gives afresh.
    assert len(named) >= len(BROKEN) - 2


def test_a_rule_without_its_regime_is_refused(folder: Path) -> None:
    (folder / "un/other").mkdir()
    (folder / "un/other/9999-1.yaml").write_text(GOOD.replace("un.test", "un.other"))
    assert any("no regime.yaml" in line for line in refused(folder))


def test_definitions_in_a_circle_are_refused(folder: Path) -> None:
    (folder / "un/test/definitions.yaml").write_text("one: {use: two}\ntwo: {use: one}\n")
    (folder / "un/test/9999-1.yaml").write_text(GOOD.replace("to.states: {include: KP}", "use: one"))
    assert any("circle" in line for line in refused(folder))


def test_a_folder_that_is_not_there_and_one_that_is_empty_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(RulebookError, match="is not a folder"):
        Rulebook.load(tmp_path / "nowhere", bundled=False)
    with pytest.raises(RulebookError, match="holds no rules"):
        Rulebook.load(tmp_path / "empty", bundled=False)


def test_the_law_as_of_a_day_leaves_out_what_was_not_yet_adopted() -> None:
    book = Rulebook.load()
    before = book.as_of(date(2017, 12, 21))
    assert "un.dprk.2397-7" in {rule.id for rule in book.rules}
    assert "un.dprk.2397-7" not in {rule.id for rule in before.rules}
    assert [rule.index for rule in before.rules] == list(range(len(before.rules)))
