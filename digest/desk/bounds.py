"""How much of each part a digest shows. What a stranger wrote may be any length; a mail may not."""

from __future__ import annotations

from dataclasses import replace

from digest.model import Author, Card, Headline, Media, Point, Poll, Post, Quote, Related, Summary, Thread
from digest.text import clean, one_line, shorten


def line(text: str, limit: int) -> str:
    """`text` on one line, in at most `limit` characters."""
    return shorten(one_line(text), limit)


def bounded(thread: Thread) -> Thread:
    """The thread with every part that surrounds its posts held to a sensible length, and on one line."""
    return replace(
        thread,
        author=_author(thread.author),
        posts=tuple(_post(post) for post in thread.posts),
        related=tuple(_related(other) for other in thread.related[:8]),
    )


def bounded_summary(summary: Summary) -> Summary:
    points = tuple(Point(text=line(point.text, 700), posts=point.posts[:6]) for point in summary.points[:8])
    return replace(summary, points=() if summary.kind == "none" else points)


def bounded_headline(headline: Headline) -> Headline:
    return Headline(
        title=line(headline.title, 200), subject=one_line(headline.subject), preheader=line(headline.preheader, 200)
    )


def _author(author: Author) -> Author:
    return replace(author, name=line(author.name, 80), handle=line(author.handle, 80))


def _post(post: Post) -> Post:
    return replace(
        post,
        links=post.links[:200],
        media=tuple(_medium(medium) for medium in post.media[:16]),
        quotes=tuple(_quote(quote) for quote in post.quotes[:4]),
        card=post.card and _card(post.card),
        content_warning=line(post.content_warning, 200),
        poll=post.poll and _poll(post.poll),
    )


def _medium(medium: Media) -> Media:
    return replace(medium, alt=line(medium.alt, 500))


def _quote(quote: Quote) -> Quote:
    return replace(quote, author=_author(quote.author), text=shorten(clean(quote.text), 1_000))


def _card(card: Card) -> Card:
    return replace(card, title=line(card.title, 160), site=line(card.site, 60))


def _poll(poll: Poll) -> Poll:
    return replace(poll, choices=tuple(replace(one, text=line(one.text, 160)) for one in poll.choices[:12]))


def _related(other: Related) -> Related:
    return replace(other, text=line(other.text, 300), date=line(other.date, 60))
