"""Scenario files: what a case changes, and what is refused."""

from pathlib import Path

import pytest

from sanctions_engine.engine import Engine
from sanctions_engine.errors import InputError
from sanctions_engine.scenario import Scenario, load_scenarios, run_scenario

BASE = """\
rule: un.dprk.1874-9
given:
  occurred: 2022-11-18
  activities: [sale]
  goods: [{description: rockets, hs: "9301"}]
  route: {from: North Korea, to: {country: Russia}}
cases:
"""


def load(tmp_path: Path, text: str) -> tuple[Scenario, ...]:
    file = tmp_path / "a.scenario.yaml"
    file.write_text(text, encoding="utf-8")
    return load_scenarios(file)


def changed(tmp_path: Path, change: str) -> dict:
    (scenario,) = load(tmp_path, f"{BASE}  - {{case: x, change: {change}, expect: {{rule: none}}}}\n")
    return dict(scenario.transaction)


def test_a_key_replaces_and_null_removes(tmp_path: Path) -> None:
    result = changed(tmp_path, "{occurred: '2009', goods: null}")
    assert result["occurred"] == "2009"
    assert "goods" not in result
    assert result["activities"] == ["sale"]


def test_a_path_reaches_inside(tmp_path: Path) -> None:
    result = changed(tmp_path, "{'goods[0].hs': '1006', route.to.country: KR}")
    assert result["goods"] == [{"description": "rockets", "hs": "1006"}]
    assert result["route"]["to"] == {"country": "KR"}


def test_a_path_appends_and_builds_what_is_not_there(tmp_path: Path) -> None:
    result = changed(tmp_path, "{'goods[1]': {description: rice}, conveyance.mode: rail}")
    assert [line["description"] for line in result["goods"]] == ["rockets", "rice"]
    assert result["conveyance"] == {"mode": "rail"}


def test_cases_do_not_share_changes(tmp_path: Path) -> None:
    one, two = load(
        tmp_path,
        BASE
        + "  - {case: a, change: {'goods[0].hs': '1006'}, expect: {rule: none}}\n"
        + "  - {case: b, expect: {rule: violation}}\n",
    )
    assert one.transaction["goods"][0]["hs"] == "1006"
    assert two.transaction["goods"][0]["hs"] == "9301"


def test_a_transaction_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "deal.yaml").write_text("occurred: 2022\n", encoding="utf-8")
    (scenario,) = load(tmp_path, "transaction: deal.yaml\nexpect: {outcome: incomplete}\n")
    assert scenario.transaction == {"occurred": "2022"}


def test_every_scenario_knows_its_place_and_day(tmp_path: Path) -> None:
    one, two = load(
        tmp_path,
        "as_of: 2016-01-01\n"
        + BASE
        + "  - {case: a, expect: {rule: none}}\n  - {case: b, as_of: 2017-01-01, expect: {rule: none}}\n",
    )
    assert one.place.endswith("a.scenario.yaml:9:5")
    assert (str(one.as_of), str(two.as_of)) == ("2016-01-01", "2017-01-01")


