"""Notes of clippers and collectors: Readwise's exports of posts, and threads of X out of Obsidian's web clipper."""

from __future__ import annotations

import pytest

from digest.errors import NotAThread
from digest.model import Thread
from digest.sources import decode, read, split

BASE = 1_463_813_875_535_646_720  # of 2021


def thread_of(text: str) -> Thread:
    return read(decode(text.encode(), ref="note.md"))


# ── Readwise ──────────────────────────────────────────────────────────────────────────────────────


def exported(
    *highlights: str, url: str = f"https://twitter.com/ada/status/{BASE}", author: str = "@ada on Twitter"
) -> str:
    """A document's page as Readwise writes it with its own template."""
    told = f"- Author: [[{author}]]\n- Full Title: Walls...\n- Category: #tweets\n- URL: {url}\n"
    return f"# Walls...\n\n![rw-book-cover](https://example.org/ada.jpg)\n\n## Metadata\n{told}\n" + "".join(highlights)


def highlight(number: int, words: str) -> str:
    return f"- {words} ([View Tweet](https://twitter.com/ada/status/{BASE + number}))\n"


def test_each_highlight_is_a_post() -> None:
    first = "A wall has two faces.\n  And a heart: https://example.org/h \n  ![Stones](https://example.org/a.jpg)"
    thread = thread_of(exported("## Highlights\n", highlight(0, first), highlight(1, "- no mortar\n  - no hurry")))
    assert [post.text for post in thread.posts] == [
        "A wall has two faces.\nAnd a heart: https://example.org/h",
        "- no mortar\n- no hurry",
    ]
    assert [medium.alt for medium in thread.posts[0].media] == ["Stones"]
    assert thread.posts[1].url == f"https://twitter.com/ada/status/{BASE + 1}"
    assert (thread.key, thread.author.handle) == (f"x:{BASE}", "@ada")
    assert str(thread.created_at).startswith("2021-11-25")
    assert thread.warnings == ()


def test_what_was_marked_later_comes_where_it_was_written() -> None:
    later = "## New highlights added June 1, 2022 at 9:00 AM\n"
    text = exported("## Highlights\n", highlight(0, "One."), highlight(2, "Three."), later, highlight(1, "Two."))
    assert [post.text for post in thread_of(text).posts] == ["One.", "Two.", "Three."]


def test_the_collectors_notes_are_left_out() -> None:
    thread = thread_of(exported("## Highlights\n", highlight(0, "One."), "    - Note: mine\n", highlight(1, "Two.")))
    assert [post.text for post in thread.posts] == ["One.", "Two."]
    assert thread.dropped == ("notes of who collected it",)


def test_single_posts_that_somebody_collected_are_said_to_be_such() -> None:
    text = exported("## Highlights\n", highlight(5, "Five."), highlight(1, "One."), url="https://twitter.com/ada")
    thread = thread_of(text)
    assert [post.text for post in thread.posts] == ["Five.", "One."]
    assert any("may belong to several threads" in warning for warning in thread.warnings)


def test_a_whole_document_is_read_and_its_boundaries_are_said_to_be_guessed() -> None:
    text = exported("## Full Document\n", "**Walls**\n\nA wall has two faces.\n", author="Ada L.")
    thread = thread_of(text)
    assert (thread.text, thread.author.name) == ("Walls\n\nA wall has two faces.", "Ada L.")
    assert any("was guessed" in warning for warning in thread.warnings)


def test_a_whole_document_is_not_left_for_the_few_words_marked_in_it() -> None:
    text = exported("## Full Document\n", "A wall has two faces.\n", "## Highlights\n", "- two faces\n")
    assert thread_of(text).text == "A wall has two faces."


