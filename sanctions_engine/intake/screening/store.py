"""Lists installed on this machine: several dated ones side by side, each replaced whole or not at all."""

from __future__ import annotations

import hashlib
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from sanctions_engine.errors import InputError, Problem
from sanctions_engine.intake.screening.entries import Alias, ListEntry, ListInfo, UnList, describe
from sanctions_engine.intake.screening.starter import starter_list
from sanctions_engine.intake.screening.un_list import ListChange, compare_lists, read_un_list, read_vessel_list

__all__ = ["ENVIRONMENT", "SHRINKAGE", "ChosenLists", "Installed", "ListStore", "read_any_list"]

ENVIRONMENT = "SANCTIONS_ENGINE_LISTS"
"""Environment variable that names the directory of installed lists."""
SHRINKAGE = 0.10
"""Share of the entries of the list before it that a new list may lack without being taken for a broken one."""
_SHRINKAGE_A_YEAR = 0.05  # the share grows with the years between the two: lists do lose entries in time

_FILE = re.compile(r"(?P<what>parties|vessels)_(?P<day>\d{4}-\d{2}-\d{2})_(?P<digest>[0-9a-f]{16})\.(?:xml|csv)")


def read_any_list(data: bytes, source: str) -> UnList:
    """Read a list of parties (XML) or of vessels (CSV), by what it starts with.

    Raises:
        InputError: It is neither, or broken.
    """
    start = data[:400].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if start.startswith(b"<") or b"<" in start[:4]:
        return read_un_list(data, source)
    if b"date_of_designation" in start:
        return read_vessel_list(data, source)
    raise InputError(
        [
            Problem(
                source, "neither the UN list (XML) nor a vessel table (CSV with date_of_designation); nothing changed"
            )
        ]
    )


@dataclass(frozen=True, slots=True)
class Installed:
    """One installed file.

    Args:
        path: Where it lies.
        what: ``parties`` or ``vessels``.
        day: Day of generation (for vessels, of the newest designation).
        digest: First 16 hexadecimal digits of its SHA-256.
    """

    path: Path
    what: str
    day: date
    digest: str

    def read(self) -> UnList:
        """The list in this file.

        Raises:
            InputError: The file is gone, unreadable, or no longer what was installed.
        """
        try:
            data = self.path.read_bytes()
        except OSError as error:
            raise InputError(
                [Problem(str(self.path), f"cannot be read ({error.strerror}); install the list again")]
            ) from error
        if hashlib.sha256(data).hexdigest()[:16] != self.digest:
            raise InputError(
                [Problem(str(self.path), "is not what was installed; remove it and install the list again")]
            )
        return read_any_list(data, str(self.path))


@dataclass(frozen=True, slots=True)
class ChosenLists:
    """The lists that count on a day.

    Args:
        parties: The list of parties; None: none is installed, and the starter list stands in.
        vessels: The vessel table; None: the starter list's vessels stand in.
        as_of: The day; None: what is newest.
        late: Whether the list of parties is younger than the day, for want of an older one.
    """

    parties: Installed | None
    vessels: Installed | None
    as_of: date | None
    late: bool

    def read(self) -> tuple[Sequence[ListEntry], ListInfo]:
        """Read them: the entries that were known on the day, sorted by reference, and what a report says of them.

        Raises:
            InputError: A file is gone, unreadable, or no longer what was installed.
        """
        starter = starter_list()
        parties, vessels, as_of = self.parties, self.vessels, self.as_of
        if parties is None:
            note = (
                f"parties and vessels were screened against a starter list of {len(starter.entries)} only; "
                "install the whole UN list with `sanctions-engine list update`"
            )
            return [entry for entry in starter.entries if _known(entry, as_of)], describe(starter, [note])
        listed = parties.read()
        notes = []
        entries = list(listed.entries)
        if self.late:
            entries = [entry for entry in entries if _known(entry, as_of)]
            notes.append(
                f"no installed list is as old as {as_of}; the list of {parties.day} was used without what was listed "
                "later, so a party removed in between is missed"
            )
        if vessels is None:
            ships = [entry for entry in starter.entries if entry.kind == "vessel"]
            notes.append(
                f"vessels were screened against a starter list of {len(ships)} only; "
                "install the vessel table with `sanctions-engine list update FILE`"
            )
        else:
            ships = list(vessels.read().entries)
        entries += [ship for ship in ships if _known(ship, as_of)]
        entries = _with_usual_names(entries, starter)
        entries.sort(key=lambda entry: entry.reference)
        whole = replace(listed, entries=tuple(entries))
        return whole.entries, describe(whole, notes)


