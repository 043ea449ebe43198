"""The one way out to the web: GET for public pages and APIs, with the manners that a stranger's server may expect.

It connects to no address inside a private network, follows every redirect under the same rule, reads no more and
waits no longer than its limits, and never says a secret that an address holds. It reads no content.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from math import inf

import httpcore
import httpx

from digest.errors import InputError, WebError
from digest.sources.route import Blocked, Overdue, Route

USER_AGENT = "thread-digest"
MAX_BYTES = 20 * 1024 * 1024
DEADLINE = timedelta(seconds=60)  # for one page with all its redirects, however slowly it drips
PATIENCE = timedelta(seconds=30)  # how long we wait by ourselves when a server asks for a pause
_REDIRECTS = 5
_WORDS = 500  # bytes of a refusal that are kept, for who can read them
_TRIES = 3
_WAIT = {429, 503}
_SECRET = re.compile(r"([?&#][^=&#]*(?:token|key|secret|sig|auth|pass|code)[^=&#]*=)[^&#]*", re.IGNORECASE)
_SAVE = "Open it in a browser, save the page, and import the file."


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server answered: the last address after redirects, and the bytes. `unchanged` says 304: no bytes came.

    `etag` and `modified` are to be handed in at the next visit.
    """

    url: str
    data: bytes = field(default=b"", repr=False)
    kind: str = ""
    etag: str = ""
    modified: str = ""
    unchanged: bool = False


class Web:
    """Open connections, and what each server said about when to come back. One thread uses it at a time.

    `allow_private` opens the way to this machine and its network: for tests with a server of their own, for nobody else.
    """

    def __init__(
        self,
        *,
        user_agent: str = USER_AGENT,
        allow_private: bool = False,
        deadline: timedelta = DEADLINE,
        patience: timedelta = PATIENCE,
        max_bytes: int = MAX_BYTES,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._route = Route(allow_private=allow_private)
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False), network_backend=self._route, max_connections=4
        )
        self._headers = {"User-Agent": user_agent, "Accept-Encoding": "gzip, deflate"}
        self._deadline, self._patience, self._max_bytes = deadline, patience, max_bytes
        self._sleep, self._now = sleep, now
        self._closed_until: dict[str, datetime] = {}
        self._until = inf

    @contextmanager
    def within(self, budget: timedelta) -> Iterator[None]:
        """All visits of the block together get so much time; what is asked for after that fails at once."""
        before, self._until = self._until, min(self._until, time.monotonic() + budget.total_seconds())
        try:
            yield
        finally:
            self._until = before

    def _left(self) -> timedelta:
        """For the next page: its deadline, or what is left of the budget."""
        return min(self._deadline, timedelta(seconds=max(0.0, min(self._until - time.monotonic(), 1e6))))

    def close(self) -> None:
        self._pool.close()

    def get(self, url: str, *, accept: str = "*/*", etag: str = "", modified: str = "") -> Answer:
        """The page at `url`. With the `etag` or `modified` of an earlier answer it may come back `unchanged`.

        Raises WebError with the status for any answer but 200 and 304, and InputError for an address that is none.
        """
        validators = {"If-None-Match": etag, "If-Modified-Since": modified}
        headers = {"Accept": accept, **{name: value for name, value in validators.items() if value}}
        return self._ask(httpx.Request("GET", address(url), headers={**self._headers, **headers}))

    def _ask(self, request: httpx.Request) -> Answer:
        for _ in range(_TRIES):
            self._wait_for(request.url)
            response, data = self._follow(request)
            self._heed(request.url, response)
            if response.status_code not in _WAIT or request.url.host not in self._closed_until:
                break
        return _answered(response, data, again=self._closed_until.get(request.url.host))

    def _follow(self, request: httpx.Request) -> tuple[httpx.Response, bytes]:
        """The answer after at most five redirects, all within one deadline."""
        self._route.begin(self._left())
        for _ in range(_REDIRECTS + 1):
            response, data = self._exchange(request)
            if not response.has_redirect_location or response.status_code == 304:
                return response, data
            target = address(str(request.url.join(response.headers["location"])))
            kept = {name: value for name, value in request.headers.items() if name.lower() != "host"}
            kept.pop("content-length", None)
            request = httpx.Request("GET", target, headers=kept)
        raise WebError("it sends from one address to the next without end", where=shown(str(request.url)), then=_SAVE)

    def _exchange(self, request: httpx.Request) -> tuple[httpx.Response, bytes]:
        where = shown(str(request.url))
        try:
            return self._read(request)
        except Blocked as error:
            what = "it leads into a private network, and nothing is fetched from there"
            raise WebError(what, where=where, then="Save the page and import the file.") from error
        except (Overdue, httpcore.TimeoutException) as error:
            raise WebError("it did not answer in time", where=where, then="Try again later.", temporary=True) from error
        except _TooMuch as error:
            limit = f"{self._max_bytes // 2**20} MB" if self._max_bytes >= 2**20 else f"{self._max_bytes:,} bytes"
            raise WebError(f"it sends more than {limit}", where=where, then="Check the address.") from error
        except (httpcore.NetworkError, httpcore.ProtocolError, httpx.HTTPError, OSError) as error:
            reason = _reason(error)
            raise WebError(
                f"it cannot be reached ({reason})", where=where, then="Check the address, or try later.", temporary=True
            ) from error

    def _read(self, request: httpx.Request) -> tuple[httpx.Response, bytes]:
        url = httpcore.URL(
            scheme=request.url.raw_scheme, host=request.url.raw_host, port=request.url.port, target=request.url.raw_path
        )
        with self._pool.stream(request.method, url, headers=request.headers.raw) as answer:
            parts = _Parts(answer)
            response = httpx.Response(answer.status, headers=answer.headers, stream=parts, request=request)
            data = bytearray()
            for chunk in response.iter_bytes():
                data += chunk
                if len(data) > self._max_bytes or parts.taken > self._max_bytes:
                    raise _TooMuch
            return response, bytes(data)

    # ── when to come back ─────────────────────────────────────────────────────────────────────────

    def _wait_for(self, url: httpx.URL) -> None:
        """Wait as long as the server asked for, if that is not long; else say when to come back."""
        until = self._closed_until.pop(url.host, None)
        left = until - self._now() if until else timedelta()
        if left > min(self._patience, self._left()) and until:
            self._closed_until[url.host] = until
            raise WebError(
                "the server asks for a pause",
                where=url.host,
                then=f"Try again after {until:%H:%M} UTC.",
                temporary=True,
                status=429,
                again=until,
            )
        if left > timedelta():
            self._sleep(left.total_seconds())

    def _heed(self, url: httpx.URL, response: httpx.Response) -> None:
        """Note what the answer says about the next visit: Retry-After (RFC 9110, 10.2.3), or a limit that is used up."""
        until = self._retry_after(response) if response.status_code in _WAIT else None
        if until is None and response.headers.get("x-ratelimit-remaining", "").strip() == "0":
            until = self._moment(response.headers.get("x-ratelimit-reset", ""))
        if until and until > self._now():
            self._closed_until[url.host] = until

    def _retry_after(self, response: httpx.Response) -> datetime | None:
        said = response.headers.get("retry-after") or response.headers.get("x-ratelimit-reset", "")
        return self._moment(said)

    def _moment(self, said: str) -> datetime | None:
        """Seconds from now, an ISO 8601 instant (Mastodon), seconds since 1970 (others), or an HTTP date."""
        said = said.strip()
        try:
            if said.isdecimal():
                seconds = int(said)
                since_1970 = seconds > 1_000_000_000
                return datetime.fromtimestamp(seconds, UTC) if since_1970 else self._now() + timedelta(seconds=seconds)
            moment = datetime.fromisoformat(said) if said[:4].isdecimal() else parsedate_to_datetime(said)
            return moment.replace(tzinfo=moment.tzinfo or UTC)
        except (ValueError, OverflowError, OSError):
            return None


