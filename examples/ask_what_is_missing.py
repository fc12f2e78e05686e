"""A missing fact never clears a deal. Ask what is missing, the question that settles most first."""

from sanctions_engine import Engine

deal = {
    "transaction": "machine-parts",
    "occurred": "2023-05-04",
    "activities": ["sale"],
    "parties": [
        {"name": "Nordic Lathes AS", "roles": ["supplier"], "jurisdiction": "Norway"},
        {"name": "a trading house in Dandong", "roles": ["recipient"], "jurisdiction": "China"},
    ],
    "goods": [{"description": "lathes", "hs": "8458"}],
    "route": {"from": "Norway", "to": "Korea"},  # which Korea?
}

with Engine() as engine:
    report = engine.check(deal)
    print(report.outcome.value)
    for question in report.questions[:5]:
        print(f"   {question.text}  [{question.ask}] waited for by {len(question.settles)}")
    assert report.outcome.value == "potential"

    answered = engine.check({**deal, "route": {"from": "Norway", "to": "Republic of Korea"}})
    print("to the Republic of Korea:", answered.outcome.value)
    answered = engine.check({**deal, "route": {"from": "Norway", "to": "North Korea"}})
    print("to the DPRK:", answered.outcome.value, [f.citation.paragraph for f in answered.violations])
    assert "2397/7" in {f.citation.paragraph for f in answered.violations}
