"""Run the chapters of the bench, print what each found, and keep it in docs/: `python -m bench --help`."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from statistics import median

from bench import distance, growth, letter, page, report, shelf, storm, studio, summary, targets, wire, workers
from bench.table import Table, lines

CHAPTERS = ("page", "letter", "wire", "distance", "growth", "workers", "shelf", "storm", "studio", "summary")


def main() -> None:
    options = _options()
    began, tables, loops = time.monotonic(), [], [_loop()]
    print(report.machine(), "\n", flush=True)
    with tempfile.TemporaryDirectory(prefix="digest-bench-") as folder:
        for table in _tables(options, Path(folder)):
            print(*lines(table), "", sep="\n", flush=True)
            tables.append(table)
            loops.append(_loop())
    judged = targets.table({table.title: table.facts for table in tables})
    print(*lines(judged), "", sep="\n")
    run = report.Run(tables=[judged, *tables], seconds=time.monotonic() - began, best=min(loops), middle=median(loops))
    print(report.conditions(run))
    if kept := options.keep or (None if options.chapters else Path("docs")):
        kept.mkdir(parents=True, exist_ok=True)
        report.keep(run, folder=kept)
        print(f"Kept in {kept}: bench.json, bench.md, bench.svg")


def _tables(options: argparse.Namespace, folder: Path) -> Iterator[Table]:
    ground = wire.Ground.at(folder)
    chapters: dict[str, Callable[[], Iterable[Table]]] = {
        "page": lambda: [page.run()],
        "letter": lambda: [letter.run()],
        "wire": lambda: wire.run_all(ground, full=options.full),
        "distance": lambda: distance.run(ground, full=options.full),
        "growth": lambda: growth.run(ground, full=options.full),
        "workers": lambda: workers.run_all(ground),
        "shelf": lambda: shelf.run(folder),
        "storm": lambda: [storm.run(folder)],
        "studio": lambda: [studio.run(_within(folder, "studio"))],
        "summary": lambda: summary.run(data=options.abstracts, threads=options.threads),
    }
    for name in options.chapters or CHAPTERS:
        yield from chapters[name]()


def _within(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    return folder / name


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("chapters", nargs="*", help=f"only some of {', '.join(CHAPTERS)}")
    parser.add_argument("--full", action="store_true", help="a million readers, ten million rows, more peers far away")
    parser.add_argument("--keep", type=Path, help="the folder for what was found: docs for all chapters, else none")
    parser.add_argument("--abstracts", type=Path, default=summary.DATA, help="SciTLDR-A for the chapter summary")
    parser.add_argument("--threads", type=Path, help="a folder of saved threads for it; else our own samples")
    options = parser.parse_args()
    if unknown := set(options.chapters) - set(CHAPTERS):  # argparse's own `choices` refuses an empty list
        parser.error(f"there is no chapter {', '.join(sorted(unknown))}")
    return options


def _loop() -> float:
    """Milliseconds for a fixed piece of work: how busy the machine is with others."""
    began = time.perf_counter()
    sum(range(1_000_000))
    return (time.perf_counter() - began) * 1000


main()