class _TooMuch(Exception):
    """More bytes than any page needs."""


class _Parts(httpx.SyncByteStream):
    """The body as it comes in, counted before it is unpacked."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer
        self.taken = 0

    def __iter__(self) -> Iterator[bytes]:
        for part in self._answer.iter_stream():
            self.taken += len(part)
            yield part


def address(url: str) -> httpx.URL:
    """`url` as one that may be visited. Raises InputError when it is not http(s), has no host, or holds a password."""
    try:
        parsed = httpx.URL(url.strip())
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise InputError("this is no web address", where=shown(url), then="Check it for typing errors.") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise InputError("only http and https addresses are fetched", where=shown(url), then="Check the address.")
    if parsed.userinfo:
        raise InputError("an address with a password in it is not fetched", where=shown(url), then=_SAVE)
    return parsed.copy_with(fragment=None)


def shown(url: str) -> str:
    """`url` as it may be said aloud: no name and password, and no value of what looks like a key."""
    bare = re.sub(r"(?<=//)[^/?#@]*@", "", url.strip())
    return _SECRET.sub(r"\1…", bare)[:300]


def _answered(response: httpx.Response, data: bytes, *, again: datetime | None) -> Answer:
    where = shown(str(response.request.url))
    if response.status_code == 304:
        return Answer(url=str(response.request.url), unchanged=True)
    if response.status_code != 200:
        what, then, temporary = _meaning(response.status_code)
        words = data[:_WORDS].decode("utf-8", "replace")
        raise WebError(
            what,
            where=where,
            then=then,
            temporary=temporary,
            status=response.status_code,
            again=again,
            words=words,
        )
    return Answer(
        url=str(response.request.url),
        data=data,
        kind=response.headers.get("content-type", "").partition(";")[0].strip().lower(),
        etag=response.headers.get("etag", ""),
        modified=response.headers.get("last-modified", ""),
    )


def _meaning(status: int) -> tuple[str, str, bool]:
    """What a status says to a person, what to do next, and whether trying later can help."""
    if status in (404, 410):
        return f"there is nothing there any more, or never was ({status})", "Check the address.", False
    if status in (401, 403):
        return f"the server shows this only to those who are logged in ({status})", _SAVE, False
    if status == 429:
        return "the server has had too many questions for now (429)", "Try again in an hour.", True
    if status >= 500:
        return f"the server is in trouble ({status})", "Try again later.", True
    return f"the server answered with {status}", _SAVE, False


def _reason(error: Exception) -> str:
    said = str(error) or type(error).__name__
    return said.splitlines()[0][:120]
