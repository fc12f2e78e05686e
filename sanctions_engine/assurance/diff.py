"""``rules diff``: what one rulebook says otherwise than another, each difference with a transaction that shows it.

A change is only said to be one of text where that is proved; else a witness is looked for near the rule's scenarios,
made as short as can be, and really run through both books.
"""

from __future__ import annotations

import json
import subprocess
import tarfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from io import BytesIO
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from sanctions_engine.assurance.meaning import same_verdict
from sanctions_engine.assurance.trials import findings_of
from sanctions_engine.assurance.variations import (
    Described,
    changed_tests,
    focused,
    shortened,
    strays,
    tests_of_rule,
    variations,
)
from sanctions_engine.condition import Test
from sanctions_engine.documents import read_document, read_file
from sanctions_engine.engine import Engine
from sanctions_engine.errors import InputError, Problem
from sanctions_engine.facts import FactType, fact_spec
from sanctions_engine.finding import Finding
from sanctions_engine.report import Report
from sanctions_engine.rule import CompiledRule
from sanctions_engine.rulebook import Rulebook
from sanctions_engine.scenario import Scenario
from sanctions_engine.transaction import Transaction

__all__ = [
    "Change",
    "Corpus",
    "Difference",
    "Effect",
    "Kind",
    "Witness",
    "as_json",
    "as_markdown",
    "check_corpus",
    "diff",
    "opened_book",
]

_MOST_NEAR = 200
_MOST_FOCUSED = 200
_MOST_STRAYS = 600


class Kind(Enum):
    """What became of a rule."""

    ADDED = "added"
    REMOVED = "removed"
    TEXT = "text only"
    MEANING = "changed in meaning"
    UNPROVED = "unproved"
    """The same in text, on goods classes or targets that changed, and nothing was found that shows a difference."""


class Effect(Enum):
    """What a difference does to those who deal."""

    FORBIDS = "newly forbids"
    ALLOWS = "newly allows"
    REASON = "changes reason"


@dataclass(frozen=True, slots=True)
class Witness:
    """A transaction that two books judge differently, checked by running both.

    Args:
        effect: What the difference does.
        transaction: As users write it, as short as was found.
        old: What the old book says of the rule.
        new: What the new one says.
    """

    effect: Effect
    transaction: Described
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Change:
    """A rule that differs.

    Args:
        rule: Its id.
        kind: What became of it.
        why: How it was proved to mean the same, or what was changed.
        witnesses: One of each effect that was found; none: none was found.
    """

    rule: str
    kind: Kind
    why: str
    witnesses: tuple[Witness, ...] = ()


