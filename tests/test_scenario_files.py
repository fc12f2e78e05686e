"""Scenario files: what a case changes, and what is refused."""

from pathlib import Path

import pytest

from sanctions_engine.errors import InputError
from sanctions_engine.scenario import Scenario, load_scenarios

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
