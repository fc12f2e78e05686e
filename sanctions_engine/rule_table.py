"""A regime's rules as one table, paragraph by paragraph, for people who read law: ``rules/**/README.md``.

``python -m sanctions_engine.rule_table`` writes the table of each bundled regime beside its rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from sanctions_engine.rule import CompiledRule, Effect
from sanctions_engine.rulebook import Rulebook, bundled_rules
from sanctions_engine.wording import GRADES

__all__ = ["regime_table", "write_tables"]

_EFFECTS = {
    Effect.PROHIBITION: "forbids",
    Effect.CAP: "caps",
    Effect.DUTY: "requires",
    Effect.CALL: "calls upon",
    Effect.INDICATOR: "warns of",
}


def regime_table(rulebook: Rulebook, regime_id: str) -> str:
    """Return a regime's rules as Markdown: paragraph, in force, what it forbids or asks, rule ids, grade.

    Args:
        rulebook: The book.
        regime_id: ``un.dprk``.

    Raises:
        KeyError: The book has no such regime.
    """
    regime = rulebook.regimes[regime_id]
    rules = rulebook.of_regime(regime_id)
    laws = [rule for rule in rules if rule.rule.effect is not Effect.INDICATOR]
    warnings = [rule for rule in rules if rule.rule.effect is Effect.INDICATOR]
    lines = [
        f"# {_cell(regime.title)}",
        "",
        "Written by `python -m sanctions_engine.rule_table`; change the rules, not this file.",
        "",
        f"{len(rules)} rules. Paragraphs are written as resolution/paragraph.",
        "",
        "## Paragraphs",
        "",
        "| paragraph | in force | what it does | rules | checked |",
        "|---|---|---|---|---|",
        *_paragraphs(laws),
    ]
    if exempting := list(_exemptions(rules)):
        lines += [
            "",
            "## What takes conduct out of them",
            "",
            "| paragraph | exemption | of | checked |",
            "|---|---|---|---|",
        ]
        lines += exempting
    if warnings:
        lines += [
            "",
            "## Warning signs",
            "",
            "Never a violation by themselves.",
            "",
            "| sign | points to | rule |",
            "|---|---|---|",
        ]
        lines += [f"| {_cell(r.rule.title)} | {', '.join(r.rule.points_to)} | `{r.id}` |" for r in warnings]
    if reasons := rulebook.not_encoded.get(regime_id):
        lines += ["", "## Not encoded", "", "| measure | why |", "|---|---|"]
        lines += [f"| `{measure}` | {_cell(reason)} |" for measure, reason in sorted(reasons.items())]
    lines += ["", "## How paragraphs were checked", ""]
    lines += [f"- `{grade}`: {meaning}." for grade, meaning in GRADES.items()]
    return "\n".join(lines) + "\n"


def write_tables(rulebook: Rulebook) -> tuple[Path, ...]:
    """Write the table of each regime beside its rules, and return where."""
    written = []
    for regime_id in sorted(rulebook.regimes):
        path = _path(regime_id)
        path.write_text(regime_table(rulebook, regime_id), encoding="utf-8")
        written.append(path)
    return tuple(written)


def _path(regime_id: str) -> Path:
    return bundled_rules().joinpath(*regime_id.split("."), "README.md")


def _paragraphs(rules: Iterable[CompiledRule]) -> Iterator[str]:
    by_paragraph: dict[str, list[CompiledRule]] = {}
    for rule in rules:
        by_paragraph.setdefault(rule.citations[0], []).append(rule)
    for paragraph in sorted(by_paragraph, key=_order):
        same = sorted(by_paragraph[paragraph], key=lambda r: (r.rule.in_force.from_, r.id))
        spans = dict.fromkeys(_span(rule) for rule in same)
        does = dict.fromkeys(f"{_EFFECTS[rule.rule.effect]}: {rule.rule.title}" for rule in same)
        ids = ", ".join(f"`{rule.id}`" for rule in same)
        grades = dict.fromkeys(rule.rule.authority.checked for rule in same)
        yield f"| {paragraph} | {', '.join(spans)} | {_cell('; '.join(does))} | {ids} | {', '.join(grades)} |"


def _exemptions(rules: Iterable[CompiledRule]) -> Iterator[str]:
    found: dict[tuple[str, str], list[CompiledRule]] = {}
    grades: dict[tuple[str, str], str] = {}
    for rule in rules:
        for exemption in rule.exemptions:
            key = (exemption.paragraph, exemption.title)
            found.setdefault(key, []).append(rule)
            grades[key] = exemption.checked
    for key in sorted(found, key=lambda k: (_order(k[0]), k[1])):
        paragraphs = list(dict.fromkeys(sorted((rule.citations[0] for rule in found[key]), key=_order)))
        of = ", ".join(paragraphs) if len(paragraphs) <= 6 else f"{len(paragraphs)} paragraphs"
        yield f"| {key[0]} | {_cell(key[1])} | {of} | {grades[key]} |"


def _span(rule: CompiledRule) -> str:
    span = rule.rule.in_force
    return f"from {span.from_}" if span.until is None else f"{span.from_} until before {span.until}"


def _order(paragraph: str) -> tuple[tuple[int, int, str], ...]:
    """Order 2270/9 before 2270/29, and 8(a)(ii) before 8(a)(iii)."""
    return tuple(
        (0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.findall(r"\d+|[^\d]+", paragraph)
    )


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    for path in write_tables(Rulebook.load()):
        print(path)  # noqa: T201  # this module, run, is a command
