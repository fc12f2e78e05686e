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
from math import prod
from typing import NamedTuple

import durable_rules_engine
from durable.engine import Host, MessageNotHandledException

from sanctions_engine.condition import All, AnyOf, Condition, Contested, Not, Test
from sanctions_engine.errors import EngineError
from sanctions_engine.facts import FactBase, ForEach
from sanctions_engine.match import LiveRules, Matched, Programs, Valuation, most_telling_first
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


class _Target(NamedTuple):
    """What a clause proves: of a rule, that its condition or an exemption is TRUE, or not FALSE.

    Args:
        rule: The rule's index.
        exemption: The exemption's index; -1 for the rule's condition.
        proves: TRUE, or UNKNOWN for "not FALSE".
    """

    rule: int
    exemption: int
    proves: Truth


class _Key(NamedTuple):
    """Which rulesets are asked together.

    Args:
        regime: Of a regime's rules,
        kind: of those that judge one kind of subject,
        exemptions: their exemptions, or their conditions.
    """

    regime: str
    kind: ForEach
    exemptions: bool


class _Atom(NamedTuple):
    """An atom of a shard.

    Args:
        bit: Its bit in sets of the shard's atoms.
        test: The number of the test it speaks of.
        holds: Whether it holds where the test is FALSE, UNKNOWN, TRUE.
    """

    bit: int
    test: int
    holds: tuple[bool, bool, bool]


@dataclass(slots=True)
class _Shard:
    """One ruleset: its clauses by name, and what each proves.

    Args:
        name: Of the ruleset.
        clauses: By name.
        proves: What each clause proves.
        atoms: Of all its clauses.
        masks: The atoms of each clause as the bits of a number.
        of_rule: The clauses that serve a rule, by its index, each with its most telling atoms first.
    """

    name: str
    clauses: dict[str, Clause] = field(default_factory=dict)
    proves: dict[str, tuple[_Target, ...]] = field(default_factory=dict)
    atoms: dict[str, _Atom] = field(default_factory=dict)
    masks: list[tuple[str, int]] = field(default_factory=list)
    of_rule: dict[int, list[tuple[_Atom, ...]]] = field(default_factory=dict)

    def add(self, clause: Clause, targets: Sequence[_Target], ordered: Sequence[str]) -> None:
        """Add a clause with what it proves; ``ordered`` are its atoms, the most telling first."""
        for name in ordered:
            if name not in self.atoms:
                self.atoms[name] = _Atom(1 << len(self.atoms), int(name[1:]), _HOLDS[name[0]])
        atoms = tuple(self.atoms[name] for name in ordered)
        name = f"c{len(self.clauses)}"
        self.clauses[name] = clause
        self.proves[name] = tuple(targets)
        self.masks.append((name, sum(atom.bit for atom in atoms)))
        for rule in dict.fromkeys(target.rule for target in targets):
            self.of_rule.setdefault(rule, []).append(atoms)

    def told(self, rules: Iterable[int], values: Valuation) -> int:
        """Return the atoms that hold, as far as the clauses of some rules turn on them.

        A clause is followed as long as its atoms hold: what comes after the first that does not changes nothing.
        """
        known = 0
        for rule in rules:
            for clause in self.of_rule[rule]:
                for atom in clause:
                    if not known & atom.bit:
                        if not atom.holds[values.pair(atom.test)[0]]:
                            break
                        known |= atom.bit
        return known


