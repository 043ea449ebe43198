import pytest

from digest.desk.bylines import marks, meant
from digest.model import Author

ADA = Author(name="Ada Moor", handle="@ada@example.social", url="https://example.social/@ada")


@pytest.mark.parametrize(
    "ref",
    [
        "@Ada@example.social",
        "ada@example.social",
        "https://example.social/@ada",
        "https://example.social/users/ada",
        "https://example.social/@ada/1131",
        "https://www.example.social/@ada/",
        " ada  moor ",
    ],
)
def test_an_author_is_known_by_handle_address_and_name(ref: str) -> None:
    assert meant(ref) & marks(ADA)


@pytest.mark.parametrize("ref", ["", "@ada", "ada", "@ada@example.org", "https://example.social/@adam", "Ada"])
def test_nobody_else_is_meant(ref: str) -> None:
    assert not meant(ref) & marks(ADA)


@pytest.mark.parametrize(
    "ref",
    [
        "@ada.example.org",
        "ada.example.org",
        "https://bsky.app/profile/ada.example.org/post/3k",
        "https://ada.example.org",
    ],
)
def test_a_handle_of_bluesky_is_its_profile(ref: str) -> None:
    author = Author(handle="@ada.example.org", url="https://bsky.app/profile/ada.example.org")
    assert bool(meant(ref) & marks(author)) is ("https://ada" not in ref)


def test_an_author_of_x_is_known_from_any_of_its_addresses() -> None:
    author = Author(handle="@ada")
    refs = ("https://x.com/Ada", "https://twitter.com/ada/status/1", "https://threadreaderapp.com/user/ada", "ada")
    assert all(meant(ref) & marks(author) for ref in refs)


def test_who_has_no_name_is_nobody() -> None:
    assert marks(Author()) == frozenset()
