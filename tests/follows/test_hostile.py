"""Whatever a server answers, a look ends in what the house knows: glimpses, or an error of its own."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.errors import DigestError
from digest.model import Author
from digest.sources import Web, authors, timelines
from digest.sources.authors import Account
from digest.sources.web import Answer
from follows.author import NOW

WORDS = st.sampled_from(
    [
        *(
            "id",
            "username",
            "acct",
            "url",
            "note",
            "moved",
            "account",
            "content",
            "created_at",
            "in_reply_to_id",
            "uri",
        ),
        *("in_reply_to_account_id", "did", "handle", "feed", "post", "record", "reply", "root", "parent", "cursor"),
        *("type", "outbox", "first", "next", "orderedItems", "object", "Note", "Create", "Person", "OrderedCollection"),
        *("attributedTo", "inReplyTo", "published", "version", "items", "https://jsonfeed.org/version/1", "labels"),
        *("app.bsky.feed.post", "https://example.social/u/1", "at://did:plc:ada/app.bsky.feed.post/1", "2026-11-24"),
    ]
)
LEAVES = st.none() | st.booleans() | st.integers() | WORDS | st.text(max_size=5)
THINGS = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=6), max_leaves=25
)


class Says(Web):
    """A web on which every address says the same."""

    def __init__(self, said: Any) -> None:
        self._said = said

    def get(self, url: str, **_: Any) -> Answer:
        return Answer(url=url, data=json.dumps(self._said).encode())


@pytest.mark.parametrize("kind", ["mastodon", "bluesky", "activitypub", "feed"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(said=THINGS)
def test_a_list_of_any_shape_is_read_or_refused(kind: Any, said: Any) -> None:
    address = "did:plc:ada" if kind == "bluesky" else "https://example.social/@ada"
    base = {"id": "7", "username": "ada", "did": "did:plc:ada", "outbox": "https://example.social/o"}
    whole = {**base, **said} if isinstance(said, dict) else said
    with suppress(DigestError):
        seen = timelines.look(Account(kind=kind, address=address, author=Author()), web=Says(whole), after=NOW)
        for glimpse in seen.glimpses:
            timelines.whole(glimpse, web=Says(whole))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ref=st.text(max_size=40) | st.from_regex(r"(https://)?@?[a-z.@/:%]{1,20}", fullmatch=True), said=THINGS)
def test_whatever_is_typed_names_somebody_or_is_refused(ref: str, said: Any) -> None:
    with suppress(DigestError):
        authors.find(ref, web=Says(said))
