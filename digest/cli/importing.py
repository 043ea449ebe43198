"""The command `import`: everything that REFs hold, onto the shelf, with a word on each; it goes on past what fails."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TYPE_CHECKING, Annotated

import typer

from digest import shelving
from digest.cli.house import House, now
from digest.cli.shelf import Json, described, unpicked
from digest.cli.terminal import complain, err, hanging, note, one_of, print_json, say, table
from digest.errors import DigestError, NotAThread, UsageError
from digest.illustrating import Illustrated
from digest.model import Thread
from digest.text import one_line, shorten

if TYPE_CHECKING:
    from digest import sources
    from digest.store.library import Arrival


def add_to(app: typer.Typer) -> None:
    app.command(
        "import",
        epilog="Examples: `digest import page.html`, `digest import https://example.social/@ada/1 archive.zip`",
    )(import_)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What the person asked for."""

    title: str
    everything: bool
    only: tuple[str, ...]
    at_least: int
    even_worse: bool
    offline: bool


@dataclass(slots=True, kw_only=True)
class _Account:
    """What became of it all, for the report and the exit code."""

    quiet: bool
    arrivals: list[Arrival] = field(default_factory=list)
    pictures: dict[int, Illustrated] = field(default_factory=dict)
    offered: list[tuple[str, Thread]] = field(default_factory=list)
    failed: int = 0

    def fail(self, error: DigestError) -> None:
        self.failed += 1
        complain(str(error))


def import_(
    ctx: typer.Context,
    refs: Annotated[
        list[str],
        typer.Argument(metavar="REF...", help="Files, folders, ZIP or tar files, web addresses; - for standard input."),
    ],
    title: Annotated[
        str, typer.Option(help="The headline, when you know a better one than the thread's own words.")
    ] = "",
    all_: Annotated[bool, typer.Option("--all", help="Every thread of an archive or a feed.")] = False,
    only: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Just this thread of an archive or a feed; may be repeated.")
    ] = None,
    at_least: Annotated[int, typer.Option(metavar="N", min=1, help="Only threads of at least so many posts.")] = 1,
    even_worse: Annotated[
        bool, typer.Option("--even-worse", help="Take a copy that holds less than the one on the shelf, too.")
    ] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="Fetch no pictures; they are asked for before a send.")
    ] = False,
    json: Json = False,
) -> None:
    """Put threads on the shelf.

    From the web: a Mastodon post of any server, a Bluesky post, a Thread Reader page, a feed, an article.

    From files: saved pages (Thread Reader and others), X archives and saved answers of X, Mastodon archives, Markdown,
    plain text. A folder or an archive of files gives all that it holds. Where one file holds several threads (an
    archive, a feed), they are listed for you to choose from.
    """
    if title and len(refs) > 1:
        raise UsageError("--title is for one thread, and these are several", then="Import it alone.")
    wish = _Wish(
        title=title.strip(),
        everything=all_,
        only=tuple(only or ()),
        at_least=at_least,
        even_worse=even_worse,
        offline=offline,
    )
    account = _Account(quiet=json)
    with _progress() as shown:
        for ref in refs:
            try:
                _import_all(ref, wish, account, house=ctx.obj, shown=shown)
            except DigestError as error:
                account.fail(error)
    _tell(account, json=json)
    if account.failed or account.offered:
        raise typer.Exit(1)


class _Shown:
    """A line on the terminal that says what is being read, where there is somebody to see it."""

    def __init__(self, status: object = None) -> None:
        self._status = status
        self._count = 0

    def __call__(self, ref: str) -> None:
        self._count += 1
        if self._status is not None:
            self._status.update(f"{self._count:>5}  {shorten(one_line(ref), 60)}")  # type: ignore[attr-defined]


@contextmanager
def _progress() -> Iterator[_Shown]:
    if not err.is_terminal:
        yield _Shown()
        return
    with err.status("") as status:
        yield _Shown(status)


def _import_all(ref: str, wish: _Wish, account: _Account, *, house: House, shown: _Shown) -> None:
    from digest import sources

    shown(ref)
    found = sources.gather(ref, stdin=sys.stdin.buffer, web=house.lookout.web)
    first = list(islice(found, 2))
    if not first:
        raise NotAThread("nothing in it can be read as a thread", where=ref, then="See `digest import --help`.")
    for raw in chain(first, found):
        if isinstance(raw, DigestError):
            account.fail(raw)
            continue
        shown(raw.ref)
        try:
            _import_raw(raw, wish, account, house=house, alone=len(first) == 1)
        except DigestError as error:
            account.fail(error)


def _import_raw(raw: sources.Raw, wish: _Wish, account: _Account, *, house: House, alone: bool) -> None:
    """One file or answer. Of several threads in what was named alone, somebody has to choose."""
    from digest import sources

    bundle = sources.split(raw)
    several = len(bundle.raws) > 1
    raws = _chosen(bundle.raws, wish, ref=raw.ref) if several or wish.only else list(bundle.raws)
    if several and alone and not (wish.everything or wish.only):
        _offer(raw.ref, bundle, raws, account)
        return
    if len(raws) > 1 and wish.title:
        raise UsageError("--title is for one thread, and it holds several", where=raw.ref, then="Add --only ID.")
    for part in raws:
        try:
            _keep(part, wish, account, house=house)
        except DigestError as error:
            account.fail(error)
    if several and not account.quiet and bundle.left_out:
        note(f"{raw.ref}: left out {', '.join(bundle.left_out)}")


