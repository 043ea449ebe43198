"""What a person sees: results on stdout, everything else on stderr, one sentence for an error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import timedelta

import typer
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.text import Text

from digest.errors import UsageError
from digest.text import one_line

out = Console(highlight=False, soft_wrap=False, emoji=False)
err = Console(stderr=True, highlight=False, emoji=False)


def say(text: str = "", *, style: str = "") -> None:
    """A line of the result."""
    out.print(escape(text), style=style or None)


def marked(text: str, marks: Sequence[tuple[int, int]], *, indent: int) -> None:
    """A paragraph in which the places `marks` (from, to) stand out."""
    shown = Text(text)
    for start, end in marks:
        shown.stylize("bold yellow", start, end)
    out.print(Padding(shown, (0, 0, 0, indent)))


def note(text: str) -> None:
    """Something said on the way, not part of the result."""
    err.print(escape(text), style="dim")


def complain(text: str) -> None:
    """One line in a pipe, where programs look; on a terminal broken between words."""
    err.print(f"[bold red]digest:[/] {escape(text)}", soft_wrap=not err.is_terminal)


def show_traceback(error: BaseException) -> None:
    """For --debug alone."""
    from rich.traceback import Traceback

    err.print(Traceback.from_exception(type(error), error, error.__traceback__))


def print_json(document: object) -> None:
    """One JSON document on stdout, and nothing else there."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2, default=str) + "\n")


def table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[str] = (), give: str = ""
) -> None:
    """A plain table: no frame, one line a row; columns named in `right` are numbers.

    On a terminal that is too narrow only the column `give` is cut; in a pipe nothing is. Written by hand, since a list
    of 100,000 readers is a table too.
    """
    cells = [list(columns), *([one_line(str(cell)) for cell in row] for row in rows)]
    widths = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]
    if out.is_terminal and give:
        at = list(columns).index(give)
        widths[at] = max(8, min(widths[at], out.width - sum(widths) - 2 * (len(widths) - 1) + widths[at]))
    for number, row in enumerate(cells):
        line = "  ".join(
            _fitted(cell, width, right=name in right) for cell, width, name in zip(row, widths, columns, strict=True)
        ).rstrip()
        if number == 0:
            out.print(escape(line), style="bold", soft_wrap=True)
        else:
            out.file.write(f"{line}\n")


def _fitted(text: str, width: int, *, right: bool) -> str:
    if cell_len(text) > width:
        text = f"{set_cell_size(text, width - 1).rstrip()}…"
    padding = " " * (width - cell_len(text))
    return padding + text if right else text + padding


def hanging(label: str, text: str, *, style: str = "") -> None:
    """`text` beside its label, wrapped to the width of the terminal with its left edge straight."""
    from rich.table import Table

    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, style=style or "dim")
    grid.add_column(style=style or None)
    grid.add_row(escape(label), escape(text))
    out.print(grid)


def verbatim(text: str) -> None:
    """A line to copy: never broken, nor indented, however narrow the terminal."""
    out.print(escape(text), soft_wrap=True)


def one_of(count: int, singular: str, plural: str = "") -> str:
    """ "1 post", "19 posts"."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"


def far(wait: timedelta) -> str:
    """ "6 d 3 h", "3 h 20 min", "20 min": how far off something is."""
    days, hours, minutes = wait.days, wait.seconds // 3600, wait.seconds % 3600 // 60
    return f"{days} d {hours} h" if days else f"{hours} h {minutes} min" if hours else f"{minutes} min"


def can_ask() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def confirm(question: str, *, what: str) -> None:
    """A person's yes, or the command ends here. Raises UsageError, saying that `what` wants one, when nobody is there."""
    if not can_ask():
        raise UsageError(f"{what} needs a yes, and nobody is here to give it", then="Add --yes when a script does it.")
    typer.confirm(question, abort=True, err=True)
