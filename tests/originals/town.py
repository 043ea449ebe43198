"""A small Mastodon server as its API shows it: what is posted, edited and deleted there is seen by who looks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from sources.site import Asked, Reply, Site

GONE = Reply(body={"error": "Record not found"}, status=404)
WALL = Reply(body={"error": "This method requires an authenticated user"}, status=401)
LOST = Reply(body="<h1>Not Found</h1>", status=404)
POSTS = (
    "I rebuilt the bakery's ordering system on paper. Here is why the whiteboard won in the end.",
    "The old system had forty screens. The bakers used two of them, and shouted the rest across the room, which worked.",
    "So we wrote down what they shouted. Nine sentences covered a whole night, and every one fitted on a card that a floury hand can hold.",
    "A card on a nail is a queue. Two cards on a nail are a priority. Nobody had to be trained for it at four in the morning.",
    "We lost reports, and nobody missed them. We gained a place where everybody looks, which is what the reports had been for.",
    "Write down what people already shout, put it where they already look, and stop there. Nothing else that we tried has lasted.",
)


@dataclass
class Town:
    """`town.post(…)` begins a thread or goes on with it; `town.faults[path]` is answered in the place of anything else."""

    site: Site
    statuses: dict[int, dict[str, Any]] = field(default_factory=dict)
    faults: dict[str, Reply] = field(default_factory=dict)
    note: str = ""

    def __post_init__(self) -> None:
        self.site["/"] = "<h1>A town</h1>"
        self.site.reply = self._reply  # type: ignore[method-assign]

    @property
    def author(self) -> dict[str, Any]:
        return {"id": "7", "username": "ada", "acct": "ada", "display_name": "Ada", "note": self.note,
                "url": f"{self.site.url}/@ada"}  # fmt: skip

    def thread(self, *texts: str, first: int = 1) -> str:
        """The address of a new thread with these posts."""
        for number, text in enumerate(texts or POSTS, start=first):
            self.post(number, text, to=number - 1 if number > first else None)
        return self.address(first)

    def address(self, number: int) -> str:
        return f"{self.site.url}/@ada/{number}"

    def post(self, number: int, text: str, *, to: int | None = None, **more: Any) -> None:
        self.statuses[number] = {
            "id": str(number),
            "created_at": f"2026-03-01T10:{number:02}:00.000Z",
            "in_reply_to_id": str(to) if to else None,
            "sensitive": False,
            "spoiler_text": "",
            "visibility": "public",
            "language": "en",
            "uri": f"{self.site.url}/users/ada/statuses/{number}",
            "url": self.address(number),
            "replies_count": 0,
            "favourites_count": 3,
            "edited_at": None,
            "content": f"<p>{text}</p>",
            "reblog": None,
            "media_attachments": [],
            "mentions": [],
            "tags": [],
            "emojis": [],
            "card": None,
            "poll": None,
        } | more

    def edit(self, number: int, text: str, **more: Any) -> None:
        self.statuses[number] |= {"content": f"<p>{text}</p>", "edited_at": "2026-03-02T08:00:00.000Z"} | more

    def delete(self, number: int) -> None:
        """As Mastodon does it: what answered the post answers nobody from now on."""
        del self.statuses[number]
        for status in self.statuses.values():
            if status["in_reply_to_id"] == str(number):
                status["in_reply_to_id"] = None

    def fail(self, reply: Reply) -> None:
        """Whatever is asked."""
        self.faults[""] = reply

    def _reply(self, asked: Asked) -> Reply:
        for path, reply in self.faults.items():
            if asked.path.startswith(path):
                return reply
        api = re.fullmatch(r"/api/v1/statuses/(\d+)(/context)?", asked.path)
        if not api:
            found = self.site.routes.get(asked.path)
            return found if isinstance(found, Reply) else Reply(body=found) if found else LOST
        number = int(api[1])
        if number not in self.statuses:
            return GONE
        return Reply(body=self._context(number) if api[2] else self._shown(number))

    def _shown(self, number: int) -> dict[str, Any]:
        return {**self.statuses[number], "account": self.author}

    def _context(self, number: int) -> dict[str, Any]:
        below, found = {str(number)}, []
        for id, status in sorted(self.statuses.items()):
            if status["in_reply_to_id"] in below:
                below.add(str(id))
                found.append(self._shown(id))
        above: list[dict[str, Any]] = []
        while parent := self.statuses[number]["in_reply_to_id"]:
            number = int(parent)
            above.insert(0, self._shown(number))
        return {"ancestors": above, "descendants": found}