def test_an_export_for_logseq_is_read_alike() -> None:
    head = f'title:: Walls (highlights)\nauthor:: [[@ada on Twitter]]\nfull-title:: "Walls"\ncategory:: #tweets\nurl:: https://twitter.com/ada/status/{BASE}\n\n'
    first = (
        f"\t- A wall.\n\t  \n\t  ![](https://example.org/a.jpg) ([View Tweet](https://twitter.com/ada/status/{BASE}))\n"
    )
    second = f"\t- Two faces. ([View Tweet](https://twitter.com/ada/status/{BASE + 1}))\n"
    thread = thread_of(
        f"{head}- Highlights first synced by [[Readwise]]\n{first}- New highlights added [[today]]\n{second}"
    )
    assert [(post.text, len(post.media)) for post in thread.posts] == [("A wall.", 1), ("Two faces.", 0)]
    assert (thread.author.handle, thread.key) == ("@ada", f"x:{BASE}")


def test_marked_passages_are_said_to_be_no_whole_thread() -> None:
    mark = "- A wall has two faces. ([View Highlight](https://read.readwise.io/read/01))\n"
    thread = thread_of(exported("## Full Document\n[[Walls]]\n\n## Highlights\n", mark))
    assert (thread.text, thread.truncated) == ("A wall has two faces.", True)
    assert any("passages that somebody marked" in warning for warning in thread.warnings)


def test_an_export_without_posts_is_refused() -> None:
    with pytest.raises(NotAThread, match="no posts in it"):
        thread_of(exported("## Highlights\n"))


# ── a clip of X ───────────────────────────────────────────────────────────────────────────────────

BY_ADA = f"**Ada L.** @ada\\_l [2021-11-25](https://x.com/ada_l/status/{BASE})"


def clipped(body: str) -> str:
    matter = f'title: "Thread by @ada_l"\nsource: "https://x.com/ada_l/status/{BASE}"\nauthor:\n  - "[[@ada_l]]"\npublished: 2021-11-25\n'
    return f"---\n{matter}---\n# Thread by @ada_l\n{body}"


def clip(body: str) -> Thread:
    return thread_of(clipped(body))


def test_a_clipped_post_keeps_its_paragraphs_and_pictures() -> None:
    thread = clip(f"{BY_ADA}\n\nA wall has two faces.\n\nAnd a heart.\n\n![Image](https://example.org/a.jpg)\n")
    (post,) = thread.posts
    assert (post.text, len(post.media)) == ("A wall has two faces.\n\nAnd a heart.", 1)
    assert (thread.author.name, thread.author.handle, thread.title) == ("Ada L.", "@ada_l", "")
    assert (thread.key, post.id) == (f"x:{BASE}", str(BASE))


def test_a_film_that_was_only_in_the_browser_is_still_told_of() -> None:
    (post,) = clip(f'{BY_ADA}\n\nLook.\n\n<video src="blob:https://x.com/1"></video>\n').posts
    assert [(medium.kind, medium.url) for medium in post.media] == [("video", "")]


def test_lines_across_part_the_posts_of_a_clip() -> None:
    thread = clip(f"{BY_ADA}\n\nOne.\n\nStill one.\n\n---\n\nTwo.\n\n\\---\n\nStill two.\n")
    assert [post.text for post in thread.posts] == ["One.\n\nStill one.", "Two.\n\n---\n\nStill two."]


def test_several_clips_in_one_file_are_several_threads() -> None:
    text = clipped(f"{BY_ADA}\n\nOne.\n\n") + clipped(f"{BY_ADA}\n\nTwo.\n").replace(str(BASE), str(BASE + 1))
    assert [read(raw).text for raw in split(decode(text.encode(), ref="note.md")).raws] == ["One.", "Two."]


def test_what_others_wrote_is_no_part_of_a_clip() -> None:
    thread = clip(f"{BY_ADA}\n\nOne.\n\n**Bob** @bob 2021-11-26\n\nNice!\n\n{BY_ADA}\n\nTwo.\n")
    assert [post.text for post in thread.posts] == ["One.", "Two."]
    assert thread.dropped == ("1 posts by others",)
