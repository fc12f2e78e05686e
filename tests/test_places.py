"""Where a place is: certain by dominance, open on a tie, never cleared by a namesake of a place under measures."""

from __future__ import annotations

import re
import subprocess
import sys

import pycountry
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanctions_engine.errors import InputError
from sanctions_engine.intake import places
from sanctions_engine.intake.countries import HIGH_SEAS, country_name, known_codes
from sanctions_engine.intake.places import (
    area_lies_in,
    area_of_place,
    known_areas,
    known_sea_areas,
    read_area,
    read_place,
    read_sea_area,
)


def codes(text: str) -> set[str]:
    return set(read_place(text).codes)


CERTAIN = """
KP: Pyongyang | PYONGYANG | P'yŏngyang | Пхеньян | 평양 | Nampo | Nampo port | Port of Nampo | nampho harbour
KP: Nampo, DPRK | Nampo DPRK | DPRK Nampo
KP: Nampo (North Korea) | Nampo, KP | Tumangang, North Korea | Tumangang | Tumangang station | Rajin | Rason
KP: Sinuiju | Hungnam | Chongjin | Wonsan
KP: Haeju | Songnim | Sunan airport | Yongbyon | Sohae | KPNAM | KP NAM | kpnam | Pyongyang, Korea
KP: North Korea | Somewhere, North Korea
RU: Vladivostok | Port of Vladivostok | Владивосток | Khasan | Khasan railway station | Dunay | Vostochny
RU: Nakhodka | Moscow | MOSCOW | Москва | Khasan, Russia
KP: Wonsan, Korea, North | KPNAM - Nampo
RU: RUVVO Vladivostok | Taman
CN: Dandong | 丹东 | Shanghai | 上海 | Ningbo | Dalian | CNSHA
IR: Bandar Abbas | Bushehr | Natanz | Fordow | Tehran | Isfahan | IRBND
LY: Benghazi | Ras Lanuf | Tripoli, Libya | Tripoli (LY) | LYTIP
LB: Beirut | Tripoli, Lebanon | Lebanon
SY: Damascus | Aleppo | Latakia | Tartus | Raqqa
YE: Aden | Hodeidah | Al Hudaydah | Sana'a | Mokha
SO: Mogadishu | Kismayo | Bosaso
SD: Khartoum | Port Sudan | Nyala | El Fasher
SD: Darfur | Darfur, Sudan
CD: North Kivu | Goma | Bukavu | Bunia | Kinshasa | Kinshasa, Congo
KR: Busan | Pusan | 부산 | Incheon | Seoul, Korea
GB: London | London, UK | GBFXT
PT: Porto
FR: Paris | PARIS | paris | Paris, FR
EG: Alexandria | Port Said
UA: Odessa | Odesa | Kyiv
US: Los Angeles, CA | Paris, TX | Paris, Texas | Springfield, IL | Augusta, GA | Wilmington, DE
US: Atlanta, Georgia | Lebanon, PA | Lebanon, Pennsylvania
US: Sioux Falls, SD | Sioux Falls, SD, USA | New York | Washington, D.C. | USLAX
CA: London, ON | Toronto, ON | Saskatoon, SK
US: New Jersey | Georgia, USA
VN: Saigon
DE: Hamburg | Hamburg, DE
SK: Bratislava, SK
GE: Tbilisi, Georgia | Georgia
TT: Port of Spain
NL: Rotterdam | NLRTM
HU: Pyongyang Street, Budapest, Hungary
JO: IRBID
"""


CASES = [
    (text.strip(), line.split(":", 1)[0])
    for line in CERTAIN.strip().splitlines()
    for text in line.split(":", 1)[1].split("|")
]


@pytest.mark.parametrize(("text", "code"), CASES, ids=[text for text, _ in CASES])
def test_a_known_place_is_read_in_its_state_and_the_reading_is_shown(text: str, code: str) -> None:
    reading = read_place(text)
    assert reading.codes == {code}
    assert reading.source in {"UN/LOCODE", "gazetteer", "overlay", "country in the text"}
    assert reading.note is not None
    assert text in reading.note


