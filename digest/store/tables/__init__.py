"""What the store remembers, as tables, by the part of the house that they serve. The migrations make them; nothing here
touches a database.

Every row belongs to a newsletter, by its own key or through its issue or subscriber. Instants are whole
milliseconds since 1970 in UTC: one form on both engines, small, and with no zone to be wrong about.
"""

from digest.store.tables.hours import proof, slot
from digest.store.tables.issues import delivery, issue, step
from digest.store.tables.letterbox import act, asking, note, quarantine
from digest.store.tables.newsletter import newsletter
from digest.store.tables.originals import origin, raw, revision
from digest.store.tables.people import bounce, erased, event, favourite, rating, subscriber
from digest.store.tables.pictures import illustration, picture
from digest.store.tables.shelf import blocked, follow, sighting, spine, thread, wording
from digest.store.tables.types import NEWSLETTER, Document, Id, Instant, metadata, milliseconds

__all__ = [
    "NEWSLETTER",
    "Document",
    "Id",
    "Instant",
    "act",
    "asking",
    "blocked",
    "bounce",
    "delivery",
    "erased",
    "event",
    "favourite",
    "follow",
    "illustration",
    "issue",
    "metadata",
    "milliseconds",
    "newsletter",
    "note",
    "origin",
    "picture",
    "proof",
    "quarantine",
    "rating",
    "raw",
    "revision",
    "sighting",
    "slot",
    "spine",
    "step",
    "subscriber",
    "thread",
    "wording",
]
