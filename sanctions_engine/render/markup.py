"""A page in Markdown, and pages in one HTML document that prints; what came from outside is escaped."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from sanctions_engine.plain import safe
from sanctions_engine.render.page import Entry, Page

__all__ = ["html_document", "markdown"]

# ---------------------------------------------------------------------- Markdown

_MARKDOWN = re.compile(r"([\\`*_\[\]#|~^$])")
_WORDS = {"true": "yes", "false": "no", "unknown": "open"}


def _md(text: str) -> str:
    """Escape text so that no renderer reads markup, HTML, a link or a mention in it."""
    escaped = _MARKDOWN.sub(r"\\\1", html.escape(safe(text), quote=False))
    return escaped.replace("://", "&#58;//").replace("www.", "www&#46;").replace("@", "&#64;")


def markdown(page: Page) -> str:
    """Return a page as Markdown."""
    lines = [f"# {_md(page.title)}", ""]
    if page.verdict:
        lines += [f"**{page.verdict}** {_md(page.qualifier)}  "]
    if page.particulars:
        lines += [_md(page.particulars)]
    for section in page.sections:
        lines.append("")
        if section.label:
            lines += [f"## {_md(section.label)}", ""]
        if section.major:
            for entry in section.entries:
                head = f"{_md(entry.head)} " if entry.head else ""
                word = f"{entry.mark.upper()}: " if entry.mark else ""
                lines += [f"### {word}{head}{_md(entry.text)}", ""]
                if entry.meta:
                    lines += [_md(entry.meta), ""]
                for part in entry.below:
                    lines += _md_items(part, 0)
                lines.append("")
        else:
            for i, entry in enumerate(section.entries, 1):
                bullet = f"{i}." if entry.head else "-"
                lines += _md_items(replace(entry, head=""), 0, bullet)
    if page.foot:
        lines += ["", "---", "", _md(page.foot)]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"


def _md_items(entry: Entry, depth: int, bullet: str = "-") -> Iterator[str]:
    word = f"*{_WORDS.get(entry.mark, entry.mark)}*: " if entry.mark else ""
    head = f"**{_md(entry.head)}**{'' if entry.mark else ':'} " if entry.head else ""
    notes = [note for note in (entry.aside, entry.meta) if note]
    aside = f" ({_md(' · '.join(notes))})" if notes else ""
    yield f"{'  ' * depth}{bullet} {word}{head}{_md(entry.text)}{aside}"
    for part in entry.below:
        yield from _md_items(part, depth + 1)


# ---------------------------------------------------------------------- HTML

_CSS = """
:root{color-scheme:light}
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1.2rem;color:#1a1a1a;background:#fff}
h1{font-size:1.25rem;margin:2rem 0 0}h2{font-size:1rem;margin:1.6rem 0 .3rem;color:#444}
h3{font-size:1.02rem;margin:1.2rem 0 .1rem}
article+article{border-top:2px solid #ccc;margin-top:2.5rem}
p{margin:.15rem 0}ul,ol{margin:.2rem 0;padding-left:1.4rem}li{margin:.1rem 0}
.a,.m,footer{color:#595959;font-size:.88em}.h{font-weight:600}
.v{font-weight:700;padding:.1rem .5rem;border:1px solid;border-radius:.2rem}
.violation,.false{color:#a40000}.potential,.incomplete,.unknown{color:#7a5200}.duty{color:#6b2c91}
.advisory{color:#00607a}.exempt,.clear,.true{color:#1d6b1d}
h1,h3,p,li,footer{unicode-bidi:isolate;overflow-wrap:anywhere}
footer{border-top:1px solid #ddd;margin-top:1.5rem;padding-top:.4rem}
@media print{body{margin:0;max-width:none;font-size:11pt}section.f{break-inside:avoid}}
"""


def html_document(pages: Sequence[Page]) -> str:
    """Return pages as one HTML document that needs nothing else, runs nothing and prints well."""
    title = pages[0].title if len(pages) == 1 else f"{len(pages)} reports"
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_ht(title)}</title><style>{_CSS}</style></head><body>\n"
        + "\n".join(_article(page) for page in pages)
        + "\n</body></html>\n"
    )


def _ht(text: str) -> str:
    return html.escape(safe(text))


def _article(page: Page) -> str:
    parts = [f"<article><h1>{_ht(page.title)}</h1>"]
    if page.verdict:
        parts.append(f'<p><span class="v {page.mark}">{page.verdict}</span> {_ht(page.qualifier)}</p>')
    if page.particulars:
        parts.append(f'<p class="m">{_ht(page.particulars)}</p>')
    for section in page.sections:
        if section.label:
            parts.append(f"<h2>{_ht(section.label)}</h2>")
        if section.major:
            parts += [_html_finding(entry) for entry in section.entries]
        else:
            tag = "ol" if any(e.head for e in section.entries) else "ul"
            items = "".join(_html_item(replace(e, head="")) for e in section.entries)
            parts.append(f"<{tag}>{items}</{tag}>")
    if page.foot:
        parts.append(f"<footer>{_ht(page.foot)}</footer>")
    return "\n".join([*parts, "</article>"])


def _html_finding(entry: Entry) -> str:
    word = f'<span class="{entry.mark}">{entry.mark.upper()}</span> ' if entry.mark else ""
    head = f"{_ht(entry.head)} " if entry.head else ""
    meta = f'<p class="m">{_ht(entry.meta)}</p>' if entry.meta else ""
    below = f"<ul>{''.join(_html_item(part) for part in entry.below)}</ul>" if entry.below else ""
    return f'<section class="f"><h3>{word}{head}{_ht(entry.text)}</h3>{meta}{below}</section>'


def _html_item(entry: Entry) -> str:
    word = f'<span class="{entry.mark}">{_WORDS.get(entry.mark, entry.mark)}</span> ' if entry.mark else ""
    head = f'<span class="h">{_ht(entry.head)}{"" if entry.mark else ":"}</span> ' if entry.head else ""
    notes = [note for note in (entry.aside, entry.meta) if note]
    aside = f' <span class="a">← {_ht(" · ".join(notes))}</span>' if notes else ""
    below = f"<ul>{''.join(_html_item(part) for part in entry.below)}</ul>" if entry.below else ""
    return f"<li>{word}{head}{_ht(entry.text)}{aside}{below}</li>"
