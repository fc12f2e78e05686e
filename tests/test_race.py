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
