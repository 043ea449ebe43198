"""What the desk makes of a thread, and what a check says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A sentence of the summary, in the author's words, and the numbers of the posts that it stands in."""

    text: str
    posts: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """`kind` says whose words these are: the author's own closing ones, sentences that we took, a model's that were checked,
    or none (a short thread)."""

    kind: Literal["author", "extract", "model", "none"]
    points: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """What a thread is called in the mail, the inbox line and the grey line after it."""

    title: str
    subject: str
    preheader: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """The places in a page that differ by reader. Their names hold a nonce, so that no post can forge one."""

    nonce: str

    @property
    def email(self) -> str:
        return f"T{self.nonce}_EMAIL"

    @property
    def unsubscribe(self) -> str:
        return f"T{self.nonce}_UNSUBSCRIBE"

    @property
    def web(self) -> str:
        return f"T{self.nonce}_WEB"

    @property
    def good(self) -> str:
        return f"T{self.nonce}_GOOD"

    @property
    def bad(self) -> str:
        return f"T{self.nonce}_BAD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture as we keep it: upright, nothing in it but its dots, no larger than a page shows it. `digest` names its
    bytes for ever; `width` and `height` count its own dots, `size` its bytes."""

    digest: str
    kind: Literal["jpeg", "png"]
    width: int
    height: int
    size: int

    @property
    def name(self) -> str:
        """What its file is called."""
        return f"{self.digest}.{'jpg' if self.kind == 'jpeg' else self.kind}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A picture as a page shows it: `src` is an address of ours, or "cid:…" where it goes along in the letter."""

    src: str
    picture: Picture

    @property
    def enclosed(self) -> bool:
        return self.src.startswith("cid:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A rendered digest that is still nobody's: `html` and `text` hold the `marks`. `cut` counts posts left out for size;
    `pictures` are those that stand in it, each once."""

    headline: Headline
    html: str
    text: str
    mjml: str
    marks: Marks
    lang: str
    cut: int = 0
    pictures: tuple[Shown, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a check saw: what it is, where, why it matters, how to mend it."""

    rule: str
    level: Literal["error", "warning", "note"]
    what: str
    where: str = ""
    why: str = ""
    fix: str = ""
