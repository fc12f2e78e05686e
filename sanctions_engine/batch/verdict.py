"""What a single check says of a transaction, as a batch keeps it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sanctions_engine.finding import Finding, Outcome

__all__ = ["Verdict", "gravity"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a single check says: the outcome and its findings; or why the transaction could not be read."""

    outcome: str
    findings: tuple[tuple[str, str, str, bool, str | None, str], ...] = ()
    bad: str = ""

    @classmethod
    def of(cls, findings: Iterable[Finding], *, incomplete: bool) -> Verdict:
        """Make a verdict of findings, in the order of a report."""
        found = sorted(findings, key=gravity)
        outcomes = [finding.outcome for finding in found] + ([Outcome.INCOMPLETE] if incomplete else [])
        return cls(
            min(outcomes, key=lambda outcome: outcome.rank, default=Outcome.CLEAR).value,
            tuple(
                (f.rule.id, f.outcome.value, f.subject.path, f.settled,
                 f.exemption.paragraph if f.exemption is not None else None, " ".join(f.citations))
                for f in found
            ),
        )  # fmt: skip


_SEVERITIES = ("critical", "high", "medium", "low")


def gravity(finding: Finding) -> tuple[int, bool, int, str, str]:
    """Order findings as a report does: the gravest first, then what is settled, then the severest."""
    severity = _SEVERITIES.index(finding.rule.rule.severity.value)
    return finding.outcome.rank, not finding.settled, severity, finding.rule.id, finding.subject.path
