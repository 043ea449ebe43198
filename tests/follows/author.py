"""An author on Mastodon who writes while a test looks on, and the editor who follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from digest import following
from digest.following import Looked, Watch
from digest.model import Shelved
from digest.sources import Web
from digest.store import Store
from sources.site import Asked, Reply, Site

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
WORDS = "A story about the lighthouse, told in as many words as a post can hold and no more than that."


class Ada:
    """Her account as Mastodon's API tells it: /lookup, /statuses by pages of 40, and each status with its context."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.account: dict[str, Any] = {
            "id": "7",
            "username": "ada",
            "acct": "ada",
            "display_name": "Ada L.",
            "note": "<p>Lighthouses.</p>",
            "url": f"{site.url}/@ada",
            "emojis": [],
        }
        self.posts: list[dict[str, Any]] = []
        self.etag = ""
        site["/api/v1/accounts/lookup"] = lambda asked: (
            Reply(body=self.account) if asked.query["acct"] == "ada" else None
        )
        site["/api/v1/accounts/7/statuses"] = self._list

    @property
    def address(self) -> str:
        return f"{self.site.url}/@ada"

    def writes(self, at: datetime, *, to: int | None = None, by: str = "7", **more: Any) -> int:
        """One post, in answer to another one, by the account `by`; its number."""
        number = len(self.posts) + 1
        whom = "7" if by == "7" else by
        post = {
            "id": str(number),
            "created_at": at.isoformat(),
            "in_reply_to_id": str(to) if to else None,
            "in_reply_to_account_id": whom if to else None,
            "visibility": "public",
            "language": "en",
            "uri": f"{self.site.url}/users/ada/statuses/{number}",
            "url": f"{self.site.url}/@ada/{number}",
            "replies_count": 0,
            "content": f"<p>{number}: {WORDS}</p>",
            "account": self.account,
            "media_attachments": [],
        }
        self.posts.append(post | more)
        self._serve(number)
        return number

    def threads(self, at: datetime, count: int, *, every: timedelta = timedelta(minutes=1)) -> int:
        """A thread of so many posts; the number of its first one."""
        first = last = self.writes(at)
        for number in range(1, count):
            last = self.writes(at + number * every, to=last)
        return first

    def goes_on(self, first: int, at: datetime) -> int:
        """One more post under the thread that begins with `first`."""
        return self.writes(at, to=max(self._below(first)))

    def _below(self, first: int) -> list[int]:
        found = [first]
        for post in self.posts:
            if post["in_reply_to_id"] and int(post["in_reply_to_id"]) in found:
                found.append(int(post["id"]))
        return found

    def _serve(self, number: int) -> None:
        self.site[f"/api/v1/statuses/{number}"] = lambda _: Reply(body=self.posts[number - 1])
        self.site[f"/api/v1/statuses/{number}/context"] = lambda _: Reply(body=self._context(number))

    def _context(self, number: int) -> dict[str, Any]:
        above: list[dict[str, Any]] = []
        post = self.posts[number - 1]
        while post["in_reply_to_id"] and int(post["in_reply_to_id"]) <= len(self.posts):
            post = self.posts[int(post["in_reply_to_id"]) - 1]
            above.insert(0, post)
        return {"ancestors": above, "descendants": [self.posts[one - 1] for one in self._below(number)[1:]]}

    def _list(self, asked: Asked) -> Reply:
        if self.etag and asked.headers.get("if-none-match") == self.etag:
            return Reply(status=304)
        until = int(asked.query.get("max_id", len(self.posts) + 1))
        page = [post for post in reversed(self.posts) if int(post["id"]) < until][:40]
        return Reply(body=page, headers={"ETag": self.etag} if self.etag else {})


class Editor:
    """Follows, and lets hours go by: `later` is a look at whoever is due then."""

    def __init__(self, store: Store, site: Site) -> None:
        self.store, self.site = store, site
        self.now = NOW
        web = Web(allow_private=True, deadline=timedelta(seconds=5), patience=timedelta(), now=lambda: self.now)
        self.watch = Watch(store=store, web=web, rng=lambda: 0.5, bluesky_api=site.url)

    def follow(self, ref: str, *, at_least: int = 3, since: datetime | None = None) -> Looked:
        found, _ = following.follow(ref, watch=self.watch, now=self.now, at_least=at_least, since=since or self.now)
        looked = following.look(self.watch, now=self.now, id=found.id)
        assert looked
        return looked

    def look(self) -> Looked | None:
        return following.look(self.watch, now=self.now)

    def later(self, **time: float) -> Looked | None:
        self.now += timedelta(**time)
        return self.look()

    def shelf(self) -> list[Shelved]:
        return list(self.store.library.shelf())

    def only(self) -> Shelved:
        (one,) = self.shelf()
        return one

    def with_watch(self, **more: Any) -> Editor:
        self.watch = replace(self.watch, **more)
        return self
