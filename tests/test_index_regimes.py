"""The index of the law of the other regimes: each measure of the reference is a rule, or has a reason why it is none.

Held against the working reference beside the project: paragraphs, dates and grades must be the reference's, or the
difference must be declared here with its reason.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sanctions_engine.engine import Engine
from sanctions_engine.facts import ForEach
from sanctions_engine.rule import CompiledRule, Effect
from sanctions_engine.rulebook import Rulebook
from tests.law_index import is_cited, paragraphs_in, paragraphs_of, reference_file, texts_in

HELD_ELSEWHERE = {"un.dprk"}
"""Regimes with a reference and an index of their own."""
_1390 = "the measure began with 1390, whose paragraph the reference gives for the freeze alone"
CITES_OTHERWISE: dict[str, str] = {
    "un.iraq.661-3c-arms": "the measure names 661 without a paragraph; that of its twin for the Government stands in",
    "un.isil-al-qaida.1390-2-arms": _1390,
    "un.isil-al-qaida.1390-2-assistance": _1390,
    "un.isil-al-qaida.1390-2-travel": _1390,
    "un.taliban.1390-2-arms": _1390,
    "un.taliban.1390-2-assistance": _1390,
    "un.taliban.1390-2-travel": _1390,
}
"""Rules that cite a paragraph the reference does not name with their measure, with the reason."""
EXEMPTS_OTHERWISE = {
    ("un.somalia.1844-3", "1916/5"): "the reference tells relief from 2664 on only; what went before it is from memory",
}
"""Exemptions under a paragraph that the reference does not name, with the reason."""
RUNS_OTHERWISE: dict[str, str] = {
    "iran-arms-supply": "1747/6 asked for restraint from 2007-03-24; the reference tells it with the ban of 2010",
}
"""Measures whose rules begin or end on another day than the reference says, with the reason."""
RENEWED_OTHERWISE: dict[str, str] = {
    "un.libya": "to which day 2819 renewed the petroleum measures is not known; the last day of any source stands in",
    "un.somalia": "only the power to inspect vessels needs renewal, and no rule encodes it",
}
"""Regimes whose confirmed renewal is another day than the reference's last known expiry, with the reason."""


@pytest.fixture(scope="module")
def reference(shared: Path) -> dict[str, Any]:
    return reference_file(shared, "un-regimes.yaml")


