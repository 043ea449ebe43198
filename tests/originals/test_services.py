"""Bluesky and ActivityPub, looked at again: their own words for "gone", and the posts that hung on one that is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from digest.errors import Gone, InputError, WebError
from digest.model import Original, Thread
from digest.sources import Web, afresh, live, read
from sources.site import Asked, Reply, Site
from sources.test_bluesky import nested, uri, view

POSTS = range(1, 6)


# ── Bluesky ───────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def sky(site: Site) -> dict[str, Any]:
    """The posts that are there, by their URIs; `sky["tree"]` is what getPostThread shows."""
    there: dict[str, Any] = {uri(n): view(n, n - 1 if n > 1 else None) for n in POSTS}
    shown: dict[str, Any] = {"tree": nested(list(there.values()))} | there

    def thread(_: Asked) -> Reply:
        if shown["tree"] is None:
            return Reply(body={"error": "NotFound", "message": "Post not found"}, status=400)
        return shown["tree"] if isinstance(shown["tree"], Reply) else Reply(body={"thread": shown["tree"]})

    def posts(asked: Asked) -> Reply:
        return Reply(body={"posts": [shown[one] for one in asked.every["uris"] if one in shown]})

    site["/xrpc/app.bsky.feed.getPostThread"] = thread
    site["/xrpc/app.bsky.feed.getPosts"] = posts
    return shown


@pytest.fixture
def again(site: Site, sky: dict[str, Any], web: Web) -> Callable[[], Thread]:
    known = read(live.fetch(uri(1), web=web, bluesky_api=site.url))
    original = Original(address="https://bsky.app/profile/ada.example.org/post/1")
    return lambda: read(afresh.look(known, original=original, web=web, bluesky_api=site.url).raw)  # type: ignore[arg-type]


def texts(thread: Thread) -> list[str]:
    return [post.text for post in thread.posts]


def test_a_bluesky_thread_is_found_though_its_author_has_another_handle(again: Callable[[], Thread]) -> None:
    assert len(texts(again())) == 5


def test_what_hung_on_a_deleted_bluesky_post_stays(sky: dict[str, Any], again: Callable[[], Thread]) -> None:
    sky["tree"] = nested([view(1), view(2, 1)])
    del sky[uri(3)]
    found = again()
    assert texts(found) == [f"Post {n} of the story." for n in (1, 2, 4, 5)]
    assert found.truncated is False


@pytest.mark.parametrize("tree", [None, {"$type": "app.bsky.feed.defs#notFoundPost", "uri": uri(1), "notFound": True}])
def test_a_bluesky_post_is_gone_when_the_api_says_so_of_it(
    sky: dict[str, Any], again: Callable[[], Thread], tree: object
) -> None:
    sky["tree"] = tree
    with pytest.raises(Gone):
        again()


@pytest.mark.parametrize(
    "tree",
    [
        {"$type": "app.bsky.feed.defs#blockedPost", "uri": uri(1), "blocked": True},
        Reply(body={"error": "InvalidRequest", "message": "Error: uri must be a valid at-uri"}, status=400),
        Reply(body={"error": "InternalServerError"}, status=502),
        Reply(body="<h1>Maintenance</h1>"),
    ],
)
def test_a_blocked_post_and_a_failing_api_are_no_deletion(
    sky: dict[str, Any], again: Callable[[], Thread], tree: object
) -> None:
    sky["tree"] = tree
    with pytest.raises((InputError, WebError)) as caught:
        again()
    assert not isinstance(caught.value, Gone)


# ── ActivityPub ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def notes(site: Site) -> dict[int, Any]:
    """A server that speaks ActivityPub alone: each note names those that answer it."""
    there: dict[int, Any] = {n: f"Note {n} of the story." for n in POSTS}

    def note(n: int) -> Reply:
        if not isinstance(there[n], str):
            return there[n] if isinstance(there[n], Reply) else Reply(status=410)
        answers = [f"{site.url}/objects/{n + 1}"] if n + 1 in there and isinstance(there[n + 1], str) else []
        return Reply(
            body={
                "@context": "https://www.w3.org/ns/activitystreams",
                "id": f"{site.url}/objects/{n}",
                "type": "Note",
                "attributedTo": f"{site.url}/users/ada",
                "inReplyTo": f"{site.url}/objects/{n - 1}" if n > 1 else None,
                "content": f"<p>{there[n]}</p>",
                "published": f"2026-03-01T10:0{n}:00Z",
                "to": ["https://www.w3.org/ns/activitystreams#Public"],
                "replies": {"type": "Collection", "first": {"type": "CollectionPage", "items": answers}},
            }
        )

    for n in POSTS:
        site[f"/objects/{n}"] = lambda _, n=n: note(n)
    site["/users/ada"] = {"id": f"{site.url}/users/ada", "type": "Person", "preferredUsername": "ada"}
    site["/"] = "<h1>A server</h1>"
    return there


@pytest.fixture
def anew(site: Site, notes: dict[int, Any], web: Web) -> Callable[[], Thread]:
    known = read(live.fetch(f"{site.url}/objects/1", web=web))
    assert len(known.posts) == 5
    original = Original(address=f"{site.url}/objects/1")
    return lambda: read(afresh.look(known, original=original, web=web).raw)  # type: ignore[arg-type]


def test_what_hung_on_a_deleted_note_stays(notes: dict[int, Any], anew: Callable[[], Thread]) -> None:
    notes[3] = None
    assert texts(anew()) == [f"Note {n} of the story." for n in (1, 2, 4, 5)]


@pytest.mark.parametrize("reply", [Reply(status=410), Reply(status=404), Reply(body={"id": "x", "type": "Tombstone"})])
def test_a_note_is_gone_when_its_server_says_so(
    notes: dict[int, Any], anew: Callable[[], Thread], reply: Reply
) -> None:
    notes[1] = reply
    with pytest.raises(Gone):
        anew()


@pytest.mark.parametrize("reply", [Reply(status=401), Reply(status=500), Reply(body="<h1>Log in</h1>")])
def test_a_note_behind_a_wall_is_not_gone(notes: dict[int, Any], anew: Callable[[], Thread], reply: Reply) -> None:
    notes[1] = reply
    with pytest.raises((InputError, WebError)) as caught:
        anew()
    assert not isinstance(caught.value, Gone)