@dataclass(frozen=True, slots=True)
class Corpus:
    """How the two books judge some transactions.

    Args:
        rows: How many were read and judged.
        moved: Counts by the two outcomes, where they differ.
        bad: Rows that could not be read, each with its place.
    """

    rows: int
    moved: Mapping[tuple[str, str], int]
    bad: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two books.

    Args:
        changes: In order of the rules' ids.
        unchanged: How many rules are the same to the letter.
        corpus: How a corpus is judged, where one was given.
    """

    changes: tuple[Change, ...]
    unchanged: int
    corpus: Corpus | None = None

    def of(self, kind: Kind) -> tuple[Change, ...]:
        """Return the changes of a kind."""
        return tuple(change for change in self.changes if change.kind is kind)


# ---------------------------------------------------------------------- books


@contextmanager
def opened_book(name: str, within: str = "rules") -> Iterator[Rulebook]:
    """Load a folder of rules, or the rules of a git revision of the repository we stand in.

    Args:
        name: A folder, or a revision (``main``, ``HEAD~3``, a tag).
        within: For a revision: the folder of rules in the repository.

    Raises:
        InputError: It is neither, or the revision has no such folder.
        RulebookError: The rules do not load.
    """
    folder = Path(name)
    if folder.is_dir():
        yield _load(folder)
        return
    with TemporaryDirectory(prefix="rules-") as temporary:
        archive = _git("archive", "--format=tar", f"{_revision(name)}:{within}" if within != "." else _revision(name))
        with tarfile.open(fileobj=BytesIO(archive)) as tar:
            tar.extractall(temporary, filter="data")
        yield _load(Path(temporary))


def _load(folder: Path) -> Rulebook:
    """Load a whole rulebook, or house rules beside the bundled ones."""
    whole = any(folder.rglob("goods.yaml"))
    return Rulebook.load(folder, bundled=not whole)


def _revision(name: str) -> str:
    try:
        # --end-of-options keeps a name that begins with a hyphen from being an option.
        found = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    except InputError:
        raise InputError([Problem(name[:80], "is neither a folder of rules nor a git revision")]) from None
    return found.decode().strip()


def _git(*arguments: str) -> bytes:
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, check=True, timeout=60)  # noqa: S603, S607  # no shell
    except FileNotFoundError:
        raise InputError([Problem("git", "is not installed; give folders")]) from None
    except subprocess.TimeoutExpired:
        raise InputError([Problem("git", "took longer than a minute; give folders")]) from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().splitlines() or ["failed"]
        raise InputError([Problem("git", said[0][:200])]) from None
    return done.stdout


# ---------------------------------------------------------------------- differences


def diff(old: Rulebook, new: Rulebook, scenarios: Sequence[Scenario] = ()) -> Difference:
    """Compare two rulebooks.

    Args:
        old: The one.
        new: The other.
        scenarios: Of either; witnesses are looked for near their transactions.
    """
    before = {rule.id: rule for rule in old.rules}
    after = {rule.id: rule for rule in new.rules}
    changes: list[Change] = []
    unchanged = 0
    with _Books(old, new, scenarios) as books:
        for rule_id in sorted(before.keys() | after.keys()):
            one, other = before.get(rule_id), after.get(rule_id)
            change = books.compare(one, other)
            if change is None:
                unchanged += 1
            else:
                changes.append(change)
    return Difference(tuple(changes), unchanged)


class _Books:
    """Two books with their engines."""

    def __init__(self, old: Rulebook, new: Rulebook, scenarios: Sequence[Scenario]) -> None:
        self.old, self.new = Engine(old, matcher="python"), Engine(new, matcher="python")
        self.same_goods = _goods(old) == _goods(new)
        self.other_goods = _other_goods(old, new)
        self.bases: dict[str, list[Described]] = {}
        for scenario in scenarios:
            if scenario.rule is not None and scenario.as_of is None:
                self.bases.setdefault(scenario.rule, []).append(scenario.transaction)

    def __enter__(self) -> _Books:
        return self

    def __exit__(self, *_: object) -> None:
        self.old.close()
        self.new.close()

    def compare(self, one: CompiledRule | None, other: CompiledRule | None) -> Change | None:
        rule = one or other
        assert rule is not None  # noqa: S101  # the id came from one of the books
        if one is None or other is None:
            kind = Kind.ADDED if one is None else Kind.REMOVED
            return Change(rule.id, kind, rule.rule.title, tuple(self.witnesses(rule.id, (rule,), tests_of_rule(rule))))
        same_around = self.same_goods and one.regime.targets == other.regime.targets
        if one.rule == other.rule and one.when == other.when and one.exemptions == _placed(other, one):
            if one.regime.targets == other.regime.targets and (self.same_goods or not _reads_goods(one)):
                return None
            found = tuple(self.witnesses(rule.id, (one, other), self._about(one), far=False))
            return Change(rule.id, Kind.MEANING if found else Kind.UNPROVED, "goods classes or targets", found)
        proof = same_verdict(one, other) if same_around and _head(one) == _head(other) else None
        if proof is not None:
            return Change(rule.id, Kind.TEXT, f"proved to mean the same ({proof.by})")
        tests = changed_tests(one, other) or tuple(tests_of_rule(one))
        return Change(
            rule.id,
            Kind.MEANING,
            ", ".join(_differing(one, other)),
            tuple(self.witnesses(rule.id, (one, other), tests)),
        )

    # ------------------------------------------------------------------ witnesses

    def _about(self, rule: CompiledRule) -> tuple[Test, ...]:
        """Return the tests of a rule that ask for a class that differs, or that differs above or below."""
        return tuple(
            test
            for test in tests_of_rule(rule)
            if isinstance(test.operand, frozenset) and not test.operand.isdisjoint(self.other_goods)
        )

    def witnesses(
        self, rule: str, versions: tuple[CompiledRule, ...], tests: Iterable[Test], *, far: bool = True
    ) -> Iterator[Witness]:
        """Yield a shortest witness of each effect that is found; of another reason only where nothing else is.

        Args:
            rule: Its id.
            versions: The one that stands in each book, or in the one book.
            tests: What the change is about.
            far: Whether to look far where nothing near is found; else, where the tests are none, only at the scenarios.
        """
        tests = tuple(tests)
        found: dict[Effect, Described] = {}
        near = self._candidates(rule, versions, tests) if far or tests else iter(self._bases(rule, versions))
        for described in near:
            if not self._may_differ(versions, described):
                continue
            effect = self.effect(rule, described)
            if effect is not None:
                found.setdefault(effect, described)
            if found.keys() >= {Effect.FORBIDS, Effect.ALLOWS}:
                break
        if far and not found:  # a last resort: several random changes at once
            every = dict.fromkeys(test for version in versions for test in tests_of_rule(version))
            for described in strays((*every, *tests), self._bases(rule, versions), _MOST_STRAYS):
                if self._may_differ(versions, described) and (effect := self.effect(rule, described)) is not None:
                    found.setdefault(effect, described)
                if found.keys() >= {Effect.FORBIDS, Effect.ALLOWS}:
                    break
        if len(found) > 1:
            found.pop(Effect.REASON, None)
        for effect, described in found.items():
            short = shortened(described, partial(self._has, rule, effect))
            old, new = self.said(self.old, rule, short), self.said(self.new, rule, short)
            yield Witness(effect, short, old, new)

    def _may_differ(self, versions: tuple[CompiledRule, ...], described: Described) -> bool:
        """Whether two versions differ on a transaction, judged alone: far cheaper than two whole books."""
        if len(versions) < 2:
            return True
        try:
            transaction = Transaction.of(described)
            facts = self.old.facts(transaction)
            one, other = (
                min(findings_of(version, known), key=lambda f: f.outcome.rank, default=None)
                for version, known in zip(
                    versions, (facts, facts if self.same_goods else self.new.facts(transaction)), strict=True
                )
            )
        except InputError:
            return False
        return versions[0].regime.targets != versions[1].regime.targets or _reason(one) != _reason(other)

    def _has(self, rule: str, effect: Effect, described: Described) -> bool:
        return self.effect(rule, described) is effect

    def _candidates(self, rule: str, versions: tuple[CompiledRule, ...], tests: Iterable[Test]) -> Iterator[Described]:
        bases = self._bases(rule, versions)
        every = dict.fromkeys(test for version in versions for test in tests_of_rule(version))
        asked = tuple(tests)
        close = (described for base in bases[:8] for described in focused(asked, base))
        yield from chain(bases, _first(close, _MOST_FOCUSED), variations(every, bases, _MOST_NEAR))

    def _bases(self, rule: str, versions: tuple[CompiledRule, ...]) -> list[Described]:
        return self.bases.get(rule) or [_plain(version) for version in versions]

    def effect(self, rule: str, described: Described) -> Effect | None:
        """Say how two books differ about one rule and a transaction, by running both."""
        try:
            transaction = Transaction.of(described)
        except InputError:
            return None
        old = _gravest(self.old.check(transaction), rule)
        new = _gravest(self.new.check(transaction), rule)
        before, after = _weight(old), _weight(new)
        if before != after:
            return Effect.FORBIDS if after > before else Effect.ALLOWS
        return Effect.REASON if _reason(old) != _reason(new) else None

    def said(self, engine: Engine, rule: str, described: Described) -> str:
        finding = _gravest(engine.check(Transaction.of(described)), rule)
        if finding is None:
            return "nothing"
        return f"{finding.outcome.value} ({finding.message})"


def _first(items: Iterable[Described], most: int) -> Iterator[Described]:
    for i, item in enumerate(items):
        if i >= most:
            return
        yield item


def _gravest(report: Report, rule: str) -> Finding | None:
    return min((f for f in report.findings if f.rule.id == rule), key=lambda f: f.outcome.rank, default=None)


def _weight(finding: Finding | None) -> int:
    """Return how much a finding stands in the way: nothing and an exemption not at all."""
    ranks = {"violation": 4, "potential": 3, "duty": 2, "advisory": 1}
    return ranks.get(finding.outcome.value, 0) if finding is not None else 0


def _reason(finding: Finding | None) -> tuple[object, ...]:
    if finding is None:
        return ()
    breach = sorted((a.state, a.limb, a.settled) for a in finding.in_breach)
    return (finding.outcome, finding.citations, finding.citation.checked, breach, [g.path for g in finding.missing])


def _goods(book: Rulebook) -> object:
    return [book.goods[name] for name in sorted(book.goods.ids)]


def _other_goods(old: Rulebook, new: Rulebook) -> frozenset[str]:
    """Return the classes that differ between two books, with those above and below them."""
    found: set[str] = set()
    for mine, theirs in ((old.goods, new.goods), (new.goods, old.goods)):
        for name in mine.ids:
            if name not in theirs or mine[name] != theirs[name]:
                found |= {name, *mine.ancestors(name), *mine.descendants(name)}
    return frozenset(found)


def _reads_goods(rule: CompiledRule) -> bool:
    """Whether a rule asks for classes of goods, directly or as what an activity is about."""
    spec = (fact_spec(test.fact) for test in tests_of_rule(rule))
    return any(s is not None and (s.type is FactType.CATEGORIES or s.name in _FROM_CLASSES) for s in spec)


_FROM_CLASSES = frozenset({"subject", "goods.conflict", "goods.spare_part_for", "illegally_removed"})
"""Facts that are read from the classes of goods too."""


def _placed(rule: CompiledRule, like: CompiledRule) -> tuple[object, ...]:
    """Return a rule's exemptions as if they stood in the other book's files."""
    places = [e.place for e in like.exemptions]
    return (
        tuple(replace(e, place=p) for e, p in zip(rule.exemptions, places, strict=False))
        + rule.exemptions[len(places) :]
    )


def _head(rule: CompiledRule) -> tuple[object, ...]:
    """Return what a finding says beside its verdict."""
    written = rule.rule
    return (
        rule.citations,
        written.authority.checked,
        written.binds,
        written.reach,
        written.in_force.from_,
        written.in_force.until,
        [(e.paragraph, e.checked) for e in rule.exemptions],
    )


_SAID = (
    "in_force",
    "effect",
    "binds",
    "reach",
    "for_each",
    "when",
    "unless",
    "determination",
    "contested",
    "authority",
)


def _differing(one: CompiledRule, other: CompiledRule) -> Iterator[str]:
    """Name the keys of a rule file that differ, or say that something shared does."""
    found = [key for key in _SAID if getattr(one.rule, key) != getattr(other.rule, key)]
    yield from found or ["a shared definition, exemption or parameter"]


def _plain(rule: CompiledRule) -> Described:
    """Return a plain deal in a rule's regime and time, where it has no scenario."""
    state = next(iter(rule.regime.targets.states), "FR")
    start = rule.rule.in_force.from_
    activity = next(iter(sorted(rule.activities)), "sale")
    return {
        "occurred": start.isoformat(),
        "activities": [activity],
        "parties": [
            {"name": "A Seller", "roles": ["seller"], "kind": "company", "jurisdiction": "FR", "nationality": "FR"},
            {"name": "A Buyer", "roles": ["buyer", "consignee"], "kind": "company", "jurisdiction": state},
        ],
        "goods": [{"description": "goods"}],
        "route": {"from": {"country": "FR"}, "to": {"country": state}, "via": []},
    }


