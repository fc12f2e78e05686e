"""Listed, and of a State, through others: half or more, added up, through chains, with unknown shares as intervals."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sanctions_engine.condition import Op, Test
from sanctions_engine.engine import Engine
from sanctions_engine.facts import FactBase, ForEach
from sanctions_engine.judge import judge
from sanctions_engine.transaction import Transaction
from sanctions_engine.truth import Truth

ENGINE = Engine(matcher="python")
LISTED = Test("party.listed", Op.INCLUDE, frozenset({"un.dprk"}))
OTHER = Test("party.listed", Op.INCLUDE, frozenset({"un.iran"}))
KOREAN = Test("party.states", Op.INCLUDE, frozenset({"KP"}))


def facts(*parties: dict[str, Any]) -> FactBase:
    described = [{"roles": ["payee" if i == 0 else "owner"], "jurisdiction": "SG", **p} for i, p in enumerate(parties)]
    raw = {"occurred": "2023-05-04", "activities": ["payment"], "parties": described}
    return ENGINE.facts(Transaction.of(raw))


def truth(test: Test, base: FactBase, index: int = 0) -> Truth:
    return judge(test, base, base.subjects(ForEach.PARTY)[index]).truth


def owned(*stakes: tuple[int, int | None]) -> dict[str, Any]:
    return {
        "name": "Plain Harbour Trading",
        "owned_by": [{"party": f"parties[{i}]", **({} if share is None else {"share": share})} for i, share in stakes],
    }


KOMID = {"name": "Korea Mining Development Trading Corporation", "jurisdiction": "KP"}
RYONBONG = {"name": "Korea Ryonbong General Corporation", "jurisdiction": "KP"}
PLAIN = {"name": "Quiet Lake Holdings"}


def test_owned_by_exactly_half_is_listed() -> None:
    base = facts(owned((1, 50)), KOMID)
    trace = judge(LISTED, base, base.subjects(ForEach.PARTY)[0])
    assert trace.truth is Truth.TRUE
    assert any("owned by Korea Mining Development Trading Corporation 50%" in e.shown for e in trace.evidence())


def test_owned_by_less_than_half_is_not() -> None:
    assert truth(LISTED, facts(owned((1, 49), (2, 51)), KOMID, PLAIN)) is Truth.FALSE


def test_shares_of_several_listed_owners_add_up() -> None:
    assert truth(LISTED, facts(owned((1, 25), (2, 25), (3, 50)), KOMID, RYONBONG, PLAIN)) is Truth.TRUE
    assert truth(LISTED, facts(owned((1, 25), (2, 24), (3, 51)), KOMID, RYONBONG, PLAIN)) is Truth.FALSE


def test_an_unknown_share_is_an_interval_and_asks_for_itself() -> None:
    base = facts(owned((1, None), (2, 30)), KOMID, PLAIN)
    trace = judge(LISTED, base, base.subjects(ForEach.PARTY)[0])
    assert trace.truth is Truth.UNKNOWN
    assert "parties[0].owned_by[0].share" in [gap.path for gap in trace.gaps()]
    assert truth(LISTED, facts(owned((1, None), (2, 60)), KOMID, PLAIN)) is Truth.FALSE, "at most 40 per cent is left"


def test_a_chain_of_halves_carries_through() -> None:
    middle = {"name": "Middle Bay Holdings", "owned_by": [{"party": "parties[2]", "share": 80}]}
    base = facts(owned((1, 60)), middle, KOMID)
    trace = judge(LISTED, base, base.subjects(ForEach.PARTY)[0])
    assert trace.truth is Truth.TRUE
    assert any("Middle Bay Holdings" in e.shown for e in trace.evidence())


def test_control_and_acting_for_carry_over() -> None:
    for link in ("controlled_by", "acts_for"):
        assert truth(LISTED, facts({"name": "Plain Harbour Trading", link: "parties[1]"}, KOMID)) is Truth.TRUE, link
        assert truth(KOREAN, facts({"name": "Plain Harbour Trading", link: "parties[1]"}, KOMID)) is Truth.TRUE, link


def test_a_listing_fires_no_other_regime() -> None:
    assert truth(OTHER, facts(owned((1, 100)), KOMID)) is Truth.FALSE


def test_ownership_in_a_circle_ends() -> None:
    a = {"name": "Circle A", "owned_by": [{"party": "parties[1]", "share": 100}]}
    b = {"name": "Circle B", "owned_by": [{"party": "parties[0]", "share": 100}]}
    assert truth(LISTED, facts(a, b)) is Truth.FALSE


shares = st.lists(st.integers(0, 100), min_size=1, max_size=4).filter(lambda s: sum(s) <= 100)


@given(shares, st.data())
def test_half_of_the_shares_decides(stakes: list[int], data: st.DataObject) -> None:
    """Against the definition: the listed owners' shares, added up, are half or more."""
    listed = data.draw(st.lists(st.booleans(), min_size=len(stakes), max_size=len(stakes)))
    owners = [KOMID if is_listed else {"name": f"Quiet Lake {i}"} for i, is_listed in enumerate(listed)]
    base = facts(owned(*((i + 1, share) for i, share in enumerate(stakes))), *owners)
    total = sum((Decimal(s) for s, is_listed in zip(stakes, listed, strict=True) if is_listed), Decimal(0))
    assert truth(LISTED, base) is Truth.of(total >= 50)


