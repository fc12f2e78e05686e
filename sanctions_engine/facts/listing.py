"""What the UN list, and the user, say of a name or a vessel, on the day of the act."""

from __future__ import annotations

from sanctions_engine.facts.description import Description
from sanctions_engine.intake.screening import Match
from sanctions_engine.readings import Evidence, Gap, Reading
from sanctions_engine.transaction import Listing
from sanctions_engine.truth import Cause, Truth

__all__ = ["list_reading"]


def list_reading(
    description: Description,
    path: str,
    shown: str,
    matches: tuple[Match, ...],
    stated: tuple[Listing, ...] | None,
    owner_path: str,
) -> Reading:
    """Return the regimes under which somebody, or a vessel, is or may be listed.

    Args:
        description: What was described; contradictions with the list are noted there.
        path: Where a listing is stated.
        shown: The name, as a reader sees it.
        matches: What the list has under it.
        stated: What the user says of it; None: nothing.
        owner_path: The party or vessel, whose missing particulars would settle a candidate.
    """
    evidence: list[Evidence] = []
    gaps: list[Gap] = []
    for match in matches:
        if match.truth is Truth.FALSE or (match.truth is Truth.UNKNOWN and stated is not None):
            continue  # of a candidate the user has the last word; a strong hit is not overridden in silence
        text = f"{shown}: {match.why}"
        then = _listed_then(description, match, stated)
        if then is Truth.FALSE:
            continue
        sure = match.truth is Truth.TRUE and then is Truth.TRUE
        if stated == () and sure:
            description.conflicts.append(f"{path}: said not to be listed, but {match.why}")
            sure = False
        asks = () if sure else (path, *(f"{owner_path}.{ask}" for ask in match.asks))
        evidence.append(
            Evidence(path, text, frozenset({match.entry.regime}), sure, None if sure else Cause.CANDIDATE, asks)
        )
    for listing in stated or ():
        if listing.regime is None:
            gaps.append(Gap(f"{path}[0].regime", Cause.CANDIDATE))
            continue
        standing = _listing_stands(description, listing)
        if standing is not Truth.FALSE:
            evidence.append(
                Evidence(path, f"{shown} is stated to be listed under {listing.regime}", frozenset({listing.regime}),
                         standing is Truth.TRUE, None if standing is Truth.TRUE else Cause.IMPRECISE,
                         () if standing is Truth.TRUE else ("occurred", path))
            )  # fmt: skip
    return Reading(tuple(evidence), tuple(gaps))


def _listed_then(description: Description, match: Match, stated: tuple[Listing, ...] | None) -> Truth:
    """Whether an entry of the list stood when the act took place.

    Before its day a person or entity was not listed. The days of vessels in the published list are those of
    the list, not always of the measure: before them it is UNKNOWN, unless the user says since when.
    """
    entry = match.entry
    occurred = description.transaction.occurred
    if entry.listed_on is None or occurred is None or occurred.within(entry.listed_on, None) is Truth.TRUE:
        return Truth.TRUE
    if stated is not None and (not stated or any(listing.regime == entry.regime for listing in stated)):
        return Truth.FALSE  # what the user says of that time is not contradicted by a later listing
    if entry.kind == "vessel":
        return Truth.UNKNOWN
    return occurred.within(entry.listed_on, None)


def _listing_stands(description: Description, listing: Listing) -> Truth:
    occurred = description.transaction.occurred
    start = listing.from_.first if listing.from_ else None
    end = listing.until.first if listing.until else None
    if start is None and end is None:
        return Truth.TRUE
    return Truth.UNKNOWN if occurred is None else occurred.within(start, end)
