"""Outboxes out of Fediverse archives, as Mastodon and others write them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from digest.errors import NotAThread
from digest.model import Choice, Media, Poll, Thread
from digest.sources import decode, read, split

ACTOR = "https://example.social/users/ada"
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"


def note_id(number: int) -> str:
    return f"{ACTOR}/statuses/{number}"


def note(number: int, answers: str | int | None = None, /, **more: Any) -> dict[str, Any]:
    told = {
        "type": "Note",
        "id": note_id(number),
        "url": f"https://example.social/@ada/{number}",
        "attributedTo": ACTOR,
        "inReplyTo": note_id(answers) if isinstance(answers, int) else answers,
        "published": f"2026-03-01T10:{number:02}:00Z",
        "summary": None,
        "content": f"<p>Note {number}</p>",
        "contentMap": {"de": f"<p>Note {number}</p>"},
        "to": [PUBLIC],
        "cc": [f"{ACTOR}/followers"],
        "attachment": [],
        "tag": [],
    } | more
    return {"type": "Create", "id": f"{told['id']}/activity", "actor": ACTOR, "to": [PUBLIC], "object": told}


def outbox(*items: Any, **more: Any) -> Any:
    document = {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": "outbox.json",
        "type": "OrderedCollection",
        "orderedItems": list(items),
    }
    return decode(json.dumps(document | more).encode(), ref="outbox.json")


def one(*items: Any, **more: Any) -> Thread:
    return read(outbox(*items, **more))


BOOST = {"type": "Announce", "id": f"{ACTOR}/statuses/90/activity", "object": "https://example.org/notes/1"}


def test_an_outbox_gives_each_thread_and_counts_the_rest() -> None:
    answer = note(8, "https://example.org/notes/1")
    secret = note(9, to=[f"{ACTOR}/followers"], cc=[])
    found = split(outbox(note(1), note(2, 1), note(3), BOOST, answer, secret, note(5), note(6, 5), note(7, 6)))
    assert [len(read(raw).posts) for raw in found.raws] == [2, 3]
    assert found.left_out == (
        "1 posts that are in no thread",
        "1 answers to others",
        "1 boosts",
        "1 posts that were not for everybody",
    )


def test_a_post_whose_list_of_readers_is_empty_was_for_nobody() -> None:
    found = split(outbox(note(1), note(2, 1, to=[], cc=[]), note(3, 1)))
    assert [post.id for post in read(found.raws[0]).posts] == [note_id(1), note_id(3)]
    assert found.left_out == ("1 posts that were not for everybody",)


def test_a_note_that_says_nothing_of_its_readers_was_handed_out_to_everybody() -> None:
    bare = {name: value for name, value in note(1).items() if name not in ("to", "cc")}
    assert one(bare).posts[0].id == note_id(1)


def test_its_author_is_known_by_the_address_alone() -> None:
    thread = one(note(1), note(2, 1))
    assert (thread.author.handle, thread.author.url, thread.lang) == ("@ada@example.social", ACTOR, "de")
    assert (thread.key, thread.url) == (f"activitypub:{note_id(1)}", "https://example.social/@ada/1")


def test_its_author_is_named_by_the_actor_beside_it() -> None:
    actor = {
        "type": "Person",
        "preferredUsername": "ada",
        "name": "Ada :flower: L.",
        "url": "https://example.social/@ada",
    }
    thread = one(note(1), note(2, 1), actor=actor)
    assert (thread.author.name, thread.author.handle) == ("Ada L.", "@ada@example.social")


def test_pictures_in_the_archive_keep_their_words_and_their_path() -> None:
    attachment = [
        {
            "type": "Document",
            "mediaType": "image/png",
            "url": "/media_attachments/files/1/a.png",
            "name": "A wall",
            "width": 8,
            "height": 6,
        }
    ]
    thread = one(note(1, attachment=attachment), note(2, 1))
    assert thread.posts[0].media == (
        Media(kind="image", alt="A wall", width=8, height=6, file="media_attachments/files/1/a.png"),
    )


@pytest.mark.parametrize(
    "attachment",
    [
        {"type": "Image", "url": "https://example.org/a.png"},
        [
            {
                "type": "Document",
                "mediaType": "image/webp",
                "url": [{"type": "Link", "href": "https://example.org/a.png"}],
            }
        ],
        [{"type": "Document", "url": "https://example.org/a.png"}],
    ],
)
def test_attachments_of_other_servers_are_read(attachment: Any) -> None:
    assert [medium.url for medium in one(note(1, attachment=attachment), note(2, 1)).posts[0].media] == [
        "https://example.org/a.png"
    ]


def test_a_question_is_a_poll() -> None:
    options = [
        {"type": "Note", "name": "Tea", "replies": {"type": "Collection", "totalItems": 3}},
        {"type": "Note", "name": "Coffee"},
    ]
    first = note(1, type="Question", oneOf=options)
    assert one(first, note(2, 1)).posts[0].poll == Poll(
        choices=(Choice(text="Tea", votes=3), Choice(text="Coffee", votes=0))
    )


def test_a_content_warning_and_an_edit_are_kept() -> None:
    post = one(note(1, summary="food", updated="2026-03-02T08:00:00Z"), note(2, 1)).posts[0]
    assert post.content_warning == "food"
    assert post.edited_at is not None


def test_a_quote_leads_to_the_page_that_the_words_name_and_not_to_the_bare_id() -> None:
    page, id_ = "https://example.org/@bob/9", "https://example.org/ap/users/4/statuses/9"
    html = f'<p class="quote-inline">RE: <a href="{page}"><span class="invisible">https://</span>example.org/@bob/9</a></p><p>This.</p>'
    post = one(note(1, content=html, quote=id_)).posts[0]
    assert (post.text, [quote.url for quote in post.quotes]) == ("This.", [page])


@pytest.mark.parametrize("field", ["quote", "quoteUri", "quoteUrl", "_misskey_quote"])
def test_a_quote_is_known_by_its_address_whatever_the_server_calls_it(field: str) -> None:
    html = '<p>This.<span class="quote-inline"><br><br>RE: <a href="https://example.org/9">https://example.org/9</a></span></p>'
    post = one(note(1, content=html, **{field: "https://example.org/9"}), note(2, 1)).posts[0]
    assert (post.text, [quote.url for quote in post.quotes]) == ("This.", ["https://example.org/9"])


def test_a_thread_whose_post_was_deleted_between_says_so() -> None:
    thread = one(note(3, 2), note(4, 3))
    assert [post.text for post in thread.posts] == ["Note 3", "Note 4"]
    assert "The beginning of the thread is missing." in thread.warnings


def test_an_outbox_without_a_thread_says_so() -> None:
    with pytest.raises(NotAThread, match="nobody answered themselves"):
        one(note(1), note(2))


def test_an_empty_outbox_says_so() -> None:
    with pytest.raises(NotAThread, match="no public post"):
        one()


def test_a_note_handed_out_alone_is_a_thread_of_one() -> None:
    thread = read(decode(json.dumps(note(1)["object"]).encode(), ref="note.json"))
    assert any("single post" in warning for warning in thread.warnings)
