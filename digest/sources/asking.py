"""Asks one address of the web for a page or for data, and says it plainly when something else came. It knows no service."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

from digest.errors import InputError, Moved, NotAThread, Unwilling, WebError
from digest.sources.raw import Raw, decode
from digest.sources.web import Answer, Web, shown

T = TypeVar("T")
JSON = "application/json"
ACTIVITY = 'application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
PAGE = "text/html, application/xhtml+xml, application/rss+xml, application/atom+xml, application/json;q=0.9, */*;q=0.5"


def json_at(url: str, *, web: Web, accept: str = JSON) -> object:
    """The JSON at `url`. Raises InputError when a page came in its place, as log-in walls and error pages do."""
    return document(web.get(url, accept=accept), ref=url)


def document(answer: Answer, *, ref: str) -> object:
    """The JSON of an answer. Raises InputError as `json_at` does."""
    found = decode(answer.data, ref=shown(ref)).document if answer.data.strip() else None
    if found is None:
        what = "it answered with a page where data was due"
        raise InputError(what, where=shown(ref), then="Open it in a browser, save the page, and import the file.")
    return found


def page_of(answer: Answer, *, ref: str) -> Raw:
    """The page of an answer. Raises NotAThread for a picture, a film or a sound."""
    if answer.kind.startswith(("image/", "video/", "audio/")):
        raise NotAThread(f"it is no page but a file ({answer.kind})", where=shown(ref), then="Check the address.")
    return decode(answer.data, ref=shown(ref))


def optional(url: str, *, web: Web) -> object:
    """The ActivityPub document there, or nothing: one answer that is gone does not spoil the thread."""
    try:
        return json_at(url, web=web, accept=ACTIVITY)
    except WebError as error:
        if error.temporary:
            raise
        return None
    except InputError:
        return None


def xrpc(url: str, *, web: Web) -> object:
    """What Bluesky's API says. Raises WebError with the status 404 for a post or an author that it does not know."""
    return document(xrpc_answer(url, web=web), ref=url)


def xrpc_answer(url: str, *, web: Web, etag: str = "", modified: str = "") -> Answer:
    try:
        return web.get(url, accept=JSON, etag=etag, modified=modified)
    except WebError as error:
        if error.status != 400:  # XRPC says so of handles and posts that it does not know
            raise
        what, then = "Bluesky knows no such post or author", "Check the address."
        raise WebError(what, where=shown(url), then=then, status=404) from error


def or_else(first: Callable[[], T], second: Callable[[], T]) -> T:
    """The second way where the first leads nowhere; what may pass (a pause, a server in trouble) is not gone round,
    and what an author wishes even less."""
    try:
        return first()
    except WebError as error:
        if error.temporary:
            raise
        return second()
    except (Moved, Unwilling):
        raise
    except InputError:
        return second()


def home_of(ref: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(ref)
    return f"{parts.scheme}://{parts.netloc}"
