"""Kleene's laws."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanctions_engine.truth import Truth, all_of, any_of

truths = st.sampled_from(Truth)
KNOWN = (Truth.TRUE, Truth.FALSE)


def test_truth_has_no_bool() -> None:
    with pytest.raises(TypeError, match="three values"):
        bool(Truth.UNKNOWN)


@given(truths)
def test_double_negation(a: Truth) -> None:
    assert ~~a is a


@given(truths, truths)
def test_de_morgan_and_commutativity(a: Truth, b: Truth) -> None:
    assert ~(a & b) is (~a | ~b)
    assert (a & b) is (b & a)
    assert (a | b) is (b | a)


@given(truths, truths, truths)
def test_association_and_distribution(a: Truth, b: Truth, c: Truth) -> None:
    assert ((a & b) & c) is (a & (b & c))
    assert (a & (b | c)) is ((a & b) | (a & c))
    assert (a | (b & c)) is ((a | b) & (a | c))


@given(st.lists(truths))
def test_folds_are_the_operators(values: list[Truth]) -> None:
    both, either = Truth.TRUE, Truth.FALSE
    for value in values:
        both, either = both & value, either | value
    assert all_of(values) is both
    assert any_of(values) is either


@given(st.lists(truths, min_size=1), st.data())
def test_knowing_more_never_crosses_over(values: list[Truth], data: st.DataObject) -> None:
    """Replacing an UNKNOWN by an answer may settle a formula; it never turns TRUE to FALSE or back."""
    known = [v if v in KNOWN else data.draw(st.sampled_from(KNOWN)) for v in values]
    for fold in (all_of, any_of):
        before, after = fold(values), fold(known)
        assert before is Truth.UNKNOWN or before is after
