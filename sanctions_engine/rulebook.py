"""Loading a rulebook: strict, all mistakes at once, each with file:line:column and the nearest known name.

A rulebook is one or more folders. ``<folder>/un/dprk/2397-7.yaml`` holds the rule ``un.dprk.2397-7``; beside
the rules of a regime stand ``regime.yaml``, ``definitions.yaml`` and ``parameters.yaml``, and goods classes
stand in ``un/goods.yaml``. Nothing in a rule is code.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from importlib import resources
from pathlib import Path as FilePath
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from sanctions_engine.condition import (
    Acts,
    All,
    AnyOf,
    ApprovalSpec,
    CapSpec,
    Condition,
    Contested,
    Measure,
    Not,
    Op,
    Operand,
    Span,
    Test,
    tests_of,
)
from sanctions_engine.documents import Document, Path, read_bytes
from sanctions_engine.errors import InputError, Problem, RulebookError, did_you_mean
from sanctions_engine.facts import FACTS, OPERATORS, FactSpec, FactType
from sanctions_engine.fields import refusal
from sanctions_engine.intake.categories import GoodsCategories
from sanctions_engine.intake.countries import read_country
from sanctions_engine.intake.hs import HsRanges
from sanctions_engine.intake.places import known_areas
from sanctions_engine.rule import (
    PARAGRAPH,
    CompiledExemption,
    CompiledRule,
    Effect,
    Exemption,
    Parameter,
    Regime,
    Rule,
    SharedExemption,
)
from sanctions_engine.vocabulary import ACTIVITY_GROUPS, SUBJECTS

__all__ = ["RESERVED_FILES", "Rulebook", "bundled_rules"]

M = TypeVar("M", bound=BaseModel)

RESERVED_FILES = (
    "regime.yaml",
    "definitions.yaml",
    "parameters.yaml",
    "exemptions.yaml",
    "goods.yaml",
    "not_encoded.yaml",
    "waivers.yaml",
)
_STATE = re.compile(r"[A-Z]{2}")
_SHOULD_NAME = re.compile(r"\$([a-z_]+)\.([A-Za-z0-9_./-]+)\Z")

_CAP_KEYS = ("measure", "limits", "whichever", "limit_from", "share", "before")
_WHICHEVER = ("lower", "stated")


def bundled_rules() -> FilePath:
    """Return the folder of the rules that ship with the package, or of the checkout it runs from."""
    shipped = FilePath(str(resources.files("sanctions_engine") / "_rules"))
    return shipped if shipped.is_dir() else FilePath(__file__).resolve().parent.parent / "rules"


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Rules, compiled, with the regimes and goods classes they use.

    Args:
        rules: In order of id.
        regimes: By id.
        goods: The classes of goods.
        sha256: Of all files, in order of name.
        version: Of the bundled book: the day of its newest law, or ``as of`` a day.
        folders: Where it was read from.
        not_encoded: By regime: measures that no description of a transaction can decide, each with the reason.
    """

    rules: tuple[CompiledRule, ...]
    regimes: Mapping[str, Regime]
    goods: GoodsCategories
    sha256: str
    version: str
    folders: tuple[FilePath, ...]
    not_encoded: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def load(cls, *folders: str | FilePath, bundled: bool = True) -> Rulebook:
        """Read rule folders.

        Args:
            folders: Folders of your own rules (house policy, a national regime).
            bundled: Whether the bundled UN rules are read too.

        Raises:
            RulebookError: Everything that is wrong, at once.
        """
        paths = ([bundled_rules()] if bundled else []) + [FilePath(folder) for folder in folders]
        return _Loader(paths).load()

    def as_of(self, day: date) -> Rulebook:
        """Return the law as it was known on a day: what had not been adopted yet is left out."""
        kept: list[CompiledRule] = []
        for rule in self.rules:
            if rule.rule.in_force.from_ > day:
                continue
            exemptions = tuple(e for e in rule.exemptions if not _starts_after(e, rule, day))
            kept.append(replace(rule, exemptions=exemptions, index=len(kept)))
        return replace(self, rules=tuple(kept), version=f"as of {day}")

    def find(self, rule_id: str) -> CompiledRule:
        """Return a rule by its id, or by a paragraph that only one rule has.

        Raises:
            InputError: There is none; the message names the nearest.
        """
        found = [r for r in self.rules if r.id == rule_id] or [r for r in self.rules if rule_id in r.citations[:1]]
        if len(found) == 1:
            return found[0]
        if found:
            raise InputError(f"{rule_id!r} stands for several rules: {', '.join(r.id for r in found)}")
        raise InputError(f"no rule {rule_id!r}{did_you_mean(rule_id, [r.id for r in self.rules])}")

    def encoding(self, regime: str) -> Mapping[str, tuple[str, ...]]:
        """Return the ids of the rules that encode each measure of a regime; see ``not_encoded`` for the others."""
        found: dict[str, list[str]] = {}
        for rule in self.of_regime(regime):
            for measure in rule.rule.measures:
                found.setdefault(measure, []).append(rule.id)
        return {measure: tuple(ids) for measure, ids in sorted(found.items())}

    def of_regime(self, regime: str) -> tuple[CompiledRule, ...]:
        """Return the rules of a regime."""
        return tuple(r for r in self.rules if r.regime.regime == regime)


