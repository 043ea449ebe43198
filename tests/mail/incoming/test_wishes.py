"""What a person's mail asks, in their words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from digest.mail.intents import (
    Choose,
    Confirm,
    Erase,
    Export,
    Follow,
    Get,
    Help,
    Instruct,
    Intent,
    Nominate,
    Pause,
    Rate,
    Rejoin,
    Resume,
    Speak,
    Stop,
    Subscribe,
    Unsubscribe,
    Why,
)
from digest.mail.tokens import Purpose, Stamp

from .conftest import Read, mail

WISHES: list[tuple[str, Intent]] = [
    ("subscribe", Subscribe()),
    ("Please subscribe me to your newsletter!", Subscribe()),
    ("“Subscribe.”", Subscribe()),
    ("anmelden bitte", Subscribe()),
    ("Je m'abonne", Subscribe()),
    ("登録お願いします", Subscribe()),
    ("STOP", Unsubscribe()),
    ("Please unsubscribe me from this list.", Unsubscribe()),
    ("I want to unsubscribe", Unsubscribe()),
    ("Bitte abmelden", Unsubscribe()),
    ("Désabonnez-moi, s'il vous plaît", Unsubscribe()),
    ("Quiero darme de baja por favor", Unsubscribe()),
    ("Cancellami", Unsubscribe()),
    ("Uitschrijven aub", Unsubscribe()),
    ("Descadastrar", Unsubscribe()),
    ("Wypisz mnie z tej listy, proszę", Unsubscribe()),
    ("Avsluta", Unsubscribe()),
    ("配信停止", Unsubscribe()),
    ("退订", Unsubscribe()),
    ("отписаться", Unsubscribe()),
    ("pause", Pause(weeks=4)),
    ("PAUSE 3 weeks", Pause(weeks=3)),
    ("pause for two weeks please", Pause(weeks=2)),
    ("pause 10 days", Pause(weeks=2)),
    ("Pausiere 2 Monate", Pause(weeks=9)),
    ("pause 400 weeks", Pause(weeks=52)),
    ("resume", Resume()),
    ("weiter", Resume()),
    ("full", Choose(kind="full")),
    ("summary please", Choose(kind="summary")),
    ("text only", Choose(kind="text")),
    ("latest", Get()),
    ("Send me issue 12 please", Get(number=12)),
    ("get #7", Get(number=7)),
    ("Why?", Why()),
    ("Why do I get this?", Why()),
    ("export my data", Export()),
    ("delete my data", Erase()),
    ("HELP", Help()),
    ("Hilfe bitte!", Help()),
    ("follow @ada", Follow(author="@ada")),
    ("unfollow @ada", Follow(author="@ada", on=False)),
    ("unroll https://example.com/ada/status/1", Nominate(ref="https://example.com/ada/status/1")),
    ("get twelve fish", Speak()),
    ("pause a lot longer", Help(unknown="pause a lot longer")),
    ("subscrbe", Help(unknown="subscrbe")),
    ("No", Speak()),
    ("Don't unsubscribe me!", Speak()),
    ("How do I unsubscribe my grandmother?", Speak()),
    ("I need help with my bicycle", Speak()),
    ("Thanks, the text about lighthouses was lovely", Speak()),
    ("Stop the presses", Speak()),
    ("Full marks for this one", Speak()),
]


@pytest.mark.parametrize(("words", "wish"), WISHES)
def test_the_first_line_of_a_mail_asks(read: Read, words: str, wish: Intent) -> None:
    assert read(mail(f"\n{words}\n\n-- \nAda Byron\nUnsubscribe from nothing\n")).intent == wish


@pytest.mark.parametrize(("words", "wish"), [row for row in WISHES if "\n" not in row[0]])
def test_the_subject_of_a_mail_asks(read: Read, words: str, wish: Intent) -> None:
    assert read(mail(subject=words)).intent == wish


@pytest.mark.parametrize("prefix", ["Re: ", "AW: ", "RE: FW: ", "[digest] ", "Antw: Re: ", "回复："])
def test_a_prefix_of_the_subject_does_not_matter(read: Read, prefix: str) -> None:
    assert read(mail(subject=f"{prefix}unsubscribe")).intent == Unsubscribe()


def test_a_subject_in_encoded_words_asks(read: Read) -> None:
    assert read(mail(subject="=?utf-8?B?6YWN5L+h5YGc5q2i?=")).intent == Unsubscribe()


@pytest.mark.parametrize("word", ["help", "why", "text", "full", "latest", "resume"])
def test_a_letter_that_begins_with_such_a_word_is_a_letter(read: Read, word: str) -> None:
    story = "\n".join(["My grandfather kept a lighthouse, and never once in his life did he see a digest."] * 5)
    assert read(mail(f"{word}!\n\n{story}")).intent == Speak()
    assert read(mail(story, subject=word)).intent == Speak()


def test_who_leaves_may_be_angry_at_length(read: Read) -> None:
    rant = "I have had enough of all this, and of your jokes. " * 20
    assert read(mail(f"unsubscribe\n{rant}")).intent == Unsubscribe()


QUOTES = {
    "marked": "> help\n> unsubscribe\n",
    "gmail": "On Tue, 3 Nov 2026 at 09:00, The Digest <digest@example.org> wrote:\n\n> help\n",
    "folded": "On Tue, 3 Nov 2026 at 09:00, The Digest of a Very Long Name\n<digest@example.org> wrote:\n> help\n",
    "german": "Am 03.11.2026 um 09:00 schrieb The Digest:\n> help\n",
    "french": "Le mar. 3 nov. 2026 à 09:00, The Digest <digest@example.org> a écrit :\n> help\n",
    "spanish": "El mar, 3 nov 2026 a las 9:00, The Digest (<digest@example.org>) escribió:\n> help\n",
    "japanese": "2026年11月3日(火) 9:00 The Digest <digest@example.org>:\n> help\n",
    "outlook": "________________________________\nFrom: The Digest <digest@example.org>\nSent: Tuesday, 3 November 2026 09:00\nTo: Ada\nSubject: x\n\nhelp\n",
    "outlook without a rule": "From: The Digest <digest@example.org>\nSent: Tuesday, 3 November 2026 09:00\nTo: Ada\n\nhelp\n",
    "outlook in german": "Von: The Digest <digest@example.org>\nGesendet: Dienstag, 3. November 2026 09:00\nAn: Ada\n\nhelp\n",
    "original message": "-----Original Message-----\nhelp\n",
    "unmarked": "On Tue, 3 Nov 2026 at 09:00, The Digest <digest@example.org> wrote:\n\nhelp\nunsubscribe\n",
}
FOOTERS = [
    "Sent from my iPhone",
    "Von meinem iPad gesendet",
    "Envoyé de mon iPhone",
    "Get Outlook for Android",
    "iPhoneから送信",
]


@pytest.mark.parametrize("quote", QUOTES.values(), ids=QUOTES)
@pytest.mark.parametrize(("said", "wish"), [("latest", Get()), ("What a week!", Speak()), ("", Speak())])
def test_what_is_quoted_asks_nothing(read: Read, quote: str, said: str, wish: Intent) -> None:
    assert read(mail(f"{said}\n\n{quote}", subject="Re: The best thread of the week")).intent == wish


@pytest.mark.parametrize("footer", FOOTERS)
def test_a_footer_of_the_program_asks_nothing(read: Read, footer: str) -> None:
    assert read(mail(f"resume\n\n{footer}")).intent == Resume()
    assert read(mail(footer, subject="Re: Hello")).intent == Speak()


def test_an_answer_below_the_quote_is_found(read: Read) -> None:
    assert read(mail("On Tuesday, 3 Nov 2026 Ada wrote:\n> one\n> two\n\nresume\n", subject="Re: x")).intent == Resume()


def test_only_html_is_read_too(read: Read) -> None:
    body = "<html><head><style>p {}</style><title>x</title></head><body><p>Un&shy;subscribe</p><div class='gmail_quote'>help</div></body></html>"
    raw = mail(body.replace("&shy;", "")).replace("text/plain", "text/html")
    assert read(raw).intent == Unsubscribe()


def test_a_reply_to_our_help_is_no_new_question(read: Read) -> None:
    assert (
        read(mail("Thank you, that was kind.", subject="Re: help", more="In-Reply-To: <n.1@example.org>\r\n")).intent
        == Speak()
    )


# ── tokens ────────────────────────────────────────────────────────────────────────────────────────

Mint = Callable[..., str]


@pytest.mark.parametrize(
    ("purpose", "wish"),
    [
        (Purpose.CONFIRM, Confirm),
        (Purpose.STOP, Stop),
        (Purpose.REJOIN, Rejoin),
        (Purpose.ERASE, Erase),
        (Purpose.GOOD, Rate),
        (Purpose.BAD, Rate),
        (Purpose.UNSUBSCRIBE, Unsubscribe),
    ],
)
def test_a_token_is_read_wherever_it_comes(
    read: Read, token: Mint, purpose: Purpose, wish: Callable[..., Intent]
) -> None:
    word, expected = token(purpose), wish(stamp=Stamp(purpose=purpose, subject=7, number=3))
    assert read(mail(to=f"Digest <digest+{purpose}-{word}@example.org>")).intent == expected
    assert read(mail(to=f"DIGEST+{purpose.upper()}-{word.upper()}@EXAMPLE.ORG")).intent == expected
    assert read(mail(), recipient=f"digest+{purpose}-{word}@example.org").intent == expected
    assert read(mail(subject=f"{purpose} {word}")).intent == expected


@pytest.mark.parametrize("spoiled", ["short", "forged", "other purpose"])
def test_a_spoiled_token_is_nothing(read: Read, token: Mint, spoiled: str) -> None:
    word = {"short": token(Purpose.ERASE)[:-1], "forged": "a" * 34, "other purpose": token(Purpose.GOOD)}[spoiled]
    assert read(mail("hello", to=f"digest+confirm-{word}@example.org")).intent != Confirm(
        stamp=Stamp(purpose=Purpose.CONFIRM, subject=7, number=3)
    )


CONFIRMED = Confirm(stamp=Stamp(purpose=Purpose.CONFIRM, subject=7, number=3))


@pytest.mark.parametrize("said", ["", "yes", "Ja, bitte!", "ok", "Sure, sounds great.\n\nBest, Ada", "確認"])
def test_any_reply_to_is_it_you_is_a_yes(read: Read, token: Mint, said: str) -> None:
    assert (
        read(mail(said, subject="Re: Is it you?", to=f"digest+confirm-{token(Purpose.CONFIRM)}@example.org")).intent
        == CONFIRMED
    )


def test_a_reply_to_the_wrong_address_is_a_yes_by_what_it_quotes(read: Read, token: Mint) -> None:
    quoted = f"ok\n\nOn Tuesday, 3 Nov The Digest wrote:\n> write to digest+confirm-{token(Purpose.CONFIRM)}@example.org\n> or to digest+stop-{token(Purpose.STOP)}@example.org\n"
    assert read(mail(quoted, subject="Re: Is it you?", to="weekly@example.org")).intent == CONFIRMED


@pytest.mark.parametrize("said", ["No, that was not me", "I never asked for this.", "Who are you?", "Nein danke"])
def test_a_no_is_not_a_yes(read: Read, token: Mint, said: str) -> None:
    assert read(mail(said, to=f"digest+confirm-{token(Purpose.CONFIRM)}@example.org")).intent == Speak()


def test_stop_in_reply_to_is_it_you_stops_all_asking(read: Read, token: Mint) -> None:
    body = f"stop\n\n> or write to digest+stop-{token(Purpose.STOP)}@example.org\n"
    asked = read(mail(body, to=f"digest+confirm-{token(Purpose.CONFIRM)}@example.org"))
    assert asked.intent == Stop(stamp=Stamp(purpose=Purpose.STOP, subject=7, number=3))


def test_a_reply_to_an_issue_leaves_only_when_they_say_so(read: Read, token: Mint) -> None:
    quoted = f"\n\n> leave: mailto:digest+unsubscribe-{token(Purpose.UNSUBSCRIBE)}@example.org\n"
    assert read(mail(f"Lovely.{quoted}", subject="Re: Lighthouses")).intent == Speak()
    left = Unsubscribe(stamp=Stamp(purpose=Purpose.UNSUBSCRIBE, subject=7, number=3))
    assert read(mail(f"unsubscribe{quoted}", subject="Re: Lighthouses")).intent == left


def test_a_wish_may_come_with_the_proof_whose_it_is(read: Read, token: Mint) -> None:
    asked = read(mail(to=f"digest+pause-{token(Purpose.MANAGE)}@example.org"))
    assert asked.bearer == Stamp(purpose=Purpose.MANAGE, subject=7, number=3)
    assert asked.intent == Pause(weeks=4)


@pytest.mark.parametrize(
    ("tag", "wish"),
    [("subscribe", Subscribe()), ("unsubscribe", Unsubscribe()), ("help", Help()), ("pause", Pause(weeks=4))],
)
def test_a_plus_address_asks(read: Read, tag: str, wish: Intent) -> None:
    assert read(mail("Hello there", to=f"digest+{tag}@example.org")).intent == wish
    assert read(mail("Hello there", to=f"weekly+{tag}@example.org")).intent == wish


def test_a_plus_address_of_somebody_else_asks_nothing(read: Read) -> None:
    assert (
        read(mail("Hello there", to="other+unsubscribe@example.org, mydigest+unsubscribe@example.org")).intent
        == Speak()
    )


# ── the editor ────────────────────────────────────────────────────────────────────────────────────

PROOF = Stamp(purpose=Purpose.PROOF, subject=7, number=0)


@pytest.mark.parametrize(
    ("said", "wish"),
    [
        ("OK", Instruct(stamp=PROOF, word="ok")),
        ("ok!\n\nSubject: Nine lighthouses", Instruct(stamp=PROOF, word="ok", subject="Nine lighthouses")),
        ("skip", Instruct(stamp=PROOF, word="skip")),
        ("Hold", Instruct(stamp=PROOF, word="hold")),
        ("NEXT", Instruct(stamp=PROOF, word="next")),
        ("pin 12", Instruct(stamp=PROOF, word="pin", number=12)),
        ("pin", Help(unknown="pin")),
        ("STOP", Instruct(stamp=PROOF, word="stop")),
        ("subject: Nine lighthouses", Instruct(stamp=PROOF, word="retitle", subject="Nine lighthouses")),
        ("Is this the one about the sea?", Speak()),
    ],
)
def test_the_editor_answers_a_proof(read: Read, token: Mint, said: str, wish: Intent) -> None:
    word = token(Purpose.PROOF, 7, 0)
    asked = read(mail(f"{said}\n\n> quoted", subject="Re: [Proof] Lighthouses", to=f"digest+proof-{word}@example.org"))
    assert (asked.intent, asked.subject) == (wish, "Lighthouses")


# ── nominations ───────────────────────────────────────────────────────────────────────────────────


def test_a_mail_that_is_only_a_link_nominates_it(read: Read) -> None:
    assert read(mail("https://example.com/ada/status/1")).intent == Nominate(ref="https://example.com/ada/status/1")


def test_a_link_within_words_nominates_nothing(read: Read) -> None:
    assert read(mail("Have you seen https://example.com/ada/status/1 ?")).intent == Speak()


def test_a_pasted_thread_is_known_by_its_numbers(read: Read) -> None:
    posts = "\n\n".join(f"{n}/ The {n}th thing about lighthouses is their light." for n in range(1, 7))
    asked = read(mail(posts, subject="For you"))
    assert isinstance(asked.intent, Nominate)
    assert asked.intent.raw.decode().strip() == posts


def test_an_attached_thread_is_taken_with_its_name(read: Read) -> None:
    body = (
        '--b\r\nContent-Type: text/plain\r\n\r\nunroll\r\n--b\r\nContent-Type: text/html; name="a/thread.html"\r\n'
        'Content-Disposition: attachment; filename="../a/thread.html"\r\nContent-Transfer-Encoding: base64\r\n\r\nPGgxPkhpPC9oMT4=\r\n--b--\r\n'
    )
    raw = mail(body).replace("text/plain; charset=utf-8", 'multipart/mixed; boundary="b"', 1)
    assert read(raw).intent == Nominate(raw=b"<h1>Hi</h1>", name=".._a_thread.html")
