"""Reads the YAML block that may stand before a text ("---" lines around it). Broken YAML is read line by line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise

import yaml

from digest.text import clean

_BLOCK = re.compile(r"\s{0,40}---[ \t]*\n(.{0,200000}?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_LINE = re.compile(r"([A-Za-z_]{1,30}):?[ \t]+(.+)")
# A further block inside a text: right after its "---", with no blank line, as no post of our own export has it.
_FURTHER = re.compile(
    r"^---[ \t]*\n((?:[A-Za-z_]{1,30}(?::|:?[ \t][^\n]*)\n(?:[ \t]+[^\n]*\n|-[ \t][^\n]*\n){0,200}){2,60})---[ \t]*$",
    re.MULTILINE,
)
_TELLING = frozenset(["key", "source", "url", "title", "author", "handle", "created", "published", "date"])
Matter = Mapping[str, object]


class _Loader(yaml.SafeLoader):
    """YAML without aliases: a few of them can stand for gigabytes."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not allowed here")
        return super().compose_node(parent, index)


def split(text: str) -> tuple[Matter, str]:
    """The front matter of `text` ({} when there is none) and the text after it."""
    block = _BLOCK.match(text)
    matter = _load(block[1]) if block else {}
    return (matter, text[block.end() :]) if block and matter else ({}, text)


def documents(text: str) -> list[str]:
    """`text` cut where a further front matter begins: clippings that were put into one file."""
    starts = [block.start() for block in _FURTHER.finditer(text) if len(_TELLING.intersection(_load(block[1]))) > 1]
    cuts = [0, *(start for start in starts if text[:start].strip()), len(text)]
    return [text[start:end] for start, end in pairwise(cuts)]


def word(matter: Matter, *names: str) -> str:
    """The first of these entries that has a value, as a line of text; the first of a list; "" when there is none."""
    for name in names:
        value = matter.get(name)
        value = value[0] if isinstance(value, list) and value else value
        if value is not None and not isinstance(value, (list, dict)) and str(value).strip():
            return " ".join(clean(str(value)).split())
    return ""


def _load(block: str) -> Matter:
    try:
        loaded = yaml.load(block, Loader=_Loader)  # noqa: S506 (a SafeLoader, only stricter)
    except (yaml.YAMLError, ValueError, RecursionError):
        found = (_LINE.fullmatch(line.rstrip()) for line in block.split("\n"))
        loaded = {pair[1]: pair[2].strip("\"' ") for pair in found if pair}
    return {str(key).lower(): value for key, value in loaded.items()} if isinstance(loaded, dict) else {}
