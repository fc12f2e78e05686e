"""Rooms are entered one way: the import-linter contracts hold, and they can fail."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

pytest.importorskip("importlinter", reason="import-linter comes with the test extra")


def lint(config: Path) -> subprocess.CompletedProcess[str]:
    command = (
        "from importlinter.cli import lint_imports; import sys; sys.exit(lint_imports(config_filename=sys.argv[1]))"
    )
    return subprocess.run(
        [sys.executable, "-c", command, str(config)], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_rooms_are_entered_one_way() -> None:
    result = lint(ROOT / "pyproject.toml")
    assert result.returncode == 0, result.stdout
    assert "0 broken" in result.stdout


def test_a_wrong_order_is_noticed(tmp_path: Path) -> None:
    config = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert '"judge",' in config
    wrong = config.replace('  "judge",\n', "").replace('  "facts",\n', '  "facts",\n  "judge",\n')
    (tmp_path / "pyproject.toml").write_text(wrong, encoding="utf-8")
    result = lint(tmp_path / "pyproject.toml")
    assert result.returncode != 0
    assert "judge" in result.stdout


def test_help_loads_no_rulebook() -> None:
    heavy = ("pydantic", "yaml", "rigour", "durable", "polars", "pycountry", "rapidfuzz")
    command = f"""
import sys
from sanctions_engine.cli import main
main(["--help"])
print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)
"""
    result = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
    assert result.stderr.strip() == "[]"
    assert "explain" in result.stdout
