"""The story of the archive: what was sent becomes pages for everybody, one at a time or as a folder of files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from posixpath import relpath

from digest.desk.archive.catalogue import Catalogue, Writer
from digest.desk.archive.feed import feed as feed_of
from digest.desk.archive.leaf import leaf
from digest.desk.site import Link, Sheet, Site, Typesetter
from digest.model import BackIssue
from digest.store import folder
from digest.store.archive import Archive
from digest.store.pictures import Pictures


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """What archive pages are made with."""

    archive: Archive
    pictures: Pictures
    typesetter: Typesetter
    site: Site


def catalogue(press: Press) -> Catalogue:
    return Catalogue(press.archive.list())


# ── one page ──────────────────────────────────────────────────────────────────────────────────────


def index(press: Press, of: Catalogue, *, link: Link, stamp: str = "") -> Sheet:
    """The first page: what this is, the sign-up form, every issue, every author. `stamp`: see `web.public.signup`."""
    values = {"issues": of.issues, "writers": of.writers, "stamp": stamp}
    return press.typesetter.set("index", values, site=press.site, lang=press.site.lang, link=link)


def author(press: Press, writer: Writer, *, link: Link) -> Sheet:
    return press.typesetter.set("author", {"writer": writer}, site=press.site, lang=press.site.lang, link=link)


def issue(press: Press, of: Catalogue, shown: BackIssue, *, link: Link) -> Sheet | None:
    """The issue as it was sent, without its reader; None when it was withdrawn this moment."""
    page = press.archive.page(shown.number)
    if page is None:
        return None
    public = leaf(page, web=press.site.url(f"issues/{shown.number}") or link(f"issues/{shown.number}"), link=link)
    first = next((press.site.url(f"pictures/{one.picture.name}") for one in page.pictures), "")
    values = {
        "issue": shown,
        "leaf": replace(public, image=first),
        "origins": public.origins,
        "css": public.css,
        "before": of.before(shown),
        "after": of.after(shown),
        "writer": of.writer_of(shown),
    }
    return press.typesetter.set("issue", values, site=press.site, lang=shown.lang, link=link)


def feed(press: Press, of: Catalogue, *, link: Link) -> str:
    """The Atom feed. Its links are full addresses where the site has one."""
    full = press.site.url if press.site.base_url else link
    return feed_of(of.issues, site=press.site, page=press.archive.page, link=full)


# ── as files ──────────────────────────────────────────────────────────────────────────────────────


def write(press: Press, to: Path) -> folder.Written:
    """The whole archive into a folder: the same archive gives the same bytes, and works from any place, also from disk.

    Errors: see `folder.write`.
    """
    return folder.write(dict(files(press)), to)


def files(press: Press) -> Iterator[tuple[str, bytes]]:
    """(path, content) of every file of the archive, in order."""
    of = catalogue(press)
    yield "index.html", _bytes(index(press, of, link=_relative("", press.site)))
    yield "feed.xml", feed(press, of, link=_relative("feed.xml", press.site)).encode()
    for shown in of.issues:
        here = f"issues/{shown.number}"
        if page := issue(press, of, shown, link=_relative(here, press.site)):
            yield f"{here}/index.html", _bytes(page)
            yield from _pictures(press, shown)
    for writer in of.writers:
        here = f"authors/{writer.slug}"
        yield f"{here}/index.html", _bytes(author(press, writer, link=_relative(here, press.site)))
    if of.newest:
        values = {"issue": of.newest, "nowhere": True}
        lang, link = press.site.lang, _relative("latest", press.site)
        yield "latest/index.html", _bytes(press.typesetter.set("turn", values, site=press.site, lang=lang, link=link))


def _pictures(press: Press, shown: BackIssue) -> Iterator[tuple[str, bytes]]:
    """Those that stand in an issue; two issues may show the same one."""
    page = press.archive.page(shown.number)
    for one in page.pictures if page else ():
        if found := press.pictures.data(one.picture.digest):
            yield f"pictures/{one.picture.name}", found[1]


def _bytes(page: Sheet) -> bytes:
    return page.html.encode()


def _relative(here: str, site: Site) -> Link:
    """Links between files: they name each file in full, for a disk has no server that adds "index.html". The form leads
    to the site itself, where somebody answers it."""
    base = "." if here.endswith(".xml") else here or "."

    def link(name: str) -> str:
        if name == "subscribe":
            return site.url(name)
        file = "." in name.rpartition("/")[2]
        return relpath(name if file else f"{name}/index.html".lstrip("/"), base)

    return link
