"""The command `refresh`: looks at the originals of threads again, or reads again what was kept of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from digest import shelving
from digest.cli.house import House, now
from digest.cli.shelf import Json, described, traced
from digest.cli.terminal import err, hanging, note, one_of, print_json, say
from digest.errors import InputError
from digest.model import Original, Shelved, Sight, Standing
from digest.text import one_line, shorten

if TYPE_CHECKING:
    from digest.refreshing import Seen

_NEVER = datetime.min.replace(tzinfo=UTC)
_STYLES = {Sight.EDITED: "green", Sight.DELETED: "red", Sight.REFUSED: "red", Sight.LESS: "yellow"}
_SAID = {
    Sight.SAME: "unchanged",
    Sight.EDITED: "edited",
    Sight.LESS: "left as they were",
    Sight.DELETED: "deleted",
    Sight.REFUSED: "not wished any more",
    Sight.UNKNOWN: "not seen",
    Sight.NONE: "not from the web",
}


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Examples: `digest refresh`, `digest refresh 3 5`, `digest refresh --from-raw`")(refresh)


def refresh(
    ctx: typer.Context,
    threads: Annotated[
        list[str] | None, typer.Argument(metavar="THREAD", help="Numbers on the shelf; else all that were not sent.")
    ] = None,
    from_raw: Annotated[
        bool, typer.Option("--from-raw", help="Ask nobody: read again what was kept when they came.")
    ] = False,
    even_worse: Annotated[
        bool, typer.Option("--even-worse", help="Take what is there now even if it holds less.")
    ] = False,
    json: Json = False,
) -> None:
    """Look at the originals of threads again.

    What was edited is edited here too, with a note on what changed; how it read before is kept (`digest unroll --before`).
    What its author deleted is held back, or what else DIGEST_DELETED says. A server that does not answer changes nothing.
    """
    house: House = ctx.obj
    wanted = _wanted(house, threads or [], from_raw=from_raw)
    if not wanted:
        note("Nothing on the shelf was read from the web, so there is nothing to look at.")
    look = _reading(house, even_worse) if from_raw else _looking(house, even_worse)
    seen = _each(wanted, look)
    if json:
        print_json([_told(house, one) for one in seen])
    else:
        _report(seen, whole=bool(threads))
    if any(one.sight is Sight.UNKNOWN for one in seen):
        raise typer.Exit(1)


def _wanted(house: House, refs: Sequence[str], *, from_raw: bool) -> list[Shelved]:
    """Those that were named; else all that may still go out and can be looked at, who was looked at longest ago first."""
    if refs:
        return [shelving.find(ref, store=house.kept) for ref in refs]
    known = house.kept.originals.all()
    shelf = [one for one in house.store.library.shelf() if one.standing is not Standing.PUBLISHED and one.id in known]
    if from_raw:
        return [one for one in shelf if known[one.id].size]
    return sorted((one for one in shelf if known[one.id].address), key=lambda one: _last(known[one.id]))


def _last(original: Original) -> datetime:
    return max(original.looked_at or _NEVER, original.read_at or _NEVER)


def _looking(house: House, even_worse: bool) -> Callable[[Shelved], Seen]:
    from digest import refreshing

    eyes = house.lookout.eyes(web=house.lookout.web)

    def look(one: Shelved) -> Seen:
        seen = refreshing.refresh(one, eyes=eyes, now=now(), even_worse=even_worse)
        house.gallery.collect(seen.shelved, again=True)
        return seen

    return look


def _reading(house: House, even_worse: bool) -> Callable[[Shelved], Seen]:
    from digest import refreshing

    def read(one: Shelved) -> Seen:
        try:
            return refreshing.reread(one, store=house.store, now=now(), even_worse=even_worse)
        except InputError as trouble:
            return refreshing.Seen(shelved=one, sight=Sight.UNKNOWN, said=trouble.what)

    return read


def _each(wanted: Sequence[Shelved], look: Callable[[Shelved], Seen]) -> list[Seen]:
    """One after the other, with a line on the terminal that says which."""
    if not err.is_terminal:
        return [look(one) for one in wanted]
    with err.status("") as status:
        seen = []
        for count, one in enumerate(wanted, start=1):
            status.update(f"{count:>5} of {len(wanted):,}  {shorten(one_line(one.title), 50)}")
            seen.append(look(one))
        return seen


# ── what is said ──────────────────────────────────────────────────────────────────────────────────


def _told(house: House, seen: Seen) -> dict[str, object]:
    told = described(seen.shelved) | {"state": seen.shelved.standing, "sight": seen.sight, "said": seen.said}
    return told | {"changes": list(seen.changes), "original": traced(house.store.originals.get(seen.shelved.id))}


def _report(seen: Sequence[Seen], *, whole: bool) -> None:
    """Each thread with what came of it; of many, only those of which there is something to say."""
    for one in seen:
        if whole or one.sight is not Sight.SAME:
            say(f"{one.shelved.id:>4}  {one.shelved.title}", style="bold")
            for sentence in one.changes or [one.said]:
                hanging("    ", f"{sentence[:1].upper()}{sentence[1:]}", style=_STYLES.get(one.sight, "dim"))
            if one.barred:
                hanging("    ", f"Held back now; `digest release {one.shelved.id}` lets it go out all the same.")
    if len(seen) > 1:
        counts = Counter(one.sight for one in seen)
        said = [f"{counts[sight]:,} {word}" for sight, word in _SAID.items() if counts[sight]]
        note(f"{one_of(len(seen), 'thread')}: {', '.join(said)}.")
