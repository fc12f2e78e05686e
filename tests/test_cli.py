"""The command line: exit codes, formats, and that nothing which failed looks like success."""

import functools
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from sanctions_engine import cli
from sanctions_engine.cli import main, root
from sanctions_engine.commands.exits import Exit
from sanctions_engine.intake.lexicon import Lexicon
from sanctions_engine.rulebook import Rulebook

VIOLATION = """\
transaction: rockets
occurred: 2022-11-18
activities: [sale, transport]
parties:
  - {name: A, roles: [supplier], kind: state_organ, jurisdiction: North Korea}
  - {name: B, roles: [recipient], jurisdiction: Russian Federation}
goods:
  - {description: infantry rockets, hs: ["9301", "9306"]}
route: {from: DPRK, to: Russia}
"""
CLEAR = """\
transaction: timber
occurred: 2023-05-04
activities: [sale]
parties:
  - {name: A, roles: [supplier], jurisdiction: Finland}
  - {name: B, roles: [recipient], jurisdiction: Portugal}
goods: [{description: sawn timber, hs: "4407"}]
route: {from: Finland, to: Portugal}
"""
INCOMPLETE = """\
transaction: somewhere
occurred: 2023-05-04
activities: [sale]
goods: [{description: sawn timber, hs: "4407"}]
"""
POTENTIAL = VIOLATION.replace("rockets\n", "which-korea\n", 1).replace("North Korea", "Korea").replace("DPRK", "Korea")


@pytest.fixture
def deals(tmp_path: Path) -> Path:
    for name, text in {"bad": VIOLATION, "good": CLEAR, "open": INCOMPLETE, "maybe": POTENTIAL}.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "broken.yaml").write_text("goodz: []\n", encoding="utf-8")
    return tmp_path


@pytest.fixture(autouse=True, scope="module")
def _load_once() -> Iterator[None]:
    """Load book and lexicon once in this module; a process of the command loads them once and ends."""
    load = Rulebook.load
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Lexicon, "load", functools.cache(Lexicon.load))
        bundled = functools.cache(lambda: load())
        patch.setattr(Rulebook, "load", lambda *folders, **kw: load(*folders, **kw) if folders or kw else bundled())
        yield


def check(*words: object) -> int:
    return main(["check", "--matcher", "python", *map(str, words)])


# ---------------------------------------------------------------------- exit codes


@pytest.mark.parametrize(("name", "code"), [("bad", 2), ("good", 0), ("open", 4), ("maybe", 3), ("broken", 65)])
def test_one_file_ends_by_its_outcome(name: str, code: int, deals: Path) -> None:
    assert check(deals / f"{name}.yaml") == code


