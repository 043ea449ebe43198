import itertools
import random
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import pytest

from desk.open_shelf import OpenShelf, picked, published
from digest.desk import merits, picker, shortlist
from digest.desk.picker import Published, Rules
from digest.desk.week import WEIGHTS, Week, past
from digest.model import Author, Post, Shelved, Standing, Thread

NOW = datetime(2026, 11, 3, 9, tzinfo=UTC)
WEEK = timedelta(weeks=1)
ANY = Rules()
TOPICS = {
    "bread": "flour oven crust starter loaf dough bakery yeast rye salt knead proof crumb banneton",
    "bees": "hive queen honey swarm mites smoker frame brood wax drones nectar apiary forage",
    "trains": "rail platform signal carriage timetable sleeper gauge depot bogie freight conductor ticket",
    "gardens": "soil seed compost tomato bed frost mulch prune weeds greenhouse trellis harvest slugs",
    "databases": "index query replica vacuum schema lock transaction backup shard planner cursor migration",
    "violins": "bow string rosin scale bridge tuning orchestra shifting vibrato luthier practice etude",
}


def thread(
    key: str, *, author: str = "@ada", topic: str = "bread", posts: int = 10, words: int = 60, **more: object
) -> Thread:
    rng = random.Random(key)
    vocabulary = [*TOPICS[topic].split(), *(f"{key}{i}" for i in range(20))]
    filler = [
        "the",
        "of",
        "and",
        "to",
        "a",
        "in",
        "is",
        "that",
        "it",
        "was",
        "for",
        "on",
        "are",
        "with",
        "as",
        "at",
        "be",
        "this",
        "have",
        "from",
    ]
    texts = [" ".join(rng.choice(filler if i % 2 else vocabulary) for i in range(words)) + "." for _ in range(posts)]
    made = tuple(Post(number=number, text=text) for number, text in enumerate(texts, start=1))
    return replace(Thread(key=key, source="test", posts=made, author=Author(handle=author)), **more)  # type: ignore[arg-type]


def shelved(number: int, made: Thread, *, weeks: float = 1, standing: Standing = Standing.WAITING) -> Shelved:
    return Shelved(id=number, thread=made, standing=standing, imported_at=NOW - weeks * WEEK)


def chosen(shelf: Sequence[Shelved], history: Sequence[Published] = (), rules: Rules = ANY) -> int | None:
    best = picked(shelf, history=history, now=NOW, rules=rules).best
    return best.shelved.id if best else None


def reasons(shelf: Sequence[Shelved], history: Sequence[Published] = (), rules: Rules = ANY) -> dict[int, str]:
    return {f.id: f.reason for f in picked(shelf, history=history, now=NOW, rules=rules).filtered}


def test_the_pinned_thread_goes_before_a_better_one() -> None:
    shelf = [shelved(1, thread("a"), weeks=20), shelved(2, thread("b", posts=2), weeks=0, standing=Standing.PINNED)]
    assert chosen(shelf) == 2


def test_the_pinned_go_in_the_editors_order_and_the_unordered_after_them() -> None:
    pinned = [shelved(number, thread("abc"[number - 1]), standing=Standing.PINNED) for number in (1, 2, 3)]
    shelf = [replace(one, rank=rank) for one, rank in zip(pinned, (None, 2, 1), strict=True)]
    pick = picked(shelf, history=(), now=NOW)
    assert [pick.best and pick.best.shelved.id, *(one.shelved.id for one in pick.runners_up)] == [3, 2, 1]


def test_a_pin_does_not_send_a_thread_twice() -> None:
    made = thread("a")
    shelf = [shelved(1, made, standing=Standing.PINNED)]
    assert chosen(shelf, [published(made, at=NOW - WEEK)]) is None


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (thread("few", posts=3), "too short: 3 of 4 posts"),
        (thread("short", posts=5, words=10), "too short: 50 of 120 words"),
        (thread("cut", truncated=True), "cut off: its import is not whole"),
        (thread("cw", posts=4, words=40, lang="de"), "another language: de"),
    ],
    ids=["posts", "words", "truncated", "language"],
)
def test_an_unfit_thread_is_put_aside_with_its_reason(made: Thread, reason: str) -> None:
    assert reasons([shelved(1, made)], rules=Rules(languages=frozenset({"en"}))) == {1: reason}


