"""How names are written: one form for the many spellings, scripts and disguises of a name part.

Three levels, from exact to coarse:

* a *part* is a word of a name in lower-case Latin letters (or in its own script where that has no
  vowels to write), without marks, invisible characters and look-alike letters;
* its *sound* keeps the order of consonants and merges what romanisations confuse
  (``kh``/``h``, ``dj``/``j``, ``ou``/``u``, doubled letters);
* its *skeleton* is the sound without vowels, the level at which Arabic and Persian script can be
  compared with Latin letters.

Korean romanisations (McCune-Reischauer, Revised, the North's own) meet in :func:`korean`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache

from rigour._core import maybe_ascii  # its public home brings detectors of encodings: a tenth of a second at start

__all__ = ["MAX_PART", "acronym", "has_arabic", "has_han", "korean", "parts", "readings", "skeleton", "sound"]

MAX_PART = 48
"""Characters of a part that count; no part of a listed name is longer."""

# Letters of other scripts that look like Latin ones. Applied only where a word mixes scripts, or as a
# second reading where every letter of a word has such a twin.
_TWINS = {
    # Cyrillic
    "а": "a", "в": "b", "с": "c", "ԁ": "d", "е": "e", "ѐ": "e", "ё": "e", "ғ": "f", "һ": "h", "н": "h", "і": "i",
    "ї": "i", "ј": "j", "к": "k", "ӏ": "l", "м": "m", "п": "n", "о": "o", "р": "p", "ԛ": "q", "г": "r", "ѕ": "s",
    "т": "t", "ц": "u", "ѵ": "v", "ԝ": "w", "х": "x", "у": "y", "ү": "y",
    # Greek
    "α": "a", "β": "b", "ε": "e", "η": "n", "ι": "i", "κ": "k", "μ": "m", "ν": "v", "ο": "o", "ρ": "p", "τ": "t",
    "υ": "u", "χ": "x", "γ": "y", "ω": "w", "ζ": "z", "σ": "o",
    # Armenian, Cherokee and others met in the wild
    "օ": "o", "ո": "n", "ս": "u", "ց": "g", "հ": "h", "ա": "w",
    "ı": "i", "ɑ": "a", "ɡ": "g", "ɩ": "i", "ʀ": "r", "ѡ": "w",
}  # fmt: skip
_UPPER_TWINS = str.maketrans(
    {"Н": "H", "В": "B", "Р": "P", "С": "C", "У": "Y", "Х": "X", "Η": "H", "Ν": "N", "Ρ": "P", "Υ": "Y", "Μ": "M"}
)
_FOLD = str.maketrans(
    {
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ł": "l",
        "ħ": "h",
        "ə": "a",
        "ŋ": "ng",
        "ʿ": "",
        "ʾ": "",
    }
)
_ARABIC_FOLD = str.maketrans(
    {
        "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ئ": "ي", "ې": "ي", "ۍ": "ي", "ؤ": "و", "ک": "ك",
        "ڪ": "ك", "گ": "ك", "ہ": "ه", "ھ": "ه", "ۀ": "ه", "ة": "ه", "ە": "ه", "ء": "", "ـ": "",
        "ټ": "ت", "ډ": "د", "ړ": "ر", "ږ": "ژ", "ښ": "ش", "ڼ": "ن", "ځ": "ز", "څ": "س", "ڤ": "ف",
    }
)  # fmt: skip
_ARABIC_SKELETON = str.maketrans(
    {
        "ا": "a", "ع": "a", "ب": "p", "پ": "p", "ت": "t", "ث": "t", "د": "t", "ذ": "t", "ط": "t", "ض": "t", "ج": "j",
        "چ": "j", "ش": "j", "ژ": "j", "ح": "h", "ه": "h", "خ": "k", "ق": "k", "ك": "k", "غ": "k", "ر": "r", "ز": "s",
        "ظ": "s", "س": "s", "ص": "s", "ف": "f", "ل": "l", "م": "m", "ن": "n", "و": "u", "ي": "i",
    }
)  # fmt: skip
_KHOLODOVICH = ((re.compile("чх"), "ч"), (re.compile("кх"), "к"), (re.compile("пх"), "п"), (re.compile("тх"), "т"))
_INITIAL_YO = re.compile(r"\b[Ёё]")  # elsewhere ё is written e: Ён is Yon, Королёв is Korolev
_APOSTROPHES = re.compile("['’‘`´ʻʼʽ′ʹʿʾ\"“”„«»]+")
# A digit among the letters of a word imitates a letter: K0MID, Ha5san. M23 and G9 keep theirs.
_DIGIT_IN_WORD = re.compile(r"\b(?=0[a-zA-Z]{2}|[a-zA-Z]+[0-9][a-zA-Z]|[a-zA-Z]{2,}[01]\b)[a-zA-Z0-9]{2,}\b")
_DIGIT_LETTERS = str.maketrans("013457", "oleast")
_HUMP = re.compile(r"(?<=[a-z]{2})(?=[A-Z][a-z]{2})")  # HajiKhairullah
_PECULIAR = re.compile(r"['\"`.0-9<\x1b]|[a-z]{2}[A-Z][a-z]{2}")  # what an ASCII name needs more care for
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]{0,200}>|\x1b\[[0-9;]*[a-zA-Z]")  # <b>, and what colours a terminal
_REVERSED = re.compile("\u202e([^\u202c\u202e]*)\u202c?")  # shown from its end to its beginning
_WORD = re.compile(r"[^\W_]+")
_ACRONYM = re.compile(r"\b(?:[^\W\d_]\.){2,}(?:[^\W\d_]\b)?")
_SPACED = re.compile(r"(?:\b[^\W\d_]\b[ .]+){3,}\b[^\W\d_]\b")


def has_arabic(text: str) -> bool:
    """Whether any letter is of the Arabic script."""
    return not text.isascii() and any("\u0600" <= char <= "\u06ff" or "\u0750" <= char <= "\u077f" for char in text)


def has_han(text: str) -> bool:
    """Whether any character is a Chinese one."""
    return not text.isascii() and any("\u4e00" <= char <= "\u9fff" or "\u3400" <= char <= "\u4dbf" for char in text)


def _visible(text: str) -> str:
    """Compatibility forms unfolded; marks, joiners, direction marks and other invisible characters gone."""
    out = []
    for char in unicodedata.normalize("NFKD", text):
        category = unicodedata.category(char)
        if category in ("Mn", "Me", "Cf", "Cc", "Cs", "Cn", "Co"):
            if category == "Cc" and char in "\t\n\r\v\f":
                out.append(" ")
            continue
        out.append(char)
    return unicodedata.normalize("NFC", "".join(out))


def _undigit(match: re.Match[str]) -> str:
    word = match[0]
    letters = sum(map(str.isalpha, word))
    return word.translate(_DIGIT_LETTERS) if letters >= 2 * (len(word) - letters) else word


def _script(char: str) -> str:
    """Coarse script of a letter: the blocks that meet in disguised names."""
    point = ord(char)
    if point < 0x250 or 0x1E00 <= point < 0x1F00 or 0x250 <= point < 0x2B0 or 0x1D00 <= point < 0x1DC0:
        return "latin"
    if 0x370 <= point < 0x400 or 0x1F00 <= point < 0x2000:
        return "greek"
    if 0x400 <= point < 0x530:
        return "cyrillic"
    if 0x530 <= point < 0x590:
        return "armenian"
    return "other"


def _undisguise(word: str) -> tuple[str, ...]:
    """Readings of a word: as it stands, and with look-alike letters taken for the Latin ones they imitate."""
    scripts = {_script(char) for char in word if char.isalpha()}
    if scripts <= {"latin"}:
        return (word.translate(_TWINS_TABLE),) if not word.isascii() else (word,)
    if "other" in scripts:
        return (word,)
    latin = word.translate(_UPPER_TWINS).lower().translate(_TWINS_TABLE)
    if "latin" in scripts:
        return (latin,) if latin.isascii() else (latin, word)
    return (word, latin) if latin.isascii() else (word,)


_TWINS_TABLE = str.maketrans(_TWINS)

# Hangul syllables in the Revised romanisation, one letter a jamo; korean() merges the other systems into it.
_ONSET = [
    "g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "-", "j", "jj", "ch", "k", "t", "p", "h",
]  # fmt: skip
_VOWEL = [
    "a", "ae", "ya", "yae", "eo", "e", "yeo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we", "wi", "yu", "eu",
    "ui", "i",
]  # fmt: skip
_CODA = [
    "-", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l", "p", "l", "m", "p", "p", "t", "t", "ng",
    "t", "t", "k", "t", "p", "t",
]  # fmt: skip


def _hangul(word: str) -> list[str]:
    """Hangul syllables, each romanised."""
    out = []
    for char in word:
        index = ord(char) - 0xAC00
        if 0 <= index < 11172:
            onset, rest = divmod(index, 588)
            vowel, coda = divmod(rest, 28)
            out.append((_ONSET[onset] + _VOWEL[vowel] + _CODA[coda]).replace("-", ""))
    return out


@cache
def _any_script() -> Callable[[str], str]:
    """The transliteration of every script; imported for the first name that needs it."""
    from rigour.text.translit import ascii_text

    return ascii_text


def _ascii(text: str) -> str:
    """Letters of any script in Latin ones, as ``rigour.text.translit.ascii_text`` writes them."""
    out = maybe_ascii(text)
    return out if out.isascii() else _any_script()(text)


@lru_cache(maxsize=8192)
def _romanise(word: str) -> tuple[str, ...]:
    """Parts of a word of any script: Latin letters, or Arabic letters folded to one form."""
    if word.isascii():
        return (word.lower()[:MAX_PART],)
    low = word.casefold().translate(_FOLD)
    if has_arabic(low):
        folded = low.translate(_ARABIC_FOLD)
        if folded.startswith("ال") and len(folded) > 4:
            folded = folded[2:]
        return (folded[:MAX_PART],) if folded else ()
    if any("\uac00" <= char <= "\ud7a3" for char in low):
        return tuple(_hangul(low[:MAX_PART]))
    if has_han(low):
        return tuple(re.findall(r"[a-z0-9]+", _ascii(low[:MAX_PART]).lower()))
    for pattern, letter in _KHOLODOVICH:
        low = pattern.sub(letter, low)
    return tuple(re.findall(r"[a-z0-9]+", _ascii(low[:MAX_PART]).lower().replace("'", "")))


def readings(text: str) -> tuple[tuple[str, ...], ...]:
    """The ways a name can be read, each as its parts in order.

    Args:
        text: A name in any script.

    Returns:
        One reading for ordinary names; a second where letters imitate Latin ones, or are shown in reverse order.
        Empty where nothing in the text is a letter or digit.
    """
    if (
        text.isascii()
        and (text.istitle() or text.isupper())
        and text.replace(" ", "").isalpha()
        and len(text) <= MAX_PART
    ):
        return (tuple(text.lower().split()),)  # most names; no pattern need be looked for
    if text.isascii() and not _PECULIAR.search(text):
        found = tuple(word[:MAX_PART] for word in _WORD.findall(text.lower()))
        return (found,) if found else ()
    if "\u202e" in text:
        shown = _REVERSED.sub(lambda match: match[1][::-1], text)
        return tuple(dict.fromkeys((*readings(_REVERSED.sub(r"\1", text)), *readings(shown))))
    if "<" in text or "\x1b" in text:
        text = _MARKUP.sub(" ", text)
    clean = text if text.isascii() else _visible(_INITIAL_YO.sub("Йо", text))
    clean = _HUMP.sub(" ", _APOSTROPHES.sub("", clean))
    if "." in clean:
        clean = _ACRONYM.sub(lambda m: m[0].replace(".", ""), clean)
    if _DIGIT_IN_WORD.search(clean):
        clean = _DIGIT_IN_WORD.sub(_undigit, clean)
    if clean.isascii():
        found = tuple(word[:MAX_PART] for word in _WORD.findall(clean.lower()))
        return (found,) if found else ()
    first: list[str] = []
    second: list[str] = []
    for word in _WORD.findall(clean):
        for start in range(0, len(word), MAX_PART):  # scripts without spaces write whole sentences as one word
            forms = _undisguise(word[start : start + MAX_PART])
            first += _romanise(forms[0])
            second += _romanise(forms[-1])
    if not first and not second:
        return ()
    return (tuple(first),) if first == second else (tuple(first), tuple(second))


def parts(text: str) -> tuple[str, ...]:
    """The parts of a name in its first reading; empty where it has none."""
    found = readings(text)
    return found[0] if found else ()


def acronym(words: tuple[str, ...]) -> str:
    """Initial letters of the words."""
    return "".join(word[0] for word in words)


_DIGRAPH = re.compile("tsch|tch|sch|dzh|dj|dg(?=[ei])|zh|sh|ch|kh|gh|ck|th|dh|ph|ts|tz|c(?=[eiy])")
_DIGRAPHS = {
    **dict.fromkeys(("tsch", "tch", "sch", "dzh", "dj", "dg", "zh", "sh", "ch"), "j"),
    **dict.fromkeys(("kh", "gh", "ck"), "k"),
    **dict.fromkeys(("th", "dh"), "t"),
    **dict.fromkeys(("ts", "tz", "c"), "s"),
    "ph": "f",
}
_LETTERS = bytes.maketrans(b"bvdzqgxcweyo", b"pftskkkkuiiu")
_DIPHTHONG = re.compile("ai+")
_DOUBLED = re.compile(r"(.)\1+")


def _digraph(match: re.Match[str]) -> str:
    return _DIGRAPHS[match[0]]


def _undoubled(text: str) -> str:
    """Each run of a letter as one; looks first, for a substitution costs more than the rest of a sound."""
    return _DOUBLED.sub(r"\1", text) if _DOUBLED.search(text) else text


@lru_cache(maxsize=65536)
def sound(part: str) -> str:
    """One spelling for what romanisations confuse: ``dhahabi``, ``thahabi``; ``hussein``, ``hosain``.

    Digits and other scripts pass unchanged.
    """
    if not part.isascii() or not part.isalpha():
        return part
    text = part
    if "h" in text or "c" in text or "ts" in text or "tz" in text or "dj" in text or "dg" in text:
        text = _DIGRAPH.sub(_digraph, text)
    text = text.encode("ascii").translate(_LETTERS).decode("ascii")  # of bytes, which takes a third of the time
    if "ai" in text:
        text = _DIPHTHONG.sub("i", text)
    text = _undoubled(text)
    return text[:-1] if text.endswith("ah") and len(text) > 4 else text  # the h of nusrah, hanifah is not heard


def skeleton(part: str) -> str:
    """Consonants only, with a mark for a vowel in front; Arabic letters give the same as Latin ones.

    Empty for digits.
    """
    if not part.isascii():
        text = part.translate(_ARABIC_SKELETON) if has_arabic(part) else ""
        if not text.isascii():
            return ""
    else:
        text = sound(part) if part.isalpha() else ""
    head = "a" if text[:1] in ("a", "i", "u") else ""
    body = text.encode("ascii").translate(None, b"aiu").decode("ascii")
    if len(body) > 2 and body.endswith("h"):
        body = body[:-1]
    return head + _undoubled(body)


_SYLLABLE = re.compile(
    r"(?:kk|tt|pp|ss|jj|tch|ch|sh|k|g|t|d|p|b|j|s|h|r|l|n|m|)"
    r"(?:yae|yeo|yoo|you|yu|yo|ya|ye|wae|weo|wa|wo|we|wi|woo|oe|oi|eo|eu|ou|oo|ui|ae|ai|ee|a|e|i|o|u)"
    r"(?:ng|[kgnltdmpbr](?![aeiouyw])|)"
)
_ONSETS = {
    "kk": "k", "g": "k", "k": "k", "tt": "t", "d": "t", "t": "t", "pp": "p", "b": "p", "p": "p", "jj": "j", "ch": "j",
    "tch": "j", "j": "j", "ss": "s", "sh": "s", "s": "s", "l": "r", "r": "r", "n": "n", "m": "m", "h": "h", "": "",
}  # fmt: skip
_VOWEL_CLASS = {
    "eo": "o", "o": "o", "u": "u", "eu": "u", "ou": "u", "oo": "u", "woo": "u", "a": "a", "ae": "e", "ai": "e",
    "e": "e", "oe": "we", "oi": "we", "we": "we", "wae": "we", "wi": "wi", "ui": "ui", "i": "i", "ee": "i",
    "ya": "ya", "yeo": "yo", "yo": "yo", "yoo": "yu", "you": "yu", "yu": "yu", "ye": "ye", "yae": "ye", "wa": "wa",
    "wo": "wo", "weo": "wo",
}  # fmt: skip
_CODAS = {
    "ng": "ng", "k": "k", "g": "k", "n": "n", "l": "l", "r": "l", "t": "t", "d": "t", "m": "m", "p": "p", "b": "p",
    "": "",
}  # fmt: skip
# Family names with spellings that no system gives, and syllables that English speakers write by ear.
_BY_EAR = {
    "lee": "ri", "li": "ri", "yi": "ri", "rhee": "ri", "rhi": "ri", "park": "pak", "bark": "pak", "choi": "choe",
    "lim": "rim", "im": "rim", "yim": "rim", "noh": "ro", "no": "ro", "roh": "ro", "yang": "ryang", "yoo": "ryu",
    "yu": "ryu", "you": "ryu", "ahn": "an", "oh": "o", "woo": "u", "sohn": "son", "whang": "hwang", "baik": "paek",
    "paik": "paek", "back": "paek", "shin": "sin", "moon": "mun", "joo": "ju", "suh": "so", "seo": "so",
    "hur": "ho", "huh": "ho", "young": "yong", "yung": "yong", "yeong": "yong", "chul": "chol", "cheol": "chol",
    "hyun": "hyon", "hyeon": "hyon", "kyung": "kyong", "gyeong": "kyong", "gyung": "kyong", "myung": "myong",
    "myeong": "myong", "byung": "pyong", "byeong": "pyong", "pyung": "pyong", "jung": "jong", "jeong": "jong",
    "chung": "jong", "sung": "song", "seong": "song", "hyuk": "hyok", "hyeok": "hyok", "hyeog": "hyok",
    "suk": "sok", "seok": "sok", "duk": "tok", "deok": "tok", "eun": "un", "kun": "kon", "geon": "kon",
    "gun": "kon", "yul": "ryol", "hoon": "hun", "joon": "jun", "soo": "su", "gim": "kim", "jhin": "jin",
    "pum": "pom", "beom": "pom", "bum": "pom", "sul": "sol",
}  # fmt: skip
_NOT_KOREAN = frozenset("fqvxz")
_VOWEL_LETTERS = "aeiouyw"


class _Syllables(dict[str, str]):
    """Syllables as written, and each in one romanisation; there are few thousand, and each is worked out once."""

    def __missing__(self, written: str) -> str:
        onset = written[: next(at for at, letter in enumerate(written) if letter in _VOWEL_LETTERS)]
        rest = written[len(onset) :]
        coda = rest[len(rest.rstrip("gnkltdmpbr")) :]
        self[written] = _ONSETS[onset] + _VOWEL_CLASS[rest[: len(rest) - len(coda)]] + _CODAS[coda]
        return self[written]


_SYLLABLES = _Syllables()


@lru_cache(maxsize=32768)
def korean(part: str) -> str:
    """The part as Korean syllables in one romanisation, or empty where it cannot be read so.

    ``chol``, ``ch'ŏl``, ``chul`` and ``cheol`` are one; ``hassan`` is none.
    """
    if not part.isascii() or len(part) > 18 or not _NOT_KOREAN.isdisjoint(part):
        return ""
    part = _BY_EAR.get(part, part)
    found = _SYLLABLE.findall(part)
    if "".join(found) != part:
        return ""  # something between the syllables is none
    return ".".join([_SYLLABLES[syllable] for syllable in found])
