"""Commands on the UN list: install it, look at it, compare two of it, screen names against it."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

import click
import pycountry
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from sanctions_engine.errors import InputError, Problem
from sanctions_engine.intake.screening import (
    ListChange,
    ListEntry,
    ListInfo,
    ListStore,
    Match,
    Screener,
    UnList,
    compare_lists,
    read_any_list,
)
from sanctions_engine.intake.screening.spelling import readings
from sanctions_engine.intake.screening.un_list import MAX_BYTES
from sanctions_engine.plain import safe, safe_json
from sanctions_engine.truth import Truth

__all__ = ["list_group", "screen"]

_SHOWN = 25
_STYLE = {Truth.TRUE: "bold red", Truth.UNKNOWN: "yellow", Truth.FALSE: "dim"}
_WORD = {Truth.TRUE: "HIT", Truth.UNKNOWN: "CANDIDATE", Truth.FALSE: "LOOK-ALIKE"}
_DAY = click.DateTime(formats=["%Y-%m-%d"])
_FORMAT = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)


def _say(console: Console, text: Text) -> None:
    """One line a statement: a terminal wraps it, a pipe gets it whole."""
    console.print(text, soft_wrap=True)


def _echo_json(value: object) -> None:
    click.echo(safe_json(value))


def _list_json(info: ListInfo) -> dict[str, object]:
    return {
        "generated": info.generated.isoformat() if info.generated else None,
        "sha256": info.sha256,
        "entries": info.entries,
        "names": info.names,
        "starter": info.starter,
        "source": info.source,
    }


def _read_file(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError([Problem(str(path), f"is larger than {MAX_BYTES:,} bytes; this is not the UN list")])
        return path.read_bytes()
    except OSError as error:
        raise InputError([Problem(str(path), f"cannot be read ({error.strerror})")]) from error


@click.group("list")
def list_group() -> None:
    """Install and look at the UN list of parties and vessels."""


@list_group.command("update")
@click.argument("source", required=False)
@click.option("--force", is_flag=True, help="Accept a list that has lost many entries.")
@_FORMAT
def update(source: str | None, force: bool, form: str) -> None:
    """Install a list from a FILE or URL (the official address if none is given).

    The list is checked whole before it takes its place beside the former ones. Whatever goes wrong, the
    installed lists stay as they are.
    """
    from sanctions_engine.intake.screening.download import OFFICIAL, download  # no other command needs the network

    source = source or OFFICIAL
    data = download(source) if source.startswith(("http://", "https://")) else _read_file(Path(source))
    store = ListStore.default()
    installed, changes = store.install(data, source, force=force)
    if form == "json":
        _echo_json(
            {"installed": installed.day.isoformat(), "file": str(installed.path), "changes": _changes_json(changes)}
        )
        return
    console = Console(highlight=False)
    _say(console, Text(f"Installed the list of {installed.day} ({installed.what}) in {installed.path}"))
    newest = store.current(installed.what)
    if newest is not None and newest.day > installed.day:
        _say(console, Text(f"A newer one, of {newest.day}, stays the one in use; this serves --as-of."))
    _print_changes(console, changes)


@list_group.command("info")
@click.option("--as-of", type=_DAY, help="Which list serves for that day.")
@_FORMAT
def info(as_of: datetime | None, form: str) -> None:
    """Say which lists are installed and which one is used."""
    store = ListStore.default()
    day = as_of.date() if as_of else None
    screener = Screener.installed(day)
    regimes = Counter(entry.regime for entry in screener.entries)
    kinds = Counter(entry.kind for entry in screener.entries)
    if form == "json":
        _echo_json(
            {
                "in_use": _list_json(screener.info),
                "regimes": dict(sorted(regimes.items())),
                "kinds": dict(sorted(kinds.items())),
                "installed": [
                    {"what": item.what, "generated": item.day.isoformat(), "file": str(item.path)}
                    for item in store.installed()
                ],
                "directory": str(store.directory),
                "notes": list(screener.info.notes),
            }
        )
        return
    console = Console(highlight=False)
    held = screener.info
    what = "starter list" if held.starter else f"UN list of {held.generated}"
    _say(console, Text(f"In use: {what}, {held.entries:,} entries, {held.names:,} names, sha256 {held.sha256}"))
    _say(console, Text("  " + ", ".join(f"{n} {regime}" for regime, n in sorted(regimes.items()))))
    _say(console, Text("  " + ", ".join(f"{n} {kind}" for kind, n in sorted(kinds.items()))))
    for item in store.installed():
        _say(console, Text(f"Installed: {item.day} {item.what} {item.path}"))
    for note in held.notes:
        _say(console, Text(f"Note: {note}", style="yellow"))


@list_group.command("diff")
@click.argument("old")
@click.argument("new")
@_FORMAT
def diff(old: str, new: str, form: str) -> None:
    """Say what was added, removed and amended between two lists (files, or dates of installed ones)."""
    changes = compare_lists(_named_list(old).entries, _named_list(new).entries)
    if form == "json":
        _echo_json(_changes_json(changes))
    else:
        _print_changes(Console(highlight=False), changes, shown=None)


def _named_list(name: str) -> UnList:
    path = Path(name)
    if path.is_file():
        return read_any_list(_read_file(path), name)
    try:
        day = date.fromisoformat(name)
    except ValueError:
        raise InputError([Problem(name, "is neither a file nor the date of an installed list")]) from None
    found = [item for item in ListStore.default().installed() if item.day == day and item.what == "parties"]
    if not found:
        raise InputError([Problem(name, "no list of that day is installed; see `sanctions-engine list info`")])
    return found[-1].read()


def _changes_json(changes: Sequence[ListChange]) -> list[dict[str, object]]:
    return [
        {
            "change": change.change,
            "reference": change.reference,
            "name": change.name,
            "regime": change.regime,
            "fields": list(change.fields),
        }
        for change in changes
    ]


def _print_changes(console: Console, changes: Sequence[ListChange], shown: int | None = _SHOWN) -> None:
    counts = Counter(change.change for change in changes)
    _say(console, Text(", ".join(f"{counts[word]} {word}" for word in ("added", "removed", "amended"))))
    signs = {"added": ("+", "green"), "removed": ("-", "red"), "amended": ("~", "yellow")}
    for word, (sign, style) in signs.items():
        of_word = [change for change in changes if change.change == word]
        for change in of_word[:shown]:
            fields = f" ({', '.join(change.fields)})" if change.fields else ""
            console.print(
                Text(f" {sign} {change.reference} {safe(change.name)} [{change.regime}]{fields}", style=style)
            )
        if shown is not None and len(of_word) > shown:
            _say(console, Text(f"   and {len(of_word) - shown} more {word}"))


@click.command("screen")
@click.argument("name", required=False)
@click.option("--birth-date", help="Year, month or day: 1964, 1964-06, 1964-06-18.")
@click.option("--country", "countries", multiple=True, help="ISO code of nationality or jurisdiction; may be repeated.")
@click.option("--imo", help="IMO number of a vessel or company.")
@click.option("--identifier", "identifiers", multiple=True, help="Passport or other number; may be repeated.")
@click.option("--alias", "aliases", multiple=True, help="Another name; may be repeated.")
@click.option("--kind", type=click.Choice(["individual", "entity", "vessel"]))
@click.option("--as-of", type=_DAY, help="Screen against the list that was out on that day.")
@click.option(
    "--file", "batch", type=click.Path(path_type=Path), help="Names, one a line, or a CSV with a column 'name'."
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where the batch goes: .csv or .jsonl.")
@_FORMAT
@click.pass_context
def screen(
    context: click.Context,
    name: str | None,
    birth_date: str | None,
    countries: tuple[str, ...],
    imo: str | None,
    identifiers: tuple[str, ...],
    aliases: tuple[str, ...],
    kind: str | None,
    as_of: datetime | None,
    batch: Path | None,
    output: Path | None,
    form: str,
) -> None:
    """Screen NAME, or the names of a file, against the UN list.

    Exit code: 0 nothing found (or look-alikes only), 2 a hit, 3 candidates only.
    """
    if (name is None) == (batch is None):
        raise click.UsageError("give a NAME or --file, one of the two")
    if batch is not None and output is None:
        raise click.UsageError("--file needs -o FILE (.csv or .jsonl) for what is found")
    screener = Screener.installed(as_of.date() if as_of else None)
    try:
        codes = tuple(map(_country_code, countries))
    except InputError as error:
        raise click.BadParameter(error.problems[0].what, param_hint="--country") from error
    if batch is not None and output is not None:
        context.exit(_screen_file(screener, batch, output, kind, codes))
    assert name is not None  # noqa: S101 - one of the two was given
    if not (any(map(readings, (name, *aliases))) or imo or identifiers):
        raise InputError([Problem("NAME", _NOTHING)])
    matches = screener.screen(
        name,
        aliases=aliases,
        kind=kind,
        birth_date=birth_date,
        countries=codes,
        identifiers=identifiers,
        imo=imo,
    )
    if form == "json":
        _echo_json(_answer(name, matches, screener.info))
    else:
        _print_matches(Console(highlight=False), name, matches, screener.info)
    context.exit(_exit_code([matches]))


def _country_code(text: str) -> str:
    code = text.strip().upper()
    found = pycountry.countries.get(alpha_2=code) or pycountry.countries.get(alpha_3=code)
    if found is None:
        raise InputError([Problem("country", f"{text[:40]!r} is no ISO country code (KP, PRK)")])
    return str(found.alpha_2)


def _exit_code(answers: Iterable[Sequence[Match]]) -> int:
    truths = {match.truth for matches in answers for match in matches}
    if Truth.TRUE in truths:
        return 2
    return 3 if Truth.UNKNOWN in truths else 0


def _entry_json(entry: ListEntry) -> dict[str, object]:
    return {
        "reference": entry.reference,
        "regime": entry.regime,
        "kind": entry.kind,
        "listed_name": entry.name,
        "listed_on": entry.listed_on.isoformat() if entry.listed_on else None,
        "imo": entry.imo,
        "measures": list(entry.measures),
    }


def _match_json(match: Match) -> dict[str, object]:
    return {
        **_entry_json(match.entry),
        "truth": match.truth.value,
        "score": match.score,
        "query": match.query,
        "matched_name": match.name,
        "features": [{"name": name, "value": value, "weight": weight} for name, value, weight in match.features],
        "contradiction": match.contradiction,
        "why": match.why,
        "asks": list(match.asks),
    }


def _truth_of(matches: Sequence[Match]) -> Truth:
    return matches[0].truth if matches else Truth.FALSE


def _answer(name: str, matches: Sequence[Match], info: ListInfo) -> dict[str, object]:
    return {
        "query": name,
        "listed": _truth_of(matches).value,
        "matches": [_match_json(match) for match in matches],
        "list": _list_json(info),
        "not_checked": list(info.notes),
    }


def _print_matches(console: Console, name: str, matches: Sequence[Match], info: ListInfo) -> None:
    held = "the starter list" if info.starter else f"the UN list of {info.generated}"
    if not matches:
        _say(console, Text(f"{safe(name)}: nothing alike on {held} ({info.entries:,} entries)"))
    for match in matches[:_SHOWN]:
        line = Text()
        line.append(f"{_WORD[match.truth]:<11}", style=_STYLE[match.truth])
        line.append(f"{match.score:.2f}  {match.entry.reference}  {safe(match.entry.name)}  [{match.entry.regime}]")
        _say(console, line)
        _say(console, Text(f"             {safe(match.why, 400)}", style="dim"))
        if match.asks:
            _say(console, Text(f"             ask: {', '.join(ask.replace('_', ' ') for ask in match.asks)}"))
    if len(matches) > _SHOWN:
        _say(console, Text(f"and {len(matches) - _SHOWN} more; --format json shows all"))
    for note in info.notes:
        _say(console, Text(f"Not checked: {note}", style="yellow"))


_COLUMNS = ("name", "aliases", "kind", "birth_date", "countries", "identifiers", "imo")
_MANY = ("aliases", "countries", "identifiers")
_NOTHING = "holds no letter or digit, so that nothing can be screened; give a name, an IMO or another number"


def _rows(path: Path) -> list[dict[str, str]]:
    """Rows of a batch: lines of text, or a CSV whose columns bear the names of ``Screener.screen``'s arguments."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError([Problem(str(path), f"cannot be read ({error.strerror})")]) from error
    except UnicodeDecodeError as error:
        raise InputError([Problem(str(path), f"is not UTF-8 (byte {error.start})")]) from error
    if path.suffix.casefold() != ".csv":
        return [{"name": line.strip()} for line in text.splitlines() if line.strip()]
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        known = set(reader.fieldnames or ()) & set(_COLUMNS)
        if "name" not in known:
            raise InputError([Problem(f"{path}:1", f"needs a column 'name'; understood are {', '.join(_COLUMNS)}")])
        rows = list(reader)
    except csv.Error as error:
        raise InputError([Problem(f"{path}:{reader.line_num}", f"is no CSV that can be read ({error})")]) from error
    long = [number for number, row in enumerate(rows, 1) if None in row]
    if long:
        raise InputError(
            [Problem(f"{path}:row {n}", "has more cells than the first line; quote a comma in a name") for n in long]
        )
    return [{key: (row.get(key) or "").strip() for key in known} for row in rows]