def test_a_content_warning_keeps_a_thread_back_unless_allowed() -> None:
    made = thread("cw")
    warned = replace(made, posts=(replace(made.posts[0], content_warning="spiders"), *made.posts[1:]))
    assert reasons([shelved(1, warned)]) == {1: "content warning"}
    assert chosen([shelved(1, warned)], rules=Rules(allow_content_warnings=True)) == 1


def test_held_and_published_threads_are_put_aside() -> None:
    shelf = [shelved(1, thread("a"), standing=Standing.HELD), shelved(2, thread("b"), standing=Standing.PUBLISHED)]
    assert reasons(shelf) == {1: "held back by the editor", 2: "already sent"}


def test_a_near_copy_of_a_sent_thread_is_put_aside() -> None:
    original = thread("original", author="@ada")
    copy = replace(original, key="copy", author=Author(handle="@copycat"))
    sent = [published(original, at=NOW - 30 * WEEK)]
    assert reasons([shelved(1, copy)], sent) == {1: "too like a thread that was sent"}


def test_an_author_rests_while_another_can_go() -> None:
    sent = [published(thread("old", topic="trains"), at=NOW - WEEK)]
    shelf = [shelved(1, thread("a"), weeks=40), shelved(2, thread("b", author="@bob", topic="bees"), weeks=0)]
    assert chosen(shelf, sent) == 2
    assert reasons(shelf, sent) == {1: "its author was sent 1 issue ago"}


def test_a_newsletter_of_one_author_still_goes_out() -> None:
    sent = [published(thread("old", topic="trains"), at=NOW - WEEK)]
    assert chosen([shelved(1, thread("a"))], sent) == 1


def test_a_new_topic_goes_before_a_recent_one() -> None:
    sent = [published(thread("old", author="@x", topic="bees"), at=NOW - WEEK)]
    shelf = [shelved(1, thread("a", author="@y", topic="bees")), shelved(2, thread("b", author="@z", topic="violins"))]
    assert chosen(shelf, sent, Rules(same_topic=1.0)) == 2


def test_among_equals_the_older_import_goes_then_the_lower_id() -> None:
    made = thread("a")
    twin = replace(made, key="b", author=Author(handle="@bob"))
    assert chosen([shelved(2, made), shelved(1, twin)]) == 1
    assert chosen([shelved(1, made, weeks=100), shelved(2, twin, weeks=100.001)]) == 2


def test_the_parts_add_up_to_the_score() -> None:
    best = picked([shelved(1, thread("a"))], history=(), now=NOW).best
    assert best is not None
    assert sum(part.value * part.weight for part in best.parts) == pytest.approx(best.score)
    assert all(0 <= part.value <= 1 for part in best.parts)


def test_the_weights_add_up_to_one() -> None:
    weights = picker.Weights()
    assert sum(asdict(weights).values()) == pytest.approx(1)


def voices(shelf: Sequence[Shelved], history: Sequence[Published]) -> dict[int, float]:
    """What readers' words make of each thread."""
    pick = picked(shelf, history=history, now=NOW, rules=ANY)
    scored = [*([pick.best] if pick.best else []), *pick.runners_up]
    return {one.shelved.id: part.value for one in scored for part in one.parts if part.name == "readers"}


def test_readers_who_liked_an_author_bring_that_author_forward() -> None:
    sent = [
        published(thread("a", author="@liked", topic="bees"), at=NOW - 9 * WEEK, good=9),
        published(thread("b", author="@not", topic="trains"), at=NOW - 9 * WEEK, bad=9),
    ]
    shelf = [
        shelved(1, thread("c", author="@not", topic="bread")),
        shelved(2, thread("d", author="@liked", topic="bread")),
    ]
    said = voices(shelf, sent)
    assert said[2] > 0.8
    assert said[1] < 0.2


def test_readers_who_liked_a_topic_bring_its_like_forward() -> None:
    sent = [published(thread("a", author="@x", topic="bees"), at=NOW - 9 * WEEK, good=9)]
    shelf = [
        shelved(1, thread("c", author="@y", topic="trains")),
        shelved(2, thread("d", author="@z", topic="bees")),
    ]
    said = voices(shelf, sent)
    assert said[2] > said[1] >= 0.5