def _starts_after(exemption: CompiledExemption, rule: CompiledRule, day: date) -> bool:
    """Whether an exemption's own span begins after a day."""
    starts = [
        test.operand.start
        for test in tests_of(exemption.condition)
        if isinstance(test.operand, Span) and test.operand.start is not None
    ]
    return any(start > day for start in starts)


class _Loader:
    """Reads folders and gathers every mistake."""

    def __init__(self, folders: Sequence[FilePath]) -> None:
        self.folders = tuple(folders)
        self.problems: list[Problem] = []
        self.digest = hashlib.sha256()
        self.definitions: dict[str, dict[str, tuple[object, Document, Path]]] = {}
        self.parameters: dict[str, dict[str, tuple[Parameter, ...]]] = {}
        self.exemptions: dict[str, dict[str, tuple[Exemption, Document, Path]]] = {}
        self.regimes: dict[str, Regime] = {}
        self.goods: GoodsCategories | None = None
        self.not_encoded: dict[str, dict[str, str]] = {}
        self._same: dict[Test, Test] = {}
        self.tests: dict[tuple[str, ...], Test] = {}
        """Tests that were found right, by fact, operator and operand as written; most are written more than once."""
        self._same_whole: dict[tuple[object, ...], Condition] = {}
        self.used_definitions: set[tuple[str, str]] = set()

    def same(self, test: Test) -> Test:
        """Return one object for all equal tests, so that what is weighed once is found again."""
        return self._same.setdefault(test, test)

    def same_whole(self, whole: All | AnyOf | Not | Contested) -> Condition:
        """Return one object for all wholes of the same parts, so that what is judged once is found again."""
        parts = whole.parts if isinstance(whole, All | AnyOf) else (whole.part,)
        why = whole.why if isinstance(whole, Contested) else ""
        return self._same_whole.setdefault((type(whole), why, *map(id, parts)), whole)

    def load(self) -> Rulebook:
        rules: list[tuple[Rule, Document, str]] = []
        for folder in self.folders:
            if not folder.is_dir():
                self.problems.append(Problem(str(folder), "is not a folder of rules"))
                continue
            files = sorted(folder.rglob("*.yaml"))
            if not files:
                self.problems.append(Problem(str(folder), "holds no rules (*.yaml)"))
            texts: dict[FilePath, bytes] = {}
            for file in files:
                texts[file] = file.read_bytes()
                self.digest.update(str(file.relative_to(folder)).encode() + b"\0" + texts[file] + b"\0")
            for file in sorted(files, key=lambda f: (f.name not in RESERVED_FILES, str(f))):
                self._read(file, texts[file], folder, rules)
        if self.goods is None and not self.problems:
            self.problems.append(Problem(str(self.folders[0]) if self.folders else "rulebook", "has no goods.yaml"))
        seen: dict[str, str] = {}
        compiled: list[CompiledRule] = []
        for rule, document, regime_id in sorted(rules, key=lambda item: item[0].rule):
            if rule.rule in seen:
                self.problems.append(
                    Problem(document.where(("rule",)), f"rule {rule.rule} also stands in {seen[rule.rule]}")
                )
                continue
            seen[rule.rule] = document.name
            regime = self.regimes.get(regime_id)
            if regime is None:
                self.problems.append(
                    Problem(document.where(("rule",)), f"regime {regime_id} has no regime.yaml beside its rules")
                )
                continue
            compiled.append(_Compiler(self, rule, document, regime).compile(len(compiled)))
        for room, reasons in self.not_encoded.items():
            for measure in sorted(
                {m for r in compiled if r.regime.regime == room for m in r.rule.measures} & reasons.keys()
            ):
                self.problems.append(Problem(f"{room} not_encoded.yaml", f"{measure} is encoded by a rule; delete it"))
        if self.problems or self.goods is None:
            raise RulebookError(self.problems)
        newest = max((r.rule.in_force.from_ for r in compiled), default=date.min)
        return Rulebook(
            tuple(compiled),
            dict(self.regimes),
            self.goods,
            self.digest.hexdigest(),
            newest.isoformat(),
            self.folders,
            dict(self.not_encoded),
        )

    def _read(self, file: FilePath, text: bytes, folder: FilePath, rules: list[tuple[Rule, Document, str]]) -> None:
        place = file.relative_to(folder).with_suffix("")
        room = ".".join(place.parts[:-1])
        if file.name == "goods.yaml":
            try:
                self.goods = GoodsCategories.load(file)
            except InputError as error:
                self.problems += error.problems
            except RulebookError as error:
                self.problems += error.problems
            return
        try:
            document = read_bytes(text, name=str(file))
        except InputError as error:
            self.problems += error.problems
            return
        if not isinstance(document.data, dict):
            self.problems.append(Problem(document.where(()), "a mapping of keys is expected"))
            return
        match file.name:
            case "regime.yaml":
                regime = self._model(Regime, document)
                if regime is not None:
                    self._same_id(regime.regime, room, document, "regime")
                    self._check_regime(regime, document)
                    self.regimes[room] = regime
            case "definitions.yaml":
                self.definitions[room] = {name: (raw, document, (name,)) for name, raw in document.data.items()}
            case "parameters.yaml":
                self.parameters[room] = self._read_parameters(document)
            case "exemptions.yaml":
                self.exemptions[room] = {
                    name: (exemption, document, (name,))
                    for name, raw in document.data.items()
                    if (exemption := self._model(Exemption, document, raw, (name,))) is not None
                }
            case "not_encoded.yaml":
                self.not_encoded[room] = self._reasons(document)
            case "waivers.yaml":
                pass  # lint reads it: it says nothing of the law
            case _:
                rule = self._model(Rule, document)
                if rule is not None:
                    self._same_id(rule.rule, ".".join(place.parts), document, "rule")
                    rules.append((rule, document, room))

    def _reasons(self, document: Document) -> dict[str, str]:
        """Read why measures are not encoded; an empty reason is none."""
        result = {}
        for measure, reason in document.data.items() if isinstance(document.data, dict) else ():
            if isinstance(reason, str) and reason.strip():
                result[measure] = " ".join(reason.split())
            else:
                self.problems.append(Problem(document.where((measure,)), "say why this measure is not encoded"))
        return result

    def _read_parameters(self, document: Document) -> dict[str, tuple[Parameter, ...]]:
        result = {}
        for name, raw in document.data.items() if isinstance(document.data, dict) else ():
            entries = raw if isinstance(raw, list) else [raw]
            found = []
            for i, entry in enumerate(entries):
                path: Path = (name, i) if isinstance(raw, list) else (name,)
                parameter = self._model(Parameter, document, entry, path)
                if parameter is not None:
                    found.append(parameter)
            result[name] = tuple(found)
        return result

    def _check_regime(self, regime: Regime, document: Document) -> None:
        for i, state in enumerate(regime.targets.states):
            self.check_state(state, document, ("targets", "states", i))
        areas = [area.id for area in known_areas()]
        for i, area in enumerate(regime.targets.areas):
            if area not in areas:
                self.problems.append(
                    Problem(
                        document.where(("targets", "areas", i)), f"unknown area {area!r}{did_you_mean(area, areas)}"
                    )
                )

    def check_state(self, state: str, document: Document, path: Path) -> None:
        if _STATE.fullmatch(state) is None:
            self.problems.append(
                Problem(document.where(path), f"{state!r} is not an ISO code of two capitals{_as_code(state)}")
            )

    def _same_id(self, written: str, expected: str, document: Document, key: str) -> None:
        if written != expected:
            self.problems.append(
                Problem(
                    document.where((key,)), f"id {written!r} does not fit its path; write {expected!r} or move the file"
                )
            )

    def _model(self, model: type[M], document: Document, data: object = None, base: Path = ()) -> M | None:
        try:
            return model.model_validate(document.data if data is None else data)
        except ValidationError as error:
            for detail in error.errors():
                location, what = refusal(detail, model)
                self.problems.append(Problem(document.where((*base, *location)), what))
            return None


