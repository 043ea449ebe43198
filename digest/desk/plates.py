"""Which pictures a page shows, and from where: our own copies, from the archive or inside the letter, within a weight. What
is not shown stays a link with its words. Never a picture from the server of somebody else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from digest.model import Media, Picture, Post, Shown, Summary, Thread

Way = Literal["archive", "inline", "link"]
_HEAD = 250  # bytes around a picture in a letter


@dataclass(frozen=True, slots=True, kw_only=True)
class Plate(Media):
    """A medium with a picture of ours to show for it."""

    shown: Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Hanging:
    """How pictures come to readers. `archive`: from `base_url`, where everybody gets them ("" when nothing is there; then
    they go along). `inline`: inside the letter, `budget` bytes of it at most. `link`: not at all. `domain` is the right
    side of their Content-IDs (RFC 2392)."""

    way: Way = "link"
    base_url: str = ""
    domain: str = ""
    budget: int = 0


LINKS = Hanging()


def hung(thread: Thread, *, album: Mapping[str, Picture], hanging: Hanging, summary: Summary) -> Thread:
    """The thread with a plate in the place of each medium whose picture is to be shown. What stands behind a content
    warning is never shown: many mail programs open every fold."""
    shown = _shown(thread, album=album, hanging=hanging, cited={n for point in summary.points for n in point.posts})
    return replace(thread, posts=tuple(_hung(post, shown) for post in thread.posts)) if shown else thread


def used(posts: Sequence[Post], *, html: str) -> tuple[Shown, ...]:
    """The pictures that really stand in the page, each once, in its order."""
    plates = [medium.shown for post in posts for medium in post.media if isinstance(medium, Plate)]
    return tuple(shown for shown in dict.fromkeys(plates) if f'src="{shown.src}"' in html)


def _hung(post: Post, shown: Mapping[str, Shown]) -> Post:
    if post.content_warning:
        return post
    return replace(post, media=tuple(_plate(medium, shown.get(medium.still)) for medium in post.media))


def _plate(medium: Media, shown: Shown | None) -> Media:
    if shown is None:
        return medium
    told = {name: getattr(medium, name) for name in Media.__dataclass_fields__}
    return Plate(**told, shown=shown)


def _shown(thread: Thread, *, album: Mapping[str, Picture], hanging: Hanging, cited: set[int]) -> dict[str, Shown]:
    """What each still is shown from. Inside the letter those of the opening and of cited posts go first, then films' stills
    last; one that is too heavy leaves its place to the next."""
    if hanging.way == "link":
        return {}
    pictures = {still: album[still] for still in _ranked(thread, cited) if still in album}
    if hanging.way == "archive" and hanging.base_url:
        return {
            still: Shown(src=f"{hanging.base_url}/pictures/{one.name}", picture=one) for still, one in pictures.items()
        }
    left, shown = hanging.budget, dict[str, Shown]()
    for still, one in pictures.items():
        weight = one.size * 78 // 57 + _HEAD  # as base64, in lines
        src = f"cid:{one.digest}@{hanging.domain}"
        made = Shown(src=src, picture=one)
        if made in shown.values():
            shown[still] = made
        elif weight <= left:
            left -= weight
            shown[still] = made
    return shown


def _ranked(thread: Thread, cited: set[int]) -> Iterator[str]:
    ranks = [
        (medium.kind != "image", number > 0 and post.number not in cited, number, medium.still)
        for number, post in enumerate(thread.posts)
        for medium in post.media
        if medium.still and not post.content_warning
    ]
    yield from (still for *_, still in sorted(ranks, key=lambda rank: rank[:3]))
