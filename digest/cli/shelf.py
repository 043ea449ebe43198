"""Commands around the shelf: what lies there, what is next."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest import drafting, publishing, shelving
from digest.cli.house import House, now
from digest.cli.terminal import hanging, marked, note, one_of, out, print_json, say, table
from digest.desk import shortlist
from digest.model import Original, Shelved, Standing, Summary, Thread

if TYPE_CHECKING:
    from digest.desk import picker
    from digest.spine import Spine
    from digest.store import Store
    from digest.store.spines import Spines

Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
ThreadArg = Annotated[str, typer.Argument(metavar="THREAD", help="A number on the shelf, a file, a web address, or -.")]


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Examples: `digest threads`, `digest threads --search 'sourdough ada'`")(threads)
    app.command("summary", epilog="Example: `digest summary page.txt --json`")(summary_)
    app.command(epilog="Example: `digest pick --explain`")(pick)


def read_thread(house: House, ref: str) -> Shelved:
    """A THREAD: a number on the shelf, or a REF that is read where it lies (and not kept)."""
    from digest import sources

    if ref.isdecimal() and not Path(ref).exists():
        return shelving.find(ref, store=house.kept)
    raw = sources.fetch(ref, stdin=sys.stdin.buffer, web=house.lookout.web)
    house.gallery.lay_out(beside=raw.beside, offline=not raw.address)
    return drafting.unshelved(sources.read(raw), now=now())


# ── look ──────────────────────────────────────────────────────────────────────────────────────────


def _closed(one: Spine | Shelved) -> Spine:
    if not isinstance(one, Shelved):
        return one
    from digest.binding import spine

    return spine(one)


def described(one: Spine | Shelved) -> dict[str, object]:
    one = _closed(one)
    return {
        "id": one.id,
        "title": one.title,
        "author": {"name": one.author.name, "handle": one.author.handle},
        "posts": one.girth.posts,
        "related": one.related,
        "warnings": list(one.warnings),
    }


def traced(original: Original) -> dict[str, object]:
    """Where a thread came from, and what came of looking there again."""
    return {
        "from": original.ref,
        "address": original.address,
        "read_at": original.read_at and original.read_at.isoformat(),
        "looked_at": original.looked_at and original.looked_at.isoformat(),
        "sight": original.sight,
        "said": original.said,
        "kept_bytes": original.size,
    }


def threads(
    ctx: typer.Context,
    search: Annotated[
        str, typer.Option(metavar="WORDS", help="Only threads in whose title, author or posts these words stand.")
    ] = "",
    limit: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="At most so many. Default: a screenful or two on a terminal, else all."),
    ] = None,
    json: Json = False,
) -> None:
    """The shelf: what lies there, and where it stands.

    A search finds each word from its beginning, without case and accents: "cafe" finds "Cafés". The best come first.
    """
    spines: Spines = ctx.obj.kept.spines
    if search:
        hits = spines.search(search, at_most=limit or (_FEW if out.is_terminal and not json else _RANKED))
        found, count = hits.best, hits.count
    else:
        found = spines.all(newest=limit or (_SCREENFUL if out.is_terminal and not json else None))
        count = spines.count() if found else 0
    if json:
        origins = ctx.obj.store.originals.all() if found else {}
        print_json([_listed(one, origins.get(one.id, Original())) for one in found])
    elif not found and search:
        note(f"No thread on the shelf holds “{search}”.")
    elif not found:
        then = "Save a thread's page and `digest import` it; `digest demo` shows how it looks."
        note(f"The shelf is empty. {then}")
    else:
        (_print_hits if search else _print_shelf)(found, ctx.obj.store, search)
        if len(found) < count:
            which = "best" if search else "newest"
            note(f"The {which} {len(found):,} of {count:,}. --limit {count} shows all.")


_SCREENFUL, _FEW, _RANKED = 100, 20, 1_000


def _print_shelf(found: Sequence[Spine], _store: Store, _search: str) -> None:
    rows = [
        (one.id, one.title, one.author.handle or one.author.name, one.girth.posts, one.date, _state(one))
        for one in found
    ]
    table(["id", "title", "author", "posts", "date", "state"], rows, right=["id", "posts"], give="title")
    unfit = {one.id: unpicked(one).partition(":")[0] for one in found if unpicked(one)}
    if unfit:
        kinds = ", ".join(f"“{kind}”" for kind in dict.fromkeys(unfit.values()))
        then = f"`digest pick --explain` says more, `digest pin {max(unfit)}` lets it go."
        note(f"{kinds}: not picked by itself; {then}")


def _state(one: Spine) -> str:
    state = unpicked(one).partition(":")[0] or one.standing
    return f"{state}, deleted" if one.gone else state


def unpicked(one: Spine | Shelved) -> str:
    """Why a thread that waits will not be picked by itself, as `digest pick --explain` says it; "" for one that may be."""
    return shortlist.unfit(_closed(one)) if one.standing is Standing.WAITING else ""


def _listed(one: Spine, original: Original) -> dict[str, object]:
    told = {"state": one.standing, "unfit": unpicked(one), "deleted": one.gone, "date": one.date}
    return described(one) | told | {"original": traced(original)}


def _print_hits(found: Sequence[Spine], store: Store, search: str) -> None:
    from digest.desk.snippets import snippet

    opened = {one.id: one.thread for one in store.spines.take([one.id for one in found])}
    for one in found:
        facts = (one.author.handle or one.author.name, one_of(one.girth.posts, "post"), one.date, _state(one))
        say(f"{one.id:>4}  {one.title}", style="bold")
        say(f"      {' · '.join(fact for fact in facts if fact)}", style="dim")
        line = snippet(opened[one.id], search) if one.id in opened else None
        if line:
            marked(line.text, line.marks, indent=6)


def dated(thread: Thread) -> str:
    return f"{thread.created_at:%Y-%m-%d}" if thread.created_at else thread.date


# ── the summary and the pick ──────────────────────────────────────────────────────────────────────


def summary_(
    ctx: typer.Context,
    thread: ThreadArg,
    words: Annotated[int | None, typer.Option("--words", min=10, help="An extract of at most so many words.")] = None,
    json: Json = False,
) -> None:
    """The summary, each sentence with the posts that it stands in."""
    from digest.desk import summary

    found = read_thread(ctx.obj, thread)
    short, called = drafting.name(found)
    if words:
        short = Summary(kind="extract", points=summary.extract(found.thread, limit=words))
    points = short.points or summary.extract(found.thread)  # who asks for one gets one, though the letter has none
    if json:
        sentences = [{"text": point.text, "posts": list(point.posts)} for point in points]
        print_json({"title": called.title, "kind": short.kind, "sentences": sentences})
        return
    say(called.title, style="bold")
    say(_kind(short), style="dim")
    for point in points:
        say()
        hanging("  ·", f"{point.text} [{', '.join(map(str, point.posts))}]")


def _kind(short: Summary) -> str:
    return {
        "author": "In the author's own words",
        "extract": "Extracted: sentences of the thread, unchanged",
        "model": "By a language model, checked against the posts",
        "none": "Short enough to be read whole: the letter will have no summary",
    }[short.kind]


def pick(
    ctx: typer.Context,
    explain: Annotated[bool, typer.Option("--explain", help="Say why, with the runners-up.")] = False,
    json: Json = False,
) -> None:
    """Which thread is next."""
    from digest.desk import picker

    house: House = ctx.obj
    choice = publishing.choose(house.kept, now=now(), weights=house.weights())
    if choice.best and (json or explain):
        choice = publishing.explained(choice, store=house.store)
    if json:
        print_json(_choice(choice))
        return
    if choice.best is None:
        then = "`digest pin 3` lets thread 3 go all the same" if explain else "`digest pick --explain` says why"
        note(f"Nothing on the shelf can go out by itself. {then}; `digest import` brings more.")
    else:
        best = choice.best.shelved
        say(f"{best.id:>4}  {best.title}", style="bold")
        say(f"      {picker.reason(choice)}")
    if explain:
        _explain(choice)


def _choice(choice: picker.Pick) -> dict[str, object]:
    from digest.desk import picker

    def scored(candidate: picker.Scored) -> dict[str, object]:
        return described(candidate.shelved) | {
            "score": round(candidate.score, 4),
            "parts": {part.name: round(part.value, 4) for part in candidate.parts},
        }

    return {
        "best": scored(choice.best) if choice.best else None,
        "reason": picker.reason(choice) if choice.best else "",
        "runners_up": [scored(candidate) for candidate in choice.runners_up],
        "filtered": [{"id": out_.id, "reason": out_.reason} for out_ in choice.filtered],
    }


def _explain(choice: picker.Pick) -> None:
    for candidate in ([choice.best] if choice.best else []) + list(choice.runners_up):
        say(f"\n{candidate.shelved.id:>4}  {candidate.shelved.title}  {candidate.score:.2f}", style="bold")
        for part in candidate.parts:
            bar = "█" * round(part.value * 20)
            say(f"      {part.name:<11} {bar:<20} {part.value:.2f} × {part.weight:.2f}")
    _put_aside(choice.filtered)


def _put_aside(filtered: Sequence[picker.Filtered]) -> None:
    """Each by itself on a small shelf; on a large one how many for each reason, and the first of them."""
    if len(filtered) <= _FEW:
        for one in filtered:
            say(f"{one.id:>4}  not now: {one.reason}", style="dim")
        return
    by_reason: dict[str, list[int]] = {}
    for one in filtered:
        by_reason.setdefault(one.reason.partition(":")[0], []).append(one.id)
    say("\nNot now:", style="bold")
    for reason, ids in sorted(by_reason.items(), key=lambda item: -len(item[1])):
        first = ", ".join(map(str, ids[:5]))
        say(f"{len(ids):>7,}  {reason} ({first}{', …' if len(ids) > 5 else ''})")
