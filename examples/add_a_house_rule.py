"""Add rules of your own beside the Council's: a folder with a regime.yaml and a file a rule.

On the command line: sanctions-engine check deal.yaml --rules examples/house_rules/rules
"""

from pathlib import Path

from sanctions_engine import Engine, Rulebook
from sanctions_engine.scenario import load_scenarios, run_scenario

HERE = Path(__file__).resolve().parent / "house_rules"

book = Rulebook.load(HERE / "rules")  # the bundled rules too; bundled=False leaves them out
print(f"{len(book.rules)} rules in {', '.join(sorted(book.regimes))}")

with Engine(book) as engine:
    for scenario in load_scenarios(HERE / "tests" / "arms-to-russia.scenario.yaml"):
        result = run_scenario(scenario, engine)
        print("passed" if result.passed else f"FAILED {result.failures}", "-", scenario.name)
        assert result.passed
