"""The law of a day: the same sale of machinery before and after resolution 2397, and as it was known in 2016."""

from datetime import date

from sanctions_engine import Engine

deal = {
    "transaction": "tractor",
    "occurred": "2018-03-01",
    "activities": ["sale"],
    "parties": [
        {"name": "a maker of tractors", "roles": ["supplier"], "jurisdiction": "Belarus"},
        {"name": "a cooperative farm", "roles": ["recipient"], "jurisdiction": "DPRK"},
    ],
    "goods": [{"description": "agricultural tractors", "hs": "8701"}],
    "route": {"from": "Belarus", "to": "DPRK"},
}


def paragraphs(report) -> set[str]:
    return {finding.citation.paragraph for finding in report.violations}


with Engine() as engine:
    after = engine.check(deal)
    before = engine.check({**deal, "occurred": "2017-12-21"})
    known_in_2016 = engine.check(deal, as_of=date(2016, 12, 31))

print("sold 2018-03-01:", sorted(paragraphs(after)))
print("sold 2017-12-21:", sorted(paragraphs(before)))
print("sold 2018-03-01, by the law as known on 2016-12-31:", sorted(paragraphs(known_in_2016)))
assert "2397/7" in paragraphs(after)
assert "2397/7" not in paragraphs(before)
assert "2397/7" not in paragraphs(known_in_2016)
