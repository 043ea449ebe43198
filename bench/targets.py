"""What this project promised itself, held against what a run found. A target whose racer was not there is left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bench.letter import BARE, RSA
from bench.table import Table

OWN, DEBIAN = "Letters of 61 KB into the bench's own sink", "Letters of 61 KB into Debian's smtp-sink"
SOURCE, ED, WIDE = "smtp-source -s 10 -d", "ours + DKIM Ed25519", "ours, SMTP_WINDOW=8"


@dataclass(frozen=True, slots=True)
class Target:
    """A fact of the table whose title begins with `table`, over another fact or a number: at least or at most `bound`."""

    what: str
    table: str
    fact: str
    bound: float
    over: str | float = 1.0
    most: bool = False


TARGETS = (
    Target("own sink: ours ÷ smtp-source", OWN, f"ours / {SOURCE}", 0.75),
    Target(
        "own sink: ours with SMTP_WINDOW=8 ÷ smtp-source", OWN, f"{WIDE}: letters/s", 0.75, over=f"{SOURCE}: letters/s"
    ),
    Target("own sink: ours ÷ nodemailer, html", OWN, "ours / nodemailer pool 10, html", 25),
    Target("own sink: ours ÷ nodemailer, raw", OWN, "ours / nodemailer pool 10, raw", 10),
    Target("own sink: ours ÷ send_mass_mail", OWN, "ours / Django send_mass_mail", 20),
    Target("own sink: ours ÷ smtplib + EmailMessage", OWN, "ours / smtplib + EmailMessage", 60),
    Target("own sink: with ÷ without ledger", OWN, "ours / ours, no ledger", 0.7),
    Target("own sink: CPU s/1000", OWN, "ours: CPU s/1000", 0.15, most=True),
    Target("own sink: CPU s/1000 with SMTP_WINDOW=8", OWN, f"{WIDE}: CPU s/1000", 0.15, most=True),
    Target("smtp-sink: ours ÷ smtp-source", DEBIAN, f"ours / {SOURCE}", 0.95),
    Target("smtp-sink: with ÷ without ledger", DEBIAN, "ours / ours, no ledger", 0.95),
    Target("smtp-sink: Ed25519 ÷ smtp-source", DEBIAN, f"{ED}: letters/s", 0.8, over=f"{SOURCE}: letters/s"),
    Target(
        "smtp-sink: RSA-2048 ÷ nodemailer with DKIM",
        DEBIAN,
        f"{RSA}: letters/s",
        6,
        over="nodemailer, html + DKIM: letters/s",
    ),
    Target("20 ms: PIPELINING, of connections / RTT", "20 ms", "ours, PIPELINING: letters/s", 0.9, over=500),
    Target(
        "20 ms: CHUNKING, of connections x window / RTT",
        "20 ms",
        "ours, CHUNKING, window 8: letters/s",
        0.85,
        over=4000,
    ),
    Target("20 ms, PostgreSQL: two workers ÷ one", "Workers on one PostgreSQL, 4 connections each, at", "2 / 1", 1.8),
    Target("peak MB for 100,000 readers", "A whole send", "100000: peak MB", 80, most=True),
    Target("peak MB for 1,000,000 readers", "A whole send", "1000000: peak MB", 80, most=True),
    Target("MB that 1,000,000 readers take more than 10,000", "A whole send", "1000000: more MB", 8, most=True),
    Target("CPU a letter, 1,000,000 ÷ 10,000 readers", "A whole send", "1000000: CPU", 1.15, most=True),
    Target("page of 20 posts, ms", "From thread to page", "page of 20 posts: ms", 60, most=True),
    Target("10,000 bounces by LMTP, s", "A storm", "LMTP, 20 connections: seconds", 60, most=True),
    Target("letter without DKIM, µs", "Addressing a letter", "ours: µs", 100, most=True),
    Target("studio: command to window, ms", "The studio", "the window, painted: ms", 1000, most=True),
    Target("studio: saved template to picture, ms", "The studio", "a template is saved: ms", 500, most=True),
    Target("studio: saved settings to picture, ms", "The studio", "the settings are saved: ms", 500, most=True),
    Target("studio: changed thread to picture, ms", "The studio", "a thread is changed: ms", 500, most=True),
    Target("letter with RSA-2048 ÷ the signature alone", "Addressing a letter", f"{RSA} / {BARE}", 1.2, most=True),
)

Found = Mapping[str, Mapping[str, float]]  # a table's title to its facts


def table(found: Found) -> Table:
    """Every target that can be judged."""
    rows = list(_rows(found))
    met = sum(row[-1] == "met" for row in rows)
    return Table(title=f"Targets: {met} of {len(rows)} met in this run", columns=("", "target", "found", ""), rows=rows)


def _rows(found: Found) -> Iterator[tuple[str, ...]]:
    for target in TARGETS:
        facts = next((facts for title, facts in found.items() if title.startswith(target.table)), {})
        over = facts.get(target.over) if isinstance(target.over, str) else target.over
        if target.fact in facts and over:
            value = facts[target.fact] / over
            good = value <= target.bound if target.most else value >= target.bound
            yield (
                target.what,
                f"{'≤' if target.most else '≥'} {target.bound:g}",
                f"{value:.2f}",
                "met" if good else "missed",
            )
