"""The reader of the UN list, its installation, and what goes wrong on the way."""

from __future__ import annotations

import http.server
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanctions_engine.errors import InputError
from sanctions_engine.intake.imo import valid_imo
from sanctions_engine.intake.screening import ListStore, Screener, compare_lists, read_un_list, read_vessel_list
from sanctions_engine.intake.screening.download import download
from sanctions_engine.intake.screening.starter import starter_list

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
REAL = SHARED / "un-consolidated"
needs_real = pytest.mark.skipif(not REAL.is_dir(), reason="the real list is not at ../shared/data/un-consolidated")


def person(number: int, name: str = "", **parts: str) -> str:
    first, _, rest = (name or f"GIVEN{number} FAMILY{number}").partition(" ")
    fields = {
        "FIRST_NAME": first,
        "SECOND_NAME": rest,
        "UN_LIST_TYPE": "DPRK",
        "REFERENCE_NUMBER": f"KPi.{number:03}",
        "LISTED_ON": "2016-03-02",
    } | parts
    return "<INDIVIDUAL>" + "".join(f"<{tag}>{text}</{tag}>" for tag, text in fields.items()) + "</INDIVIDUAL>"


def xml(*records: str, day: str = "2026-02-27", entities: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><CONSOLIDATED_LIST dateGenerated="{day}T00:00:09.554Z"><INDIVIDUALS>'
        f"{''.join(records)}</INDIVIDUALS><ENTITIES>{entities}</ENTITIES></CONSOLIDATED_LIST>"
    ).encode()


def many(count: int, day: str) -> bytes:
    return xml(*(person(n) for n in range(count)), day=day)


FULL = """
<INDIVIDUAL>
  <FIRST_NAME> KIM </FIRST_NAME><SECOND_NAME>YONG
     CHOL</SECOND_NAME><THIRD_NAME/>
  <UN_LIST_TYPE>DPRK</UN_LIST_TYPE><REFERENCE_NUMBER>KPi.024 </REFERENCE_NUMBER>
  <LISTED_ON>2016-03-02-05:00</LISTED_ON><NAME_ORIGINAL_SCRIPT>김영철</NAME_ORIGINAL_SCRIPT>
  <COMMENTS1>Note</COMMENTS1>
  <TITLE><VALUE>General</VALUE></TITLE><DESIGNATION><VALUE>Representative</VALUE></DESIGNATION>
  <NATIONALITY><VALUE>Democratic People's Republic of Korea</VALUE></NATIONALITY>
  <LAST_DAY_UPDATED><VALUE/><VALUE>2017-01-02</VALUE><VALUE>2018-03-04</VALUE></LAST_DAY_UPDATED>
  <INDIVIDUAL_ALIAS><QUALITY/><ALIAS_NAME/></INDIVIDUAL_ALIAS>
  <INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Kim Young-Chol</ALIAS_NAME></INDIVIDUAL_ALIAS>
  <INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>Chol</ALIAS_NAME><NOTE>nom de guerre</NOTE></INDIVIDUAL_ALIAS>
  <INDIVIDUAL_ADDRESS><CITY>Pyongyang</CITY><COUNTRY>Democratic People's Republic of Korea</COUNTRY>
  </INDIVIDUAL_ADDRESS>
  <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>EXACT</TYPE_OF_DATE><DATE>1962-02-18</DATE></INDIVIDUAL_DATE_OF_BIRTH>
  <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>APPROXIMATELY</TYPE_OF_DATE><YEAR>1960</YEAR></INDIVIDUAL_DATE_OF_BIRTH>
  <INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><FROM_YEAR>1958</FROM_YEAR><TO_YEAR>1959</TO_YEAR>
  </INDIVIDUAL_DATE_OF_BIRTH>
  <INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NUMBER>472310168</NUMBER></INDIVIDUAL_DOCUMENT>
  <INDIVIDUAL_DOCUMENT/>
</INDIVIDUAL>"""


