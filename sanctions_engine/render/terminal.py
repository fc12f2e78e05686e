"""A page on a terminal, in lines with hanging indents, or as plain text where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from sanctions_engine.finding import Outcome
from sanctions_engine.plain import safe
from sanctions_engine.render.page import LONGEST_LIST, Entry, Page, Section

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["print_page"]

_STYLES = {
    "violation": "bold red",
    "potential": "yellow",
    "duty": "magenta",
    "incomplete": "yellow",
    "advisory": "cyan",
    "exempt": "green",
    "clear": "green",
    "true": "green",
    "false": "red",
    "unknown": "yellow",
}
_MARKS = {
    "violation": "✗",
    "potential": "?",
    "duty": "!",
    "incomplete": "…",
    "advisory": "i",
    "exempt": "○",
    "clear": "✓",
    "true": "✓",
    "false": "✗",
    "unknown": "?",
}
_PLAIN_SIGNS = str.maketrans(
    {"✗": "x", "✓": "+", "○": "o", "…": "...", "·": "-", "←": "<-", "“": '"', "”": '"', "–": "-", "—": "-", "’": "'"}
)
_WIDEST = 120


def print_page(page: Page, console: Console) -> None:
    """Write a page to a terminal, or as plain text where there is none.

    Where the output's encoding has no such signs, ASCII stands for them and other characters are spelled out.
    """
    _Printer(console).page(page)


class _Printer:
    """Lays out a page in lines of at most ``_WIDEST`` cells, with hanging indents."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.width = min(console.width, _WIDEST) if console.is_terminal else 110
        self.encoding = console.encoding
        try:
            "✗✓○…·←“”".encode(self.encoding)
            self.signs = True
        except (UnicodeEncodeError, LookupError):
            self.signs = False

    def clean(self, text: str) -> str:
        """Return text this output can show."""
        shown = safe(text)
        if self.signs:
            return shown
        return shown.translate(_PLAIN_SIGNS).encode("ascii", "backslashreplace").decode("ascii")

    def page(self, page: Page) -> None:
        """Write it all."""
        left = Text(self.clean(page.title), "bold")
        if page.particulars:
            left.append(self.clean(f" · {page.particulars}"), "not bold")
        right = Text()
        if page.verdict:
            right.append(page.verdict, f"bold {_STYLES.get(page.mark, '')}")
            right.append(self.clean(f"  {page.qualifier}"), "dim")
        self.pair(left, right)
        for section in page.sections:
            self.console.print()
            if section.major:
                if section.label:
                    self.line(Text(" "), Text(section.label, "bold"))
                for i, entry in enumerate(section.entries):
                    if i and (entry.below or section.entries[i - 1].below):
                        self.console.print()
                    self.entry(entry, 1)
            else:
                self.listing(section)
        if page.foot:
            self.console.print()
            self.line(Text(" "), Text(self.clean(page.foot), "dim"))

    def pair(self, left: Text, right: Text) -> None:
        """Write two texts on one line, the second at its end, or below where both do not fit."""
        gap = self.width - left.cell_len - right.cell_len
        if not right.plain or gap >= 2:
            self.line(Text(), Text.assemble(left, " " * max(gap, 0) if right.plain else "", right))
        else:
            self.line(Text(), left)
            self.line(Text("   "), right)

    def line(self, prefix: Text, body: Text) -> None:
        """Write a text after a prefix; further lines hang below its start."""
        indent = prefix.cell_len
        for i, part in enumerate(body.wrap(self.console, max(self.width - indent, 30), overflow="fold")):
            part.rstrip()
            self.console.print(Text.assemble(prefix if i == 0 else " " * indent, part), soft_wrap=True)

    def entry(self, entry: Entry, indent: int, column: int = 0) -> None:
        """Write a statement and what is below it."""
        style = _STYLES.get(entry.mark, "")
        prefix = Text(" " * indent)
        if entry.mark:
            prefix.append(self.clean(_MARKS.get(entry.mark, " ")) + " ", style)
        body = Text(style="dim" if entry.quiet else "")
        if entry.head:
            # A paragraph is followed by two spaces, a label by a colon.
            body.append(self.clean(entry.head), f"bold {style}" if entry.mark else "")
            body.append("  " if entry.mark else ": ")
        body.append(self.clean(entry.text), "bold" if entry.mark in _BOLD and entry.meta else "")
        if entry.meta:
            meta = Text(self.clean(entry.meta), "dim")
            whole = Text.assemble(prefix, body)
            if whole.cell_len + 2 + meta.cell_len <= self.width:
                self.pair(whole, meta)
            else:
                self.line(prefix, body)
                self.line(Text(" " * (indent + 4)), meta)
            if entry.aside:
                self.line(Text(" " * (indent + 4)), Text(self.clean(entry.aside), "dim"))
        elif entry.aside:
            self.fact(prefix, body, entry.aside, column)
        else:
            self.line(prefix, body)
        deeper = indent + (2 if not entry.meta else 4)
        widths = [
            deeper + (2 if e.mark else 0) + Text(self.clean(e.text)).cell_len
            for e in entry.below
            if e.aside and not e.meta
        ]
        at = max((w for w in widths if w <= 62), default=0) + 2
        for part in entry.below:
            self.entry(part, deeper, at)

    def fact(self, prefix: Text, body: Text, aside: str, column: int) -> None:
        """Write a fact and, in a column of its own, where it came from."""
        whole = Text.assemble(prefix, body)
        arrow = Text(self.clean("← "), "dim")
        source = Text(self.clean(aside), "dim")
        if whole.cell_len < column <= self.width - 32:
            whole.append(" " * (column - whole.cell_len))
            self.line(Text.assemble(whole, arrow), source)
        else:
            self.line(prefix, body)
            self.line(Text.assemble(" " * (prefix.cell_len + 4), arrow), source)

    def listing(self, section: Section) -> None:
        """Write a labelled list beside its label."""
        label = Text(f" {section.label:<13}", "bold")
        blank = " " * label.cell_len
        simple = not any(e.head or e.meta for e in section.entries)
        if simple and section.label == "Assumed":
            texts = list(dict.fromkeys(e.text for e in section.entries))
            more = f" · and {len(texts) - LONGEST_LIST} more" if len(texts) > LONGEST_LIST else ""
            self.line(label, Text(self.clean_long(" · ".join(texts[:LONGEST_LIST]) + more)))
            return
        for i, entry in enumerate(section.entries[:LONGEST_LIST]):
            prefix = label.copy() if i == 0 else Text(blank)
            if entry.head:
                prefix.append(f"{entry.head:<3}", "bold")
            body = Text(self.clean(entry.text))
            notes = " · ".join(filter(None, (entry.aside, entry.meta)))
            if notes:
                body.append(self.clean(f"  ({notes})"), "dim")
            self.line(prefix, body)
        if len(section.entries) > LONGEST_LIST:
            left = len(section.entries) - LONGEST_LIST
            self.line(Text(blank), Text(f"and {left} more (--format json lists all)", "dim"))

    def clean_long(self, text: str) -> str:
        """Return a joined list this output can show, uncut."""
        return " · ".join(self.clean(part) for part in text.split(" · ")) if self.signs else self.clean(text)


_BOLD = frozenset(outcome.value for outcome in Outcome)