# ---------------------------------------------------------------------- a corpus


def check_corpus(old: Rulebook, new: Rulebook, corpus: Path) -> Corpus:
    """Judge transactions by both books and count how outcomes move.

    Args:
        old: The one book.
        new: The other.
        corpus: A folder of YAML and JSON files, or a file with a JSON object a line.

    Raises:
        InputError: There is no such file or folder, or nothing in it. A bad row raises nothing: it is counted.
    """
    rows = 0
    counts: Counter[tuple[str, str]] = Counter()
    bad: list[Problem] = []
    with _Books(old, new, ()) as books:
        for place, described in _rows(corpus, bad):
            try:
                transaction = Transaction.of(described)
            except InputError as error:
                bad.append(Problem(place, "; ".join(str(problem) for problem in error.problems[:3])))
                continue
            rows += 1
            before, after = books.old.check(transaction).outcome.value, books.new.check(transaction).outcome.value
            if before != after:
                counts[before, after] += 1
    if not rows and not bad:
        raise InputError([Problem(str(corpus), "holds no transaction (*.yaml, *.json, or a file with JSON lines)")])
    return Corpus(rows, dict(counts), tuple(bad))


def _rows(corpus: Path, bad: list[Problem]) -> Iterator[tuple[str, Mapping[str, object]]]:
    if corpus.is_dir():
        for file in sorted(f for f in corpus.rglob("*") if f.suffix in (".yaml", ".yml", ".json")):
            try:
                data = read_file(file).data
            except InputError as error:
                bad += error.problems
                continue
            yield from _mapping(str(file), data, bad)
        return
    try:
        with corpus.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield from _row(f"{corpus}:{number}", line, bad)
    except OSError as error:
        raise InputError([Problem(str(corpus), f"cannot be read: {error.strerror}")]) from error


