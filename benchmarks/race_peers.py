"""The runners: the plain rules written for each rule engine, as its manual would have them written by a careful author.

Careful: where a fact may be missing the rule asks whether it is there first, or says what to take instead, so that no
engine stops with an error. Each is used the fastest way found: compiled once, parsed once, everything it can prepare
prepared. ``prepare`` puts facts into the engine's own shape and is outside the clock; ``answer`` is inside.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from race_rules import CLASSES, Facts, Plain, by_hand

FAR = 99991231


class Peer(Protocol):
    """A rule engine with some rules."""

    def prepare(self, facts: Facts) -> Any:
        """Put facts into the engine's shape."""

    def answer(self, prepared: Any) -> list[bool]:
        """Say of each rule whether it holds."""


def _names(names: Sequence[str], quote: str = '"') -> str:
    return ", ".join(f"{quote}{name}{quote}" for name in names)


class HandWritten:
    """Python functions, for the scale: nothing is an engine here."""

    package = ""

    def __init__(self, rules: Sequence[Plain]) -> None:
        self.rules = rules

    def prepare(self, facts: Facts) -> Facts:
        return facts

    def answer(self, prepared: Facts) -> list[bool]:
        return [by_hand(rule, prepared) for rule in self.rules]


class Zen:
    """GoRules Zen: one expression a rule, compiled."""

    package = "zen-engine"

    def __init__(self, rules: Sequence[Plain]) -> None:
        import zen

        self.compiled = [zen.compile_expression(self.text(rule)) for rule in rules]

    @staticmethod
    def way(rule: Plain) -> str:
        s = rule.state
        if rule.way == "to":
            return f"(destination == '{s}' or ('{s}' in (takers ?? []) and start != '{s}'))"
        return f"(destination != '{s}' and (start == '{s}' or '{s}' in (origins ?? []) or '{s}' in (givers ?? [])))"

    @staticmethod
    def goods(rule: Plain) -> str:
        return f"some((classes ?? []), # in [{_names(rule.classes, chr(39))}])"

    @classmethod
    def text(cls, rule: Plain) -> str:
        day = f"(day ?? 0) >= {rule.since} and (day ?? 0) < {rule.until}"
        return f"moves == true and {cls.way(rule)} and {cls.goods(rule)} and {day}"

    def prepare(self, facts: Facts) -> str:
        return json.dumps(facts)  # read faster than a dict

    def answer(self, prepared: str) -> list[bool]:
        return [expression.evaluate(prepared) for expression in self.compiled]


class ZenTable:
    """GoRules Zen: one decision table that collects, a row a rule; what is cheap and tells most stands first."""

    package = "zen-engine"

    def __init__(self, rules: Sequence[Plain]) -> None:
        import zen

        fields = {"moves": "moves", "day": "day ?? 0", "way": None, "goods": None}
        rows = [
            {"_id": f"r{n}", "moves": "true", "day": f"[{rule.since}..{rule.until})", "way": Zen.way(rule),
             "goods": Zen.goods(rule), "hit": str(n)}
            for n, rule in enumerate(rules)
        ]  # fmt: skip
        table = {
            "hitPolicy": "collect",
            "inputs": [{"id": name, "name": name} | ({"field": f} if f else {}) for name, f in fields.items()],
            "outputs": [{"id": "hit", "name": "hit", "field": "hit"}],
            "rules": rows,
        }
        nodes = [
            {"id": "in", "name": "in", "type": "inputNode", "content": {}},
            {"id": "rules", "name": "rules", "type": "decisionTableNode", "content": table},
            {"id": "out", "name": "out", "type": "outputNode", "content": {}},
        ]
        edges = [
            {"id": "a", "sourceId": "in", "targetId": "rules", "type": "edge"},
            {"id": "b", "sourceId": "rules", "targetId": "out", "type": "edge"},
        ]
        self.decision = zen.ZenEngine().create_decision(json.dumps({"nodes": nodes, "edges": edges}))
        self.count = len(rules)

    def prepare(self, facts: Facts) -> Facts:
        return facts

    def answer(self, prepared: Facts) -> list[bool]:
        found = [False] * self.count
        for row in self.decision.evaluate(prepared)["result"]:
            found[row["hit"]] = True
        return found


