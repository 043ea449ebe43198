"""Bytes as letters, in whatever character set a mail names, names wrongly or forgets to name. It never fails."""

from __future__ import annotations

import codecs
import re

from digest.text import word_set

# Python's other codecs are no character sets: rot13, zlib, idna, undefined (LookupError and worse).
_CODECS = word_set(
    "utf-8 utf8 utf-16 utf-16le utf-16be utf-7 iso-8859-2 iso-8859-3 iso-8859-4 "
    "iso-8859-5 iso-8859-6 iso-8859-7 iso-8859-8 iso-8859-9 iso-8859-10 iso-8859-11 iso-8859-13 iso-8859-14 "
    "iso-8859-15 iso-8859-16 windows-1250 windows-1251 windows-1253 windows-1254 windows-1255 "
    "windows-1256 windows-1257 windows-1258 windows-874 cp437 cp850 cp866 cp932 cp949 cp950 koi8-r koi8-u "
    "iso-2022-jp iso-2022-jp-1 iso-2022-jp-2 iso-2022-kr euc-jp gb18030 "
    "big5 big5-hkscs tis-620 macintosh mac-roman"
)
# The smaller sets' names are written over texts of the larger ones.
_LARGER = {
    "gb2312": "gb18030", "gbk": "gb18030", "cp936": "gb18030", "x-gbk": "gb18030", "euc-kr": "cp949",
    "ks-c-5601-1987": "cp949", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "x-euc-jp": "euc-jp",
}  # fmt: skip
_SAMPLE = 8192

# What runs of letters are common in a text that was written in each. Tried in this order, by the strict codec: nearly any
# bytes are some letters of these. Wide sets are tried by their oldest form, in which a wrong text stumbles soonest.
_CYRILLIC = re.compile("[А-Яа-яё][а-яё]{2,30}")
_SPOKEN: tuple[tuple[str, str, re.Pattern[str], float], ...] = (
    ("cp932", "cp932", re.compile("[ぁ-ゖァ-ー]"), 0.25),
    ("euc-jp", "euc-jp", re.compile("[ぁ-ゖァ-ー]"), 0.25),
    ("windows-1251", "windows-1251", _CYRILLIC, 0.6),
    ("euc-kr", "cp949", re.compile("[가-힣]"), 0.9),
    ("gb2312", "gb18030", re.compile("[一-龥、。，：；！？（）“”]{2,30}"), 0.9),
    ("big5", "big5-hkscs", re.compile("[一-龥、。，：；！？（）「」]{2,30}"), 0.9),
    ("koi8-r", "koi8-r", _CYRILLIC, 0.6),
)


def letters(data: bytes, *, charset: str = "") -> str:
    """The text that the bytes are. ASCII and Latin-1 are what programs write down that did not look, so where one of them
    or nothing is named, the bytes decide."""
    name = charset.strip().lower().replace("_", "-")
    name = _LARGER.get(name, name)
    try:
        if name in _CODECS:
            return data.decode(name, errors="replace")
    except (UnicodeError, LookupError, ValueError):
        return data.decode("latin-1")
    return data.decode(_guessed(data), errors="replace")


def _guessed(data: bytes) -> str:
    if data.isascii():
        return "iso-2022-jp" if b"\x1b$" in data else "utf-8"
    sample = data[:_SAMPLE]
    if _strictly(sample, codec="utf-8") is not None:
        return "utf-8"
    for codec, larger, common, share in _SPOKEN:
        text = _strictly(sample, codec=codec) or ""
        foreign = sum(not letter.isascii() for letter in text)
        if foreign and sum(len(found) for found in common.findall(text)) >= share * foreign:
            return larger
    return "windows-1252"


def _strictly(data: bytes, *, codec: str) -> str | None:
    """None when they cannot be it; a letter cut in two at the end is no fault."""
    try:
        return codecs.getincrementaldecoder(codec)().decode(data)
    except UnicodeError:
        return None
