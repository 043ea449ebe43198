"""The sample threads that ship with the program: all are read whole, and they differ as real ones do."""

from __future__ import annotations

from digest.model import Thread
from digest.samples import samples
from digest.sources import decode, read
from digest.text import direction, word_count

THREADS: list[Thread] = [read(decode(sample.read_bytes(), ref=sample.name)) for sample in samples()]


def test_every_sample_is_read_without_a_warning() -> None:
    assert [(thread.author.handle, thread.warnings) for thread in THREADS if thread.warnings] == []


def test_the_samples_have_their_lengths() -> None:
    assert [len(thread.posts) for thread in THREADS] == [14, 11, 8, 8, 30, 4, 7]


def test_all_but_the_short_one_are_worth_a_summary() -> None:
    assert [word_count(thread.text) >= 120 for thread in THREADS].count(False) == 1


def test_one_sample_runs_from_right_to_left() -> None:
    assert [direction(thread.text) for thread in THREADS].count("rtl") == 1


def test_samples_speak_four_languages() -> None:
    assert {thread.lang for thread in THREADS} == {"", "de", "ar", "en", "es"}


def test_the_first_sample_shows_all_that_a_digest_can() -> None:
    first = THREADS[0]
    assert first.related
    assert any(post.card for post in first.posts)
    assert any(post.quotes for post in first.posts)
    # Beside it: a demo has no network, and a picture that cannot load is no welcome.
    assert any(media.alt and media.file and not media.url for post in first.posts for media in post.media)
    assert any(post.text.startswith("In summary:") for post in first.posts)
