"""`digest unroll`: a whole thread in the terminal, where it was read from, and how it changed since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

import typer

from digest.cli.shelf import Json, ThreadArg, dated, read_thread, traced
from digest.cli.terminal import hanging, one_of, print_json, say
from digest.errors import UsageError
from digest.model import Original, Revision, Shelved, Sight


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Examples: `digest unroll 3`, `digest unroll 3 --before`")(unroll)


def unroll(
    ctx: typer.Context,
    thread: ThreadArg,
    json: Json = False,
    markdown_: Annotated[
        bool, typer.Option("--markdown", help="As Markdown, which `digest import` reads back.")
    ] = False,
    before: Annotated[bool, typer.Option("--before", help="As it read before it last changed.")] = False,
) -> None:
    """The whole thread in the terminal, and what is known of its original."""
    from digest.sources import markdown

    house, found = ctx.obj, read_thread(ctx.obj, thread)
    revisions = house.store.originals.revisions(found.id) if found.id else ()
    if before:
        if not revisions:
            raise UsageError("it has not changed since it came", where=f"thread {thread}")
        found, revisions = replace(found, thread=revisions[0].thread), revisions[1:]
    original = house.store.originals.get(found.id) if found.id else Original()
    if json:
        known = {"original": traced(original), "changes": list(map(_changed, revisions))} if found.id else {}
        print_json(_unrolled(found) | known)
    elif markdown_:
        typer.echo(markdown.write(found.thread), nl=False)
    else:
        _print_thread(found)
        _print_original(found, original, revisions)


def _changed(revision: Revision) -> dict[str, object]:
    return {"at": revision.until.isoformat(), "what": list(revision.changes)}


def _print_original(shelved: Shelved, original: Original, revisions: Sequence[Revision]) -> None:
    """Where it came from, what the last look brought, and its changes, the newest first."""
    if original.ref:
        day = f" on {original.read_at:%Y-%m-%d}" if original.read_at else ""
        say()
        hanging("", f"Read from {original.ref}{day}", style="dim")
    if original.looked_at and original.sight is not Sight.EDITED:
        hanging("", f"Looked at again on {original.looked_at:%Y-%m-%d %H:%M} UTC: {original.said}", style="dim")
    for revision in revisions:
        hanging("", f"Changed by {revision.until:%Y-%m-%d %H:%M} UTC: {' '.join(revision.changes)}", style="dim")
    if revisions:
        hanging("", f"`digest unroll {shelved.id} --before` shows how it read before that.", style="dim")


def _unrolled(shelved: Shelved) -> dict[str, object]:
    thread = shelved.thread
    return {
        "title": shelved.title,
        "author": {"name": thread.author.name, "handle": thread.author.handle},
        "posts": [
            {
                "number": post.number,
                "text": post.text,
                "links": [{"url": link.url, "text": post.text[link.start : link.end]} for link in post.links],
                "media": [{"kind": item.kind, "url": item.url, "alt": item.alt} for item in post.media],
            }
            for post in thread.posts
        ],
        "related": [
            {"text": other.text, "date": other.date, "posts": other.posts, "url": other.url} for other in thread.related
        ],
    }


def _print_thread(shelved: Shelved) -> None:
    thread = shelved.thread
    say(shelved.title, style="bold")
    say("  ".join(part for part in (thread.author.name, thread.author.handle, dated(thread)) if part), style="dim")
    for post in thread.posts:
        say()
        hanging(f"{post.number:>3}", post.text)
        for item in post.media:
            hanging("   ", f"[{item.kind}: {item.alt or 'no description'}] {item.url}".rstrip(), style="dim")
        for quote in post.quotes:
            hanging("   ", f"> {quote.author.name or quote.author.handle}: {quote.text}", style="dim")
        for link in post.links:
            words = post.text[link.start : link.end]
            if words not in link.url and not words.startswith(("@", "#")):
                hanging("   ", f"{words}: {link.url}", style="dim")
    for number, other in enumerate(thread.related):
        say("\nMore from the author" if not number else "", style="bold")
        say(f"  {other.date}, {one_of(other.posts or 0, 'post')}: {other.text.splitlines()[0]}")
