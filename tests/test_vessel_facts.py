"""Which vessels an activity concerns, who owns them, and what an approval of their cargo covers."""

from sanctions_engine.engine import Engine
from sanctions_engine.facts import FactBase, ForEach, Subject
from sanctions_engine.transaction import Transaction

ENGINE = Engine(matcher="python")


def facts_of(**changes: object) -> FactBase:
    transaction = {
        "activities": [{"kind": "ship_to_ship_transfer", "vessel": ["vessels[0]", "vessels[1]"]}],
        "vessels": [{"name": "Giver", "flag": "KP"}, {"name": "Taker", "flag": "Panama", "owner": "parties[0]"}],
        "parties": [{"name": "Harbour Trading", "roles": ["recipient"], "jurisdiction": "China"}],
        "goods": [{"description": "gas oil"}, {"description": "timber"}],
    } | changes
    return FactBase(Transaction.of(transaction), classifier=ENGINE.classifier, screener=ENGINE.screener)


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
    facts = facts_of()
    assert facts._covers(("goods[0]", "goods[1]"), ship)
    assert not facts._covers(("goods[0]",), ship)
    assert not facts._covers(("vessels[1]",), ship)
