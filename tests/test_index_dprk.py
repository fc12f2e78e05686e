"""The index of the law on the DPRK: each measure of the reference is a rule, or has a reason why it is none.

Held against the working reference beside the project: paragraphs, dates and grades must be the reference's, or
the difference must be declared here with its reason.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from sanctions_engine.rule import CompiledRule
from sanctions_engine.rulebook import Rulebook

STARTS_OTHERWISE: dict[str, tuple[str, str]] = {
    "un.dprk.2397-5": ("2018-01-01", "its first twelve months begin then; until then 2375/14 ran"),
    "un.dprk.2397-5-notice": ("2018-01-01", "as the cap it belongs to"),
    "un.dprk.2397-5-75": ("2018-01-01", "as the cap it belongs to"),
    "un.dprk.2397-5-90": ("2018-01-01", "as the cap it belongs to"),
    "un.dprk.2397-5-95": ("2018-01-01", "as the cap it belongs to"),
    "un.dprk.2397-8-deadline": ("2019-12-23", "the 24 months within which workers go home end the day before"),
}
"""Rules that begin on another day than the reference says, with the reason."""
ENDS_OTHERWISE: dict[str, tuple[str | None, str]] = {
    "un.dprk.2270-29-coal": ("2016-11-30", "2321/26 replaced the paragraph, as the reference itself says"),
    "un.dprk.2270-29-iron": ("2016-11-30", "2321/26 replaced the paragraph, as the reference itself says"),
    "un.dprk.2270-35": ("2016-11-30", "2321/31 takes its place, without the finding that it asked for"),
    "un.dprk.2270-36": ("2016-11-30", "2321/32 takes its place, without the grounds that it asked for"),
    "un.dprk.2321-34": ("2017-08-05", "a call that gave way to the cap of 2371/11; the reference names no end"),
    "un.dprk.2397-8": ("2019-12-23", "the duty runs 24 months; un.dprk.2397-8-deadline follows it"),
}
"""Rules that end on another day than the reference says, with the reason."""
RESTS_ON_MORE: dict[tuple[str, str], str] = {
    ("un.dprk.1718-8c-from", "1874/23"): "the lists of nuclear items that the paragraph's items are read from",
    ("un.dprk.2087-9", "1718/8(d)"): "a listed party is one under that freeze",
}
"""Paragraphs that a rule also cites although the reference relates them to none of its measures, with the reason."""


@pytest.fixture(scope="module")
def reference(shared: Path) -> dict[str, Any]:
    file = shared / "reference" / "dprk.yaml"
    if not file.is_file():
        pytest.skip("../shared/reference/dprk.yaml is not here")
    data = yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)
    assert isinstance(data, dict)
    return data


@pytest.fixture(scope="module")
def measures(reference: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {measure["id"]: measure for measure in reference["measures"]}


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return Rulebook.load()


def encoded(rule: CompiledRule, measures: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [measures[name] for name in rule.rule.measures if name in measures]


def has(measure: dict[str, Any], paragraph: str) -> bool:
    """Whether a paragraph, or the one it is a limb of, is among a measure's."""
    return any(paragraph == p or paragraph.startswith(f"{p}(") for p in measure["paragraphs"])


def graded(reference: dict[str, Any], paragraph: str) -> str | None:
    """The grade of a paragraph, or of the one it is a limb of."""
    while paragraph not in reference["paragraph_index"] and "(" in paragraph:
        paragraph = paragraph.rpartition("(")[0]
    entry = reference["paragraph_index"].get(paragraph)
    return None if entry is None else str(entry["checked"])


def test_every_measure_is_a_rule_or_has_a_reason(book: Rulebook, measures: dict[str, dict[str, Any]]) -> None:
    exempting = {e.paragraph for rule in book.of_regime("un.dprk") for e in rule.exemptions}
    missing = [
        name
        for name, measure in measures.items()
        if name not in book.encoding("un.dprk")
        and name not in book.not_encoded.get("un.dprk", {})
        and not (measure["legal_force"] == "exemption" and exempting & set(measure["paragraphs"]))
    ]
    assert missing == []


def test_no_rule_or_reason_names_a_measure_that_is_not_there(
    book: Rulebook, measures: dict[str, dict[str, Any]]
) -> None:
    named = {m for r in book.of_regime("un.dprk") for m in r.rule.measures} | set(book.not_encoded.get("un.dprk", {}))
    assert named - measures.keys() == set()


def test_every_rule_of_law_names_a_measure(book: Rulebook) -> None:
    unnamed = [r.id for r in book.of_regime("un.dprk") if not r.rule.measures and r.rule.effect.value != "indicator"]
    assert unnamed == []


def related(measure: dict[str, Any]) -> set[str]:
    """The paragraphs that the reference relates a measure to."""
    named = (str(text) for texts in measure["relations"].values() for text in texts)
    return {paragraph for text in named for paragraph in re.findall(r"\d{4}/[0-9A-Za-z()]+", text)}


