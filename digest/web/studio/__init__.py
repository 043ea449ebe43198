"""The studio: an editor looks at drafts as readers will see them, on this machine alone. It decides nothing by itself, and
what needs settings, a mail server or a clock is handed in. This much of it is there at once; `app` is the rest."""

from digest.web.studio.live import Live
from digest.web.studio.window import Behind, studio

__all__ = ["Behind", "Live", "studio"]