@pytest.mark.parametrize(
    ("counts", "ranks"),
    [((3, 900, 40), [0.0, 1.0, 0.5]), ((7, 7, 7), [0.5, 0.5, 0.5]), ((None, 5, None), [0.5, 0.5, 0.5])],
)
def test_engagement_is_the_rank_among_its_like(counts: tuple[int | None, ...], ranks: list[float]) -> None:
    shelf = [
        shelved(number, thread("abc"[number - 1], author=f"@{number}", engagement=count))
        for number, count in enumerate(counts, start=1)
    ]
    pick = picked(shelf, history=(), now=NOW, rules=ANY)
    scored = [*([pick.best] if pick.best else []), *pick.runners_up]
    found = {one.shelved.id: part.value for one in scored for part in one.parts if part.name == "engagement"}
    assert [found[number] for number in (1, 2, 3)] == ranks


def test_a_like_counts_among_threads_of_the_same_source_alone() -> None:
    shelf = [
        shelved(1, thread("a", author="@a", source="x", engagement=9_000)),
        shelved(2, thread("b", author="@b", source="mastodon", engagement=9)),
    ]
    pick = picked(shelf, history=(), now=NOW, rules=ANY)
    scored = [*([pick.best] if pick.best else []), *pick.runners_up]
    assert [part.value for one in scored for part in one.parts if part.name == "engagement"] == [0.5, 0.5]


def test_without_a_word_from_readers_that_part_is_the_same_for_all() -> None:
    shelf = [shelved(1, thread("c", topic="trains")), shelved(2, thread("d", topic="bees"))]
    pick = picked(shelf, history=[published(thread("a", topic="bees"), at=NOW - 9 * WEEK)], now=NOW)
    assert pick.best
    assert [part.value for part in pick.best.parts if part.name == "readers"] == [0.5]


def test_the_reason_is_one_line_for_people() -> None:
    pick = picked([shelved(1, thread("a", words=90), weeks=6.2)], history=(), now=NOW)
    assert picker.reason(pick) == "Waited 6 weeks, a new topic, 4 minutes to read."


def test_an_empty_shelf_says_so() -> None:
    assert picker.reason(picked((), history=(), now=NOW)) == "The shelf is empty."


# ── a year of it ──────────────────────────────────────────────────────────────────────────────────


