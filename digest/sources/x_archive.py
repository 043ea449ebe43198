"""The archive of an account of X: `tweets.js` and its parts, `note-tweet.js` for long posts, `account.js` for the name.

Old archives too (`tweet.js`, and the months of `data/js/tweets`). Repeats of others' posts are left out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta

from digest.errors import NotAThread
from digest.model import Thread
from digest.sources import chain, x_post, x_saved
from digest.sources.chain import Node
from digest.sources.data import Json, moment, object_at, objects, word
from digest.sources.raw import Bundle, Raw, pack

FILES = re.compile(r"(?:tweets?(?:-part\d+)?|note-tweet(?:-part\d+)?|account|profile|\d{4}_\d{2})\.js")
POSTS = re.compile(r"(?:tweets?(?:-part\d+)?|\d{4}_\d{2})\.js")
_NEAR = timedelta(seconds=5)
_ALIKE = 60  # letters and digits that a long post shares with the beginning that stands in its place


def owns(raw: Raw) -> bool:
    """Whether it is one of these files, or what we packed out of several."""
    return bool(_tweets(raw.document))


def gathered(documents: Iterable[object], *, ref: str, warnings: tuple[str, ...] = ()) -> Raw:
    """The files of one archive as one Raw."""
    return pack([entry for document in documents for entry in objects(document)], ref=ref, warnings=warnings)


def split(raw: Raw) -> Bundle:
    """A Raw for each thread that the account wrote."""
    known, repeats = _known(raw.document)
    found = chain.threads(known)
    people = [entry for entry in objects(raw.document) if "account" in entry or "profile" in entry]
    parts = [pack([*people, *({"tweet": node.thing} for node in nodes)], ref=raw.ref) for nodes in found]
    answers = sum(1 for node in known.values() if node.parent and node.parent not in known)
    counts = {
        "posts that are in no thread": len(known) - sum(map(len, found)) - answers,
        "answers to others": answers,
        "repeats of others' posts": repeats,
    }
    left_out = tuple(f"{count:,} {what}" for what, count in counts.items() if count > 0)
    return Bundle(raws=tuple(parts) or (raw,), left_out=left_out)


def read(raw: Raw) -> Thread:
    """The longest thread in it. Raises NotAThread when the account never answered itself."""
    known, _ = _known(raw.document)
    chains = chain.threads(known, at_least=1)
    nodes = max(chains, key=len, default=[])
    if not nodes or (len(nodes) == 1 and len(known) > 1):
        what = f"it holds {len(known)} posts and no thread: the account never answered itself"
        raise NotAThread(what, where=raw.ref, then="Import another archive, or a thread that was saved.")
    return x_saved.told(nodes, {node.id: node for node in nodes}, ref=raw.ref)


def _tweets(document: object) -> list[Json]:
    entries = objects(document)
    wrapped = [object_at(entry, "tweet") for entry in entries if "tweet" in entry]
    bare = [entry for entry in entries if "user" not in entry and ("full_text" in entry) and "id_str" in entry]
    monthly = [
        entry for entry in entries if "id_str" in entry and "text" in entry and "user" in entry and "source" in entry
    ]
    return wrapped or bare or monthly


def _known(document: object) -> tuple[dict[str, Node[Json]], int]:
    """The account's own posts by id, the last version of each with its whole text; and how many were repeats."""
    user = _user(document)
    own = [tweet for tweet in _tweets(document) if not _is_repeat(tweet)]
    notes = _Notes(document)
    current = _last_versions(own)
    nodes = chain.unique(
        x_saved.node_of({"user": user, **notes.completed(tweet)})
        for tweet in own
        if current.get(word(tweet, "id_str"), word(tweet, "id_str")) == word(tweet, "id_str")
    )
    moved = (_answering(node, current) for node in nodes.values())
    return x_saved.joined(chain.unique(moved)), len(_tweets(document)) - len(own)


def _is_repeat(tweet: Json) -> bool:
    text = word(tweet, "full_text") or word(tweet, "text")
    return text.startswith("RT @") or "retweeted_status" in tweet


def _user(document: object) -> Json:
    """The account's own entry; without it, whom the account answers when it answers itself: its posts name nobody."""
    accounts = [object_at(entry, "account") for entry in objects(document) if "account" in entry]
    account = accounts[0] if accounts else {}
    if not account:
        tweets = _tweets(document)
        own = {word(tweet, "id_str") for tweet in tweets}
        answers = (tweet for tweet in tweets if word(tweet, "in_reply_to_status_id_str") in own)
        told = next(answers, {})
        return {
            "id_str": word(told, "in_reply_to_user_id_str"),
            "name": "",
            "screen_name": word(told, "in_reply_to_screen_name"),
        }
    return {
        "id_str": word(account, "accountId"),
        "name": word(account, "accountDisplayName"),
        "screen_name": word(account, "username"),
    }


def _last_versions(tweets: Sequence[Json]) -> dict[str, str]:
    """For every version of an edited post that is here, the last one that is here too."""
    here = {word(tweet, "id_str") for tweet in tweets}
    last: dict[str, str] = {}
    for tweet in tweets:
        versions = [id_ for id_ in x_post.latest_edit(tweet) if id_ in here]
        last |= dict.fromkeys(versions, versions[-1]) if versions else {}
    return last


def _answering(node: Node[Json], current: dict[str, str]) -> Node[Json]:
    """An answer to an earlier version of a post is one to its last."""
    parent = current.get(node.parent, node.parent)
    tweet = {**node.thing, "in_reply_to_status_id_str": parent} if parent != node.parent else node.thing
    return Node(id=node.id, author=node.author, parent=parent, at=node.at, thing=tweet)


class _Notes:
    """The long posts, which lie in a file of their own and name no post: found by when and how they begin."""

    def __init__(self, document: object) -> None:
        self._by_words: dict[str, list[Json]] = defaultdict(list)
        for entry in objects(document):
            note = object_at(entry, "noteTweet")
            if note:
                self._by_words[_beginning(word(note, "core", "text"))].append(note)

    def completed(self, tweet: Json) -> Json:
        """The post with its note in it, in the place where the API has it."""
        if "note_tweet" in tweet:
            return tweet
        at = moment(word(tweet, "created_at"))
        for note in self._by_words.get(_beginning(word(tweet, "full_text")), []):
            written = moment(word(note, "createdAt"))
            if at is None or written is None or abs(written - at) <= _NEAR:
                return {**tweet, "note_tweet": object_at(note, "core")}
        return tweet


def _beginning(text: str) -> str:
    bare = re.sub(r"https?://\S*|&\w+;", "", text)
    return "".join(letter for letter in bare.casefold() if letter.isalnum())[:_ALIKE]
