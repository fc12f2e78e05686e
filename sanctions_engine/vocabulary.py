"""The controlled words of a transaction: activities with their frames, roles, kinds, units.

Each word is canonical and has the usual synonyms; a word that is neither is an error with the nearest
known one (design, section 4). An activity's *frame* says which slots it must have: an unfilled slot is a
missing fact, what lies outside the frame is assumed none (design, section 3).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from sanctions_engine.errors import InputError, did_you_mean

__all__ = [
    "ACTIVITIES",
    "ACTIVITY_GROUPS",
    "CIRCUMSTANCES",
    "FRAMES",
    "GROUNDS",
    "PARTY_KINDS",
    "PURPOSES",
    "RED_FLAGS",
    "ROLES",
    "SUBJECTS",
    "SUSPICIONS",
    "UNITS",
    "VESSEL_ROLES",
    "Frame",
    "Vocabulary",
]


class Vocabulary:
    """A closed set of words, each with its synonyms.

    Args:
        what: What the words name, for error messages ("role").
        words: Canonical word to synonyms. Case, spaces, hyphens and plural "s" do not matter.
    """

    def __init__(self, what: str, words: Mapping[str, Iterable[str]]) -> None:
        self.what = what
        self.words: tuple[str, ...] = tuple(words)
        self._canonical: dict[str, str] = {}
        for word, synonyms in words.items():
            for spelling in (word, *synonyms):
                key = _key(spelling)
                if self._canonical.setdefault(key, word) != word:
                    msg = f"{what} {spelling!r} stands for both {self._canonical[key]!r} and {word!r}"
                    raise ValueError(msg)

    def read(self, text: str) -> str:
        """Return the canonical word.

        Raises:
            InputError: The word is not known; the message names the nearest one.
        """
        word = self.find(text)
        if word is None:
            hint = (
                did_you_mean(text.replace("_", " "), list(self._canonical))
                or f"; known: {', '.join(self.words[:12])} …"
            )
            raise InputError(f"unknown {self.what} {text[:80]!r}{hint}")
        return word

    def find(self, text: str) -> str | None:
        """Return the canonical word, or None where the text is not one of ours."""
        key = _key(text)
        return self._canonical.get(key) or self._canonical.get(key.removesuffix("s"))

    def within(self, text: str) -> tuple[frozenset[str], str]:
        """Return the canonical words that stand in a longer text, the longest spellings first, and what is left of it.

        Only whole words count: a "carpark" is no park. What is left is folded.
        """
        tokens = _PARTS.findall(text.casefold())
        found: set[str] = set()
        left: list[str] = []
        at = 0
        while at < len(tokens):
            for size in range(min(_LONGEST, len(tokens) - at), 0, -1):
                word = self.find(" ".join(tokens[at : at + size]))
                if word is not None:
                    found.add(word)
                    at += size
                    break
            else:
                left.append(tokens[at])
                at += 1
        return frozenset(found), " ".join(left)

    def __contains__(self, text: object) -> bool:
        return isinstance(text, str) and text in self.words


_PARTS = re.compile(r"[^\W_]+")
_LONGEST = 4
"""Words that a spelling has at most, of those looked for in a text."""


@lru_cache(maxsize=4096)
def _key(text: str) -> str:
    return re.sub(r"[\s_\-/]+", " ", text[:200]).strip().casefold()


ROLES = Vocabulary(
    "role",
    {
        "supplier": [
            "seller",
            "exporter",
            "shipper",
            "consignor",
            "donor",
            "giver",
            "manufacturer",
            "vendor",
            "producer",
        ],
        "recipient": [
            "buyer",
            "importer",
            "consignee",
            "customer",
            "beneficiary",
            "purchaser",
            "receiver",
            "trainee",
            "client",
        ],
        "end_user": ["final user", "ultimate consignee", "end-user"],
        "broker": ["agent", "intermediary", "facilitator", "middleman", "trader"],
        "carrier": [
            "forwarder",
            "freight forwarder",
            "transporter",
            "shipping line",
            "haulier",
            "airline carrier",
        ],
        "charterer": ["hirer"],
        "owner": ["registered owner", "beneficial owner", "shipowner"],
        "operator": ["manager", "ship manager", "technical manager"],
        "crew": ["master", "captain", "seafarer", "crew member"],
        "payer": ["debtor", "ordering customer", "remitter", "originator"],
        "payee": ["creditor", "beneficiary customer", "payment recipient"],
        "bank": [
            "financial institution",
            "correspondent",
            "clearing bank",
            "exchange",
            "virtual asset service provider",
        ],
        "lender": ["creditor bank", "grantor"],
        "insurer": ["reinsurer", "underwriter", "p&i club"],
        "insured": ["policyholder", "assured"],
        "investor": ["shareholder"],
        "partner": ["joint venture partner", "venture partner", "cooperative partner"],
        "employer": ["hiring company"],
        "worker": ["employee", "labourer", "laborer", "contract worker", "it worker", "freelancer"],
        "student": ["pupil", "researcher", "intern"],
        "host": ["inviting party", "host state", "host institution"],
        "visitor": ["guest", "delegate", "traveller", "traveler", "passenger", "official"],
        "service_provider": [
            "provider",
            "trainer",
            "instructor",
            "teacher",
            "adviser",
            "advisor",
            "consultant",
            "technician",
        ],
        "contractor": ["builder", "subcontractor"],
        "processor": ["refiner", "smelter", "assembler"],
        "port_operator": ["port", "terminal operator", "port authority", "harbour master"],
        "landlord": ["lessor"],
        "tenant": ["lessee", "renter"],
        "account_holder": ["account owner"],
        "courier": ["cash courier", "bearer"],
        "registry": ["flag registry", "ship registry", "flag administration", "classification society"],
    },
)


@dataclass(frozen=True, slots=True)
class Frame:
    """What an activity must have to be one, and how it lies in time.

    Args:
        group: The group a rule may name ("transfer").
        must: Roles somebody must play.
        givers: Roles from which goods, a service or money come.
        takers: Roles to which they go.
        goods: Whether it concerns goods lines. ``consignment``: all lines go together; ``about``: it
            concerns "the" line, so several unlinked lines are alternatives; ``none``.
        ends: Whether it goes from one place to another.
        vessel: Whether it must concern a vessel (or aircraft).
        subject: Whether it is about a field of knowledge or a class of items.
        continuing: Whether it goes on (employment) instead of happening once (a sale).
    """

    group: str
    must: tuple[str, ...] = ()
    givers: tuple[str, ...] = ()
    takers: tuple[str, ...] = ()
    goods: str = "none"
    ends: bool = False
    vessel: bool = False
    subject: bool = False
    continuing: bool = False


def _frame(group: str, must: str = "", *, consignment: bool = False, **changes: object) -> Frame:
    defaults: dict[str, dict[str, object]] = {
        "transfer": {
            "must": ("supplier", "recipient"),
            "givers": ("supplier", "processor", "landlord"),
            "takers": ("recipient", "end_user", "charterer", "tenant"),
            "goods": "consignment",
            "ends": True,
        },
        "carriage": {"givers": ("supplier",), "takers": ("recipient", "end_user", "charterer", "tenant")},
        "finance": {
            "givers": ("payer", "lender", "insurer", "investor"),
            "takers": ("payee", "account_holder", "insured", "recipient", "end_user"),
            "goods": "about",
        },
        "services": {
            "givers": ("service_provider", "supplier", "processor", "contractor"),
            "takers": ("recipient", "end_user", "student"),
            "goods": "about",
        },
        "relief": {"givers": ("supplier", "service_provider"), "takers": ("recipient", "end_user")},
        "official": {"givers": ("host",), "takers": ("visitor",)},
        "wrongdoing": {"goods": "about"},
    }
    values = {**defaults[group], **({"goods": "consignment", "ends": True} if consignment else {}), **changes}
    if must:
        values["must"] = tuple(must.split())
    return Frame(group=group, **values)  # type: ignore[arg-type]  # the table above holds each field's type


_ACTIVITIES: dict[str, tuple[Frame, str]] = {
    # transfer
    "supply": (_frame("transfer"), "delivery, provision of goods, export, supply of goods, provide"),
    "sale": (_frame("transfer"), "sell, resale, sold, selling, trade"),
    "transfer": (_frame("transfer"), "handover, re-export, reexport, transfer of goods, shipment"),
    "procurement": (_frame("transfer"), "purchase, import, buying, buy, acquisition, procure"),
    "gift": (_frame("transfer"), "donation, grant in kind, present"),
    "lease": (_frame("transfer"), "leasing, rental, loan of goods, hire"),
    "licensing": (_frame("transfer"), "technology licence, licence production"),
    "temporary_export": (_frame("transfer"), "temporary import, return after repair, exhibition loan"),
    "transit": (_frame("transfer"), ""),
    "transshipment": (_frame("transfer"), "trans-shipment, transhipment"),
    "diversion": (_frame("transfer"), ""),
    # carriage
    "transport": (
        _frame("carriage", consignment=True),
        "shipping, carriage, freight, haulage, carry, transportation",
    ),
    "storage": (_frame("carriage", consignment=True), "warehousing"),
    "ship_to_ship_transfer": (
        _frame("carriage", vessel=True, consignment=True),
        "sts, sts transfer, ship to ship",
    ),
    "chartering": (
        _frame("carriage", "charterer", vessel=True, continuing=True, givers=("owner", "supplier")),
        "charter, vessel charter",
    ),
    "crewing": (
        _frame(
            "carriage",
            vessel=True,
            continuing=True,
            givers=("supplier", "service_provider", "crew"),
            takers=("recipient", "operator", "owner"),
        ),
        "crew supply, manning",
    ),
    "flagging": (
        _frame("carriage", vessel=True, continuing=True),
        "vessel registration, ship registration, registration, reflagging",
    ),
    "classification": (
        _frame("carriage", vessel=True, continuing=True),
        "class certification, ship classification, certification",
    ),
    "bunkering": (_frame("carriage", vessel=True), "fuelling a ship, bunker supply"),
    "port_services": (_frame("carriage", vessel=True), "ship servicing, vessel services, pilotage, towage"),
    "port_call": (_frame("carriage", vessel=True), "port entry, berthing, docking"),
    "refuelling": (_frame("carriage"), "refueling, aircraft refuelling"),
    "overflight": (_frame("carriage"), ""),
    "landing": (_frame("carriage"), "take-off, aircraft landing"),
    "accommodation_of_vessel": (_frame("carriage", vessel=True), "harbouring, anchorage"),
    "vessel_sale": (
        _frame("carriage", "supplier recipient", vessel=True),
        "ship sale, sale of a vessel, vessel transfer",
    ),
    "seizure": (_frame("carriage", goods="consignment"), "impoundment, interdiction, seized"),
    "disposal": (_frame("carriage", goods="consignment"), "destruction of seized goods"),
    # finance
    "payment": (
        _frame("finance", "payer payee"),
        "pay, settlement, credit transfer, customer credit transfer",
    ),
    "bank_transfer": (_frame("finance", "payer payee"), "wire, wire transfer, clearing"),
    "financing": (
        _frame("finance", "lender recipient"),
        "loan, credit, grant, financial support, sponsorship",
    ),
    "export_credit": (
        _frame("finance", "lender recipient"),
        "trade finance, export guarantee, letter of credit, trade credit",
    ),
    "insurance": (
        _frame("finance", "insurer insured", continuing=True),
        "reinsurance, p&i cover, hull insurance",
    ),
    "bank_account": (_frame("finance", "bank account_holder", continuing=True), "account opening, account"),
    "correspondent_banking": (
        _frame("finance", "bank", continuing=True),
        "correspondent account, nostro account",
    ),
    "representative_office": (
        _frame("finance", "owner host", continuing=True),
        "bank branch, branch, subsidiary office, bank office",
    ),
    "bulk_cash": (_frame("finance", ""), "cash courier, cash carriage, cash"),
    "gold_transfer": (_frame("finance", ""), "gold courier, bullion transfer"),
    "remittance": (_frame("finance", "payer payee"), "money transfer"),
    "hawala": (_frame("finance", "payer payee"), "informal value transfer"),
    "crypto_transfer": (
        _frame("finance", "payer payee"),
        "cryptocurrency transfer, virtual asset transfer, token transfer",
    ),
    "investment": (_frame("finance", "investor partner", continuing=True), "equity purchase, share purchase"),
    "joint_venture": (
        _frame("finance", "partner", continuing=True),
        "cooperative entity, joint enterprise, equity joint venture",
    ),
    "company_formation": (_frame("finance", "owner", continuing=True), "incorporation"),
    "asset_dealing": (_frame("finance", "owner"), "dealing with assets, asset transfer, asset holding"),
    "asset_release": (_frame("finance", "owner"), "unfreezing, release of frozen assets"),
    # services
    "brokering": (_frame("services", "broker"), "brokerage, intermediation, facilitation"),
    "technical_assistance": (
        _frame("services", "service_provider recipient", subject=True),
        "technical advice, advice, know-how, technical help, technology transfer, technical cooperation",
    ),
    "maintenance": (
        _frame("services", "service_provider recipient", subject=True),
        "servicing, upkeep, overhaul, refurbishment",
    ),
    "repair": (_frame("services", "service_provider recipient", subject=True), "repairing"),
    "processing": (_frame("services", "processor"), "refining, assembly, outward processing"),
    "construction": (_frame("services", "contractor recipient", subject=True), "building works"),
    "it_services": (
        _frame("services", "service_provider recipient"),
        "software development, it work, remote it work",
    ),
    "teaching": (
        _frame("services", "student", subject=True, continuing=True),
        "specialised teaching, university teaching, course, study, lecture",
    ),
    "training": (
        _frame("services", "service_provider recipient", subject=True),
        "technical training, instruction, workshop training",
    ),
    "military_training": (_frame("services", "service_provider recipient"), "arms training, combat training"),
    "military_cooperation": (
        _frame("services", "service_provider recipient"),
        "mercenary services, armed mercenary personnel, military assistance",
    ),
    "police_training": (_frame("services", "service_provider recipient"), "paramilitary training"),
    "scientific_cooperation": (
        _frame("services", "partner", subject=True, continuing=True),
        "research cooperation, joint research, scientific exchange",
    ),
    "space_cooperation": (
        _frame("services", "service_provider recipient", subject=True, continuing=True),
        "satellite cooperation, launcher cooperation, launch cooperation",
    ),
    "testing": (_frame("services", subject=True), "weapons test, test, missile test, nuclear test"),
    "launch": (_frame("services", subject=True), "satellite launch, ballistic missile launch, rocket launch"),
    "weapons_use": (_frame("services", subject=True), "use of weapons, weapons deployment, attack"),
    "recruitment": (_frame("services", "worker"), "hiring, labour brokerage"),
    "employment": (_frame("services", "employer worker", continuing=True), "work, labour, hiring of workers"),
    "work_permit": (
        _frame("services", "worker", continuing=True),
        "work authorization, work authorisation, work visa",
    ),
    "representation": (_frame("services", continuing=True), "acting as representative, agency"),
    "commercial_activity": (_frame("services", continuing=True), "business activity, business"),
    "tourism": (_frame("services"), "tour, leisure travel"),
    "hosting": (
        _frame("services", continuing=True),
        "hosting trainers, accommodating persons, internet hosting",
    ),
    "rights_sale": (
        _frame("transfer", ends=False),
        "fishing rights, sale of fishing rights, transfer of fishing rights",
    ),
    # official and relief
    "talks": (_frame("official"), "meeting, summit, negotiation, conference, lunch, dinner, reception"),
    "visit": (_frame("official", "visitor"), "official visit, site visit, facility tour, guided tour"),
    "travel": (_frame("official", "visitor"), "entry, border crossing, flight of a person"),
    "diplomatic": (_frame("official"), "diplomatic activity, consular activity"),
    "humanitarian": (_frame("relief"), "aid, relief, humanitarian aid, humanitarian assistance"),
    "medical": (_frame("relief"), "medical care, medical exchange"),
    "cultural": (_frame("relief"), "sport, cultural exchange, concert"),
    # wrongdoing
    "theft": (_frame("wrongdoing"), "hacking, cyber theft, heist, cyberattack, ransomware, extortion"),
    "laundering": (_frame("wrongdoing"), "money laundering, mixing, chain hopping"),
    "false_origin": (_frame("wrongdoing"), "false certificate of origin, document fraud, mislabelling"),
}

FRAMES: Mapping[str, Frame] = MappingProxyType({word: frame for word, (frame, _) in _ACTIVITIES.items()})

ACTIVITIES = Vocabulary(
    "activity",
    {word: [s.strip() for s in synonyms.split(",") if s.strip()] for word, (_, synonyms) in _ACTIVITIES.items()},
)

# The design's groups, as a rule names them: $activities.transfer. "rights_sale" is a service there and has
# a transfer's frame, less the route: it moves a right from a supplier to a recipient.
_SERVICES_BY_NAME = ("rights_sale",)
ACTIVITY_GROUPS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        **{
            group: frozenset(w for w, f in FRAMES.items() if f.group == group and w not in _SERVICES_BY_NAME)
            for group in ("transfer", "carriage", "finance", "wrongdoing")
        },
        "services": frozenset(w for w, f in FRAMES.items() if f.group == "services" or w in _SERVICES_BY_NAME),
        "official_and_relief": frozenset(w for w, f in FRAMES.items() if f.group in ("official", "relief")),
        "official": frozenset(w for w, f in FRAMES.items() if f.group == "official"),
        "relief": frozenset(w for w, f in FRAMES.items() if f.group == "relief"),
    }
)

PARTY_KINDS = Vocabulary(
    "kind of party",
    {
        "ordinary": ["ordinary person or company", "private party"],
        "individual": ["person", "natural person"],
        "company": ["firm", "enterprise", "corporation", "trading company", "entity", "business"],
        "state_organ": [
            "ministry",
            "government",
            "state body",
            "government agency",
            "authority",
            "state enterprise",
        ],
        "armed_forces": ["military", "army", "navy", "air force", "military unit"],
        "police": ["security forces", "gendarmerie", "coast guard", "border guard"],
        "bank": ["financial institution", "exchange", "insurance company"],
        "diplomatic_mission": ["embassy", "consulate", "mission", "consular post"],
        "diplomat": ["consular officer", "diplomatic agent"],
        "airline": ["air carrier"],
        "un_body": [
            "un agency",
            "united nations",
            "international organization",
            "international organisation",
        ],
        "ngo": ["charity", "aid group", "non-governmental organisation", "humanitarian organisation"],
        "university": ["research institute", "school", "academy"],
        "private_military_company": ["pmc", "mercenary group", "private security company"],
        "armed_group": ["militia", "rebel group", "terrorist group", "gang", "insurgents"],
    },
)

VESSEL_ROLES = Vocabulary(
    "role of a vessel",
    {
        "carrier": ["carrying", "transporting"],
        "delivering": ["giving", "supplying", "discharging"],
        "receiving": ["taking"],
        "sold": ["transferred"],
        "chartered": ["leased"],
        "insured": [],
        "bunkered": ["serviced", "fuelled"],
        "classed": ["certified"],
        "registered": ["flagged"],
        "crewed": ["manned"],
        "port_caller": ["calling", "berthed"],
    },
)

PURPOSES = Vocabulary(
    "purpose",
    {
        "humanitarian": ["aid", "relief", "humanitarian aid", "basic needs"],
        "livelihood": ["exclusively livelihood", "civilian livelihood"],
        "medical": ["health", "medical treatment"],
        "diplomatic": ["consular", "diplomatic mission", "mission needs"],
        "basic_expenses": ["basic living expenses"],
        "extraordinary_expenses": [],
        "prior_judgment": ["prior lien", "judicial lien", "arbitral award"],
        "prior_contract": [],
        "interest_on_frozen_account": ["interest"],
        "judicial_process": ["court appearance"],
        "religious": ["pilgrimage", "hajj"],
        "peace_process": ["negotiation of peace", "reconciliation"],
        "safety": ["flight safety", "safety of navigation"],
        "inspection": [],
        "return_to_port": ["return to port of origination", "return home"],
        "un_mission": ["peacekeeping", "un operation", "authorised mission"],
        "government_authorised": ["authorised by the government"],
        "protective": ["protective clothing", "non-lethal protective equipment"],
        "media": ["journalism"],
        "denuclearization": ["denuclearisation"],
        "public_utility": ["non-commercial public utility", "infrastructure"],
        "un_headquarters": ["headquarters agreement"],
        "repatriation": ["sending home"],
        "commercial": ["profit", "trade"],
        "personal_use": ["private use"],
        "cultural": ["museum", "restitution"],
        "disarmament": ["weapons destruction", "ddr"],
        "training_of_government_forces": ["security sector reform"],
    },
)

CIRCUMSTANCES = Vocabulary(
    "circumstance",
    {
        "emergency": [],
        "distress": ["vessel in distress"],
        "force_majeure": ["force majeure"],
        "emergency_landing": [],
    },
)

GROUNDS = Vocabulary(
    "ground",
    {
        "could_contribute": ["programme contribution", "could contribute to prohibited programmes"],
        "prohibited_cargo": ["reasonable grounds of prohibited cargo"],
        "military_end_use": ["military use"],
        "evasion": ["sanctions evasion", "circumvention"],
        "programme_association": ["linked to the programmes"],
        "works_for_listed": ["acting for a listed party"],
        "ied_use": ["use in explosive devices"],
        "terrorist_use": ["terrorist purpose"],
        "proliferation_use": ["weapons of mass destruction use"],
        "refused_inspection": ["inspection refused"],
        "illegally_removed": ["looted", "illicit removal"],
    },
)

SUSPICIONS = Vocabulary(
    "suspicion",
    {
        "prohibited_transport": [
            "sanctions evasion",
            "transport of prohibited goods",
            "illicit transport",
            "arms transport",
        ],
        "ship_to_ship": ["illicit ship-to-ship transfer", "sts transfer"],
        "identity_tampering": ["false identity", "identity laundering", "imo tampering", "painted over imo"],
        "ais_manipulation": ["ais spoofing", "ais gap", "dark activity", "ais switched off"],
        "false_flag": ["false registry", "fraudulent registration"],
        "refused_inspection": ["inspection refused"],
    },
)

RED_FLAGS = Vocabulary(
    "red flag",
    {
        "sts_at_sea": ["vessels within 50 m", "draft change without port call", "ship to ship at night"],
        "ais_gap": ["gap in signal", "ais off", "static data mismatch"],
        "ais_spoofing": ["position jump", "duplicate mmsi"],
        "flag_hopping": ["many flags in a year", "false registry certificate"],
        "vessel_identity_mismatch": ["mismatch between hull and imo", "recycled name"],
        "vessel_buyer_without_fleet": ["buyer with no fleet", "sale below market"],
        "shared_address": ["shared director", "shared address or director"],
        "new_firm_large_deal": ["new firm, large deal"],
        "hidden_capital": ["dprk shareholder", "profit sent to pyongyang"],
        "vague_description": ["vague goods description", "weight and code mismatch"],
        "odd_origin_certificate": ["origin certificate from odd issuer"],
        "free_zone_transshipment": ["transshipment via free zone"],
        "short_stop": ["short stop between loading and final port", "barges"],
        "no_origin_proof": ["missing committee notice"],
        "military_depot": ["military depot destination", "military rail onward"],
        "military_shipping_operator": ["sanctioned military shipping operator"],
        "barter": ["petroleum deliveries in the same months", "arms paid in goods"],
        "attributed_intrusion": ["intrusion attributed to dprk units", "attributed hack"],
        "mixer_use": ["mixer", "tumbler", "chain hopping"],
        "new_exchange_accounts": [],
        "shared_accounts": ["borrowed identity", "payments to third persons"],
        "visa_mismatch": ["visa type mismatch", "employer withholds pay"],
        "many_mission_accounts": ["many accounts", "cash turnover above salary"],
        "mission_premises_let": ["hostel or event use", "rental income"],
        "frequent_short_trips": ["undeclared metal"],
        "third_port_transfer": ["transfer at a third port", "consignee shell firm"],
        "art_studio_link": ["mansudae link", "public art contract"],
        "arms_training_deal": ["hosting of advisers"],
        "rocket_plant_visits": ["design data flow"],
        "trading_house_end_user": ["end user is a trading house", "part specification above need"],
    },
)

# Fields of teaching and cooperation. Classes of items (goods categories) may stand in a subject too.
SUBJECTS = Vocabulary(
    "subject",
    {
        "advanced_physics": ["physics"],
        "advanced_computer_simulation": ["computer simulation", "simulation", "advanced computing"],
        "geospatial_navigation": ["navigation", "satellite navigation"],
        "nuclear_engineering": ["nuclear", "nuclear technology", "nuclear science", "nuclear physics"],
        "aerospace": ["aerospace engineering", "space technology", "satellites"],
        "aeronautics": ["aeronautical engineering", "aviation engineering"],
        "advanced_materials": ["materials science", "advanced materials science"],
        "advanced_chemical_engineering": ["chemical engineering"],
        "advanced_mechanical_engineering": ["mechanical engineering"],
        "advanced_electrical_engineering": ["electrical engineering"],
        "advanced_industrial_engineering": ["industrial engineering"],
        "advanced_manufacturing": ["manufacturing techniques", "cnc manufacturing"],
        "launch_vehicles": [
            "ballistic missile technology",
            "rocketry",
            "space launch",
            "satellite launch vehicle",
            "launchers",
            "space launch vehicle",
        ],
        "military": ["military affairs", "tactics"],
        "policing": ["police"],
        "medicine": ["medical science", "public health", "nursing"],
        "agriculture": ["agricultural science", "farming", "agronomy", "forestry", "fisheries"],
        "language": [
            "languages",
            "linguistics",
            "korean studies",
            "russian language",
            "english",
            "english language",
            "russian",
            "chinese",
            "chinese language",
            "french",
            "french language",
            "german",
            "german language",
            "korean language",
            "language teaching",
            "literature",
        ],
        "culture": ["arts", "music", "sport", "dance", "history", "football", "taekwondo"],
        "economics": ["business", "finance", "law"],
        "transport": ["railways", "roads"],
        "environment": ["meteorology", "climate"],
        "civil_works": [
            "civil construction",
            "civilian building",
            "apartment",
            "apartment building",
            "housing",
            "housing estate",
            "residential tower",
            "residential building",
            "house",
            "villa",
            "office building",
            "office tower",
            "hotel",
            "resort",
            "restaurant",
            "shop",
            "shopping centre",
            "shopping mall",
            "market",
            "school",
            "kindergarten",
            "university building",
            "library",
            "museum",
            "theatre",
            "stadium",
            "sports hall",
            "swimming pool",
            "park",
            "monument",
            "mausoleum",
            "church",
            "mosque",
            "temple",
            "hospital",
            "clinic",
            "health centre",
            "road",
            "highway",
            "bridge",
            "railway",
            "railway line",
            "railway station",
            "metro line",
            "dam",
            "canal",
            "irrigation",
            "reservoir",
            "well",
            "water works",
            "water treatment plant",
            "sewage plant",
            "waste treatment plant",
            "power plant",
            "power station",
            "hydropower plant",
            "solar plant",
            "solar park",
            "wind farm",
            "power line",
            "greenhouse",
            "grain silo",
            "farm",
            "cement plant",
            "cement factory",
            "brick factory",
            "textile factory",
            "garment factory",
            "shoe factory",
            "furniture factory",
            "food factory",
            "food processing plant",
            "bakery",
            "brewery",
            "dairy",
            "cannery",
        ],
        "military_works": [
            "military construction",
            "military building",
            "military base",
            "military camp",
            "military headquarters",
            "military academy",
            "military school",
            "military hospital",
            "military museum",
            "military facility",
            "military installation",
            "army base",
            "army camp",
            "army headquarters",
            "army barracks",
            "defence headquarters",
            "defense headquarters",
            "defence ministry headquarters",
            "barracks",
            "garrison",
            "naval base",
            "naval dockyard",
            "air base",
            "air force base",
            "military airfield",
            "bunker",
            "fortification",
            "firing range",
            "shooting range",
            "training camp",
            "police academy",
            "police barracks",
        ],
    },
)

UNITS = Vocabulary(
    "unit",
    {
        "barrel": ["bbl", "barrels"],
        "tonne": ["t", "mt", "metric ton", "tonnes", "metric tonne", "ton"],
        "kilogram": ["kg", "kilo", "kilogramme"],
        "gram": ["g", "gramme"],
        "litre": ["l", "liter"],
        "cubic_metre": ["m3", "cubic meter", "cbm"],
        "piece": ["pc", "pcs", "unit", "each", "item", "round", "head"],
        "container": ["teu", "feu"],
        "railcar": ["wagon", "rail car"],
        "box": ["carton", "case", "package"],
        "pair": [],
        "metre": ["m", "meter"],
        "account": [],
        "person": ["people", "worker"],
        "permit": [],
    },
)
