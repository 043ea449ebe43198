"""Amazon's notices of bounces and complaints, which come as JSON in a plain mail (SES by way of SNS), as values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from digest.mail.reading.opened import Part, text_of
from digest.mail.reading.reports import Failure

_RECIPIENTS = 200
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


def recipients(mail: Part) -> Iterator[Failure]:
    """Each recipient that a notice says a letter came back from."""
    bounce = _told(mail).get("bounce")
    if not isinstance(bounce, dict):
        return
    passing = bounce.get("bounceType") != "Permanent"
    for one in _each(bounce.get("bouncedRecipients")):
        status = _STATUS.fullmatch(_text(one, "status"))
        yield Failure(
            action="failed",
            status=status[0] if status else ("4.0.0" if passing else ""),
            said=_text(one, "diagnosticCode"),
            addresses=(_text(one, "emailAddress"),),
        )


def complained_of(mail: Part) -> list[str] | None:
    """The readers who complained; None when it is no complaint."""
    complaint = _told(mail).get("complaint")
    if not isinstance(complaint, dict) or complaint.get("complaintFeedbackType") == "not-spam":
        return None
    return [address for one in _each(complaint.get("complainedRecipients")) if (address := _text(one, "emailAddress"))]


def _told(mail: Part) -> dict[str, Any]:
    """What it says, and {} of other mail. The text behind the JSON is about leaving Amazon's own list; a road that
    cannot carry long lines breaks them anywhere, hence not strict."""
    if mail.parts or not (mail.get("x-amz-sns-message-id") or "amazon" in mail.get("from").lower()):
        return {}
    told = _json(text_of(mail))
    return (
        _json(message) if isinstance(message := told.get("Message"), str) else told
    )  # a notice may come in a wrapping


def _json(text: str) -> dict[str, Any]:
    try:
        found, _ = json.JSONDecoder(strict=False).raw_decode(text, max(text.find("{"), 0))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _each(values: object) -> list[dict[str, Any]]:
    return [one for one in values[:_RECIPIENTS] if isinstance(one, dict)] if isinstance(values, list) else []


def _text(values: dict[str, Any], name: str) -> str:
    value = values.get(name)
    return value[:4000] if isinstance(value, str) else ""