@pytest.mark.parametrize(
    ("case", "says"),
    [
        ("{case: x, as_of: yesterday, expect: {rule: none}}", "is not a full day"),
        ("{case: x, change: {'goods[5].hs': '1'}, expect: {rule: none}}", "leads nowhere"),
        ("{case: x, change: {route.to.country.name: y}, expect: {rule: none}}", "leads nowhere"),
        ("{case: x, expect: {}}", "expects nothing"),
        ("{case: x}", "expect"),
        ("{case: '', expect: {rule: none}}", "case"),
        ("{case: x, expect: {rule: perhaps}}", "rule"),
        ("{case: x, expct: {rule: none}}", "did you mean 'expect'"),
        ("{case: x, change: {'': 1}, expect: {rule: none}}", "leads nowhere"),
    ],
)
def test_a_wrong_case_is_refused_with_its_place(case: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.scenario\.yaml:\d+:\d+") as caught:
        load(tmp_path, f"{BASE}  - {case}\n")
    assert says in str(caught.value)


def test_a_file_that_names_no_rule_cannot_speak_of_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the file names none"):
        load(tmp_path, "given: {occurred: 2022}\nexpect: {rule: violation}\n")


def test_a_case_may_stand_once_for_each_value(tmp_path: Path) -> None:
    case = "  - {case: '{} of rockets', change: {occurred: '2023'}, each: {activities: [[sale], [gift, lease]]}, "
    sale, gift = load(tmp_path, f"{BASE}{case}expect: {{rule: violation}}}}\n")
    assert (sale.name, gift.name) == ("sale of rockets", "gift, lease of rockets")
    assert sale.transaction["activities"] == ["sale"]
    assert gift.transaction["activities"] == ["gift", "lease"]
    assert {one.transaction["occurred"] for one in (sale, gift)} == {"2023"}
    assert (sale.place.rpartition(":")[0], sale.place != gift.place) == (gift.place.rpartition(":")[0], True)


def test_each_value_is_named_whatever_its_shape(tmp_path: Path) -> None:
    case = "  - {case: sold, each: {'goods[0]': [{description: rice, hs: '1006'}, {hs: '2701'}]}, expect: {rule: none}}"
    assert [one.name for one in load(tmp_path, f"{BASE}{case}\n")] == ["sold: rice 1006", "sold: 2701"]
    case = "  - {case: sold, each: {route.to: [China, null]}, expect: {rule: none}}"
    china, nowhere = load(tmp_path, f"{BASE}{case}\n")
    assert nowhere.name == "sold: not stated"
    assert (china.transaction["route"]["to"], "to" in nowhere.transaction["route"]) == ("China", False)


@pytest.mark.parametrize(
    ("each", "says"),
    [
        ("{activities: [sale, gift], route.to: [China, Cuba]}", "each takes one path with its values, not 2"),
        ("{}", "each takes one path with its values, not 0"),
        ("{activities: sale}", "two or more values"),
        ("{activities: [sale]}", "for one value write change"),
        ("{activities: []}", "two or more values"),
        ("{activities: [sale, gift, sale]}", "'sale' stands twice"),
        ("{'goods[7].hs': ['1', '2']}", "leads nowhere"),
    ],
)
def test_a_wrong_sweep_is_refused_with_its_place(each: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.scenario\.yaml:\d+:\d+") as caught:
        load(tmp_path, f"{BASE}  - {{case: x, each: {each}, expect: {{rule: none}}}}\n")
    assert says in str(caught.value)


def ran(tmp_path: Path, head: str) -> tuple[str, ...]:
    """What fails when a file's head says this of rockets sold to Russia."""
    (scenario,) = load(tmp_path, f"{head}\n{BASE}  - {{case: rockets, expect: {{rule: violation}}}}\n")
    with Engine(matcher="python") as engine:
        return run_scenario(scenario, engine).failures


def test_the_head_of_a_file_says_what_every_finding_of_its_rule_cites_and_is_about(tmp_path: Path) -> None:
    assert ran(tmp_path, "cites: 1874/9\nfor_each: goods") == ()
    (wrong,) = ran(tmp_path, "cites: [1874/9, 1874/10]")
    assert wrong.startswith("un.dprk.1874-9: expected to cite 1874/10, cites 1874/9")
    assert ran(tmp_path, "for_each: party") == (
        "un.dprk.1874-9: expected findings for each party, got one on goods[0]",
    )


@pytest.mark.parametrize("head", ["cites: 1874/9", "for_each: goods"])
def test_a_head_that_speaks_of_no_rule_is_refused(head: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.scenario\.yaml:1:\d+.*the file names none"):
        load(tmp_path, f"{head}\ngiven: {{occurred: 2022}}\nexpect: {{outcome: incomplete}}\n")


def test_a_head_that_names_no_subject_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.scenario\.yaml:1:\d+.*for_each"):
        load(tmp_path, f"for_each: good\n{BASE}  - {{case: x, expect: {{rule: none}}}}\n")


def test_a_head_alone_expects_nothing_of_a_case(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expects nothing"):
        load(tmp_path, f"cites: 1874/9\n{BASE}  - {{case: x, expect: {{}}}}\n")
