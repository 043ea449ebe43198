"""Letters a second, end to end over real SMTP: ours with its whole ledger beside every mailer that is installed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median

from bench import keys, newsletter, sinks, stores
from bench.measure import Lap, Laps, Way, middle, race, run
from bench.ours import PLAIN, Errand
from bench.peers import PEERS, Peer
from bench.peers.heat import shared
from bench.table import RACE, Table, race_rows, versus

OURS, WIDE = "ours", "ours, SMTP_WINDOW=8"  # the second where a server takes CHUNKING, which smtp-sink does not
FEWEST = 1024  # letters of ours in a lap
CAP = ("smtp-source -s 10 -d", "smtplib, ready bytes", "nodemailer pool 10, html", "nodemailer, html + DKIM")


@dataclass(frozen=True, slots=True)
class Ground:
    """Where races run: a folder for stores and keys, and what the peers carry."""

    folder: Path
    material: Path

    @classmethod
    def at(cls, folder: Path) -> Ground:
        """Make what every race needs."""
        made, path = newsletter.material(), folder / "material.json"
        replace(made, ready=shared(made).decode()).write(path)
        return cls(folder, path)

    def ours(self, letters: int, *, port: int, errand: Errand = PLAIN) -> Lap:
        """One lap of ours, from a fresh store."""
        store = stores.fresh(self.folder, readers=letters)
        sent = replace(errand, store=store, port=port, folder=str(self.folder), letters=letters)
        return run(sent.command, letters=letters)


def run_all(ground: Ground, *, full: bool) -> Iterator[Table]:
    """Into our own sink, into Debian's, and through TLS. Debian's slows only the fast ones down: the rest is for `full`."""
    with sinks.fast(ground.folder) as port:
        made_of = "C" if sinks.compiled("sink", ground.folder) else "Python, for want of a C compiler: slower"
        yield _against(PEERS, ground, port, sink=f"the bench's own sink ({made_of})")
    if sinks.smtp_sink_program():
        with sinks.smtp_sink() as port:
            known = [peer for peer in PEERS if full or peer.name in CAP]
            yield _against(known, ground, port, sink="Debian's smtp-sink")
    else:
        yield Table(title="Into smtp-sink: it is not installed: apt-get install postfix", columns=("",), rows=())
    yield _encrypted(ground)


def _against(known: Sequence[Peer], ground: Ground, port: int, *, sink: str) -> Table:
    racing = [peer for peer in known if not peer.missing]
    peers = [peer.way(port, material=ground.material) for peer in racing]
    laps = race([*_our_ways(ground, port), *peers])
    return Table(
        title=f"Letters of 61 KB into {sink}, ≤ 10 connections, one process",
        columns=RACE,
        rows=race_rows(laps, ours=OURS, personal={peer.name: peer.personal for peer in racing}),
        notes=[peer.missing for peer in known if peer.missing],
        facts=_facts(laps),
    )


def _our_ways(ground: Ground, port: int) -> list[Way]:
    folder = ground.folder
    ed = keys.written(folder, "ed25519.pem", keys.ed25519_key())
    rsa = keys.written(folder, "rsa.pem", keys.rsa_2048())
    errands = {
        OURS: PLAIN,
        WIDE: replace(PLAIN, window=8),
        "ours, no ledger": replace(PLAIN, ledger=False),
        "ours + DKIM Ed25519": replace(PLAIN, keys=(ed,)),
        "ours + DKIM RSA-2048": replace(PLAIN, keys=(rsa,)),
    }
    return [Way(name, partial(ground.ours, port=port, errand=errand), FEWEST) for name, errand in errands.items()]


def _encrypted(ground: Ground) -> Table:
    """TLS costs the sink more than us, so both sides of it run into one in Python, where neither can hide."""
    pem = keys.written(ground.folder, "certificate.pem", keys.certificate())
    with ExitStack() as stack:
        clear, secret = stack.enter_context(sinks.in_python()), stack.enter_context(sinks.encrypted(Path(pem)))
        speaking = replace(PLAIN, tls="tls", certificate=pem)
        smtplib = Peer(name="smtplib, ready bytes, TLS 1.3", file="smtplib_ready", words=(pem,), personal="head")
        laps = race(
            [
                Way("ours, TLS 1.3", partial(ground.ours, port=secret, errand=speaking), FEWEST),
                Way("ours, in the clear", partial(ground.ours, port=clear), FEWEST),
                smtplib.way(secret, material=ground.material),
            ]
        )
    return Table(
        title="The same through TLS, into a sink in Python that is slower in both",
        columns=RACE,
        rows=race_rows(laps, ours="ours, TLS 1.3", personal={smtplib.name: smtplib.personal}),
        facts=_facts(laps),
    )


def _facts(laps: Laps) -> dict[str, float]:
    """Each racer's rate and processor time, and how far ours is from it."""
    first = next(iter(laps))
    facts: dict[str, float] = {}
    for name, found in laps.items():
        facts[f"{name}: letters/s"] = round(median(lap.rate for lap in found), 1)
        facts[f"{name}: CPU s/1000"] = round(middle(found).cpu_per_1000, 4)
        facts[f"{first} / {name}"] = round(versus(laps, first, name), 3)
    return facts