def _screen_file(screener: Screener, source: Path, target: Path, kind: str | None, countries: tuple[str, ...]) -> int:
    """Screen every row, write the answers in one step, and return the exit code."""
    if target.suffix.casefold() not in (".csv", ".jsonl"):
        raise click.UsageError("-o must end in .csv or .jsonl")
    rows = _rows(source)
    as_csv = target.suffix.casefold() == ".csv"
    worst: set[int] = set()
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    if as_csv:
        writer.writerow(("name", "listed", "reference", "regime", "score", "matched_name", "why", "asks"))
    problems: list[Problem] = []
    for number, row in _progress(rows):
        split = {key: tuple(filter(None, (part.strip() for part in row.get(key, "").split("|")))) for key in _MANY}
        try:
            if not (any(map(readings, (row["name"], *split["aliases"]))) or row.get("imo") or split["identifiers"]):
                raise InputError([Problem("name", _NOTHING)])
            matches = screener.screen(
                row.get("name", ""),
                aliases=split["aliases"],
                kind=row.get("kind") or kind,
                birth_date=row.get("birth_date") or None,
                countries=tuple(map(_country_code, split["countries"])) or countries,
                identifiers=split["identifiers"],
                imo=row.get("imo") or None,
            )
        except InputError as error:
            problems += [Problem(f"{source}:row {number}", str(problem)) for problem in error.problems]
            continue
        worst.add(_exit_code([matches]))
        if as_csv:
            writer.writerows(_csv_rows(row.get("name", ""), matches))
        else:
            out.write(safe_json(_answer(row.get("name", ""), matches, screener.info)) + "\n")
    if problems:
        raise InputError(problems)
    _write_whole(target, out.getvalue())
    console = Console(stderr=True, highlight=False)
    _say(console, Text(f"{len(rows):,} names screened, answers in {target}"))
    for note in screener.info.notes:
        _say(console, Text(f"Not checked: {note}", style="yellow"))
    return 2 if 2 in worst else max(worst, default=0)


def _progress(rows: Sequence[dict[str, str]]) -> Iterator[tuple[int, dict[str, str]]]:
    console = Console(stderr=True)
    columns = (TextColumn("screening"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("screening", total=len(rows))
        for number, row in enumerate(rows, 1):
            yield number, row
            progress.advance(task)


def _csv_rows(name: str, matches: Sequence[Match]) -> Iterator[tuple[str, ...]]:
    if not matches:
        yield (_cell(name), Truth.FALSE.value, "", "", "", "", "", "")
    for match in matches:
        yield (
            _cell(name),
            match.truth.value,
            match.entry.reference,
            match.entry.regime,
            f"{match.score:.4f}",
            _cell(match.name),
            _cell(match.why),
            "|".join(match.asks),
        )


def _cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" and text else text


def _write_whole(target: Path, text: str) -> None:
    try:
        handle, name = tempfile.mkstemp(prefix=".incoming-", dir=target.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.write(text)
            os.replace(name, target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise InputError([Problem(str(target), f"cannot be written ({error.strerror})")]) from error