class ListStore:
    """A directory of installed lists.

    Args:
        directory: Created when the first list is installed.
    """

    __slots__ = ("directory",)

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @classmethod
    def default(cls) -> ListStore:
        """The directory that ``SANCTIONS_ENGINE_LISTS`` names, or the user's own data directory."""
        if chosen := os.environ.get(ENVIRONMENT):
            return cls(Path(chosen).expanduser())
        if sys.platform == "win32":
            base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
        elif sys.platform == "darwin":
            base = Path.home() / "Library" / "Application Support"
        else:
            base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
        return cls(base / "sanctions_engine" / "lists")

    def installed(self) -> tuple[Installed, ...]:
        """What is installed, oldest first; of two files of one day the one installed later stands last."""
        if not self.directory.is_dir():
            return ()
        found = []
        for path in self.directory.iterdir():
            match = _FILE.fullmatch(path.name)
            if match:
                day = date.fromisoformat(match["day"])
                found.append((day, path.stat().st_mtime_ns, Installed(path, match["what"], day, match["digest"])))
        return tuple(item for _, _, item in sorted(found, key=lambda f: (f[0], f[1], f[2].path.name)))

    def current(self, what: str, as_of: date | None = None) -> Installed | None:
        """The newest list of that kind, not younger than the day if one is given; ``None`` where none is."""
        lists = [item for item in self.installed() if item.what == what and (as_of is None or item.day <= as_of)]
        return lists[-1] if lists else None

    def install(self, data: bytes, source: str, *, force: bool = False) -> tuple[Installed, tuple[ListChange, ...]]:
        """Check a list whole, then put it beside the former ones in one step.

        Args:
            data: Bytes of the file.
            source: Where it came from, for messages.
            force: Accept a list that has lost many entries.

        Returns:
            The installed file, and what changed against the list before it in time (all added, where
            there was none).

        Raises:
            InputError: Broken, or much smaller than the list before it; the installed lists are untouched.
        """
        new = read_any_list(data, source)
        what = "parties" if _has_parties(new) else "vessels"
        if new.generated is None:
            raise InputError([Problem(source, "the list has no date")])
        former = self.current(what, new.generated)
        old: Sequence[ListEntry] = former.read().entries if former and not force else ()
        if former and force:
            try:
                old = former.read().entries
            except InputError:
                old = ()
        changes = compare_lists(old, new.entries)
        lost = sum(change.change == "removed" for change in changes)
        if former and not force:
            years = (new.generated - former.day).days / 365
            if lost > len(old) * (SHRINKAGE + _SHRINKAGE_A_YEAR * years):
                what_lost = f"lacks {lost:,} of the {len(old):,} entries of the list of {former.day}"
                raise InputError([Problem(source, f"{what_lost}; if that is right, say --force; nothing changed")])
        ending = "xml" if what == "parties" else "csv"
        target = self.directory / f"{what}_{new.generated.isoformat()}_{new.sha256[:16]}.{ending}"
        self._write(target, data)
        return Installed(target, what, new.generated, new.sha256[:16]), changes

    def _write(self, target: Path, data: bytes) -> None:
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=".incoming-", dir=self.directory)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(name, target)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
            if os.name == "posix":
                descriptor = os.open(self.directory, os.O_RDONLY)
                try:
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)
        except OSError as error:
            raise InputError(
                [
                    Problem(
                        str(self.directory),
                        f"cannot be written ({error.strerror}); set {ENVIRONMENT} to a directory that can",
                    )
                ]
            ) from error

    def choose(self, as_of: date | None = None) -> ChosenLists:
        """Which of the installed lists count, as known on a day; see ``Screener.installed``."""
        parties = self.current("parties", as_of)
        late = parties is None and as_of is not None
        if late:
            parties = next((item for item in self.installed() if item.what == "parties"), None)
        return ChosenLists(parties, self.current("vessels"), as_of, late and parties is not None)


def _has_parties(un_list: UnList) -> bool:
    """Whether a list is one of parties rather than of vessels."""
    return any(entry.kind != "vessel" for entry in un_list.entries)


def _known(entry: ListEntry, as_of: date | None) -> bool:
    """Whether the entry was listed on that day."""
    return as_of is None or entry.listed_on is None or entry.listed_on <= as_of


def _with_usual_names(entries: Sequence[ListEntry], starter: UnList) -> list[ListEntry]:
    """The entries with names by which everybody knows some of them and which the list does not give (ISIL, Daesh)."""
    usual = {entry.reference: entry for entry in starter.entries if entry.kind == "entity"}
    out = []
    for entry in entries:
        known = usual.get(entry.reference)
        if known is not None:
            held = {name.casefold() for name in (*entry.names, *(alias.name for alias in entry.aliases))}
            more = [known.name, *known.original_script, *(a.name for a in known.aliases if a.quality != "low")]
            added = [Alias(name, "usual", "not on the list") for name in more if name.casefold() not in held]
            out.append(replace(entry, aliases=(*entry.aliases, *added)))
        else:
            out.append(entry)
    return out
