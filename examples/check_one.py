"""Check one described transaction and read the answer."""

from pathlib import Path

from sanctions_engine import Engine, Transaction

HERE = Path(__file__).resolve().parent

with Engine() as engine:  # the bundled UN rulebook, and the list that is installed
    report = engine.check(Transaction.load(HERE / "transactions" / "wagner-rail-2022.yaml"))

print(report.outcome.value, "-", report.violations[0].standing.value)
for finding in report.violations:
    states = ", ".join(f"{a.name} ({a.limb})" for a in finding.in_breach if a.settled)
    print(f"{finding.citation.paragraph}: {finding.rule.rule.title}. In breach: {states}")
    for fact in finding.evidence:
        print(f"   {fact.path}: {fact.shown}")

assert report.outcome.value == "violation"
assert "1874/9" in {finding.citation.paragraph for finding in report.violations}
