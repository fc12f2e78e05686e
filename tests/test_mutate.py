"""Mutation of a small book: what scenarios notice, what is proved to mean the same, what a missing scenario is."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from functools import lru_cache
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from sanctions_engine.assurance.meaning import same_verdict, weaker_than
from sanctions_engine.assurance.mutants import Kind, Mutant, mutants_of
from sanctions_engine.assurance.mutate import Fate, RuleOnTrial, figures_of, mutate, write_scenarios
from sanctions_engine.assurance.trials import Bench, read_scenarios
from sanctions_engine.cli import main
from sanctions_engine.condition import Acts, All, AnyOf, Condition, Contested, Not, Op, Span, Test
from sanctions_engine.dates import Period
from sanctions_engine.engine import Engine
from sanctions_engine.errors import InputError
from sanctions_engine.rule import CompiledRule
from sanctions_engine.rulebook import Rulebook
from sanctions_engine.scenario import load_scenarios, run_scenario
from sanctions_engine.truth import Truth, all_of, any_of
from tests.small_book import RULE, SCENARIOS, write_book, write_cases

GIFT = "  - {case: a gift, change: {activities: [gift]}, expect: {rule: violation}}\n"


@lru_cache(maxsize=1)
def book() -> Rulebook:
    with TemporaryDirectory() as folder:
        return Rulebook.load(write_book(Path(folder)), bundled=False)


def rule() -> CompiledRule:
    return book().find("un.test.9999-1")


def tried(tmp_path: Path, scenarios: str = SCENARIOS, *, search: bool = False) -> RuleOnTrial:
    [found] = mutate(book(), read_scenarios([write_cases(tmp_path, scenarios)]), [rule()], search=search)
    return found


def fate(found: RuleOnTrial, what: str) -> Fate:
    [one] = [mutant for mutant in found.mutants if mutant.what == what]
    return one.fate


def test_every_kind_of_mistake_is_made_and_none_twice() -> None:
    mutants = list(mutants_of(rule(), book().goods))
    assert {mutant.kind for mutant in mutants} == set(Kind) - {Kind.HS}
    texts = [repr((m.rule.when, m.rule.exemptions, m.rule.rule)) for m in (*mutants, Mutant(Kind.DROP, "", rule()))]
    assert len(set(texts)) == len(texts)


def test_a_mistake_survives_until_a_scenario_notices_it(tmp_path: Path) -> None:
    assert fate(tried(tmp_path / "a"), "activity: without gift") is Fate.SURVIVED
    assert fate(tried(tmp_path / "b", SCENARIOS + GIFT), "activity: without gift") is Fate.KILLED


def test_a_day_is_only_safe_with_the_day_and_the_day_before(tmp_path: Path) -> None:
    first = "  - {case: first day, change: {occurred: 2017-12-22}, expect: {rule: violation}}\n"
    before = "  - {case: the day before, change: {occurred: 2017-12-21}, expect: {rule: none}}\n"
    late, early = "occurred: from 2017-12-23 instead of 2017-12-22", "occurred: from 2017-12-21 instead of 2017-12-22"
    none = tried(tmp_path / "a")
    assert (fate(none, late), fate(none, early)) == (Fate.SURVIVED, Fate.SURVIVED)
    one = tried(tmp_path / "b", SCENARIOS + first)
    assert (fate(one, late), fate(one, early)) == (Fate.KILLED, Fate.SURVIVED)
    both = tried(tmp_path / "c", SCENARIOS + first + before)
    assert (fate(both, late), fate(both, early)) == (Fate.KILLED, Fate.KILLED)


def test_the_head_of_a_file_notices_another_paragraph_and_another_subject(tmp_path: Path) -> None:
    without = tried(tmp_path / "a")
    headed = tried(tmp_path / "b", f"cites: 9999/1\nfor_each: goods\n{SCENARIOS}")
    for kind in (Kind.CITATION, Kind.FOR_EACH):
        heads = [m.what for m in without.mutants if m.kind == kind.value and not m.what.startswith("exemption")]
        assert Fate.SURVIVED in {fate(without, what) for what in heads}
        assert {fate(headed, what) for what in heads} == {Fate.KILLED}


def test_a_sweep_notices_each_word(tmp_path: Path) -> None:
    sweep = "  - {case: a lathe, each: {activities: [sale, gift]}, expect: {rule: violation}}\n"
    assert fate(tried(tmp_path, SCENARIOS + sweep), "activity: without gift") is Fate.KILLED


def test_a_scenario_that_fails_unchanged_is_named_and_kills_nothing(tmp_path: Path) -> None:
    wrong = SCENARIOS + "  - {case: wrong, change: {activities: [gift]}, expect: {rule: none}}\n"
    found = tried(tmp_path, wrong)
    assert [line.rpartition(": ")[2] for line in found.failing] == ["wrong"]
    assert fate(found, "activity: without gift") is Fate.SURVIVED


def test_trials_agree_with_the_engine_on_mutants(tmp_path: Path) -> None:
    """Judging the rule alone must be what the whole engine would say."""
    scenarios = read_scenarios([write_cases(tmp_path, SCENARIOS + GIFT)])
    bench = Bench(book(), scenarios)
    trials = bench.trials(rule())
    for mutant in list(mutants_of(rule(), book().goods))[::3]:
        if mutant.kind is Kind.DAY:
            continue  # the engine's index of dates is made from the text
        with Engine(replace(book(), rules=(mutant.rule,)), matcher="python") as engine:
            for trial in trials:
                assert trial.passes(book(), mutant.rule) == run_scenario(trial.scenario, engine).passed, mutant.what


def test_a_scenario_is_written_that_tells_a_survivor_apart_and_leaves_the_verdict_open(tmp_path: Path) -> None:
    found = tried(tmp_path, search=True)
    [gift] = [mutant for mutant in found.mutants if mutant.what == "activity: without gift"]
    written = yaml.safe_load(gift.told_apart)
    assert written["cases"][0]["expect"] == {"rule": "???"}
    assert written["given"]["activities"] == ["gift"]
    files = list(write_scenarios([found], tmp_path / "missing"))
    file = next(file for file in files if "without gift" in file.read_text(encoding="utf-8"))
    with pytest.raises(InputError, match="rule"):  # until the author has judged
        load_scenarios(file)
    file.write_text(file.read_text(encoding="utf-8").replace("???", "violation"), encoding="utf-8")
    answered = (tmp_path / "tests" / "9999-1-gift.scenario.yaml").write_text(file.read_text(encoding="utf-8"), "utf-8")
    assert answered
    [again] = mutate(book(), read_scenarios([tmp_path / "tests"]), [rule()])
    assert fate(again, "activity: without gift") is Fate.KILLED


def test_a_written_scenario_tells_truly_what_the_rule_says(tmp_path: Path) -> None:
    found = tried(tmp_path, search=True)
    told = [mutant.told_apart for mutant in found.mutants if mutant.told_apart]
    assert len(told) > 3
    with Engine(book(), matcher="python") as engine:
        for text in told:
            said = text.partition("The rule says ")[2].partition(";")[0]
            findings = [f for f in engine.check(yaml.safe_load(text)["given"]).findings if f.rule.id == rule().id]
            gravest = min(findings, key=lambda f: f.outcome.rank, default=None)
            assert said.split()[0] == ("none" if gravest is None else gravest.outcome.value), text


def test_processes_find_what_one_finds(tmp_path: Path) -> None:
    scenarios = read_scenarios([write_cases(tmp_path, SCENARIOS + GIFT)])
    twice = replace(book(), rules=(rule(), replace(rule(), index=1)))
    alone = mutate(book(), scenarios, [rule()])
    assert mutate(twice, scenarios, twice.rules, jobs=2)[0] == alone[0]


def test_the_command_counts_and_can_fail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "house" / "house" / "acme"
    folder.mkdir(parents=True)
    (folder / "regime.yaml").write_text("regime: house.acme\ntitle: House\ntargets: {states: [KP]}\n", encoding="utf-8")
    text = (
        "rule: house.acme.no-gifts\ntitle: No gifts\n"
        "authority: {resolution: S/RES/9999 (2017), paragraph: '1', checked: memory}\n"
        "in_force: {from: 2017-12-22}\neffect: prohibition\nbinds: [every_member_state]\nreach: [territory]\n"
        "for_each: transaction\nwhen: {activity: {in: [gift, sale]}}\nseverity: low\nbecause: A test.\n"
    )
    (folder / "no-gifts.yaml").write_text(text, encoding="utf-8")
    cases = write_cases(tmp_path, SCENARIOS.replace("un.test.9999-1", "house.acme.no-gifts").rpartition("  - ")[0])
    words = [
        "rules",
        "mutate",
        "house.acme",
        "--rules",
        str(tmp_path / "house"),
        "--scenarios",
        str(cases),
        "--jobs",
        "1",
    ]
    assert main([*words, "--format", "json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["mutants"] == figures["killed"] + figures["equivalent"] + figures["surviving"] > 5
    assert figures["regimes"]["house.acme"]["score"] == figures["score"] < 100
    assert main([*words, "--fail-under", "100"]) == 2
    assert "activity: without gift" in capsys.readouterr().out
    assert main(["rules", "mutate", "hause.acme", *words[3:]]) == 65
    assert "did you mean 'house.acme'" in capsys.readouterr().err


def test_a_book_without_mutants_of_another_meaning_scores_full() -> None:
    assert figures_of([RuleOnTrial("r", "g", 0, (), ())]).score == 100


# ---------------------------------------------------------------------- proofs


def with_condition(condition: Condition) -> CompiledRule:
    return replace(rule(), when=condition, exemptions=())


A, B, C = (Test("mode", Op.INCLUDE, frozenset({word})) for word in ("sea", "air", "rail"))
AB = Test("mode", Op.INCLUDE, frozenset({"sea", "air"}))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (All((A, AnyOf((A, B)))), A, True),
        (AnyOf((A, B)), AnyOf((B, A)), True),
        (All((A, AB)), A, True),  # the sea is by sea or air
        (AnyOf((A, AB)), AB, True),
        (AnyOf((A, B)), AB, False),  # "by sea or air, I know not which" is AB, and neither A nor B
        (AnyOf((A, Not(A))), All(()), False),  # UNKNOWN stays UNKNOWN
        (All((A, B)), AnyOf((A, B)), False),
        (Contested(A, "why"), A, False),
        (Contested(A, "why"), Contested(All((A, AB)), "another why"), True),
    ],
)
def test_what_is_proved_is_the_same_in_three_values(one: Condition, other: Condition, same: bool) -> None:
    assert (same_verdict(with_condition(one), with_condition(other)) is not None) is same


def test_many_tests_are_proved_by_z3() -> None:
    pytest.importorskip("z3", reason="z3 comes with the extra assurance")
    many = tuple(Test("project", Op.INCLUDE, frozenset({f"p{i}"})) for i in range(14))
    proof = same_verdict(with_condition(All((*many, AnyOf((many[3], A))))), with_condition(All(many)))
    assert proof is not None
    assert proof.by == "z3"
    assert same_verdict(with_condition(All(many)), with_condition(All(many[1:]))) is None


def test_an_exemption_that_changes_nothing_is_proved_so() -> None:
    one, two = rule().exemptions
    twice = replace(rule(), exemptions=(one, two, replace(two, condition=All((two.condition, A)))))
    assert same_verdict(rule(), twice) is not None
    assert same_verdict(rule(), replace(rule(), exemptions=(one,))) is None


def test_a_span_within_another_adds_nothing() -> None:
    wide, narrow = (
        Test("occurred", Op.WITHIN, Span(a, b, Acts(frozenset({"sale"}))))
        for a, b in ((None, None), (rule().rule.in_force.from_, None))
    )
    assert same_verdict(with_condition(All((narrow, wide))), with_condition(narrow)) is not None
    assert same_verdict(with_condition(All((narrow, wide))), with_condition(wide)) is None


conditions = st.recursive(
    st.sampled_from([A, B, C]),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda p: All(tuple(p))),
        st.lists(inner, min_size=1, max_size=3).map(lambda p: AnyOf(tuple(p))),
        inner.map(Not),
        inner.map(lambda p: Contested(p, "why")),
    ),
    max_leaves=6,
)


def truth(condition: Condition, at: dict[Test, Truth]) -> Truth:
    """Kleene's tables once more, as plainly as can be."""
    match condition:
        case Test():
            return at[condition]
        case All(parts):
            return all_of(truth(p, at) for p in parts)
        case AnyOf(parts):
            return any_of(truth(p, at) for p in parts)
        case Not(part):
            return ~truth(part, at)
        case Contested(part):
            return truth(part, at) & Truth.UNKNOWN


