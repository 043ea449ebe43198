"""Saved answers of X: GraphQL (TweetDetail and its kin), the syndication of embedded posts, the old API's statuses.

Posts are looked for wherever they stand, since X moves them about; promoted, quoted and repeated ones are none of the
thread's. Of a conversation, the thread is the one that was asked for; a page of many posts holds as many threads as it does.
Nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import takewhile

from digest.errors import NotAThread
from digest.model import Thread
from digest.sources import chain, x_post
from digest.sources.chain import Node
from digest.sources.data import Json, commonest, engagement, moment, object_at, walk, word
from digest.sources.doubts import doubted
from digest.sources.numbering import lost, renumber, uncount
from digest.sources.prose import has_something
from digest.sources.raw import Bundle, Raw, pack

NAME = "x"
_BESIDE = (
    *("quoted_status_result", "quoted_status", "quoted_tweet", "quotedRefResult"),
    *("retweeted_status_result", "retweeted_status", "retweeted_tweet", "card"),
)
_MORE = ("ShowMoreThreads", "cursor-showmorethreads")
_CONVERSATION = '"threaded_conversation_with_injections'
_ASKED, _ANSWERS = "tweet-", "conversationthread-"  # what entries are called


def owns(raw: Raw) -> bool:
    """Whether a post of X stands in it, or an answer about one that is gone."""
    if not isinstance(raw.document, (dict, list)):
        return False
    return _CONVERSATION in raw.text or next(_found(raw.document), None) is not None


def split(raw: Raw) -> Bundle:
    """A page of an account, a list or a search holds several threads: a Raw for each. A conversation holds one."""
    known = _known(raw.document)
    found = chain.threads(known)
    conversations = {word(node.thing, "conversation_id_str") for node in known.values()}
    if _CONVERSATION in raw.text or not found or len(conversations) < 2:
        return Bundle(raws=(raw,))
    parts = [pack({"tweets": [node.thing for node in nodes]}, ref=raw.ref) for nodes in found]
    alone = len(known) - sum(map(len, found))
    return Bundle(raws=tuple(parts), left_out=(f"{alone} posts that are in no thread",) if alone else ())


def read(raw: Raw) -> Thread:
    """The thread that was asked for; where nobody can tell, the longest that one author made, and of equals the one that
    begins its conversation. Raises NotAThread for posts of which none goes on."""
    known, asked = _known(raw.document), _asked(raw)
    if asked is not None and not known.keys() & asked:
        what = "X does not show the post that was asked for (deleted or hidden)"
        raise NotAThread(what, where=raw.ref, then="Save the thread again, logged in.")
    if not known:
        raise NotAThread("there is no post in it", where=raw.ref, then="Save the thread again.")
    nodes = _longest(known, asked or set(known))
    if asked is None and len(nodes) == 1 < len(known):
        what = f"it holds {len(known)} posts and no thread: nobody in it answered themselves"
        raise NotAThread(what, where=raw.ref, then="Save the page of one thread.")
    return told(nodes, known, cut=any(mark in raw.text for mark in _MORE), tombs=_tombs(raw), ref=raw.ref)


def told(
    nodes: Sequence[Node[Json]], known: dict[str, Node[Json]], *, ref: str, cut: bool = False, tombs: int = 0
) -> Thread:
    """The thread of these posts of X, for the archive as well."""
    root = nodes[0]
    posts = [post for node in nodes if has_something(post := x_post.read_post(node.thing))]
    if not posts:
        raise NotAThread("its posts are empty", where=ref, then="Save the thread again.")
    writer = x_post.author(object_at(root.thing, "user"))
    short = [place for place, node in enumerate(nodes, start=1) if x_post.is_cut(node.thing)]
    warnings = (*_doubts(root, nodes, short=short, cut=cut, tombs=tombs), *chain.forked(nodes))
    missing = bool(lost(posts) or short or cut or tombs or _answers_itself(root) or _gaps(nodes))
    others = len(known) - len(nodes)
    thread = Thread(
        key=f"x:{root.id}",
        source=NAME,
        posts=renumber(uncount(posts)),
        author=writer,
        url=f"https://x.com/{writer.handle[1:] or 'i'}/status/{root.id}",
        lang=_language(nodes),
        created_at=root.at,
        engagement=engagement(root.thing, "favorite_count", "retweet_count"),
        truncated=missing,
        warnings=warnings,
        dropped=(f"{others} posts that are not the author's thread",) if others else (),
    )
    return doubted(thread)


# ── which posts ───────────────────────────────────────────────────────────────────────────────────


def _found(document: object) -> Iterator[Json]:
    """Every post that stands by itself, in one shape whatever the year. Depth costs nothing: no recursion."""
    waiting: list[object] = [document]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting += reversed(item)
        elif isinstance(item, dict) and "promotedMetadata" not in item:
            if tweet := flat(item):
                yield tweet
            waiting += [inner for key, inner in reversed(list(item.items())) if key not in _BESIDE]


def _is_called(item: Json, name: str) -> bool:
    return word(item, "entryId").startswith(name)


def _asked(raw: Raw) -> set[str] | None:
    """The ids of the post that was asked for and of those that are shown above it; None where nothing tells."""
    outer = flat(object_at(raw.document))
    if outer:
        return {word(outer, "id_str")}
    if _CONVERSATION not in raw.text:
        return None
    entries = [item for item in walk(raw.document) if "entryId" in item]
    above = list(takewhile(lambda item: not _is_called(item, _ANSWERS), entries))
    shown = [item for item in above if _is_called(item, _ASKED)]
    return {word(tweet, "id_str") for item in shown for tweet in _found(item)} if shown else None


def flat(item: Json) -> Json:
    """A post in the shape of the old API: what GraphQL keeps beside `legacy` is put into it. {} for anything else."""
    legacy = object_at(item, "legacy")
    if "full_text" in legacy:
        return {
            **legacy,
            "id_str": word(item, "rest_id") or word(legacy, "id_str"),
            "user": _user(object_at(item, "core", "user_results", "result") or object_at(item, "core", "user_result")),
            "quoted_tweet": _quoted(item),
            "card": object_at(item, "card"),
            **{name: item[name] for name in ("note_tweet", "edit_control") if item.get(name)},
        }
    whole = ("full_text" in item or "text" in item) and ("id_str" in item or "id" in item)
    if whole and "created_at" in item and isinstance(item.get("user"), dict):
        return {**item, "id_str": word(item, "id_str") or word(item, "id"), "quoted_tweet": _quoted(item)}
    return {}


def _user(user: Json) -> Json:
    """One shape for both kinds of users, with what the post's own address needs."""
    shown = object_at(user, "result") or user
    core = object_at(shown, "core") or object_at(shown, "legacy")
    return {
        "id_str": word(shown, "rest_id"),
        "name": word(core, "name"),
        "screen_name": word(core, "screen_name"),
    }