def test_everything_that_a_record_says_is_read() -> None:
    (entry,) = read_un_list(xml(FULL), "x").entries
    assert (entry.reference, entry.regime, entry.kind, entry.name) == (
        "KPi.024",
        "un.dprk",
        "individual",
        "KIM YONG CHOL",
    )
    assert [(alias.name, alias.quality, alias.note) for alias in entry.aliases] == [
        ("Chol", "low", "nom de guerre"),
        ("Kim Young-Chol", "good", ""),
    ]
    assert entry.original_script == ("김영철",)
    assert [str(period) for period in entry.birth_dates] == ["1958/1959", "1960~", "1962-02-18"]
    assert (entry.nationalities, entry.titles, entry.designations) == (("KP",), ("General",), ("Representative",))
    assert (entry.addresses[0].text, entry.addresses[0].country) == ("Pyongyang", "KP")
    assert [(paper.number, paper.kind) for paper in entry.identifiers] == [("472310168", "Passport")]
    assert (entry.listed_on, entry.amended_on) == (date(2016, 3, 2), date(2018, 3, 4))


def test_an_imo_company_number_in_the_narrative_is_read() -> None:
    entity = (
        "<ENTITY><FIRST_NAME>OMM</FIRST_NAME><UN_LIST_TYPE>DPRK</UN_LIST_TYPE><REFERENCE_NUMBER>KPe.020</REFERENCE_NUMBER>"
        "<COMMENTS1>Operator. IMO number: 1790183.</COMMENTS1></ENTITY>"
    )
    assert read_un_list(xml(entities=entity), "x").entries[0].imo == "1790183"


def test_first_of_january_stands_for_the_year() -> None:
    record = person(1).replace(
        "</INDIVIDUAL>",
        "<INDIVIDUAL_DATE_OF_BIRTH><DATE>1967-01-01</DATE></INDIVIDUAL_DATE_OF_BIRTH></INDIVIDUAL>",
    )
    assert [str(period) for period in read_un_list(xml(record), "x").entries[0].birth_dates] == ["1967"]


def test_not_available_is_not_namibia() -> None:
    record = person(1).replace("</INDIVIDUAL>", "<NATIONALITY><VALUE>na</VALUE></NATIONALITY></INDIVIDUAL>")
    assert read_un_list(xml(record), "x").entries[0].nationalities == ()


@given(st.randoms(use_true_random=False), st.sampled_from(["", "  ", "\t\t"]))
@settings(max_examples=30, deadline=None)
def test_order_and_indentation_do_not_matter(rng: random.Random, indent: str) -> None:
    records = [FULL.replace("KPi.024 ", "KPi.900"), *(person(n) for n in range(6))]
    plain = read_un_list(xml(*records), "x")
    trees = [ElementTree.fromstring(record) for record in records]
    rng.shuffle(trees)
    for tree in trees:
        children = list(tree)
        rng.shuffle(children)
        tree[:] = children
        ElementTree.indent(tree, indent)
    other = read_un_list(xml(*(ElementTree.tostring(tree, encoding="unicode") for tree in trees)), "x")
    assert other.entries == plain.entries


