"""Bad input gets a clear ``InputError`` or the right answer, in bounded time, and is never clear."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from sanctions_engine.engine import Engine
from sanctions_engine.errors import InputError
from sanctions_engine.finding import Outcome
from sanctions_engine.transaction import Transaction

ENGINE = Engine(matcher="python")
GOOD: dict[str, Any] = {
    "occurred": "2023-05-04",
    "activities": ["sale"],
    "parties": [
        {"name": "Rostselmash Trading", "roles": ["supplier"], "jurisdiction": "RU"},
        {"name": "Unpa Farm", "roles": ["recipient"], "jurisdiction": "KP"},
    ],
    "goods": [{"description": "wheeled tractor", "hs": "8701.92"}],
    "route": {"from": {"country": "RU"}, "to": {"country": "KP"}},
}

# path in the message, a word of what is wrong or of the mend, the change
REFUSED: list[tuple[str, str, Callable[[dict[str, Any]], object]]] = [
    ("partys", "did you mean 'parties'", lambda t: t.update(partys=[])),
    ("parties[0].role", "did you mean 'roles'", lambda t: t["parties"][0].update(role="seller")),
    ("parties[0].roles[0]", "did you mean 'supplier'", lambda t: t["parties"][0].update(roles=["suplier"])),
    ("parties[0].kind", "did you mean 'company'", lambda t: t["parties"][0].update(kind="compny")),
    ("parties[0].jurisdiction", "North Korea", lambda t: t["parties"][0].update(jurisdiction="North Koera")),
    ("parties[0].jurisdiction", "text is expected", lambda t: t["parties"][0].update(jurisdiction={"a": 1})),
    ("parties[0].name", "longer than", lambda t: t["parties"][0].update(name="x" * 10_000_000)),
    ("parties[0].name", "surrogate", lambda t: t["parties"][0].update(name="Kim \ud800 Trading")),
    ("parties[0].name", "is empty", lambda t: t["parties"][0].update(name="   ")),
    ("parties[0].name", "text is expected", lambda t: t["parties"][0].update(name=["a"])),
    ("parties[0].owned_by[0].share", "greater than or equal to 0", lambda t: t["parties"][0].update(owned_by=[{"party": "parties[1]", "share": -5}])),
    ("parties[0].owned_by", "at most 100", lambda t: t["parties"][0].update(owned_by=[{"party": "parties[1]", "share": 60}, {"party": "parties[1]", "share": 70}])),
    ("parties[0].owned_by[0].party", "names nothing", lambda t: t["parties"][0].update(owned_by=["parties[7]"])),
    ("parties[0].owned_by[0].share", "not a usable number", lambda t: t["parties"][0].update(owned_by=[{"party": "parties[1]", "share": float("nan")}])),
    ("parties[0].acts_for", "did you mean 'Unpa Farm'", lambda t: t["parties"][0].update(acts_for="Unpa Frm")),
    ("parties[1].id", "stands twice", lambda t: [p.update(id="p1") for p in t["parties"]]),
    ("occurred", "not in the calendar", lambda t: t.update(occurred="0000-01-01")),
    ("occurred", "not in the calendar", lambda t: t.update(occurred="2023-02-30")),
    ("occurred", "ends before it starts", lambda t: t.update(occurred="2023-05-04/2022-01-01")),
    ("occurred", "not a date", lambda t: t.update(occurred="last spring")),
    ("occurred", "not a date", lambda t: t.update(occurred=[2023])),
    ("goods[0].hs[0]", "chapter 77", lambda t: t["goods"][0].update(hs="7701")),
    ("goods[0].hs[0]", "not an HS code", lambda t: t["goods"][0].update(hs="tractor")),
    ("goods[0].condition", "new, used", lambda t: t["goods"][0].update(condition="worn")),
    ("goods[0].value", "USD", lambda t: t["goods"][0].update(value="a lot")),
    ("goods[0].value.value", "not a usable number", lambda t: t["goods"][0].update(value={"value": "NaN", "currency": "USD"})),
    ("goods[0].value.value", "not a usable number", lambda t: t["goods"][0].update(value={"value": "1e999999", "currency": "USD"})),
    ("goods[0].quantity.unit", "did you mean 'tonne", lambda t: t["goods"][0].update(quantity={"value": 3, "unit": "tonnnes"})),
    ("goods[0].quantity.value", "greater than or equal to 0", lambda t: t["goods"][0].update(quantity={"value": -3, "unit": "tonne"})),
    ("goods", "more than 5,000", lambda t: t.update(goods=[{"description": "rockets"}] * 100_000)),
    ("goods[0].description", "longer than", lambda t: t["goods"][0].update(description="shell " * 2_000_000)),
    ("goods[0].categories", "armz", lambda t: t["goods"][0].update(categories=["armz"])),
    ("vessels[0].imo", "check digit", lambda t: t.update(vessels=[{"name": "Angara", "imo": "9179843"}])),
    ("vessels[0].imo", "seven digits", lambda t: t.update(vessels=[{"imo": "12"}])),
    ("activities[0].kind", "did you mean", lambda t: t.update(activities=["saile of goods"])),
    ("activities[0].goods", "names nothing in goods", lambda t: t.update(activities=[{"kind": "sale", "goods": "goods[9]"}])),
    ("route.frm", "did you mean 'from'", lambda t: t["route"].update(frm={"country": "RU"})),
    ("conveyance.mode", "rail", lambda t: t.update(conveyance={"mode": "train"})),
    ("approvals[0].by", "1718 Committee", lambda t: t.update(approvals=[{"by": "my uncle"}])),
    ("approvals[0].by", "is missing", lambda t: t.update(approvals=[{"kind": "approval"}])),
    ("claims[0].status", "alleged", lambda t: t.update(claims=[{"status": "rumoured", "by": "a paper"}])),
    ("unknown[0]", "did you mean 'payments'", lambda t: t.update(unknown=["paymnts"])),
    ("purposes[0]", "did you mean 'humanitarian'", lambda t: t.update(purposes=["humanitarien"])),
]  # fmt: skip


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    raw = {
        **GOOD,
        "parties": [dict(p) for p in GOOD["parties"]],
        "goods": [dict(g) for g in GOOD["goods"]],
        "route": dict(GOOD["route"]),
    }
    change(raw)
    return raw


@pytest.mark.parametrize(("path", "what", "change"), REFUSED, ids=[f"{i}-{p}" for i, (p, _, _) in enumerate(REFUSED)])
def test_a_mistake_is_refused_with_its_place_and_a_mend(
    path: str, what: str, change: Callable[[dict[str, Any]], object]
) -> None:
    with pytest.raises(InputError) as caught:
        ENGINE.check(changed(change))
    message = str(caught.value)
    assert path in message
    assert what.casefold() in message.casefold()
    assert len(message) < 600, "a message is a line, not a page"


def test_all_mistakes_of_a_description_are_reported_together() -> None:
    with pytest.raises(InputError) as caught:
        Transaction.of(
            """
