"""Answers on their way into a SQLite store, in two small files beside it, so that `kill -9` cannot take them.

To write a line there takes 3 µs and no lock; a commit of its own would take a hundred. It knows no database: who reads
it writes them down there, and then they are forgotten. Each line says whose it is, so that a store which was put in the
place of another one does not take the other's answers for its own.
"""

from __future__ import annotations

import os
from ast import literal_eval
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

Entry = tuple[tuple[Any, ...], Sequence[int]]  # what is told of rows, in numbers, text and None; of whose rows

_NEW = os.O_WRONLY | os.O_CREAT | os.O_APPEND


class Journal:
    """Two pages: while what stands on one is written down in the store, new entries go to the other one."""

    def __init__(self, store: Path, *, secret: bytes) -> None:
        """`secret` is what no other store has."""
        self._paths = [store.with_name(f"{store.name}-answers{page}") for page in (1, 2)]
        self._seal = sha256(secret).hexdigest()[:8]
        self._open: list[int] = []

    def add(self, entries: Iterable[Entry]) -> bool:
        """False when the disk does not take them all: then only the store itself is left to write them down."""
        begun = f"\n{self._seal} "  # on a new line: the last may have been torn
        lines = "".join([f"{begun}{entry!r}" for entry in entries]).encode()
        if not lines:
            return True
        try:
            if not self._open:
                self._open = [os.open(path, _NEW, 0o600) for path in self._paths]
            return os.write(self._open[0], lines) == len(lines)
        except OSError:
            return False

    def turn_page(self) -> None:
        """All entries until now are about to be written down in the store."""
        self._open.reverse()

    def written_down(self) -> None:
        """Those before `turn_page` are in the store."""
        if self._open:
            os.ftruncate(self._open[1], 0)

    def left_behind(self) -> Iterator[Entry]:
        """What whoever died did not write down any more. A power cut may have torn lines: those tell nothing."""
        for path in self._paths:
            with suppress(FileNotFoundError):
                for line in path.read_bytes().splitlines():
                    seal, _, entry = line.partition(b" ")
                    if seal == self._seal.encode():
                        with suppress(ValueError, SyntaxError):
                            yield literal_eval(entry.decode())

    def clear(self) -> None:
        """Forget all of them, and leave no file behind."""
        while self._open:
            os.close(self._open.pop())
        for path in self._paths:
            path.unlink(missing_ok=True)
