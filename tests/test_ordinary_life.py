"""Ordinary trade is not drowned in false alarms: at most 2% of it is flagged with the whole book."""

from collections import Counter

from sanctions_engine.engine import Engine
from tests.ordinary_life import ordinary_transactions

FLAGGED = ("violation", "potential", "duty", "advisory")


def test_at_most_two_in_a_hundred_ordinary_transactions_are_flagged() -> None:
    engine = Engine(matcher="python")
    reports = [engine.check(raw) for raw in ordinary_transactions(3_000)]
    outcomes = Counter(report.outcome.value for report in reports)
    flagged = [r for r in reports if r.outcome.value in FLAGGED]
    questions = sum(len(r.questions) for r in reports) / len(reports)
    print(f"\nordinary life: {dict(outcomes)}, {questions:.2f} questions a transaction")  # noqa: T201  # the stated share
    examples = [(r.transaction.id, r.findings[0].message) for r in flagged[:5]]
    assert len(flagged) <= 0.02 * len(reports), (outcomes, examples)
    assert outcomes["clear"] > 0.5 * len(reports), outcomes