class Cedar:
    """Cedar: a ``forbid`` a rule, parsed once; which of them apply is read from the diagnostics."""

    package = "cedarpy"

    def __init__(self, rules: Sequence[Plain]) -> None:
        import cedarpy

        self.is_authorized = cedarpy.is_authorized
        self.policies = cedarpy.PolicySet.from_str("\n".join(self.text(rule) for rule in rules))
        self.entities = cedarpy.Entities.from_json_str("[]")
        self.count = len(rules)

    @staticmethod
    def text(rule: Plain) -> str:
        s = rule.state

        def has(name: str, test: str) -> str:
            return f"(context has {name} && context.{name}{test})"

        start, destination = has("start", f' == "{s}"'), has("destination", f' == "{s}"')
        takers, givers, origins = (has(name, f'.contains("{s}")') for name in ("takers", "givers", "origins"))
        way = (
            f"({destination} || ({takers} && !{start}))"
            if rule.way == "to"
            else f"(!{destination} && ({start} || {origins} || {givers}))"
        )
        classes = has("classes", f".containsAny([{_names(rule.classes)}])")
        day = f"context has day && context.day >= {rule.since} && context.day < {rule.until}"
        return f"forbid(principal, action, resource) when {{ context has moves && context.moves && {way} && {classes} && {day} }};"

    def prepare(self, facts: Facts) -> dict[str, Any]:
        who, what, whom = ({"type": kind, "id": "a"} for kind in ("P", "Action", "R"))  # need no reading, as text does
        return {"principal": who, "action": what, "resource": whom, "context": facts}

    def answer(self, prepared: dict[str, Any]) -> list[bool]:
        result = self.is_authorized(prepared, self.policies, self.entities)
        if result.diagnostics.errors:
            raise RuntimeError(result.diagnostics.errors)
        found = [False] * self.count
        for reason in result.diagnostics.reasons:
            found[int(reason.removeprefix("policy"))] = True
        return found


class Cel:
    """CEL in Rust: one program a rule, one context a transaction, made before the clock runs."""

    package = "common-expression-language"

    def __init__(self, rules: Sequence[Plain]) -> None:
        import cel

        self.context = cel.Context
        self.programs = [cel.compile(self.text(rule)) for rule in rules]

    @staticmethod
    def text(rule: Plain) -> str:
        s = rule.state

        def has(name: str, test: str) -> str:
            return f"(has(t.{name}) && {test})"

        start, destination = has("start", f't.start == "{s}"'), has("destination", f't.destination == "{s}"')
        takers, givers, origins = (has(name, f'"{s}" in t.{name}') for name in ("takers", "givers", "origins"))
        way = (
            f"({destination} || ({takers} && !{start}))"
            if rule.way == "to"
            else f"(!{destination} && ({start} || {origins} || {givers}))"
        )
        classes = has("classes", "(" + " || ".join(f'"{name}" in t.classes' for name in rule.classes) + ")")
        day = f"has(t.day) && t.day >= {rule.since} && t.day < {rule.until}"
        return f"has(t.moves) && t.moves && {way} && {classes} && {day}"

    def prepare(self, facts: Facts) -> Any:
        return self.context({"t": facts})

    def answer(self, prepared: Any) -> list[bool]:
        return [program.execute(prepared) for program in self.programs]


