"""The pytest plugin never reports a pass that is none."""

import functools
from pathlib import Path

import pytest

from sanctions_engine.intake.lexicon import Lexicon
from sanctions_engine.match import PythonMatcher

pytest_plugins = ["pytester"]
LOAD = functools.cache(Lexicon.load)

GIVEN = """\
rule: un.dprk.1874-9
given:
  occurred: 2022-11-18
  activities: [sale]
  parties:
    - {name: A, roles: [supplier], jurisdiction: North Korea}
    - {name: B, roles: [recipient], jurisdiction: Russia}
  goods:
    - {description: infantry rockets, hs: "9301"}
  route: {from: North Korea, to: Russia}
"""
FAR_AWAY = """\
rule: un.dprk.1874-9
given:
  occurred: 2022-11-18
  activities: [sale]
  parties:
    - {name: A, roles: [supplier], jurisdiction: Finland}
    - {name: B, roles: [recipient], jurisdiction: Portugal}
  goods: [{description: sawn timber, hs: "4407"}]
  route: {from: Finland, to: Portugal}
"""


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    """Run pytest on files; in this process, with one book and lexicon for all runs."""
    monkeypatch.setattr(Lexicon, "load", LOAD)

    def with_files(files: dict[str, str], *options: str) -> pytest.RunResult:
        for name, text in files.items():
            path = pytester.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        if not any(o.startswith("--sanctions-matcher") for o in options):
            options = (*options, "--sanctions-matcher=python")
        return pytester.runpytest_inprocess("-p", "no:cacheprovider", *options)

    return with_files


def expecting(expect: str, given: str = GIVEN) -> dict[str, str]:
    return {"a.scenario.yaml": f"{given}expect: {expect}\n"}


# ---------------------------------------------------------------------- what passes and what fails


def test_a_right_scenario_passes(run) -> None:
    run(expecting("{outcome: violation, rule: violation, in_breach: [KP]}")).assert_outcomes(passed=1)


# The five misreports known from a peer's test command: an expected failure scored as a pass, a resource or rule that
# is not there scored as a pass, a skipped rule scored as a pass, and a run of nothing that ends well.


@pytest.mark.parametrize(
    "expect",
    [
        "{rule: none}",
        "{rule: potential}",
        "{rule: exempt}",
        "{outcome: clear}",
        "{none_of: [un.dprk]}",
        "{rule: violation, in_breach: [KP, RU]}",
        "{rule: violation, standing: confirmed}",
        "{questions: [occurred]}",
        "{only: []}",
    ],
)
def test_expected_one_thing_and_got_another_is_a_failure(expect: str, run) -> None:
    run(expecting(expect)).assert_outcomes(failed=1)


def test_a_rule_that_does_not_exist_is_an_error_with_the_nearest(run) -> None:
    result = run({"a.scenario.yaml": GIVEN.replace("1874-9", "1874-99") + "expect: {rule: violation}\n"})
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*no rule 'un.dprk.1874-99'; did you mean 'un.dprk.1874-9'*"])


def test_a_subject_that_is_not_there_is_a_failure(run) -> None:
    expect = "{findings: [{rule: un.dprk.1874-9, outcome: violation, subject: 'goods[7]'}]}"
    run(expecting(expect)).assert_outcomes(failed=1)


def test_findings_expected_where_no_rule_is_evaluated_are_an_error(run) -> None:
    result = run(expecting("{rule: violation}", FAR_AWAY))
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*expects findings but evaluates no rule*"])


def test_clear_may_be_expected_where_no_rule_is_evaluated(run) -> None:
    run(expecting("{outcome: clear}", FAR_AWAY)).assert_outcomes(passed=1)


def test_a_run_of_nothing_does_not_end_well(run) -> None:
    result = run({"notes.yaml": GIVEN})
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GIVEN, "holds no scenario"),
        (GIVEN + "expect: {}\n", "expects nothing"),
        (GIVEN + "cases: []\n", "holds no scenario"),
        (GIVEN + "expect: {outcom: violation}\n", "did you mean 'outcome'"),
        (GIVEN + "expects: {outcome: violation}\n", "did you mean 'expect'"),
        (GIVEN + "cases: [{case: x, chnage: {}, expect: {rule: none}}]\n", "did you mean 'change'"),
        (GIVEN + "expect: {outcome: forbidden}\n", "outcome"),
        (GIVEN + "expect: {rule: violation}\nexpect: {rule: none}\n", "already on line"),
        ("expect: {outcome: clear}\n", "has no transaction"),
        ("rule: [\n", "is not YAML"),
        ("", "is empty"),
        (GIVEN + "cases: [{case: x, change: {'goods[9].hs': '01'}, expect: {rule: none}}]\n", "leads nowhere"),
    ],
    ids=range(12),
)
def test_a_file_that_is_not_well_formed_is_a_collection_error(text: str, says: str, run) -> None:
    result = run({"a.scenario.yaml": text})
    result.assert_outcomes(errors=1)
    assert result.ret != 0
    result.stdout.fnmatch_lines([f"*{says}*"])


