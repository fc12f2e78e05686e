"""What a country text means: exact in any spelling, several where a name is shared, an error where it is none."""

from __future__ import annotations

import unicodedata

import pycountry
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanctions_engine.errors import InputError
from sanctions_engine.intake import countries
from sanctions_engine.intake.countries import country_name, known_codes, mentioned_countries, read_country

COUNTRIES = sorted(pycountry.countries, key=lambda country: country.alpha_2)
# ISO's own short name of CG is the shared word; ours to document.
SHARED_ISO_NAMES = {"Congo"}


def codes(text: str) -> set[str]:
    return set(read_country(text).codes)


@pytest.mark.parametrize(
    "text",
    [
        "D.P.R.K.",
        "DPRK",
        "dprk",
        "D P R K",
        "PRK",
        "KP",
        "kp",
        " KP ",
        "North Korea",
        "N. Korea",
        "N Korea",
        "N.Korea",
        "NORTH KOREA",
        "north  korea",
        "Korea, North",
        "Korea (North)",
        "Korea North",
        "Northern Korea",
        "DPR Korea",
        "Korea DPR",
        "Democratic People's Republic of Korea",
        "Democratic People’s Republic of Korea",
        "Democratic Peoples Republic of Korea",
        "the Democratic People's Republic of Korea",
        "Democratic People's Rep. of Korea",
        "Korea, Dem. People's Rep.",
        "Korea (Democratic People's Republic of)",
        "Korea, Democratic People's Republic of",
        "North Korea (DPRK)",
        "DPRK/North Korea",
        "KP - North Korea",
        "КНДР",
        "Северная Корея",
        "북한",
        "조선민주주의인민공화국",
        "朝鲜",
        "北朝鮮",
        "Corée du Nord",
        "Corea del Norte",
        "Nordkorea",
        "Kuzey Kore",
        "Korea Północna",
        "كوريا الشمالية",
        "North Korean",
    ],
)
def test_every_usual_spelling_of_the_dprk_is_the_dprk(text: str) -> None:
    assert codes(text) == {"KP"}


@pytest.mark.parametrize(
    "text",
    [
        "Republic of Korea",
        "ROK",
        "R.O.K.",
        "South Korea",
        "S. Korea",
        "Korea, Republic of",
        "Korea, Rep.",
        "Korea Republic",
        "KOR",
        "kr",
        "Corée du Sud",
        "Südkorea",
        "대한민국",
        "한국",
        "남조선",
        "韩国",
        "Республика Корея",
        "Южная Корея",
    ],
)
def test_every_usual_spelling_of_the_republic_of_korea_is_the_republic(text: str) -> None:
    assert codes(text) == {"KR"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Türkiye", "TR"),
        ("Turkey", "TR"),
        ("TURKIYE", "TR"),
        ("DR Congo", "CD"),
        ("D.R. Congo", "CD"),
        ("DRC", "CD"),
        ("Congo-Kinshasa", "CD"),
        ("Zaire", "CD"),
        ("Congo, Dem. Rep.", "CD"),
        ("Congo-Brazzaville", "CG"),
        ("Republic of the Congo", "CG"),
        ("Côte d'Ivoire", "CI"),
        ("Cote d’Ivoire", "CI"),
        ("Ivory Coast", "CI"),
        ("Burma", "MM"),
        ("Myanmar (Burma)", "MM"),
        ("Holland", "NL"),
        ("UK", "GB"),
        ("U.K.", "GB"),
        ("Great Britain", "GB"),
        ("USA", "US"),
        ("U.S.", "US"),
        ("America", "US"),
        ("UAE", "AE"),
        ("Россия", "RU"),
        ("РФ", "RU"),
        ("俄罗斯", "RU"),
        ("Russian Fed.", "RU"),
        ("中国", "CN"),
        ("P.R. China", "CN"),
        ("PRC", "CN"),
        ("КНР", "CN"),
        ("ROC", "TW"),
        ("Taiwan", "TW"),
        ("Swaziland", "SZ"),
        ("Czechia", "CZ"),
        ("Cabo Verde", "CV"),
        ("Viet Nam", "VN"),
        ("Vietnam", "VN"),
        ("Syria", "SY"),
        ("Syrian Arab Rep.", "SY"),
        ("Laos", "LA"),
        ("Persia", "IR"),
        ("Iran (Islamic Republic of)", "IR"),
        ("Guinea", "GN"),
        ("Guinea-Bissau", "GW"),
        ("Equatorial Guinea", "GQ"),
        ("Niger", "NE"),
        ("NE", "NE"),
        ("Nigeria", "NG"),
        ("Sudan", "SD"),
        ("South Sudan", "SS"),
        ("Ireland", "IE"),
        ("Dominica", "DM"),
        ("Dominican Republic", "DO"),
        ("Georgia", "GE"),
        ("Samoa", "WS"),
        ("American Samoa", "AS"),
        ("no", "NO"),
        ("NO", "NO"),
        ("St. Lucia", "LC"),
        ("GER", "DE"),
        ("SUI", "CH"),
        ("Kosovo", "XK"),
        ("Palestine", "PS"),
        ("Libyan Arab Jamahiriya", "LY"),
        ("U.S. Virgin Islands", "VI"),
        ("Hong Kong, China", "HK"),
        ("프랑스", "FR"),
        ("فرنسا", "FR"),
        ("Франция", "FR"),
        ("Rhodesia", "ZW"),
        ("Upper Volta", "BF"),
    ],
)
def test_usual_names_in_any_language_are_read(text: str, code: str) -> None:
    assert codes(text) == {code}


