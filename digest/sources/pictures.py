"""Fetches the picture of a medium, from where its source says that it lies. What cannot be had is said, never replaced."""

from __future__ import annotations

from datetime import timedelta

from digest.sources.darkroom import Print, develop
from digest.sources.web import Web

MAX_BYTES = 12 * 1024 * 1024
DEADLINE = timedelta(seconds=20)  # for one picture; a page without it is no misfortune
PATIENCE = timedelta(seconds=3)
_ACCEPT = "image/jpeg, image/png, image/webp, image/gif;q=0.9, image/avif;q=0.8, image/*;q=0.1"


def fetch(url: str, *, web: Web) -> Print:
    """The picture at `url`. Raises WebError when it cannot be had, InputError when it is no picture that may be kept."""
    return develop(web.get(url, accept=_ACCEPT).data)