def test_a_transaction_with_an_unknown_key_is_no_pass(run) -> None:
    result = run(expecting("{outcome: incomplete}", GIVEN.replace("route:", "rout:")))
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*did you mean 'route'*"])


# ---------------------------------------------------------------------- collection, output, options


def test_only_scenario_files_are_collected(run) -> None:
    good = GIVEN + "expect: {rule: violation}\n"
    result = run(
        {
            "a.scenario.yaml": good,
            "b.yaml": good,
            "scenario.yaml": good,
            "c.scenario.yml": good,
            "d.scenario.yaml.txt": good,
            "e/deep.scenario.yaml": good,
        }
    )
    result.assert_outcomes(passed=2)


def test_every_case_is_a_test_of_its_own(run) -> None:
    cases = """\
cases:
  - {case: as given, expect: {rule: violation}}
  - {case: before the law, change: {occurred: 2009-06-11}, expect: {rule: none}}
  - {case: wrong, change: {goods: [{description: rice, hs: "1006"}]}, expect: {rule: violation}}
"""
    result = run({"a.scenario.yaml": GIVEN + cases}, "-v")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*::before the law PASSED*", "*::wrong FAILED*"])


def test_a_failure_shows_rule_line_facts_expected_and_actual(run) -> None:
    text = GIVEN.replace('infantry rockets, hs: "9301"', 'rice, hs: "1006"') + "expect: {rule: violation}\n"
    result = run({"a.scenario.yaml": text})
    result.stdout.fnmatch_lines(
        [
            "*a.scenario.yaml:1*",
            "*un.dprk.1874-9: expected violation, got none",
            "*rule un.dprk.1874-9 (*1874-9.yaml:*):",
            "*goods[[]0]: the condition is false",
            "*false: the goods are arms* <- goods[[]0]*rice*",
        ]
    )


@pytest.fixture
def inference():
    """durable_rules' matcher; imported out here, since a run in this process forgets what it imports."""
    return pytest.importorskip("sanctions_engine.inference", exc_type=ImportError)


def test_both_matchers_must_agree(run, inference) -> None:
    run(expecting("{rule: violation}"), "--sanctions-matcher=both").assert_outcomes(passed=1)


def test_matchers_that_differ_are_reported(run, inference, monkeypatch: pytest.MonkeyPatch) -> None:
    class Forgetful(PythonMatcher):
        name = "durable"

        def match(self, facts, rules):
            matched, assumed = super().match(facts, rules)
            return [one for one in matched if one.rule.id == "un.dprk.1874-9"], assumed

    monkeypatch.setattr(inference, "DurableMatcher", Forgetful)
    result = run(
        expecting("{rule: violation}", GIVEN.replace("[sale]", "[sale, transport]")), "--sanctions-matcher=both"
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*matchers python and durable find different things*"])


def test_own_rules_are_read_where_named(run) -> None:
    house = {
        "rules/house/acme/regime.yaml": "regime: house.acme\ntitle: Acme\ntargets: {states: [BY]}\n",
        "rules/house/acme/no-trade.yaml": """\
rule: house.acme.no-trade
title: No trade with Belarus
authority: {resolution: S/RES/1718 (2006), paragraph: "8", checked: content}
in_force: {from: 2022-03-01}
effect: prohibition
binds: [every_member_state]
for_each: transaction
when: {parties.states: {include: BY}}
severity: low
because: House policy.
""",
        "a.scenario.yaml": FAR_AWAY.replace("un.dprk.1874-9", "house.acme.no-trade").replace("Portugal", "Belarus")
        + "expect: {rule: violation}\n",
    }
    run(house, "--sanctions-rules=rules").assert_outcomes(passed=1)
    run(house).assert_outcomes(failed=1)


def test_options_are_explained(run) -> None:
    result = run({}, "--help")
    result.stdout.fnmatch_lines(["*--sanctions-matcher=*", "*--sanctions-rules=FOLDER*"])


def test_scenarios_of_this_checkout_are_found_by_the_plugin(request: pytest.FixtureRequest) -> None:
    scenarios = list((Path(__file__).parent / "scenarios").rglob("*.scenario.yaml"))
    assert scenarios
    assert request.config.pluginmanager.hasplugin("sanctions_engine")