def test_the_evidence_says_what_was_read() -> None:
    reading = read_place("Tumangang, North Korea")
    assert reading.place == "Tumangang"
    assert reading.source == "country in the text"
    assert reading.note == "“Tumangang, North Korea” read as Tumangang, DPRK (country in the text)"


@pytest.mark.parametrize(
    ("text", "some"),
    [
        ("Tripoli", {"LY", "LB"}),
        ("Hamilton", {"CA", "NZ", "GB", "US"}),
        ("Georgetown", {"GY", "US"}),
        ("Birmingham", {"GB", "US"}),
        ("Valencia", {"ES", "VE"}),
        ("Korea", {"KP", "KR"}),
        ("Congo", {"CD", "CG"}),
        ("Somewhere, Korea", {"KP", "KR"}),
        ("Rajin, DPRK / Vladivostok, Russia", {"KP", "RU"}),
        ("Nampo, Vladivostok", {"KP", "RU"}),
        ("Foobar, LA", {"LA", "US"}),
        ("Salvador", {"SV", "BR"}),
        ("Tumangang border with Russia", {"KP", "RU"}),
        ("Pyongyang, Seoul, Korea", {"KP", "KR"}),
        ("Pyongyang, Dandong, China", {"KP", "CN"}),
    ],
)
def test_a_shared_name_is_open_between_all_its_states(text: str, some: set[str]) -> None:
    assert some <= codes(text)
    assert len(codes(text)) > 1


@pytest.mark.parametrize(
    ("text", "code"), [("Saida", "LB"), ("Kosong", "KP"), ("Konan", "KP"), ("Sana", "YE"), ("Belem", "GW")]
)
def test_a_place_that_may_lie_in_a_state_under_measures_is_not_cleared_by_a_namesake(text: str, code: str) -> None:
    assert code in codes(text)
    assert len(codes(text)) > 1


@pytest.mark.parametrize(
    "text",
    [
        "Pyongyang, South Korea",
        "CNSHA Nampo",
        "Nampo CNSHA",
        "Warehouse Nampo, China",
        "Nampo China",
        "Nampo, Republic of Korea",
        "Tripoli, Italy",
    ],
)
def test_a_country_that_contradicts_a_place_under_measures_does_not_clear_it(text: str) -> None:
    assert codes(text) & {"KP", "LY"}
    assert len(codes(text)) > 1


@pytest.mark.parametrize(
    "text",
    [
        "Qwertyville",
        "Qwerty Island",
        "LA",
        "KP",
        "near Pyongyang",
        "Embassy of Germany in Pyongyang",
        "ZZABC",
        "port",
        "of",
    ],
)
def test_what_nobody_knows_is_unknown_and_no_error(text: str) -> None:
    reading = read_place(text)
    assert reading.codes == frozenset()
    assert reading.place is None
    assert reading.note is not None


@pytest.mark.parametrize("text", ["KPXXX", "KPQ7Z"])
def test_a_code_that_is_no_word_is_read_by_its_country(text: str) -> None:
    assert codes(text) == {"KP"}
    assert read_place(text).source == "UN/LOCODE"


@pytest.mark.parametrize("text", ["LYONA", "PAROS", "Kpxxx", "KPXX", "KPXXXX", "QQRTM"])
def test_a_word_of_five_letters_is_not_taken_for_a_code(text: str) -> None:
    assert read_place(text).source != "UN/LOCODE"


def test_the_high_seas_are_no_state_and_other_seas_no_place() -> None:
    assert codes("high seas") == {HIGH_SEAS}
    assert codes("Yellow Sea") == set()
    assert "sea_area" in str(read_place("Yellow Sea").note)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "...",
        ",,,,",
        "\u200f\u202e",
        "\ud800",
        "x" * 1_000_000,
        "port " * 40,
        "(" * 200,
        "a," * 100,
        "DPRK " * 40,
        "\x00",
        "\u0301" * 100,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_hostile_text_is_an_empty_or_open_reading(text: str) -> None:
    reading = read_place(text)
    assert reading.codes <= known_codes()
    assert reading.note is None or (len(reading.note) < 400 and reading.note.isprintable())
    if "DPRK" not in text:
        assert reading.codes == frozenset()