def _chosen(raws: Sequence[sources.Raw], wish: _Wish, *, ref: str) -> list[sources.Raw]:
    from digest import sources

    if not wish.only and wish.at_least == 1:
        return list(raws)
    read = [(raw, sources.read(raw)) for raw in raws]
    missing = [id_ for id_ in wish.only if not any(_is(thread, id_) for _, thread in read)]
    if missing:
        then = "Import it without --only to see what it holds."
        raise UsageError(f"it holds no thread {', '.join(missing)}", where=ref, then=then)
    return [
        raw
        for raw, thread in read
        if len(thread.posts) >= wish.at_least and (not wish.only or any(_is(thread, id_) for id_ in wish.only))
    ]


def _keep(raw: sources.Raw, wish: _Wish, account: _Account, *, house: House) -> None:
    arrival = shelving.bring_in(raw, store=house.store, now=now(), title=wish.title, even_worse=wish.even_worse)
    account.arrivals.append(arrival)
    pictures = house.gallery.collect(arrival.shelved, beside=raw.beside, offline=wish.offline, again=True)
    account.pictures[arrival.shelved.id] = pictures
    if not account.quiet:
        _report(arrival, pictures)


# ── what is said ──────────────────────────────────────────────────────────────────────────────────


def _short(thread: Thread) -> str:
    """What a person types to choose a thread: the last part of its id."""
    id_ = thread.key.partition(":")[2]
    return id_.rstrip("/").rpartition("/")[2] or id_


def _is(thread: Thread, id_: str) -> bool:
    return id_ in (thread.key, thread.key.partition(":")[2], _short(thread), thread.url)


def _offer(ref: str, bundle: sources.Bundle, raws: Sequence[sources.Raw], account: _Account) -> None:
    """The threads in it, for a person to choose from."""
    from digest import sources

    threads = [sources.read(raw) for raw in raws]
    account.offered += [(_short(thread), thread) for thread in threads]
    if account.quiet:
        return
    say(f"{ref}: {one_of(len(threads), 'thread')}", style="bold")
    rows = [(_short(thread), _day(thread), len(thread.posts), _called(thread)) for thread in threads]
    table(["id", "date", "posts", "begins"], rows, right=["posts"], give="begins")
    for left in bundle.left_out:
        note(f"Left out: {left}")
    note("Nothing was imported. Choose with --only ID (more than once if you like), or take all with --all.")


def _day(thread: Thread) -> str:
    return f"{thread.created_at:%Y-%m-%d}" if thread.created_at else thread.date


def _called(thread: Thread) -> str:
    return shorten(one_line(thread.title or thread.posts[0].text), 80)


def _arrived(arrival: Arrival, pictures: Illustrated | None) -> dict[str, object]:
    told = described(arrival.shelved)
    missing = _missing(pictures) if pictures else []
    said = [*arrival.shelved.thread.warnings, *missing, *_unpicked(arrival), *_declined(arrival)]
    return told | {"warnings": said}


def _missing(pictures: Illustrated) -> list[str]:
    """What the mail will have a link for instead of a picture."""
    if not pictures.missing:
        return []
    count, why = pictures.named - pictures.kept, "; ".join(pictures.missing)
    so = "links stand for them" if count > 1 else "a link stands for it"
    return [f"{one_of(count, 'picture')} could not be had, so {so}: {why}."]


def _offered(id_: str, thread: Thread) -> dict[str, object]:
    return {
        "id": None,
        "only": id_,
        "title": _called(thread),
        "author": {"name": thread.author.name, "handle": thread.author.handle},
        "posts": len(thread.posts),
        "related": len(thread.related),
        "warnings": list(thread.warnings),
    }


def _declined(arrival: Arrival) -> list[str]:
    return [f"Left as it was: {arrival.declined}. --even-worse takes it."] if arrival.declined else []


def _unpicked(arrival: Arrival) -> list[str]:
    why = unpicked(arrival.shelved)
    return [f"Not picked by itself ({why}); `digest pin {arrival.shelved.id}` lets it go."] if why else []


def _outcome(arrival: Arrival) -> str:
    return "kept" if arrival.declined else "refreshed" if arrival.refreshed else "new"


def _report(arrival: Arrival, pictures: Illustrated) -> None:
    thread = arrival.shelved.thread
    who = thread.author.name or thread.author.handle or "unknown author"
    counts = [one_of(len(thread.posts), "post")]
    counts += [one_of(pictures.kept, "picture")] if pictures.kept else []
    counts += [f"{len(thread.related)} related"] if thread.related else []
    hanging(f"{arrival.shelved.id:>4}", arrival.shelved.title, style="bold")
    hanging("    ", f"{who}, {', '.join(counts)} ({_outcome(arrival)})")
    for sentence in _declined(arrival):
        hanging("     !", sentence, style="yellow")
        return
    for sentence in arrival.changes:
        hanging("    ", sentence, style="green")
    if thread.dropped:
        hanging("    ", f"dropped: {', '.join(thread.dropped)}", style="dim")
    for warning in (*thread.warnings, *_missing(pictures), *_unpicked(arrival)):
        hanging("     !", warning, style="yellow")


def _tell(account: _Account, *, json: bool) -> None:
    if not json:
        return _conclude(account)
    arrived = [_arrived(arrival, account.pictures.get(arrival.shelved.id)) for arrival in account.arrivals]
    return print_json([*arrived, *(_offered(id_, thread) for id_, thread in account.offered)])


def _conclude(account: _Account) -> None:
    """One line under many: how many of each."""
    if len(account.arrivals) + account.failed < 2:
        return
    outcomes = [_outcome(arrival) for arrival in account.arrivals]
    counts = [f"{outcomes.count(name):,} {said}" for name, said in _SAID.items() if name in outcomes]
    counts += [f"{account.failed:,} failed"] if account.failed else []
    note(f"{', '.join(counts)}.")


_SAID = {"new": "new", "refreshed": "refreshed", "kept": "left as they were"}
