"""Run each bench in turn and print what it found."""

from __future__ import annotations

from bench import letter

for bench in (letter,):
    print(*bench.run(), sep="\n")