@settings(max_examples=150, deadline=None)
@given(conditions, conditions)
def test_tables_agree_with_brute_force(one: Condition, other: Condition) -> None:
    valuations = [dict(zip((A, B, C), (x, y, z), strict=True)) for x in Truth for y in Truth for z in Truth]
    same = all(truth(one, at) is truth(other, at) for at in valuations)
    assert (same_verdict(with_condition(one), with_condition(other)) is not None) is same


def test_a_mistake_in_what_rules_share_is_noticed_where_any_of_them_notices_it(tmp_path: Path) -> None:
    other = replace(rule(), rule=rule().rule.model_copy(update={"rule": "un.test.9999-9"}), index=1)
    both = replace(book(), rules=(rule(), other))
    write_cases(tmp_path)
    noticing = SCENARIOS.replace("9999-1", "9999-9") + GIFT
    (tmp_path / "tests" / "9999-9.scenario.yaml").write_text(noticing, encoding="utf-8")
    scenarios = read_scenarios([tmp_path / "tests"])
    apart, _ = mutate(both, scenarios, both.rules)
    assert fate(apart, "activity: without gift") is Fate.SURVIVED
    used = next(part for part in groups_of(rule().when) if isinstance(part, All))
    together, _ = mutate(both, scenarios, both.rules, shared={used: "definitions.yaml: sold_there"})
    assert fate(together, "activity: without gift") is Fate.ELSEWHERE
    of_its_own = [m.what for m in together.mutants if not m.shared]
    assert [m for m in together.mutants if m.what in of_its_own] == [m for m in apart.mutants if m.what in of_its_own]


