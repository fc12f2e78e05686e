"""What a missing fact does: four plain tests of a record that says nothing of ``destination`` and ``takers``.

Written as anyone would write them first, without asking whether the fact is there. The true answer to each is "that is
not known".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

TESTS = ("destination is KP", "destination is not KP", "not (destination is KP)", "KP is among the takers")
RECORD: dict[str, Any] = {"start": "RU", "day": 20190514}


def missing() -> dict[str, list[str]]:
    """Return what each engine says to each of ``TESTS``."""
    return {name: [_said(ask, n) for n in range(len(TESTS))] for name, ask in ENGINES.items()}


def _said(ask: Callable[[int], object], n: int) -> str:
    try:
        answer = ask(n)
    except Exception as error:  # what it raises is what we want to know
        return f"error: {type(error).__name__}"
    return answer if isinstance(answer, str) else {True: "true", False: "false", None: "null"}[answer]  # type: ignore[index]


def _ours(n: int) -> str:
    from sanctions_engine import Transaction
    from sanctions_engine.condition import Not, Op, Test
    from sanctions_engine.engine import Engine
    from sanctions_engine.facts import ForEach
    from sanctions_engine.judge import judge

    facts = Engine(matcher="python").facts(
        Transaction.of({"activities": ["sale"], "goods": [{"description": "coal"}], "route": {"from": "RU"},
                        "occurred": "2019-05-14"})
    )  # fmt: skip
    kp = frozenset({"KP"})
    there, taken = Test("destination.states", Op.INCLUDE, kp), Test("recipient.states", Op.INCLUDE, kp)
    condition = (there, Not(there), Not(there), taken)[n]
    trace = judge(condition, facts, facts.subjects(ForEach.GOODS)[0])
    asked = any(leaf.weighed is not None and leaf.weighed.gaps for leaf in trace.deciding())
    return f"{trace.truth.value}{', and asked for' if asked else ''}"


def _zen(n: int) -> object:
    import zen

    texts = ("destination == 'KP'", "destination != 'KP'", "not (destination == 'KP')", "'KP' in takers")
    return zen.evaluate_expression(texts[n], RECORD)


def _cel(n: int) -> object:
    import cel

    texts = ('t.destination == "KP"', 't.destination != "KP"', '!(t.destination == "KP")', '"KP" in t.takers')
    return cel.evaluate(texts[n], {"t": RECORD})


def _cedar_texts() -> Sequence[str]:
    return ('context.destination == "KP"', 'context.destination != "KP"', '!(context.destination == "KP")',
            'context.takers.contains("KP")')  # fmt: skip


def _cedar(n: int) -> object:
    import cedarpy

    request = {"principal": 'P::"a"', "action": 'Action::"t"', "resource": 'R::"b"', "context": RECORD}
    policies = f"forbid(principal, action, resource) when {{ {_cedar_texts()[n]} }};"
    result = cedarpy.is_authorized(request, policies, "[]")
    return "the policy is skipped" if result.diagnostics.errors else bool(result.diagnostics.reasons)


def _rule_engine(n: int) -> object:
    import rule_engine

    texts = ('destination == "KP"', 'destination != "KP"', 'not (destination == "KP")', '"KP" in takers')
    return rule_engine.Rule(texts[n]).matches(RECORD)


def _rule_engine_null(n: int) -> object:
    import rule_engine

    texts = ('destination == "KP"', 'destination != "KP"', 'not (destination == "KP")', '"KP" in takers')
    return rule_engine.Rule(texts[n], context=rule_engine.Context(default_value=None)).matches(RECORD)


_DESTINATION = {"==": [{"var": "destination"}, "KP"]}
_LOGIC = (
    _DESTINATION,
    {"!=": [{"var": "destination"}, "KP"]},
    {"!": [_DESTINATION]},
    {"in": ["KP", {"var": "takers"}]},
)


def _json_logic(n: int) -> object:
    from json_logic import jsonLogic

    return jsonLogic(_LOGIC[n], RECORD)


def _data_logic(n: int) -> object:
    import datalogic_py

    return datalogic_py.apply(_LOGIC[n], RECORD)


def _clips(n: int) -> object:
    import clips

    env = clips.Environment()
    env.build("(deftemplate line (slot start) (slot destination) (multislot takers))")
    tests = ("(destination KP)", "(destination ~KP)", "(destination ?d&:(not (eq ?d KP)))", "(takers $? KP $?)")
    env.build(f"(defrule r (line {tests[n]}) => (assert (hit)))")
    env.assert_string("(line (start RU))")
    return bool(env.run())


def _durable(n: int) -> object:
    from durable.engine import Host, MessageNotHandledException

    class OneThread(Host):  # type: ignore[misc]
        def _run(self) -> None:
            """Start no timers."""

    tests = ({"destination": "KP"}, {"$neq": {"destination": "KP"}}, None, {"takers_KP": 1})
    if tests[n] is None:
        return "cannot be written"
    hits: list[int] = []
    host = OneThread()
    host.set_rulesets(
        {"m": {"r": {"all": [{"m": {"$and": [{"start": "RU"}, tests[n]]}}], "run": lambda c: hits.append(1)}}}
    )
    try:
        host.assert_fact("m", {"id": 1, **RECORD})
    except MessageNotHandledException:
        return False
    return bool(hits)


def _polars(n: int) -> object:
    import polars as pl

    there = pl.col("destination") == "KP"
    frame = pl.DataFrame(
        {"destination": [None], "takers": [None]}, schema={"destination": pl.String, "takers": pl.List(pl.String)}
    )
    tests = (there, pl.col("destination") != "KP", ~there, pl.col("takers").list.contains("KP"))
    return f"{_said(lambda _: frame.select(tests[n]).item(), 0)} (a filter drops the row)"


def _duckdb(n: int) -> object:
    import duckdb

    tests = ("destination = 'KP'", "destination <> 'KP'", "NOT (destination = 'KP')", "list_contains(takers, 'KP')")
    query = f"SELECT {tests[n]} FROM (SELECT NULL::VARCHAR AS destination, NULL::VARCHAR[] AS takers)"
    return f"{_said(lambda _: duckdb.sql(query).fetchall()[0][0], 0)} (a filter drops the row)"


ENGINES: dict[str, Callable[[int], object]] = {
    "ours": _ours,
    "durable_rules, plain": _durable,
    "CEL (Rust)": _cel,
    "Cedar": _cedar,
    "clipspy": _clips,
    "zen-engine": _zen,
    "JsonLogic (Rust)": _data_logic,
    "JsonLogic (Python)": _json_logic,
    "rule-engine": _rule_engine,
    "rule-engine, null by default": _rule_engine_null,
    "Polars": _polars,
    "DuckDB": _duckdb,
}
