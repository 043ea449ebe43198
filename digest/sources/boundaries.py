"""Finds where one post ends and the next begins in a page saved as text, where only lines are left of them.

A newline begins a post, a blank line a paragraph inside one; what the author numbered, how many posts the page
declares and what fits into a post correct that. It reads no words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from digest.sources import numbering

POST_LIMIT = 280
_SLACK = 12  # Shortened links and emoji weigh a little less than their characters do.
_SHORT = 100
_LISTED = re.compile(r"(?:[-–—•·*‣▪◦●○►→✓✔✅☑➡👉🔹🔸]|\d{1,2}\s?[.)\]:]|[a-zA-Z][.)]\s|\d\ufe0f?\u20e3)")
_PICTURE = re.compile(r"(?:Image)+|.*(?:\.\.\.|…)\s?(?:Image)+")
_GAP = re.compile(r"\n{3,}")
_LONE = re.compile(r"[(\[]?(?:\d{1,3}\s?/\s?\d{0,3}|/\d{1,3})[)\]]?")
_URL = re.compile(r"https?://\S+")
_LIGHT = re.compile("[\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")

Blocks = list[str]
_Reading = Callable[[Sequence[str]], Blocks]


def blocks(lines: Sequence[str], *, declared: int | None) -> tuple[Blocks, bool]:
    """The posts' texts in `lines` ("" is a blank line), and whether they are certain.

    Tried in this order: the author's own numbering; else the first reading that yields the `declared` number
    of posts; else newline = post, with short list lines and captions given back to their post.
    """
    numbered = by_numbers(lines)
    if numbered:
        return numbered, True
    readings: tuple[_Reading, ...] = (by_lists, by_newlines, by_lines, by_blank_lines)
    for reading in readings:
        found = reading(lines)
        if len(found) == declared:
            return found, True
    return _possible(by_lists(lines), limited=is_limited(lines))


def weight(text: str) -> int:
    """The length of `text` as X counts it: a URL is 23, most letters 1, emoji and CJK 2 (X, "Counting characters")."""
    bare = _URL.sub("x" * 23, text)
    return 2 * len(bare) - len(_LIGHT.findall(bare))


def is_limited(lines: Iterable[str]) -> bool:
    """Whether every line could be a post of 280: then no two lines that are more together can be one post."""
    return all(weight(line) <= POST_LIMIT + _SLACK for line in lines)


def by_newlines(lines: Sequence[str]) -> Blocks:
    """A newline that touches no blank line begins a post."""
    gathered: list[list[str]] = []
    for before, line in pairwise(["", *lines]):
        if before and line:
            gathered.append([])
        gathered = gathered or [[]]
        gathered[-1].append(line)
    return [text for block in gathered if (text := _GAP.sub("\n\n", "\n".join(block).strip("\n")))]


def by_lines(lines: Sequence[str]) -> Blocks:
    """Every line is a post."""
    return [line for line in lines if line]


def by_blank_lines(lines: Sequence[str]) -> Blocks:
    """A blank line begins a post; a newline is a line inside one."""
    return [block for part in "\n".join(lines).split("\n\n") if (block := part.strip("\n"))]


def by_lists(lines: Sequence[str]) -> Blocks:
    """As `by_newlines`; then a run of list lines goes back to the post that leads it in, if they fit together."""
    limited = is_limited(lines)
    found: Blocks = []
    run: Blocks = []
    for block in by_newlines(lines):
        if run and _belongs(block):
            run.append(block)
        else:
            found += _fitted(run, limited=limited)
            run = [block]
    return found + _fitted(run, limited=limited)


def by_numbers(lines: Sequence[str]) -> Blocks:
    """A counter ("3/", "(3/9)") begins a post, or ends it where the author writes it there; [] without a run of them."""
    lines = _glued(lines)
    leads = numbering.run([numbering.leading(line) for line in lines])
    tails = numbering.run([numbering.trailing(line) for line in lines])
    starts = sorted(place + 1 for place in tails) if len(tails) > len(leads) else sorted(leads)
    if not starts:
        return []
    inner = ["\n".join(lines[start:end]).strip("\n") for start, end in pairwise(starts)]
    return [*by_lists(lines[: starts[0]]), *inner, *by_lists(lines[starts[-1] :])]


def _glued(lines: Sequence[str]) -> list[str]:
    """A counter alone on its line joins the words that it counts: those before it where the page ends on one."""
    words = [line for line in lines if line]
    after = bool(words) and _LONE.fullmatch(words[-1]) is not None
    glued: list[str] = []
    for line in lines:
        partner = line if after else next((before for before in reversed(glued[-2:]) if before), "")
        if _LONE.fullmatch(partner) and any(glued):
            while not glued[-1]:
                glued.pop()
            glued[-1] += f" {line}" if line else ""
        else:
            glued.append(line)
    return glued


def _belongs(block: str) -> bool:
    line = block.split("\n", 1)[0]
    short = len(line) <= _SHORT and (_LISTED.match(line) is not None or line.strip("()/.").isdigit())
    return short or _PICTURE.fullmatch(line) is not None


def _fitted(run: Blocks, *, limited: bool) -> Blocks:
    """`run` as one post; as it was when that is impossible, for then its list lines are posts themselves."""
    joined = "\n".join(run)
    words = "\n".join(block for block in run if not _PICTURE.fullmatch(block))
    if not limited or weight(words) <= POST_LIMIT + _SLACK:
        return [joined] if joined else []
    return _with_pictures(run)


def _with_pictures(run: Blocks) -> Blocks:
    found = run[:1]
    for block in run[1:]:
        if _PICTURE.fullmatch(block):
            found[-1] += "\n" + block
        else:
            found.append(block)
    return found


def _possible(found: Blocks, *, limited: bool) -> tuple[Blocks, bool]:
    """Blocks that are too long for a post fall apart into their paragraphs; then nothing is certain any more."""
    if not limited:
        return found, False
    split: Blocks = []
    for block in found:
        split += [block] if weight(block) <= POST_LIMIT + _SLACK else block.split("\n\n")
    return split, len(split) == len(found)
