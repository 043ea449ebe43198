"""Header fields as bytes: words that are not ASCII (RFC 2047), names before addresses (RFC 5322), folding.

No value can end its line or begin another one: what is not printable is gone before anything is written.
"""

from __future__ import annotations

import re
import textwrap
from binascii import b2a_base64
from collections.abc import Callable

from digest.text import clean, one_line

_WORD_ROOM = 52  # Of 76 on a line, "Content-Language: " (the longest name here) and "=?utf-8?q?" "?=" take up to 24.
_Q_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
_ATOMS = re.compile(r"[\w!#$%&'*+\-/=?^`{|}~]+(?: [\w!#$%&'*+\-/=?^`{|}~]+)*", re.ASCII)
_NOT_VERBATIM = re.compile(r"[^ -~]|=\?|  |[^ ]{60}")


def field(name: str, value: str) -> bytes:
    """One header field with its CRLF. `value` is written as it stands, and folded where it holds "\\r\\n "."""
    return f"{name}: {value}\r\n".encode()


def unstructured(text: str) -> str:
    """`text` as the value of a Subject, folded; it reads back the same, runs of spaces and all."""
    line = re.sub("[\n\t]", " ", clean(text)).strip()
    if _NOT_VERBATIM.search(line):
        return _encoded_words(line)
    return "\r\n ".join(textwrap.wrap(line, 66, break_long_words=False, break_on_hyphens=False))


def named(name: str, address: str) -> str:
    """`name <address>`, as in From and List-Id; `<address>` where the name is empty."""
    line = one_line(name)
    if not line:
        return f"<{address}>"
    phrase = _phrase(line)
    room = 64 - len(phrase.rpartition("\n")[2])
    return f"{phrase} <{address}>" if len(address) < room else f"{phrase}\r\n <{address}>"


def _phrase(line: str) -> str:
    if not line.isascii() or "=?" in line or len(line) > 200:
        return _encoded_words(line)
    return line if _ATOMS.fullmatch(line) else '"' + re.sub(r'(["\\])', r"\\\1", line) + '"'


def _encoded_words(line: str) -> str:
    """RFC 2047: each word holds whole characters, in whichever of the two spellings is shorter for the whole."""
    mark, spell = min(("q", _q), ("b", _b), key=lambda way: len(way[1](line)))
    return "\r\n ".join(f"=?utf-8?{mark}?{spell(word)}?=" for word in _split(line, spell))


def _split(line: str, spell: Callable[[str], str]) -> list[str]:
    words = [""]
    for character in line:
        if len(spell(words[-1] + character)) > _WORD_ROOM:
            words.append("")
        words[-1] += character
    return words


def _q(text: str) -> str:
    return "".join(chr(b) if b in _Q_PLAIN else "_" if b == ord(" ") else f"={b:02X}" for b in text.encode())


def _b(text: str) -> str:
    return b2a_base64(text.encode(), newline=False).decode("ascii")
