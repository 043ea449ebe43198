"""A language model as the writer of summaries, by choice: asked once for a text, checked, and never waited for in vain."""

from __future__ import annotations

from hashlib import sha256

from digest import llm
from digest.cli.terminal import note
from digest.desk import written
from digest.drafting import Writer
from digest.errors import DigestError
from digest.llm import Server
from digest.model import Summary, Thread
from digest.store.library import Library
from digest.tongue import language

_TRIES = 2


def writer(server: Server, *, library: Library, lang: str) -> Writer:
    """What it wrote is kept with the thread, so that the proof, the issue and a second look say the same."""

    def write(thread: Thread) -> Summary | None:
        of = sha256(f"{server.model}\0{thread.text}".encode()).hexdigest()
        if known := library.written(thread.key, of=of):
            return known
        found = _asked(server, thread, lang=language.of(thread) or lang)
        if found:
            library.keep_written(thread.key, found, of=of)
        return found

    return write


def _asked(server: Server, thread: Thread, *, lang: str) -> Summary | None:
    """An answer that may stand; None after two that may not, or when nobody answers: then the extract goes out."""
    why = ""
    for _ in range(_TRIES):
        try:
            return written.read(llm.ask(server, written.prompt(thread, lang=lang)), thread=thread, lang=lang)
        except DigestError as trouble:
            why = str(trouble)
    note(f"The thread speaks for itself: {why}")
    return None
