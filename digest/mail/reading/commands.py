"""Lines that ask for something, and what: a line is a command when nothing else is in it. A sentence never is one."""

from __future__ import annotations

import difflib
import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from digest.mail.reading.vocabulary import COMMANDS, DAYS, MONTHS, NUMBERS, SMALL, WEEKS

_LINE_LIMIT = 100
_WORD_LIMIT = 12
_PREFIX = re.compile(
    r"\s*(?:\[[^\]]{1,40}\]|(?:re|aw|antw|antwort|sv|vs|ref|rif|res|odp|ynt|atb|tr|rv|fw|fwd|wg|doorst|vb|vl|i|enc|"
    r"回复|回覆|答复|转发|返信|回信|답장|отв|на)\s?(?:\[\d{1,3}\]|\(\d{1,3}\))?\s?[:：])\s*",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"(?<![a-z0-9])[a-z2-7]{34}(?![a-z0-9])", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A known word, and what stands behind it (as it was written, for links and names)."""

    word: str
    rest: str = ""


def unprefixed(subject: str) -> str:
    """A subject without "Re:", "AW:", "Fwd:", "[list]" and their kind before it."""
    for _ in range(5):
        found = _PREFIX.match(subject)
        if not found or not found.end():
            break
        subject = subject[found.end() :]
    return subject.strip()


def is_reply(subject: str) -> bool:
    return unprefixed(subject) != subject.strip()


def read(line: str) -> Command | None:
    """The command that this line is, in whichever language; None when it is anything else, or says more than that."""
    if len(line) > _LINE_LIMIT and "://" not in line:
        return None
    plain = _plain(line)
    spoken = _TOKEN.sub(" ", plain).split()
    if not spoken or len(spoken) > _WORD_LIMIT:
        return None
    return _with_object(line) or _whole(spoken) or _with_number(spoken)


def guess(line: str) -> str:
    """The word of a line of one or two words that is nearly a command, as it was written: for "did you mean"; or ""."""
    spoken = _without_small(_plain(line).split())
    if not 1 <= len(spoken) <= 2 or len(line) > 40:
        return ""
    near = difflib.get_close_matches(" ".join(spoken), _PHRASES, n=1, cutoff=0.86)
    return " ".join(line.split()) if near and len(near[0]) > 3 else ""


def weeks(rest: str) -> int | None:
    """ "3 weeks", "ten days", "2 Monate" as whole weeks from 1 to 52, nothing as 4; None for what is no length of time."""
    spoken = [
        word
        for word in re.sub(r"(\d)([^\d\s])", r"\1 \2", rest).split()
        if word not in {"for", "fur", "pour", "por", "per"}
    ]
    if not spoken:
        return 4
    count = int(spoken[0][:4]) if spoken[0].isdecimal() else NUMBERS.get(spoken[0])
    unit = spoken[1] if len(spoken) > 1 else "weeks"
    days = 7 if unit in WEEKS else 1 if unit in DAYS else 30.4 if unit in MONTHS else None
    if not count or not days or len(spoken) > 2:
        return None
    return min(52, max(1, math.ceil(count * days / 7 - 0.2)))


def number(rest: str) -> int | None:
    """The one number in "12", "#12", "no. 12", "issue 12"."""
    found = re.findall(r"\d{1,7}", rest)
    return int(found[0]) if len(found) == 1 else None


def _plain(line: str) -> str:
    """Lower case, without accents, quotes and punctuation; "-" and "_" are spaces."""
    spread = unicodedata.normalize("NFKD", line[:400]).casefold()
    bare = unicodedata.normalize(
        "NFC", "".join(c for c in spread if not unicodedata.combining(c) or c in "\u3099\u309a")
    )
    return " ".join(re.sub(r"[^\w\s]|_", " ", bare).split())


def _without_small(words: Sequence[str]) -> list[str]:
    return [word for word in words if word not in _SMALL]


_SMALL = frozenset(_plain(word) for word in SMALL)
_EXACT = {_plain(phrase): word for word, phrases in reversed(COMMANDS.items()) for phrase in phrases.split("|")}
_PHRASES = {" ".join(_without_small(phrase.split())): word for phrase, word in _EXACT.items()} | _EXACT
_OBJECTS = ("unroll", "follow", "unfollow")
_NUMBERED = ("pause", "get", "pin", "latest")
_GET = frozenset(phrase for phrase, word in _EXACT.items() if word == "get")
_POLITE = re.compile("(?:を|の)?(?:お願い(?:いた|致)?します|希望(?:します)?|してください|して下さい|します|请|請)$")


def _whole(spoken: Sequence[str]) -> Command | None:
    """The line as it is, else without its small words."""
    for words in (spoken, _without_small(spoken)):
        phrase = " ".join(words)
        word = _PHRASES.get(phrase) or _PHRASES.get(_POLITE.sub("", phrase))
        if word and phrase:
            return Command(word=word)
    said = _without_small(spoken)
    return Command(word="get") if len(said) > 1 and _GET.issuperset(said) else None


def _with_number(spoken: Sequence[str]) -> Command | None:
    """ "pause for three weeks", "send me issue 12 please": the words before the number are the command."""
    for at, word in enumerate(spoken):
        counted = re.match(r"\d{1,4}", word) or word in NUMBERS
        before = _whole(spoken[:at]) if counted and at else None
        if before and before.word in _NUMBERED:
            rest = [more for more in spoken[at:] if more not in _SMALL or more in NUMBERS]
            return Command(word=before.word, rest=" ".join(rest))
    if re.fullmatch(r"\d{1,5}", "".join(spoken)):
        return None
    found = re.fullmatch(r"(?:第)?(\d{1,5}) ?(?:号|期|호)", " ".join(spoken))
    return Command(word="get", rest=found[1]) if found else None


def _with_object(line: str) -> Command | None:
    """ "unroll https://…", "follow @ada": what comes behind is kept as it was written."""
    first, _, rest = line.strip().strip("\"'“”„«»*").partition(" ")
    word = _PHRASES.get(_plain(first))
    if word in _OBJECTS and rest.strip() and len(rest.split()) <= 6:
        return Command(word=word, rest=rest.strip())
    return None
