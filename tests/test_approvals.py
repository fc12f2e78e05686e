"""An approval counts if it is by the right authority, of the right kind, for this paragraph, in scope and in time."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanctions_engine.condition import ApprovalSpec
from sanctions_engine.engine import Engine
from sanctions_engine.facts import ForEach, Subject
from sanctions_engine.readings import Weighed
from sanctions_engine.transaction import Transaction
from sanctions_engine.truth import Truth

ENGINE = Engine(matcher="python")
LINE = Subject(ForEach.GOODS, 0, "goods[0]")
SPEC = ApprovalSpec("un.1718-committee", "approval", frozenset({"2397/7"}))
GOOD: dict[str, Any] = {
    "by": "1718 Committee",
    "kind": "approval",
    "granted": "2020-01-01",
    "expires": "2020-12-31",
    "covers": ["goods[0]"],
}


def weighed(approvals: object, spec: ApprovalSpec = SPEC, **changes: object) -> Weighed:
    raw: dict[str, object] = {
        "occurred": "2020-06-01",
        "activities": ["sale"],
        "goods": [{"description": "tractor"}, {"description": "wheat"}],
        **({} if approvals is None else {"approvals": approvals}),
        **changes,
    }
    return ENGINE.facts(Transaction.of(raw)).weigh_approval(spec, LINE)


def one(spec: ApprovalSpec = SPEC, **changes: object) -> Weighed:
    raw = {key: value for key, value in {**GOOD, **changes}.items() if value is not None}
    return weighed([raw], spec)


def test_an_approval_in_force_and_in_scope_is_held() -> None:
    assert one().truth is Truth.TRUE


@pytest.mark.parametrize("missing", ["granted", "expires", "covers"])
def test_an_approval_without_dates_or_scope_is_asked_about(missing: str) -> None:
    found = one(**{missing: None})
    assert found.truth is Truth.UNKNOWN
    assert [gap.path for gap in found.gaps] == [f"approvals[0].{missing}"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"expires": "2020-05-31"}, "expired on 2020-05-31"),
        ({"granted": "2020-06-02"}, "was given on 2020-06-02, after the act"),
        ({"covers": ["goods[1]"]}, "does not cover goods[0]"),
        ({"paragraph": "2375/18"}, "is for 2375/18"),
    ],
)
def test_one_that_does_not_count_is_named(changes: dict[str, object], said: str) -> None:
    found = one(**changes)
    assert found.truth is Truth.FALSE
    assert any(said in item.shown for item in found.evidence)


@pytest.mark.parametrize(("by", "fits"), [("1718 Committee", True), ("1737 Committee", False), ("State", False)])
def test_only_the_right_authority_counts(by: str, fits: bool) -> None:
    assert one(by=by).truth is Truth.of(fits)


@pytest.mark.parametrize(("by", "fits"), [("State", True), ("Russia", True), ("1718 Committee", False)])
def test_any_state_counts_where_a_state_must_allow(by: str, fits: bool) -> None:
    assert one(ApprovalSpec("state", "approval", frozenset()), by=by).truth is Truth.of(fits)


@pytest.mark.parametrize("wanted", ["approval", "notification"])
@pytest.mark.parametrize("held", ["approval", "notification", "determination"])
def test_a_notice_is_no_approval_and_an_approval_is_notice_enough(held: str, wanted: str) -> None:
    fits = (held, wanted) not in {("notification", "approval"), ("determination", "notification")}
    assert one(ApprovalSpec("un.1718-committee", wanted, frozenset()), kind=held).truth is Truth.of(fits)


def test_a_notice_does_not_run_out() -> None:
    spec = ApprovalSpec("un.1718-committee", "notification", frozenset())
    assert one(spec, kind="notification", expires=None).truth is Truth.TRUE


def test_one_that_counts_beside_one_that_does_not_is_held() -> None:
    assert weighed([{**GOOD, "expires": "2020-02-01"}, GOOD]).truth is Truth.TRUE


def test_silence_is_an_assumption_and_a_closed_list_is_none() -> None:
    silent = weighed(None)
    assert (silent.truth, silent.strict) == (Truth.FALSE, Truth.UNKNOWN)
    assert [gap.path for gap in silent.assumed] == ["approvals"]
    assert weighed([]).strict is Truth.FALSE


@pytest.mark.parametrize("approvals", [None, [], [{**GOOD, "by": "1737 Committee"}]])
def test_a_list_that_is_stated_unknown_may_hold_the_right_one(approvals: object) -> None:
    found = weighed(approvals, unknown=["approvals"])
    assert found.truth is Truth.UNKNOWN
    assert "approvals" in [gap.path for gap in found.gaps]


def test_the_last_day_there_is_is_a_day_like_others() -> None:
    assert one(expires="9999-12-31").truth is Truth.TRUE
    assert one(ApprovalSpec("un.1718-committee", "approval", frozenset(), deadline=date.max)).truth is Truth.TRUE


def test_the_first_days_there_are_have_room_for_days_of_grace() -> None:
    spec = ApprovalSpec("un.1718-committee", "approval", frozenset(), within_days=30)
    assert one(spec, granted="0001-01-01").truth is Truth.TRUE


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"granted": "2020"}, Truth.UNKNOWN),
        ({"granted": "2021"}, Truth.FALSE),
        ({"expires": "2020"}, Truth.UNKNOWN),
        ({"expires": "2019"}, Truth.FALSE),
        ({"expires": "2021"}, Truth.TRUE),
        ({"expires": "[..2020-05-31]"}, Truth.FALSE),
        ({"expires": "[2020-05-31..]"}, Truth.UNKNOWN),
        ({"granted": "[..2020-06-01]"}, Truth.TRUE),
        ({"granted": "[2020-05-31..]"}, Truth.UNKNOWN),
    ],
)
def test_a_coarse_date_is_unknown_where_it_straddles_the_act(changes: dict[str, object], expected: Truth) -> None:
    assert one(**changes).truth is expected


# ---------------------------------------------------------------------- by brute force over days

DAY = date(2020, 3, 1)
ranges = st.tuples(st.integers(0, 8), st.integers(0, 4)).map(lambda pair: (pair[0], pair[0] + pair[1]))


def written(span: tuple[int, int]) -> str:
    first, last = (DAY + timedelta(days=n) for n in span)
    return f"[{first}..{last}]"


def days(span: tuple[int, int]) -> range:
    return range(span[0], span[1] + 1)


@given(ranges, ranges, ranges, st.sampled_from([0, 2]), st.none() | st.integers(0, 8))
def test_dates_of_an_approval_agree_with_every_day_they_may_mean(
    occurred: tuple[int, int],
    granted: tuple[int, int],
    expires: tuple[int, int],
    grace: int,
    deadline: int | None,
) -> None:
    last = None if deadline is None else DAY + timedelta(days=deadline)
    spec = ApprovalSpec("un.1718-committee", "approval", frozenset(), within_days=grace, deadline=last)
    held = {**GOOD, "granted": written(granted), "expires": written(expires)}
    truth = weighed([held], spec, occurred=written(occurred)).truth
    found = {
        (given_on <= deadline if deadline is not None else given_on <= day + grace) and day <= end
        for day in days(occurred)
        for given_on in days(granted)
        for end in days(expires)
    }
    if truth is not Truth.UNKNOWN:  # three dates are compared in pairs: UNKNOWN may stand for more
        assert found == {truth is Truth.TRUE}


RENAMED = ApprovalSpec("un.2713-committee", "approval", frozenset({"1844/2"}), formerly=frozenset({"un.751-committee"}))


@pytest.mark.parametrize(
    "by", ["751 Committee", "Committee pursuant to resolutions 751 (1992) and 1907 (2009)", "2713 Committee"]
)
def test_a_committee_that_was_renamed_is_the_same_committee(by: str) -> None:
    assert one(RENAMED, by=by).truth is Truth.TRUE


def test_another_committee_is_not_a_former_name() -> None:
    assert one(RENAMED, by="1718 Committee").truth is Truth.FALSE
    assert one(by="751 Committee").truth is Truth.FALSE


def test_who_must_be_told_is_named_by_both_names() -> None:
    found = weighed(
        None,
        ApprovalSpec(
            "un.2713-committee",
            "notification",
            frozenset(),
            never_assumed=True,
            formerly=frozenset({"un.751-committee"}),
        ),
    )
    assert found.gaps[0].why == "a notification to the 2713 Committee, formerly the 751 Committee"


@pytest.mark.parametrize(
    ("second", "truth"),
    [
        (("2020-07-01", "2020-12-31"), Truth.TRUE),  # from the day after
        (("2020-06-01", "2020-12-31"), Truth.TRUE),  # overlapping
        (("2020-07-02", "2020-12-31"), Truth.UNKNOWN),  # a day between them
        (("2020-07-01", "2020-09-29"), Truth.UNKNOWN),  # a day short
        (("2020-07", "2020-12-31"), Truth.UNKNOWN),  # perhaps a day between them
    ],
)
@pytest.mark.parametrize("occurred", ["2020-02-01/2020-09-30", "[2020-02-01..2020-09-30]"])
def test_approvals_that_follow_on_each_other_are_one(second: tuple[str, str], truth: Truth, occurred: str) -> None:
    held = [{**GOOD, "granted": g, "expires": e} for g, e in (("2020-01-01", "2020-06-30"), second)]
    assert weighed(held, occurred=occurred).truth is truth
    assert weighed(held[::-1], occurred=occurred).truth is truth


def test_an_approval_of_something_else_fills_no_gap() -> None:
    other = {**GOOD, "granted": "2020-07-01", "expires": "2020-12-31", "covers": ["goods[1]"]}
    held = [{**GOOD, "expires": "2020-06-30"}, other]
    assert weighed(held, occurred="2020-02-01/2020-09-30").truth is Truth.UNKNOWN