transaction: many mistakes
occured: 2023-05-04
activities: [sael]
parties:
  - {name: A, roles: [suplier], jurisdiction: Germny}
goods: [{hs: "99"}]
"""
        )
    lines = str(caught.value).splitlines()
    assert len(lines) == 5
    assert any("<text>:3:" in line and "occurred" in line for line in lines)
    assert any("<text>:6:" in line and "supplier" in line for line in lines)


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "# only a comment", "null", "just text", "- a\n- list", "a: &x [1]\nb: *x", "[" * 5000, "a: {b: c",
        "transaction: t\ntransaction: u", "!!python/object/apply:os.system ['true']", "a: !!binary aGk=", "--- {}\n--- {}",
        "? [a, b]\n: c", "\ud800: x", "a: \x00",
    ],
)  # fmt: skip
def test_a_text_that_is_no_transaction_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        ENGINE.check(text)


def test_a_yaml_bomb_is_refused_at_its_first_anchor() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{c}: &{c} [{','.join(['*' + p] * 9)}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
    )
    with pytest.raises(InputError, match="anchor"):
        Transaction.of(bomb)


def test_deep_nesting_in_a_mapping_is_refused() -> None:
    deep: dict[str, Any] = {}
    for _ in range(100_000):
        deep = {"from": deep}
    with pytest.raises(InputError):
        ENGINE.check({**GOOD, "route": deep})


def test_an_ownership_cycle_is_read_and_ends() -> None:
    raw = changed(
        lambda t: t["parties"].extend(
            [
                {
                    "name": "A",
                    "roles": ["broker"],
                    "owned_by": [{"party": "parties[3]", "share": 60}],
                    "jurisdiction": "CN",
                },
                {
                    "name": "B",
                    "roles": ["broker"],
                    "owned_by": [{"party": "parties[2]", "share": 60}],
                    "controlled_by": "parties[1]",
                },
            ]
        )
    )
    report = ENGINE.check(raw)
    assert report.outcome is Outcome.VIOLATION
    assert "KP" in ENGINE.facts(Transaction.of(raw)).party_states(2).certain(), (
        "A is owned by B, which the farm controls"
    )


def test_a_long_chain_of_owners_is_followed() -> None:
    chain = [
        {
            "name": f"Holding {i}",
            "roles": ["broker"],
            "jurisdiction": "CN",
            "owned_by": [{"party": f"parties[{i + 3}]", "share": 100}],
        }
        for i in range(60)
    ]
    raw = changed(lambda t: t["parties"].extend([*chain, {"name": "Top", "jurisdiction": "KP", "roles": ["owner"]}]))
    assert "KP" in ENGINE.facts(Transaction.of(raw)).party_states(2).certain()


def test_thousands_of_goods_lines_are_judged() -> None:
    lines = [{"description": "wheat", "hs": "1001.99"}] * 2_000
    report = ENGINE.check({**GOOD, "goods": [*lines, {"description": "152mm artillery shells"}]})
    assert any(f.subject.path == "goods[2000]" for f in report.findings)


def test_a_path_given_as_text_is_pointed_to_load() -> None:
    with Engine(matcher="python") as engine, pytest.raises(InputError, match=r"Transaction\.load"):
        engine.check("deals/tractor.yaml")


def test_the_day_of_the_law_may_be_text_and_must_be_a_day() -> None:
    with Engine(matcher="python") as engine:
        told = engine.check({"occurred": "2016-05-01"}, as_of="2016-12-31")
        assert told.to_dict() == engine.check({"occurred": "2016-05-01"}, as_of=date(2016, 12, 31)).to_dict()
        with pytest.raises(InputError, match="as_of"):
            engine.check({"occurred": "2016-05-01"}, as_of="31.12.2016")


def test_a_folder_given_as_a_rulebook_is_pointed_to_load() -> None:
    with pytest.raises(TypeError, match=r"Rulebook\.load"):
        Engine("rules")  # type: ignore[arg-type]  # what a newcomer writes


def test_a_report_shows_itself_in_a_line() -> None:
    with Engine(matcher="python") as engine:
        report = engine.check(
            {
                "transaction": "tractor",
                "occurred": "2023-05-04",
                "activities": ["sale"],
                "goods": [{"description": "agricultural tractors", "hs": "8701"}],
                "route": {"from": "Belarus", "to": "North Korea"},
            }
        )
    shown = repr(report)
    assert shown.startswith("<Report tractor: violation")
    assert "2397/7" in shown
    assert len(shown) < 300
