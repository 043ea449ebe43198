"""The steps from one shape of the store to the next. `HEAD` is the newest; a step that has shipped is never edited."""

from __future__ import annotations

HEAD = "0003"
