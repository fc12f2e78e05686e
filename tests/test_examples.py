"""Every example runs, and the files beside them say what they should."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sanctions_engine.cli import main

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
SCRIPTS = sorted(p for p in EXAMPLES.glob("*.py") if p.name != "conftest.py" and not p.name.startswith("test_"))


def test_there_are_examples() -> None:
    assert {p.stem for p in SCRIPTS} >= {"check_one", "ask_what_is_missing", "add_a_house_rule", "as_of_a_date"}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.stem)
def test_example_runs(script: Path, tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip()


def test_house_rules_pass_their_scenarios(capsys: pytest.CaptureFixture[str]) -> None:
    house = EXAMPLES / "house_rules"
    assert main(["test", str(house / "tests"), "--rules", str(house / "rules")]) == 0
    assert "3 passed" in capsys.readouterr().out


@pytest.mark.parametrize("path", sorted((EXAMPLES / "transactions").glob("*.yaml")), ids=lambda p: p.stem)
def test_every_example_transaction_can_be_checked(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(path), "--matcher", "python"]) in (0, 2, 3, 4, 5)
    assert path.stem in capsys.readouterr().out


def test_the_demo_is_a_disputed_violation_of_1874_9(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(EXAMPLES / "transactions" / "wagner-rail-2022.yaml"), "--matcher", "python"]) == 2
    out = capsys.readouterr().out
    assert "VIOLATION  if true (disputed)" in out
    assert "✗ 1874/9" in out
    assert "in breach: DPRK (export)" in out
    finding = next(part for part in out.split("\n\n") if part.startswith(" ✗ 1874/9  "))
    assert finding in (ROOT / "README.md").read_text(encoding="utf-8"), "the README shows another output; copy this one"