class RuleEngine:
    """rule-engine: one parsed rule each; a missing name is null."""

    package = "rule-engine"

    def __init__(self, rules: Sequence[Plain]) -> None:
        import rule_engine

        context = rule_engine.Context(default_value=None)
        self.rules = [rule_engine.Rule(self.text(rule), context=context) for rule in rules]

    @staticmethod
    def text(rule: Plain) -> str:
        s = rule.state
        takers, givers, origins = (f'({name} and "{s}" in {name})' for name in ("takers", "givers", "origins"))
        way = (
            f'(destination == "{s}" or ({takers} and start != "{s}"))'
            if rule.way == "to"
            else f'(destination != "{s}" and (start == "{s}" or {origins} or {givers}))'
        )
        classes = "(classes and (" + " or ".join(f'"{name}" in classes' for name in rule.classes) + "))"
        return f"moves and {way} and {classes} and day and day >= {rule.since} and day < {rule.until}"

    def prepare(self, facts: Facts) -> Facts:
        return facts

    def answer(self, prepared: Facts) -> list[bool]:
        return [rule.matches(prepared) for rule in self.rules]


def _logic(rule: Plain) -> dict[str, Any]:
    """Write a rule as JsonLogic."""
    s = rule.state

    def among(name: str) -> dict[str, Any]:
        return {"in": [s, {"var": [name, []]}]}

    start, destination = ({"==": [{"var": name}, s]} for name in ("start", "destination"))
    way = (
        {"or": [destination, {"and": [among("takers"), {"!": [start]}]}]}
        if rule.way == "to"
        else {"and": [{"!": [destination]}, {"or": [start, among("origins"), among("givers")]}]}
    )
    classes = {"some": [{"var": ["classes", []]}, {"in": [{"var": ""}, list(rule.classes)]}]}
    day = {"var": ["day", 0]}
    return {"and": [{"var": "moves"}, way, classes, {">=": [day, rule.since]}, {"<": [day, rule.until]}]}


class JsonLogic:
    """JsonLogic in plain Python."""

    package = "panzi-json-logic"

    def __init__(self, rules: Sequence[Plain]) -> None:
        from json_logic import jsonLogic

        self.logic: Callable[[Any, Any], Any] = jsonLogic
        self.rules = [_logic(rule) for rule in rules]

    def prepare(self, facts: Facts) -> Facts:
        return facts

    def answer(self, prepared: Facts) -> list[bool]:
        return [bool(self.logic(rule, prepared)) for rule in self.rules]


class DataLogic:
    """JsonLogic in Rust: each rule compiled, the data a handle, one session."""

    package = "datalogic-py"

    def __init__(self, rules: Sequence[Plain]) -> None:
        import datalogic_py

        engine = datalogic_py.Engine()
        self.handle = datalogic_py.DataHandle
        self.rules = [engine.compile(_logic(rule)) for rule in rules]
        self.holds: Callable[[Any, Any], bool] = engine.session().evaluate_truthy

    def prepare(self, facts: Facts) -> Any:
        return self.handle(json.dumps(facts))

    def answer(self, prepared: Any) -> list[bool]:
        return [self.holds(rule, prepared) for rule in self.rules]


class Clips:
    """CLIPS: a fact is asserted, the rules fire, the facts are reset."""

    package = "clipspy"

    def __init__(self, rules: Sequence[Plain]) -> None:
        import clips

        self.env = clips.Environment()
        lists = " ".join(f"(multislot {name})" for name in ("origins", "givers", "takers", "classes"))
        self.env.build(
            f"(deftemplate line (slot moves) (slot day (default 0)) (slot start) (slot destination) {lists})"
        )
        self.hits: list[int] = []
        self.env.define_function(self.hits.append, "hit")
        for n, rule in enumerate(rules):
            self.env.build(self.text(n, rule))
        self.template = self.env.find_template("line")
        self.symbol = clips.Symbol
        self.count = len(rules)

    @staticmethod
    def text(n: int, rule: Plain) -> str:
        s = rule.state
        day = f"(day ?day&:(and (>= ?day {rule.since}) (< ?day {rule.until})))"
        way = (
            f"(start ?s) (takers $?t) (destination ?d&:(or (eq ?d {s}) (and (member$ {s} ?t) (neq ?s {s}))))"
            if rule.way == "to"
            else f"(origins $?o) (givers $?g) (start ?s) (destination ?d&:(and (neq ?d {s}) "
            f"(or (eq ?s {s}) (member$ {s} ?o) (member$ {s} ?g))))"
        )
        wanted = " ".join(f"(member$ {name} ?c)" for name in rule.classes)
        classes = f"(classes $?c&:(or {wanted} FALSE))"
        return f"(defrule r{n} (line (moves yes) {day} {way} {classes}) => (hit {n}))"

    def prepare(self, facts: Facts) -> dict[str, Any]:
        symbol = self.symbol
        slots: dict[str, Any] = {}
        for name, value in facts.items():
            if name == "day":
                slots[name] = value
            elif name == "moves":
                slots[name] = symbol("yes" if value else "no")
            else:
                slots[name] = [symbol(v) for v in value] if isinstance(value, list) else symbol(str(value))
        return slots

    def answer(self, prepared: dict[str, Any]) -> list[bool]:
        self.hits.clear()
        fact = self.template.assert_fact(**prepared)
        self.env.run()
        fact.retract()
        found = [False] * self.count
        for n in self.hits:
            found[n] = True
        return found


