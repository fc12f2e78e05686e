"""Which vessels an activity concerns, who owns them, and what an approval of their cargo covers."""

from sanctions_engine.engine import Engine
from sanctions_engine.facts import FactBase, ForEach, Subject
from sanctions_engine.facts.approvals import covers
from sanctions_engine.facts.description import Description
from sanctions_engine.transaction import Transaction

ENGINE = Engine(matcher="python")


def trade(**changes: object) -> Transaction:
    transaction = {
        "activities": [{"kind": "ship_to_ship_transfer", "vessel": ["vessels[0]", "vessels[1]"]}],
        "vessels": [{"name": "Giver", "flag": "KP"}, {"name": "Taker", "flag": "Panama", "owner": "parties[0]"}],
        "parties": [{"name": "Harbour Trading", "roles": ["recipient"], "jurisdiction": "China"}],
        "goods": [{"description": "gas oil"}, {"description": "timber"}],
    } | changes
    return Transaction.of(transaction)


def facts_of(**changes: object) -> FactBase:
    return FactBase(trade(**changes), classifier=ENGINE.classifier, screener=ENGINE.screener)


def test_a_linked_transfer_concerns_both_vessels() -> None:
    """Neither flag is in doubt: the activity names both."""
    flags = facts_of().read("vessel.flag", Subject(ForEach.ACTIVITY, 0, "activities[0]"))
    assert flags.certain() == {"KP", "PA"}


def test_an_unlinked_activity_leaves_open_which_vessel_it_concerns() -> None:
    """Two vessels without roles, and one bunkering: it may be either."""
    facts = facts_of(activities=["bunkering"])
    flags = facts.read("vessel.flag", Subject(ForEach.ACTIVITY, 0, "activities[0]"))
    assert flags.certain() == frozenset()
    assert flags.possible() == {"KP", "PA"}


def test_who_a_vessel_names_as_owner_is_an_owner() -> None:
    """The role need not be said twice."""
    roles = facts_of().read("party.roles", Subject(ForEach.PARTY, 0, "parties[0]"))
    assert roles.certain() == {"recipient", "owner"}


def test_an_approval_of_all_that_is_on_board_covers_the_ship() -> None:
    """Of one line of two it does not: the other may be what the ship is stopped for."""
    ship = Subject(ForEach.VESSEL, 0, "vessels[0]")
    described = Description(trade())
    assert covers(described, ("goods[0]", "goods[1]"), ship)
    assert not covers(described, ("goods[0]",), ship)
    assert not covers(described, ("vessels[1]",), ship)


def test_of_an_unnamed_ship_the_listing_is_open_and_no_suspicion_is_made_up() -> None:
    """It may be designated; nobody has said that it is suspected or has a crew of note."""
    facts = facts_of(activities=["transport"], vessels=None, conveyance={"mode": "sea"})
    ship = facts.subjects(ForEach.VESSEL)[0]
    assert [gap.path for gap in facts.read("vessel.measures", ship).gaps] == ["vessels"]
    for assumed in ("vessel.suspected", "vessel.crew", "vessel.ais_off", "vessel.states"):
        assert facts.read(assumed, ship).gaps == ()
    assert facts.read("vessel.kind", ship).certain() == {"ship"}


def test_a_bunkered_ship_that_is_not_named_leaves_its_owner_open() -> None:
    """The service is for the ship, so who owns it must be said."""
    facts = facts_of(activities=["bunkering"], vessels=None)
    ship = facts.subjects(ForEach.VESSEL)[0]
    assert [gap.path for gap in facts.read("vessel.states", ship).gaps] == ["vessels"]


def test_a_ship_goes_where_its_cargo_goes() -> None:
    """Who is insured or fuelled says nothing about the direction of the cargo."""
    facts = facts_of(
        activities=["transport", "insurance"],
        vessels=[{"name": "Carrier", "flag": "Panama"}],
        parties=[{"name": "Pyongyang Lines", "roles": ["insured"], "jurisdiction": "North Korea"}],
        route={"from": {"country": "China"}, "to": {"country": "Viet Nam"}},
    )
    assert facts.read("to.states", Subject(ForEach.VESSEL, 0, "vessels[0]")).certain() == {"VN"}


def test_an_approval_for_another_ship_does_not_cover_a_charter() -> None:
    """The Committee approves one ship at a time."""
    described = Description(
        trade(activities=[{"kind": "chartering", "vessel": "vessels[0]"}], vessels=[{"name": "One"}, {"name": "Two"}])
    )
    charter = Subject(ForEach.ACTIVITY, 0, "activities[0]")
    assert covers(described, ("vessels[0]",), charter)
    assert not covers(described, ("vessels[1]",), charter)