def test_half_pairs_do_not_reach_the_evidence() -> None:
    reading = read_place("Nampo\ud800, \u202eDPRK")
    assert reading.codes == {"KP"}
    assert str(reading.note).isprintable()
    assert str(reading.place).isprintable()


PIECES = st.sampled_from(
    [
        "Nampo",
        "Pyongyang",
        "Tripoli",
        "Paris",
        "DPRK",
        "Korea",
        "TX",
        "CA",
        "Libya",
        "port",
        "of",
        ",",
        "/",
        "(",
        ")",
        "-",
        "KPNAM",
        "near",
    ]
)


@settings(deadline=None)  # the tables are opened on first use
@given(st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=7).map(" ".join)))
def test_any_text_is_a_reading_with_known_states(text: str) -> None:
    reading = read_place(text)
    assert reading.codes <= known_codes()
    assert bool(reading.codes) == bool(reading.source)
    assert reading.codes or reading.place is None
    assert read_place(f"  {text} ") == reading


@settings(deadline=None)  # the tables are opened on first use
@given(st.lists(PIECES, min_size=1, max_size=5).map(" ".join))
def test_a_text_with_a_dprk_port_is_never_certain_elsewhere(text: str) -> None:
    if re.search("Nampo|Pyongyang", text) and "," not in text and "/" not in text:
        found = codes(text)
        assert not found or "KP" in found or re.search("Paris|Tripoli", text)


OURS = st.sampled_from(
    sorted(
        (name, min(states))
        for name, (_, states) in places._overlay().places.items()
        if states <= places._UNDER_MEASURES
    )
)
OTHERS = st.sampled_from(sorted(country_name(country.alpha_2) for country in pycountry.countries))


@settings(deadline=None)  # the tables are opened on first use
@given(OURS, OTHERS, st.sampled_from(["{0}, {1}", "{0} {1}", "{1} {0}", "{0} ({1})", "{1}: {0}", "{1} / port of {0}"]))
def test_no_country_beside_it_clears_a_place_under_measures(ours: tuple[str, str], other: str, form: str) -> None:
    name, state = ours
    found = codes(form.format(name, other))
    assert not found or state in found


def test_no_gazetteer_town_in_a_state_under_measures_is_cleared_by_its_official_name() -> None:
    gazetteer = places._gazetteer()
    for city in gazetteer.cities:
        if city.country not in places._UNDER_MEASURES:
            continue
        found = places._weigh(city.name)
        assert found is not None
        assert city.country in found.codes or found.codes & places._UNDER_MEASURES, city


def test_a_variant_spelling_of_a_larger_town_counts_and_a_far_fetched_variant_does_not() -> None:
    odessa, cancun = places._weigh("Odessa"), places._weigh("Cancun")
    assert odessa is not None
    assert "UA" in odessa.codes
    assert cancun is not None
    assert cancun.codes == {"MX"}


