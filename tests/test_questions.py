"""Answering a POTENTIAL's questions settles it; contested law and determinations excepted, which say so."""

from __future__ import annotations

from typing import Any

from hypothesis import given

from sanctions_engine.engine import Engine
from sanctions_engine.finding import Outcome
from sanctions_engine.readings import Gap
from sanctions_engine.report import question_text
from sanctions_engine.transaction import Transaction
from sanctions_engine.wording import bound_in_words
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


def test_questions_name_the_act_they_are_about() -> None:
    one = Transaction.of({"activities": ["construction", "sale"], "payments": [{"payer_bank": {"name": "A Bank"}}]})
    assert question_text(Gap("activities[0].subject"), one).startswith("What is the construction about")
    assert question_text(Gap("activities[1].goods"), one) == "Which goods does the sale concern?"
    assert question_text(Gap("activities[1].by"), one) == "Which of the parties is on the giving side of the sale?"
    assert "payments[0].payer_bank" in question_text(Gap("payments[0].payer_bank.country"), one)
    two = Transaction.of({"activities": ["sale", "sale"]})
    assert question_text(Gap("activities[1].vessel"), two) == "Which vessel does the sale (activities[1]) concern?"


def test_states_that_a_paragraph_binds_are_named_as_english_names_them() -> None:
    names = [bound_in_words(bound) for bound in ("dprk", "iran", "libya", "flag_state", "every_member_state")]
    assert names == ["the DPRK", "Iran", "Libya", "the flag State", "every Member State"]
