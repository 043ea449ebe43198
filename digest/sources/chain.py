"""Finds the thread among posts that answer each other: an author's first post and all that they answered themselves with.

The same for every service. Duplicates and cycles do it no harm, and it knows no post's content.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

Thing = TypeVar("Thing")
_FIRST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node(Generic[Thing]):
    """A post as far as the thread goes: its id, whose it is, and the id of the post that it answers ("" for none)."""

    id: str
    author: str
    parent: str
    at: datetime | None
    thing: Thing

    @property
    def age(self) -> tuple[datetime, int, str]:
        """What orders posts: when they were made, then their ids, which grow."""
        return self.at or _FIRST, len(self.id), self.id


def unique(nodes: Iterable[Node[Thing]]) -> dict[str, Node[Thing]]:
    """The nodes by id, each once; of two with one id the later in line counts, as the newer answer."""
    return {node.id: node for node in nodes if node.id}


def root_of(node: Node[Thing], known: dict[str, Node[Thing]]) -> Node[Thing]:
    """The post that the author's thread with `node` in it begins with, as far up as it is known."""
    seen = {node.id}
    while (above := known.get(node.parent)) and above.author == node.author and above.id not in seen:
        node = above
        seen.add(node.id)
    return node


def thread(root: Node[Thing], known: dict[str, Node[Thing]]) -> list[Node[Thing]]:
    """`root` and all its author's answers to themselves, in the order of writing, none before what it answers."""
    return _below(root, _answers(known))


def threads(known: dict[str, Node[Thing]], *, at_least: int = 2) -> list[list[Node[Thing]]]:
    """Every thread among the nodes, in the order of writing. What answers somebody unknown begins none."""
    answers = _answers(known)
    roots = sorted((node for node in known.values() if not node.parent), key=lambda node: node.age)
    found = (_below(root, answers) for root in roots)
    return [chain for chain in found if len(chain) >= at_least]


def every(known: dict[str, Node[Thing]]) -> list[list[Node[Thing]]]:
    """Every chain among the nodes, of one post too, whatever its first post answers; the oldest first."""
    answers = _answers(known)
    inner = {answer.id for below in answers.values() for answer in below}
    roots = [node for node in known.values() if node.id not in inner] or list(known.values())[:1]
    return [_below(root, answers) for root in sorted(roots, key=lambda node: node.age)]


def forks(chain: Sequence[Node[Thing]]) -> list[int]:
    """The places (from 1) of posts that the author answered more than once."""
    counts: dict[str, int] = defaultdict(int)
    for node in chain[1:]:
        counts[node.parent] += 1
    return [place for place, node in enumerate(chain, start=1) if counts[node.id] > 1]


def forked(chain: Sequence[Node[Thing]]) -> tuple[str, ...]:
    """The warning that a thread branches; none when it runs straight."""
    places = forks(chain)
    if not places:
        return ()
    numbers = ", ".join(map(str, places))
    which = f"post {numbers}" if len(places) == 1 else f"posts {numbers}"
    return (f"The author answered {which} more than once: all answers are kept, in the order of writing.",)


def _answers(known: dict[str, Node[Thing]]) -> dict[str, list[Node[Thing]]]:
    answers: dict[str, list[Node[Thing]]] = defaultdict(list)
    for node in known.values():
        above = known.get(node.parent)
        if above and above.author == node.author and above.id != node.id:
            answers[above.id].append(node)
    return answers


def _below(root: Node[Thing], answers: dict[str, list[Node[Thing]]]) -> list[Node[Thing]]:
    """Always the oldest post next among those whose parent is told: cycles end, since no id comes twice."""
    waiting = [(root.age, root)]
    chain: list[Node[Thing]] = []
    seen = {root.id}
    while waiting:
        node = heapq.heappop(waiting)[1]
        chain.append(node)
        for answer in answers.get(node.id, []):
            if answer.id not in seen:
                seen.add(answer.id)
                heapq.heappush(waiting, (answer.age, answer))
    return chain
