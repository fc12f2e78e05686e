"""UN Security Council restrictions as tested code: described transactions in, cited findings out.

>>> from sanctions_engine import Engine, Transaction
>>> report = Engine().check(Transaction.load("deal.yaml"))  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sanctions_engine.engine import Engine
    from sanctions_engine.errors import EngineError, InputError, RuleError, SanctionsError
    from sanctions_engine.finding import Citation, Finding, Outcome
    from sanctions_engine.intake.screening import Screener
    from sanctions_engine.judge import Trace
    from sanctions_engine.report import Report
    from sanctions_engine.rule import Rule
    from sanctions_engine.rulebook import Rulebook
    from sanctions_engine.transaction import Goods, Party, Transaction, Vessel
    from sanctions_engine.truth import Truth

__all__ = [
    "Citation",
    "Engine",
    "EngineError",
    "Finding",
    "Goods",
    "InputError",
    "Outcome",
    "Party",
    "Report",
    "Rule",
    "RuleError",
    "Rulebook",
    "SanctionsError",
    "Screener",
    "Trace",
    "Transaction",
    "Truth",
    "Vessel",
]

# Public names are imported when they are first used: `sanctions-engine --help` must not load a rulebook's worth.
_HOMES = {
    "Citation": "finding",
    "Engine": "engine",
    "EngineError": "errors",
    "Finding": "finding",
    "Goods": "transaction",
    "InputError": "errors",
    "Outcome": "finding",
    "Party": "transaction",
    "Report": "report",
    "Rule": "rule",
    "RuleError": "errors",
    "Rulebook": "rulebook",
    "SanctionsError": "errors",
    "Screener": "intake.screening",
    "Trace": "judge",
    "Transaction": "transaction",
    "Truth": "truth",
    "Vessel": "transaction",
}


def __getattr__(name: str) -> object:
    """Import a public name from where it lives."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    """Return the public names."""
    return list(__all__)
