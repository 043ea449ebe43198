"""How often somebody may do something. Kept in memory, by hashes: a restart forgets, and no address is held."""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import datetime, timedelta
from hashlib import sha256

_MOST = 20_000  # callers remembered; who came longest ago is forgotten first


class Limit:
    """At most `most` times in `span`, for each caller."""

    def __init__(self, most: int, *, span: timedelta) -> None:
        self._most, self._span = most, span
        self._times: OrderedDict[bytes, deque[datetime]] = OrderedDict()

    def allows(self, who: str, *, now: datetime) -> bool:
        """Whether once more is within the limit; then it is counted."""
        key = sha256(who.encode("utf-8", "surrogatepass")).digest()[:16]
        times = self._times.setdefault(key, deque())
        self._times.move_to_end(key)
        while len(self._times) > _MOST:
            self._times.popitem(last=False)
        while times and now - times[0] >= self._span:
            times.popleft()
        if len(times) >= self._most:
            return False
        times.append(now)
        return True
