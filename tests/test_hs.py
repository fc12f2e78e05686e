"""HS codes as people write them, and whether they lie under ranges."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanctions_engine.errors import InputError
from sanctions_engine.intake.hs import HsRange, HsRanges, read_hs
from sanctions_engine.truth import Truth

NOMENCLATURE = Path(__file__).parents[2] / "shared/data/hs/harmonized-system.csv"
CHAPTERS = [f"{number:02d}" for number in range(1, 98) if number != 77]

codes = st.tuples(
    st.sampled_from(CHAPTERS), st.sampled_from(["", "01", "02", "10", "16"]), st.text("0123456789", max_size=6)
).map(lambda parts: parts[0] + parts[1] + (parts[2] if parts[1] else ""))
range_sets = st.lists(
    st.one_of(
        st.sampled_from(CHAPTERS),
        st.sampled_from(["72-76", "8701-8708", "2616.90", "8710", "2711.12-2711.14", "84-85", "0306", "50-63"]),
    ),
    min_size=1,
    max_size=4,
)


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("8701.20", "870120"),
        ("8701 20", "870120"),
        ("HS 8701.20", "870120"),
        ("HS8701", "8701"),
        ("hs code: 0306", "0306"),
        ("H.S. 2710", "2710"),
        ("HTSUS 8471.30.0100", "8471300100"),
        ("ТН ВЭД 8701", "8701"),
        ("0306.17-000", "030617000"),
        ("２７１０", "2710"),
        (" 84 ", "84"),
        ("8710.00", "871000"),
        ("87032", "87032"),
        ("870", "870"),
        ("03061", "03061"),
    ],
)
def test_usual_spellings_are_read(text: str, digits: str) -> None:
    assert read_hs(text) == digits


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not an HS code"),
        ("tractor", "is not an HS code"),
        ("9301, 9306", "as a list"),
        ("8701/8702", "as a list"),
        ("8", "has 1 digits"),
        ("12345678901", "has 11 digits"),
        ("7701", "chapter 77 does not exist"),
        ("98", "chapter 98 does not exist"),
        ("9901.00", "chapter 99 does not exist"),
        ("0001", "chapter 00 does not exist"),
        ("8700.00", "for the chapter alone write 87"),
        ("-8701-", "is not an HS code"),
        ("8701\n8702", "is not an HS code"),
        ("8701x", "is not an HS code"),
        ("9" * 10_000_000, "is too long"),
        ("八七〇一", "is not an HS code"),
        ("\ud800", "is not an HS code"),
    ],
)
def test_what_is_no_code_is_refused_with_advice(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read_hs(text)


@pytest.mark.parametrize("text", ["306", "30617", "712"])
def test_a_lost_leading_zero_is_not_guessed(text: str) -> None:
    with pytest.raises(InputError, match=f"write 0{text}"):
        read_hs(text)


@pytest.mark.parametrize(
    ("code", "truth"),
    [
        ("72", Truth.TRUE),
        ("7208.10", Truth.TRUE),
        ("8710", Truth.TRUE),
        ("8710.00", Truth.TRUE),
        ("87", Truth.UNKNOWN),
        ("871", Truth.UNKNOWN),
        ("8703", Truth.FALSE),
        ("26", Truth.UNKNOWN),
        ("2616", Truth.UNKNOWN),
        ("2616.90", Truth.TRUE),
        ("2616.10", Truth.FALSE),
        ("2616.90.10.00", Truth.TRUE),
        ("8804", Truth.TRUE),
        ("01", Truth.FALSE),
        ("97", Truth.FALSE),
    ],
)
def test_under_is_true_only_if_every_completion_is(code: str, truth: Truth) -> None:
    ranges = HsRanges(["72-76", "78-83", "8710", "2616.90", "8802-8806"])
    assert ranges.under(read_hs(code)) is truth


def test_a_padded_heading_is_the_heading() -> None:
    """8703.00 does not exist: it says 8703, and so not that it is no snowmobile."""
    assert HsRanges(["8703.10"]).under("870300") is Truth.UNKNOWN


def test_an_undivided_heading_equals_its_only_subheading() -> None:
    assert HsRanges(["2807.00"]).under("2807") is Truth.TRUE


def test_neighbouring_ranges_together_hold_what_neither_holds_alone() -> None:
    assert HsRanges(["8802-8804", "8805-8807"]).under("880") is Truth.UNKNOWN
    assert HsRanges(["2710", "2711"]).under("271") is Truth.UNKNOWN
    assert HsRanges(["84", "85"]) == HsRanges(["84-85"])


@pytest.mark.parametrize("text", ["", "72-", "-76", "72-7301", "76-72", "arms", "77", "72--76", "72-76-80", "1-2"])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        HsRange.parse(text)


@given(codes, st.text("0123456789", min_size=1, max_size=4), range_sets)
def test_more_digits_settle_and_never_overturn(code: str, more: str, texts: list[str]) -> None:
    longer = (code + more)[:10]
    if len(code) >= 4 and code[4:6] in ("", "0") and longer[4:6] == "00":
        return  # a padded code says no more than its heading
    ranges = HsRanges(texts)
    before = ranges.under(code)
    assert before is Truth.UNKNOWN or ranges.under(longer) is before


@given(codes, range_sets)
def test_the_search_agrees_with_comparing_prefixes(code: str, texts: list[str]) -> None:
    prefix = code[:4] if code[4:6] == "00" else code
    inside = touched = False
    for parsed in map(HsRange.parse, texts):
        width = len(parsed.first)
        low, high = prefix.ljust(width, "0")[:width], prefix.ljust(width, "9")[:width]
        inside |= parsed.first <= low and high <= parsed.last
        touched |= low <= parsed.last and parsed.first <= high
    under = HsRanges(texts).under(code)
    assert (under is Truth.FALSE) == (not touched)
    if inside:
        assert under is Truth.TRUE


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        digits = read_hs(text)
    except InputError:
        return
    assert digits.isascii()
    assert digits.isdigit()
    assert 2 <= len(digits) <= 10


@pytest.mark.skipif(not NOMENCLATURE.exists(), reason="the HS nomenclature is not beside the project")
def test_every_code_of_the_nomenclature_is_read() -> None:
    with NOMENCLATURE.open(encoding="utf-8-sig") as file:
        known = [row["hscode"] for row in csv.DictReader(file) if row["hscode"].isdigit() and row["hscode"][:2] != "99"]
    assert len(known) > 6000
    assert [code for code in known if read_hs(code) != code] == []