def test_single_quoted_and_old_attributes_are_read() -> None:
    old = xml(person(1)).replace(b'"2026-02-27T00:00:09.554Z"', b"'2021-01-28T19:02:23.477-05:00'")
    assert read_un_list(old, "x").generated == date(2021, 1, 28)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (xml(person(1))[:-40], "broken XML"),
        (b"", "broken XML"),
        (b"\x00\x01\x02", "broken XML"),
        (b"<html><body>Not found</body></html>", "not <CONSOLIDATED_LIST>"),
        (xml(), "no records"),
        (xml(person(1), person(1)), "KPi.001 stands twice"),
        (xml(person(1, REFERENCE_NUMBER="")), "no REFERENCE_NUMBER"),
        (xml(person(1, FIRST_NAME="", SECOND_NAME="")), "no name"),
        (xml(person(1), day="soon"), "dateGenerated"),
        (xml("<A>" * 40 + "</A>" * 40), "deep"),
    ],
)
def test_a_broken_list_is_refused_whole(data: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read_un_list(data, "x")


def test_entities_cannot_be_declared() -> None:
    bomb = (
        b'<?xml version="1.0"?><!DOCTYPE CONSOLIDATED_LIST [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
        + xml(person(1, SECOND_NAME="&b;")).split(b"?>", 1)[1]
    )
    with pytest.raises(InputError, match="document type"):
        read_un_list(bomb, "x")


def test_an_unknown_regime_is_kept_and_reported() -> None:
    found = read_un_list(xml(person(1, UN_LIST_TYPE="Atlantis")), "x")
    assert found.entries[0].regime == "un.other:Atlantis"
    assert "Atlantis" in " ".join(Screener.from_list(found).info.notes)


VESSELS = """name,other_names,imo,date_of_designation,asset_freeze,deflag,port_ban,other_information
HAO FAN 6,,8628597,2017-10-03,no,no,yes,
HAO FAN 6,,8628597,2018-03-30,no,yes,no,
Chong Chon Gang,Tong Hung San,7937317,2017-06-21,yes,no,no,"a, b"
MIN NING DE YOU 078,,,2018-03-30,no,yes,yes,
"""


def test_vessel_rows_of_one_number_are_one_vessel() -> None:
    vessels = {entry.reference: entry for entry in read_vessel_list(VESSELS.encode(), "v").entries}
    assert vessels["IMO 8628597"].measures == ("deflag", "port_ban")
    assert vessels["IMO 8628597"].listed_on == date(2017, 10, 3)
    assert vessels["IMO 7937317"].names == ("Chong Chon Gang", "Tong Hung San")
    assert vessels["VESSEL MIN NING DE YOU 078"].imo is None


def test_a_vessel_with_an_impossible_number_is_refused_with_its_row() -> None:
    with pytest.raises(InputError, match="v:2"):
        read_vessel_list(VESSELS.replace("8628597", "8628598").encode(), "v")


@pytest.mark.parametrize(
    ("number", "good"), [("8628597", True), ("8628598", False), ("862859", False), ("८६२८५९७", False)]
)
def test_imo_check_digit(number: str, good: bool) -> None:
    assert valid_imo(number) is good


def test_the_starter_list_is_small_ours_and_labelled() -> None:
    starter = starter_list()
    assert starter.starter
    assert 30 <= len(starter.entries) <= 60
    assert all(valid_imo(entry.imo or "") for entry in starter.entries if entry.kind == "vessel")
    assert len({entry.reference for entry in starter.entries}) == len(starter.entries)


# --- differences ---------------------------------------------------------------------------------


def test_added_removed_and_amended_are_told_by_content() -> None:
    old = read_un_list(xml(person(1), person(2), person(3)), "x")
    new = read_un_list(xml(person(2), person(3, NATIONALITY="<VALUE>Iraq</VALUE>"), person(4)), "x")
    changes = {change.reference: (change.change, change.fields) for change in compare_lists(old.entries, new.entries)}
    assert changes == {
        "KPi.001": ("removed", ()),
        "KPi.003": ("amended", ("nationalities",)),
        "KPi.004": ("added", ()),
    }


@needs_real
def test_the_real_lists_are_read_whole() -> None:
    lists = {path.stem: read_un_list(path.read_bytes(), path.name) for path in sorted(REAL.glob("*.xml"))}
    assert {day: len(held.entries) for day, held in lists.items()} == {
        "2021-01-28": 1003,
        "2025-06-18": 877,
        "2025-12-09": 1000,
        "2026-01-28": 999,
        "2026-02-27": 1003,
    }
    assert not any(held.unknown_regimes for held in lists.values())
    newest = lists["2026-02-27"].entries
    assert Counter(entry.regime for entry in newest)["un.dprk"] == 155
    assert sum(bool(entry.original_script) for entry in newest) == 378
    step = Counter(change.change for change in compare_lists(lists["2026-01-28"].entries, newest))
    assert step == {"added": 4}
    step = Counter(change.change for change in compare_lists(lists["2025-12-09"].entries, lists["2026-01-28"].entries))
    assert step == {"removed": 1}
    # Another serialisation: 877 records, of which all but the amended ones read the same.
    back = Counter(change.change for change in compare_lists(lists["2025-06-18"].entries, lists["2025-12-09"].entries))
    assert (back["added"], back["removed"]) == (125, 2)
    assert back["amended"] <= 17


@needs_real
def test_the_real_vessel_table_is_read() -> None:
    vessels = read_vessel_list((SHARED / "un-1718-vessels.csv").read_bytes(), "v")
    assert len(vessels.entries) == 59


# --- installation --------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ListStore:
    monkeypatch.setenv("SANCTIONS_ENGINE_LISTS", str(tmp_path / "lists"))
    return ListStore.default()


def files(store: ListStore) -> dict[str, bytes]:
    if not store.directory.is_dir():
        return {}
    return {path.name: path.read_bytes() for path in store.directory.iterdir()}


def test_without_a_list_the_starter_list_serves_and_says_so(store: ListStore) -> None:
    info = Screener.installed().info
    assert info.starter
    assert "starter list" in info.notes[0]
    assert "list update" in info.notes[0]


def test_an_installed_list_is_used_and_the_former_kept(store: ListStore) -> None:
    store.install(many(5, "2025-01-01"), "a")
    store.install(many(6, "2026-01-01"), "b")
    assert [item.day.year for item in store.installed()] == [2025, 2026]
    assert Screener.installed().info.generated == date(2026, 1, 1)
    assert Screener.installed(date(2025, 6, 1)).info.generated == date(2025, 1, 1)


def test_before_the_oldest_list_later_listings_are_left_out_and_it_says_so(store: ListStore) -> None:
    store.install(xml(person(1, LISTED_ON="2010-01-01"), person(2, LISTED_ON="2019-01-01"), day="2020-01-01"), "a")
    screener = Screener.installed(date(2015, 1, 1))
    assert "KPi.001" in {entry.reference for entry in screener.entries}
    assert "KPi.002" not in {entry.reference for entry in screener.entries}
    assert any("no installed list is as old" in note for note in screener.info.notes)


@given(
    days=st.lists(st.integers(0, 4000), min_size=1, max_size=5, unique=True),
    asked=st.integers(-100, 4100),
)
@settings(max_examples=25, deadline=None)
def test_as_of_takes_the_newest_list_that_was_out(
    tmp_path_factory: pytest.TempPathFactory, days: list[int], asked: int
) -> None:
    store = ListStore(tmp_path_factory.mktemp("lists"))
    start = date(2010, 1, 1)
    for day in days:
        store.install(many(3, (start + timedelta(day)).isoformat()), "x")
    out = [day for day in days if day <= asked]
    expected = max(out) if out else min(days)
    assert Screener.installed(start + timedelta(asked), store=store).info.generated == start + timedelta(expected)


def test_sudden_shrinking_needs_force(store: ListStore) -> None:
    store.install(many(100, "2026-01-01"), "a")
    before = files(store)
    with pytest.raises(InputError, match="--force"):
        store.install(many(80, "2026-01-02"), "b")
    assert files(store) == before
    store.install(many(80, "2026-01-02"), "b", force=True)
    assert Screener.installed().info.generated == date(2026, 1, 2)


def test_a_list_of_other_parties_is_taken_for_a_swapped_one(store: ListStore) -> None:
    store.install(many(100, "2026-01-01"), "a")
    with pytest.raises(InputError, match="lacks 100 of the 100"):
        store.install(xml(*(person(n) for n in range(500, 600)), day="2026-01-02"), "b")


def test_a_broken_file_changes_nothing(store: ListStore) -> None:
    store.install(many(10, "2026-01-01"), "a")
    before = files(store)
    for data in (many(11, "2026-01-02")[:-30], b"<html/>", b"PK\x03\x04", b""):
        with pytest.raises(InputError):
            store.install(data, "b")
    assert files(store) == before


def test_an_interrupted_write_leaves_no_half_file(store: ListStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.install(many(10, "2026-01-01"), "a")
    before = files(store)

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(InputError, match="No space left"):
        store.install(many(11, "2026-01-02"), "b")
    assert files(store) == before


def test_a_list_altered_on_disk_is_not_trusted(store: ListStore) -> None:
    installed, _ = store.install(many(10, "2026-01-01"), "a")
    installed.path.write_bytes(many(9, "2026-01-01"))
    with pytest.raises(InputError, match="not what was installed"):
        Screener.installed(store=store)


def test_vessels_come_from_their_own_table_or_the_starter_list(store: ListStore) -> None:
    store.install(many(3, "2026-01-01"), "a")
    assert any("vessels were screened against a starter list" in note for note in Screener.installed().info.notes)
    store.install(VESSELS.encode(), "v")
    screener = Screener.installed()
    assert not any("vessels" in note for note in screener.info.notes)
    assert {entry.imo for entry in screener.entries if entry.kind == "vessel"} == {"8628597", "7937317", None}


def test_a_name_that_everybody_uses_finds_the_entry_that_the_list_names_otherwise(store: ListStore) -> None:
    entity = (
        "<ENTITY><FIRST_NAME>AL-QAIDA IN IRAQ</FIRST_NAME><UN_LIST_TYPE>Al-Qaida</UN_LIST_TYPE>"
        "<REFERENCE_NUMBER>QDe.115</REFERENCE_NUMBER></ENTITY>"
    )
    store.install(xml(entities=entity), "a")
    match = Screener.installed().screen("ISIL")[0]
    assert match.entry.reference == "QDe.115"
    assert "does not give" in match.why


# --- download ------------------------------------------------------------------------------------


@contextmanager
def serving(answer: Callable[[http.server.BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """A real server on loopback that answers as told."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/consolidated.xml"
        finally:
            server.shutdown()
            thread.join()


def body(
    data: bytes, *, says: int | None = None, status: int = 200
) -> Callable[[http.server.BaseHTTPRequestHandler], None]:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(data) if says is None else says))
        handler.end_headers()
        handler.wfile.write(data)

    return answer


def chunked_and_cut(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.protocol_version = "HTTP/1.1"
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"5\r\n<?xml\r\n400\r\nonly a part")


def to_a_file(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_response(302)
    handler.send_header("Location", "file:///etc/hostname")
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def test_a_whole_download_is_what_was_served() -> None:
    data = many(50, "2026-01-01")
    with serving(body(data)) as url:
        assert download(url) == data


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (body(many(50, "2026-01-01")[:2000], says=9999), "2,000"),
        (chunked_and_cut, "ended after"),
        (body(b"gone", status=404), "404"),
        (body(b"oops", status=500), "500"),
        (to_a_file, "unchanged"),
    ],
)
def test_a_download_that_fails_half_way_is_refused(
    answer: Callable[[http.server.BaseHTTPRequestHandler], None], says: str
) -> None:
    with serving(answer) as url, pytest.raises(InputError, match=says):
        download(url)


def test_nobody_listening_is_said_plainly() -> None:
    with serving(body(b"")) as url:
        pass
    with pytest.raises(InputError, match="cannot be fetched"):
        download(url)


def test_an_endless_download_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sanctions_engine.intake.screening.download.MAX_BYTES", 100_000)
    with serving(body(b"x" * 300_000)) as url, pytest.raises(InputError, match="more than 100,000"):
        download(url)
