"""``rules lint``: what an author may have got wrong though the rulebook loads.

A check never changes anything and never guesses at law. What it says can be waived in a ``waivers.yaml`` beside the
rules, with a reason; a waiver that waives nothing is itself a remark.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import quote

from sanctions_engine.assurance import lint_conditions, lint_law
from sanctions_engine.assurance.places import Place, Sources, place_in
from sanctions_engine.assurance.remarks import CHECKS, Desk, Level, Remark, check, page
from sanctions_engine.errors import InputError, Problem, RuleError, did_you_mean
from sanctions_engine.rulebook import Rulebook

__all__ = ["CHECKS", "Level", "Remark", "lint", "lint_folders", "page", "remarks_as_sarif", "scenario_places"]

_ENTERED = (lint_conditions, lint_law)
"""Importing these enters their checks."""

_RULE_LINE = re.compile(r"^rule:\s*[\"']?([a-z0-9.-]+)", re.MULTILINE)


@check("load-error", Level.ERROR)
def _load(_: Desk) -> Iterator[tuple[Place, str, str]]:
    """The rulebook does not load: a mistake in shape, a word nobody knows, a reference to nothing."""
    yield from ()  # the loader finds these; see ``lint_folders``


@check("unused-waiver", Level.WARNING)
def _unused_waiver(_: Desk) -> Iterator[tuple[Place, str, str]]:
    """A waiver waives nothing."""
    yield from ()  # only known once all other checks have run; see ``_waived``


def lint_folders(
    folders: Sequence[Path],
    *,
    bundled: bool = True,
    scenarios: Sequence[Path] = (),
    on: date | None = None,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
) -> tuple[Remark, ...]:
    """Load rule folders and look at them; what keeps them from loading is a remark too.

    Args:
        folders: Folders of your own rules.
        bundled: Whether the bundled rules are read too.
        scenarios: Folders of scenarios; empty: whether rules have scenarios is not asked.
        on: The day against which renewals are held.
        select: Ids of checks, or patterns such as ``exemption-*``; empty: all.
        ignore: The same for checks to leave out.

    Raises:
        InputError: A pattern names no check, or a folder of scenarios is not there.
    """
    chosen = _chosen(tuple(select), tuple(ignore))
    try:
        book = Rulebook.load(*folders, bundled=bundled)
    except RuleError as error:
        return tuple(_load_remark(problem) for problem in error.problems)
    return lint(book, scenarios=scenario_places(scenarios) if scenarios else None, on=on, checks=chosen)


def lint(
    book: Rulebook,
    *,
    scenarios: Mapping[str, Place] | None = None,
    on: date | None = None,
    checks: Iterable[str] | None = None,
) -> tuple[Remark, ...]:
    """Return what the checks find in a rulebook, by place.

    Args:
        book: The rulebook.
        scenarios: Where each rule's scenarios stand; see ``scenario_places``.
        on: The day against which renewals are held.
        checks: Ids of the checks to run; all where not given.
    """
    desk = Desk(book, Sources(book), scenarios, on)
    wanted = list(CHECKS if checks is None else checks)
    found = {
        Remark(name, CHECKS[name].level, place, message, rule)
        for name in wanted
        for place, message, rule in CHECKS[name].run(desk)
    }
    kept = _waived(found, desk, complete=checks is None or set(wanted) == set(CHECKS))
    return tuple(sorted(kept, key=lambda remark: (remark.place, remark.check, remark.message)))


def scenario_places(folders: Iterable[Path]) -> dict[str, Place]:
    """Return where the scenarios of each rule stand.

    Raises:
        InputError: A folder is not there.
    """
    found: dict[str, Place] = {}
    for folder in folders:
        if not folder.is_dir():
            raise InputError([Problem(str(folder), "is not a folder of scenarios")])
        for file in sorted(folder.rglob("*.scenario.yaml")):
            text = file.read_text(encoding="utf-8", errors="replace")
            match = _RULE_LINE.search(text)
            if match is not None:
                line = text.count("\n", 0, match.start()) + 1
                found.setdefault(match[1], Place(str(file), line, match.start(1) - match.start() + 1))
    return found


def _chosen(select: tuple[str, ...], ignore: tuple[str, ...]) -> list[str]:
    for pattern in (*select, *ignore):
        if not any(fnmatchcase(name, pattern) for name in CHECKS):
            raise InputError([Problem("", f"no check {pattern[:60]!r}{did_you_mean(pattern, list(CHECKS))}")])
    return [
        name
        for name in CHECKS
        if (not select or any(fnmatchcase(name, pattern) for pattern in select))
        and not any(fnmatchcase(name, pattern) for pattern in ignore)
    ]


def _load_remark(problem: Problem) -> Remark:
    match = re.fullmatch(r"(.*?):(\d+):(\d+)", problem.where)
    place = (
        Place(match[1], int(match[2]), int(match[3])) if match is not None else Place(problem.where or "rules", 1, 1)
    )
    return Remark("load-error", Level.ERROR, place, problem.what)


# ---------------------------------------------------------------------- waivers


def _waived(found: set[Remark], desk: Desk, *, complete: bool) -> Iterator[Remark]:
    """Yield what no waiver covers, and the waivers that cover nothing.

    Args:
        found: All remarks.
        desk: Where the waivers stand.
        complete: Whether all checks ran; else a waiver may cover what was not asked.
    """
    left = set(found)
    for name, document in desk.sources.documents.items():
        if Path(name).name != "waivers.yaml":
            continue
        items = document.data.get("waivers") if isinstance(document.data, Mapping) else None
        if not isinstance(items, list):
            raise InputError([Problem(document.where(()), "write waivers: a list of {check, rule, because}")])
        for i, item in enumerate(items):
            waiver = item if isinstance(item, Mapping) else {}
            missing = [key for key in ("check", "rule", "because") if not str(waiver.get(key) or "").strip()]
            if missing or set(waiver) - {"check", "rule", "because"}:
                raise InputError(
                    [Problem(document.where(("waivers", i)), "a waiver has check, rule and because, and nothing else")]
                )
            covered = {r for r in found if r.check == waiver["check"] and r.rule == waiver["rule"]}
            left -= covered
            if not covered and complete:
                yield Remark(
                    "unused-waiver",
                    Level.WARNING,
                    place_in(document, ("waivers", i)),
                    f"{waiver['check']} finds nothing in {waiver['rule']}; drop the waiver",
                    str(waiver["rule"]),
                )
    yield from left


# ---------------------------------------------------------------------- SARIF


def remarks_as_sarif(remarks: Sequence[Remark], version: str, root: Path) -> str:
    """Write remarks in SARIF 2.1.0, so that a code host shows each at its line.

    Args:
        remarks: What was found.
        version: Of this engine.
        root: The folder against which paths are written.
    """
    names = list(CHECKS)
    driver = {
        "name": "sanctions-engine rules lint",
        "version": version,
        "rules": [
            {
                "id": found.id,
                "shortDescription": {"text": found.says},
                "help": {"text": page(found.id), "markdown": page(found.id)},
                "defaultConfiguration": {"level": found.level.value},
            }
            for found in CHECKS.values()
        ],
    }
    results = [
        {
            "ruleId": remark.check,
            "ruleIndex": names.index(remark.check),
            "level": remark.level.value,
            "message": {"text": f"{remark.rule}: {remark.message}" if remark.rule else remark.message},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": _uri(remark.place.file, root)},
                        "region": {"startLine": remark.place.line, "startColumn": remark.place.column},
                    }
                }
            ],
        }
        for remark in remarks
    ]
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
    }
    return json.dumps(log, ensure_ascii=False, indent=1)


def _uri(file: str, root: Path) -> str:
    path = Path(file)
    if not path.is_absolute():
        return quote(path.as_posix())
    try:
        return quote(path.relative_to(root).as_posix())
    except ValueError:
        return path.as_uri()