class Durable:
    """durable_rules as it is, without our fence: flags for what stands in lists, one fact, asserted and retracted."""

    package = "durable_rules"

    def __init__(self, rules: Sequence[Plain]) -> None:
        from durable.engine import Host, MessageNotHandledException

        class OneThread(Host):  # type: ignore[misc]
            def _run(self) -> None:
                """Start no timers."""

        self.unhandled = MessageNotHandledException
        self.hits: list[int] = []
        self.host = OneThread()
        self.host.set_rulesets(
            {"race": {f"r{n}": {"all": [{"m": self.test(rule)}], "run": self._hit(n)} for n, rule in enumerate(rules)}}
        )
        self.count = len(rules)
        self.asserted = 0

    def _hit(self, n: int) -> Callable[[Any], None]:
        return lambda c: self.hits.append(n)

    @staticmethod
    def test(rule: Plain) -> dict[str, Any]:
        s = rule.state
        way = (
            {"$or": [{"destination": s}, {"$and": [{f"takers_{s}": 1}, {"$neq": {"start": s}}]}]}
            if rule.way == "to"
            else {
                "$and": [{"$neq": {"destination": s}}, {"$or": [{"start": s}, {f"origins_{s}": 1}, {f"givers_{s}": 1}]}]
            }
        )
        classes = [{f"is_{name}": 1} for name in rule.classes]
        any_class = {"$or": classes} if len(classes) > 1 else classes[0]
        days = [{"$gte": {"day": rule.since}}] + ([{"$lt": {"day": rule.until}}] if rule.until != FAR else [])
        return {"$and": [way, any_class, {"moves": 1}, *days]}

    def prepare(self, facts: Facts) -> dict[str, Any]:
        fact: dict[str, Any] = {"start": "", "destination": "", "moves": int(bool(facts.get("moves")))}
        fact |= {name: facts[name] for name in ("start", "destination", "day") if name in facts}
        for name in ("origins", "givers", "takers"):
            for state in facts.get(name, ()):  # type: ignore[attr-defined]
                fact[f"{name}_{state}"] = 1
        for name in facts.get("classes", ()):  # type: ignore[attr-defined]
            if name in CLASSES:
                fact[f"is_{name}"] = 1
        return fact

    def answer(self, prepared: dict[str, Any]) -> list[bool]:
        self.hits.clear()
        self.asserted += 1
        fact = {**prepared, "id": self.asserted}
        try:
            self.host.assert_fact("race", fact)
        except self.unhandled:
            pass  # no rule holds
        finally:
            self.host.retract_fact("race", fact)
        found = [False] * self.count
        for n in self.hits:
            found[n] = True
        return found


PEERS: dict[str, Any] = {
    "hand-written Python": HandWritten,
    "durable_rules, plain": Durable,
    "CEL (Rust)": Cel,
    "Cedar": Cedar,
    "clipspy": Clips,
    "zen-engine, expressions": Zen,
    "zen-engine, decision table": ZenTable,
    "JsonLogic (Rust)": DataLogic,
    "JsonLogic (Python)": JsonLogic,
    "rule-engine": RuleEngine,
}
