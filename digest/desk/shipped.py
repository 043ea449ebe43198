"""Where the templates are that come along. It reads none of them."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path


def shipped() -> Path:
    """The templates that come along: beside the package in a checkout, inside it once installed."""
    checkout = Path(__file__).parents[2]
    if (checkout / "pyproject.toml").exists():
        return checkout / "templates"
    return Path(str(files("digest") / "templates"))
