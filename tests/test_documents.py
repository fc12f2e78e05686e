"""YAML and JSON as data with places: every value remembers where it stands, and nothing else is kept of the text."""

from __future__ import annotations

from pathlib import Path

import pytest

from sanctions_engine.documents import read_bytes, read_document, read_file
from sanctions_engine.errors import InputError

TEXT = """\
parties:
  - name: A
    roles: [supplier, {x: y}]
  - null
day: 2020
"""


def test_every_value_has_a_place_and_a_missing_path_that_of_its_nearest_ancestor() -> None:
    document = read_document(TEXT, name="f.yaml")
    assert document.data == {"parties": [{"name": "A", "roles": ["supplier", {"x": "y"}]}, None], "day": "2020"}
    assert document.places == {
        (): (1, 1),
        ("parties",): (2, 3),
        ("parties", 0): (2, 5),
        ("parties", 0, "name"): (2, 11),
        ("parties", 0, "roles"): (3, 12),
        ("parties", 0, "roles", 0): (3, 13),
        ("parties", 0, "roles", 1): (3, 23),
        ("parties", 0, "roles", 1, "x"): (3, 27),
        ("parties", 1): (4, 5),
        ("day",): (5, 6),
    }
    for path, (line, column) in document.places.items():
        assert document.where(path) == f"f.yaml:{line}:{column}"
    assert document.where(("parties", 0, "roles", 7, "z")) == "f.yaml:3:12"
    assert document.where(("parties", "0")) == document.where(("parties",)) == "f.yaml:2:3"
    assert document.where(("day", 0)) == "f.yaml:5:6"


def test_a_repeated_key_is_told_with_the_line_of_the_first() -> None:
    with pytest.raises(InputError, match=r"f.yaml:3:1: key 'a' is already on line 1") as caught:
        read_document("a: 1\nb: 2\na: 3\nb: {c: 1}\n", name="f.yaml")
    assert len(caught.value.problems) == 2


def test_line_ends_of_other_systems_and_a_byte_order_mark_are_read_alike(tmp_path: Path) -> None:
    plain = read_document(TEXT)
    for n, written in enumerate((TEXT.replace("\n", "\r\n"), TEXT.replace("\n", "\r"), "\ufeff" + TEXT)):
        file = tmp_path / f"{n}.yaml"
        file.write_bytes(written.encode())
        assert (read_file(file).data, read_file(file).places) == (plain.data, plain.places)


def test_bytes_that_are_no_text_are_told_by_their_place() -> None:
    with pytest.raises(InputError, match=r"f: is not UTF-8 text \(byte 3\)"):
        read_bytes(b"a: \xff", name="f")


def test_places_of_json_are_paths() -> None:
    document = read_document('{"a": [1]}', name="f.json", json_only=True)
    assert document.places == {}
    assert document.where(("a", 0)) == "f.json: a[0]"
