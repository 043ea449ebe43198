"""Threads to try the program with, written for it: of different shapes, lengths and languages. Nobody in them exists."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable


def samples() -> tuple[Traversable, ...]:
    """The sample files in order; the first is the one that a demo shows."""
    kept = (file for file in files(__name__).iterdir() if file.name[:2].isdigit() and file.is_file())
    return tuple(sorted(kept, key=lambda file: file.name))
