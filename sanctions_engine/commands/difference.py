"""``rules diff``: what one rulebook says otherwise than another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

import click

from sanctions_engine.assurance.diff import Kind, as_json, as_markdown, check_corpus, diff, opened_book
from sanctions_engine.assurance.trials import read_scenarios
from sanctions_engine.commands.assurance import scenario_folders
from sanctions_engine.commands.exits import Exit
from sanctions_engine.documents import write_file
from sanctions_engine.plain import safe_json

__all__ = ["diff_command"]


@click.command(
    "diff",
    epilog="""\b
Examples:
  sanctions-engine rules diff main HEAD
  sanctions-engine rules diff v1.0 rules --corpus deals.jsonl
  sanctions-engine rules diff old_rules new_rules --format json
  sanctions-engine rules diff origin/main . > comment.md      for a pull request

\b
A change of text only is proved to be one; for a change in meaning the shortest transaction that was found and that the
two books really judge differently is shown: looked for near the scenarios first, then by random steps away from them
(the same in every run). A rule that is the same in text, but rests on goods classes or targets that changed, is not
counted as the same unless it cannot rest on them: it is "unproved". A bad row of a corpus is reported with its place
and counted.
Exit codes: 0 (with --exit-code: 2 where a rule was added, removed or changed in meaning, or may have been); 65
something cannot be read, a row of the corpus included.""",
)
@click.argument("old")
@click.argument("new")
@click.option("--path", "within", default="rules", show_default=True, help="The folder of rules in a git revision.")
@click.option(
    "--scenarios",
    "where",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Where scenarios stand, near which witnesses are looked for.",
)
@click.option(
    "--corpus", type=click.Path(path_type=Path, exists=True), help="A folder, or a file with a JSON object a line."
)
@click.option("--exit-code", "strict", is_flag=True, help="Exit 2 where the law differs.")
@click.option("--format", "form", type=click.Choice(["markdown", "json"]), default="markdown", show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write a file.")
@click.pass_context
def diff_command(
    context: click.Context,
    old: str,
    new: str,
    within: str,
    where: tuple[Path, ...],
    corpus: Path | None,
    strict: bool,
    form: Literal["markdown", "json"],
    output: Path | None,
) -> None:
    """Say what the rules of NEW judge otherwise than those of OLD: folders, or git revisions."""
    named = tuple(Path(name) for name in (old, new) if Path(name).is_dir())
    with opened_book(old, within) as before, opened_book(new, within) as after:
        found = diff(before, after, read_scenarios(where or scenario_folders(named)))
        if corpus is not None:
            found = replace(found, corpus=check_corpus(before, after, corpus))
    text = as_markdown(found) if form == "markdown" else safe_json(as_json(found)) + "\n"
    if output is None:
        click.echo(text, nl=False)
    else:
        write_file(output, text)
    if found.corpus is not None and found.corpus.bad:
        context.exit(Exit.BAD_INPUT)
    differs = any(change.kind is not Kind.TEXT for change in found.changes)
    context.exit(Exit.VIOLATION if strict and differs else Exit.CLEAR)
