"""The commands `follow`, `follows` and `unfollow`, and what is said of a look, on the terminal and to the editor by mail."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from digest.cli.house import House
from digest.cli.shelf import Json, described
from digest.cli.terminal import complain, err, far, hanging, note, one_of, print_json, say, table
from digest.errors import MailError, SettingsError
from digest.text import one_line

if TYPE_CHECKING:
    from digest.following import Looked
    from digest.store.follows import Follow

AT_LEAST = 4  # posts: what the pick would take by itself


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Examples: `digest follow @ada@example.social`, `digest follow https://example.org/feed.xml`")(
        follow
    )
    app.command(epilog="Examples: `digest follows`, and from cron: `digest follows --due`")(follows)
    app.command(epilog="Example: `digest unfollow @ada@example.social`")(unfollow)


# ── follow, and no more ───────────────────────────────────────────────────────────────────────────


def follow(
    ctx: typer.Context,
    ref: Annotated[str, typer.Argument(metavar="REF", help="A handle, or the address of a profile or a feed.")],
    at_least: Annotated[
        int, typer.Option(metavar="N", min=1, help="Only threads of at least so many posts.")
    ] = AT_LEAST,
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="Threads since that day, too. Default: from now on."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Bring an author's new threads to the shelf, by the clock, each once.

    On Mastodon and its kin (`@ada@example.social`), on Bluesky (`ada.bsky.social`), or by a feed; the address of a
    profile, or of a page that names its feed, does as well.

    A thread comes once nothing was added to it for some hours (`DIGEST_FOLLOW_QUIET`). `digest serve` looks every hour
    (`DIGEST_FOLLOW_EVERY`); without it, let cron run `digest follows --due`.
    """
    from digest import following

    house: House = ctx.obj
    watch, now = house.lookout.watch, house.time()
    begin = since.replace(tzinfo=ZoneInfo(house.settings.digest_timezone)).astimezone(UTC) if since else now
    found, new = following.follow(ref, watch=watch, now=now, at_least=at_least, since=min(begin, now))
    looked = following.look(watch, now=now, id=found.id)
    if json:
        print_json(_told(looked.follow if looked else found) | {"new": new, "came": _came(looked)})
    else:
        _greet(found, new=new, begin=f"since {found.since:%Y-%m-%d}" if since or not new else "from now on")
        if looked:
            _report(looked)
    if looked and looked.follow.trouble:
        raise typer.Exit(1)


def _greet(found: Follow, *, new: bool, begin: str) -> None:
    say(f"{found.id:>4}  {_full_name(found)}", style="bold")
    say(
        f"      {'followed' if new else 'followed already'}; threads of {one_of(found.at_least, 'post')} and more, {begin}"
    )


def unfollow(
    ctx: typer.Context,
    ref: Annotated[
        str, typer.Argument(metavar="REF", help="A handle, an address, a name, or the number in `digest follows`.")
    ],
) -> None:
    """Follow an author no more. The threads that came stay on the shelf."""
    from digest import following

    ended = following.unfollow(ref, store=ctx.obj.store)
    say(f"{_full_name(ended)} is not followed any more.")


# ── look ──────────────────────────────────────────────────────────────────────────────────────────


def follows(
    ctx: typer.Context,
    due: Annotated[
        bool, typer.Option("--due", help="For cron: look at those whose turn it is, and say what came.")
    ] = False,
    json: Json = False,
) -> None:
    """The authors who are followed: since when, the last look, the last trouble, how many threads came."""
    house: House = ctx.obj
    if due:
        _look(house, json=json)
        return
    found = house.kept.follows.all()
    if json:
        print_json([_told(one) for one in found])
    elif found:
        _list(found, now=house.time())
    else:
        note("Nobody is followed yet. `digest follow @ada@example.social` begins.")


def _list(found: Sequence[Follow], *, now: datetime) -> None:
    rows = [
        (one.id, _name(one), one.at_least, f"{one.since:%Y-%m-%d}", _ago(one.looked_at, now=now), one.brought)
        for one in found
    ]
    table(
        ["no", "author", "posts", "since", "last look", "threads"],
        rows,
        right=["no", "posts", "threads"],
        give="author",
    )
    for one in found:
        if one.trouble:
            say()
            hanging(
                f"{one.id:>2}",
                f"{one_line(one.trouble)} Next look in {far(max(one.due_at - now, timedelta()))}.",
                style="yellow",
            )


