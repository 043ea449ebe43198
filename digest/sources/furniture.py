"""The lines that Thread Reader (and its rivals) print around a thread, 2018 to 2026, and what each of them is.

It says what a line is; it decides nothing about the page.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?"
_DATE = rf"(?:{_MONTH} \d{{1,2}}|\d{{1,2}} {_MONTH})(?:,? \d{{4}})?"
_LONGEST = 400  # No line of furniture is longer, but for leaked attributes.

DAY = re.compile(rf"({_DATE})\s*•?", re.IGNORECASE)
COUNTS = re.compile(
    rf"(?:(?P<date>{_DATE})\s*)?[,•]?\s*(?P<count>\d{{1,4}}) (?:tweets?|posts?)\b\s*[,•]?\s*"
    r"(?P<minutes>\d+ min read)?\s*[,•]?\s*(?:Read on (?:Twitter|X))?\s*•?",
    re.IGNORECASE,
)
READ_MORE = re.compile(r"Read (\d{1,4}) (?:tweets?|posts?)", re.IGNORECASE)
HANDLE = re.compile(r"(@\w{1,30})")
MORE_FROM = re.compile(r"More from (@\w{1,30})", re.IGNORECASE)
KEEP_CURRENT = re.compile(r"Keep Current with\s*(.{0,80})", re.IGNORECASE)
PICTURE_OF = re.compile(r"(.{0,80}?)\s*Profile picture", re.IGNORECASE)
THREAD_BY = re.compile(r"Thread by (@\w{1,30})(?: on Thread Reader App|:).{0,300}", re.IGNORECASE)
YOU_CAN_FOLLOW = re.compile(r"You can follow (@\w{1,30})\.?", re.IGNORECASE)
SHOW_TWEET = "thread#showTweet"

_KINDS = {
    # above a thread
    "share buttons": r"Share this page!?|×|Post|Tweet|Share|Email",
    "unroll form": r"Enter URL or ID to Unroll|Unroll Thread|You can paste full URL like:.*|or just the ID like:.*"
    r"|How to get URL link on .*|On the Twitter thread, click on .*|Click again on .*|Click on Copy Link.*"
    r"|Paste it above and click .*|More info at Twitter Help",
    "site name": r"Thread Reader(?: App)?|Thread by .{1,60} on Thread Reader App.*|Thread by @\w{1,30}: .*"
    r"|Source: https?://\S+|\+? ?Your Authors",
    "views": r"[\d.,]+[KM]? views",
    "page buttons": r"Read on (?:Twitter|X)|Scrolly|Bookmark|Gift Link|Save as PDF|My Authors|Subscribe|Keep scrolling",
    "author box": r".{0,80}Profile picture",
    # after its last post
    "end mark": r"[•·](?:\s*[•·]){2,}",
    "refresh notice": r"Missing some Tweets? in this thread\?.*|(?:You can try to )?force a refresh|You can try to",
    "follow box": r"Keep Current with.{0,80}|Stay in touch and get notified when .*|Add to \"My Authors\""
    r"|Read all threads|You can follow @\w+\.?",
    "removal notice": r"This Thread may be Removed Anytime!?|(?:Twitter|X) may remove this content at anytime!.*",
    "PDF offer": r"PDF|Save this thread as PDF",
    "how-to": r"Try unrolling a thread yourself!?|how to unroll video"
    r"|(?:\d[.)]\s*)?Follow (?:@ThreadReaderApp|Thread Reader App) .*mention us.*"
    r"|(?:\d[.)]\s*)?(?:From|Go to) a Twitter thread.*|(?:You can )?[Pp]ractice here first.*"
    r"|Tip: mention @\w+ .*",
    "unroll request": r"@threadreaderapp (?:please )?unroll.{0,20}",
    "more threads": r"More from @\w{1,30}|Latest Threads Unrolled:?|Read \d{1,4} (?:tweets?|posts?)",
    "donation box": r"Did Thread Reader help you today\?|Support us!.*|This site is made by just .*|Become (?:a )?Premium.*"
    r"|Don't want to be a Premium member.*|Make a small donation.*|Donate via Paypal.*|Or Donate anonymously.*"
    r"|Ethereum|Bitcoin|(?:0x[0-9a-f]{40}|[13][1-9a-z]{25,34})(?: copy)?|copy|Thank you for your support!"
    r"|Follow Us(?: on Twitter)?!",
    "mail form": r"Send Email!|Email the whole thread .*|Separate emails with commas|Message|email this"
    r"|Here's a great thread you should read .*|Email Successfully Sent!",
    "site menu": r"(?:(?:Help|About|TOS|Privacy)[\s|]*)+",
    "scrolly notice": r"Share this Scrolly Tale .*|A Scrolly Tale is .*",
    # anywhere
    "advertisement": r"Influencer marketing courses",
    "leaked markup": r"(?!thread#)[a-z-]+#\w+\".*|data-[a-z]+=\".*",
    "blank pictures": r"!?\[?.{0,80}(?:/1px\.png|sticky-note-regular\.png)\)?.{0,120}",
}
_NAMES = tuple(_KINDS)
_FURNITURE = re.compile("|".join(f"({pattern})" for pattern in _KINDS.values()), re.IGNORECASE)

ABOVE = frozenset(_NAMES[: _NAMES.index("end mark")]) | {"leaked markup", "blank pictures"}
ANYWHERE = frozenset({"advertisement", "leaked markup", "blank pictures"})
# What ends a thread for sure. A post may well be the one word "PDF", or ask to be unrolled.
ENDS = frozenset(
    ("end mark", "refresh notice", "follow box", "removal notice", "how-to", "more threads", "donation box")
) | {"scrolly notice"}
SURE = (ENDS - {"end mark"}) | {"unroll form"}


def kind(line: str) -> str:
    """What piece of furniture `line` is; "" when it is none. `line` is stripped."""
    found = _FURNITURE.fullmatch(line) if len(line) <= _LONGEST or "#" in line[:40] else None
    return _NAMES[(found.lastindex or 1) - 1] if found else ""


def counts(line: str) -> re.Match[str] | None:
    """The line that says how many posts there are ("Feb 5, 2023 9 tweets 5 min read Read on X")."""
    found = COUNTS.fullmatch(line) if len(line) <= _LONGEST else None
    return found if found and (found["date"] or found["minutes"]) else None


def instant(wording: str) -> datetime | None:
    """The instant of a date with a year ("Mar 9, 2018", "14 Feb 2021", ISO 8601), UTC midnight where no hour is given."""
    numbers = [int(number) for number in re.findall(r"\d+", wording)]
    month = re.search(r"[a-z]{3}", wording, re.IGNORECASE)
    try:
        if month is None:
            return _aware(datetime.fromisoformat(wording))
        day, year = numbers
        return datetime(year, _MONTHS.index(month[0].lower()) + 1, day, tzinfo=UTC)
    except ValueError:
        return None


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
