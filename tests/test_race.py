"""The race is fair: every peer answers what the plain description says, and charts show what was measured."""

from __future__ import annotations

import sys
from importlib import metadata
from itertools import product
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "benchmarks"))

from race_charts import bars, lines
from race_peers import PEERS
from race_rules import RULES, by_hand, more_rules
from race_tables import tables

DAYS = [None, 20060101, 20161129, 20161130, 20190514]
ENDS = [None, "KP", "RU"]
LISTS = [None, ["KP"], ["CN", "RU"]]


def made_up_facts() -> list[dict[str, Any]]:
    classes = [None, ["coal"], ["machinery", "arms"], ["books"]]
    pools = {"start": ENDS, "destination": ENDS, "takers": LISTS, "givers": LISTS, "classes": classes, "day": DAYS}
    every = [dict(zip(pools, values, strict=True)) for values in product(*pools.values())]
    facts = [{name: value for name, value in one.items() if value is not None} for one in every[::7]]
    return [{**one, "moves": n % 5 > 0} if n % 4 else one for n, one in enumerate(facts)]


@pytest.mark.parametrize("name", PEERS)
def test_a_peer_answers_what_the_plain_description_says(name: str) -> None:
    package = PEERS[name].package
    try:
        metadata.version(package or "pydantic")
    except metadata.PackageNotFoundError:
        pytest.skip(f"{package} comes with benchmarks/requirements.txt")
    facts = made_up_facts()
    peer = PEERS[name](RULES)
    said = [peer.answer(peer.prepare(one)) for one in facts]
    assert said == [[by_hand(rule, one) for rule in RULES] for one in facts]
    assert {answer for line in said for answer in line} == {True, False}


def test_what_is_missing_clears_goods_that_may_be_a_breach() -> None:
    coal = next(rule for rule in RULES if rule.name == "2371/8 coal")
    told = {"moves": True, "classes": ["coal"], "day": 20190514, "start": "KP", "destination": "CN"}
    assert by_hand(coal, told)
    for name in ("moves", "classes", "day", "start"):
        assert not by_hand(coal, {k: v for k, v in told.items() if k != name})


def test_more_rules_are_of_other_states() -> None:
    many = more_rules(200)
    assert len(many) == 200
    assert len({(rule.name, rule.state) for rule in many}) == 200
    assert {rule.state for rule in many[: len(RULES)]} == {"KP"}
    assert "KP" not in {rule.state for rule in many[len(RULES) :]}


@pytest.mark.parametrize(
    "chart",
    [
        bars("Speed <& more", "µs", {"ours, x": 12.0, "A & B": 1_500_000.0}),
        bars("One", "MB", {"ours": 3.0, "theirs": 30.0}, log=False),
        lines("Growth", "rules", "µs", {"ours": {50.0: 10.0, 2_000.0: 11.0}, "theirs": {50.0: 8.0, 2_000.0: 4_000.0}}),
    ],
)
def test_a_chart_is_well_formed_and_stays_on_its_paper(chart: str) -> None:
    root = ElementTree.fromstring(chart)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for node in root.iter():
        for name in ("x", "cx", "x1", "x2"):
            assert 0 <= float(node.attrib.get(name, 0)) <= width
        for name in ("y", "cy", "y1", "y2"):
            assert 0 <= float(node.attrib.get(name, 0)) <= height
        if node.tag.endswith("rect"):
            assert float(node.attrib["x"]) + float(node.attrib["width"]) <= width


def test_the_longer_bar_is_the_larger_value() -> None:
    root = ElementTree.fromstring(bars("Speed", "µs", {"slow": 900.0, "ours": 30.0, "middling": 200.0}))
    widths = [float(node.attrib["width"]) for node in root.iter() if node.tag.endswith("rect")]
    assert widths == sorted(widths)
    assert len(set(widths)) == 3


def test_ratios_hold_a_peer_alone_against_our_rules_and_one_that_was_read_for_against_our_whole_check() -> None:
    def took(ordinary: float, scenario: float) -> dict[str, Any]:
        return {"us": {"ordinary": ordinary, "scenario": scenario}, "build_ms": 1.0, "memory_mb": 1.0}

    ours = {
        f"ours, {part}, {book}, {matcher}": took(us, 10 * us)
        for part, us in (("whole check", 400.0), ("rules only", 20.0))
        for book in ("the twelve", "the whole book")
        for matcher in ("python", "durable")
    }
    runners = {**ours, "reading the facts, before any engine": took(300, 300), "a peer": took(100, 50)}
    of = {"cores": 1, "processor": "x", "load": 0.0, "python": "3", "when": "now"}
    told = tables({"single": {"rules": {"the whole book": 403}, "runners": runners, "of": of}})
    (row,) = [line for line in told.splitlines() if line.startswith("| a peer | 5.0")]
    assert row.split(" | ")[1:] == ["5.0, 0.25", "5.0, 0.25", *["1.0, 0.09"] * 3, "1.0, 0.09 |"]


def test_local_spark_is_told_as_two_cores_against_one() -> None:
    def run(seconds: float) -> dict[str, Any]:
        each = {"seconds": seconds, "python_cpu": 2.0, "java_cpu": 4.0}
        return {"rows": 1_000_000, "partitions": 4} | dict.fromkeys(("cold", "warm", "warm, with the shuffle"), each)

    of = {"cores": 2, "processor": "x", "load": 0.0, "python": "3", "when": "now"}
    measured = {"one core": run(8.0), "two cores": run(5.0), "machine": {"one": 1e6, "two": 1.8e6}, "of": of}
    told = tables({"spark": measured})
    assert "| warm | 125,000/s | 200,000/s | 1.60 | 2.0 µs and 2.0 µs | 4.0 µs and 4.0 µs | 1.7 |" in told
    assert "| 1,000,000/s | 1,800,000/s | 1.80 |" in told
    failed = tables({"spark": {**measured, "two cores": {"failed": "no Java"}}})
    assert "two cores: no Java" in failed
