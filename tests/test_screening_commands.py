"""The list and screen commands: what they print, in which exit code they end, and what they never do."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result
from test_un_list import body, many, person, serving, xml

from sanctions_engine.commands.lists import list_group, screen
from sanctions_engine.errors import InputError

if TYPE_CHECKING:
    import click

NASTY = [
    "[bold red]x[/bold red]",
    "<script>alert(1)</script>",
    "'; DROP TABLE x; --",
    "\x1b[31mred\x1b[0m",
    "\u202eDIMOK",
    "=1+2",
]


@pytest.fixture(autouse=True)
def _own_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANCTIONS_ENGINE_LISTS", str(tmp_path / "lists"))
    monkeypatch.setenv("COLUMNS", "200")


def run(command: click.Command, *arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments))


def written(tmp_path: Path, name: str, data: bytes) -> str:
    path = tmp_path / name
    path.write_bytes(data)
    return str(path)


def test_a_hit_ends_in_2_a_candidate_in_3_nothing_in_0() -> None:
    assert run(screen, "KOMID").exit_code == 2
    assert run(screen, "Kim Yong Chol").exit_code == 3
    assert run(screen, "Kim Yong Chol", "--birth-date", "1990").exit_code == 0
    assert run(screen, "Siemens AG").exit_code == 0


def test_text_says_what_matched_why_and_against_which_list() -> None:
    shown = run(screen, "Kim Young-Chol").output
    assert "CANDIDATE" in shown
    assert "KPi.024" in shown
    assert "ask: birth date, nationality" in shown
    assert "starter list" in shown
    assert "list update" in shown


def test_json_is_one_object_with_features_and_list() -> None:
    answer = json.loads(
        run(screen, "Kim Yong Chol", "--birth-date", "1962-02-18", "--country", "PRK", "--format", "json").output
    )
    assert answer["listed"] == "true"
    match = answer["matches"][0]
    assert (match["reference"], match["regime"], match["truth"]) == ("KPi.024", "un.dprk", "true")
    assert {feature["name"] for feature in match["features"]} >= {"name", "birth_date", "nationality"}
    assert answer["list"]["starter"] is True
    assert answer["not_checked"]


@pytest.mark.parametrize("name", NASTY)
def test_hostile_names_reach_no_terminal_or_markup(name: str) -> None:
    shown = run(screen, name).output
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    if name.startswith("["):
        assert name in shown
    assert json.loads(run(screen, name, "--format", "json").output)["query"] == name


@pytest.mark.parametrize(
    "arguments", [(), ("A", "--file", "x"), ("A", "--kind", "ship"), ("A", "--country", "Korea"), ("--file", "x.txt")]
)
def test_wrong_usage_is_told_as_such(arguments: tuple[str, ...]) -> None:
    result = run(screen, *arguments)
    assert isinstance(result.exception, SystemExit)
    assert result.exit_code == 2
    assert "Usage" in result.output


def test_a_batch_answers_each_row_in_one_file(tmp_path: Path) -> None:
    rows = (
        "name,birth_date,countries,imo,kind\n"
        "Kim Yong Chol,1962-02-18,KP,,individual\n"
        "Jie Shun,,,8518780,vessel\n"
        "=HYPERLINK(1),,,,\n"
    )
    source = written(tmp_path, "in.csv", rows.encode())
    target = tmp_path / "out.csv"
    result = run(screen, "--file", source, "-o", str(target))
    assert result.exit_code == 2
    with target.open(newline="", encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    assert [(row["name"], row["listed"], row["reference"]) for row in found] == [
        ("Kim Yong Chol", "true", "KPi.024"),
        ("Jie Shun", "true", "IMO 8518780"),
        ("'=HYPERLINK(1)", "false", ""),
    ]


def test_a_batch_of_plain_lines_gives_json_lines(tmp_path: Path) -> None:
    source = written(tmp_path, "names.txt", b"KOMID\n\nSiemens AG\n")
    target = tmp_path / "out.jsonl"
    assert run(screen, "--file", source, "-o", str(target)).exit_code == 2
    answers = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert [(answer["query"], answer["listed"]) for answer in answers] == [("KOMID", "true"), ("Siemens AG", "false")]


def test_a_bad_row_names_its_number_and_leaves_no_output(tmp_path: Path) -> None:
    source = written(tmp_path, "in.csv", b"name,birth_date\nA B,1960\nC D,yesterday\n")
    target = tmp_path / "out.csv"
    with pytest.raises(InputError, match="row 2"):
        screen.main(["--file", source, "-o", str(target)], standalone_mode=False)
    assert not target.exists()


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (b"name\nKim, Yong Chol\n", "row 1.*quote a comma"),
        (b"name,birth_date\n,1960\n", "row 1.*no letter"),
        (b"name\n!!!\nKOMID\n\xf0\x9f\x92\xa3\n", "row 1.*(\n|.)*row 3"),
        (b"name,countries\nKOMID,North Korea\n", "row 1.*ISO"),
        (b"name\n" + b"A" * 200_000 + b"\n", "no CSV that can be read"),
    ],
    ids=["comma in a name", "no name", "all bad rows at once", "no country code", "an endless cell"],
)
def test_a_row_that_cannot_be_screened_is_never_called_clear(tmp_path: Path, rows: bytes, says: str) -> None:
    source = written(tmp_path, "in.csv", rows)
    with pytest.raises(InputError, match=says):
        screen.main(["--file", source, "-o", str(tmp_path / "out.csv")], standalone_mode=False)
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("name", ["", " ", "!?.,;", "\U0001f4a3", "\u200b\u202e"])
def test_a_name_without_a_letter_is_bad_input_not_clear(name: str) -> None:
    with pytest.raises(InputError, match="no letter"):
        screen.main(["--", name], standalone_mode=False)


@pytest.mark.parametrize("name", NASTY)
def test_json_acts_on_no_terminal(name: str) -> None:
    shown = run(screen, name, "--format", "json").output
    assert not set(shown) & set("\x1b\u202e")
    assert json.loads(shown)["query"] == name


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"title\nx\n"])
def test_an_unreadable_batch_is_bad_input(tmp_path: Path, data: bytes) -> None:
    source = written(tmp_path, "in.csv", data)
    with pytest.raises(InputError):
        screen.main(["--file", source, "-o", str(tmp_path / "o.csv")], standalone_mode=False)


def test_update_from_a_file_then_from_the_network(tmp_path: Path) -> None:
    first = run(list_group, "update", written(tmp_path, "a.xml", many(20, "2026-01-01")))
    assert first.exit_code == 0
    assert "20 added, 0 removed, 0 amended" in first.output
    changed = [person(n) for n in range(1, 21)] + [person(30, UN_LIST_TYPE="Iraq")]
    with serving(body(xml(*changed, day="2026-02-01"))) as url:
        second = run(list_group, "update", url)
    assert "2 added, 1 removed, 0 amended" in second.output
    info = json.loads(run(list_group, "info", "--format", "json").output)
    assert info["in_use"]["generated"] == "2026-02-01"
    assert [item["generated"] for item in info["installed"]] == ["2026-01-01", "2026-02-01"]
    assert info["regimes"]["un.iraq"] == 1
    earlier = json.loads(run(list_group, "info", "--as-of", "2026-01-15", "--format", "json").output)
    assert earlier["in_use"]["generated"] == "2026-01-01"


@pytest.mark.parametrize("cut", [100, 1500, -10])
def test_a_truncated_download_leaves_the_old_list_in_use(tmp_path: Path, cut: int) -> None:
    run(list_group, "update", written(tmp_path, "a.xml", many(20, "2026-01-01")))
    whole = many(21, "2026-02-01")
    for answer in (body(whole[:cut], says=len(whole)), body(whole[:cut]), body(b"<html>captive portal</html>")):
        with serving(answer) as url, pytest.raises(InputError):
            list_group.main(["update", url], standalone_mode=False)
    info = json.loads(run(list_group, "info", "--format", "json").output)
    assert [item["generated"] for item in info["installed"]] == ["2026-01-01"]
    assert info["in_use"]["entries"] == 20 + 6  # and the vessels of the starter list


def test_diff_takes_files_and_installed_dates(tmp_path: Path) -> None:
    old = written(tmp_path, "a.xml", xml(person(1), person(2)))
    new = written(tmp_path, "b.xml", xml(person(2, NATIONALITY="<VALUE>Iraq</VALUE>"), person(3)))
    changes = json.loads(run(list_group, "diff", old, new, "--format", "json").output)
    assert [(change["change"], change["reference"]) for change in changes] == [
        ("removed", "KPi.001"),
        ("amended", "KPi.002"),
        ("added", "KPi.003"),
    ]
    run(list_group, "update", old)
    assert "1 added, 1 removed, 1 amended" in run(list_group, "diff", "2026-02-27", new).output
    with pytest.raises(InputError, match="neither a file nor the date"):
        list_group.main(["diff", old, "nothing"], standalone_mode=False)


def test_info_without_a_list_says_how_to_get_it() -> None:
    shown = run(list_group, "info").output
    assert "starter list" in shown
    assert "list update" in shown


def test_a_file_that_is_not_there_is_bad_input() -> None:
    with pytest.raises(InputError, match="cannot be read"):
        list_group.main(["update", "nowhere.xml"], standalone_mode=False)
