"""The studio: an editor looks at drafts as readers will see them, on this machine alone. It decides nothing by itself, and
what needs settings, a mail server or a clock is handed in."""

from digest.web.studio.app import studio
from digest.web.studio.handed import Handed, Watched
from digest.web.studio.live import Live

__all__ = ["Handed", "Live", "Watched", "studio"]