@pytest.mark.parametrize(
    ("text", "both"),
    [
        ("Korea", {"KP", "KR"}),
        ("KOREA", {"KP", "KR"}),
        ("the Korea", {"KP", "KR"}),
        ("Corea", {"KP", "KR"}),
        ("Corée", {"KP", "KR"}),
        ("Корея", {"KP", "KR"}),
        ("조선", {"KP", "KR"}),
        ("朝鮮", {"KP", "KR"}),
        ("Korean", {"KP", "KR"}),
        ("Congo", {"CD", "CG"}),
        ("The Congo", {"CD", "CG"}),
        ("Конго", {"CD", "CG"}),
        ("Kongo", {"CD", "CG"}),
        ("刚果", {"CD", "CG"}),
        ("コンゴ", {"CD", "CG"}),
        ("Congolese", {"CD", "CG"}),
        ("Virgin Islands", {"VG", "VI"}),
        ("Saint Martin", {"MF", "SX"}),
        ("St. Martin", {"MF", "SX"}),
        ("Crimea", {"RU", "UA"}),
        ("China / Russia", {"CN", "RU"}),
        ("CS", {"CS", "YU"}),
    ],
)
def test_a_shared_name_is_every_state_that_bears_it(text: str, both: set[str]) -> None:
    reading = read_country(text)
    assert reading.codes == both
    assert reading.note is not None
    assert all(code in reading.note for code in both)


def test_a_certain_reading_needs_no_note() -> None:
    assert read_country("DPRK").note is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Солтүстік Корея", "KP"),
        ("Оңтүстік Корея", "KR"),
        ("Orílẹ́ède Ariwa Kọria", "KP"),
        ("Orílẹ́ède Guusu Kọria", "KR"),
    ],
)
def test_north_and_south_are_not_swapped_as_the_library_has_them_in_kazakh_and_yoruba(text: str, code: str) -> None:
    assert codes(text) == {code}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("USSR", "SU"),
        ("Yugoslavia", "YU"),
        ("Serbia and Montenegro", "YU"),
        ("Czechoslovakia", "CS"),
        ("East Germany", "DD"),
    ],
)
def test_a_state_that_broke_up_keeps_its_former_code(text: str, code: str) -> None:
    assert codes(text) == {code}