def _row(place: str, line: bytes, bad: list[Problem]) -> Iterator[tuple[str, Mapping[str, object]]]:
    try:
        yield from _mapping(place, read_document(line.decode(), name=place, json_only=True).data, bad)
    except InputError as error:
        bad.append(Problem(place, error.problems[0].what))
    except UnicodeDecodeError:
        bad.append(Problem(place, "is not UTF-8"))


def _mapping(place: str, data: object, bad: list[Problem]) -> Iterator[tuple[str, Mapping[str, object]]]:
    if isinstance(data, Mapping):
        yield place, data
    else:
        bad.append(Problem(place, "is not a transaction: a mapping of keys is expected"))


# ---------------------------------------------------------------------- how it is said


def as_markdown(found: Difference) -> str:
    """Say what differs, for a pull request."""
    counts = ", ".join(f"{len(found.of(kind))} {kind.value}" for kind in Kind if kind is not Kind.UNPROVED)
    lines = ["## What these rules change", "", f"{counts}; {found.unchanged} the same.", ""]
    if unproved := found.of(Kind.UNPROVED):
        said = f"{len(unproved)} more are the same in text, but goods classes or targets that they rest on changed: "
        lines += [said + "no transaction was found that tells them apart, nor a proof that there is none.", ""]
    for kind in (Kind.MEANING, Kind.ADDED, Kind.REMOVED, Kind.TEXT):
        if found.of(kind):
            lines += [f"### {kind.value.capitalize()}", ""]
        for change in found.of(kind):
            effects = ", ".join(w.effect.value for w in change.witnesses)
            lines.append(f"- **`{change.rule}`**: {_escaped(change.why)}{f' — {effects}' if effects else ''}")
            for witness in change.witnesses:
                lines += [
                    "",
                    f"  {witness.effect.value}: old: {_escaped(witness.old)}; new: {_escaped(witness.new)}",
                    "",
                ]
                text = yaml.safe_dump(dict(witness.transaction), sort_keys=False, allow_unicode=True, width=100)
                lines += ["  ```yaml", *(f"  {line}" for line in text.rstrip().splitlines()), "  ```"]
            if kind is Kind.MEANING and not change.witnesses:
                lines.append("  - neither proved to mean the same, nor was a transaction found that shows a difference")
        if found.of(kind):
            lines.append("")
    if found.corpus is not None:
        lines += _corpus_lines(found.corpus)
    return "\n".join(lines).rstrip() + "\n"


