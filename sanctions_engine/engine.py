"""The engine: described transactions in, cited findings out."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

from sanctions_engine.dates import Period
from sanctions_engine.errors import EngineError, InputError, Problem
from sanctions_engine.facts import WHOLE, FactBase, Targets, fold_words
from sanctions_engine.finding import Finding, find
from sanctions_engine.intake.goods import GoodsClassifier
from sanctions_engine.intake.screening import Screener
from sanctions_engine.judge import Trace, judge
from sanctions_engine.match import LiveRules, Matched, Matcher, PythonMatcher
from sanctions_engine.readings import Gap
from sanctions_engine.report import Assumption, Incomplete, Report
from sanctions_engine.rule import CompiledRule, targets_of
from sanctions_engine.rulebook import Rulebook
from sanctions_engine.transaction import Transaction
from sanctions_engine.truth import Truth

if TYPE_CHECKING:
    import polars as pl

    from sanctions_engine.batch import BatchResult

__all__ = ["Engine", "engine_version"]

_REMEMBERED = 1_024


@lru_cache(maxsize=1)
def engine_version() -> str:
    """Return the version of the installed package."""
    try:
        return metadata.version("sanctions-engine")
    except metadata.PackageNotFoundError:
        return "unknown"


class _Epoch:
    """A span of time in which the same rules are in force.

    Args:
        rules: Them, by regime.
    """

    def __init__(self, rules: dict[str, tuple[CompiledRule, ...]]) -> None:
        self.rules = rules
        self.regimes = tuple(name for name, mine in rules.items() if mine)
        self.count = sum(map(len, rules.values()))
        self.live: dict[tuple[str, ...], LiveRules] = {}
        """What is live where some regimes are concerned; their names are the key."""


class Engine:
    """Checks transactions against a rulebook and the UN list.

    Args:
        rulebook: The law; the bundled UN rulebook where not given.
        screener: The list; the installed one where not given, else the starter list.
        matcher: ``durable`` (durable_rules), ``python``, or ``auto``: durable where it can be loaded. Both give the
            same results.
        assume: ``usual``, or ``nothing`` to make every assumption UNKNOWN.

    An engine may be used from several threads. Close it (or use ``with``) to give back durable_rules' memory.
    """

    def __init__(
        self,
        rulebook: Rulebook | None = None,
        *,
        screener: Screener | None = None,
        matcher: Literal["auto", "durable", "python"] = "auto",
        assume: Literal["usual", "nothing"] = "usual",
    ) -> None:
        if rulebook is not None and not isinstance(rulebook, Rulebook):
            raise TypeError(
                f"rulebook takes a Rulebook, not {rulebook!r:.60}; a folder is read by Rulebook.load(folder)"
            )
        self.rulebook = rulebook if rulebook is not None else _bundled()
        self.screener = screener if screener is not None else _installed()
        self.classifier = GoodsClassifier(self.rulebook.goods)
        self._assume_nothing = assume == "nothing"
        self._targets: dict[str, Targets] = {name: targets_of(r) for name, r in self.rulebook.regimes.items()}
        self._target_states = frozenset(state for t in self._targets.values() for state in t.states)
        self._aimed_at: dict[str, list[str]] = {}
        for name, t in self._targets.items():
            for key in (name, *t.states, *t.areas, *t.groups, *t.grounds):
                self._aimed_at.setdefault(key, []).append(name)
        self._groups: dict[str, tuple[str, ...]] = {}
        for t in self._targets.values():
            for group, names in t.groups.items():  # two regimes may name one group
                self._groups[group] = self._groups.get(group, ()) + tuple(fold_words(name) for name in names)
        self._group_of: dict[str, str] = {}
        for group, names in self._groups.items():
            for name in (*names, group.replace("-", " ")):
                self._group_of.setdefault(name, group)
        self._mentions, self._mentioned = _mention_index(self._targets.values())
        self._by_regime: dict[str, tuple[CompiledRule, ...]] = {
            name: self.rulebook.of_regime(name) for name in self.rulebook.regimes
        }
        # The days on which the law changes cut time into epochs; within one, the same rules are in force.
        self._edges = sorted(
            {
                day
                for r in self.rulebook.rules
                for day in (r.rule.in_force.from_, r.rule.in_force.until)
                if day is not None
            }
        )
        self._epochs: dict[tuple[int, int], _Epoch] = {}
        self._note: str | None = None
        self.matcher: Matcher = self._make_matcher(matcher)
        self._as_of: dict[date, Engine] = {}

    def _make_matcher(self, name: str) -> Matcher:
        if name == "python":
            return PythonMatcher(self.rulebook.rules)
        try:
            from sanctions_engine.inference import DurableMatcher
        except ImportError as error:
            if name == "durable":
                raise EngineError(f"durable_rules cannot be loaded ({error}); use matcher='python'") from error
            self._note = f"durable_rules is not available here ({error}); matcher=python was used"
            return PythonMatcher(self.rulebook.rules)
        return DurableMatcher(self.rulebook.rules)

    def close(self) -> None:
        """Give back what the matcher holds; the engine cannot be used afterwards."""
        self.matcher.close()
        for engine in self._as_of.values():
            engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def as_of(self, day: date) -> Engine:
        """Return an engine with the law and the list as they were known on a day."""
        found = self._as_of.get(day)
        if found is None:
            found = Engine(
                self.rulebook.as_of(day),
                screener=Screener.installed(day),
                matcher="python" if self.matcher.name == "python" else "durable",
                assume="nothing" if self._assume_nothing else "usual",
            )
            self._as_of[day] = found
        return found

    def facts(self, transaction: Transaction) -> FactBase:
        """Return the facts of a transaction, as rules see them."""
        return FactBase(
            transaction,
            classifier=self.classifier,
            screener=self.screener,
            groups=self._group_of,
            named_states=self._states_named_in,
            assume_nothing=self._assume_nothing,
        )

    def _states_named_in(self, text: str) -> frozenset[str]:
        """Return the States of the regimes that a folded text mentions and does not deny ("not for re-export to")."""
        if self._mentions is None:
            return frozenset()
        regimes: set[str] = set()
        denied, end = False, 0
        for found in self._mentions.finditer(text):
            between = text[end : found.start()].split()
            denied = (denied and _PASSING.issuperset(between)) or _denied(between)
            end = found.end()
            if not denied:
                regimes.update(self._mentioned[found[0]])
        return frozenset(state for regime in regimes for state in self._targets[regime].states)

    @property
    def target_states(self) -> frozenset[str]:
        """The States that some regime is aimed at: an index of what could be a regime's business."""
        return self._target_states

    def regimes_by_state(self) -> dict[str, tuple[str, ...]]:
        """Return which regimes are aimed at each of the ``target_states``."""
        return {state: tuple(self._aimed_at[state]) for state in self._target_states}

    @property
    def mention_words(self) -> frozenset[str]:
        """The folded words and phrases that, in a free text, mention a target."""
        return frozenset(self._mentioned)

    @property
    def group_words(self) -> frozenset[str]:
        """The folded names of the named groups."""
        names = (name for names in self._groups.values() for name in names)
        return frozenset((*names, *(group.replace("-", " ") for group in self._groups)))

    def mentions_in(self, text: str) -> frozenset[str]:
        """Return which ``mention_words`` stand in a folded text."""
        return frozenset(self._mentions.findall(text)) if self._mentions is not None and text else frozenset()

    def check(
        self, transaction: Transaction | Mapping[str, object] | str, *, as_of: date | str | None = None
    ) -> Report:
        """Check one transaction against every rule whose regime it concerns.

        Args:
            transaction: A ``Transaction``, a mapping in the same shape, or its YAML text.
            as_of: Judge by the law and list as known on that day (text: ``2016-12-31``). The clock is never read.

        Raises:
            InputError: The description cannot be read; every mistake is listed.
            EngineError: The evaluators disagree; nothing is cleared.
        """
        if as_of is not None:
            return self.as_of(_day(as_of) if isinstance(as_of, str) else as_of).check(transaction)
        described = Transaction.of(transaction)
        facts = self.facts(described)
        live, waiting = self._live(facts)
        findings: list[Finding] = []
        assumed: dict[Gap, None] = {}
        if live.rules:
            matched, assumed = self.matcher.match(facts, live)
            assumed |= dict.fromkeys(facts.standing_assumptions)
            traces: defaultdict[str, dict[int, Trace]] = defaultdict(dict)
            explained = (self._explain(one, facts, traces[one.subject.path]) for one in matched)
            findings = [finding for finding in explained if finding is not None]
        incomplete: tuple[Incomplete, ...] = ()
        if waiting:
            missing, closed = facts.unplaced
            if self._assume_nothing:
                missing, closed = (*missing, *closed), ()
            incomplete = tuple(Incomplete(gap, waiting, described) for gap in missing)
            assumed |= dict.fromkeys(closed)
        findings.sort(key=_gravity)
        return Report(
            described,
            tuple(findings),
            _assumptions(assumed),
            incomplete,
            self._not_checked(facts),
            tuple(
                dict.fromkeys(
                    (
                        *facts.conflicts,
                        *(w for f in findings for w in f.warnings),
                        *((self._note,) if self._note else ()),
                    )
                )
            ),
            {"version": self.rulebook.version, "sha256": self.rulebook.sha256},
            self._list(),
            engine_version(),
            self.matcher.name,
            facts,
            len(live.rules),
        )

    def concerned(self, facts: FactBase, among: Collection[str] | None = None) -> tuple[str, ...]:
        """Return the regimes whose targets a transaction touches, or may touch.

        Args:
            facts: The facts of the transaction.
            among: Only these regimes; all of them where not given.
        """
        mentioned = (
            frozenset(name for word in self._mentions.findall(facts.text) for name in self._mentioned[word])
            if self._mentions is not None and facts.text
            else frozenset[str]()
        )
        touched = facts.touched
        asked: Collection[str] = self._targets
        if touched is not None:
            asked = mentioned.union(*(self._aimed_at.get(key, ()) for key in touched))
        if not asked:
            return ()
        return tuple(
            name
            for name in (self._targets if among is None else among)
            if name in asked and facts.nexus(self._targets[name], mentioned).truth is not Truth.FALSE
        )

    def check_frame(
        self,
        source: pl.DataFrame | str | Path,
        out: str | Path | None = None,
        *,
        columns: Mapping[str, str] | None = None,
        ignore: Iterable[str] = (),
        explain: bool = False,
    ) -> BatchResult:
        """Check every transaction of a frame or file, with the verdicts of ``check`` (extra ``batch``).

        Args:
            source: A Polars frame in the flat shape (one row a goods line, the rows of a transaction together), or a
                file: CSV, JSON lines, Parquet or Arrow, flat or with nested transactions.
            out: A folder for the tables; a run that was interrupted goes on there. ``None``: the tables are kept in
                memory.
            columns: The file's names of columns to ours.
            ignore: Columns that say nothing of a transaction; any other unknown column is an error.
            explain: Also write the full reports of transactions with findings (``explanations.jsonl``).

        Raises:
            InputError: The file or its columns cannot be read. A row that cannot be read is quarantined instead.
        """
        from sanctions_engine.batch import check_frame

        return check_frame(self, source, out, columns=columns, ignore=ignore, explain=explain)

    def _live(self, facts: FactBase) -> tuple[LiveRules, int]:
        """Return the rules that must be judged, and how many wait for a nexus."""
        epoch = self._epoch(None if facts.dated_acts else facts.transaction.occurred)
        names = self.concerned(facts, epoch.regimes)
        live = epoch.live.get(names)
        if live is None:
            live = LiveRules([rule for name in names for rule in epoch.rules[name]])
            if len(epoch.live) < _REMEMBERED:
                epoch.live[names] = live
        return live, epoch.count - len(live.rules)

    def _epoch(self, period: Period | None) -> _Epoch:
        """Return the rules of each regime that may be in force at a time; all of them where there is none.

        Exact for the span of the whole transaction, else generous: ``judge`` has the last word on dates.
        """
        first = bisect_right(self._edges, period.first) if period is not None and period.first else 0
        last = bisect_right(self._edges, period.last) if period is not None and period.last else len(self._edges)
        found = self._epochs.get((first, last))
        if found is None:
            found = self._epochs[first, last] = _Epoch(
                {
                    name: tuple(
                        rule
                        for rule in rules
                        if bisect_right(self._edges, rule.rule.in_force.from_) <= last
                        and (
                            rule.rule.in_force.until is None
                            or first < bisect_right(self._edges, rule.rule.in_force.until)
                        )
                    )
                    for name, rules in self._by_regime.items()
                }
            )
        return found

    def _explain(self, matched: Matched, facts: FactBase, known: dict[int, Trace]) -> Finding | None:
        """Let ``judge`` explain what the matcher found, and hold the two together.

        Args:
            matched: What the matcher found.
            facts: The facts it was found in.
            known: What ``judge`` has said of the subject so far.
        """
        rule, subject = matched.rule, matched.subject
        when = judge(rule.when, facts, subject, known)
        unless = tuple([judge(exemption.condition, facts, subject, known) for exemption in rule.exemptions])
        if when.truth is not matched.when or tuple(t.truth for t in unless) != matched.unless:
            raise EngineError(
                f"{rule.id} on {subject.path}: matcher {self.matcher.name} says {matched.when.value}, "
                f"judge says {when.truth.value}; nothing is cleared, please report this"
            )
        return find(rule, subject, facts, when, unless)

    def _not_checked(self, facts: FactBase) -> tuple[str, ...]:
        info = self.screener.info
        notes = []
        if info.starter:
            notes.append(
                f"parties against the whole UN list: only the starter list of {info.entries} is installed "
                "(sanctions-engine list update)"
            )
        if facts.transaction.payments is None and any(act.frame.group == "transfer" for act, _ in facts.acts(WHOLE)):
            notes.append("payments: none is described")
        return tuple(notes)

    def _list(self) -> dict[str, str | None]:
        info = self.screener.info
        return {"generated": info.generated.isoformat() if info.generated else None, "sha256": info.sha256}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError([Problem("as_of", f"{text[:40]!r} is not a full day, such as 2016-12-31")]) from None