@pytest.mark.parametrize("text", ["high seas", "the High Seas", "international waters", "XZ", "公海"])
def test_the_high_seas_are_a_known_no_state(text: str) -> None:
    assert codes(text) == {countries.HIGH_SEAS}


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("Nroth Korea", "north korea"),
        ("North Koreea", "north korea'"),
        ("Noth Korea", "north korea"),
        ("Rusia Federation", "russia"),
        ("Irann", "iran"),
        ("Belgum", "belgium"),
    ],
)
def test_a_misspelling_is_an_error_that_names_the_nearest_country(text: str, near: str) -> None:
    with pytest.raises(InputError, match=f"(?i)did you mean .{near}") as caught:
        read_country(text)
    assert caught.value.problems[0].where == ""
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["Wakanda", "xx", "zz", "Europe", "Pyongyang", "unknown", "N", "the", "Korea Wakanda", "North", "South"]
)
def test_what_is_no_country_is_an_error_and_never_a_guess(text: str) -> None:
    with pytest.raises(InputError, match="is not a country"):
        read_country(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "...",
        "()",
        "\u200f\u202e",
        "\u0301\u0301",
        "\ud800",
        "x" * 1_000_000,
        "Korea " * 200_000,
        "\ud800" * 500,
        "\x00",
        "(" * 200,
        "a," * 100,
    ],
)
def test_hostile_text_is_an_error_on_one_printable_line(text: str) -> None:
    with pytest.raises(InputError) as caught:
        read_country(text)
    assert len(str(caught.value)) < 400
    assert str(caught.value).isprintable()


def test_marks_of_direction_and_half_pairs_do_not_hide_a_country() -> None:
    assert codes("\u200fKorea\u202e") == {"KP", "KR"}
    note = read_country("Korea\ud800").note
    assert note is not None
    assert note.isprintable()


@pytest.mark.parametrize("country", COUNTRIES, ids=lambda country: country.alpha_2)
def test_iso_names_and_codes_are_read_as_that_country(country: object) -> None:
    alpha_2 = country.alpha_2  # type: ignore[attr-defined]
    for attribute in ("alpha_2", "alpha_3", "name", "official_name", "common_name"):
        text = getattr(country, attribute, None)
        if text and text not in SHARED_ISO_NAMES:
            assert codes(text) == {alpha_2}, text
    assert codes(country_name(alpha_2)) == {alpha_2}


NAMES = st.sampled_from(
    [
        (name, c.alpha_2)
        for c in COUNTRIES
        for name in {c.name, getattr(c, "common_name", c.name), getattr(c, "official_name", c.name)}
    ]
)


@settings(deadline=None)  # the tables are opened on first use
@given(NAMES, st.data())
def test_case_accents_and_punctuation_do_not_change_a_reading(named: tuple[str, str], data: st.DataObject) -> None:
    name, code = named
    flat = "".join(char for char in unicodedata.normalize("NFD", name) if not unicodedata.combining(char))
    spaced = name.replace(" ", "\u00a0 ")
    text = data.draw(st.sampled_from([name, flat, spaced, unicodedata.normalize("NFD", name)]))
    text = data.draw(st.sampled_from([text, text.upper(), text.lower(), text.swapcase()]))
    text = data.draw(
        st.sampled_from(
            [
                text,
                f" {text}.",
                f"({text})",
                text.replace(" ", "  "),
                text.replace(" ", " "),
                f"\u200e{text}",
                f"the {text}",
            ]
        )
    )
    assert codes(text) == ({"CD", "CG"} if name in SHARED_ISO_NAMES else {code})


WORDS = st.sampled_from(
    [
        "Korea",
        "North",
        "South",
        "Republic",
        "Democratic",
        "People's",
        "of",
        "the",
        "Congo",
        "Guinea",
        "China",
        ",",
        "(",
        ")",
        "/",
        "N.",
        "S.",
        "Dem.",
    ]
)


