"""What `digest serve` says while it runs: one line an event on stderr, as key=value or as JSON. Never an address.

A word that came from outside (a server's answer, a subject) cannot begin a line of its own or colour the terminal: its
control characters are escaped.
"""

from __future__ import annotations

import logging
import sys
import unicodedata
from collections.abc import MutableMapping
from typing import Any, Literal

import structlog

Log = structlog.typing.FilteringBoundLogger


def begin(form: Literal["logfmt", "json"]) -> Log:
    """The log from now on, with what uvicorn and APScheduler have to say in it."""
    logfmt = structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], bool_as_flag=False)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _harmless,
            logfmt if form == "logfmt" else structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    log: Log = structlog.get_logger()
    logging.basicConfig(handlers=[_Others(log)], level=logging.WARNING, force=True)
    return log


def _harmless(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: _escaped(value) if isinstance(value, str) else value for key, value in event.items()}


def _escaped(text: str) -> str:
    """Control and direction characters, and all that break a line, as Python would write them."""
    return "".join(c if unicodedata.category(c) not in _WILD else repr(c)[1:-1] for c in text)


_WILD = {"Cc", "Cf", "Cs", "Zl", "Zp"}


class _Others(logging.Handler):
    """The standard library's log, as lines of ours."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._log.log(record.levelno, record.getMessage(), part=record.name, exc_info=record.exc_info)
        except Exception:  # like the standard library's own handlers: a line that cannot be written stops nobody's work
            self.handleError(record)
