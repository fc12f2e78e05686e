"""Made-up ordinary trades and payments between ordinary countries, with the gaps that real records have.

No HS code, "spare parts", only the banks' countries, a month for a date, two thirds lacking a party's
jurisdiction. Kept as a regression: the law must not drown this traffic in false alarms.
"""

from __future__ import annotations

import random
from typing import Any

COUNTRIES = ["DE", "France", "Italy", "ES", "Poland", "Netherlands", "GB", "United States", "Canada", "Mexico", "Brazil",
             "Argentina", "Chile", "Japan", "Republic of Korea", "China", "Viet Nam", "Thailand", "India", "Indonesia",
             "Türkiye", "Saudi Arabia", "United Arab Emirates", "Egypt", "Morocco", "South Africa", "Kenya", "Ghana",
             "Australia", "New Zealand", "Singapore", "Malaysia", "Sweden", "Norway", "Switzerland", "Austria"]  # fmt: skip
GOODS: list[tuple[str, str | None]] = [
    ("spare parts", None), ("machine spare parts for packaging line", "8422.90"), ("cotton T-shirts", "6109.10"),
    ("frozen shrimps", "0306.17"), ("roasted coffee", "0901.21"), ("laptop computers", "8471.30"),
    ("automotive brake pads", "8708.30"), ("steel coils", "7208"), ("red wine", "2204.21"), ("wheat flour", "1101.00"),
    ("office furniture", "9403"), ("equipment", None), ("general cargo", None), ("pharmaceuticals", "3004.90"),
    ("sunflower oil", "1512"), ("passenger cars", "8703.23"), ("ceramic tiles", "6907"), ("toy rockets", "9503.00"),
    ("diesel generator", "8502.11"), ("mobile phones", "8517.13"), ("plastic containers", "3923.10"), ("books", "4901.99"),
    ("crude oil", "2709.00"), ("LNG", "2711.11"), ("tractors", "8701.92"), ("fishing nets", "5608.11"), ("copper wire", "7408"),
    ("cosmetics", "3304.99"), ("medical syringes", "9018.31"), ("sawn timber", "4407"), ("electronics", None),
    ("rice", "1006.30"), ("chemicals", "29"), ("fertiliser urea", "3102.10"), ("bananas", "0803.90"), ("gold jewellery", "7113.19"),
    ("solar panels", "8541.43"), ("salmon fillets", "0304.41"), ("leather shoes", "6403"), ("paper rolls", "4802"),
]  # fmt: skip
COMPANIES = ["Muller Handels", "Global Foods", "Sakura Trading", "Andes Export", "Nordic Supply", "Blue Ocean Logistics",
             "Golden Star Trading", "Pacific Machinery", "Atlas Import-Export", "Rossi e Figli", "Kowalski", "Oriental Textiles",
             "Green Valley Farms", "Sunrise Electronics", "Delta Engineering", "Kim & Partners", "Al Noor Trading",
             "Hansa Shipping", "Victoria Wines", "Santos Comercio"]  # fmt: skip
FORMS = ["GmbH", "Ltd", "S.A.", "Co., Ltd.", "LLC", "B.V.", "Pty Ltd", "Inc.", "Sp. z o.o.", "S.p.A."]


def _company(rng: random.Random, role: str, country: str) -> dict[str, Any]:
    party: dict[str, Any] = {"name": f"{rng.choice(COMPANIES)} {rng.choice(FORMS)}", "roles": [role]}
    if rng.random() > 2 / 3:
        party["jurisdiction"] = country
    return party


def _trade(rng: random.Random, number: int) -> dict[str, Any]:
    start, end = rng.sample(COUNTRIES, 2)
    description, code = rng.choice(GOODS)
    line: dict[str, Any] = {"description": description}
    if code and rng.random() > 0.4:
        line["hs"] = code if rng.random() > 0.3 else code[:4]
    raw: dict[str, Any] = {
        "transaction": f"trade-{number}",
        "activities": rng.choice([["sale"], ["sale", "transport"], ["export"], ["purchase"], ["transport"]]),
        "parties": [_company(rng, "exporter", start), _company(rng, "consignee", end)],
        "goods": [line],
        "route": {"from": {"country": start}, "to": {"country": end}},
        "occurred": _date(rng),
    }
    if rng.random() < 0.15:
        raw["parties"].append({"name": f"{rng.choice(COMPANIES)} Forwarding", "roles": ["forwarder"]})
    if rng.random() < 0.1:
        raw["goods"].append({"description": rng.choice(GOODS)[0]})
    if rng.random() < 0.1:
        raw["route"].pop(rng.choice(["from", "to"]))
    if rng.random() < 0.2:
        raw["vessels"] = [{"name": f"Ocean {rng.choice(['Star', 'Pride', 'Wave'])}", "roles": ["carrier"]}]
    return raw


def _payment(rng: random.Random, number: int) -> dict[str, Any]:
    start, end = rng.sample(COUNTRIES, 2)
    raw: dict[str, Any] = {
        "transaction": f"payment-{number}",
        "activities": ["payment"],
        "parties": [_company(rng, "payer", start), _company(rng, "payee", end)],
        "payments": [{"payer": "parties[0]", "payee": "parties[1]", "amount": f"USD {rng.randint(50, 90_000)}",
                      "purpose": rng.choice(["invoice 4711", "consulting", "rent", "school fees", "family support"])}],
        "occurred": _date(rng),
    }  # fmt: skip
    if rng.random() < 0.8:
        raw["payments"][0] |= {"payer_bank": {"country": start}, "payee_bank": {"country": end}}
    return raw


def _date(rng: random.Random) -> str:
    year, month = rng.randint(2018, 2026), rng.randint(1, 12)
    return rng.choice([f"{year}-{month:02}-{rng.randint(1, 28):02}"] * 3 + [f"{year}-{month:02}"])


def ordinary_transactions(count: int, seed: int = 1) -> list[dict[str, Any]]:
    """Return ``count`` ordinary transactions, three trades to one payment, the same for the same seed."""
    rng = random.Random(seed)  # made-up trades, not secrets
    return [_payment(rng, i) if i % 4 == 3 else _trade(rng, i) for i in range(count)]
