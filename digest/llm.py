"""Asks a language model behind an OpenAI-compatible server, such as Ollama. It knows no threads and believes no answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from digest.errors import WebError

TIMEOUT = 60.0  # seconds; nobody's issue waits longer for a model
_LARGEST = 1_000_000  # characters of an answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where it listens (".../v1"), which model it shall use, and the key, "" where it wants none."""

    url: str
    model: str
    key: str = field(default="", repr=False)
    timeout: float = TIMEOUT


def ask(server: Server, messages: Sequence[dict[str, str]]) -> str:
    """The text of its answer to a chat. Raises WebError when there is none."""
    where = server.url
    body = {"model": server.model, "messages": list(messages), "temperature": 0.2, "stream": False}
    headers = {"Authorization": f"Bearer {server.key}"} if server.key else {}
    try:
        answer = httpx.post(f"{server.url}/chat/completions", json=body, headers=headers, timeout=server.timeout)
    except httpx.HTTPError as trouble:
        raise WebError(f"the model did not answer ({type(trouble).__name__})", where=where, temporary=True) from trouble
    if answer.status_code != httpx.codes.OK:
        what = f"the model's server says {answer.status_code}"
        raise WebError(what, where=where, then="Check LLM_URL, LLM_MODEL and LLM_API_KEY.", status=answer.status_code)
    return _content(answer, where=where)


def _content(answer: httpx.Response, *, where: str) -> str:
    try:
        found: Any = answer.json()
        text = found["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError, RecursionError) as wrong:
        raise WebError("the model's server speaks another language than OpenAI's", where=where) from wrong
    if not isinstance(text, str) or len(text) > _LARGEST:
        raise WebError("the model gave no text that could be a summary", where=where)
    return text