def _corpus_lines(corpus: Corpus) -> list[str]:
    lines = ["### On the corpus", "", f"{corpus.rows} transactions, {sum(corpus.moved.values())} judged otherwise."]
    if corpus.moved:
        lines += ["", "| old | new | transactions |", "|---|---|---:|"]
        lines += [f"| {old} | {new} | {count} |" for (old, new), count in sorted(corpus.moved.items())]
    if corpus.bad:
        lines += ["", f"{len(corpus.bad)} rows could not be read:", ""]
        lines += [f"- {_escaped(str(problem))}" for problem in corpus.bad[:50]]
        lines += [f"- and {len(corpus.bad) - 50} more"] if len(corpus.bad) > 50 else []
    return [*lines, ""]


def _escaped(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def as_json(found: Difference) -> dict[str, object]:
    """Return what differs as plain data."""
    result: dict[str, object] = {
        "unchanged": found.unchanged,
        "changes": [
            {
                "rule": change.rule,
                "kind": change.kind.value,
                "why": change.why,
                "witnesses": [
                    {"effect": w.effect.value, "old": w.old, "new": w.new, "transaction": _plain_data(w.transaction)}
                    for w in change.witnesses
                ],
            }
            for change in found.changes
        ],
    }
    if found.corpus is not None:
        result["corpus"] = {
            "rows": found.corpus.rows,
            "moved": [{"old": o, "new": n, "count": c} for (o, n), c in sorted(found.corpus.moved.items())],
            "bad": [{"where": problem.where, "what": problem.what} for problem in found.corpus.bad],
        }
    return result


def _plain_data(described: Described) -> object:
    return json.loads(json.dumps(described, default=str))
