"""The page for newcomers works: its files are written as it says, its commands run, their output is what it shows."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from sanctions_engine.assurance.lint import CHECKS
from sanctions_engine.cli import main

PAGE = Path(__file__).resolve().parent.parent / "examples" / "encode_a_paragraph.md"
BLOCK = re.compile(r"(?:^`(?P<file>[^`\n]+)`:\n\n)?^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(text: str) -> Iterator[tuple[list[str], int, list[str]]]:
    """Yield the words after the command's name, the exit code the page announces, and the lines it shows."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        line, _, shown = part.partition("\n")
        words = shlex.split(line, comments=True)
        assert words[0] == "sanctions-engine"
        code = re.search(r"# exit code (\d+)", line)
        yield words[1:], int(code[1]) if code else 0, shown.splitlines()


def test_the_page_runs_from_top_to_bottom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = 0
    for block in BLOCK.finditer(PAGE.read_text(encoding="utf-8")):
        if block["kind"] == "yaml":
            assert block["file"], "a yaml block on the page must say which file it is"
            Path(block["file"]).parent.mkdir(parents=True, exist_ok=True)
            Path(block["file"]).write_text(block["text"], encoding="utf-8")
            continue
        for words, code, shown in commands(block["text"]):
            assert main(words) == code, f"{words}: {capsys.readouterr()}"
            out = capsys.readouterr().out
            for line in shown:
                assert line in out, f"{words}: {line!r} is not in {out!r}"
            ran += 1
    assert ran >= 6
    coverage = Path("coverage.html").read_text(encoding="utf-8")
    assert 'class="covered"' in coverage
    assert "acme.belarus.9901-3" in coverage


def test_the_page_names_the_number_of_checks() -> None:
    assert f"{len(CHECKS)} checks: nothing to remark" in PAGE.read_text(encoding="utf-8")
