"""The ways out to the web, one for each errand: somebody waits, nobody does, or it is only a picture. Nothing else is here."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from digest import __version__

if TYPE_CHECKING:
    from digest.following import Watch
    from digest.model import Shelved
    from digest.publishing import Look
    from digest.refreshing import Eyes, Seen
    from digest.settings import Settings
    from digest.sources.web import Web
    from digest.store import Store

_LOOK = timedelta(seconds=20)  # for one answer; nobody waits for it, and it shall not keep the program from ending


class Lookout:
    """Sees what the world has: threads, pictures, who is followed, whether an original still stands."""

    def __init__(self, settings: Settings, *, store: Callable[[], Store]) -> None:
        self._settings = settings
        self._store = store

    @cached_property
    def web(self) -> Web:
        """The way to the web for somebody who waits."""
        from digest.sources.web import Web

        return Web(user_agent=self._user_agent())

    @cached_property
    def pictures(self) -> Web:
        """The way to pictures for all but the looks at who is followed, which happen beside all else."""
        return self._pictures()

    @cached_property
    def watch(self) -> Watch:
        """What looking at who is followed needs, with a way to the web of its own: one that does not wait, since what is
        refused now is asked for at the next look."""
        from digest.following import Watch
        from digest.sources.web import Web

        s = self._settings
        return Watch(
            store=self._store(),
            web=Web(user_agent=self._user_agent(), deadline=_LOOK, patience=timedelta()),
            pictures=self._pictures() if s.digest_images != "link" else None,
            rng=random.random,
            every=s.digest_follow_every,
            quiet=s.digest_follow_quiet,
        )

    def eyes(self, *, web: Web, only_look: bool = False) -> Eyes:
        """For looking at originals again."""
        from digest.refreshing import Eyes

        return Eyes(store=self._store(), web=web, deleted=self._settings.digest_deleted, only_look=only_look)

    def look(self, heard: Callable[[Seen], None], *, now: datetime, only_look: bool = False) -> Look:
        """Looks at what is to go out, if there is anything to look at and nobody did a moment ago; `heard` gets what came of
        it. With a way to the web of its own, since that happens beside all else, and within a few seconds."""
        from digest import refreshing
        from digest.sources.web import Web

        def look(shelved: Shelved) -> Shelved | None:
            if not refreshing.is_due(shelved, store=self._store(), now=now):
                return shelved
            with closing(Web(user_agent=self._user_agent())) as web, web.within(refreshing.BUDGET):
                seen = refreshing.refresh(shelved, eyes=self.eyes(web=web, only_look=only_look), now=now)
            heard(seen)
            return None if seen.barred else seen.shelved

        return look

    def close(self) -> None:
        for way in ("web", "pictures"):
            if way in self.__dict__:
                getattr(self, way).close()
        if "watch" in self.__dict__:
            self.watch.web.close()
            if self.watch.pictures:
                self.watch.pictures.close()

    def _user_agent(self) -> str:
        """A name that a server's owner can look up."""
        from digest.sources.web import USER_AGENT

        home = self._settings.digest_base_url
        return f"{USER_AGENT}/{__version__}" + (f" (+{home})" if home else "")

    def _pictures(self) -> Web:
        """Less patient: a page without one is no misfortune."""
        from digest.sources import pictures
        from digest.sources.web import Web

        return Web(
            user_agent=self._user_agent(),
            deadline=pictures.DEADLINE,
            patience=pictures.PATIENCE,
            max_bytes=pictures.MAX_BYTES,
        )
