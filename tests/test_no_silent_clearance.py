"""A missing fact never turns a violation into a silent clearance, and a coarser one never crosses over."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from sanctions_engine.documents import read_file
from sanctions_engine.engine import Engine
from sanctions_engine.errors import InputError
from sanctions_engine.finding import Outcome
from sanctions_engine.report import Report
from tests.strategies import described, parties

USUAL = Engine(matcher="python")
NOTHING = Engine(matcher="python", assume="nothing")
STRONG = (Outcome.VIOLATION, Outcome.POTENTIAL, Outcome.INCOMPLETE)

VIOLATING: dict[str, dict[str, Any]] = {
    "rockets to Wagner": {
        "occurred": "2022-11-18",
        "activities": ["sale", "transport"],
        "parties": [
            {"name": "Korean munitions supplier", "roles": ["supplier"], "kind": "state_organ", "jurisdiction": "KP"},
            {"name": "Wagner Group", "roles": ["recipient", "end_user"], "jurisdiction": "RU"},
        ],
        "goods": [{"description": "infantry rockets", "hs": ["9301", "9306"]}],
        "route": {"from": {"country": "KP"}, "to": {"country": "RU"}, "via": []},
    },
    "a tractor to a farm": {
        "occurred": "2023-05-04",
        "activities": ["sale"],
        "parties": [
            {"name": "Rostselmash Trading", "roles": ["supplier"], "jurisdiction": "RU"},
            {"name": "Unpa Cooperative Farm", "roles": ["recipient"], "jurisdiction": "North Korea"},
        ],
        "goods": [{"description": "wheeled tractor", "hs": "8701.92"}],
        "route": {"from": {"country": "RU"}, "to": {"country": "KP"}, "via": []},
        "approvals": [
            {"by": "1718 Committee", "kind": "approval", "granted": "2020-01-01", "expires": "2021-01-01", "covers": ["transaction"]}
        ],
    },
}  # fmt: skip


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of everything that can be deleted, containers included."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from leaves(item, (*path, key))


def without(raw: dict[str, Any], paths: list[tuple[Any, ...]]) -> dict[str, Any]:
    result = deepcopy(raw)
    for path in sorted(paths, key=lambda p: [(str(type(s)), s) for s in p], reverse=True):
        holder: Any = result
        try:
            for step in path[:-1]:
                holder = holder[step]
            del holder[path[-1]]
        except (KeyError, IndexError, TypeError):
            continue  # gone with something that held it
    return result


def cleared_in_the_open(raw: dict[str, Any], report: Report) -> bool:
    """Whether a report that is no longer a violation names what decided it."""
    return bool(report.assumptions) and NOTHING.check(raw).outcome in STRONG


def check_deletion(raw: dict[str, Any], paths: list[tuple[Any, ...]]) -> None:
    less = without(raw, paths)
    try:
        report = USUAL.check(less)
    except InputError:
        return  # what cannot be read is refused, never cleared
    assert report.outcome in STRONG or cleared_in_the_open(less, report), (paths, report.outcome)


@pytest.mark.parametrize("name", VIOLATING)
def test_the_given_transactions_violate(name: str) -> None:
    assert USUAL.check(VIOLATING[name]).outcome is Outcome.VIOLATION


@pytest.mark.parametrize("name", VIOLATING)
def test_no_single_deletion_clears_in_silence(name: str) -> None:
    for path in leaves(VIOLATING[name]):
        check_deletion(VIOLATING[name], [path])


@given(st.sampled_from(sorted(VIOLATING)), st.data())
def test_no_set_of_deletions_clears_in_silence(name: str, data: st.DataObject) -> None:
    paths = data.draw(st.lists(st.sampled_from(list(leaves(VIOLATING[name]))), min_size=1, max_size=6, unique=True))
    check_deletion(VIOLATING[name], paths)


@settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(st.sampled_from(sorted(VIOLATING)), described, st.data())
def test_no_deletion_from_a_random_violation_clears_in_silence(
    name: str, changes: dict[str, Any], data: st.DataObject
) -> None:
    kept = data.draw(st.lists(st.sampled_from(sorted(changes)), max_size=2, unique=True)) if changes else []
    raw = {**VIOLATING[name], **{key: changes[key] for key in kept}}
    assume(USUAL.check(raw).outcome is Outcome.VIOLATION)
    paths = data.draw(st.lists(st.sampled_from(list(leaves(raw))), min_size=1, max_size=3, unique=True))
    check_deletion(raw, paths)


def test_example_transactions_survive_every_single_deletion() -> None:
    folder = Path(__file__).resolve().parent.parent / "examples" / "transactions"
    checked = 0
    for file in sorted(folder.glob("*.yaml")):
        raw = read_file(file).data
        assert isinstance(raw, dict)
        if USUAL.check(raw).outcome is not Outcome.VIOLATION:
            continue
        checked += 1
        for path in leaves(raw):
            if path[0] not in ("claims", "transaction", "title", "notes"):
                check_deletion(raw, [path])
    assert checked, "no example is a violation"


def test_a_deleted_expiry_never_makes_an_approval_valid() -> None:
    raw = deepcopy(VIOLATING["a tractor to a farm"])
    assert USUAL.check(raw).outcome is Outcome.VIOLATION
    del raw["approvals"][0]["expires"]
    report = USUAL.check(raw)
    assert report.outcome is Outcome.POTENTIAL
    assert "approvals[0].expires" in [q.ask for q in report.questions]


COARSER = {
    "2022-11-18": ["2022-11", "2022", "[2022-11-01..2022-11-30]", "[2005-01-01..2023-01-01]", None],
    "2023-05-04": ["2023-05", "2023", "[2017-12-01..2023-12-30]", None],
}


@pytest.mark.parametrize("name", VIOLATING)
def test_a_coarser_date_never_crosses_over(name: str) -> None:
    raw = VIOLATING[name]
    for coarser in COARSER[raw["occurred"]]:
        changed = {**raw, "occurred": coarser}
        assert USUAL.check(changed).outcome in (Outcome.VIOLATION, Outcome.POTENTIAL), coarser


@given(
    st.sampled_from(["870192", "870590", "940360", "100119", "850423", "950300"]),
    st.sampled_from([2, 4, 6]),
    st.booleans(),
)
def test_a_coarser_hs_code_never_crosses_over(code: str, digits: int, with_text: bool) -> None:
    raw = deepcopy(VIOLATING["a tractor to a farm"])
    raw["goods"] = [{"hs": code, **({"description": "spare parts"} if with_text else {})}]

    def verdict(report: Report) -> Outcome | None:
        return next((f.outcome for f in report.findings if f.rule.id == "un.dprk.2397-7"), None)

    full = verdict(USUAL.check(raw))
    raw["goods"][0]["hs"] = code[:digits]
    short = verdict(USUAL.check(raw))
    assert short in (full, Outcome.POTENTIAL)


LINKED = {
    **VIOLATING["a tractor to a farm"],
    "activities": [{"kind": "sale", "by": "parties[0]", "for": "parties[1]", "goods": "goods[0]"}],
    "goods": [{"description": "wheat", "hs": "1001.99"}],
    "approvals": [],
    "payments": [],
}


@given(parties)
def test_an_unlinked_party_violates_nothing_by_standing_there(party: dict[str, Any]) -> None:
    before = {f.rule.id for f in USUAL.check(LINKED).violations}
    after = USUAL.check({**LINKED, "parties": [*LINKED["parties"], party]})
    new = [f for f in after.violations if f.rule.id not in before]
    assert not new, [(f.rule.id, f.subject.path) for f in new]


@given(st.sampled_from(["wheeled tractor", "152mm artillery shells", "Rolex watch", "steam coal"]))
def test_an_unlinked_goods_line_violates_nothing_by_standing_there(description: str) -> None:
    after = USUAL.check({**LINKED, "goods": [*LINKED["goods"], {"description": description}]})
    assert not after.violations


@given(st.sampled_from(["supplier", "recipient"]), st.sampled_from(["KP", "CN", "RU"]))
def test_a_second_party_in_a_role_never_creates_a_violation(role: str, country: str) -> None:
    raw = {
        "occurred": "2023-05-04",
        "activities": ["sale"],
        "parties": [
            {"name": "Seller", "roles": ["supplier"], "jurisdiction": "RU"},
            {"name": "Buyer", "roles": ["recipient"], "jurisdiction": "CN"},
        ],
        "goods": [{"description": "wheeled tractor", "hs": "8701.92"}],
        "route": {"from": {"country": "RU"}, "to": {"country": "CN"}, "via": []},
    }
    more = {**raw, "parties": [*raw["parties"], {"name": "Another", "roles": [role], "jurisdiction": country}]}
    assert not USUAL.check(more).violations


@given(st.sampled_from(["KP", "RU"]))
def test_a_second_vessel_never_creates_a_violation(flag: str) -> None:
    raw = {
        "occurred": "2023-05-04",
        "activities": ["insurance"],
        "parties": [
            {"name": "Club", "roles": ["insurer"], "jurisdiction": "GB"},
            {"name": "Owner", "roles": ["insured"], "jurisdiction": "SG"},
        ],
        "vessels": [{"name": "Plain Sailing", "flag": "SG", "owner": "parties[1]"}],
    }
    assert not USUAL.check(raw).violations
    more = {**raw, "vessels": [*raw["vessels"], {"name": "Second", "flag": flag, "owner": "parties[1]"}]}
    assert not USUAL.check(more).violations