def groups_of(condition: Condition) -> list[Condition]:
    """Return the groups that stand deepest first."""
    match condition:
        case All(parts) | AnyOf(parts):
            return [*(node for part in parts for node in groups_of(part)), condition]
        case _:
            return []


SPANS = (Op.WITHIN, Op.FROM, Op.BEFORE)


def test_what_is_claimed_of_two_spans_holds_of_every_period() -> None:
    edges = [None, *(date(2015, 1, day) for day in (2, 3, 4))]
    spans = [Span(a, b) for a, b in product(edges, edges) if a is None or b is None or a < b]
    days = [None, *(date(2015, 1, day) for day in range(1, 6))]
    periods = [
        Period(first, last, "", conduct)
        for first, last, conduct in product(days, days, (False, True))
        if first is None or last is None or first <= last
    ]
    claimed = 0
    for one, other in product(spans, spans):
        if not all(weaker_than(Test("occurred", a, one), Test("occurred", b, other)) for a in SPANS for b in SPANS):
            continue
        claimed += 1
        for period, continuing in product(periods, (False, True)):
            narrow = period.within(one.start, one.end, continuing=continuing)
            wide = period.within(other.start, other.end, continuing=continuing)
            assert narrow is not Truth.TRUE or wide is Truth.TRUE
            assert wide is not Truth.FALSE or narrow is Truth.FALSE
    assert claimed > len(spans)
    own = Span(None, date(2015, 1, 2), Acts(frozenset({"sale"})))
    assert not weaker_than(Test("occurred", Op.BEFORE, own), Test("occurred", Op.BEFORE, replace(own, acts=ANY)))


ANY = Acts()


def test_a_limb_dated_before_the_rule_s_first_day_is_proved_to_need_no_day(tmp_path: Path) -> None:
    limb = (
        "    - any:\n        - goods.categories: {include: food}\n"
        "        - all: [{occurred: {from: 2017-12-20}}, {goods.categories: {include: machinery}}]\n"
    )
    text = RULE.replace("    - goods.categories: {include: machinery}\n", limb)
    dated = Rulebook.load(write_book(tmp_path, rule=text), bundled=False)
    [found] = mutate(dated, (), dated.rules)
    assert fate(found, "dropped: it happened on or after 2017-12-20") is Fate.EQUIVALENT
    assert fate(found, "occurred: from 2017-12-21 instead of 2017-12-20") is Fate.EQUIVALENT
    assert fate(found, "dropped: the goods are food") is Fate.SURVIVED
