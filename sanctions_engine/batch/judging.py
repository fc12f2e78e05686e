"""Rows collapse into few combinations of classes; one row of each combination is judged by ``Engine.check``.

What fits no class (rows of one transaction that name several parties, say) is judged by itself.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from sanctions_engine.batch.classes import (
    BAD,
    COUNTED,
    HOT,
    PAST,
    PLAIN,
    PRECISE,
    Reader,
    Register,
    told_of,
)
from sanctions_engine.batch.columns import COLUMNS, NEEDS, UNITS, as_text, nest, stated
from sanctions_engine.batch.lines import Lines
from sanctions_engine.batch.numbering import Numbered
from sanctions_engine.batch.sweep import Sweep
from sanctions_engine.batch.truthsets import Law
from sanctions_engine.batch.verdict import Verdict
from sanctions_engine.documents import read_document
from sanctions_engine.errors import EngineError, InputError, Problem, did_you_mean
from sanctions_engine.facts import FactBase
from sanctions_engine.finding import Outcome
from sanctions_engine.transaction import Transaction

if TYPE_CHECKING:
    from sanctions_engine.engine import Engine

__all__ = ["FINDINGS", "QUARANTINE", "VERDICTS", "Batch", "Part"]

_REMEMBERED = 1_000_000
_PLAIN_TABLE = 1 << 20
_SAMPLED = 1_000
"""One combination of so many that were swept is also checked by itself."""


_Schema = dict[str, pl.DataType | type[pl.DataType]]
_OUTCOMES = pl.Enum([outcome.value for outcome in Outcome])
VERDICTS: _Schema = {
    "transaction": pl.String, "row": pl.UInt64, "rows": pl.UInt32, "outcome": _OUTCOMES,
    "findings": pl.UInt32,
}  # fmt: skip
FINDINGS: _Schema = {
    "transaction": pl.String, "row": pl.UInt64, "rule": pl.String, "outcome": _OUTCOMES,
    "subject": pl.String, "settled": pl.Boolean, "exemption": pl.String, "citations": pl.String,
}  # fmt: skip
QUARANTINE: _Schema = {"row": pl.UInt64, "transaction": pl.String, "reason": pl.String}


@dataclass(frozen=True, slots=True)
class Part:
    """What the rows of a piece gave: three tables, and the reports that were asked for."""

    verdicts: pl.DataFrame
    findings: pl.DataFrame
    quarantine: pl.DataFrame
    explanations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Key:
    """What plain rows are told apart by.

    Args:
        of_row: The key of each row.
        size: All are below it.
        layout: What they are made of: keys of one layout mean the same. Empty where they mean nothing elsewhere.
    """

    of_row: pl.Series
    size: int
    layout: tuple[tuple[str, int], ...]


class Batch:
    """Judges frames of transactions; what it has learned of values and combinations is kept for the next frame.

    Args:
        engine: Whose verdicts.
        columns: Their column names to ours, where they differ.
        ignore: Columns that say nothing of a transaction. Any other unknown column is an error, so that no fact
            is passed over in silence.
        explain: Also give the full report of every transaction with findings.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        columns: Mapping[str, str] | None = None,
        ignore: Iterable[str] = (),
        explain: bool = False,
    ) -> None:
        self.engine = engine
        self._renamed = dict(columns or {})
        self._ignored = frozenset(ignore)
        self.explains = explain
        self._swept = 0
        self.combinations = 0
        """How many single checks were made."""
        self._law = Law(engine.rulebook.rules)
        self._begin()

    def _begin(self) -> None:
        """Know nothing of values and combinations yet."""
        self._reader = Reader(self.engine)
        self._registers: dict[str, Register] = {}
        self._verdicts: list[Verdict] = []
        self._verdict_ids: dict[Verdict, int] = {}
        self._judged: dict[Hashable, int] = {}
        self._plain: tuple[tuple[tuple[str, int], ...], pl.Series] = (), pl.Series(dtype=pl.UInt32)
        self._lines = Lines(self._reader, self._registers)
        self._sweep = Sweep(self.engine, self._reader, self._registers, self._lines, self._law, self._keep)

    def _remembers_too_much(self) -> bool:
        """Whether what was learned takes room that a larger input would need: then it is learned anew."""
        sizes = (self._lines.size, self._sweep.size, *(register.values for register in self._registers.values()))
        return max(sizes) > _REMEMBERED

    @property
    def options(self) -> dict[str, object]:
        """What makes its output what it is, beside law, list and input."""
        return {
            "columns": self._renamed,
            "ignore": sorted(self._ignored),
            "explain": self.explains,
            "assume_nothing": self.engine.facts(Transaction.of({})).assume_nothing,
        }

    def column_of(self, name: str, among: Sequence[str]) -> str | None:
        """Return which column of a frame stands for one of ours."""
        return next((c for c in among if c not in self._ignored and self._renamed.get(c, c) == name), None)

    # ------------------------------------------------------------------ a frame

    def check(
        self, frame: pl.DataFrame, *, first_row: int | pl.Series = 1, bad: Mapping[int, str] | None = None
    ) -> Part:
        """Judge the rows of a frame in the flat shape; the rows of a transaction stand together.

        Args:
            frame: The rows.
            first_row: The number of its first row; or the number of each, where they do not follow each other.
            bad: Rows that could not be read at all, with the reason.

        Raises:
            InputError: The columns are not those of the flat shape.
        """
        frame = self.flat(frame)
        if self._remembers_too_much():
            self._begin()
        rows = frame.height
        if not rows:
            return Part(pl.DataFrame(schema=VERDICTS), pl.DataFrame(schema=FINDINGS), pl.DataFrame(schema=QUARANTINE))
        numbers, flags, key = self._read_columns(frame)
        reasons = dict(bad or {})
        self._check_amounts(frame, numbers, reasons)
        transactions = self._transactions(frame, numbers, flags, key, reasons)
        verdicts = self._judge_plain(frame, transactions, numbers, key)
        for level in ("hot", "precise"):
            self._judge_hot(frame, transactions, numbers, verdicts, level)
        self._judge_alone(frame, transactions, verdicts)
        places = first_row
        if isinstance(places, int):
            places = pl.int_range(places, places + rows, dtype=pl.UInt64, eager=True)
        return self._part(frame, transactions, verdicts, reasons, places)

    def flat(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Give columns our names and types.

        Raises:
            InputError: A column is unknown, stands twice, or has a type that loses what it says.
        """
        problems: list[Problem] = []
        wanted: dict[str, pl.Expr] = {}
        for theirs in frame.columns:
            name = self._renamed.get(theirs, theirs)
            if theirs in self._ignored:
                continue
            if name not in COLUMNS:
                hint = did_you_mean(name, list(COLUMNS)) or "; see the list of columns"
                problems.append(Problem(theirs, f"unknown column{hint}, or name it among those to ignore"))
                continue
            if name in wanted:
                problems.append(Problem(theirs, f"a second column for {name!r}; keep one"))
                continue
            try:
                wanted[name] = as_text(pl.col(theirs), frame.schema[theirs], COLUMNS[name]).alias(name)
            except InputError as error:
                problems.append(Problem(theirs, error.problems[0].what))
        missing = [theirs for theirs in self._renamed if theirs not in frame.columns]
        problems += [Problem(theirs, f"no such column{did_you_mean(theirs, frame.columns)}") for theirs in missing]
        if not wanted and not problems:
            problems.append(Problem("columns", "there is none that describes a transaction"))
        if problems:
            raise InputError(problems)
        return frame.select(wanted.values())

    def _register(self, name: str) -> Register:
        found = self._registers.get(name)
        if found is None:
            found = self._registers[name] = Register(COLUMNS[name], self._reader)
        return found

    def _read_columns(self, frame: pl.DataFrame) -> tuple[dict[str, pl.Series], pl.Series, _Key]:
        """Number the values of every column: which are bad or hot, and what plain rows are told apart by.

        Of every value one number is added to the sum of its row, so that a column costs one pass.
        """
        rows = frame.height
        numbers: dict[str, pl.Series] = {}
        total = pl.zeros(rows, pl.UInt64, eager=True)
        apart: list[tuple[str, pl.Series, int]] = []
        layout: list[tuple[str, int]] = []
        used = 0
        for name in sorted(frame.columns):
            column = COLUMNS[name]
            values = frame[name]
            if column.kind in ("id", "number") or values.null_count() == rows:
                continue
            if column.kind == "amount":
                apart.append((name, values.is_not_null().cast(pl.UInt64), 2))
                continue
            register = self._register(name)
            numbers[name] = found = register.numbers(values)
            codes = 1 if column.line else register.size("plain")
            bits = (codes - 1).bit_length()
            place = -1
            if bits and used + bits <= PLAIN:
                place = used
                layout.append((name, bits))
                used += bits
            elif bits:
                apart.append((name, register.look("plain", found), codes))
            if place >= 0 or register.flagged or register.past:
                weights = register.weights(place).gather(found)
                total = total + (weights.fill_null(0) if found.null_count() else weights)
        key = total & ((1 << PLAIN) - 1)
        size = 1 << used
        for name, code, codes in apart:
            layout.append((name, codes))
            if size * codes >= 1 << 62:
                key, size = _dense(key)
                layout.clear()  # such keys mean nothing to another frame
            key, size = key * codes + code, size * codes
        return numbers, self._flags(total, numbers), _Key(key, size, tuple(layout))

    def _flags(self, total: pl.Series, numbers: Mapping[str, pl.Series]) -> pl.Series:
        """Return which rows have a value that is bad, hot or precise."""
        flags = pl.zeros(total.len(), pl.UInt8, eager=True)
        rows = (total >= 1 << PLAIN).arg_true()
        if not rows.len():
            return flags
        counts = total.gather(rows)
        mine = pl.zeros(rows.len(), pl.UInt8, eager=True)
        for flag, place in COUNTED.items():
            mine = mine + ((counts & (0xFF << place)) != 0).cast(pl.UInt8) * flag
        if ((counts & (0xFF << PAST)) != 0).any():
            # What regimes that had ended were aimed at is nobody's business any more.
            hot = (mine & HOT) != 0
            late = pl.zeros(rows.len(), pl.UInt8, eager=True)
            if "occurred" in numbers:
                late = self._registers["occurred"].look("past", numbers["occurred"].gather(rows))
            early = (late < self._reader.ends).arg_true()  # most of what happens, happens after all of them
            at, late, is_past = rows.gather(early), late.gather(early), hot.gather(early)
            for name, found in numbers.items():
                if early.len() and name != "occurred" and self._registers[name].past:
                    is_past = is_past | (self._registers[name].look("past", found.gather(at)) > late)
            hot.scatter(early, is_past)
            mine = (mine & (BAD | PRECISE)) + hot.cast(pl.UInt8) * HOT
        flags.scatter(rows, mine)
        return flags

    def _check_amounts(self, frame: pl.DataFrame, numbers: Mapping[str, pl.Series], reasons: dict[int, str]) -> None:
        """Note the rows whose numbers cannot be used."""
        for name in frame.columns:
            if COLUMNS[name].kind not in ("number", "amount"):
                continue
            values = frame[name]
            stated = values.is_not_null() & (values != "") if values.dtype == pl.String else values.is_not_null()
            if not stated.any():
                continue
            unit = NEEDS[name]
            of_unit = self._registers.get(unit) if unit in numbers else None
            if of_unit is not None and not of_unit.silent and not numbers[unit].null_count() and _all_usual(values):
                continue
            as_number = values.cast(pl.Float64, strict=False)
            usual = as_number.is_finite() & ((as_number == 0) | as_number.is_between(1e-20, 1e20))
            if values.dtype == pl.String:
                usual = usual & (values.str.len_bytes() <= 20)
            odd = (stated & ~usual.fill_null(False)).arg_true()
            register = self._register(name)
            known: dict[object, str] = {}
            for at in odd.to_list():
                text = str(values[at])
                if text not in known:
                    known[text] = register.reason(text)
                if known[text]:
                    reasons.setdefault(at, known[text])
            bare = stated
            if of_unit is not None:  # code 0 stands for what says nothing
                bare = stated & (of_unit.look("hot", numbers[unit]) == 0)
                for wrong, reason in of_unit.unreadable(numbers[unit]):
                    for at in (stated & (numbers[unit] == wrong)).arg_true().to_list():
                        if values.dtype != pl.String or values[at].strip():
                            reasons.setdefault(at, f"{unit}: {reason}")
            for at in bare.arg_true().to_list():
                if values.dtype != pl.String or values[at].strip():
                    reasons.setdefault(at, f"{name}: {unit} is missing; an amount says nothing without it")

    def _transactions(
        self,
        frame: pl.DataFrame,
        numbers: Mapping[str, pl.Series],
        flags: pl.Series,
        key: _Key,
        reasons: Mapping[int, str],
    ) -> pl.DataFrame:
        """Put the rows of each transaction together: first row, number of rows, flags, key."""
        rows = frame.height
        table = pl.DataFrame({"at": pl.int_range(rows, dtype=pl.UInt32, eager=True), "flags": flags, "key": key.of_row})
        if reasons:
            unreadable = pl.Series(sorted(reasons), dtype=pl.UInt32)
            table = table.with_columns(
                flags=pl.when(pl.col("at").is_in(unreadable.implode())).then(BAD).otherwise("flags").cast(pl.UInt8)
            )
        one_row_each = table.with_columns(rows=pl.lit(1, pl.UInt32), mixed=pl.lit(False))
        if "transaction" not in frame.columns:
            return one_row_each
        ids = frame["transaction"]
        starts = ids.ne_missing(ids.shift()) | ids.is_null()
        starts[0] = True
        if starts.all():
            return one_row_each
        changed = pl.repeat(False, rows, dtype=pl.Boolean, eager=True)
        for name, found in numbers.items():
            if not COLUMNS[name].line:
                changed = changed | found.ne_missing(found.shift())
        if "amount" in frame.columns:
            changed = changed | frame["amount"].ne_missing(frame["amount"].shift())
        return (
            table.with_columns(run=starts.cum_sum(), mixed=changed & ~starts)
            .group_by("run", maintain_order=True)
            .agg(
                pl.col("at").first(),
                pl.col("flags").bitwise_or(),
                pl.col("key").first(),
                pl.len().cast(pl.UInt32).alias("rows"),
                pl.col("mixed").any(),
            )
            .drop("run")
        )

    # ------------------------------------------------------------------ judging combinations

    def _judge_plain(
        self, frame: pl.DataFrame, transactions: pl.DataFrame, numbers: Mapping[str, pl.Series], key: _Key
    ) -> pl.Series:
        """Judge what is nobody's business once per combination of gaps; null for the rest."""
        plain = (transactions["flags"] == 0) & ~transactions["mixed"]
        keys = transactions["key"]
        if key.size > _PLAIN_TABLE or not key.layout:
            first = pl.DataFrame({"key": keys, "at": transactions["at"]}).filter(plain).unique("key", keep="first")
            table = first.select("key", verdict=self._plain_verdicts(frame, first["at"], numbers))
            wanted = pl.select(pl.when(plain).then(keys).alias("key"))
            return wanted.join(table, on="key", how="left", maintain_order="left").to_series(1)
        if self._plain[0] != key.layout:
            self._plain = key.layout, pl.repeat(None, key.size, dtype=pl.UInt32, eager=True)
        known = self._plain[1]
        new = known.gather(keys).is_null() & plain
        if new.any():
            first = pl.DataFrame({"key": keys, "at": transactions["at"]}).filter(new).unique("key", keep="first")
            known.scatter(first["key"], self._plain_verdicts(frame, first["at"], numbers))
        found = known.gather(keys)
        return found if plain.all() else pl.select(pl.when(plain).then(found)).to_series()

    def _plain_verdicts(self, frame: pl.DataFrame, at: pl.Series, numbers: Mapping[str, pl.Series]) -> pl.Series:
        """Judge a row of each combination of gaps."""
        heads = [name for name in sorted(numbers) if not COLUMNS[name].line]
        codes = [self._registers[name].look("plain", numbers[name].gather(at)).to_list() for name in heads]
        if "amount" in frame.columns:
            heads.append("amount")
            codes.append(frame["amount"].gather(at).is_not_null().to_list())
        found = []
        for row, *told in zip(at.to_list(), *codes, strict=True):
            key = ("plain", tuple((name, code) for name, code in zip(heads, told, strict=True) if code))
            verdict = self._judged.get(key)
            if verdict is None:
                verdict = self._remember(key, [frame.row(row, named=True)])
                if self._verdicts[verdict].findings:
                    raise EngineError(
                        f"row {row}: the index sees no regime concerned, a single check does; please report this"
                    )
            found.append(verdict)
        return pl.Series(found, dtype=pl.UInt32)

    def _judge_hot(
        self,
        frame: pl.DataFrame,
        transactions: pl.DataFrame,
        numbers: Mapping[str, pl.Series],
        verdicts: pl.Series,
        level: str,
    ) -> None:
        """Judge what may be somebody's business once per combination of all that rules could tell apart."""
        wanted = HOT if level == "hot" else HOT | PRECISE
        chosen = transactions.with_row_index("t").filter(
            (pl.col("flags") & BAD == 0) & (pl.col("flags") & (HOT | PRECISE) == wanted) & ~pl.col("mixed")
        )
        if not chosen.height:
            return
        first = chosen["at"]
        heads: dict[str, Numbered] = {}
        for name in sorted(frame.columns):
            column = COLUMNS[name]
            if name in numbers and not column.line:
                register = self._registers[name]
                codes = register.look(level, numbers[name].gather(first)).cast(pl.UInt32)
                heads[name] = Numbered(name, codes, register.size(level))
        lines = self._lines.of(frame, chosen, numbers, level)
        paid = frame["amount"].gather(first).is_not_null() if "amount" in frame.columns else None
        if level == "hot":
            found = self._sweep_over(frame, chosen, heads, lines, paid)
            verdicts.scatter(chosen["t"], found)
            alone = found.is_null()
            if not alone.any():
                return
            chosen = chosen.filter(alone)
            heads = {name: Numbered(name, c.codes.filter(alone), c.size) for name, c in heads.items()}
            lines = Numbered(lines.name, lines.codes.filter(alone), lines.size)
            paid = None if paid is None else paid.filter(alone)
        table = pl.DataFrame({name: column.codes for name, column in heads.items()})
        table = table.with_columns(chosen["t"], chosen["at"], chosen["rows"], lines.codes.alias("lines"))
        if paid is not None:
            table = table.with_columns(amount=paid)
        by = [*heads, "lines", *(("amount",) if paid is not None else ())]
        groups = table.group_by(by).agg(pl.col("t"), pl.col("at").first(), pl.col("rows").first())
        told = groups.select(by).rows(named=True)
        single = [
            self._remember(self._whole(level, row), frame.slice(at, rows).rows(named=True))
            for row, at, rows in zip(told, groups["at"].to_list(), groups["rows"].to_list(), strict=True)
        ]
        spread = groups.select("t").with_columns(v=pl.Series(single, dtype=pl.UInt32)).explode("t")
        verdicts.scatter(spread["t"], spread["v"])

    def _sweep_over(
        self,
        frame: pl.DataFrame,
        chosen: pl.DataFrame,
        heads: Mapping[str, Numbered],
        lines: Numbered,
        paid: pl.Series | None,
    ) -> pl.Series:
        """Judge in one sweep; null where a transaction must be checked by itself."""

        def rows_of(i: int) -> list[dict[str, object]]:
            return frame.slice(chosen["at"][i], chosen["rows"][i]).rows(named=True)

        def describe(i: int) -> FactBase:
            return self.engine.facts(Transaction.of(nest([stated(row) for row in rows_of(i)])))

        try:
            swept = self._sweep.judge(heads, lines, paid, describe)
        except InputError:  # told by single checks
            return pl.repeat(None, chosen.height, dtype=pl.UInt32, eager=True)
        for i in swept.new:
            if self._swept % _SAMPLED == 0:
                self._hold_against_check(self._verdicts[swept.verdicts[i]], rows_of(i))
            self._swept += 1
        return swept.verdicts

    def _hold_against_check(self, verdict: Verdict, rows: Sequence[Mapping[str, object]]) -> None:
        """Hold what a sweep says against a single check.

        Raises:
            EngineError: They differ.
        """
        single = self._single(rows)
        if single != verdict:
            raise EngineError(
                f"a sweep says {verdict.outcome} of {nest([stated(row) for row in rows])!r:.400}, a single check "
                f"{single.outcome or single.bad}; nothing is cleared, please report this"
            )

    def _whole(self, level: str, row: Mapping[str, object]) -> Hashable:
        """Return all that is told apart of a combination, with States that no rule names renamed where that is safe."""
        told: list[Hashable] = [level, row.get("amount") is True]
        for name, code in row.items():
            if name in COLUMNS and name != "amount" and isinstance(code, int) and code:
                told.append((name, self._registers[name].told(level, code)))
        told.append(self._lines.told(int(str(row["lines"]))))
        return self._reader.telling.folded(tuple(told), {}) if level == "hot" else tuple(told)

    def _judge_alone(self, frame: pl.DataFrame, transactions: pl.DataFrame, verdicts: pl.Series) -> None:
        """Judge by themselves the transactions whose rows differ in more than their goods."""
        alone = transactions.with_row_index("t").filter((pl.col("flags") & BAD == 0) & pl.col("mixed"))
        for t, at, rows in alone.select("t", "at", "rows").rows():
            described = frame.slice(at, rows).rows(named=True)
            key = tuple(tuple(sorted(stated(row).items())) for row in described)
            verdicts[t] = self._remember(("alone", key), described)

    def _remember(self, key: Hashable, rows: Sequence[Mapping[str, object]] | Mapping[str, object]) -> int:
        found = self._judged.get(key)
        if found is None:
            found = self._keep(self._single(rows))
            if len(self._judged) >= _REMEMBERED:
                self._judged.clear()
            self._judged[key] = found
        return found

    def _keep(self, verdict: Verdict) -> int:
        found = self._verdict_ids.setdefault(verdict, len(self._verdicts))
        if found == len(self._verdicts):
            self._verdicts.append(verdict)
        return found

    def _single(self, rows: Sequence[Mapping[str, object]] | Mapping[str, object]) -> Verdict:
        self.combinations += 1
        try:
            report = self.engine.check(rows if isinstance(rows, Mapping) else nest([stated(row) for row in rows]))
        except InputError as error:
            return Verdict("", (), told_of(error))
        return Verdict.of(report.findings, incomplete=bool(report.incomplete))

    def check_nested(self, texts: pl.Series, *, first_row: int = 1, bad: Mapping[int, str] | None = None) -> Part:
        """Judge transactions in the shape users write, one a JSON text; equal ones are judged once."""
        told: list[tuple[str, int, int]] = []
        refused: list[tuple[int, str, str]] = []
        explanations: list[str] = []
        for i, text in enumerate(texts.to_list()):
            row = first_row + i
            name = f"row {row}"
            try:
                if bad and i in bad:
                    raise InputError(bad[i])
                document = read_document(text, json_only=True)
                if not isinstance(document.data, Mapping):
                    raise InputError("a transaction is a mapping")
                described = dict(document.data)
                name = str(described.pop("transaction", None) or name)
                key = ("nested", json.dumps(described, sort_keys=True, default=str))
                verdict = self._remember(key, described)
                if self._verdicts[verdict].bad:
                    raise InputError(self._verdicts[verdict].bad)
            except InputError as error:
                refused.append((row, name, told_of(error)))
                continue
            told.append((name, row, verdict))
            if self.explains and self._verdicts[verdict].findings:
                explanations.append(self.engine.check({**described, "transaction": name}).to_json())
        verdicts = [(name, row, 1, v.outcome, len(v.findings)) for name, row, i in told for v in (self._verdicts[i],)]
        findings = [(name, row, *finding) for name, row, i in told for finding in self._verdicts[i].findings]
        return Part(
            pl.DataFrame(verdicts, schema=VERDICTS, orient="row"),
            pl.DataFrame(findings, schema=FINDINGS, orient="row"),
            pl.DataFrame(refused, schema=QUARANTINE, orient="row"),
            tuple(explanations),
        )

    # ------------------------------------------------------------------ what comes out

    def _part(
        self,
        frame: pl.DataFrame,
        transactions: pl.DataFrame,
        verdicts: pl.Series,
        reasons: dict[int, str],
        places: pl.Series,
    ) -> Part:
        bad_verdicts = [i for i, verdict in enumerate(self._verdicts) if verdict.bad]
        known = "transaction" in frame.columns
        at = transactions["at"]
        one_row_each = transactions.height == frame.height
        places = places.cast(pl.UInt64)
        table = transactions.with_columns(verdict=verdicts, row=places if one_row_each else places.gather(at))
        nameless = pl.format("row {}", pl.col("row"))
        if known:
            ids = frame["transaction"] if one_row_each else frame["transaction"].gather(at)
            table = table.with_columns(transaction=ids)
            if ids.null_count():
                table = table.with_columns(transaction=pl.col("transaction").fill_null(nameless))
        else:
            table = table.with_columns(transaction=nameless)
        if bad_verdicts:
            refused = pl.col("verdict").is_in(pl.Series(bad_verdicts, dtype=pl.UInt32).implode()).fill_null(False)
            table = table.with_columns(flags=pl.when(refused).then(BAD).otherwise("flags").cast(pl.UInt8))
        is_bad = (table["flags"] & BAD) != 0
        good, bad = (table.filter(~is_bad), table.filter(is_bad)) if is_bad.any() else (table, table.clear())
        if good["verdict"].null_count():
            raise EngineError("a transaction was left without a verdict; please report this")
        outcomes = pl.Series([v.outcome or Outcome.CLEAR.value for v in self._verdicts], dtype=_OUTCOMES)
        numbers = pl.Series([len(v.findings) for v in self._verdicts], dtype=pl.UInt32)
        judged = good.select("transaction", "row", "rows", "at", "verdict").with_columns(
            outcome=outcomes.gather(good["verdict"]), findings=numbers.gather(good["verdict"])
        )
        flagged = judged.filter(pl.col("findings") > 0).select("transaction", "row", "rows", "at", "verdict")
        found = pl.DataFrame(
            [(i, *finding) for i in flagged["verdict"].unique().to_list() for finding in self._verdicts[i].findings],
            schema={"verdict": pl.UInt32, **{k: v for k, v in FINDINGS.items() if k not in ("transaction", "row")}},
            orient="row",
        )
        findings = flagged.join(found, on="verdict", maintain_order="left_right").select(*FINDINGS)
        explanations: list[str] = []
        if self.explains:
            for first, count_ in flagged.select("at", "rows").rows():
                described = frame.slice(first, count_).rows(named=True)
                explanations.append(self.engine.check(nest([stated(r) for r in described])).to_json())
        return Part(
            judged.select(*VERDICTS), findings, self._quarantine(frame, bad, reasons, places), tuple(explanations)
        )

    def _quarantine(
        self, frame: pl.DataFrame, bad: pl.DataFrame, reasons: Mapping[int, str], places: pl.Series
    ) -> pl.DataFrame:
        """Account for every row of the transactions that could not be read."""
        told: list[tuple[int, str, str]] = []
        for at, rows, verdict, transaction in bad.select("at", "rows", "verdict", "transaction").rows():
            described = frame.slice(at, rows).rows(named=True)
            whole = self._verdicts[verdict].bad if verdict is not None else ""
            own = [reasons.get(at + i) or whole or self._reason(row) for i, row in enumerate(described)]
            culprit = next((i for i, reason in enumerate(own) if reason), 0)
            for i, reason in enumerate(own):
                other = f"row {places[at + culprit]} of the same transaction cannot be read"
                told.append((places[at + i], transaction, reason or other))
        return pl.DataFrame(told, schema=QUARANTINE, orient="row")

    def _reason(self, row: Mapping[str, object]) -> str:
        found = []
        for name, text in stated(row).items():
            if COLUMNS[name].kind not in ("id", "number", "amount"):
                reason = self._register(name).reason(text)
                if reason and name not in UNITS:
                    found.append(f"column {name}: {reason}")
        return "; ".join(found)


def _all_usual(values: pl.Series) -> bool:
    """Whether numbers, at a glance, are all positive and of a usual size; text is never taken at a glance."""
    low, high = values.min(), values.max()
    if not isinstance(low, (int, float)) or not isinstance(high, (int, float)) or not 1e-20 <= low <= high <= 1e20:
        return False
    return not values.dtype.is_float() or not values.is_nan().any()


def _dense(key: pl.Series) -> tuple[pl.Series, int]:
    """Renumber keys without gaps."""
    dense = key.rank("dense").cast(pl.UInt64) - 1
    top = dense.max()
    return dense, (top if isinstance(top, int) else 0) + 1
