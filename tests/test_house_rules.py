"""Rules of a user's own: they may cite any text and bind anybody, and never pass for the Council's law."""

import json
from pathlib import Path

import pytest

from sanctions_engine import Engine, Rulebook
from sanctions_engine.assurance.lint import lint_folders
from sanctions_engine.cli import main
from sanctions_engine.errors import RulebookError
from sanctions_engine.report import Report

RULE = """\
rule: acme.dprk.art-5
title: No wheat for the DPRK
authority: {instrument: Regulation (EU) 2017/1509, paragraph: Article 5(1), checked: quoted, also: [1718/8(a)]}
in_force: {from: 2017-08-31}
effect: prohibition
binds: [acme_staff]
for_each: goods
when:
  all:
    - activity: {in: $activities.transfer}
    - to.states: {include: KP}
unless:
  - exemption: as the board allows
    authority: Acme trade policy, section 7
    approval: {by: acme.board}
severity: medium
because: An invented rule, by which this test shows that a rule may rest on any text and any body.
"""
DEAL = {
    "occurred": "2023-05-06",
    "activities": ["sale"],
    "parties": [
        {"name": "a Swiss exporter", "roles": ["supplier"], "jurisdiction": "CH"},
        {"name": "a farm", "roles": ["recipient"], "jurisdiction": "KP"},
    ],
    "goods": [{"description": "wheat", "hs": "1001"}],
    "route": {"from": "CH", "to": "KP", "via": []},
}
ALLOWED = {"by": "acme.board", "granted": "2023-05-01", "expires": "2023-05-31", "covers": ["goods[0]"]}


def house(tmp_path: Path, rule: str = RULE, folder: str = "acme/dprk") -> Path:
    room = tmp_path / folder
    room.mkdir(parents=True)
    name = rule.split("\n", 1)[0].rpartition(".")[2]
    (room / f"{name}.yaml").write_text(rule, encoding="utf-8")
    regime = folder.replace("/", ".")
    (room / "regime.yaml").write_text(f"regime: {regime}\ntitle: Acme and others\ntargets: {{states: [KP]}}\n")
    return tmp_path


def checked(tmp_path: Path, **changes: object) -> Report:
    with Engine(Rulebook.load(house(tmp_path)), matcher="python") as engine:
        return engine.check({**DEAL, **changes})


def test_a_rule_cites_an_instrument_and_its_finding_says_that_it_is_not_un_law(tmp_path: Path) -> None:
    report = checked(tmp_path)
    (finding,) = report.violations
    assert finding.citations == ("Regulation (EU) 2017/1509, Article 5(1)", "1718/8(a)")
    assert finding.citation.resolution == "Regulation (EU) 2017/1509"
    assert finding.message == (
        "Regulation (EU) 2017/1509, Article 5(1) (acme.dprk, not UN law) forbids this: No wheat for the DPRK"
    )
    assert any("not UN law" in warning for warning in report.warnings)
    assert finding.in_breach == ()


def test_a_body_of_the_house_can_allow_it_and_no_other_can(tmp_path: Path) -> None:
    report = checked(tmp_path, approvals=[ALLOWED])
    (finding,) = report.exemptions
    assert finding.citation.paragraph == "Acme trade policy, section 7"
    assert finding.citation.resolution == "Acme trade policy"
    with Engine(Rulebook.load(tmp_path), matcher="python") as engine:
        assert engine.check({**DEAL, "approvals": [{**ALLOWED, "by": "other.board"}]}).violations
        assert engine.check({**DEAL, "approvals": [{**ALLOWED, "by": "1718 Committee"}]}).violations


def test_what_is_missing_is_a_step_to_a_body_of_the_house(tmp_path: Path) -> None:
    with Engine(Rulebook.load(house(tmp_path)), matcher="python") as engine:
        report = engine.check({**DEAL, "unknown": ["approvals"]})
    (question,) = [q for q in report.questions if q.ask == "approvals"]
    assert "an approval by acme.board" in question.text


def test_what_is_shown_names_who_is_bound_and_that_it_is_not_un_law(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = house(tmp_path)
    (tmp_path / "deal.json").write_text(json.dumps(DEAL), encoding="utf-8")
    assert main(["check", str(tmp_path / "deal.json"), "--rules", str(rules)]) == 2
    out = capsys.readouterr().out
    assert "not UN law: a rule of acme.dprk (Acme and others), by Regulation (EU) 2017/1509" in out
    assert "in breach: acme staff" in out
    assert main(["explain", "acme.dprk.art-5", "--rules", str(rules)]) == 0
    assert "not UN law" in capsys.readouterr().out


def test_a_finding_of_the_councils_says_nothing_of_the_kind() -> None:
    with Engine(matcher="python") as engine:
        report = engine.check({**DEAL, "goods": [{"description": "assault rifles", "hs": "9301"}]})
    assert report.violations
    assert "not UN law" not in report.to_json()


def test_a_good_house_rule_is_passed_by_lint_in_silence(tmp_path: Path) -> None:
    assert lint_folders([house(tmp_path)]) == ()


UN = RULE.replace("acme.dprk.art-5", "un.acme.9901-3")
COUNCIL = UN.replace(
    "instrument: Regulation (EU) 2017/1509, paragraph: Article 5(1)", "resolution: S/RES/9901 (2024), paragraph: 3"
)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (UN, "a rule under un. is the Council's and names its resolution"),
        (COUNCIL, "'Acme trade policy, section 7' is no paragraph of the Council's"),
        (COUNCIL, "unknown authority 'acme.board'"),
        (COUNCIL.replace("1718/8(a)", "1718-8(a)"), "'1718-8(a)' is no paragraph of the Council's"),
        (COUNCIL.replace("severity", "determination: rule 7\nseverity"), "'rule 7' is no paragraph of the Council's"),
    ],
    ids=["instrument", "exemption", "approver", "also", "determination"],
)  # fmt: skip
def test_what_passes_for_the_councils_law_cites_the_council(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(RulebookError) as caught:
        Rulebook.load(house(tmp_path, text, "un/acme"))
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "authority",
    [
        "{paragraph: Article 5(1), checked: quoted}",
        "{resolution: S/RES/1718 (2006), instrument: Regulation (EU) 2017/1509, paragraph: 8(a), checked: quoted}",
    ],
)
def test_a_rule_names_one_text(tmp_path: Path, authority: str) -> None:
    line = next(line for line in RULE.splitlines() if line.startswith("authority"))
    with pytest.raises(RulebookError, match="names one text"):
        Rulebook.load(house(tmp_path, RULE.replace(line, f"authority: {authority}")))


def test_new_writes_a_rule_that_rests_on_an_instrument(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules = tmp_path / "rules"
    law = ["--instrument", 'Regulation "one" (EU) 2017/1509', "--paragraph", "Article 5(1)"]
    assert main(["rules", "new", "acme.dprk.art-5", "--rules", str(rules), *law]) == 0
    assert main(["test", str(tmp_path / "tests"), "--rules", str(rules), "--matcher", "python"]) == 0
    assert "3 passed" in capsys.readouterr().out
    assert main(["rules", "new", "un.dprk.9901-5", "--rules", str(rules), *law]) == 64


def test_new_asks_which_text_a_rule_stands_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rules = tmp_path / "rules"
    assert main(["rules", "new", "acme.dprk.no-arms", "--rules", str(rules)]) == 0
    assert main(["rules", "lint", str(rules)]) == 0
    assert "instrument still says what to write" in capsys.readouterr().out
