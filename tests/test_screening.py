"""What a name on the list is, what it only looks like, and what would have to be asked."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanctions_engine.errors import InputError
from sanctions_engine.intake.screening import (
    Alias,
    ListEntry,
    Match,
    Period,
    Screener,
    UnList,
    read_un_list,
    read_vessel_list,
)
from sanctions_engine.intake.screening.spelling import korean, readings, skeleton, sound
from sanctions_engine.intake.screening.starter import starter_list
from sanctions_engine.truth import Truth

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
NEWEST = SHARED / "un-consolidated" / "2026-02-27.xml"
needs_real = pytest.mark.skipif(not NEWEST.is_file(), reason="the real list is not at ../shared/data/un-consolidated")

PEOPLE = (
    ListEntry(
        "KPi.044",
        "un.dprk",
        "individual",
        ("KIM CHOL NAM",),
        birth_dates=(Period.read("1970-02-19"),),
        nationalities=("KP",),
    ),
    ListEntry("YEi.001", "un.yemen", "individual", ("ABD AL-KHALIQ AL-HOUTHI",), original_script=("عبدالخالق الحوثي",)),
    ListEntry(
        "IQi.001",
        "un.iraq",
        "individual",
        ("SADDAM HUSSEIN AL-TIKRITI",),
        aliases=(Alias("Abu Ali", "low"),),
        original_script=("صدام حسين التكريتي",),
        birth_dates=(Period.read("1937-04-28"),),
        nationalities=("IQ",),
    ),
    ListEntry(
        "CDi.001", "un.drc", "individual", ("ERIC BADEGE",), birth_dates=(Period.read("1971"),), nationalities=("CD",)
    ),
    ListEntry(
        "QDi.087", "un.isil-al-qaida", "individual", ("NURJAMAN RIDUAN ISAMUDDIN",), aliases=(Alias("Hambali", "good"),)
    ),
    ListEntry("SOe.900", "un.somalia", "entity", ("BARAKAAT 18",)),
)


@cache
def starter() -> Screener:
    return Screener.from_list(starter_list())


@cache
def small() -> Screener:
    held = starter_list()
    starters = [entry for entry in held.entries if entry.reference != "KPi.044"]
    return Screener.from_list(replace(held, entries=tuple(sorted((*starters, *PEOPLE), key=lambda e: e.reference))))


@cache
def real() -> Screener:
    parties = read_un_list(NEWEST.read_bytes(), "real")
    vessels = read_vessel_list((SHARED / "un-1718-vessels.csv").read_bytes(), "real")
    return Screener.from_list(replace(parties, entries=(*parties.entries, *vessels.entries)))


def best(matches: tuple[Match, ...], reference: str) -> Match | None:
    return next((match for match in matches if match.entry.reference == reference), None)


def truth(name: str, reference: str, **facts: object) -> Truth | None:
    match = best(small().screen(name, **facts), reference)  # type: ignore[arg-type]
    return match.truth if match else None


# --- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("KOMID", "KPe.001"),
        ("K.O.M.I.D.", "KPe.001"),
        ("Korea Mining Development Trading Corp.", "KPe.001"),
        ("Corporation, Korea Mining Development Trading", "KPe.001"),
        ("Nam Chon Gang Trading Co., Ltd", "KPe.004"),
        ("NAMCHONGANG", "KPe.004"),
        ("Reconaissance General Bureau", "KPe.031"),
        ("Mansudae Overseas Projects", "KPe.050"),
        ("Al Shabab", "SOe.001"),
        ("al-Qa’ida", "QDe.004"),
        ("القاعدة", "QDe.004"),
        ("Da'ish", "QDe.115"),
        ("Abdul-Malik Al Houthy", "YEi.004"),
        ("عبدالملك الحوثى", "YEi.004"),
        ("Saddam Husayn at-Tikriti", "IQi.001"),
        ("صدام حسین التکریتی", "IQi.001"),
        ("Саддам Хуссейн ат-Тикрити", "IQi.001"),
        ("BADEGE, Eric", "CDi.001"),
        ("Mr Eric BADEGÉ", "CDi.001"),
        ("E. Badege", "CDi.001"),
        ("saddamhusseinaltikriti", "IQi.001"),
        ("SaddamHusseinTikriti", "IQi.001"),
        ("M23", "CDe.006"),
        ("FDLR", "CDe.005"),
        ("Narnchongang Trading", "KPe.004"),
        ("Eric Baclege", "CDi.001"),
        ("정찰총국", "KPe.031"),
    ],
)
def test_a_listed_name_is_found_however_it_is_written(name: str, reference: str) -> None:
    assert truth(name, reference) in (Truth.TRUE, Truth.UNKNOWN)


@pytest.mark.parametrize(
    "name", ["KOMID", "Tanchon Commercial Bank", "Korean National Insurance Corporation", "Ansar Allah"]
)
def test_an_exact_distinctive_name_of_a_body_is_a_hit_without_more(name: str) -> None:
    assert starter().screen(name)[0].truth is Truth.TRUE


@pytest.mark.parametrize(
    "name",
    [
        "КОМИД",
        "К\u041eMID",
        "ＫＯＭＩＤ",
        "K\u200bO\u200dM\u2060ID",
        "\u202eKOMID\u202c",
        "K\u0301O\u0301MID",
        "𝐊𝐎𝐌𝐈𝐃",
        "K0MID",
        "Κ\u039fMID",
        "\u202eDIMOK\u202c",
        "<b>KOMID</b>",
        "\x1b[31mKOMID\x1b[0m",
    ],
)
def test_disguised_letters_are_seen_through(name: str) -> None:
    assert starter().screen(name)[0].entry.reference == "KPe.001"


@pytest.mark.parametrize("name", ["NADA", "MID", "RGB", "DCB"])
def test_a_short_acronym_that_others_have_too_is_a_candidate(name: str) -> None:
    match = starter().screen(name)[0]
    assert match.truth is Truth.UNKNOWN
    assert match.asks


@pytest.mark.parametrize("name", ["Hambali", "Abu Ali"])
def test_a_weak_or_single_alias_of_a_person_is_a_candidate_only(name: str) -> None:
    assert small().screen(name)[0].truth is Truth.UNKNOWN


@pytest.mark.parametrize(
    "name",
    [
        "John Smith", "Siemens AG", "Kim", "Mohammed", "Korea", "Bank of China", "Deutsche Bank AG",
        "Mohammed Ali Hassan",
        "Samsung Electronics Co., Ltd", "Maersk Line", "World Food Programme", "Seoul National University", "Li Wei",
    ],
)  # fmt: skip
def test_ordinary_names_are_nobody_on_the_list(name: str) -> None:
    assert small().screen(name) == ()


def test_a_generic_body_is_a_candidate_until_its_country_is_known() -> None:
    assert truth("Ministry of National Defence", "KPe.054") is Truth.UNKNOWN
    assert truth("Ministry of National Defence", "KPe.054", countries=["KP"]) is Truth.TRUE
    asked = starter().screen("Foreign Trade Bank")[0]
    assert "nationality" in asked.asks


def test_a_bank_that_shares_only_generic_words_is_no_hit() -> None:
    assert all(
        match.truth is not Truth.TRUE for match in small().screen("Foreign Trade Bank of Cambodia", countries=["KH"])
    )


def test_korea_mining_company_seoul_is_not_komid() -> None:
    assert best(small().screen("Korea Mining Company Seoul", countries=["KR"]), "KPe.001") is None
    unplaced = best(small().screen("Korea Mining Company Seoul"), "KPe.001")
    assert unplaced is None or unplaced.truth is Truth.UNKNOWN


@pytest.mark.parametrize(
    "name",
    [
        "Ryonha Machinery", "Ryonha Trading Co., Ltd", "Ryonha General Trading Company", "Ryon-ha Machinery Corp",
        "Korea Ryonha Corporation", "Ryonha",
    ],
)  # fmt: skip
def test_a_rare_part_of_a_listed_body_with_generic_words_is_a_candidate_that_asks(name: str) -> None:
    match = best(small().screen(name), "KPe.016")
    assert match is not None
    assert match.truth is Truth.UNKNOWN
    assert "nationality" in match.asks


def test_a_known_acronym_with_a_trade_added_is_a_candidate() -> None:
    assert truth("KOMID Trading", "KPe.001") is Truth.UNKNOWN


@needs_real
def test_no_listed_name_that_is_not_weak_is_cleared_when_it_is_given_as_listed() -> None:
    names = [
        (entry, name)
        for entry in real().entries
        for name in (*entry.names, *(a.name for a in entry.aliases if a.quality != "low"), *entry.original_script)
        if len(name.split()) > 1
    ]
    missed = [name for entry, name in names if all(match.entry is not entry for match in real().screen(name))]
    assert not missed


def test_a_shortened_name_from_another_country_is_ruled_out() -> None:
    assert truth("Ryonha Machinery", "KPe.016", countries=["DE"]) is Truth.FALSE


@pytest.mark.parametrize(
    "name",
    [
        "Pine Trading Ltd", "Green Trading Company", "Korea Trading Company", "General Machinery Corporation",
        "Munitions Trading", "Ryonha Kim", "Kim Trading Company", "Ryanna Machinery",
    ],
)  # fmt: skip
def test_a_common_word_of_a_listed_body_is_nobody(name: str) -> None:
    assert small().screen(name) == ()


def test_numbers_tell_names_apart() -> None:
    assert truth("BARAKAAT 18", "SOe.900") is Truth.TRUE
    assert truth("BARAKAAT 8", "SOe.900") is not Truth.TRUE


# --- other facts ---------------------------------------------------------------------------------


def test_a_common_name_alone_is_a_candidate_that_asks() -> None:
    match = best(small().screen("Kim Chol Nam"), "KPi.044")
    assert match is not None
    assert match.truth is Truth.UNKNOWN
    assert set(match.asks) >= {"birth_date", "nationality"}


def test_part_of_a_common_name_is_a_candidate_at_most() -> None:
    assert truth("Kim Chol", "KPi.044") is Truth.UNKNOWN


def test_answering_what_is_asked_settles_it() -> None:
    assert truth("Kim Chol Nam", "KPi.044", birth_date="1970-02-19", countries=["KP"]) is Truth.TRUE
    assert truth("Kim Chol Nam", "KPi.044", birth_date="1955-02-19", countries=["KP"]) is Truth.FALSE
    assert truth("Kim Chol Nam", "KPi.044", countries=["KR"]) is Truth.FALSE


@pytest.mark.parametrize(
    "name", ["김철남", "Kim Cheol-nam", "KIM Ch'ŏl-nam", "Gim Cheolnam", "Ким Чхоль Нам", "Nam Kim Chol"]
)
def test_korean_romanisations_meet(name: str) -> None:
    assert truth(name, "KPi.044", birth_date="1970-02-19") is Truth.TRUE


def test_a_contradiction_says_what_contradicts() -> None:
    match = best(small().screen("Saddam Hussein al-Tikriti", birth_date="1990"), "IQi.001")
    assert match is not None
    assert match.truth is Truth.FALSE
    assert match.contradiction is not None
    assert "1990" in match.contradiction
    assert "1937-04-28" in match.contradiction
    assert match.asks == ()


def test_day_and_month_exchanged_do_not_contradict() -> None:
    assert truth("Eric Badege", "CDi.001", birth_date="1971-05-03") is Truth.TRUE
    assert truth("Yun Ho-jin", "KPi.001", birth_date="1944-10-14") is Truth.UNKNOWN


def test_another_nationality_does_not_clear_the_same_name_and_birth_date() -> None:
    assert truth("Saddam Hussein al-Tikriti", "IQi.001", birth_date="1937-04-28", countries=["JO"]) is Truth.UNKNOWN


def test_a_branch_abroad_does_not_clear_a_body_by_its_full_name() -> None:
    assert truth("Tanchon Commercial Bank", "KPe.003", countries=["CN"]) is Truth.UNKNOWN


def test_a_passport_settles_a_common_name() -> None:
    assert truth("Kim Yong-chol", "KPi.024", identifiers=["472 310 168"]) is Truth.TRUE


def test_a_listed_passport_under_another_name_is_a_candidate() -> None:
    assert truth("Park Jae Won", "KPi.024", identifiers=["472310168"]) is Truth.UNKNOWN


def test_an_alias_given_by_the_user_is_screened_too() -> None:
    matches = starter().screen("Acme Holdings", aliases=["KOMID"])
    assert matches[0].entry.reference == "KPe.001"
    assert matches[0].query == "KOMID"


@pytest.mark.parametrize("written", ["8628597", "IMO 8628597", "imo8628597"])
def test_an_imo_number_beats_any_name(written: str) -> None:
    match = starter().screen("Innocent Lady", kind="vessel", imo=written)[0]
    assert (match.truth, match.score, match.entry.reference) == (Truth.TRUE, 1.0, "IMO 8628597")


def test_an_identifier_that_says_it_is_an_imo_number_is_one() -> None:
    match = starter().screen("Innocent Owner Ltd", kind="entity", identifiers=["IMO 1790183"])[0]
    assert (match.truth, match.entry.reference) == (Truth.TRUE, "KPe.020")


def test_a_vessel_of_a_listed_name_needs_its_number() -> None:
    match = starter().screen("M/V Hao Fan 6", kind="vessel")[0]
    assert (match.truth, match.asks) == (Truth.UNKNOWN, ("imo",))
    other = best(starter().screen("Hao Fan 6", kind="vessel", imo="9074729"), "IMO 8628597")
    assert other is not None
    assert other.truth is Truth.FALSE
    assert other.contradiction is not None
    assert "9074729" in other.contradiction


def test_a_mistyped_imo_number_clears_nothing() -> None:
    other = best(starter().screen("Hao Fan 6", imo="8628697"), "IMO 8628597")
    assert other is not None
    assert other.truth is Truth.UNKNOWN


def test_a_kind_restricts_the_search() -> None:
    assert starter().screen("KOMID", kind="individual") == ()
    with pytest.raises(InputError, match="did you mean 'individual'"):
        starter().screen("KOMID", kind="indivdual")


def test_a_birth_date_that_is_none_is_an_error() -> None:
    with pytest.raises(InputError, match="write 1964"):
        starter().screen("KOMID", birth_date="last year")
    with pytest.raises(InputError, match="calendar"):
        starter().screen("KOMID", birth_date="1964-02-31")


def test_a_country_that_is_no_code_is_an_error_and_rules_nobody_out() -> None:
    with pytest.raises(InputError, match="ISO 3166"):
        starter().screen("KOMID", countries=["North Korea"])


def test_features_and_reason_explain_a_match() -> None:
    match = starter().screen("Kim Young-Cheol", birth_date="1962", countries=["KP"])[0]
    assert {"name", "distinction", "birth_date", "nationality"} <= {name for name, _, _ in match.features}
    assert "agrees with 1962-02-18" in match.why
    assert "\n" not in match.why


# --- properties ----------------------------------------------------------------------------------

ORDER = {None: 0, Truth.FALSE: 1, Truth.UNKNOWN: 2, Truth.TRUE: 3}
NAMES = sorted({name for entry in (*starter_list().entries, *PEOPLE) for name in entry.names if name.isascii()})


@given(st.sampled_from(NAMES), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_order_of_parts_does_not_hide_a_listed_name(name: str, rng: object) -> None:
    words = name.split()
    rng.shuffle(words)  # type: ignore[attr-defined]
    owners = {entry.reference for entry in small().entries if name in entry.names}
    assert owners & {match.entry.reference for match in small().screen(" ".join(words))}


@given(
    st.sampled_from([entry for entry in (*starter_list().entries, *PEOPLE) if entry.birth_dates]),
    st.sampled_from([(), ("KP",), ("IQ",)]),
)
@settings(max_examples=60, deadline=None)
def test_a_contradicting_birth_date_never_raises_truth(entry: ListEntry, countries: tuple[str, ...]) -> None:
    plain = truth(entry.name, entry.reference, countries=countries)
    contradicted = truth(entry.name, entry.reference, countries=countries, birth_date="2004-07-09")
    assert ORDER[contradicted] <= ORDER[plain]
    assert contradicted in (None, Truth.FALSE)


@given(st.sampled_from(NAMES), st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=1), st.integers(1, 40))
@settings(max_examples=80, deadline=None)
def test_a_slip_never_scores_above_the_name_itself(name: str, letter: str, at: int) -> None:
    owner = next(entry.reference for entry in small().entries if name in entry.names)
    slipped = best(small().screen(name[:at] + letter + name[at:]), owner)
    exact = best(small().screen(name), owner)
    assert exact is not None
    assert slipped is None or slipped.score <= exact.score


@given(st.text(max_size=200))
@settings(max_examples=150, deadline=None)
def test_any_text_is_answered(text: str) -> None:
    for match in small().screen(text):
        assert 0 <= match.score <= 1
        assert (match.truth is Truth.UNKNOWN) == bool(match.asks)
        assert (match.truth is Truth.FALSE) == bool(match.contradiction)


@pytest.mark.parametrize(
    "text",
    [
        "A" * 1_000_000,
        "ab " * 300_000,
        "e" + "\u0301" * 500_000,
        "\u200f" * 1_000_000,
        "💣" * 200_000,
        "!?.,;" * 200_000,
        "Kim " * 200_000,
        "a.b." * 200_000,
        "김" * 300_000,
        "م" * 500_000,
        "1a" * 400_000,
    ],
    ids=[
        "one word",
        "many words",
        "marks",
        "invisible",
        "emoji",
        "punctuation",
        "Kims",
        "dots",
        "Hangul",
        "Arabic",
        "digits",
    ],
)
def test_a_megabyte_is_answered_too(text: str) -> None:
    assert all(match.truth is not Truth.TRUE for match in small().screen(text))


def test_a_listed_name_is_found_deep_within_long_text() -> None:
    text = "lorem ipsum dolor sit amet " * 2000 + " Tanchon Commercial Bank " + "consectetur adipiscing elit " * 2000
    assert best(small().screen(text), "KPe.003") is not None


@pytest.mark.parametrize(
    "text", ["", "   ", "!!!", "💣", "\u200b", "'; DROP TABLE parties; --", "<script>alert(1)</script>"]
)
def test_what_is_no_name_matches_nothing(text: str) -> None:
    assert small().screen(text) == ()


# --- spelling ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second"), [("hussein", "hosain"), ("qadhafi", "gaddafi"), ("djihad", "jihad"), ("daoud", "dawood")]
)
def test_romanisations_of_one_name_sound_alike(first: str, second: str) -> None:
    assert sound(first) == sound(second)


@pytest.mark.parametrize(("first", "second"), [("mahmoud", "muhammad"), ("hamid", "ahmad"), ("salim", "salman")])
def test_different_names_sound_different(first: str, second: str) -> None:
    assert sound(first) != sound(second)


@pytest.mark.parametrize(
    ("arabic", "latin"), [("محمد", "muhammad"), ("صدام", "saddam"), ("حسين", "hussein"), ("يوسف", "yusuf")]
)
def test_arabic_letters_and_latin_ones_have_one_skeleton(arabic: str, latin: str) -> None:
    assert skeleton(arabic) == skeleton(latin)


@pytest.mark.parametrize("spelling", ["chol", "cheol", "chul"])
def test_korean_syllables_of_three_systems_meet(spelling: str) -> None:
    assert korean(spelling) == korean("chol")


def test_a_word_of_look_alike_letters_has_two_readings() -> None:
    assert readings("РАК ТО") == (("rak", "to"), ("pak", "to"))


# --- the whole list ------------------------------------------------------------------------------


@needs_real
def test_every_name_on_the_real_list_finds_its_own_entry() -> None:
    missed = [
        (entry.reference, name)
        for entry in real().entries
        for name in (*entry.names, *entry.original_script)
        if best(real().screen(name), entry.reference) is None
    ]
    assert missed == []


@needs_real
def test_the_real_list_leaves_ordinary_names_alone() -> None:
    given = ["John", "Maria", "Wei", "Olga", "Kwame", "Priya", "Carlos", "Fatima", "Hans", "Yuki"]
    family = ["Smith", "Garcia", "Zhang", "Petrova", "Mensah", "Kumar", "Lopez", "Haddad", "Schmidt", "Tanaka"]
    flagged = Counter(bool(matches) for matches in real().screen_many(f"{a} {b}" for a in given for b in family))
    assert flagged[True] <= 1


@needs_real
def test_real_look_alikes_are_contradicted() -> None:
    match = best(real().screen("Kim Yong Chol", birth_date="1985-05-05", countries=["KR"]), "KPi.024")
    assert match is not None
    assert match.truth is Truth.FALSE


def test_a_list_without_entries_answers_nothing() -> None:
    assert Screener.from_list(UnList((), None, "", "nothing")).screen("KOMID") == ()


@pytest.mark.parametrize("name", ["Tech Corp", "Titch", "Comet Ltd"])
def test_a_lone_word_that_only_sounds_like_a_listed_name_is_no_match(name: str) -> None:
    """Tech is not Daesh, and Comet is not KOMID: an asset freeze is not to be raised by a sound."""
    assert not Screener.from_list(starter_list()).screen(name)


@pytest.mark.parametrize("name", ["Da'ish", "Dayesh", "Komid Ltd"])
def test_a_lone_word_in_another_spelling_still_is(name: str) -> None:
    assert Screener.from_list(starter_list()).screen(name)[0].truth is Truth.TRUE
