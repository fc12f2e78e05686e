"""The figures of the race as Markdown tables and charts."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from race_charts import bars, lines

Figures = dict[str, Any]
_KINDS = (
    "right",
    "a breach called clear",
    "open, called clear",
    "open, called a breach",
    "excepted, called a breach",
)


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    names = list(head)
    lines_ = ["| " + " | ".join(names) + " |", "|---" + "|---:" * (len(names) - 1) + "|"]
    return "\n".join([*lines_, *("| " + " | ".join(str(cell) for cell in row) + " |" for row in rows)]) + "\n"


def _us(result: Figures, kind: str) -> str:
    return f"{result['us'][kind]:,.0f} µs" if "failed" not in result else result["failed"]


RULES_ONLY = "ours, rules only, the whole book, python"


READING = "reading the facts, before any engine"


def _ratio(theirs: float, ours: float) -> str:
    ratio = theirs / ours
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.1f}" if ratio >= 1 else f"{ratio:.2f}"


def _times(theirs: Figures, ours: Figures) -> str:
    """Return, in brackets, how many times as long as ours theirs takes on ordinary trade; nothing where one failed."""
    if "failed" in theirs or "failed" in ours:
        return ""
    return f" ({_ratio(theirs['us']['ordinary'], ours['us']['ordinary'])})"


def _ratios(runners: Figures, rules: int) -> str:
    """Return how many times as long as ours each peer takes.

    Held against our rules only, it is the peer alone; against our whole check, which starts from the description, it
    is the peer after the facts were read for it.
    """
    heads = {
        "rules only, the twelve": "rules only",
        "whole check, the twelve": "facts read first, whole check of the twelve",
        "whole check, the whole book": f"facts read first, whole check of {rules}",
    }
    ours = {f"{head}, {m}": f"ours, {part}, {m}" for part, head in heads.items() for m in ("python", "durable")}
    rows = []
    for name, r in runners.items():
        if name.startswith(("ours", READING)) or "failed" in r:
            continue
        cells = []
        for own in ours.values():
            each = []
            for kind in ("ordinary", "scenario"):
                reading = runners[READING]["us"][kind] if "whole check" in own else 0
                each.append(_ratio(r["us"][kind] + reading, runners[own]["us"][kind]))
            cells.append(", ".join(each))
        rows.append((name, *cells))
    return _table(("times as long as ours, ordinary, scenarios", *ours), rows)


def tables(figures: Figures) -> str:
    """Return the tables of what was measured."""
    told = []
    if single := figures.get("single"):
        rules = single["rules"]
        told.append(
            f"Single transactions; the twelve paragraphs, or all {rules['the whole book']} rules. {_of(single)}\n"
        )
        told.append(
            _table(
                ("runner", "ordinary", "scenarios", "made ready", "memory"),
                (
                    (name, _us(r, "ordinary"), _us(r, "scenario"))
                    + (("", "") if "failed" in r else (f"{r['build_ms']:,.0f} ms", f"{r['memory_mb']:,.0f} MB"))
                    for name, r in single["runners"].items()
                ),
            )
        )
        told.append(_ratios(single["runners"], rules["the whole book"]))
        told.append(
            _table(
                ("answers", *_KINDS),
                (
                    (name, *(f"{r['answers'].get(kind, 0):,}" for kind in _KINDS))
                    for name, r in single["runners"].items()
                    if "answers" in r
                ),
            )
        )
    if growth := figures.get("growth"):
        sizes = list(next(iter(growth["runners"].values())))
        told.append(
            f"More rules, ordinary traffic; in brackets how many times as long as our rules only. {_of(growth)}\n"
        )
        told.append(
            _table(
                ("rules", *(f"{int(size):,}" for size in sizes)),
                (
                    (
                        name,
                        *(
                            _us(r[size], "ordinary") + _times(r[size], growth["runners"][RULES_ONLY][size])
                            for size in sizes
                        ),
                    )
                    if not name.startswith("ours")
                    else (name, *(_us(r[size], "ordinary") for size in sizes))
                    for name, r in growth["runners"].items()
                ),
            )
        )
    if missing := figures.get("missing"):
        told.append("What a missing fact does.\n")
        told.append(_table(("engine", *missing["tests"]), ((n, *answers) for n, answers in missing["answers"].items())))
    if batch := figures.get("batch"):
        told.append(f"Batch, one core. {_of(batch)}\n")
        rows = []
        for what, runners in batch["rows"].items():
            mix, _, count = what.rpartition(", ")
            ours, polars = runners["ours"], runners["Polars by hand"]
            failed = "failed" in ours or "failed" in polars
            warm = "" if failed else f"{int(count) / ours['warm_seconds']:,.0f}/s"
            ratios = (
                ""
                if failed
                else " and ".join(f"{ours[k] / polars['seconds']:,.1f}" for k in ("seconds", "warm_seconds"))
            )
            cells = (
                r["failed"] if "failed" in r else f"{int(count) / r['seconds']:,.0f}/s, {r['memory_mb']:,.0f} MB"
                for r in runners.values()
            )
            rows.append((f"{int(count):,}, {mix}", *cells, warm, ratios))
        told.append(
            _table(("rows", *next(iter(batch["rows"].values())), "ours, warm", "ours / Polars, cold and warm"), rows)
        )
        for what, counts in batch.items():
            if what.startswith("answers"):
                told.append(f"{what}: {counts}\n")
    if "one core" in (spark := figures.get("spark", {})):  # figures of before the runs were pinned are not told
        told.append(_spark(spark))
    return "\n".join(told)


def _spark(spark: Figures) -> str:
    """Return what local Spark did, pinned to one core and to two."""
    one, two, machine = (spark[name] for name in ("one core", "two cores", "machine"))
    failed = [
        f"{name}: {spark[name]['failed']}" for name in ("one core", "two cores", "machine") if "failed" in spark[name]
    ]
    if failed:
        return f"Local Spark failed: {'; '.join(failed)}\n"
    rows = []
    for name in ("cold", "warm", "warm, with the shuffle"):
        rates = [run["rows"] / run[name]["seconds"] for run in (one, two)]
        spent = [[run[name][f"{kind}_cpu"] / run["rows"] * 1e6 for run in (one, two)] for kind in ("python", "java")]
        cores = sum(kind[1] for kind in spent) * 1e9 / 1e6 / 3600
        rows.append(
            (
                name,
                *(f"{rate:,.0f}/s" for rate in rates),
                f"{rates[1] / rates[0]:.2f}",
                *(" and ".join(f"{us:.1f} µs" for us in kind) for kind in spent),
                f"{cores:.1f}",
            )
        )
    rows.append(
        ("the plain batch, warm, sharing nothing", f"{machine['one']:,.0f}/s", f"{machine['two']:,.0f}/s",
         f"{machine['two'] / machine['one']:.2f}", "", "", "")
    )  # fmt: skip
    head = ("run", "one core", "two cores", "two / one", "Python, a row", "Java, a row", "core-hours a billion rows")
    return (
        f"Local Spark over {one['rows']:,} rows in {one['partitions']} files, by the clock. One core: Java, driver and worker "
        f"pinned to one processor together; two: to two. The last line is what the machine gives. {_of(spark)}\n\n"
    ) + _table(head, rows)


def _of(part: Figures) -> str:
    of = part["of"]
    return f"{of['cores']} cores of {of['processor']}, load {of['load']:.1f}, Python {of['python']}, {of['when']}."


def draw(figures: Figures, folder: Path) -> None:
    """Write the charts of what was measured."""
    folder.mkdir(parents=True, exist_ok=True)
    if single := figures.get("single"):
        kept = {n: r for n, r in single["runners"].items() if "failed" not in r and not n.startswith("reading")}
        shown = {
            n.replace("ours, rules only, the twelve, ", "ours, the rules, ").replace("ours, whole check, the whole book, ", "ours, whole check, "): r
            for n, r in kept.items()
            if not n.startswith("ours") or "rules only, the twelve" in n or "whole check, the whole book" in n
        }  # fmt: skip
        for kind, name in (("ordinary", "ordinary trade"), ("scenario", "scenarios of the twelve paragraphs")):
            chart = bars(
                f"One transaction: {name}",
                "µs of processor time a transaction; twelve rules on facts already read, or our whole check",
                {n: r["us"][kind] for n, r in shown.items()},
            )
            (folder / f"single-{kind}.svg").write_text(chart, encoding="utf-8")
        memory = {n: max(r["memory_mb"], 0.1) for n, r in shown.items()}
        chart = bars("Memory, made ready and used", "MB beyond the interpreter and the sample", memory)
        (folder / "memory.svg").write_text(chart, encoding="utf-8")
    if growth := figures.get("growth"):
        series: dict[str, dict[float, float]] = {}
        for name, sizes in growth["runners"].items():
            points = {float(size): r["us"]["ordinary"] for size, r in sizes.items() if "failed" not in r}
            if points:
                stopped = " (ends here)" if any("failed" in r for r in sizes.values()) else ""
                series[name.replace(", the whole book, python", "") + stopped] = points
        chart = lines("Growth with the number of rules, ordinary trade", "rules", "µs a transaction", series)
        (folder / "growth.svg").write_text(chart, encoding="utf-8")
    if batch := figures.get("batch"):
        by_runner: dict[str, dict[float, float]] = {}
        for what, runners in batch["rows"].items():
            mix, _, count = what.rpartition(", ")
            for name, r in runners.items():
                if mix == "1 in 100" and "failed" not in r:
                    by_runner.setdefault(name, {})[float(count)] = float(count) / r["seconds"]
        warm = {float(what.rpartition(", ")[2]): float(what.rpartition(", ")[2]) / runners["ours"]["warm_seconds"]
                for what, runners in batch["rows"].items() if what.startswith("1 in 100") and "failed" not in runners["ours"]}  # fmt: skip
        ours = {"ours, whole book": by_runner.pop("ours"), "ours, file seen before": warm} if warm else {}
        chart = lines("Batch: one row in a hundred with a nexus", "rows", "rows a second, one core", ours | by_runner)
        (folder / "batch.svg").write_text(chart, encoding="utf-8")
