"""The archive as files, for any web server or none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.house import House
from digest.cli.shelf import Json
from digest.cli.terminal import note, one_of, print_json, say
from digest.errors import SettingsError

if TYPE_CHECKING:
    from digest.archiving import Press


def add_to(app: typer.Typer) -> None:
    app.command(epilog="Example: `digest archive public`")(archive)


def archive(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the files go; what else lies there stays.")],
    form: Annotated[
        bool, typer.Option("--form", help="With a sign-up form, which `digest serve` answers at DIGEST_BASE_URL.")
    ] = False,
    json: Json = False,
) -> None:
    """Write the archive as static files: every sent issue, its authors, an index, a feed."""
    from digest import archiving

    house: House = ctx.obj
    made = press(house, form=form)
    if not made.site.archive:
        raise SettingsError("is off", where="DIGEST_ARCHIVE", then="Set it to unlisted or public.")
    if form and not made.site.base_url:
        raise SettingsError("is not set, so no form can lead there", where="DIGEST_BASE_URL", then="Leave --form out.")
    written = archiving.write(made, folder)
    if json:
        print_json(
            {"files": written.files, "changed": written.changed, "removed": written.removed, "left": written.left}
        )
        return
    say(f"{one_of(written.files, 'file')} in {folder}, {written.changed} of them new or changed.")
    if written.removed:
        say(f"{one_of(len(written.removed), 'old file')} removed.")
    for name in written.left:
        note(f"{name} is no longer in the archive, but somebody changed it here: left alone.")


def press(house: House, *, form: bool) -> Press:
    """What the archive is made with. `form` says that somebody answers the sign-up form."""
    from digest.archiving import Press
    from digest.desk.site import Site, Typesetter

    s = house.settings
    head = house.postroom.draft_letterhead()
    site = Site(
        name=s.digest_name,
        lang=s.digest_lang,
        domain=head.domain,
        base_url=s.digest_base_url,
        address=head.list_address if s.digest_from or s.digest_address else "",
        listed=s.digest_archive == "public",
        archive=s.digest_archive != "off",
        form=form,
    )
    typesetter = Typesetter(s.digest_templates, look=s.look)
    return Press(archive=house.kept.archive, pictures=house.store.pictures, typesetter=typesetter, site=site)
