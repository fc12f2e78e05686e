"""Words that say little in a name: titles, particles, company forms, and what half a country is called.

The words stand in ``lexicon.yaml``. Frequencies are learnt from the list too; the table holds what a
list of a thousand parties cannot show, above all that Korean given names are built from few syllables
and that "trading" is no name.
"""

from __future__ import annotations

from importlib.resources import files

import yaml
from rigour._core import extract_org_types  # rigour.names brings detectors of encodings: a tenth of a second at start

from sanctions_engine.intake.screening.spelling import korean, sound

__all__ = ["COMMON_ACRONYMS", "EVERYDAY", "FORMS", "GENERIC", "PARTICLES", "TITLES", "familiarity", "is_company_form"]

_CASEFOLD = 4  # rigour.text.normalize.Normalize.CASEFOLD: compare without case, as its public function does
_AS_IT_IS = 0  # rigour.text.normalize.Cleanup.Noop


def _tables() -> dict[str, tuple[str, ...]]:
    text = (files("sanctions_engine.intake.screening") / "lexicon.yaml").read_text(encoding="utf-8")
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # every scalar as text; in C where libyaml is there
    loaded: dict[str, str] = yaml.load(text, Loader=loader)  # noqa: S506 - builds nothing but text
    return {name: tuple(words.split()) for name, words in loaded.items()}


_TABLES = _tables()
TITLES = frozenset(_TABLES["titles"])
"""Titles and ranks; left out of comparison where a name remains without them."""
PARTICLES = frozenset(_TABLES["particles"])
"""Joining words; left out of comparison, but tried glued to the word that follows."""
FORMS = frozenset(_TABLES["forms"])
"""Company forms and generic words for a company, beside those that rigour knows."""
COMMON_ACRONYMS = frozenset(_TABLES["acronyms"])
"""Short names that are words or acronyms of many others too."""
GENERIC = frozenset(word for table in ("words", "trades", "places") for word in _TABLES[table])
"""What businesses are called by their trade or place; it may be left out of a name, or added."""
EVERYDAY = frozenset(_TABLES["everyday"])
"""Words that many businesses choose for a name, and that say nothing alone."""

# What a part of each kind can say at most; later tables win.
_AT_MOST = (
    ("other", 0.4),
    ("slavic", 0.4),
    ("chinese", 0.35),
    ("persian", 0.3),
    ("arabic", 0.25),
    ("places", 0.2),
    ("words", 0.2),
    ("trades", 0.35),
)
_COMMON = {word: most for table, most in _AT_MOST for word in _TABLES[table]}
_COMMON_SOUNDS = {sound(word): 0.3 for table in ("arabic", "persian") for word in _TABLES[table] if len(word) > 3}
_KOREAN = {korean(word): 0.3 for word in _TABLES["korean_syllables"]}
_KOREAN |= {korean(word): 0.2 for word in _TABLES["korean_surnames"]}
_KOREAN.pop("", None)


def is_company_form(part: str) -> bool:
    """Whether the part is a legal form ("ltd", "gmbh", "ooo") or a generic word for one ("company")."""
    if part in FORMS:
        return True
    if not 4 <= len(part) <= 8 or part in _COMMON:  # of the shorter ones too many are names: Yu, Sa'd, Ag
        return False
    return any(found == part for found, _ in extract_org_types(part, _CASEFOLD, _AS_IT_IS, False))


def familiarity(part: str) -> float:
    """How much a part can say at most, from 0 to 1, by what is known of names at large.

    1 where nothing is known of it; ``kim`` 0.2, ``muhammad`` 0.25, ``trading`` 0.2, a number 0.5.
    """
    if (known := _COMMON.get(part)) is not None:
        return known
    if part.isdigit():
        return 0.5
    if (known := _COMMON_SOUNDS.get(sound(part))) is not None:
        return known
    if len(part) <= 6 and (key := korean(part)):
        return _KOREAN.get(key, 1.0)
    return 1.0
