"""Thread Reader pages that a web clipper kept as Markdown."""

from __future__ import annotations

from digest.model import Media, Related
from digest.sources import Raw, read

CLIP = """---
title: "Thread by @ivobrandl on Thread Reader App"
source: "https://threadreaderapp.com/thread/1958152314914508893.html?utm_campaign=topunroll"
author:
  - "[[@ivobrandl]]"
published:
created: 2025-08-26
---
## Enter URL or ID to Unroll

A wall is a slow garden.  
  
It begins with [dust](https://threadreaderapp.com/thread/?utm_campaign=topunroll#). ![Image](https://example.org/a.jpg)

Two things:  
1\\. moss  
2\\. [ferns](https://example.org/ferns)

[![](https://threadreaderapp.com/images/1px.png)](https://example.org/b.jpg)

• • •

Missing some Tweet in this thread? You can try to [force a refresh](https://threadreaderapp.com/thread/#)

**Keep Current with [Ivo Brandl](https://threadreaderapp.com/user/ivobrandl)**

**This Thread may be Removed Anytime!**

Influencer marketing courses

## More from @ivobrandl

Aug 11

On gates.  
  
And hinges.

Sep 17, 2024

On hedges.

## Send Email!

Email the whole thread instead of just a link!
"""


THREAD = read(Raw(ref="clip.md", text=CLIP))


def test_a_blank_line_parts_posts_and_a_hard_break_does_not() -> None:
    assert [post.text for post in THREAD.posts] == [
        "A wall is a slow garden.\n\nIt begins with dust.",
        "Two things:\n1. moss\n2. ferns",
    ]


def test_an_advertisement_on_a_common_word_is_no_link() -> None:
    assert THREAD.posts[0].links == ()
    assert [link.url for link in THREAD.posts[1].links] == ["https://example.org/ferns"]


def test_a_picture_alone_belongs_to_the_post_before_it() -> None:
    assert THREAD.posts[0].media == (Media(kind="image", url="https://example.org/a.jpg"),)
    assert THREAD.posts[1].media == (Media(kind="image", url="https://example.org/b.jpg"),)


def test_author_and_number_come_from_the_front_matter() -> None:
    assert (THREAD.author.name, THREAD.author.handle) == ("Ivo Brandl", "@ivobrandl")
    assert THREAD.key == "x:1958152314914508893"


def test_the_day_of_the_clipping_is_not_the_day_of_the_thread() -> None:
    assert THREAD.created_at is not None
    assert THREAD.created_at.date().isoformat() == "2025-08-20"


def test_teasers_of_a_clipping_have_no_length() -> None:
    assert THREAD.related == (
        Related(text="On gates.\n\nAnd hinges.", date="Aug 11"),
        Related(text="On hedges.", date="Sep 17, 2024"),
    )
