"""Forward chaining with durable_rules: the only module that knows it.

durable_rules is sound only inside a narrow subset, which is enforced here: conjunctions of ``atom == 1`` over one
flat fact, one synchronous host behind a lock, every fact retracted, limits kept by sharding. It has no unknowns, so
each condition is lowered twice: to clauses over tests that are TRUE, and to clauses over tests that are not FALSE;
a negation is pushed to the tests, each of which gives up to four atoms (``t`` is TRUE, ``p`` is not FALSE, ``f`` is
FALSE, ``n`` is not TRUE).

Beside it an independent set computation says which clauses must fire. A lost or spurious firing is an
``EngineError`` on the spot; nothing that failed is ever "clear".
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count, product

import durable_rules_engine
from durable.engine import Host, MessageNotHandledException

from sanctions_engine.condition import All, AnyOf, Condition, Contested, Not, Test
from sanctions_engine.errors import EngineError
from sanctions_engine.facts import FactBase, ForEach, Subject
from sanctions_engine.match import LiveRules, Matched, Programs, Valuation
from sanctions_engine.readings import Gap
from sanctions_engine.rule import CompiledRule
from sanctions_engine.truth import Truth

__all__ = ["DurableMatcher"]

# Measured limits of durable_rules 2.0.28, each with a margin: 64 branches true at once, 255 properties of a fact,
# 511 distinct first conditions. A shard with few clauses keeps all three.
_MAX_CLAUSES = 60
_MAX_ATOMS = 200
_MAX_WIDTH = 40
_MAX_LOWERED = 512

Clause = frozenset[str]
_NEVER: frozenset[Clause] = frozenset()
_ALWAYS: frozenset[Clause] = frozenset({frozenset()})


@dataclass(frozen=True, slots=True)
class _Target:
    """What a clause proves: of a rule, that its condition or an exemption is TRUE, or not FALSE.

    Args:
        rule: The rule's index.
        exemption: The exemption's index; -1 for the rule's condition.
        proves: TRUE, or UNKNOWN for "not FALSE".
    """

    rule: int
    exemption: int
    proves: Truth


@dataclass(slots=True)
class _Shard:
    """One ruleset: its clauses by name, what each proves, the atoms a fact may need, the rules it serves."""

    name: str
    clauses: dict[str, Clause] = field(default_factory=dict)
    proves: dict[str, tuple[_Target, ...]] = field(default_factory=dict)
    atoms: frozenset[str] = frozenset()
    rules: set[int] = field(default_factory=set)


class _SyncHost(Host):  # type: ignore[misc]  # durable_rules ships no types
    """A host without the timer threads of the original, which cannot be stopped."""

    def _run(self) -> None:
        pass


class DurableMatcher:
    """Matches with durable_rules, checked against an independent computation.

    Args:
        rules: The rules of one book.

    One matcher may be used from several threads (calls are taken in turn) and after a fork (the child builds its
    own host).
    """

    name = "durable"

    def __init__(self, rules: Sequence[CompiledRule]) -> None:
        self.programs = Programs(rules)
        self._shards: dict[tuple[str, ForEach], list[_Shard]] = {}
        self._always: dict[tuple[str, ForEach], list[_Target]] = {}
        self._serial = count()
        self._lock = threading.RLock()
        self._pid = os.getpid()
        self._host: _SyncHost | None = None
        self._closed = False
        self._hits: list[str] = []
        self._lower(rules)
        with self._lock:
            self._build()

    # ------------------------------------------------------------------ lowering

    def _lower(self, rules: Sequence[CompiledRule]) -> None:
        groups: dict[tuple[str, ForEach], dict[Clause, list[_Target]]] = {}
        for rule in rules:
            key = (rule.regime.regime, rule.rule.for_each)
            clauses = groups.setdefault(key, {})
            for exemption, condition in enumerate((rule.when, *(e.condition for e in rule.exemptions)), start=-1):
                for truth in (Truth.TRUE, Truth.UNKNOWN):
                    for clause in self._clauses(condition, truth, negated=False):
                        target = _Target(rule.index, exemption, truth)
                        if clause:
                            clauses.setdefault(clause, []).append(target)
                        else:
                            self._always.setdefault(key, []).append(target)
        for key, clauses in groups.items():
            self._shards[key] = list(self._shard(key, clauses))

    def _clauses(self, condition: Condition, truth: Truth, *, negated: bool) -> frozenset[Clause]:
        """Return clauses that hold together exactly where the condition has at least this truth.

        Args:
            condition: The node.
            truth: TRUE, or UNKNOWN for "not FALSE".
            negated: Whether a negation stands above it.
        """
        match condition:
            case Test():
                letter = {(True, False): "t", (False, False): "p", (True, True): "f", (False, True): "n"}[
                    (truth is Truth.TRUE, negated)
                ]
                return frozenset({frozenset({f"{letter}{self.programs.number(condition)}"})})
            case Not(part):
                return self._clauses(part, truth, negated=not negated)
            case Contested(part):
                # Where its part holds it is UNKNOWN: never TRUE, and under a negation never FALSE.
                if truth is Truth.TRUE:
                    return self._clauses(part, truth, negated=True) if negated else _NEVER
                return _ALWAYS if negated else self._clauses(part, truth, negated=False)
            case All(parts) | AnyOf(parts):
                lowered = [self._clauses(part, truth, negated=negated) for part in parts]
                if isinstance(condition, AnyOf) is not negated:
                    return _minimal(clause for alternatives in lowered for clause in alternatives)
                size = 1
                for alternatives in lowered:
                    size *= len(alternatives)
                if size > _MAX_LOWERED:
                    raise EngineError(
                        f"a condition lowers to {size} clauses; at most {_MAX_LOWERED} are kept sound. "
                        "Move alternatives into goods classes or split the rule"
                    )
                return _minimal(frozenset().union(*chosen) for chosen in product(*lowered))

    def _shard(self, key: tuple[str, ForEach], clauses: dict[Clause, list[_Target]]) -> Iterable[_Shard]:
        """Cut a regime's clauses into rulesets that keep every limit."""
        shared = Counter(atom for clause in clauses for atom in clause)
        shard: _Shard | None = None
        done = {
            f"{letter}{n}" for n, test in enumerate(self.programs.tests) if test.fact == "activity" for letter in "tp"
        }
        # Rules about the same activities stand together: of most subjects only a few shards need be asked.
        for clause in sorted(clauses, key=lambda c: (sorted(c & done), sorted((-shared[a], a) for a in c), len(c))):
            if len(clause) > _MAX_WIDTH:
                raise EngineError(f"a clause of {len(clause)} tests is too wide; at most {_MAX_WIDTH} are kept sound")
            if shard is None or len(shard.clauses) >= _MAX_CLAUSES or len(shard.atoms | clause) > _MAX_ATOMS:
                if shard is not None:
                    yield shard
                shard = _Shard(f"s{next(self._serial)}")
            name = f"c{len(shard.clauses)}"
            shard.clauses[name] = clause
            shard.proves[name] = tuple(clauses[clause])
            shard.atoms |= clause
            shard.rules.update(target.rule for target in clauses[clause])
        if shard is not None:
            yield shard

    # ------------------------------------------------------------------ the host

    def _build(self) -> None:
        """Register every shard with a fresh host, and warm each so that it can be deleted safely."""
        shared = Counter(a for shards in self._shards.values() for s in shards for c in s.clauses.values() for a in c)
        self._host = _SyncHost()
        for shard in self._all_shards():
            definition: dict[str, object] = {
                name: {
                    # The most shared atom first, so that clauses share their first conditions.
                    "all": [
                        {"m": {"$and": [{f"a.{atom}": 1} for atom in sorted(clause, key=lambda a: (-shared[a], a))]}}
                    ],
                    "run": self._on(name),
                }
                for name, clause in shard.clauses.items()
            }
            definition["warm"] = {"all": [{"m": {"$and": [{"a.warm": 1}]}}], "run": self._on("warm")}
            self._host.set_rulesets({shard.name: definition})
            if self._fire(shard, frozenset({"warm"})) != ["warm"]:
                raise EngineError("durable_rules did not fire its warm-up rule; use matcher='python'")

    def _all_shards(self) -> Iterable[_Shard]:
        for shards in self._shards.values():
            yield from shards

    def _on(self, name: str) -> Callable[[object], None]:
        hits = self._hits

        # INVARIANT: exactly one parameter. With a second one, even a default, durable_rules takes it for asynchronous.
        def fired(_: object) -> None:
            hits.append(name)

        return fired

    def _fire(self, shard: _Shard, atoms: frozenset[str]) -> list[str]:
        """Assert one fact, collect what fires, retract it."""
        assert self._host is not None  # noqa: S101  # built by the caller
        self._hits.clear()
        fact = {"id": f"f{next(self._serial)}", "a": dict.fromkeys(sorted(atoms), 1)}
        state = None
        try:
            state = self._host.assert_fact(shard.name, fact)
        except MessageNotHandledException:
            pass  # nothing fires: checked below against the clauses that must
        finally:
            self._host.retract_fact(shard.name, fact)
        if isinstance(state, dict) and "exception" in state:
            raise EngineError(f"durable_rules: {state['exception']}")
        return list(dict.fromkeys(self._hits))

    def _release(self) -> None:
        if self._host is None:
            return
        for shard in self._all_shards():
            ruleset = self._host.get_ruleset(shard.name)
            self._host.delete_state(shard.name, None)
            durable_rules_engine.delete_ruleset(ruleset._handle)  # noqa: SLF001  # the only way to give memory back
        self._host = None

    def close(self) -> None:
        """Give back the memory of every ruleset. The matcher cannot be used afterwards."""
        with self._lock:
            if not self._closed and self._pid == os.getpid():
                self._release()
            self._closed = True

    # ------------------------------------------------------------------ matching

    def match(self, facts: FactBase, live: LiveRules) -> tuple[list[Matched], dict[Gap, None]]:
        """See ``match.Matcher.match``.

        Raises:
            EngineError: durable_rules failed, or fired other clauses than it must have.
        """
        if self._pid != os.getpid():
            # A fork: the lock may have been held by a thread that is not here, and the host is the parent's.
            self._lock = threading.RLock()
            self._pid = os.getpid()
            self._host = None
        matched: list[Matched] = []
        assumed: dict[Gap, None] = {}
        for kind in live.kinds:
            for subject in facts.subjects(kind):
                values = Valuation(self.programs, facts, subject)
                groups: dict[str, list[CompiledRule]] = {}
                for rule in live.of(subject, facts):
                    groups.setdefault(rule.regime.regime, []).append(rule)
                for regime, rules in groups.items():
                    proved = self._prove((regime, kind), rules, values)
                    for rule in rules:
                        self._conclude(rule, subject, proved, values, matched, assumed)
        return matched, assumed

    def _prove(self, key: tuple[str, ForEach], rules: Sequence[CompiledRule], values: Valuation) -> set[_Target]:
        """Return what the clauses of a regime prove of a subject."""
        asked = {rule.index for rule in rules}
        needed = {number for rule in rules for number in self.programs.used[rule.index]}
        true_atoms = frozenset(atom for number in needed for atom in _ATOMS[values.pair(number)[0]](number))
        proved = set(self._always.get(key, ()))
        for shard in self._shards.get(key, ()):
            if asked.isdisjoint(shard.rules):
                continue
            sent = shard.atoms & true_atoms
            expected = [name for name, clause in shard.clauses.items() if clause <= sent]
            if not sent:
                continue
            fired = self._asked(shard, sent)
            if sorted(fired) != sorted(expected):
                self._rebuild()
                lost, spurious = sorted(set(expected) - set(fired)), sorted(set(fired) - set(expected))
                raise EngineError(
                    f"durable_rules lost {len(lost)} and invented {len(spurious)} firings in {shard.name}; "
                    "nothing is cleared. Its host was rebuilt: check again, or use matcher='python'"
                )
            for name in fired:
                proved.update(shard.proves[name])
        return proved

    def _asked(self, shard: _Shard, atoms: frozenset[str]) -> list[str]:
        with self._lock:
            if self._closed:
                raise EngineError("the engine is closed; make a new one")
            if self._host is None:
                self._build()
            try:
                return self._fire(shard, atoms)
            except EngineError:
                self._rebuild()
                raise
            except Exception as error:
                self._rebuild()
                raise EngineError(
                    f"durable_rules failed ({type(error).__name__}: {error}); nothing is cleared"
                ) from error

    def _rebuild(self) -> None:
        with self._lock:
            self._host = None  # its rulesets are not deleted: their state is not to be trusted with it
            self._build()

    def _conclude(
        self,
        rule: CompiledRule,
        subject: Subject,
        proved: set[_Target],
        values: Valuation,
        matched: list[Matched],
        assumed: dict[Gap, None],
    ) -> None:
        truths = []
        for exemption in range(-1, len(rule.exemptions)):
            if _Target(rule.index, exemption, Truth.TRUE) in proved:
                truths.append(Truth.TRUE)
            elif _Target(rule.index, exemption, Truth.UNKNOWN) in proved:
                truths.append(Truth.UNKNOWN)
            else:
                truths.append(Truth.FALSE)
        when, *unless = truths
        if when is not Truth.FALSE:
            matched.append(Matched(rule, subject, when, tuple(unless)))
        self.programs.note_assumptions(rule.index, when is not Truth.FALSE, values, assumed)


# Which atoms a test gives, by its truth as a number: FALSE, UNKNOWN, TRUE.
_ATOMS: tuple[Callable[[int], tuple[str, ...]], ...] = (
    lambda n: (f"f{n}", f"n{n}"),
    lambda n: (f"p{n}", f"n{n}"),
    lambda n: (f"t{n}", f"p{n}"),
)


def _minimal(clauses: Iterable[Clause]) -> frozenset[Clause]:
    """Drop clauses that another makes superfluous."""
    kept: list[Clause] = []
    for clause in sorted(set(clauses), key=len):
        if not any(smaller <= clause for smaller in kept):
            kept.append(clause)
    return frozenset(kept)
