"""One post of X: the shape that archives, the old API and GraphQL share, made into a `Post`. It knows no thread.

Addresses are found by the t.co link itself, not by the counted places: services count letters in three ways
(code points of the escaped text, of the plain text, UTF-16), and files mix them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Literal
from urllib.parse import urlsplit

from digest.model import Author, Card, Choice, Media, Poll, Post, Quote
from digest.sources.data import Json, moment, number, object_at, objects, things, word
from digest.sources.prose import Piece, compose, pieces, tidy, web_url

_SHORT = re.compile(r"https?://t\.co/\w+")
_MARK = re.compile(r"(?<![\w@#＠＃/])([@＠]\w{1,30}|[#＃]\w{1,140}|\$[A-Za-z]{1,6}\b)")
_STATUS = re.compile(r"https?://(?:mobile\.)?(?:twitter|x)\.com/(\w{1,30}|i/web)/status(?:es)?/(\d{1,20})")
_REPLIED = re.compile(r"(?:@\w{1,30}\s+)+")
_EPOCH = datetime(2010, 11, 4, 1, 42, 54, 657000, tzinfo=UTC)
_KINDS: dict[str, Literal["image", "video", "gif"]] = {"photo": "image", "video": "video", "animated_gif": "gif"}


def text_of(tweet: Json) -> str:
    """The whole text as it came, still escaped: a long post has it in a note, and only its beginning in its own place."""
    note = note_of(tweet)
    return word(note, "text") or word(tweet, "full_text") or word(tweet, "text")


def note_of(tweet: Json) -> Json:
    """The note that holds a long post's text; its marks are named as a post's own."""
    note = object_at(tweet, "note_tweet")
    return object_at(note, "note_tweet_results", "result") or (note if "text" in note else {})


def is_cut(tweet: Json) -> bool:
    """Whether this is only the beginning of a long post."""
    told = "note_tweet" in tweet and not note_of(tweet)
    bare = _SHORT.sub("", word(tweet, "full_text") or word(tweet, "text")).rstrip()
    return not note_of(tweet) and (told or tweet.get("truncated") is True or (bare.endswith("…") and len(bare) > 240))


def read_post(tweet: Json) -> Post:
    """The post, its links written out, what is shown beside it taken out of its text."""
    text = _displayed(tweet)
    media_items = _media_items(tweet)
    quotes, quoted = _quotes(tweet)
    hidden = {word(item, "url") for item in media_items} | ({quoted} if quoted else set())
    words, links = compose(_words(text, _urls(tweet), hidden=hidden))
    handle = word(tweet, "user", "screen_name")
    id_ = word(tweet, "id_str") or word(tweet, "id")
    return Post(
        number=0,
        text=words,
        id=id_,
        url=f"https://x.com/{handle or 'i'}/status/{id_}" if id_ else "",
        created_at=moment(word(tweet, "created_at")),
        links=links,
        media=tuple(_medium(item) for item in media_items),
        quotes=quotes,
        card=None if media_items or quotes else _card(tweet),
        poll=_poll(object_at(tweet, "card")),
        content_warning="…" if tweet.get("possibly_sensitive") is True and media_items else "",
    )


def author(user: Json) -> Author:
    """The author, by the old shape of users or the one of 2025, which moved the names into `core`."""
    shown = object_at(user, "core") or object_at(user, "legacy") or user
    handle = word(shown, "screen_name") or word(user, "username")
    name = " ".join(tidy(unescape(word(shown, "name"))).split())
    url = f"https://x.com/{handle}" if handle else ""
    return Author(name=name, handle=f"@{handle}" if handle else "", url=url)


# ── words ─────────────────────────────────────────────────────────────────────────────────────────


def _displayed(tweet: Json) -> str:
    """The text without the mentions that a reply begins with and X does not show."""
    text = text_of(tweet)
    start = number(tweet, "display_text_range", 0)
    lead = text[:start]
    return text[start:] if start and not note_of(tweet) and _REPLIED.fullmatch(lead) else text


def _urls(tweet: Json) -> dict[str, str]:
    """Where each t.co link leads."""
    note = note_of(tweet)
    marks = (object_at(tweet, "entities"), object_at(note, "entity_set"), object_at(note, "entities"))
    found = [*(entry for mark in marks for entry in objects(mark, "urls")), *objects(note, "urls")]
    return {
        word(entry, "url") or word(entry, "shortUrl"): target
        for entry in found
        if (target := web_url(word(entry, "expanded_url") or word(entry, "expandedUrl")))
    }


def _words(text: str, urls: dict[str, str], *, hidden: set[str]) -> Iterator[Piece]:
    at = 0
    for link in _SHORT.finditer(text):
        yield from _marked(text[at : link.start()])
        at = link.end()
        if link[0] not in hidden:
            url = urls.get(link[0], link[0])
            yield url, url
    yield from _marked(text[at:])


def _marked(escaped: str) -> Iterator[Piece]:
    """Words without t.co links, in which an address may still stand bare, and names lead to who bears them."""
    for words, url in pieces(unescape(escaped)):
        if url:
            yield words, url
            continue
        at = 0
        for mark in _MARK.finditer(words):
            yield words[at : mark.start()], ""
            yield mark[0], _place(mark[0])
            at = mark.end()
        yield words[at:], ""


def _place(mark: str) -> str:
    if mark[0] in "@＠":
        return f"https://x.com/{mark[1:]}"
    return web_url(f"https://x.com/hashtag/{mark[1:]}") if mark[0] in "#＃" else ""


# ── what stands beside the words ──────────────────────────────────────────────────────────────────


def _media_items(tweet: Json) -> list[Json]:
    """The pictures and films: `extended_entities` has them all, `entities` often only the first."""
    lists = (
        objects(tweet, "extended_entities", "media"),
        objects(tweet, "mediaDetails"),
        objects(tweet, "entities", "media"),
    )
    return next((found for found in lists if found), [])


def _medium(item: Json) -> Media:
    kind = _KINDS.get(word(item, "type"), "image")
    still = web_url(word(item, "media_url_https") or word(item, "media_url"))
    films = [variant for variant in objects(item, "video_info", "variants") if ".mp4" in word(variant, "url")]
    best = max(films, key=lambda variant: number(variant, "bitrate"), default=None)
    size = object_at(item, "original_info") or object_at(item, "sizes", "large")
    return Media(
        kind=kind,
        url=still if kind == "image" else web_url(word(best, "url")),
        alt=tidy(unescape(word(item, "ext_alt_text") or word(item, "alt_text"))),
        poster="" if kind == "image" else still,
        width=number(size, "width") or number(size, "w"),
        height=number(size, "height") or number(size, "h"),
    )


def _quotes(tweet: Json) -> tuple[tuple[Quote, ...], str]:
    """The quoted post, and the t.co link that stands for it in the text."""
    quoted = object_at(tweet, "quoted_tweet")
    id_ = word(tweet, "quoted_status_id_str") or word(quoted, "id_str")
    short, target = _quoting_link(tweet, id_)
    if quoted:
        by = author(object_at(quoted, "user"))
        url = f"https://x.com/{by.handle[1:] or 'i'}/status/{word(quoted, 'id_str')}"
        return (Quote(text=read_post({**quoted, "quoted_tweet": None}).text, author=by, url=url),), short
    if target:
        return (
            Quote(text="", author=Author(handle=f"@{target[1]}" if "/" not in target[1] else ""), url=target[0]),
        ), short
    return (Quote(text="", url=f"https://x.com/i/status/{id_}"),) if id_ else (), ""


def _quoting_link(tweet: Json, id_: str) -> tuple[str, re.Match[str] | None]:
    """The link to the quoted post; archives do not name that post, but its link is the last of the words."""
    permalink = object_at(tweet, "quoted_status_permalink")
    links = [*_urls(tweet).items(), (word(permalink, "url"), word(permalink, "expanded"))]
    words = text_of(tweet).rstrip()
    for short, target in reversed(links):
        found = _STATUS.match(target)
        if found and (found[2] == id_ or (short and not id_ and words.endswith(short))):
            return short, found
    return "", None


def _values(card: Json) -> dict[str, str]:
    """The entries of a card: a list of pairs in GraphQL, an object elsewhere."""
    card = object_at(card, "legacy") or card
    pairs = [(word(entry, "key"), entry.get("value")) for entry in objects(card, "binding_values")]
    pairs += list(object_at(card, "binding_values").items())
    return {key: word(value, "string_value") or word(value, "scribe_key") for key, value in pairs}


def _poll(card: Json) -> Poll | None:
    values = _values(card)
    choices = []
    for place in range(1, 5):
        if label := values.get(f"choice{place}_label"):
            count = values.get(f"choice{place}_count", "")
            choices.append(Choice(text=tidy(label), votes=int(count) if count.isdecimal() else None))
    return Poll(choices=tuple(choices)) if choices else None


def _card(tweet: Json) -> Card | None:
    """The preview of the page that the post links to."""
    values = _values(object_at(tweet, "card"))
    title = " ".join(tidy(unescape(values.get("title", ""))).split())
    short = values.get("card_url", "") or word(tweet, "card", "url")
    url = _urls(tweet).get(short) or next(iter(_urls(tweet).values()), "")
    if not (title and url):
        return None
    site = values.get("vanity_url") or values.get("domain") or urlsplit(url).hostname or ""
    return Card(url=url, title=title, site=site.removeprefix("www."))


def latest_edit(tweet: Json) -> Sequence[str]:
    """The ids of all versions of a post, the first first; [] for one that was never changed."""
    info = object_at(tweet, "edit_info", "initial") or object_at(tweet, "edit_control", "edit_control_initial")
    info = info or object_at(tweet, "edit_control")
    ids = [word(id_) for id_ in (things(info, "editTweetIds") or things(info, "edit_tweet_ids"))]
    return ids if len(ids) > 1 else []


def written(id_: str) -> datetime | None:
    """When a post was made, from its id: milliseconds since the epoch of X in the bits above 22 (X, "Snowflake")."""
    return _EPOCH + timedelta(milliseconds=int(id_) >> 22) if 17 <= len(id_) <= 19 else None