@settings(deadline=None)  # the tables are opened on first use
@given(st.one_of(st.text(max_size=40), st.lists(WORDS, max_size=6).map(" ".join)))
def test_any_text_is_a_known_code_or_an_input_error(text: str) -> None:
    try:
        reading = read_country(text)
    except InputError:
        return
    assert reading.codes
    assert reading.codes <= known_codes()
    assert (len(reading.codes) == 1) == (reading.note is None)


@settings(deadline=None)  # the tables are opened on first use
@given(st.lists(WORDS, max_size=6).map(" ".join))
def test_the_north_is_never_read_as_the_south_alone(text: str) -> None:
    try:
        read = codes(text)
    except InputError:
        return
    if "Korea" in text and "North" in text.split() and "South" not in text:
        assert read != {"KR"}


def test_what_two_library_tables_read_differently_is_ambiguous_unless_the_overlay_decides() -> None:
    by_key: dict[str, set[str]] = {}
    for code, name in countries._library_names():
        by_key.setdefault(countries.name_key(name), set()).add(code)
    names = countries._names()
    for key, read in by_key.items():
        if len(read) > 1 and len(key) > 3:
            assert key in names.overlaid or countries._library()[key] == read


def test_an_english_name_is_read_without_the_libraries_and_as_they_read_it() -> None:
    names, library = countries._names(), countries._library()
    assert len(names.english) > 400
    for key, read in names.english.items():
        assert len(read) == 1
        assert key in names.overlaid or library[key] == read, key


def test_the_overlay_names_only_states_it_knows_and_no_text_twice() -> None:
    overlay = countries._overlay()
    iso = {country.alpha_2 for country in COUNTRIES}
    assert known_codes() - iso == {"XK", "XZ", "SU", "YU", "CS", "DD", "YD", "VD", "AN"}
    assert set(overlay["former_codes"].values()) | set(overlay["three_letter"].values()) <= known_codes()
    alpha_3 = {country.alpha_3 for country in COUNTRIES}
    assert not alpha_3 & overlay["three_letter"].keys()
    assert not (iso | alpha_3) & overlay["former_codes"].keys()
    seen: dict[str, str] = {}
    for code, texts in overlay["aliases"].items():
        assert code in known_codes()
        for text in texts:
            assert seen.setdefault(countries.name_key(text), code) == code, text
    for entry in overlay["ambiguous"]:
        assert len(set(entry["codes"])) > 1
        assert set(entry["codes"]) <= known_codes()
        for text in entry["texts"]:
            assert countries.name_key(text) not in seen, text


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("KP", "DPRK"),
        ("KR", "Republic of Korea"),
        ("RU", "Russia"),
        ("CD", "DR Congo"),
        ("IR", "Iran"),
        ("XZ", "the high seas"),
        ("??", "??"),
    ],
)
def test_a_country_is_named_as_people_name_it(code: str, name: str) -> None:
    assert country_name(code) == name


@pytest.mark.parametrize(
    ("text", "mentioned"),
    [
        ("rockets bought from North Korea for Wagner", {"KP"}),
        ("made in the D.P.R.K., shipped through China", {"KP", "CN"}),
        ("North Korean shells", {"KP"}),
        ("spare parts for the DPRK", {"KP"}),
        ("trade with South Korea", {"KR"}),
        ("parts from korea", {"KP", "KR"}),
        ("боеприпасы из КНДР", {"KP"}),
        ("an Iranian drone, used in Syria", {"IR", "SY"}),
        ("the Democratic People's Republic of Korea", {"KP"}),
        ("turkey breasts and guinea fowl on bone china by car", set()),
        ("Turkey", {"TR"}),
        ("shipment to the CAR", {"CF"}),
        ("no country here, in no state of us", set()),
        ("", set()),
    ],
)
def test_a_running_text_mentions_the_countries_it_names(text: str, mentioned: set[str]) -> None:
    found = mentioned_countries(text)
    assert set(found) == mentioned
    for start, end in found.values():
        assert text[start:end].strip() == text[start:end] != ""