@pytest.fixture(scope="module")
def measures(reference: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {measure["id"]: measure for regime in reference["regimes"] for measure in regime["measures"]}


@pytest.fixture(scope="module")
def regime_of(reference: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {measure["id"]: regime for regime in reference["regimes"] for measure in regime["measures"]}


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return Rulebook.load()


def rules_of(book: Rulebook) -> list[CompiledRule]:
    return [
        rule for rule in book.rules if rule.regime.regime.startswith("un.") and rule.regime.regime not in HELD_ELSEWHERE
    ]


def reasons_of(book: Rulebook) -> dict[str, str]:
    return {
        measure: reason
        for regime, reasons in book.not_encoded.items()
        if regime not in HELD_ELSEWHERE
        for measure, reason in reasons.items()
    }


def encoding(book: Rulebook) -> dict[str, list[CompiledRule]]:
    found: dict[str, list[CompiledRule]] = {}
    for rule in rules_of(book):
        for measure in rule.rule.measures:
            found.setdefault(measure, []).append(rule)
    return found


def test_every_measure_is_a_rule_or_has_a_reason(book: Rulebook, measures: dict[str, dict[str, Any]]) -> None:
    assert sorted(measures.keys() - encoding(book).keys() - reasons_of(book).keys()) == []


def test_every_limb_of_a_measure_is_a_rule(book: Rulebook, measures: dict[str, dict[str, Any]]) -> None:
    limbs = {limb["id"] for measure in measures.values() for limb in measure.get("sub_measures", [])}
    assert sorted(limbs - encoding(book).keys() - reasons_of(book).keys()) == []


def test_no_rule_or_reason_names_a_measure_that_is_not_there(
    book: Rulebook, measures: dict[str, dict[str, Any]]
) -> None:
    limbs = {limb["id"] for measure in measures.values() for limb in measure.get("sub_measures", [])}
    assert sorted((encoding(book).keys() | reasons_of(book).keys()) - measures.keys() - limbs) == []


def test_every_rule_of_law_names_a_measure(book: Rulebook) -> None:
    assert [r.id for r in rules_of(book) if not r.rule.measures and r.rule.effect is not Effect.INDICATOR] == []


def test_the_rules_of_a_regime_encode_measures_of_one_regime(
    book: Rulebook, regime_of: dict[str, dict[str, Any]]
) -> None:
    mixed = {}
    for name in {rule.regime.regime for rule in rules_of(book)}:
        sources = {regime_of[m]["id"] for r in book.of_regime(name) for m in r.rule.measures if m in regime_of}
        if len(sources) > 1:
            mixed[name] = sorted(sources)
    assert mixed == {}


def test_rules_cite_only_paragraphs_of_their_measures(
    book: Rulebook, measures: dict[str, dict[str, Any]], regime_of: dict[str, dict[str, Any]], reference: dict[str, Any]
) -> None:
    shared_law = list(texts_in(reference["asset_freeze_model"]))
    wrong = []
    for rule in rules_of(book):
        own = [measures[name] for name in rule.rule.measures if name in measures]
        cited = {paragraph for measure in own for paragraph in paragraphs_of(measure)}
        named = is_cited(rule.citations[0], cited, " ".join(t for m in own for t in texts_in(m)))
        if rule.id in CITES_OTHERWISE:
            assert not named, f"{rule.id} no longer differs; take it off the list"
            continue
        if not named:
            wrong.append(f"{rule.id} cites {rule.citations[0]}")
        around = [*shared_law, *(text for m in own for text in texts_in(regime_of[m["id"]]))]
        near = cited.union(*(paragraphs_in(text) for text in around))
        wrong += [
            f"{rule.id} exempts under {e.paragraph}"
            for e in rule.exemptions
            if not is_cited(e.paragraph, near, " ".join(around)) and (rule.id, e.paragraph) not in EXEMPTS_OTHERWISE
        ]
    assert wrong == []


def periods(measure: dict[str, Any]) -> tuple[str, str | None]:
    """First day in force and first day no longer in force, over all periods."""
    spans = measure.get("effective_periods") or [[measure["effective_from"], measure.get("effective_to")]]
    ends = [end for _, end in spans]
    last = measure.get("suspended_from") or (None if None in ends else max(map(str, ends)))
    return min(str(start) for start, _ in spans), None if last is None else str(last)


def test_rules_run_as_long_as_their_measures(book: Rulebook, measures: dict[str, dict[str, Any]]) -> None:
    wrong = []
    for name, rules in encoding(book).items():
        if name not in measures:
            continue
        start, end = periods(measures[name])
        first = min(rule.rule.in_force.from_ for rule in rules).isoformat()
        ends = [rule.rule.in_force.until for rule in rules]
        last = None if None in ends else max(day for day in ends if day is not None).isoformat()
        if name in RUNS_OTHERWISE:
            assert (first, last) != (start, end), f"{name} no longer differs; take it off the list"
        elif (first, last) != (start, end):
            wrong.append(f"{name} runs {start} to {end}, its rules {first} to {last}")
    assert wrong == []


def test_no_rule_outlasts_its_measures(book: Rulebook, measures: dict[str, dict[str, Any]]) -> None:
    wrong = []
    for rule in rules_of(book):
        spans = [periods(measures[name]) for name in rule.rule.measures if name in measures]
        if not spans or RUNS_OTHERWISE.keys() & set(rule.rule.measures):
            continue
        ends = [end for _, end in spans]
        start, until = rule.rule.in_force.from_, rule.rule.in_force.until
        if start.isoformat() < min(s for s, _ in spans):
            wrong.append(f"{rule.id} begins before its measure")
        if None not in ends and (until is None or until.isoformat() > max(str(end) for end in ends)):
            wrong.append(f"{rule.id} outlasts its measure")
    assert wrong == []


def test_a_measure_known_from_memory_only_is_graded_memory(book: Rulebook, measures: dict[str, dict[str, Any]]) -> None:
    wrong = []
    for rule in rules_of(book):
        sources = [s for name in rule.rule.measures if name in measures for s in measures[name]["verified"]]
        if sources and set(sources) == {"memory"} and rule.rule.authority.checked != "memory":
            wrong.append(f"{rule.id} is graded {rule.rule.authority.checked}")
    assert wrong == []


def test_nothing_is_graded_quoted(book: Rulebook) -> None:
    """The reference of these regimes paraphrases throughout."""
    assert [rule.id for rule in rules_of(book) if rule.rule.authority.checked == "quoted"] == []


def test_a_call_is_never_a_prohibition(book: Rulebook, measures: dict[str, dict[str, Any]]) -> None:
    soft = {"called_upon", "vigilance_duty_on_states"}
    wrong = [
        rule.id
        for rule in rules_of(book)
        if rule.rule.measures
        and all(measures.get(name, {}).get("force") in soft for name in rule.rule.measures)
        and rule.rule.effect not in (Effect.CALL, Effect.INDICATOR)
    ]
    assert wrong == []


def test_no_finding_can_cite_a_paragraph_before_its_resolution(book: Rulebook) -> None:
    wrong = []
    for rule in rules_of(book):
        resolution = rule.regime.resolutions.get(rule.rule.authority.resolution)
        if resolution is not None and rule.rule.in_force.from_ < resolution.adopted:
            wrong.append(rule.id)
    assert wrong == []


def test_codes_are_said_to_be_an_aid(book: Rulebook) -> None:
    """No resolution of these regimes gives HS codes."""
    assert [r.id for r in rules_of(book) if r.rule.hs_basis == "paragraph_text"] == []
    goods = [r for r in rules_of(book) if r.rule.for_each is ForEach.GOODS and "goods.categories" in r.facts_used]
    assert [r.id for r in goods if r.rule.hs_basis is None and r.rule.determination is None] == []


def test_a_renewal_is_confirmed_to_the_last_day_known(
    book: Rulebook, reference: dict[str, Any], regime_of: dict[str, dict[str, Any]]
) -> None:
    last = {item["regime"]: str(item["last_known_expiry"]) for item in reference["knowledge_horizon"]["affected"]}
    seen = set()
    for rule in rules_of(book):
        source = next((regime_of[m]["id"] for m in rule.rule.measures if m in regime_of), None)
        if source not in last or rule.regime.regime in RENEWED_OTHERWISE:
            continue
        assert rule.regime.renewal is not None, rule.regime.regime
        assert rule.regime.renewal.confirmed_until.isoformat() == last[source]
        seen.add(source)
    assert seen, "no regime of the book has a renewal"


def test_rules_that_need_renewal_exist_and_have_no_end(book: Rulebook) -> None:
    known = {rule.id: rule for rule in book.rules}
    for regime in book.regimes.values():
        for name in regime.renewal.applies_to if regime.renewal is not None else ():
            assert name in known, f"{regime.regime}: {name}"
            assert known[name].rule.in_force.until is None, name


def arms_for_rebels(day: str) -> dict[str, Any]:
    return {
        "occurred": day,
        "activities": ["sale"],
        "parties": [
            {"name": "Dealer", "roles": ["supplier"], "kind": "company", "jurisdiction": "Serbia"},
            {
                "name": "Rebels",
                "roles": ["recipient"],
                "kind": "armed_group",
                "jurisdiction": "Central African Republic",
            },
        ],
        "goods": [{"description": "assault rifles", "hs": "9301.90"}],
        "route": {"from": {"country": "Serbia"}, "to": {"country": "Central African Republic"}, "via": []},
    }


@pytest.mark.parametrize(("day", "warned"), [("2026-07-30", False), ("2026-08-01", True)])
def test_a_renewal_that_ran_out_warns_and_clears_nothing(book: Rulebook, day: str, warned: bool) -> None:
    with Engine(book, matcher="python") as engine:
        report = engine.check(arms_for_rebels(day))
    assert report.outcome.value == "violation"
    assert any("renewal to be confirmed" in warning for warning in report.warnings) is warned
