"""Ten thousand bounces at once, forged ones among them."""

from __future__ import annotations

import random
import time

import pytest

from digest.mail import incoming
from digest.mail.intents import Bounced, Ignore
from digest.mail.tokens import Purpose, Tokens

from .conftest import OURS
from .test_bounces import DEAD, report

STRANGER = Tokens(b"another secret, not ours")


@pytest.mark.soak
def test_ten_thousand_bounces_are_read_within_a_minute_and_forged_ones_ignored(tokens: Tokens) -> None:
    rng = random.Random(1)
    storm = [(number, rng.random() < 0.3) for number in range(10_000)]
    began = time.monotonic()
    for number, forged in storm:
        token = (STRANGER if forged else tokens).mint(Purpose.BOUNCE, subject=number, number=42)
        to = f"digest+bounce-{token}@example.org"
        letter = (
            f"From: weekly@example.org\nMessage-ID: <i42.{'0' * 30}@example.org>\nTo: r{number}@example.net\n"
            + "X-Some-Header: of the usual length, more or less\n" * 30
        )
        intent = incoming.read(report(DEAD, letter=letter, to=to), ours=OURS, tokens=tokens, recipient=to).intent
        if forged:
            assert isinstance(intent, Ignore)
        else:
            assert isinstance(intent, Bounced)
            assert (intent.stamp.subject, intent.kind) == (number, "hard")
    assert time.monotonic() - began < 60
