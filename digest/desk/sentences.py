"""Cuts a text into its sentences. Every sentence is an exact stretch of the text; nothing is joined or reworded.

Line ends part sentences; an enumerator ("1.") stays with its line; links, handles, versions and abbreviations stay whole.
"""

from __future__ import annotations

import re

_CLOSERS = "\"'”’»›)\\]」』）】"
_STOP = re.compile(rf"(?:[.!?…؟۔।]+|[。！？]+)[{_CLOSERS}]*")
_ENUMERATOR = re.compile(r"^\W*(?:\d{1,3}|[A-Za-z])[.)]?$")
_INITIALS = re.compile(r"(?:^|[\s(])(?!I$)(?:[^\W\d_]\.)*[^\W\d_]$")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"“'‘])(?:e\.?g|i\.?e|vs|cf|approx|et al|ca|dr|mr|mrs|ms|prof|sr|jr|st|est|dept|inc|ltd|corp"
    r"|z\.\s?b|d\.\s?h|u\.\s?a|bzw|ggf|evtl|inkl|str|p\.\s?ej|pág|sra|dra|uds?|aprox|mme|mlle|env|dott|sig"
    r"|dhr|mevr|bijv|bl\.\s?a|t\.\s?ex|f\.\s?eks|np|tzn|т\.\s?е|др|ул)$",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"(?:^|[\s(])(?:no|nr|núm|fig|vol|pp?|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|г|стр)$", re.IGNORECASE
)


def split(text: str) -> list[str]:
    """The sentences of `text` in order, each stripped of the white space around it."""
    return [sentence for line in text.splitlines() for sentence in _cut(line)]


def _cut(line: str) -> list[str]:
    pieces, start = [], 0
    for stop in _STOP.finditer(line):
        if _ends(line[start : stop.start()], stop[0], line[stop.end() :]):
            pieces.append(line[start : stop.end()])
            start = stop.end()
    return [piece.strip() for piece in [*pieces, line[start:]] if piece.strip()]


def _ends(before: str, mark: str, after: str) -> bool:
    """Whether `mark` closes a sentence, given what stands before it in that sentence and after it on the line."""
    if mark[0] in "。！？":
        return not after.startswith(("と", "」", "』"))
    if not after[:1].isspace():
        return False
    following = after.lstrip()[:1]
    if following.islower() or not before.strip():
        return False
    if mark != ".":
        return True
    if following.isdigit() and _NUMBERED.search(before):
        return False
    return not any(habit.search(before) for habit in (_ENUMERATOR, _INITIALS, _ABBREVIATION))
