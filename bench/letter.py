"""What one personal letter of 61 KB costs, against building it with the standard library's EmailMessage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import median
from time import process_time

from bench import keys, newsletter
from bench.material import SECRET, address
from bench.peers.heat import message
from bench.table import Table
from digest.mail.dkim import Signer
from digest.mail.letter import Press
from digest.mail.tokens import Tokens
from digest.model import Letter, Recipient

ROUNDS = 7
TARGET = 100  # µs for a letter without a signature
RSA, BARE = "ours + DKIM RSA-2048", "an RSA-2048 signature alone"


def run() -> Table:
    """One row for each way: microseconds of processor time, the median of interleaved rounds."""
    ways = _ways()
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, (make, letters) in ways.items():
            times[name].append(_microseconds(make, letters=letters))
    base = times["EmailMessage, as_bytes"]
    size = len(_press()(1).data)
    return Table(
        title=f"Addressing a letter of {size:,} bytes to one reader (target: < {TARGET} µs without DKIM)",
        columns=("", "µs", "against EmailMessage"),
        rows=[(name, f"{median(took):,.1f}", f"{_times_faster(base, took):,.1f} ×") for name, took in times.items()],
        facts={f"{name}: µs": round(median(took), 2) for name, took in times.items()}
        | {f"{RSA} / {BARE}": round(_times_faster(times[RSA], times[BARE]), 3)},
    )


def _times_faster(base: list[float], took: list[float]) -> float:
    return median(slow / fast for slow, fast in zip(base, took, strict=True))


def _ways() -> Mapping[str, tuple[Callable[[int], object], int]]:
    """For each way, what makes the letter to reader n, and how many letters a round takes."""
    material = newsletter.material()
    rsa = Signer("example.org", "rsa", keys.rsa_2048())
    ed = Signer("example.org", "ed", keys.ed25519_key())
    return {
        "EmailMessage, as_bytes": (lambda n: message(material, n).as_bytes(), 10),
        "ours": (_press(), 2000),
        "ours + DKIM Ed25519": (_press(ed), 400),
        RSA: (_press(rsa), 100),
        BARE: (lambda _: rsa.sign(bytes(32)), 100),
        "ours + both signatures": (_press(rsa, ed), 100),
    }


def _microseconds(make: Callable[[int], object], *, letters: int) -> float:
    began = process_time()
    for n in range(letters):
        make(n)
    return (process_time() - began) / letters * 1e6


def _press(*signers: Signer) -> Callable[[int], Letter]:
    press = Press(newsletter.issue(), tokens=Tokens(SECRET), signers=signers)
    return lambda n: press.address(Recipient(id=n + 1, email=address(n)))
