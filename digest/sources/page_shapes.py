"""Where known kinds of pages keep their posts, as XPath. A table; who reads by it is `pages`."""

from __future__ import annotations

from dataclasses import dataclass


def _of_class(name: str) -> str:
    return f"contains(concat(' ',@class,' '),' {name} ')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Where a kind of page keeps things: XPath, all but `posts` from the post's own element."""

    name: str
    posts: str
    words: str = "."
    handle: str = ""
    author: str = ""
    date: str = ""
    link: str = ""
    pictures: str = ""
    quote: str = ""


SHAPES = (
    Shape(
        name="Nitter",
        posts=f"//*[{_of_class('main-thread')}]//*[{_of_class('timeline-item')}][.//*[{_of_class('tweet-content')}]]",
        words=f"(.//*[{_of_class('tweet-content')}])[1]",
        handle=f"string((.//*[{_of_class('username')}])[1])",
        author=f"string((.//*[{_of_class('fullname')}])[1])",
        date=f"string((.//*[{_of_class('tweet-date')}]/a/@title)[1])",
        link=f"string((.//*[{_of_class('tweet-date')}]/a/@href | .//a[{_of_class('tweet-link')}]/@href)[1])",
        pictures=f".//a[{_of_class('still-image')}]/@href | .//*[{_of_class('attachments')}]//video/@poster",
        quote=f".//*[{_of_class('quote-text')}]",
    ),
    Shape(
        name="X",
        posts="//article[@data-testid='tweet']",
        words="(.//*[@data-testid='tweetText'])[1]",
        handle="string((.//*[@data-testid='User-Name']//a[starts-with(normalize-space(.),'@')])[1])",
        author="string((.//*[@data-testid='User-Name']//a)[1])",
        date="string((.//time/@datetime)[1])",
        link="string((.//a[time]/@href)[1])",
        pictures=".//*[@data-testid='tweetPhoto']//img/@src | .//video/@poster",
        quote="(.//*[@data-testid='tweetText'])[2]",
    ),
    Shape(name="UnrollNow", posts=f"//*[{_of_class('mainarticle')}]//p"),
    Shape(
        name="unroller",
        posts="//*[@data-tweet-id or @data-tweetid or @data-status-id or @data-post-id][not(ancestor::*[@data-tweet-id or "
        "@data-tweetid or @data-status-id or @data-post-id])][string-length(normalize-space(.)) > 1]",
        link="string((.//a[contains(@href,'/status/')]/@href)[1])",
        date="string((.//time/@datetime)[1])",
    ),
    Shape(
        name="unroller",
        posts=f"//*[{_of_class('tweet')} or {_of_class('thread-tweet')} or {_of_class('tweet-text')} or "
        f"{_of_class('tweet-body')} or {_of_class('thread-post')} or {_of_class('post-text')}]"
        f"[not(ancestor::*[{_of_class('tweet')} or {_of_class('thread-tweet')} or {_of_class('tweet-text')} or "
        f"{_of_class('tweet-body')} or {_of_class('thread-post')} or {_of_class('post-text')}])]",
        link="string((.//a[contains(@href,'/status/')]/@href)[1])",
        date="string((.//time/@datetime)[1])",
    ),
    Shape(
        name="microformats",
        posts=f"//*[{_of_class('h-entry')}][not(.//*[{_of_class('h-entry')}])][.//*[{_of_class('e-content')}]]",
        words=f"(.//*[{_of_class('e-content')}])[1]",
        handle=f"string((.//*[{_of_class('p-author')}]//*[{_of_class('p-nickname')} or {_of_class('display-name__account')}])[1])",
        author=f"string((.//*[{_of_class('p-author')}]//*[{_of_class('p-name')}] | .//*[{_of_class('p-author')}])[1])",
        date=f"string((.//*[{_of_class('dt-published')}]/@datetime | .//time/@datetime)[1])",
        link=f"string((.//a[{_of_class('u-url')}]/@href)[last()])",
        pictures=f".//*[{_of_class('u-photo')}]/@src",
    ),
)
