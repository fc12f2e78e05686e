"""The batch race: the twelve paragraphs over flat Parquet, by us, by hand in Polars and in DuckDB, and the floor.

By hand: as a good analyst would write them against these files. Both spellings of the State that occur are listed,
classes of goods are HS codes and words, parties are read from the columns that the files have, and every act of these files moves goods. They give a list of
(transaction, paragraph) and no more; ours gives every verdict of the whole rulebook, findings with citations included.
"""

from __future__ import annotations

import os

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # a rate a core

from pathlib import Path

import duckdb
import polars as pl
from race_rules import RULES, Plain

duckdb.sql("SELECT 1").pl()  # loads what it hands rows over with, which is not to be within the clock
KP = ("KP", "North Korea")
CODES: dict[str, tuple[str, ...]] = {
    "arms": ("93",), "coal": ("2701",), "iron": ("72", "73"), "iron_ore": ("2601",), "seafood": ("03", "1604", "1605"),
    "textiles": tuple(str(n) for n in range(50, 64)), "luxury_goods": ("7101", "7113", "8703"), "gold": ("7108",),
    "titanium_ore": ("2614",), "vanadium_ore": ("2615",), "rare_earth": ("2846",), "copper": ("74",), "nickel": ("75",),
    "silver": ("7106",), "zinc": ("79",), "agricultural_products": ("07", "08", "12"), "machinery": ("84",),
    "electrical_equipment": ("85",), "earth_stone": ("25",), "wood": ("44",), "vessel": ("89",),
    "transport_vehicles": ("86", "87", "88", "89"),
    "base_metals": ("72", "73", "74", "75", "76", "78", "79", "80", "81", "82", "83"),
}  # fmt: skip
WORDS: dict[str, str] = {
    "arms": "infantry rocket|artillery|ammunition|rifle", "coal": r"\bcoal\b", "iron_ore": "iron ore", "seafood": "squid|shrimp|salmon",
    "textiles": "textile|t-shirt", "luxury_goods": "jewellery", "machinery": "machine tool|laptop|diesel generator",
    "copper": "copper wire", "transport_vehicles": "tractor|passenger car", "wood": "timber", "base_metals": "steel coil|copper wire",
}  # fmt: skip


def _recognised(rule: Plain) -> tuple[tuple[str, ...], str]:
    """Return the HS codes and the words by which a rule's goods are recognised."""
    codes = tuple(code for name in rule.classes for code in CODES[name])
    return codes, "|".join(word for name in rule.classes if (word := WORDS.get(name)))


def _day(number: int) -> str:
    text = str(number)
    return f"{text[:4]}-{text[4:6]}-{text[6:]}"


def by_polars(path: Path) -> pl.DataFrame:
    """Return transaction and paragraph of every hit, with Polars."""

    def there(column: str) -> pl.Expr:
        return pl.col(column).is_in(KP).fill_null(False)

    code = pl.col("hs").str.replace_all(".", "", literal=True).fill_null("")
    text = pl.col("goods_description").str.to_lowercase().fill_null("")
    frame = pl.scan_parquet(path).select(
        "transaction", "occurred", code.alias("code"), text.alias("text"),
        start=there("from_country"), end=there("to_country"), giver=there("supplier_country"), taker=there("recipient_country"),
    ).filter(pl.col("start") | pl.col("end") | pl.col("giver") | pl.col("taker"))  # fmt: skip
    to = pl.col("end") | (pl.col("taker") & ~pl.col("start"))
    source = ~pl.col("end") & (pl.col("start") | pl.col("giver"))
    found = []
    for rule in RULES:
        codes, words = _recognised(rule)
        goods = pl.any_horizontal([pl.col("code").str.starts_with(c) for c in codes])
        if words:
            goods = goods | pl.col("text").str.contains(words)
        in_force = (pl.col("occurred") >= _day(rule.since)) & (pl.col("occurred") < _day(rule.until))
        found.append(
            (pl.when((to if rule.way == "to" else source) & goods & in_force).then(pl.lit(rule.name))).alias(rule.name)
        )
    hits = frame.select("transaction", pl.concat_list(found).list.drop_nulls().alias("paragraph"))
    return hits.filter(pl.col("paragraph").list.len() > 0).explode("paragraph").collect()


def duckdb_query(path: Path) -> str:
    """Return the twelve rules as one query."""
    names = ", ".join(f"'{name}'" for name in KP)

    def there(column: str) -> str:
        return f"coalesce({column} IN ({names}), false)"

    cases = []
    for rule in RULES:
        codes, words = _recognised(rule)
        goods = " OR ".join(
            [f"starts_with(code, '{c}')" for c in codes] + ([f"regexp_matches(text, '{words}')"] if words else [])
        )
        way = '("end" OR (taker AND NOT start))' if rule.way == "to" else '(NOT "end" AND (start OR giver))'
        day = f"occurred >= '{_day(rule.since)}' AND occurred < '{_day(rule.until)}'"
        cases.append(f"CASE WHEN {way} AND ({goods}) AND {day} THEN '{rule.name}' END")
    return f"""
        WITH lines AS (
            SELECT transaction, occurred, coalesce(replace(hs, '.', ''), '') AS code,
                   coalesce(lower(goods_description), '') AS text, {there("from_country")} AS start,
                   {there("to_country")} AS "end", {there("supplier_country")} AS giver,
                   {there("recipient_country")} AS taker
            FROM read_parquet('{path}')
        ), near AS (SELECT * FROM lines WHERE start OR "end" OR giver OR taker),
        hits AS (SELECT transaction, unnest([{", ".join(cases)}]) AS paragraph FROM near)
        SELECT * FROM hits WHERE paragraph IS NOT NULL"""


def by_duckdb(path: Path) -> pl.DataFrame:
    """Return transaction and paragraph of every hit, with DuckDB on one thread."""
    with duckdb.connect(config={"threads": 1}) as connection:
        return connection.execute(duckdb_query(path)).pl()


def compared(ours: pl.DataFrame, theirs: pl.DataFrame) -> dict[str, int]:
    """Count right and wrong answers of a runner: ours are findings, theirs are hits."""
    names = {rule.rule: rule.name for rule in RULES}
    order = {"violation": 0, "potential": 1, "exempt": 2}
    own = (
        ours.filter(pl.col("rule").is_in(list(names)))
        .select(
            "transaction", pl.col("rule").replace_strict(names).alias("paragraph"), pl.col("outcome").cast(pl.String)
        )
        .sort(pl.col("outcome").replace_strict(order, default=3))
        .unique(["transaction", "paragraph"], keep="first")
    )
    both = own.join(
        theirs.unique().with_columns(hit=pl.lit(True)), on=["transaction", "paragraph"], how="full", coalesce=True
    )
    counts = both.group_by(pl.col("outcome").fill_null("none"), pl.col("hit").fill_null(False)).len().rows()
    return {f"{outcome}, {'hit' if hit else 'silent'}": number for outcome, hit, number in sorted(counts)}
