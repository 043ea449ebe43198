"""The public web: sign up, confirm, leave, choose, and the archive. Plain HTML, no cookie, no script, no third party.

A GET or HEAD never changes anything. What a page is asked to do goes as an `Asked` to the one story that answers mail, too.
"""

from digest.web.public.app import app
from digest.web.public.pieces import Public

__all__ = ["Public", "app"]