def _ago(at: datetime | None, *, now: datetime) -> str:
    return f"{far(max(now - at, timedelta()))} ago" if at else "not yet"


def _look(house: House, *, json: bool) -> None:
    """One round for cron: everybody who is due, once. It says what came, and of trouble once; cron mails each word of it."""
    from digest import following
    from digest.following import Looked

    if why := house.store.home.stopped():
        note(f"Nothing is looked at: {why}. Decide with `digest resume`.")
        return
    watch, looks = house.lookout.watch, list[Looked]()
    while looked := following.look(watch, now=house.time()):
        looks.append(looked)
        if not json:
            _report(looked, named=True)
        if looked.tell:
            complain(f"{_name(looked.follow)}: {looked.follow.trouble}")
            tell(house, looked)
    if json:
        print_json([_told(one.follow) | {"came": _came(one)} for one in looks])
    elif not looks and err.is_terminal:
        note("Nobody is due.")
    _carry(house)
    if any(one.follow.trouble for one in looks):
        raise typer.Exit(1)


def _report(looked: Looked, *, named: bool = False) -> None:
    for came, how in ((looked.brought, "new"), (looked.refreshed, "grown")):
        for shelved in came:
            say(f"{shelved.id:>4}  {shelved.title}", style="bold")
            say(f"      {_name(looked.follow)}, {one_of(len(shelved.thread.posts), 'post')} ({how})")
    if named and not err.is_terminal:
        return
    before = f"{_name(looked.follow)}: " if named else ""
    for line in _remarks(looked):
        note(f"{before}{line}")
    if looked.follow.trouble and not looked.tell:
        complain(f"{before}{looked.follow.trouble}")


def _remarks(looked: Looked) -> Iterator[str]:
    if looked.growing:
        yield f"{one_of(looked.growing, 'thread is', 'threads are')} still being written"
    if looked.short:
        yield f"left out: {one_of(looked.short, 'entry', 'entries')} with fewer than {looked.follow.at_least} posts"
    if looked.cut:
        yield "they wrote more than one look can read; the oldest was left out"
    yield from (f"left out: {why}" for why in looked.passed)


# ── to the editor ─────────────────────────────────────────────────────────────────────────────────


def tell(house: House, looked: Looked) -> None:
    """Tell the editor by mail, once. Without the settings for mail, what was said here has to do."""
    from digest.cli import notices

    held, now = looked.follow, house.time()
    with suppress(SettingsError):
        notices.tell(
            house,
            f"{_name(held)} cannot be looked at",
            f"You follow {_full_name(held)}, and since {held.failing_since:%Y-%m-%d %H:%M} UTC no look has worked:\n\n"
            f"{held.trouble}\n\n"
            "It is tried again by itself, ever more seldom, and this is the only mail about it. "
            f"`digest unfollow {held.id}` ends it.",
            now=now,
        )
    house.store.follows.told(held.id, now=now)


def _carry(house: House) -> None:
    """The word to the editor, where mail can go out. It is kept, so a server that fails now costs nothing."""
    from digest.cli import notices

    if house.settings.smtp_host:
        try:
            asyncio.run(notices.carry(house, stop=asyncio.Event()))
        except MailError as trouble:
            complain(f"The word to the editor waits: {trouble}")


# ── what an author is called ──────────────────────────────────────────────────────────────────────


def _name(held: Follow) -> str:
    return held.author.handle or held.author.name or held.address


def _full_name(held: Follow) -> str:
    author = held.author
    return f"{author.name} ({author.handle or held.address})" if author.name else _name(held)


def _came(looked: Looked | None) -> list[dict[str, object]]:
    return [described(one) for one in looked.brought] if looked else []


def _told(held: Follow) -> dict[str, object]:
    return {
        "id": held.id,
        "kind": held.kind,
        "address": held.address,
        "author": {"name": held.author.name, "handle": held.author.handle, "url": held.author.url},
        "at_least": held.at_least,
        "since": held.since.isoformat(),
        "looked_at": held.looked_at.isoformat() if held.looked_at else None,
        "due_at": held.due_at.isoformat(),
        "trouble": held.trouble,
        "threads": held.brought,
    }