def test_the_gazetteer_is_opened_only_when_needed() -> None:
    script = (
        "import sys; from sanctions_engine.intake.places import read_place, read_area\n"
        "assert read_place('Tumangang, North Korea').codes == {'KP'}; assert read_place('KPNAM').codes == {'KP'}\n"
        "read_area('Darfur'); from sanctions_engine.intake import places\n"
        "assert places._gazetteer.cache_info().currsize == 0; read_place('Hamburg')\n"
        "assert places._gazetteer.cache_info().currsize == 1"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_the_overlay_names_real_states_and_well_formed_codes() -> None:
    overlay = places._overlay()
    iso = {country.alpha_2 for country in pycountry.countries}
    for name, (shown, states) in overlay.places.items():
        assert states <= iso, shown
        assert name
    for code in overlay.locodes:
        assert re.fullmatch(r"[A-Z]{2}[A-Z2-9]{3}", code), code
        assert code[:2] in iso, code
    for code, place in overlay.locodes.items():
        if place is not None:
            assert codes(code) == codes(place) == {code[:2]}


# ---------------------------------------------------------------------------------------------------------- areas


@pytest.mark.parametrize(
    ("text", "area", "country"),
    [
        ("Darfur", "darfur", "SD"),
        ("darfur region", "darfur", "SD"),
        ("Дарфур", "darfur", "SD"),
        ("North Darfur", "north-darfur", "SD"),
        ("Darfur, West", "west-darfur", "SD"),
        ("north-kivu", "north-kivu", "CD"),
        ("Nord-Kivu", "north-kivu", "CD"),
        ("North Kivu Province", "north-kivu", "CD"),
        ("Sud Kivu", "south-kivu", "CD"),
        ("Ituri", "ituri", "CD"),
        ("Houthi-held", "houthi-held", "YE"),
        ("Houthi held areas", "houthi-held", "YE"),
        ("Kosovo", "kosovo", "XK"),
        ("Republika Srpska", "bosnian-serb-held", "BA"),
        ("UNITA-controlled", "unita-held", "AO"),
        ("ISIS-held Syria", "isil-held-syria", "SY"),
        ("Darfur, Sudan", "darfur", "SD"),
        ("North Kivu (DR Congo)", "north-kivu", "CD"),
        ("Jubaland", "jubaland", "SO"),
    ],
)
def test_an_area_is_read_by_any_usual_name(text: str, area: str, country: str) -> None:
    found = read_area(text)
    assert (found.id, found.country) == (area, country)


def test_every_area_is_read_by_its_id_and_name_and_lies_in_a_known_one() -> None:
    ids = {area.id for area in known_areas()}
    for area in known_areas():
        assert read_area(area.id) == area
        assert read_area(area.name) == area
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", area.id)
        assert area.country in known_codes()
        assert area.part_of is None or area.part_of in ids
    for sea in known_sea_areas():
        assert read_sea_area(sea) == sea


def test_a_part_lies_in_its_whole_and_not_the_reverse() -> None:
    assert area_lies_in("north-darfur", "darfur")
    assert area_lies_in("north-kivu", "eastern-drc")
    assert area_lies_in("darfur", "darfur")
    assert not area_lies_in("darfur", "north-darfur")
    assert not area_lies_in("ituri", "darfur")
    with pytest.raises(KeyError):
        area_lies_in("darfur", "atlantis")


@pytest.mark.parametrize(
    ("text", "near"), [("Darfour Nord", "darfur"), ("north kivuu", "north kivu"), ("houti held", "houthi held")]
)
def test_an_unknown_area_is_an_error_with_the_nearest(text: str, near: str) -> None:
    with pytest.raises(InputError, match=f"did you mean '[a-z ]*{near}"):
        read_area(text)


@pytest.mark.parametrize(
    ("text", "sea"),
    [
        ("the High Seas", "high-seas"),
        ("Yellow Sea", "yellow-sea"),
        ("East Sea", "sea-of-japan"),
        ("East China Sea", "east-china-sea"),
    ],
)
def test_a_sea_is_read_by_any_usual_name(text: str, sea: str) -> None:
    assert read_sea_area(text) == sea


@pytest.mark.parametrize("text", ["", "x" * 1_000_000, "\ud800", "Atlantis", "...", "Darfur, Chad"])
def test_a_text_that_is_no_area_or_sea_is_an_error_on_one_short_line(text: str) -> None:
    for read in (read_area, read_sea_area):
        with pytest.raises(InputError) as caught:
            read(text)
        assert len(str(caught.value)) < 300
        assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("text", "country", "area"),
    [
        ("Nyala", "SD", "south-darfur"),
        ("Nyala airport", "SD", "south-darfur"),
        ("El Fasher, North Darfur", "SD", "north-darfur"),
        ("Khartoum or Nyala; Nyala, Khartoum", "SD", None),
        ("Port Sudan", "SD", "sudan-outside-darfur"),
        ("Goma", "CD", "north-kivu"),
        ("Khartoum", "US", None),
        ("Ed Damer", "SD", None),
    ],
)
def test_a_place_tells_the_part_of_the_state_it_lies_in(text: str, country: str, area: str | None) -> None:
    found = area_of_place(text, country)
    assert (found.id if found else None) == area