def year(*, stock: int, newcomers: int, weeks: int = 52, pinned: frozenset[int] = frozenset()) -> list[Shelved]:
    """What goes out in a year: `stock` threads on the shelf at the start, one more every `newcomers` weeks."""
    topics, names = list(TOPICS), [f"@author{i}" for i in range(12)]
    shelf = [
        shelved(
            i,
            thread(f"t{i}", topic=topics[i % 6], author=names[(i * 7) % 12], posts=4 + i % 3, words=35 + i % 20),
            weeks=1,
        )
        for i in range(stock + weeks // newcomers)
    ]
    shelf = [replace(one, standing=Standing.PINNED) if one.id in pinned else one for one in shelf]
    history: list[Published] = []
    sent = []
    for week in range(weeks):
        now = NOW + week * WEEK
        there = [
            replace(one, imported_at=max(one.imported_at, NOW + (one.id - stock) * newcomers * WEEK)) for one in shelf
        ]
        pick = picked([one for one in there if one.imported_at <= now], history=history, now=now)
        if pick.best:
            sent.append(pick.best.shelved)
            history.append(published(pick.best.shelved.thread, at=now))
    return sent


@pytest.fixture(scope="module")
def a_year() -> list[Shelved]:
    return year(stock=60, newcomers=2, pinned=frozenset({41, 7}))


def test_a_year_repeats_nothing(a_year: list[Shelved]) -> None:
    assert len({one.thread.key for one in a_year}) == len(a_year) == 52


def test_a_year_gives_each_author_four_issues_of_rest(a_year: list[Shelved]) -> None:
    authors = [one.thread.author.handle for one in a_year]
    unpinned = range(6, 52)
    assert all(authors[week] not in authors[week - 4 : week] for week in unpinned)


def test_a_year_begins_with_the_pinned(a_year: list[Shelved]) -> None:
    assert {one.id for one in a_year[:2]} == {41, 7}


def test_a_year_is_the_same_when_lived_again(a_year: list[Shelved]) -> None:
    assert year(stock=60, newcomers=2, pinned=frozenset({41, 7})) == a_year


def test_a_year_seldom_has_one_topic_twice_running(a_year: list[Shelved]) -> None:
    topics = [one.id % 6 for one in a_year]
    assert sum(a == b for a, b in itertools.pairwise(topics)) <= 5


def test_a_year_leaves_nobody_waiting_who_was_there_at_its_start() -> None:
    sent = {one.id for one in year(stock=15, newcomers=3, weeks=25)}
    assert sent >= set(range(15))


def test_what_a_reader_proposed_waits_for_the_editor():
    proposed = shelved(1, thread("a"), standing=Standing.NOMINATED)
    assert chosen([proposed]) is None
    assert reasons([proposed]) == {1: "proposed by a reader, and not released"}


def test_a_thread_whose_author_readers_follow_goes_before_its_equal() -> None:
    made, twin = thread("a"), replace(thread("a"), key="b", author=Author(handle="@bob@example.social"))
    shelf = [shelved(1, made), shelved(2, twin)]
    best = picked(shelf, history=(), now=NOW, wanted={"@bob@example.social": 3}).best
    assert best is not None
    assert best.shelved.id == 2
    assert {part.name: part.says for part in best.parts}["followers"] == "3 readers follow the author"


def test_a_followed_author_is_on_the_shortlist_however_long_the_shelf() -> None:
    shelf = [shelved(number, thread(f"k{number}", author=f"@{number}"), weeks=2) for number in range(1, 6)]
    followed = shelved(6, thread("k6", author="@six"), weeks=1.9)
    wanted, rules = {"@six": 1}, Rules(shortlist=1)
    best = picked([*shelf, followed], history=(), now=NOW, rules=rules, wanted=wanted).best
    assert best is not None
    assert best.shelved.id == 6


def test_each_further_follower_counts_less_than_the_one_before() -> None:
    steps = [merits.followers(count + 1) - merits.followers(count) for count in range(20)]
    assert merits.followers(0) == 0.5
    assert steps == sorted(steps, reverse=True)
    assert steps[-1] > 0


def long_shelf(count: int, *, lengths: Sequence[int] = (6, 14, 30, 60)) -> list[Shelved]:
    """Threads of several lengths and flaws, imported over two years."""
    rng = random.Random(count)
    made = [
        thread(f"t{n}", topic=rng.choice([*TOPICS]), posts=rng.choice(lengths), author=f"@{n % 97}")
        for n in range(count)
    ]
    return [
        shelved(n, replace(one, declared=rng.choice((None, 1))), weeks=rng.uniform(0, 104))
        for n, one in enumerate(made)
    ]


@pytest.mark.parametrize("sent", [0, 2], ids=["by merit", "a turn of who waited longest"])
@pytest.mark.parametrize("follow", [{}, {"@5": 3}], ids=["nobody followed", "one followed"])
def test_the_foremost_are_found_without_a_look_at_most_of_the_shelf(sent: int, follow: dict[str, int]) -> None:
    lying, rules = OpenShelf(long_shelf(1500)), Rules(shortlist=20)
    history = [published(thread(f"s{n}", author=f"@{n}"), at=NOW - (n + 1) * WEEK) for n in range(sent)]
    week = Week(
        past=past(history, rules),
        now=NOW,
        weights=WEIGHTS,
        rules=rules,
        wanted=follow,
        without=frozenset(),
        barred=frozenset(),
        followed=frozenset(follow),
    )
    resting = week.past.resting
    found = shortlist.foremost(lying, week, not_by=resting)
    everyone = [one for one in lying.spines if not shortlist.unready(one, rules) and one.who not in resting]
    ranked = sorted(everyone, key=lambda one: shortlist.order(one, score=shortlist.promise(one, week), week=week))
    assert [one.id for one in found] == [one.id for one in ranked[:20]]
    assert lying.seen < 500
