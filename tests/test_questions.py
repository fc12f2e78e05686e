"""Answering a POTENTIAL's questions settles it; contested law and determinations excepted, which say so."""

from __future__ import annotations

from typing import Any

from hypothesis import given

from sanctions_engine.engine import Engine
from sanctions_engine.finding import Outcome
from sanctions_engine.transaction import Transaction
from tests.answers import answered
from tests.strategies import described

ENGINE = Engine(matcher="python")


@given(described)
def test_answering_every_question_settles_every_potential(raw: dict[str, Any]) -> None:
    transaction = Transaction.of(raw)
    report = ENGINE.check(transaction)
    for _ in range(6):
        asks = [question.ask for question in report.questions if not question.attribution]
        if not asks:
            break
        transaction = Transaction.of(answered(transaction, asks))
        report = ENGINE.check(transaction)
    for finding in report.findings:
        if not finding.settled:
            assert finding.contested or all(gap.path == "determinations" for gap in finding.missing), (
                finding.rule.id,
                [gap.path for gap in finding.missing],
            )


@given(described)
def test_a_potential_always_says_what_would_settle_it(raw: dict[str, Any]) -> None:
    for finding in ENGINE.check(Transaction.of(raw)).findings:
        if finding.outcome is Outcome.POTENTIAL:
            assert finding.missing or finding.contested
