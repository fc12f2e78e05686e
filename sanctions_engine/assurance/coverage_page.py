"""Coverage as one HTML page: every rule file with its lines coloured by what the scenarios show of them."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sanctions_engine.assurance.coverage import Coverage, RuleShown, Tally, TestShown
from sanctions_engine.truth import Truth

__all__ = ["coverage_html", "file_lines"]

_RANK = {"covered": 0, "partly": 1, "never": 2}
_WORDS = {Truth.TRUE: "true", Truth.FALSE: "false", Truth.UNKNOWN: "unknown"}

_CSS = """
:root{color-scheme:light dark;--ok:#1a7f3722;--mid:#bf870033;--no:#cf222e33}
body{font:15px/1.45 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}th,td{text-align:right;padding:.15rem .6rem;border-bottom:1px solid #8884}
th:first-child,td:first-child{text-align:left}
details{margin:.3rem 0}summary{cursor:pointer}pre{font:13px/1.4 ui-monospace,monospace;overflow-x:auto;margin:.4rem 0}
pre span{display:block;white-space:pre-wrap;padding:0 .4rem}pre i{font-style:normal;opacity:.5;user-select:none}
.covered{background:var(--ok);border-left:4px solid #1a7f37}.partly{background:var(--mid);border-left:4px solid #bf8700}
.never{background:var(--no);border-left:4px dashed #cf222e}.plain{border-left:4px solid transparent}
.m{opacity:.7}
"""

_LEGEND = (
    'A test is <span class="covered">covered</span> where it decided a verdict both as true and as false (masking '
    'MC/DC), <span class="partly">partly</span> where it had both truths but did not decide both ways, '
    '<span class="never">never</span> where it never had one of them. Point at a line for the reason.'
)
_HEADS = ("regime", "rules", "tests", "both truths", "MC/DC", "as written", "exemptions applied", "days")


@dataclass(slots=True)
class _Line:
    """What is said of a line: its mark, and why."""

    marks: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def mark(self) -> str:
        return max(self.marks, key=_RANK.__getitem__) if self.marks else "plain"


def coverage_html(coverage: Coverage, files: Iterable[str]) -> str:
    """Return a page that needs nothing else and runs nothing.

    Args:
        coverage: What was measured.
        files: The files to show, rules and shared ones.
    """
    lines = file_lines(coverage)
    by_file = {shown.file: shown for shown in coverage.rules}
    total = coverage.tally()
    parts = [
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Rule coverage {total.mcdc:.1f} %</title><style>{_CSS}</style></head><body>",
        "<h1>What the scenarios show of the rules</h1>",
        f'<p class="m">{coverage.scenarios} scenarios passed. {_LEGEND}</p>',
        f"<table><tr>{''.join(f'<th>{head}</th>' for head in _HEADS)}</tr>",
        *(_row(regime, coverage.tally(regime)) for regime in coverage.regimes),
        _row("all", total),
        "</table>",
    ]
    if coverage.failed:
        parts += ["<h2>Failed, and so counted for nothing</h2><ul>"]
        parts += [f"<li>{html.escape(text)}</li>" for text in coverage.failed]
        parts += ["</ul>"]
    for file in files:
        parts += list(_file(file, by_file.get(file), lines.get(file, {})))
    return "\n".join([*parts, "</body></html>\n"])


def file_lines(coverage: Coverage) -> dict[str, dict[int, _Line]]:
    """Return by file and line what is said of it."""
    spots: dict[tuple[str, int, int, str], list[tuple[RuleShown, TestShown]]] = {}
    found: dict[str, dict[int, _Line]] = {}
    for shown in coverage.rules:
        for test in shown.tests:
            spots.setdefault((test.place.file, test.place.line, test.place.column, test.says), []).append((shown, test))
        for exemption in shown.exemptions:
            line = found.setdefault(exemption.place.file, {}).setdefault(exemption.place.line, _Line())
            line.marks.append("covered" if exemption.applied else "never")
            truths = ", ".join(sorted(_WORDS[t] for t in exemption.seen)) or "never asked"
            line.notes.append(f"exemption {exemption.paragraph}: {truths}; applied {exemption.applied} times")
    for (file, number, _, says), uses in spots.items():
        line = found.setdefault(file, {}).setdefault(number, _Line())
        # A shared definition is used by many rules: it is covered where one of them covers it.
        best = min((_mark(test) for _, test in uses), key=_RANK.__getitem__)
        line.marks.append(best)
        covered = sum(test.covered for _, test in uses)
        where = f" in {covered} of {len(uses)} uses" if len(uses) > 1 else ""
        truths = ", ".join(sorted({_WORDS[t] for _, test in uses for t in test.seen})) or "nothing"
        lacks = next((test.lacks for _, test in uses if test.lacks), "")
        line.notes.append(f"{says}: seen {truths}; {f'covered{where}' if covered else lacks}")
    return found


def _mark(test: TestShown) -> str:
    if test.covered:
        return "covered"
    return "partly" if {Truth.TRUE, Truth.FALSE} <= test.seen else "never"


def _row(name: str, tally: Tally) -> str:
    return (
        f"<tr><td>{html.escape(name)}</td><td>{tally.rules}</td><td>{tally.tests}</td>"
        f"<td>{tally.both_truths:.1f} %</td><td>{tally.mcdc:.1f} %</td><td>{tally.mcdc_written:.1f} %</td>"
        f"<td>{tally.applied} of {tally.exemptions}</td><td>{tally.shown} of {tally.days}</td></tr>"
    )


def _file(file: str, shown: RuleShown | None, lines: dict[int, _Line]) -> Iterator[str]:
    title = html.escape(shown.rule if shown is not None else file)
    says = ""
    if shown is not None:
        covered = sum(test.covered for test in shown.tests)
        missing = [day for day, hit in shown.days.items() if not hit]
        says = f"{shown.runs} runs, {covered} of {len(shown.tests)} tests covered"
        says += f", no run on: {', '.join(missing)}" if missing else ""
    yield f'<details><summary>{title} <span class="m">{html.escape(says)}</span></summary><pre>'
    text = Path(file).read_text(encoding="utf-8")
    width = len(str(text.count("\n") + 1))
    for number, content in enumerate(text.splitlines(), 1):
        line = lines.get(number, _Line())
        note = html.escape("\n".join(line.notes), quote=True)
        hint = f' title="{note}"' if note else ""
        yield f'<span class="{line.mark}"{hint}><i>{number:>{width}}</i> {html.escape(content)}</span>'
    yield "</pre></details>"