def _gravity(finding: Finding) -> tuple[int, bool, int, str, str]:
    """Order findings: the gravest outcome first, then what is settled, then the severest."""
    severity = ("critical", "high", "medium", "low").index(finding.rule.rule.severity.value)
    return finding.outcome.rank, not finding.settled, severity, finding.rule.id, finding.subject.path


def _assumptions(assumed: Iterable[Gap]) -> tuple[Assumption, ...]:
    found = {(gap.path, gap.why): Assumption(gap.path, "no", gap.why) for gap in assumed}
    return tuple(found.values())


def _mention_index(targets: Iterable[Targets]) -> tuple[re.Pattern[str] | None, dict[str, tuple[str, ...]]]:
    """Compile the words that mention a target into one pattern of whole words."""
    index: dict[str, list[str]] = {}
    for target in targets:
        words = [*target.mentions, *(name for names in target.groups.values() for name in names)]
        for word in words:
            regimes = index.setdefault(fold_words(word), [])
            if target.regime not in regimes:
                regimes.append(target.regime)
    index.pop("", None)
    if not index:
        return None, {}
    ordered = sorted(index, key=len, reverse=True)
    pattern = re.compile(r"(?<!\w)(?:" + "|".join(re.escape(word) for word in ordered) + r")(?!\w)")
    return pattern, {word: tuple(regimes) for word, regimes in index.items()}


_DENIES = frozenset({"not", "no", "never", "neither", "nor"})
_PASSING = frozenset(
    ["a", "and", "any", "be", "bound", "delivered", "destined", "directly", "export", "exported", "for", "from", "in",
     "indirectly", "intended", "is", "of", "or", "re", "resale", "resold", "sale", "shipped", "sold", "supplied", "the",
     "to", "transferred", "use", "used", "via", "with"]
)  # fmt: skip
"""Words that may stand between a denial and what is denied: of trade, or without a meaning of their own."""


def _denied(before: Sequence[str]) -> bool:
    """Whether what follows is denied in so many words: "not", and from there nothing that could be another matter."""
    return next((word in _DENIES for word in reversed(before) if word not in _PASSING), False)


@lru_cache(maxsize=1)
def _bundled() -> Rulebook:
    return Rulebook.load()


@lru_cache(maxsize=1)
def _installed() -> Screener:
    return Screener.installed()