def test_several_files_end_by_the_gravest(deals: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(deals / "good.yaml", deals / "open.yaml", deals / "bad.yaml", deals / "maybe.yaml") == 2
    assert "4 files: " in capsys.readouterr().out
    assert check(deals / "good.yaml", deals / "open.yaml", deals / "maybe.yaml") == 3


def test_an_unreadable_file_does_not_hide_the_others_nor_pass(deals: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(deals / "broken.yaml", deals / "missing.yaml", deals / "bad.yaml") == 65
    out, err = capsys.readouterr()
    assert "VIOLATION" in out
    assert "unknown key; did you mean 'goods'?" in err
    assert "missing.yaml" in err
    assert "1 violation" in out
    assert "2 not readable" in out


def test_order_of_severity_is_the_designs() -> None:
    assert Exit.worst([0, 4, 5]) == 5
    assert Exit.worst([4, 5, 3]) == 3
    assert Exit.worst([3, 2, 65]) == 65
    assert Exit.worst([65, 70]) == 70
    assert Exit.worst([]) == 0


@pytest.mark.parametrize(
    "words",
    [
        ["check"],
        ["check", "--format", "pdf", "x.yaml"],
        ["chekc", "x.yaml"],
        ["check", "--as-of", "yesterday", "x.yaml"],
        ["check", "--nonsense"],
        ["rules"],
        ["rules", "list", "--regime", "un.drpk"],
        ["rules", "new", "Not An Id"],
        ["test"],
        [],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_64(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 64
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    assert "Usage" in out + err


def test_an_unknown_command_is_answered_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["chekc", "x.yaml"]) == 64
    assert "did you mean 'check'?" in capsys.readouterr().err


def test_our_own_error_is_70_on_one_line_and_clears_nothing(
    deals: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def explode(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a \x1b[31mfault")

    monkeypatch.setattr("sanctions_engine.commands.check.Engine.check", explode)
    assert check(deals / "good.yaml") == 70
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "nothing was cleared" in err
    assert "\x1b" not in err
    assert "Traceback" not in err


def test_interruption_is_not_success(deals: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sanctions_engine.commands.check.Engine.check", interrupt)
    assert check(deals / "good.yaml") == 130


@pytest.mark.parametrize("words", [["--help"], ["rules", "schema"]], ids=" ".join)
def test_a_reader_who_left_is_no_traceback_and_no_success(words: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    result = subprocess.run(
        [sys.executable, "-m", "sanctions_engine", *words],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)
    assert result.returncode == 141
    assert result.stderr == ""


# ---------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "just text",
        "a: &x [*x]",
        "a: !!python/object/apply:os.system [ls]",
        "transaction: t\ntransaction: u",
        "goods: [{hs: '123456789012345'}]",
        "occurred: 0000-01-01",
        "parties: [{owned_by: [{party: parties[0], share: -5}]}]",
        "{" * 200,
        "parties:\n" + "  - {id: x}\n" * 2,
        "transaction: \ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
        "occurred: 2022-13-45",
        "goods: 7",
    ],
    ids=range(14),
)
def test_bad_input_is_65_with_a_place_and_never_a_traceback(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "deal.yaml"
    file.write_text(text, encoding="utf-8")
    assert check(file) == 65
    out, err = capsys.readouterr()
    assert err.startswith("error: ")
    assert "deal.yaml" in err
    assert "Traceback" not in err
    assert "CLEAR" not in out


def test_many_mistakes_are_told_at_once_and_not_without_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "deal.yaml"
    file.write_text("goods:\n" + "  - {hss: '1'}\n" * 500, encoding="utf-8")
    assert check(file) == 65
    err = capsys.readouterr().err
    assert err.count("unknown key") == 100
    assert "and 400 more" in err


def test_bad_bytes_and_folders_are_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    assert check(tmp_path / "bytes.yaml") == 65
    assert check(tmp_path) == 65
    assert "name a file" in capsys.readouterr().err


# ---------------------------------------------------------------------- formats


def test_json_is_one_object_a_line(deals: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(deals / "bad.yaml", deals / "broken.yaml", deals / "good.yaml", "--format", "json") == 65
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line.get("outcome") for line in lines] == ["violation", None, "clear"]
    assert lines[1]["errors"][0]["where"].endswith("broken.yaml:1:8")
    assert list(lines[0]) == [
        "transaction", "outcome", "findings", "questions", "assumptions", "incomplete", "not_checked", "warnings",
        "rulebook", "list", "engine",
    ]  # fmt: skip
    assert "1874/9" in lines[0]["findings"][0]["citations"]


def test_a_description_without_a_name_is_called_by_its_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "deal-7.yaml").write_text(CLEAR.replace("transaction: timber\n", ""), encoding="utf-8")
    assert check(tmp_path / "deal-7.yaml", "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)["transaction"] == "deal-7"


def test_standard_input_is_read_as_yaml_or_json() -> None:
    for text in (VIOLATION, json.dumps({"transaction": "x", "activities": ["sale"]})):
        result = CliRunner().invoke(root, ["check", "-", "--matcher", "python", "--format", "json"], input=text)
        assert json.loads(result.stdout)["outcome"] in ("violation", "incomplete")
    result = CliRunner().invoke(root, ["check", "-", "--matcher", "python"], input=b"\xff")
    assert result.exit_code != 0


def test_html_and_markdown_hold_every_file(deals: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(deals / "bad.yaml", deals / "good.yaml", "--format", "html") == 2
    page = capsys.readouterr().out
    assert page.startswith("<!DOCTYPE html>")
    assert page.count("<article>") == 2
    assert check(deals / "bad.yaml", deals / "good.yaml", "--format", "markdown") == 2
    assert capsys.readouterr().out.count("\n# ") + 1 == 2


def test_colour_only_where_it_is_wanted(
    deals: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    check(deals / "bad.yaml")
    assert "\x1b[" not in capsys.readouterr().out
    check(deals / "bad.yaml", "--color")
    assert "\x1b[" in capsys.readouterr().out
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("FORCE_COLOR", "1")
    check(deals / "bad.yaml")
    assert "\x1b[31m" not in capsys.readouterr().out


def test_output_survives_a_poor_encoding(deals: Path) -> None:
    (deals / "hangul.yaml").write_text(VIOLATION.replace("name: A", "name: 조선 무역"), encoding="utf-8")
    result = subprocess.run(
        [sys.executable, "-m", "sanctions_engine", "check", "--matcher", "python", str(deals / "hangul.yaml")],
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        capture_output=True,
        check=False,
    )
    assert result.returncode == 2, result.stderr
    out = result.stdout.decode("ascii")
    assert " x 1874/9  " in out
    assert "\\uc870" in out


def test_as_of_leaves_out_what_was_not_yet_law(deals: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(deals / "bad.yaml", "--as-of", "2005-01-01", "--format", "json") != 2
    assert json.loads(capsys.readouterr().out)["findings"] == []


def test_assume_nothing_asks_more(deals: Path, capsys: pytest.CaptureFixture[str]) -> None:
    check(deals / "bad.yaml", "--format", "json")
    usual = json.loads(capsys.readouterr().out)
    check(deals / "bad.yaml", "--format", "json", "--assume-nothing")
    nothing = json.loads(capsys.readouterr().out)
    assert nothing["assumptions"] == []
    assert len(nothing["questions"]) > len(usual["questions"])


def test_why_shows_the_tree(deals: Path, capsys: pytest.CaptureFixture[str]) -> None:
    check(deals / "bad.yaml", "--why")
    assert "✓ all of" in capsys.readouterr().out


# ---------------------------------------------------------------------- rules, explain, help


def test_explain_by_id_paragraph_and_end_of_id(capsys: pytest.CaptureFixture[str]) -> None:
    for what in ("un.dprk.1874-9", "1874-9", "1874/9", "S/RES/1874/9"):
        assert main(["explain", what]) == 0
        out = capsys.readouterr().out
        assert "S/RES/1874 (2009), paragraph 9" in out
        assert "it comes from the DPRK" in out
    assert main(["explain", "un.dprk.1874-9", "--format", "markdown"]) == 0
    assert "# 1874/9 · " in capsys.readouterr().out


def test_explain_names_the_nearest_for_what_it_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "un.dprk.1874-99"]) == 65
    assert "did you mean 'un.dprk.1874-9" in capsys.readouterr().err


def test_rules_list_filters(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "list", "--format", "json"]) == 0
    every = json.loads(capsys.readouterr().out)
    assert main(["rules", "list", "--format", "json", "--regime", "un.dprk", "--in-force-on", "2008-01-01"]) == 0
    early = json.loads(capsys.readouterr().out)
    assert {rule["rule"] for rule in early} < {rule["rule"] for rule in every}
    assert all(rule["from"] <= "2008-01-01" and (rule["until"] or "9") > "2008-01-01" for rule in early)
    assert main(["rules", "list", "--format", "json", "--effect", "duty"]) == 0
    assert {rule["effect"] for rule in json.loads(capsys.readouterr().out)} == {"duty"}


def test_lint_reports_all_mistakes_with_places(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "lint"]) == 0
    room = tmp_path / "house" / "acme"
    room.mkdir(parents=True)
    (room / "regime.yaml").write_text("regime: house.acme\ntitle: T\ntargets: {states: [KPX]}\n", encoding="utf-8")
    (room / "a.yaml").write_text("rule: house.acme.a\nwhenn: {}\n", encoding="utf-8")
    assert main(["rules", "lint", str(tmp_path)]) == 65
    err = capsys.readouterr().err
    assert "regime.yaml:3:" in err
    assert "a.yaml:2:" in err
    assert "did you mean 'when'?" in err


def test_new_writes_a_rule_that_loads_with_scenarios_that_pass(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = tmp_path / "rules"
    assert main(["rules", "new", "house.acme.no-arms", "--rules", str(rules), "--state", "BY"]) == 0
    assert main(["rules", "lint", str(rules)]) == 0
    assert main(["test", str(tmp_path / "tests"), "--rules", str(rules), "--matcher", "python"]) == 0
    assert "3 passed" in capsys.readouterr().out
    assert main(["rules", "new", "house.acme.no-arms", "--rules", str(rules)]) == 65
    assert "nothing was written" in capsys.readouterr().err


def test_schema_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"].startswith("A rule")
    assert main(["rules", "schema", "transaction"]) == 0
    assert json.loads(capsys.readouterr().out)["title"].startswith("A transaction")


@pytest.mark.parametrize("name", list(cli._VERBS))
def test_every_verb_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    assert "Usage: sanctions-engine" in capsys.readouterr().out


def test_help_teaches_with_examples_and_names_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert "sanctions-engine check deal.yaml" in out
    assert "65 bad input or rules" in out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("sanctions-engine ")