def _as_code(state: str) -> str:
    try:
        codes = read_country(state).codes
    except InputError:
        return ""
    return f"; write {next(iter(codes))}" if len(codes) == 1 else ""


class _Compiler:
    """Turns the raw conditions of one rule into conditions, noting every mistake."""

    def __init__(self, loader: _Loader, rule: Rule, document: Document, regime: Regime) -> None:
        self.loader = loader
        self.rule = rule
        self.document = document
        self.regime = regime
        self.depth = 0

    def compile(self, index: int) -> CompiledRule:
        rule = self.rule
        self._check_authority()
        when = self._condition(rule.when, self.document, ("when",))
        activities = frozenset(
            word
            for test in tests_of(when)
            if test.fact == "activity" and isinstance(test.operand, frozenset)
            for word in test.operand
        )
        acts = Acts(activities)
        when = self._of_the_act(when, acts)
        if rule.contested is not None:
            when = Contested(when, rule.contested)
        parts: list[Condition] = [
            self._test_of("occurred", Op.WITHIN, Span(rule.in_force.from_, rule.in_force.until, acts)),
            when,
        ]
        if rule.determination is not None:
            parts.append(self._test_of("determinations", Op.MADE, rule.determination))
        if rule.in_force.until is not None and rule.in_force.until <= rule.in_force.from_:
            self._problem(("in_force", "until"), "ends before it starts; `until` is the first day no longer in force")
        if rule.effect is Effect.INDICATOR and not rule.points_to:
            self._problem(("effect",), "an indicator names the paragraphs it warns of; add points_to")
        exemptions = [e for i, raw in enumerate(rule.unless) if (e := self._unless(raw, ("unless", i))) is not None]
        exemptions += [self._phase(i) for i in range(len(rule.in_force.phases))]
        exempted = Acts(activities, rule.in_force.from_, rule.in_force.until, every=True)
        exemptions = [replace(e, condition=self._of_the_act(e.condition, exempted)) for e in exemptions]
        return CompiledRule(
            rule, self.regime, All(tuple(parts)), tuple(exemptions), activities, self.document.where(("rule",)), index
        )

    def _check_authority(self) -> None:
        """See that what passes for the Council's law cites the Council; another rule may rest on any text."""
        rule = self.rule
        if not rule.rule.startswith("un."):
            return
        if rule.authority.resolution is None:
            self._problem(
                ("authority", "instrument"),
                "a rule under un. is the Council's and names its resolution; give a rule of another instrument an id "
                "of its own, such as eu.dprk.arms",
            )
        for i, paragraph in enumerate(rule.authority.also):
            self._check_paragraph(paragraph, ("authority", "also", i), self.document)
        if rule.determination is not None:
            self._check_paragraph(rule.determination, ("determination",), self.document)

    def _check_paragraph(self, paragraph: str, path: Path, document: Document) -> None:
        if self.rule.rule.startswith("un.") and PARAGRAPH.fullmatch(paragraph) is None:
            self._problem(path, f"{paragraph[:60]!r} is no paragraph of the Council's; write 2397/25", document)

    def _of_the_act(self, condition: Condition, acts: Acts) -> Condition:
        """Let every day that a rule asks about be that of the acts it is about, as the span of the law is."""
        match condition:
            case Test(fact, op, Span() | ApprovalSpec() | CapSpec() as operand):
                return self._test_of(fact, op, replace(operand, acts=acts))
            case All(parts):
                return self.loader.same_whole(All(tuple(self._of_the_act(part, acts) for part in parts)))
            case AnyOf(parts):
                return self.loader.same_whole(AnyOf(tuple(self._of_the_act(part, acts) for part in parts)))
            case Not(part):
                return self.loader.same_whole(Not(self._of_the_act(part, acts)))
            case Contested(part, why):
                return self.loader.same_whole(Contested(self._of_the_act(part, acts), why))
        return condition

    def _problem(self, path: Path, what: str, document: Document | None = None) -> None:
        self.loader.problems.append(Problem((document or self.document).where(path), what))

    def _unless(self, raw: Exemption | SharedExemption, path: Path) -> CompiledExemption | None:
        if isinstance(raw, Exemption):
            return self._exemption(raw, self.document, path)
        known: list[str] = []
        for room in self._rooms():
            shared = self.loader.exemptions.get(room, {})
            known += shared
            if raw.use in shared:
                return self._exemption(*shared[raw.use])
        self._problem((*path, "use"), f"no shared exemption {raw.use!r}{did_you_mean(raw.use, known)}")
        return None

    def _rooms(self) -> list[str]:
        """Return the folders whose shared files this rule sees, its own first."""
        parts = self.regime.regime.split(".")
        return [".".join(parts[:length]) for length in range(len(parts), -1, -1)]

    def _exemption(self, exemption: Exemption, document: Document, path: Path) -> CompiledExemption:
        self._check_paragraph(exemption.authority, (*path, "authority"), document)
        parts: list[Condition] = []
        if exemption.when is not None:
            parts.append(self._condition(exemption.when, document, (*path, "when")))
        if exemption.in_force is not None:
            parts.append(self._test_of("occurred", Op.WITHIN, Span(exemption.in_force.from_, exemption.in_force.until)))
        if exemption.approval is not None:
            parts.append(
                self._test_of(
                    "approvals",
                    Op.HELD,
                    ApprovalSpec(
                        by := self._authority(exemption.approval.by, (*path, "approval", "by"), document),
                        exemption.approval.kind,
                        frozenset({exemption.authority, *self._paragraphs()}),
                        exemption.approval.never_assumed,
                        exemption.approval.within_days,
                        formerly=self._formerly(by),
                    ),
                )
            )
        if not parts:
            self._problem(
                path, "an exemption needs `when` or `approval`; without either it would swallow its rule", document
            )
        condition: Condition = parts[0] if len(parts) == 1 else All(tuple(parts))
        if exemption.contested is not None:
            condition = Contested(condition, exemption.contested)
        return CompiledExemption(
            exemption.exemption,
            exemption.authority,
            condition,
            exemption.checked or self.rule.authority.checked,
            document.where(path),
        )

    def _test_of(self, fact: str, op: Op, operand: Operand) -> Test:
        return self.loader.same(Test(fact, op, operand))

    def _paragraphs(self) -> tuple[str, ...]:
        return (self.rule.authority.citation, *self.rule.authority.also)

    def _authority(self, by: str, path: Path, document: Document | None = None) -> str:
        if by in self.regime.committee_formerly:
            self._problem(path, f"{by} is called {self.regime.committee} now; write that, whatever the day", document)
            return by
        if by in ("state", "un.security-council", "un.committee") or re.fullmatch(r"un\.\d{3,4}-committee", by):
            return by
        house = self.regime.regime.partition(".")[0]
        if house != "un" and re.fullmatch(rf"{re.escape(house)}(\.[a-z0-9-]+)+", by):
            return by  # a body of the house's own
        own = "" if house == "un" else f", or a body of your own such as {house}.board"
        self._problem(
            path, f"unknown authority {by!r}; write un.1718-committee, un.security-council or state{own}", document
        )
        return by

    def _formerly(self, by: str) -> frozenset[str]:
        """Return the names under which an authority went before: those of the regime's committee."""
        return frozenset(self.regime.committee_formerly) if by == self.regime.committee else frozenset()

    def _phase(self, index: int) -> CompiledExemption:
        """Lower a wind-down to an exemption that runs until its day."""
        phase = self.rule.in_force.phases[index]
        path: Path = ("in_force", "phases", index)
        parts: list[Condition] = [
            self._test_of("occurred", Op.WITHIN, Span(self.rule.in_force.from_, phase.until)),
            self._condition(phase.applies_if, self.document, (*path, "applies_if")),
        ]
        if phase.notify is not None:
            by = self._authority(phase.notify.by, (*path, "notify", "by"))
            notice = ApprovalSpec(
                by,
                "notification",
                frozenset(self._paragraphs()),
                never_assumed=True,
                deadline=phase.notify.until,
                formerly=self._formerly(by),
            )
            parts.append(self._test_of("approvals", Op.HELD, notice))
        return CompiledExemption(
            f"wind-down until {phase.until}",
            self.rule.authority.citation,
            All(tuple(parts)),
            self.rule.authority.checked,
            self.document.where(path),
        )

    # ------------------------------------------------------------------ conditions

    _NEVER: Condition = AnyOf(())
    """Stands in for a condition with a mistake; the rulebook is then refused anyway."""

    def _condition(self, raw: object, document: Document, path: Path) -> Condition:
        self.depth += 1
        try:
            if self.depth > 40:
                self._problem(path, "nests too deeply; do definitions use each other in a circle?", document)
                return self._NEVER
            return self._node(raw, document, path)
        finally:
            self.depth -= 1

    def _node(self, raw: object, document: Document, path: Path) -> Condition:
        if not isinstance(raw, Mapping) or not raw:
            self._problem(
                path, "a condition is a mapping: all, any, not, use, contested, or a fact with its operator", document
            )
            return self._NEVER
        if len(raw) > 1 and "contested" in raw and "when" in raw and len(raw) == 2:
            return Contested(self._condition(raw["when"], document, (*path, "when")), str(raw["contested"]))
        if len(raw) > 1:
            self._problem(
                path,
                f"has {len(raw)} keys ({', '.join(map(str, raw))}); wrap several conditions in all: or any:",
                document,
            )
            return self._NEVER
        key, value = next(iter(raw.items()))
        match key:
            case "all" | "any":
                if not isinstance(value, list) or not value:
                    self._problem((*path, key), f"{key} takes a list of conditions, and not an empty one", document)
                    return self._NEVER
                parts = tuple(self._condition(item, document, (*path, key, i)) for i, item in enumerate(value))
                return All(parts) if key == "all" else AnyOf(parts)
            case "not":
                return Not(self._condition(value, document, (*path, key)))
            case "use":
                return self._use(value, document, (*path, key))
            case _:
                return self._fact(str(key), value, document, (*path, str(key)))

    def _use(self, name: object, document: Document, path: Path) -> Condition:
        known: list[str] = []
        for room in self._rooms():
            definitions = self.loader.definitions.get(room, {})
            known += definitions
            if isinstance(name, str) and name in definitions:
                raw, where, at = definitions[name]
                self.loader.used_definitions.add((room, name))
                return self._condition(raw, where, at)
        self._problem(path, f"no definition {name!r}{did_you_mean(str(name), known)}", document)
        return self._NEVER

    def _fact(self, name: str, value: object, document: Document, path: Path) -> Condition:
        spec = FACTS.get(name)
        if spec is None:
            hint = did_you_mean(name, [*FACTS, "all", "any", "not", "use"], cutoff=60)
            self._problem(path, f"unknown fact {name!r}{hint}", document)
            return self._NEVER
        if spec.scopes and self.rule.for_each not in spec.scopes:
            scopes = " or ".join(sorted(s.value for s in spec.scopes))
            self._problem(
                path, f"{name} needs for_each: {scopes}; this rule judges each {self.rule.for_each.value}", document
            )
        if not isinstance(value, Mapping) or not value:
            self._problem(path, f"{name} needs an operator: {', '.join(OPERATORS[spec.type])}", document)
            return self._NEVER
        tests = tuple(
            test
            for op, operand in value.items()
            if (test := self._test(spec, str(op), operand, document, (*path, str(op))))
        )
        if len(tests) == 1:
            return tests[0]
        return All(tests) if tests else self._NEVER

    def _test(self, spec: FactSpec, op: str, raw: object, document: Document, path: Path) -> Test | None:
        if op not in OPERATORS[spec.type]:
            hint = did_you_mean(op, OPERATORS[spec.type], cutoff=50) or f"; known: {', '.join(OPERATORS[spec.type])}"
            self._problem(path, f"{spec.name} has no operator {op!r}{hint}", document)
            return None
        words = [raw] if isinstance(raw, str) else raw
        written: tuple[str, ...] = ()
        # What a parameter stands for is another thing in another regime and on another day.
        if isinstance(words, list) and all(isinstance(word, str) and "$parameters." not in word for word in words):
            written = (spec.name, op, type(raw).__name__, *words)
            if written in self.loader.tests:
                return self.loader.tests[written]
        before = len(self.loader.problems)
        operator = Op("include" if op == "in" else op)
        operand = self._operand(spec, operator, raw, document, path)
        if operand is None or len(self.loader.problems) != before:
            return None
        test = self._test_of(spec.name, operator, operand)
        if written:
            self.loader.tests[written] = test
        return test

    def _operand(self, spec: FactSpec, op: Op, raw: object, document: Document, path: Path) -> Operand | None:
        match spec.type:
            case FactType.FLAG:
                if raw not in ("yes", "no", "true", "false", True, False):
                    self._problem(path, f"write yes or no, not {raw!r}", document)
                return raw in ("yes", "true", True)
            case FactType.DATE | FactType.SPAN:
                try:
                    day = date.fromisoformat(str(raw))
                except ValueError:
                    self._problem(path, f"{str(raw)[:40]!r} is not a full day, such as 2017-12-22", document)
                    return None
                if spec.type is FactType.SPAN:
                    # `occurred: {before: d}` inside a condition is a span of its own.
                    return Span(None, day) if op is Op.BEFORE else Span(day, None)
                return day
            case FactType.MONEY | FactType.COUNT:
                return self._measure(raw, document, path, unit_needed=spec.type is FactType.MONEY)
            case FactType.TOTAL:
                return self._cap(raw, document, path)
            case FactType.DETERMINATIONS:
                return str(raw)
            case FactType.APPROVALS:
                return self._held(raw, document, path)
            case _:
                words = self._words(raw, document, path)
                return self._checked_words(spec, words, document, path)

    def _words(self, raw: object, document: Document, path: Path) -> list[tuple[str, Path]]:
        """Expand one word, a list, ``$activities.transfer`` or ``$parameters.name`` to words with their places."""
        if isinstance(raw, list):
            return [pair for i, item in enumerate(raw) for pair in self._words(item, document, (*path, i))]
        if not isinstance(raw, str):
            self._problem(path, f"a word or a list of words is expected, not {raw!r}", document)
            return []
        match = _SHOULD_NAME.fullmatch(raw)
        if match is None:
            return [(raw, path)]
        kind, name = match[1], match[2]
        if kind == "activities":
            if name not in ACTIVITY_GROUPS:
                self._problem(
                    path, f"no group of activities {name!r}{did_you_mean(name, list(ACTIVITY_GROUPS))}", document
                )
                return []
            return [(word, path) for word in sorted(ACTIVITY_GROUPS[name])]
        if kind == "parameters":
            parameter = self._parameter(name, document, path)
            return [(value, path) for value in parameter.values] if parameter else []
        self._problem(path, f"${kind} is not known; write $activities.<group> or $parameters.<name>", document)
        return []

    def _parameter(self, name: str, document: Document, path: Path) -> Parameter | None:
        known: list[str] = []
        for room in self._rooms():
            parameters = self.loader.parameters.get(room, {})
            known += parameters
            for entry in sorted(parameters.get(name, ()), key=lambda p: p.from_ or date.min, reverse=True):
                if entry.from_ is None or entry.from_ <= self.rule.in_force.from_:
                    return entry
            if name in parameters:
                self._problem(path, f"parameter {name!r} has no value by {self.rule.in_force.from_}", document)
                return None
        self._problem(path, f"no parameter {name!r}{did_you_mean(name, known)}", document)
        return None

    def _checked_words(
        self, spec: FactSpec, words: list[tuple[str, Path]], document: Document, path: Path
    ) -> Operand | None:
        if spec.type is FactType.HS:
            try:
                return HsRanges([word for word, _ in words])
            except InputError as error:
                self._problem(path, error.problems[0].what, document)
                return None
        if not words:
            return None
        if spec.type is FactType.STATES or spec.name.endswith(".located"):
            for word, at in words:
                self.loader.check_state(word, document, at)
        elif (known := self._known(spec)) is not None:
            for word, at in words:
                if word not in known:
                    self._problem(at, f"{spec.name} has no value {word!r}{did_you_mean(word, list(known))}", document)
        return frozenset(word for word, _ in words)

    def _known(self, spec: FactSpec) -> Iterable[str] | None:
        goods = self.loader.goods
        if spec.words is not None:
            return spec.words.words
        if spec.type is FactType.CATEGORIES:
            return goods.ids if goods is not None else None
        name = spec.name
        if name == "subject":
            return (*SUBJECTS.words, *(goods.ids if goods is not None else ()))
        if name.endswith(".listed"):
            return tuple(self.loader.regimes)
        if name.endswith(".groups"):
            return tuple(g for regime in self.loader.regimes.values() for g in regime.targets.groups)
        if name.endswith(".areas"):
            return tuple(area.id for area in known_areas())
        if name == "mode":
            return ("rail", "sea", "road", "air", "pipeline", "post", "hand", "river")
        if name == "goods.kind":
            return ("good", "right", "service", "money", "asset")
        if name == "goods.condition":
            return ("new", "used")
        if name == "vessel.kind":
            return ("ship", "aircraft")
        if name == "vessel.measures":
            return ("asset_freeze", "port_ban", "deflag")
        return None

    def _measure(self, raw: object, document: Document, path: Path, *, unit_needed: bool) -> Measure | None:
        value, unit = (raw.get("value"), raw.get("unit", "")) if isinstance(raw, Mapping) else (raw, "")
        if isinstance(raw, str) and (match := _SHOULD_NAME.fullmatch(raw)) and match[1] == "parameters":
            parameter = self._parameter(match[2], document, path)
            if parameter is None:
                return None
            value, unit = parameter.values[0], parameter.unit
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            self._problem(path, f"{str(value)[:40]!r} is not a number", document)
            return None
        if unit_needed and not unit:
            self._problem(path, "needs a currency: {value: 2000, unit: USD}", document)
        return Measure(number, str(unit))

    def _cap(self, raw: object, document: Document, path: Path) -> CapSpec | None:
        if not isinstance(raw, Mapping) or "measure" not in raw or ("limits" in raw) == ("limit_from" in raw):
            self._problem(
                path,
                "exceeds takes {measure: 2397/5, limits: [$parameters.name], share: 0.75}, or limit_from: "
                "<measure by which the limit is stated> where the Council gives no number",
                document,
            )
            return None
        for key in raw:
            if key not in _CAP_KEYS:
                self._problem((*path, str(key)), f"unknown key {key!r}{did_you_mean(str(key), _CAP_KEYS)}", document)
        written = raw.get("limits", [])
        limits_raw = written if isinstance(written, list) else [written]
        limits = [
            self._measure(item, document, (*path, "limits", i), unit_needed=True) for i, item in enumerate(limits_raw)
        ]
        try:
            share = Decimal(str(raw.get("share", "1")))
        except InvalidOperation:
            self._problem((*path, "share"), "is not a number", document)
            share = Decimal(1)
        whichever = raw.get("whichever")
        if whichever is not None and (len(limits) < 2 or whichever not in _WHICHEVER):
            self._problem(
                (*path, "whichever"),
                "goes with several limits: lower (each binds), or stated (one limit in several units)",
                document,
            )
        limit_from = raw.get("limit_from")
        return CapSpec(
            str(raw["measure"]),
            tuple(limit for limit in limits if limit is not None),
            share,
            raw.get("before") in ("yes", "true"),
            None if limit_from is None else str(limit_from),
            len(limits) > 1 and whichever != "stated",
        )

    def _held(self, raw: object, document: Document, path: Path) -> ApprovalSpec | None:
        if not isinstance(raw, Mapping) or "by" not in raw:
            self._problem(path, "held takes {by: un.1718-committee, kind: approval}", document)
            return None
        by = self._authority(str(raw["by"]), (*path, "by"), document)
        return ApprovalSpec(
            by,
            str(raw.get("kind", "approval")),
            frozenset(self._paragraphs()),
            raw.get("never_assumed") in ("yes", "true"),
            formerly=self._formerly(by),
        )
