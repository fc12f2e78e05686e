"""durable_rules under attack, in processes of their own: never a wrong answer, never a silent loss."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("sanctions_engine.inference", reason="durable_rules is not installed")
ROOT = Path(__file__).resolve().parent.parent


def attack(name: str, *counts: int) -> dict[str, int]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.attacks.attack", name, *map(str, counts)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, f"exit {done.returncode}: {done.stderr[-2000:]}"
    line = next(line for line in done.stdout.splitlines() if line.startswith(name))
    return {key: int(value) for key, value in re.findall(r"(\w+)=(-?\d+)", line)}


def test_twenty_thousand_random_transactions_get_the_same_answers() -> None:
    result = attack("equal", 20_000, 12)
    assert result["wrong"] == 0
    assert result["fired"] > 20_000, "the made-up rules fire, so that losing one would show"


def test_four_hundred_rules_get_the_same_answers() -> None:
    result = attack("equal", 200, 400)
    assert result["wrong"] == 0
    assert result["fired"] > 20_000


def test_four_threads_get_the_same_answers() -> None:
    assert attack("threads", 150)["wrong"] == 0


def test_forked_workers_get_the_same_answers() -> None:
    assert attack("forked", 60) == {"wrong": 0, "workers": 4}


def test_five_hundred_engines_opened_and_closed_leave_memory_flat() -> None:
    assert attack("memory", 500)["growth"] < 8_000_000  # durable_rules leaks some 10 kB a ruleset of its own


def test_firings_dropped_or_invented_on_purpose_are_never_an_answer() -> None:
    result = attack("dropped", 300)
    assert result["silent"] == 0
    assert result["caught"] > 200