@given(shares, st.data())
def test_hiding_a_share_never_crosses_over(stakes: list[int], data: st.DataObject) -> None:
    owners = [KOMID if data.draw(st.booleans()) else PLAIN for _ in stakes]
    full = truth(LISTED, facts(owned(*((i + 1, s) for i, s in enumerate(stakes))), *owners))
    hidden = [(i + 1, None if data.draw(st.booleans()) else s) for i, s in enumerate(stakes)]
    less = truth(LISTED, facts(owned(*hidden), *owners))
    assert less in (full, Truth.UNKNOWN)


def test_nobody_was_listed_before_the_day_of_listing() -> None:
    party = {"name": "Korea Mining Development Trading Corporation", "roles": ["payee"], "jurisdiction": "KP"}
    for day, expected in (("2007-01-01", Truth.FALSE), ("2023-05-04", Truth.TRUE), ("2009", Truth.UNKNOWN)):
        raw = {"occurred": day, "activities": ["payment"], "parties": [party]}
        base = ENGINE.facts(Transaction.of(raw))
        assert truth(LISTED, base) is expected, day


def _owner_without_role(**changes: Any) -> dict[str, Any]:
    return {
        "occurred": "2019-06-01",
        "activities": ["sale"],
        "parties": [
            {"name": "Ivan Trade", "roles": ["seller"], "kind": "company", "jurisdiction": "RU", **owned((2, 60))},
            {"name": "Lyon Mills", "roles": ["buyer"], "kind": "company", "jurisdiction": "FR"},
            {**KOMID, **changes},
        ],
        "goods": [{"description": "wheat", "hs": "1001"}],
        "route": {"from": {"country": "RU"}, "to": {"country": "FR"}, "via": []},
    }


def test_who_only_owns_a_party_takes_part_through_it() -> None:
    report = ENGINE.check(_owner_without_role())
    assert report.outcome.value == "violation"
    assert {finding.subject.path for finding in report.findings} == {"parties[0]"}
    assert all(question.attribution for question in report.questions)


def test_whose_role_is_stated_unknown_may_do_anything() -> None:
    raw = {**_owner_without_role(), "unknown": ["parties[2].roles"]}
    assert "parties[2].roles" in [question.ask for question in ENGINE.check(raw).questions]


def test_an_owner_with_a_role_of_its_own_is_judged_for_it() -> None:
    paths = {finding.subject.path for finding in ENGINE.check(_owner_without_role(roles=["broker"])).findings}
    assert "parties[2]" in paths


def test_who_works_in_a_state_does_so_on_its_territory_whoever_pays() -> None:
    raw = {
        "occurred": "2023-01-01/2023-06-30",
        "activities": ["employment"],
        "parties": [
            {"name": "Texan Software", "roles": ["employer"], "kind": "company", "jurisdiction": "US"},
            {"roles": ["worker"], "kind": "individual", "nationality": "DPRK", "located_in": "China", "name": "Ri A"},
        ],
    }
    [found] = [f for f in ENGINE.check(raw).findings if f.rule.id == "un.dprk.2397-8-deadline"]
    assert ("CN", "territory") in {(a.state, a.limb) for a in found.in_breach}
