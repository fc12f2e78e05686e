"""What a goods line is: its words, its code and what the user states, alone and together."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanctions_engine.errors import InputError, RuleError
from sanctions_engine.intake.goods import Classification, GoodsCategories, GoodsClassifier
from sanctions_engine.intake.hs import HsRange
from sanctions_engine.intake.lexicon import Lexicon
from sanctions_engine.truth import Cause, Truth

ROOT = Path(__file__).parents[1]
CATEGORIES = GoodsCategories.load(ROOT / "rules/un/goods.yaml")
CLASSIFIER = GoodsClassifier(CATEGORIES)


def classify(description: str | None, *hs: str, stated: tuple[str, ...] = ()) -> Classification:
    return CLASSIFIER.classify(description, hs, stated)


# description | codes, one of which is right | certain | possible | not
# "closed" among the words of the last column: nothing else is possible. "open": everything else still is.
TABLE = """
# --- ammunition
infantry rockets | 9301 9306 | arms ammunition | missile | food closed
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
pistols | | | small_arms arms | major_arms
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
| 2709 | crude_oil petroleum | condensate | refined_petroleum
crude palm oil | 1511.10 | food | | crude_oil petroleum
petroleum products | | refined_petroleum petroleum | diesel jet_fuel | crude_oil coal
| 2710.19 | refined_petroleum petroleum | diesel jet_fuel | crude_oil coal
| 2710 | refined_petroleum | diesel gasoline jet_fuel aviation_gasoline |
jet fuel A-1 | | jet_fuel aviation_fuel refined_petroleum | | diesel
aviation kerosene | | jet_fuel | |
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
# --- words that say nothing
spare parts | | | arms machinery coal | open
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
    expected = {name: Truth.TRUE for name in true} | {name: Truth.UNKNOWN for name in possible}
    expected |= {name: Truth.FALSE for name in not_it if name not in ("open", "closed")}
    assert {name: found.truth(name) for name in expected} == expected
    assert set(expected) <= set(CATEGORIES.ids)
    if "open" in not_it:
        assert found.open is not None
    if "closed" in not_it:
        assert found.open is None
