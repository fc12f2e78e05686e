"""What a goods line is: its words, its code and what the user states, alone and together."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanctions_engine.engine import Engine
from sanctions_engine.errors import InputError, RuleError
from sanctions_engine.facts import ForEach, Subject
from sanctions_engine.intake.categories import GoodsCategories
from sanctions_engine.intake.goods import Classification, GoodsClassifier
from sanctions_engine.intake.hs import HsRange
from sanctions_engine.intake.lexicon import Lexicon
from sanctions_engine.transaction import Transaction
from sanctions_engine.truth import Cause, Truth

ROOT = Path(__file__).parents[1]
CATEGORIES = GoodsCategories.load(ROOT / "rules/un/goods.yaml")
CLASSIFIER = GoodsClassifier(CATEGORIES)
NOMENCLATURE = ROOT.parent / "shared/data/hs/harmonized-system.csv"


def _nomenclature() -> set[str]:
    with NOMENCLATURE.open(encoding="utf-8-sig") as file:
        return {row["hscode"] for row in csv.DictReader(file) if row["hscode"].isdigit() and row["hscode"] < "98"}


def classify(description: str | None, *hs: str, stated: tuple[str, ...] = ()) -> Classification:
    return CLASSIFIER.classify(description, hs, stated)


# description | codes, one of which is right | certain | possible | not
# "closed" among the words of the last column: nothing else is possible. "open": everything else still is.
TABLE = """
# --- ammunition
infantry rockets | 9301 9306 | arms ammunition | | missile small_arms food closed
infantry rockets | | arms ammunition | | missile major_arms wmd_items
152mm artillery shells | | arms ammunition | | major_arms
152-mm high explosive shells | | ammunition | | food
122 mm Grad rockets | | ammunition arms | | missile
122mm rockets for BM-21 | | ammunition | |
Artillery SHELLS, 155 mm | | ammunition | |
mortar rounds 82mm | | ammunition | | earth_stone
7.62x39 cartridges | | ammunition | | machinery
7,62 x 39 mm ball | | ammunition | |
5.45x39mm ammo | | ammunition | |
tank shells 125 mm | | ammunition | | battle_tank
hand grenades | | ammunition arms | | missile
RPG-7 rounds PG-7V | | ammunition | |
anti-personnel land mines | | ammunition | | coal
FAB-500 aerial bombs | | ammunition | |
боеприпасы | | arms ammunition | | food
артиллерийские снаряды 152 мм | | ammunition | | major_arms
реактивные снаряды к РСЗО Град | | ammunition arms | |
патроны 7,62х39 | | ammunition | |
포탄 | | ammunition arms | | seafood
152mm포탄을 | | ammunition | |
방사포탄 | | ammunition | |
炮弹 | | ammunition arms | |
shells | | | ammunition arms | seafood
rockets | | | missile ammunition arms missile_items | food closed
rockets | 9306 | arms | ammunition missile | food
rocket | 0709.99 | food agricultural_products | | arms ammunition missile
hunting cartridges | | | ammunition arms | missile
shotgun cartridges 12 gauge | 9306.21 | | ammunition arms | missile
# --- near misses of ammunition
toy rockets | | toys_games | | arms ammunition missile closed
rocket salad, fresh | | agricultural_products food | | arms missile closed
rocket leaves | | agricultural_products | | missile
artillery museum tickets | | | | arms ammunition large_calibre_artillery closed
shell company formation services | | documents_software | | arms ammunition
sea shells for decoration | | | | ammunition seafood closed
egg shells powder | | | | ammunition closed
bullet points presentation document | | | | ammunition arms
magazine subscription | | paper_print | | arms_parts arms
gun metal buttons | | household_articles | | small_arms arms
pneumatic nail gun | | machinery | | small_arms arms
hot glue guns | | electrical_equipment | | small_arms
infrared thermometer gun | | instruments | | small_arms
toner cartridges for HP printers | | machinery | | ammunition
water filter cartridges | | machinery | | ammunition
bath bombs | | chemicals | | ammunition
model rocket kits | | toys_games | | missile arms
mortar and pestle, granite | | | | ammunition light_weapons arms
cement mortar | | earth_stone | | ammunition light_weapons
walnuts in shell | | agricultural_products | | ammunition
shell and tube heat exchanger | | machinery | | ammunition
fireworks | | pyrotechnics | | ammunition military_explosives
bullet trains | | rail_vehicle | | ammunition
гранаты свежие | | agricultural_products | | ammunition
# --- guns
AK-47 rifles | | small_arms arms | | major_arms
Kalashnikov assault rifles | | small_arms | |
AK47 | | small_arms | |
PKM machine guns | | light_weapons arms | | small_arms
RPG-7 launchers | | light_weapons | |
82 mm mortars | | light_weapons arms | | earth_stone
pistols | | small_arms arms | | major_arms
rifles | | small_arms arms | | major_arms closed
rifles and armoured vehicles | | small_arms arms | armoured_combat_vehicle major_arms |
hunting rifles | | | small_arms arms |
rifle bags | | | small_arms arms |
pistol grip drill | | | small_arms arms |
air defence system | | missile major_arms arms | |
hunting rifles | | | small_arms arms | missile
hunting rifles | 9303.30 | | small_arms arms | missile
water pistols | | toys_games | | small_arms arms
firearms | | small_arms arms | |
автомат Калашникова | | small_arms | |
пулемёты | | light_weapons | |
소총 | | small_arms | |
weapons | | arms | major_arms missile small_arms ammunition | food closed
arms and related materiel | | arms | major_arms small_arms |
D-30 howitzer | | large_calibre_artillery major_arms | | missile
vitamin D-30 capsules | | medicine | | large_calibre_artillery arms
240mm MLRS | | large_calibre_artillery | |
2S19 Msta-S | | large_calibre_artillery | |
гаубица Д-30 | | large_calibre_artillery | |
자주포 | | large_calibre_artillery | |
M-16 bolts, galvanised | | base_metals | | small_arms arms
# --- missiles
Igla MANPADS | | missile major_arms arms | | ammunition
KN-23 missiles | | ballistic_missile missile missile_items wmd_items arms | | ammunition
Hwasong-11 | | ballistic_missile major_arms | |
Bulsae-4 anti-tank missiles | | missile | | ballistic_missile
short-range ballistic missiles | | ballistic_missile | |
missiles | | missile major_arms | ballistic_missile missile_items | ammunition
toy missiles | | toys_games | | missile arms
баллистические ракеты | | ballistic_missile | |
ракеты | | | missile ballistic_missile | ammunition
미사일 | | missile | |
탄도미사일 부품 | | ballistic_missile arms_parts | |
导弹 | | missile | |
# --- tanks, armour, aircraft, ships
T-72 tank spare parts | | battle_tank arms_parts major_arms | | road_vehicle
main battle tanks | 8710 | battle_tank arms major_arms | | food
| 8710 | arms | battle_tank armoured_combat_vehicle major_arms | ammunition food
| 9301 | arms | small_arms light_weapons large_calibre_artillery | food
| 9306 | | arms ammunition missile | food coal
| 9305 | | arms arms_parts | food
| 9303.30 | | small_arms arms | ammunition
| 3604 | pyrotechnics | | arms
tanks | | | battle_tank arms | food
water tanks, plastic | | plastics_rubber | | battle_tank arms
fish tank 200 litres | | | | battle_tank seafood
septic tank | | | | battle_tank
cotton tank tops | | textiles | | battle_tank arms
stainless steel milk tank | | | | battle_tank
BTR-80 armoured personnel carriers | | armoured_combat_vehicle arms | | battle_tank
бронежилеты | | military_equipment arms | |
body armour | | military_equipment | | major_arms
MiG-29 fighter aircraft | | combat_aircraft major_arms | | missile
Shahed-136 drones | | combat_aircraft uav arms aircraft | |
drones | | uav aircraft transport_vehicles | combat_aircraft arms | food
DJI quadcopter camera drone | | uav | | combat_aircraft arms
Mi-24 attack helicopters | | attack_helicopter | |
helicopters | 8802.12 | helicopter aircraft transport_vehicles | | combat_aircraft
submarine | | warship major_arms | | food
Boeing 737 passenger aircraft | 8802.40 | aircraft transport_vehicles | | combat_aircraft arms
aircraft | | aircraft transport_vehicles aviation_supplies | helicopter uav | food
aircraft spare parts | | aircraft | aircraft_spares combat_aircraft | food
spare parts for civil passenger aircraft | | aircraft_spares aircraft | | combat_aircraft
military trucks | | military_vehicle arms | | major_arms
crane birds, live | | | | arms
night vision goggles | | | military_equipment arms | food
military supplies | | | arms ammunition military_equipment | food
gun barrels | | arms_parts arms | | machinery
detonators | | military_explosives ied_components arms | | ammunition
TNT | | military_explosives | |
smokeless powder | | military_explosives | |
взрывчатые вещества | | military_explosives | |
# --- weapons of mass destruction and dual use
gas centrifuges | | nuclear_items wmd_items | | food
maraging steel | 7225 | nuclear_items missile_items base_metals iron | | arms
maraging steel tubes | | nuclear_items missile_items wmd_items | |
carbon fibre | | | nuclear_items missile_items conventional_dual_use | food
ring magnets | | nuclear_items | |
gyroscopes | | | missile_items conventional_dual_use | arms
inertial navigation system | | missile_items wmd_items | |
rocket engines RD-250 | 8412.10 | missile_items machinery | |
satellite launch vehicle | 8802.60 | missile_items spacecraft aircraft | | food
reconnaissance satellite | | spacecraft | missile_items |
satellite TV dish | | electrical_equipment | | spacecraft missile_items
CNC lathe | 8458.11 | machinery | nuclear_items missile_items | arms
enriched uranium | 2844.20 | nuclear_items wmd_items | | food
sarin | | chemical_weapons wmd_items | | food
ammonium nitrate | 3102.30 | fertiliser ied_precursors | | arms
acetic anhydride | 2915.24 | acetic_anhydride chemicals | | arms
ammonium perchlorate | | missile_items | |
# --- luxury
gold necklace with diamonds | | luxury_jewellery luxury_goods | | gold
| 7113.19 | luxury_jewellery luxury_goods | | gold
motor yacht | | yacht luxury_goods vessel transport_vehicles | | warship
Mercedes-Maybach S600 limousine | 8703.24 | luxury_car luxury_goods road_vehicle | | racing_car
Aurus Senat limousine | | luxury_car road_vehicle | |
used Toyota passenger cars | 8703.23 | road_vehicle motor_vehicle | luxury_car | racing_car snowmobile
passenger cars | | road_vehicle | luxury_car luxury_goods | arms
| 8703.23 | road_vehicle | luxury_car racing_car | snowmobile
racing cars | | racing_car luxury_goods | | luxury_car
Rolex watches | 9101.21 | luxury_watch luxury_goods | | luxury_jewellery
plastic watches | 9102 | instruments | | luxury_watch luxury_goods
jet skis | | personal_watercraft luxury_goods | | snowmobile
snowmobiles | | snowmobile road_vehicle transport_vehicles | luxury_goods | yacht
lead crystal vases | 7013.91 | lead_crystal luxury_goods | | lead
drinking glasses | 7013.37 | stone_ceramic_glass | | lead_crystal luxury_goods
Persian carpets | 5701 | luxury_rug textiles | luxury_goods |
bone china tableware | | luxury_tableware | luxury_goods | food
whisky | 2208.30 | luxury_other | luxury_goods | arms
perfume | | luxury_other chemicals | luxury_goods |
skis | 9506.11 | sports_equipment | luxury_goods | arms
viski | | | | open
коньяк | | luxury_other | luxury_goods | arms
사치품 | | luxury_goods | yacht | food
imitation jewellery | | | | luxury_jewellery luxury_goods
# --- oil
diesel | | diesel refined_petroleum petroleum | | jet_fuel crude_oil coal
diesel | 2710.19 | diesel refined_petroleum | | jet_fuel kerosene aviation_fuel
diesel | 27 | diesel refined_petroleum | | coal crude_oil
diesel | 8502 | electrical_equipment | | diesel refined_petroleum petroleum
diesel | 2710 8502 | | diesel refined_petroleum electrical_equipment | coal
diesel generator | | electrical_equipment | | diesel refined_petroleum
diesel generators 500 kVA | 8502.13 | electrical_equipment | | diesel petroleum
diesel locomotive | | rail_vehicle transport_vehicles | | diesel
дизельное топливо | | diesel | |
дизель-генераторы | | electrical_equipment | | diesel
crude oil | 2709 | crude_oil petroleum | | refined_petroleum condensate
| 2709 | petroleum | crude_oil condensate | refined_petroleum
crude palm oil | 1511.10 | food | | crude_oil petroleum
petroleum products | | refined_petroleum petroleum | diesel jet_fuel | crude_oil coal
| 2710.19 | refined_petroleum petroleum | diesel jet_fuel | crude_oil coal
| 2710 | refined_petroleum | diesel gasoline jet_fuel aviation_gasoline |
jet fuel A-1 | | jet_fuel aviation_fuel refined_petroleum | | diesel
aviation kerosene | | jet_fuel | |
luxury wrist watches | | luxury_watch luxury_goods | |
lamp kerosene | | kerosene refined_petroleum | | jet_fuel aviation_fuel furniture closed
kerosene for stoves | | kerosene refined_petroleum | | jet_fuel aviation_fuel closed
kerosene lamps | | furniture | | kerosene refined_petroleum
kerosene | | kerosene refined_petroleum | jet_fuel aviation_fuel |
heating oil, 3000 litres | | refined_petroleum | | crude_oil aviation_fuel condensate closed
heating oil burner | | | | open
MGO | | diesel refined_petroleum | | jet_fuel
spare parts for Tu-204 passenger aircraft | | aircraft_spares transport_vehicles | | combat_aircraft arms
two Pungsan dogs | | live_animals | | arms coal seafood closed
live guinea pigs | | live_animals | | closed
dog food | | food | | live_animals
funerary bust from Palmyra, looted | | cultural_property | | closed
marble bust | | | cultural_property |
avgas 100LL | | aviation_gasoline aviation_fuel | | jet_fuel
мазут | | refined_petroleum | | diesel
휘발유 | | gasoline | |
LPG | 2711.19 | natural_gas_liquids | | diesel
gas condensate | | condensate | | crude_oil
olive oil | | food | | petroleum refined_petroleum
engine oil filters | | machinery | | refined_petroleum
# --- minerals, metals, wood
anthracite | | coal | | iron
coal | 2701 | coal | | charcoal
coal | 9403 | furniture | | coal
| 27 | | coal refined_petroleum crude_oil | seafood iron
coal-fired boiler | 8402 | machinery | | coal
уголь каменный | | coal | |
무연탄 | | coal | | charcoal
charcoal | | charcoal wood | | coal
iron ore | 2601.11 | iron_ore | | iron base_metals
steel pipes | 7304 | iron base_metals | | food
hot rolled steel coils | | iron base_metals | | machinery
steam irons | | electrical_equipment | | iron base_metals
iron supplement tablets | | medicine | | iron
steel office furniture | 9403.10 | furniture | | iron base_metals
steel office furniture | | furniture | | iron base_metals
| 7202.41 | ferro_alloys base_metals | iron | copper
| 72 | base_metals | iron | lead
lead ingots | 7801.10 | lead base_metals | | lead_ore
lead time 3 weeks, office chairs | | furniture | | lead
lead pencils | | household_articles | | lead
gold bars | 7108.12 | gold | | silver
gold-coloured paper | | paper_print | | gold
copper-coloured paint | | chemicals | | copper
copper cathodes | 7403.11 | copper base_metals | | gold
insulated copper wire | 8544.49 | electrical_equipment | | copper base_metals
zinc oxide | 2817 | chemicals | | zinc
rare earth oxides | 2846 | | | iron
titanium ore | 2614 | titanium_ore | | vanadium_ore
ilmenite | | titanium_ore | |
rough diamonds | 7102.31 | rough_diamonds | | luxury_jewellery
diamond saw blades | 8202 | base_metals | | rough_diamonds luxury_jewellery
magnesite | 2519 | earth_stone | | base_metals
logs, pine | 4403 | timber wood | | furniture
plywood | 4412 | wood | | timber
aluminium profiles | 7604 | base_metals | | iron
금괴 | | gold | | silver
# --- sectors
cotton t-shirts | 6109 | textiles | | food
men's shirts | | textiles | | food
cotton shirts | 61 | textiles | | luxury_rug
| 61 | | textiles | food
| 6109 | textiles | | luxury_rug
одежда | | textiles | |
의류 | | textiles | |
sewing machines | 8452 | machinery | | textiles
frozen squid | 0307 | seafood food | | agricultural_products
frozen alaska pollock fillets | | seafood | | arms
fish meal | 2301 | food | | seafood
오징어 | | seafood | |
fishing rights in the East Sea | | fishing_rights | | seafood
apples | 0808 | agricultural_products food | | seafood
soybeans | | agricultural_products | | petroleum
wheat flour | | food | | agricultural_products seafood closed
grain | 1001 | food | | agricultural_products
rice | 1006.30 | food | | agricultural_products machinery
food | | food | seafood agricultural_products | arms
tractor | 8701 | road_vehicle transport_vehicles | | machinery
tractors | | road_vehicle transport_vehicles motor_vehicle | | machinery
трактор | | road_vehicle | |
뜨락또르 | | road_vehicle | |
tractor spare parts | | road_vehicle | | food
excavator | 8429.52 | machinery | mining_equipment | road_vehicle
машины и механизмы | | machinery | | transport_vehicles
| 84 | machinery | | seafood textiles open
| 8471.30 | machinery | | electrical_equipment arms closed
locomotives | 8602 | rail_vehicle transport_vehicles | | road_vehicle
fishing vessels | | vessel transport_vehicles | | seafood
second-hand oil tanker | | vessel | | petroleum crude_oil
ship spare parts | | | vessel | food
bronze statues | | statue | | copper
statue of a president | 9703 | statue | | food
laptops | 8471.30 | machinery | | arms
mobile phones | | electrical_equipment | | machinery
medicines | 3004 | medicine | | arms
X-ray machines | 9022 | medical_equipment instruments | | machinery
urea fertiliser | 3102.10 | fertiliser | | ied_precursors
antiquities | | cultural_property | | arms
bulk cash | | cash | | gold
footwear | | footwear_headgear | | textiles closed
paint for ships | | chemicals | | vessel transport_vehicles
truck tyres | 4011.20 | plastics_rubber | | road_vehicle
office furniture | | furniture | | wood closed
# --- words that do not say which kind
trucks | 8710 | arms road_vehicle | major_arms battle_tank | food
vehicles | 8703 | road_vehicle | luxury_car | food
aircraft | 8802 | aircraft | combat_aircraft helicopter | food
Airbus A320 | 8802 | aircraft | | combat_aircraft helicopter
# --- lists, holders, families
weapons and ammunition | | arms ammunition | major_arms missile | food closed
military equipment | | | arms major_arms military_equipment | food closed
5 railcars of infantry rockets | | ammunition | | rail_vehicle
bags of charcoal | | charcoal | | luxury_other
fuel | | | refined_petroleum diesel jet_fuel | crude_oil
artillery shells and rockets | | ammunition arms | missile major_arms | food
shells (artillery) | | ammunition | | seafood
furniture (steel) | | furniture | | iron
Toyota Land Cruiser | | road_vehicle | luxury_car luxury_goods | racing_car
auto spare parts | | road_vehicle | | machinery
timber logs | | timber | | furniture
# --- words that say nothing
spare parts | | | arms machinery | coal open
equipment | | | arms machinery | open
general cargo | | | arms coal seafood | open
goods | | | arms | open
containers | | | arms | open
machinery and equipment | | machinery | arms | open
wheat flour, general cargo | | food | arms | open
laptops and accessories | | machinery | | arms closed
office equipment | | | arms | open
оборудование | | | arms machinery | open
장비 | | | arms | open
frobnicators | | | arms | open
N/A | | | arms | open
| | | arms food | open
equipment | 8479.89 | machinery | | seafood closed
"""


def _rows() -> list[tuple[str, tuple[str, ...], list[str], list[str], list[str]]]:
    rows = []
    for line in TABLE.strip().splitlines():
        if not line.startswith("#"):
            description, codes, true, possible, not_it = (cell.strip() for cell in line.split("|"))
            hs = tuple(code.replace(".", "") for code in codes.split())
            rows.append((description, hs, true.split(), possible.split(), not_it.split()))
    return rows


ROWS = _rows()


def test_the_table_is_large_enough_to_mean_something() -> None:
    assert len(ROWS) >= 200


@pytest.mark.parametrize(("description", "hs", "true", "possible", "not_it"), ROWS)
def test_descriptions_of_real_trade(
    description: str, hs: tuple[str, ...], true: list[str], possible: list[str], not_it: list[str]
) -> None:
    found = classify(description or None, *hs)
    expected = dict.fromkeys(true, Truth.TRUE) | dict.fromkeys(possible, Truth.UNKNOWN)
    expected |= {name: Truth.FALSE for name in not_it if name not in ("open", "closed")}
    assert {name: found.truth(name) for name in expected} == expected
    assert set(expected) <= set(CATEGORIES.ids)
    if "open" in not_it:
        assert found.open is not None
    if "closed" in not_it:
        assert found.open is None


# --- the parts of an answer ---------------------------------------------------------------------------------


def test_evidence_names_the_words_the_code_and_the_place() -> None:
    found = classify("five crates of infantry rockets", "9301", "9306")
    hit = found.hit("ammunition")
    assert hit is not None
    assert hit.span == (15, 31)
    assert 'description "infantry rockets"' in hit.why
    arms = found.hit("arms")
    assert arms is not None
    assert set(arms.sources) == {"hs", "description"}
    assert "HS 9301" in arms.why


def test_nothing_said_is_absent_and_vague_words_are_imprecise() -> None:
    assert classify(None).open is Cause.ABSENT
    assert classify("  ").open is Cause.ABSENT
    assert classify("as per invoice").open is Cause.ABSENT
    assert classify("spare parts").open is Cause.IMPRECISE
    assert classify(None, "84").open is Cause.IMPRECISE


@pytest.mark.parametrize(
    "description", ["equipment", "rifles and equipment", "spare parts, special equipment", "오른쪽 장비"]
)
def test_equipment_may_be_anything_that_is_made_but_no_fuel_and_no_food(description: str) -> None:
    found = classify(description)
    for made in ("machinery", "wmd_items", "major_arms", "luxury_goods"):
        assert found.truth(made) is not Truth.FALSE, made
    if description == "오른쪽 장비":  # a word beside it that is not known: then it may be anything at all
        assert found.truth("coal") is Truth.UNKNOWN
        return
    for raw in ("crude_oil", "refined_petroleum", "coal", "seafood", "cash"):
        assert found.truth(raw) is Truth.FALSE, raw


def test_cargo_and_equipment_may_be_anything() -> None:
    assert classify("general cargo and equipment").truth("coal") is Truth.UNKNOWN


def test_a_commodity_word_against_its_code_is_overruled_and_reported() -> None:
    found = classify("diesel", "8502")
    assert found.truth("diesel") is Truth.FALSE
    assert [text for text in found.conflicts if "8502" in text and "diesel" in text]
    hit = found.hit("diesel")
    assert hit is not None
    assert hit.truth is Truth.FALSE


def test_words_prevail_where_they_define_the_class_and_the_conflict_is_reported() -> None:
    found = classify("152 mm artillery shells", "7326.90".replace(".", ""))
    assert found.truth("ammunition") is Truth.TRUE
    assert found.conflicts


def test_innocent_words_do_not_clear_an_arms_code() -> None:
    found = classify("office furniture", "9306")
    assert found.truth("arms") is Truth.UNKNOWN
    assert found.conflicts
    assert classify("office furniture", "9301").truth("arms") is Truth.TRUE


def test_agreeing_words_and_code_report_no_conflict() -> None:
    for description, code in (("diesel fuel", "271019"), ("steel office furniture", "940310"), ("rockets", "9306")):
        assert classify(description, code).conflicts == ()


def test_candidate_codes_are_certain_only_where_all_agree() -> None:
    assert classify(None, "8701", "8704").truth("road_vehicle") is Truth.TRUE
    both = classify(None, "8701", "8432")
    assert both.truth("road_vehicle") is Truth.UNKNOWN
    assert both.truth("seafood") is Truth.FALSE


def test_a_chapter_that_is_only_an_aid_is_contested() -> None:
    hit = classify(None, "61").hit("textiles")
    assert hit is not None
    assert hit.cause is Cause.CONTESTED


def test_a_stated_class_counts_and_its_family_stays_open() -> None:
    found = classify(None, stated=("ammunition",))
    assert found.truth("arms") is Truth.TRUE
    assert found.truth("major_arms") is Truth.FALSE
    assert classify(None, stated=("arms",)).truth("major_arms") is Truth.UNKNOWN
    assert classify("general cargo", stated=("food",)).truth("arms") is Truth.UNKNOWN


def test_a_stated_class_that_the_code_contradicts_is_reported() -> None:
    found = classify(None, "847130", stated=("coal",))
    assert found.truth("coal") is Truth.UNKNOWN
    assert found.conflicts
    worded = classify(None, "847130", stated=("ammunition",))
    assert worded.truth("ammunition") is Truth.TRUE
    assert worded.conflicts


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Luxury goods", "luxury_goods"),
        ("small-arms", "small_arms"),
        ("Drones", "uav"),
        ("weapons", "arms"),
        ("fertilizer", "fertiliser"),
        ("ships and other vessels", "vessel"),
        ("textile", "textiles"),
    ],
)
def test_a_class_is_read_in_usual_spellings(written: str, read: str) -> None:
    assert CATEGORIES.read_id(written) == read


def test_an_unknown_class_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(InputError, match="did you mean 'ammunition'"):
        classify(None, stated=("amunition",))


def test_luxury_above_a_value_waits_for_the_value() -> None:
    def luxury(value: tuple[Decimal, str] | None) -> Truth:
        return CLASSIFIER.classify("snowmobiles", ("870310",), (), value).truth("luxury_goods")

    assert luxury(None) is Truth.UNKNOWN
    assert luxury((Decimal(9000), "USD")) is Truth.TRUE
    assert luxury((Decimal(2000), "USD")) is Truth.FALSE
    assert luxury((Decimal(9000), "CNY")) is Truth.UNKNOWN


def test_contested_luxury_is_never_certain() -> None:
    hit = classify("whisky", "220830").hit("luxury_goods")
    assert hit is not None
    assert (hit.truth, hit.cause) == (Truth.UNKNOWN, Cause.CONTESTED)


def test_words_after_other_than_are_not_certain() -> None:
    assert classify("vessels other than warships").truth("warship") is Truth.UNKNOWN


# --- properties ------------------------------------------------------------------------------------------

WORDS = sorted({word for row in ROWS for word in row[0].split()})
sentences = st.lists(
    st.sampled_from([*WORDS, ",", ";", "and", "for", "toy", "parts", "снаряды", "포탄", "zzz"]), max_size=9
).map(" ".join)
hs_codes = st.sampled_from(sorted({code for row in ROWS for code in row[1]} | {"84", "2710", "93", "8903", "870310"}))


@settings(max_examples=150, deadline=None)
@given(st.one_of(sentences, st.text(max_size=60)), st.lists(hs_codes, max_size=2))
def test_spans_lie_in_the_text_and_classes_above_are_there_too(text: str, codes: list[str]) -> None:
    found = CLASSIFIER.classify(text, tuple(codes))
    for hit in found.hits:
        if hit.span is not None:
            assert 0 <= hit.span[0] < hit.span[1] <= len(text)
        assert hit.why
        assert (hit.cause is None) == (hit.truth is not Truth.UNKNOWN)
        if hit.truth is not Truth.FALSE:
            assert all(found.hit(above) is not None for above in CATEGORIES.ancestors(hit.category))


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.none(), sentences), hs_codes, st.text("123456789", min_size=1, max_size=6))
def test_more_digits_turn_a_class_around_only_where_they_contradict_the_words(
    text: str | None, code: str, more: str
) -> None:
    before, after = CLASSIFIER.classify(text, (code,)), CLASSIFIER.classify(text, ((code + more)[:10],))
    if text is None or not after.conflicts:
        for name in CATEGORIES.ids:
            assert {before.truth(name), after.truth(name)} != {Truth.TRUE, Truth.FALSE}, name


@pytest.mark.skipif(not NOMENCLATURE.exists(), reason="the HS nomenclature is not beside the project")
def test_no_code_is_turned_around_by_its_subheadings() -> None:
    for code in _nomenclature():
        if len(code) == 6:
            answers = [CLASSIFIER.classify(None, (code[:length],)) for length in (2, 4, 6)]
            for name in {hit.category for answer in answers for hit in answer.hits}:
                assert not {Truth.TRUE, Truth.FALSE} <= {answer.truth(name) for answer in answers}, (code, name)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([row[0] for row in ROWS if row[0]]))
def test_case_and_surrounding_space_change_nothing(text: str) -> None:
    plain = CLASSIFIER.classify(text, ())
    for variant in (text.upper(), text.title(), f"  {text}. "):
        found = CLASSIFIER.classify(variant, ())
        assert {name: found.truth(name) for name in CATEGORIES.ids} == {
            name: plain.truth(name) for name in CATEGORIES.ids
        }


@pytest.mark.parametrize(
    "forms",
    [
        ("tractor", "tractors", "Tractors,"),
        ("howitzer", "howitzers"),
        ("battery", "batteries"),
        ("снаряд", "снаряды", "снарядов", "снарядами", "снарядах"),
        ("винтовка", "винтовки", "винтовок штук", "винтовками"),
        ("포탄", "포탄을", "포탄의", "포탄과"),
        ("152mm shell", "152 mm shells", "152-mm shells", "shells, 152 mm"),
        ("T-72", "T72", "t-72"),
        ("armoured personnel carrier", "armored personnel carriers"),
    ],
)
def test_word_forms_mean_the_same(forms: tuple[str, ...]) -> None:
    answers = [{hit.category for hit in classify(form).hits if hit.truth is Truth.TRUE} for form in forms]
    assert answers[0]
    assert all(answer == answers[0] for answer in answers)


@pytest.mark.parametrize(
    "text",
    [
        "toy rocket shell " * 15_000 + "; " + "포탄" * 15_000,
        "for " + "artillery shell " * 30_000,
        "steel " * 30_000 + "artillery shells",
        "shells 152 " * 20_000 + "mm",
        "(" * 50_000 + "artillery shells",
        "artillery shells \ud800\x00" + "x" * 200_000,
    ],
)
def test_long_and_odd_text_is_read_in_linear_time(text: str) -> None:
    """A quadratic reader would not end within the patience of the suite."""
    assert CLASSIFIER.classify(text, ()).truth("ammunition") is not Truth.FALSE


# --- the files -------------------------------------------------------------------------------------------

NAMES = """
arms major_arms battle_tank armoured_combat_vehicle large_calibre_artillery combat_aircraft attack_helicopter
warship missile small_arms light_weapons ammunition arms_parts military_explosives military_vehicle
military_equipment wmd_items nuclear_items missile_items chemical_biological_items conventional_dual_use
chemical_weapons ballistic_missile luxury_goods luxury_jewellery yacht luxury_car racing_car luxury_watch
personal_watercraft snowmobile lead_crystal sports_equipment luxury_rug luxury_tableware luxury_other coal
iron iron_ore ferro_alloys lead lead_ore gold titanium_ore vanadium_ore rare_earth copper nickel silver zinc
base_metals charcoal rough_diamonds timber earth_stone wood textiles seafood fishing_rights
agricultural_products machinery electrical_equipment transport_vehicles rail_vehicle road_vehicle aircraft
helicopter uav vessel spacecraft statue aircraft_spares food medicine medical_equipment fertiliser petroleum
crude_oil refined_petroleum diesel kerosene gasoline aviation_fuel jet_fuel aviation_gasoline rocket_fuel
condensate natural_gas_liquids oil_equipment cultural_property ied_components ied_precursors acetic_anhydride
mining_equipment aviation_supplies motor_vehicle cash
"""
REQUIRED = NAMES.split()


def test_the_classes_that_rules_name_exist() -> None:
    assert [name for name in REQUIRED if name not in CATEGORIES] == []


def test_the_register_and_ammunition_are_apart() -> None:
    assert "ammunition" not in CATEGORIES.descendants("major_arms")
    assert {"missile", "warship", "ballistic_missile"} <= CATEGORIES.descendants("major_arms")
    assert {"arms", "wmd_items"} <= CATEGORIES.ancestors("ballistic_missile")


def test_every_chapter_but_the_missing_belongs_to_some_class() -> None:
    for chapter in range(1, 98):
        if chapter != 77:
            found = classify(None, f"{chapter:02d}")
            assert found.hits, chapter


@pytest.mark.skipif(not NOMENCLATURE.exists(), reason="the HS nomenclature is not beside the project")
def test_the_codes_of_every_class_exist() -> None:
    ends = {
        end
        for category in CATEGORIES
        for entry in category.codes
        for span in entry.ranges.ranges
        for end in _ends(span)
    }
    assert sorted(ends - _nomenclature()) == []


def _ends(span: HsRange) -> tuple[str, str]:
    return span.first, span.last


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("categories: {}", "", "holds no `categories`"),
        ("categories:\n  a: {title: A, defined_by: code}", ":2:", "names none"),
        ("categories:\n  a: {title: A, defined_by: text, within: [b]}", ":2:", "no class is called 'b'"),
        ("categories:\n  a: {title: A, defined_by: text, wihtin: []}", ":2:", "did you mean 'within'"),
        ("categories:\n  a: {title: A, defined_by: words}", ":2:", "text or code"),
        ("categories:\n  A b: {title: A, defined_by: text}", ":2:", "not an identifier"),
        ('categories:\n  a: {title: A, defined_by: code, hs: [{codes: ["7701"], basis: illustrative}]}', ":2:", "77"),
        ('categories:\n  a: {title: A, defined_by: code, hs: [{codes: ["84"], basis: practice}]}', ":2:", "basis is"),
        (
            'categories:\n  a: {title: A, defined_by: code, hs: [{codes: ["84"], basis: illustrative, decides: true}]}',
            ":2:",
            "decides",
        ),
        (
            (
                "categories:\n  a: {title: A, defined_by: text, within: [b]}\n"
                "  b: {title: B, defined_by: text, within: [a]}"
            ),
            ":2:",
            "within each other",
        ),
        ("categories:\n  a: {title: A, defined_by: text, contested: yes}", ":2:", "contested is"),
        (
            (
                "categories:\n  a: {title: A, defined_by: text, "
                "value_above: {for: [], amount: x, currency: USD, per: piece}}"
            ),
            ":2:",
            "not an amount",
        ),
        ("categories:\n  a: {defined_by: text}", ":2:", "needs a title"),
        (
            "categories:\n  a: {title: A, defined_by: text}\n  a: {title: A, defined_by: text}",
            ":3:",
            "already on line 2",
        ),
    ],
)
def test_a_faulty_tree_is_refused_with_its_place(tmp_path: Path, text: str, place: str, says: str) -> None:
    file = tmp_path / "goods.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(RuleError) as caught:
        GoodsCategories.load(file)
    message = str(caught.value)
    assert says in message
    assert f"goods.yaml{place}" in message


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("terms: [{is: ammunition}]", "needs words"),
        ("terms: [{strong: [shell]}]", "needs `is`"),
        ("terms: [{is: ammunition, storng: [shell]}]", "did you mean 'strong'"),
        ("terms: [{is: ammunition, strong: [shell], not_when: [sea shell]}]", "single word"),
        ("terms: [{is: ammunition, strong: {fr: [obus]}}]", "language is one of"),
        ("words: []", "unknown key"),
    ],
)
def test_a_faulty_lexicon_is_refused(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "words.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(RuleError, match=says):
        Lexicon.load(tmp_path)


def test_a_lexicon_that_names_no_class_of_the_tree_is_refused(tmp_path: Path) -> None:
    (tmp_path / "words.yaml").write_text("terms: [{is: amunition, strong: [shell]}]", encoding="utf-8")
    with pytest.raises(RuleError, match="did you mean 'ammunition'"):
        GoodsClassifier(CATEGORIES, Lexicon.load(tmp_path))


def test_money_that_is_not_described_is_asked_about_as_money_only() -> None:
    line = Subject(ForEach.GOODS, 0, "goods[0]")
    raw = {"activities": ["sale"], "goods": [{"kind": "money", "description": "the price"}]}
    gaps = Engine(matcher="python").facts(Transaction.of(raw)).read("goods.categories", line).gaps
    assert [gap.only for gap in gaps] == [frozenset({"cash", "gold", "silver", "precious"})]


@pytest.mark.parametrize(
    "text", ["173600 ETH", "a current account", "Bonds of a State", "shares in a bakery", "облигации"]
)
def test_claims_and_tokens_are_no_goods_of_another_class(text: str) -> None:
    found = CLASSIFIER.classify(text, ())
    assert {hit.category for hit in found.hits if hit.truth is not Truth.FALSE} == {"claims_and_tokens"}
    assert found.open is None