def _quoted(item: Json) -> Json:
    result = object_at(item, "quoted_status_result", "result") or object_at(
        item, "legacy", "quoted_status_result", "result"
    )
    result = object_at(result, "tweet") or result
    return flat(result) if result else flat(object_at(item, "quoted_tweet") or object_at(item, "quoted_status"))


def _known(document: object) -> dict[str, Node[Json]]:
    tweets = [tweet for tweet in _found(document) if not word(tweet, "full_text").startswith("RT @")]
    return joined(chain.unique(map(node_of, tweets)))


def node_of(tweet: Json) -> Node[Json]:
    user = object_at(tweet, "user")
    return Node(
        id=word(tweet, "id_str"),
        author=word(tweet, "user_id_str") or word(user, "id_str") or word(user, "screen_name"),
        parent=word(tweet, "in_reply_to_status_id_str"),
        at=moment(word(tweet, "created_at")),
        thing=tweet,
    )


def joined(known: dict[str, Node[Json]]) -> dict[str, Node[Json]]:
    """Posts that answer one of their author's that is missing: hung onto the one before it in the conversation, which
    leaves a gap that is said; where there is none, they begin what is left."""
    latest: dict[tuple[str, str], str] = {}
    mended: dict[str, Node[Json]] = {}
    for node in sorted(known.values(), key=lambda node: node.age):
        talk = word(node.thing, "conversation_id_str")
        before = latest.get((node.author, talk), "") if talk else ""
        lone = bool(node.parent) and node.parent not in known and _answers_itself(node)
        mended[node.id] = replace(node, parent=before) if lone else node
        if not node.parent or node.parent in known or lone:
            latest[(node.author, talk)] = node.id
    return mended


def _answers_itself(node: Node[Json]) -> bool:
    to = word(node.thing, "in_reply_to_user_id_str") or word(node.thing, "in_reply_to_user_id")
    name = word(node.thing, "in_reply_to_screen_name")
    own = {node.author, word(node.thing, "user", "screen_name"), word(node.thing, "user", "id_str")} - {""}
    return to in own or name in own


def _gaps(nodes: Sequence[Node[Json]]) -> list[int]:
    """The places of posts whose parent is not the post that it said it was."""
    return [
        place
        for place, node in enumerate(nodes, start=1)
        if node.parent and node.parent != word(node.thing, "in_reply_to_status_id_str")
    ]


def _longest(known: dict[str, Node[Json]], among: set[str]) -> list[Node[Json]]:
    """The longest of the threads that one of the posts `among` belongs to."""
    chains = [nodes for nodes in chain.every(known) if any(node.id in among for node in nodes)]
    return max(chains, key=lambda nodes: (len(nodes), word(nodes[0].thing, "conversation_id_str") == nodes[0].id))


def _tombs(raw: Raw) -> int:
    return raw.text.count('"TweetTombstone"')


def _language(nodes: Sequence[Node[Json]]) -> str:
    said = commonest(word(node.thing, "lang") for node in nodes)
    return said if len(said) == 2 and said not in ("in", "iw") else {"in": "id", "iw": "he"}.get(said, "")


def _doubts(
    root: Node[Json], nodes: Sequence[Node[Json]], *, short: Sequence[int], cut: bool, tombs: int
) -> Iterator[str]:
    if _answers_itself(root):
        yield "The beginning of the thread is missing."
    elif word(root.thing, "in_reply_to_status_id_str"):
        yield "Its first post answers another post, which is not part of it."
    if len(nodes) == 1:
        yield "It is a single post: its author's answers to it are not here."
    for place in short:
        yield f"Post {place} is only the beginning of a longer one."
    for place in _gaps(nodes):
        yield f"A post is missing before post {place}."
    if tombs:
        yield f"{tombs} posts of the conversation are not shown by X (deleted or hidden)."
    if cut:
        yield "X had not loaded all of it when it was saved: the thread goes on."