def test_rules_cite_only_paragraphs_of_their_measures(book: Rulebook, measures: dict[str, dict[str, Any]]) -> None:
    wrong = [
        f"{rule.id} cites {rule.citations[0]}"
        for rule in book.of_regime("un.dprk")
        if rule.rule.measures and not any(has(m, rule.citations[0]) for m in encoded(rule, measures))
    ]
    assert wrong == []


def test_what_rules_rest_on_besides_is_related_to_their_measures(
    book: Rulebook, measures: dict[str, dict[str, Any]]
) -> None:
    wrong = []
    for rule in book.of_regime("un.dprk"):
        own = encoded(rule, measures)
        for paragraph in rule.rule.authority.also if own else ():
            near = [
                m
                for m in measures.values()
                if m in own
                or any(has(m, p) for o in own for p in related(o))
                or any(has(o, p) for o in own for p in related(m))
            ]
            if (rule.id, paragraph) in RESTS_ON_MORE:
                assert not any(has(m, paragraph) for m in near), f"{rule.id}: take {paragraph} off the list"
            elif not any(has(m, paragraph) for m in near):
                wrong.append(f"{rule.id} rests on {paragraph}")
    assert wrong == []


def test_rules_begin_when_the_reference_says(
    book: Rulebook, measures: dict[str, dict[str, Any]], reference: dict[str, Any]
) -> None:
    adopted = {r["symbol"]: str(r["adopted"]) for r in reference["resolutions"]}
    wrong = []
    for rule in book.of_regime("un.dprk"):
        authority = rule.rule.authority
        own = [m for m in encoded(rule, measures) if has(m, authority.citation)]
        expected = {
            str(m["effective_from"]) if m["resolution"] == authority.resolution else adopted[authority.resolution]
            for m in own
        }
        start = rule.rule.in_force.from_.isoformat()
        if rule.id in STARTS_OTHERWISE:
            assert STARTS_OTHERWISE[rule.id][0] == start
            assert start not in expected, f"{rule.id} no longer differs; take it off the list"
        elif own and start not in expected:
            wrong.append(f"{rule.id} from {start}, reference {', '.join(sorted(expected))}")
    assert wrong == []


def last_day_over(measure: dict[str, Any], measures: dict[str, dict[str, Any]]) -> str | None:
    """The first day on which a measure no longer stands.

    The reference gives the last day, except where it repeats the day on which the successor begins.
    """
    end = measure.get("effective_to")
    if end is None:
        return None
    after = [
        m for p in measure["relations"].get("superseded_by", []) for m in measures.values() if p in m["paragraphs"]
    ]
    if any(str(m["effective_from"]) == str(end) for m in after):
        return str(end)
    return (date.fromisoformat(str(end)) + timedelta(1)).isoformat()


def test_rules_end_when_the_reference_says(book: Rulebook, measures: dict[str, dict[str, Any]]) -> None:
    wrong = []
    for rule in book.of_regime("un.dprk"):
        own = [m for m in encoded(rule, measures) if has(m, rule.citations[0])]
        end = rule.rule.in_force.until
        got = None if end is None else end.isoformat()
        expected = {last_day_over(m, measures) for m in own}
        if rule.id in ENDS_OTHERWISE:
            assert ENDS_OTHERWISE[rule.id][0] == got
            assert got not in expected, f"{rule.id} no longer differs; take it off the list"
        elif own and got not in expected:
            wrong.append(f"{rule.id} until {got}, reference {sorted(map(str, expected))}")
    assert wrong == []


def test_grades_are_those_of_the_reference(book: Rulebook, reference: dict[str, Any]) -> None:
    wrong = []
    for rule in book.of_regime("un.dprk"):
        pairs = [(rule.citations[0], rule.rule.authority.checked)]
        pairs += [(e.paragraph, e.checked) for e in rule.exemptions]
        for paragraph, checked in pairs:
            grade = graded(reference, paragraph)
            if grade is not None and grade != checked:
                wrong.append(f"{rule.id}: {paragraph} is {grade}, not {checked}")
    assert wrong == []


def test_no_finding_can_cite_a_paragraph_before_its_resolution(book: Rulebook) -> None:
    for rule in book.of_regime("un.dprk"):
        resolution = rule.regime.resolutions[rule.rule.authority.resolution]
        assert rule.rule.in_force.from_ >= resolution.adopted, rule.id


def test_a_call_is_never_a_prohibition(book: Rulebook, measures: dict[str, dict[str, Any]]) -> None:
    soft = {"calls_upon", "requests", "recalls", "requires_non_chapter_vii", "directs_committee", "intent"}
    wrong = [
        rule.id
        for rule in book.of_regime("un.dprk")
        if (own := [m for m in encoded(rule, measures) if has(m, rule.citations[0])])
        and all(m["legal_force"] in soft for m in own)
        and rule.rule.effect.value not in ("call", "indicator")
    ]
    assert wrong == []
