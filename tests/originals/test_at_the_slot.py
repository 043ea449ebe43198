"""The original is looked at before the editor sees a proof, and again at the slot; what she approved goes as she approved it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from clock.conftest import Times, opener, utc
from clock.test_approval import AFTER, BEFORE, SLOT, adopted, letters, say, state, text
from digest import sources
from digest.model import Issue, SlotState
from digest.shelving import bring_in
from digest.sources import Web
from digest.sources import web as digest_web
from originals.conftest import our_web
from originals.town import POSTS, Town
from sources.site import Reply

NEW = (
    "The old system had four screens. The bakers used two of them, and shouted the rest across the room, which worked."
)


@pytest.fixture
def times(folder: Path, migrated: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    monkeypatch.setattr(digest_web, "Web", our_web)
    with opener(folder, migrated) as open_one:
        yield open_one


@pytest.fixture(params=["send", "hold"])
def newsletter(request: pytest.FixtureRequest, times: object, town: Town, web: Web) -> Times:
    """Its editor approves; the town's thread is the next, and another one is behind it."""
    made = adopted(times, digest_silence=request.param)  # type: ignore[arg-type]
    for first, more in ((1, ""), (11, " So it went at the mill, too.")):
        raw = sources.fetch(town.thread(*(f"{post}{more}" for post in POSTS), first=first), web=web)
        shelved = bring_in(raw, store=made.house.store, now=utc("2026-01-01")).shelved
        made.house.store.library.set_title(shelved.id, title=f"Thread {shelved.id}")
    others = [one.id for one in made.house.store.library.shelf() if one.thread.source != "mastodon"]
    made.house.store.library.remove(others)
    return made


def shown(newsletter: Times) -> tuple[object, int]:
    """The proof, and the number of its thread."""
    newsletter.tick(BEFORE)
    (letter,) = letters(newsletter)
    proof = newsletter.house.store.proofs.alive("2026-11-24T09:00")
    assert proof
    return letter, proof.thread_id


def words(issue: Issue | None) -> str:
    assert issue
    return " ".join(issue.page.text.split())


def first_post(newsletter: Times, id: int) -> int:
    shelved = newsletter.house.store.library.get(id)
    assert shelved
    return int(shelved.thread.posts[0].id)


def test_a_proof_shows_the_thread_as_it_reads_now(newsletter: Times, town: Town) -> None:
    for first in (1, 11):
        town.edit(first + 1, NEW)
    letter, _ = shown(newsletter)
    assert "four screens" in text(letter)  # type: ignore[arg-type]
    assert "Edited by its author" in text(letter)  # type: ignore[arg-type]


def test_what_she_approved_goes_as_she_approved_it(newsletter: Times, town: Town) -> None:
    letter, id = shown(newsletter)
    say(newsletter, letter, "ok")  # type: ignore[arg-type]
    town.edit(first_post(newsletter, id) + 1, NEW)
    made = newsletter.tick(AFTER)
    assert "forty screens" in words(made)
    assert "four screens" in newsletter.house.store.library.get(id).thread.text  # type: ignore[union-attr]


def test_a_post_that_its_author_took_back_does_not_go_even_so(newsletter: Times, town: Town) -> None:
    letter, id = shown(newsletter)
    say(newsletter, letter, "ok")  # type: ignore[arg-type]
    first = first_post(newsletter, id)
    town.edit(first + 1, NEW)
    town.delete(first + 4)
    told = words(newsletter.tick(AFTER))
    assert "forty screens" in told
    assert "We lost reports" not in told
    assert "put it where they already look" in told


def test_a_thread_that_was_deleted_after_the_ok_does_not_go(newsletter: Times, town: Town) -> None:
    letter, id = shown(newsletter)
    say(newsletter, letter, "ok")  # type: ignore[arg-type]
    town.delete(first_post(newsletter, id))
    made = newsletter.tick(AFTER)
    if newsletter.house.settings.digest_silence == "hold":
        assert made is None
        assert "what you approved may not go out any more" in newsletter.told[-1][1]
        assert newsletter.tick("2026-11-24T09:20") is None, "nothing else goes without her OK"
    else:
        assert made
        assert made.thread_id != id
    assert newsletter.told[0][0].startswith(f"thread {id} is held")


def test_an_outage_at_the_slot_stops_nothing(newsletter: Times, town: Town) -> None:
    letter, id = shown(newsletter)
    say(newsletter, letter, "ok")  # type: ignore[arg-type]
    town.fail(Reply(status=503))
    made = newsletter.tick(AFTER)
    assert made
    assert made.thread_id == id
    assert newsletter.told == []


def test_silence_binds_nobody_and_the_words_of_the_hour_go(newsletter: Times, town: Town) -> None:
    _, id = shown(newsletter)
    town.edit(first_post(newsletter, id) + 1, NEW)
    made = newsletter.tick(AFTER)
    if newsletter.house.settings.digest_silence == "hold":
        assert (made, state(newsletter)) == (None, SlotState.HELD)
    else:
        assert "four screens" in words(made)


def test_an_original_is_not_asked_for_at_each_tick(newsletter: Times, town: Town) -> None:
    newsletter.house.store.subscribers.remove("ada@example.org", now=utc(BEFORE), how="one click")
    newsletter.sweep(SLOT, "2026-11-24T09:14", every=timedelta(minutes=1))
    assert len([one for one in town.site.asked if one.path.endswith("/context")]) == 2 + 1, "two imports, one look"