class _Lowered(NamedTuple):
    """What a key's conditions are lowered to.

    Args:
        shards: The rulesets.
        always: What holds without any clause.
    """

    shards: tuple[_Shard, ...]
    always: frozenset[_Target]


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
        self._rules: dict[tuple[str, ForEach], list[CompiledRule]] = {}
        for rule in rules:
            self._rules.setdefault((rule.regime.regime, rule.rule.for_each), []).append(rule)
        self._lowered: dict[_Key, _Lowered] = {}
        self._serial = count()
        self._lock = threading.RLock()
        self._pid = os.getpid()
        self._host: _SyncHost | None = None
        self._registered: dict[str, _Shard] = {}
        self._closed = False
        self._hits: list[str] = []
        self._refuse(rules)
        with self._lock:
            self._build()

    # ------------------------------------------------------------------ lowering

    def _refuse(self, rules: Iterable[CompiledRule]) -> None:
        """Refuse what cannot be lowered soundly, before anything is asked. Counting is generous and cheap."""
        for rule in rules:
            for condition in (rule.when, *(e.condition for e in rule.exemptions)):
                clauses, width = _at_most(condition, negated=False)
                if clauses > _MAX_LOWERED or width > _MAX_WIDTH:
                    for truth in (Truth.TRUE, Truth.UNKNOWN):
                        _check_width(self._clauses(condition, truth, negated=False))

    def _lower(self, key: _Key) -> _Lowered:
        """Return the rulesets of a key; they are made when first asked, since most never are."""
        found = self._lowered.get(key)
        if found is not None:
            return found
        clauses: dict[Clause, list[_Target]] = {}
        always: list[_Target] = []
        for rule in self._rules.get((key.regime, key.kind), ()):
            asked = tuple(e.condition for e in rule.exemptions) if key.exemptions else (rule.when,)
            for number, condition in enumerate(asked, start=0 if key.exemptions else -1):
                for truth in (Truth.TRUE, Truth.UNKNOWN):
                    for clause in self._clauses(condition, truth, negated=False):
                        target = _Target(rule.index, number, truth)
                        if clause:
                            clauses.setdefault(clause, []).append(target)
                        else:
                            always.append(target)
        with self._lock:  # threads that meet here keep the first, for its rulesets bear the names that are registered
            return self._lowered.setdefault(key, _Lowered(tuple(self._shard(clauses)), frozenset(always)))

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

    def _shard(self, clauses: dict[Clause, list[_Target]]) -> Iterable[_Shard]:
        """Cut a regime's clauses into rulesets that keep every limit."""
        shared = Counter(atom for clause in clauses for atom in clause)
        shard: _Shard | None = None
        _check_width(clauses)
        done = {
            f"{letter}{n}" for n, test in enumerate(self.programs.tests) if test.fact == "activity" for letter in "tp"
        }
        # Rules about the same activities stand together: of most subjects only a few shards need be asked.
        for clause in sorted(clauses, key=lambda c: (sorted(c & done), sorted((-shared[a], a) for a in c), len(c))):
            if shard is None or len(shard.clauses) >= _MAX_CLAUSES or len(shard.atoms.keys() | clause) > _MAX_ATOMS:
                if shard is not None:
                    yield shard
                shard = _Shard(f"s{next(self._serial)}")
            tests = self.programs.tests
            shard.add(clause, clauses[clause], sorted(clause, key=lambda a: (most_telling_first(tests[int(a[1:])]), a)))
        if shard is not None:
            yield shard

    # ------------------------------------------------------------------ the host

    def _build(self) -> None:
        """Make a fresh host. Shards are registered with it when they are first asked: most never are."""
        self._host = _SyncHost()
        self._registered = {}

    def _register(self, shard: _Shard) -> None:
        """Register a shard with the host, and warm it so that it can be deleted safely."""
        assert self._host is not None  # noqa: S101  # built by the caller
        shared = Counter(atom for clause in shard.clauses.values() for atom in clause)
        definition: dict[str, object] = {
            name: {
                # The most shared atom first, so that clauses share their first conditions.
                "all": [{"m": {"$and": [{f"a.{atom}": 1} for atom in sorted(clause, key=lambda a: (-shared[a], a))]}}],
                "run": self._on(name),
            }
            for name, clause in shard.clauses.items()
        }
        definition["warm"] = {"all": [{"m": {"$and": [{"a.warm": 1}]}}], "run": self._on("warm")}
        self._host.set_rulesets({shard.name: definition})
        self._registered[shard.name] = shard
        if self._fire(shard, frozenset({"warm"})) != ["warm"]:
            raise EngineError("durable_rules did not fire its warm-up rule; use matcher='python'")

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
        for shard in self._registered.values():
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
                for rule in live.candidates(subject, facts):
                    groups.setdefault(rule.regime.regime, []).append(rule)
                for regime, rules in groups.items():
                    # Exemptions are asked for only where there is something to be exempt from.
                    proved = self._prove(_Key(regime, kind, exemptions=False), rules, values)
                    whens = [_truth(proved, rule.index, -1) for rule in rules]
                    engaged = [rule for rule, when in zip(rules, whens, strict=True) if when is not Truth.FALSE]
                    proved = self._prove(_Key(regime, kind, exemptions=True), engaged, values)
                    for rule, when in zip(rules, whens, strict=True):
                        if when is not Truth.FALSE:
                            unless = tuple(_truth(proved, rule.index, i) for i in range(len(rule.exemptions)))
                            matched.append(Matched(rule, subject, when, unless))
                        self.programs.note_assumptions(rule.index, when is not Truth.FALSE, values, assumed)
        return matched, assumed

    def _prove(self, key: _Key, rules: Iterable[CompiledRule], values: Valuation) -> set[_Target]:
        """Return what the clauses of a regime prove of a subject."""
        asked = {rule.index for rule in rules}
        if not asked:
            return set()
        lowered = self._lower(key)
        proved = set(lowered.always)
        for shard in lowered.shards:
            known = shard.told(asked & shard.of_rule.keys(), values)
            if not known:
                continue
            expected = [name for name, mask in shard.masks if mask & known == mask]
            fired = self._asked(shard, frozenset(name for name, atom in shard.atoms.items() if atom.bit & known))
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
                if shard.name not in self._registered:
                    self._register(shard)
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


# Whether an atom holds where its test is FALSE, UNKNOWN, TRUE: that it is true, possible, false, not true.
_HOLDS = {
    "t": (False, False, True),
    "p": (False, True, True),
    "f": (True, False, False),
    "n": (True, True, False),
}


def _truth(proved: set[_Target], rule: int, exemption: int) -> Truth:
    if _Target(rule, exemption, Truth.TRUE) in proved:
        return Truth.TRUE
    return Truth.UNKNOWN if _Target(rule, exemption, Truth.UNKNOWN) in proved else Truth.FALSE


def _at_most(condition: Condition, *, negated: bool) -> tuple[int, int]:
    """Return how many clauses a condition lowers to at most, and how wide the widest is at most."""
    match condition:
        case Test():
            return 1, 1
        case Not(part):
            return _at_most(part, negated=not negated)
        case Contested(part):
            clauses, width = _at_most(part, negated=negated)
            return max(clauses, 1), width
        case All(parts) | AnyOf(parts):
            each = [_at_most(part, negated=negated) for part in parts]
            if isinstance(condition, AnyOf) is not negated:
                return sum(clauses for clauses, _ in each), max((width for _, width in each), default=0)
            return prod(clauses for clauses, _ in each), sum(width for _, width in each)


def _check_width(clauses: Iterable[Clause]) -> None:
    for clause in clauses:
        if len(clause) > _MAX_WIDTH:
            raise EngineError(f"a clause of {len(clause)} tests is too wide; at most {_MAX_WIDTH} are kept sound")


def _minimal(clauses: Iterable[Clause]) -> frozenset[Clause]:
    """Drop clauses that another makes superfluous."""
    kept: list[Clause] = []
    for clause in sorted(set(clauses), key=len):
        if not any(smaller <= clause for smaller in kept):
            kept.append(clause)
    return frozenset(kept)
