"""Reports for people: on a terminal, in Markdown, in a page that prints.

A report becomes a ``Page`` once (``contents``), so that every format says the same in the same words; a writer per
format lays it out and escapes what came from outside.
"""

from sanctions_engine.render.contents import report_page, span_in_words
from sanctions_engine.render.markup import html_document, markdown
from sanctions_engine.render.page import Entry, Page, Section
from sanctions_engine.render.terminal import print_page

__all__ = [
    "Entry",
    "Page",
    "Section",
    "html_document",
    "markdown",
    "print_page",
    "report_page",
    "span_in_words",
]
