import re
import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.desk import headline, summary
from digest.model import Author, Headline, Post, Thread

# Openings in the shapes that people write; first the headline that a person would accept.
OPENINGS = (
    (
        "I've been spending a lot of my evenings lately repairing flaky tests",
        "I've been spending a lot of my evenings lately repairing flaky tests. A few thoughts on testing. 🧵",
        "Integration tests are the best value. Tests that fail at random teach people to ignore tests.",
        "Run every test a hundred times before you trust it.",
    ),
    (
        "The belief in our trade that you must love what you do drives me mad",
        "The belief in our trade that you must love what you do drives me mad. It is fine to be here purely for the money. 🧵",
        "I have never had a side project.",
    ),
    (
        "The politics around open source foundations are fascinating",
        "The politics around open source foundations are fascinating. A few of my thoughts on this subject: 🧵",
        "Foundations own trademarks, not communities.",
    ),
    (
        "Some thoughts from this year's beekeeping fair",
        "Some thoughts from this year's beekeeping fair now that I am back home and have slept a little. (Thread)",
        "Bees were everywhere. The fair was about mites, mostly.",
    ),
    (
        '"Smart" thermostats and the complexity of heating a house in general',
        'A thread on "smart" thermostats and the complexity of heating a house in general. Buckle up!',
        "Heating is about walls. A thermostat cannot mend a wall.",
    ),
    (
        "Marking essays without losing your mind",
        "Ok the exam season is over so welcome to my thread on marking essays without losing your mind.",
        "Mark the same question across all essays.",
    ),
    (
        "Why do most rewrites fail?",
        "1/ Why do most rewrites fail? 🧵👇",
        "Rewrites fail because the old code knew things.",
        "A rewrite is a bet against memory.",
    ),
    (
        "Ten years ago I opened a bakery with no savings",
        "1/12 Ten years ago I opened a bakery with no savings. Here is what I learned about pricing bread:",
        "Price bread by the hour, not by the flour.",
        "Bread pricing is scary.",
    ),
    (
        "7 things I wish I had known before moving to a boat",
        "Here are 7 things I wish I had known before moving to a boat 👇",
        "A boat is always wet.",
        "Moving to a boat means selling your books.",
    ),
    (
        "How we cut our build time from 40 minutes to 3",
        "THREAD: HOW WE CUT OUR BUILD TIME FROM 40 MINUTES TO 3",
        "Our build was slow. We cut the cache first.",
        "The build time fell. How? Less of everything, and fewer minutes.",
    ),
    (
        "Imposter syndrome in nursing",
        "Let's talk about imposter syndrome in nursing.",
        "Nursing is hard. Imposter syndrome makes you double check.",
    ),
    (
        "After three winters of heating with wood, here is what I would do differently",
        "After three winters of heating with wood, here is what I would do differently: a thread",
        "Wood must dry for two years.",
        "Heating with wood is work.",
    ),
    (
        "The pencil has a patent war behind it",
        "Did you know that the pencil has a patent war behind it? A short thread ✏️",
        "The pencil patent was sold twice.",
    ),
    (
        "I spent six months rewriting our billing system in Rust, and it was a mistake",
        "I spent six months rewriting our billing system in Rust, and it was a mistake. A thread 🧵",
        "Rust was not the mistake. Billing is a people problem.",
    ),
    (
        "Code review is mostly theatre",
        "Unpopular opinion: code review is mostly theatre.",
        "Code review finds typos. Real design happens before review.",
    ),
    (
        "Cómo se hace el queso de cabra en mi pueblo",
        "Hilo sobre cómo se hace el queso de cabra en mi pueblo 🧵👇",
        "La leche de cabra se calienta despacio.",
        "El queso se hace de noche en el pueblo.",
    ),
    (
        "Diez errores que cometí al montar mi primera librería",
        "Abro hilo: diez errores que cometí al montar mi primera librería.",
        "La librería no vende libros, vende tiempo.",
    ),
    (
        "Fahrradwege in kleinen Städten",
        "Ein kurzer Thread über Fahrradwege in kleinen Städten:",
        "Fahrradwege enden oft im Nichts.",
        "In kleinen Städten fehlt das Geld nicht, sondern der Mut.",
    ),
    (
        "Les horloges des gares et pourquoi elles ne sont jamais à l'heure",
        "Petit fil sur les horloges des gares et pourquoi elles ne sont jamais à l'heure ⬇️",
        "Les horloges des gares ont un secret.",
    ),
    (
        "O café que a gente bebe sem pensar?",
        "Vamos falar sobre o café que a gente bebe sem pensar?",
        "O café chega torrado demais.",
    ),
    (
        "Как устроены сельские библиотеки",
        "Небольшой тред о том, как устроены сельские библиотеки 🧵",
        "Сельские библиотеки живут на энтузиазме.",
    ),
    (
        "تاريخ القهوة في المدن القديمة",
        "ثريد عن تاريخ القهوة في المدن القديمة 🧵",
        "وصلت القهوة إلى المدن مع التجار.",
        "كانت المقاهي في المدن القديمة مدارس.",
    ),
    (
        "גידול עגבניות במרפסת קטנה 🍅",
        "שרשור על גידול עגבניות במרפסת קטנה 🍅👇",
        "עגבניות צריכות שמש.",
        "במרפסת קטנה כדאי לגדל עגבניות שרי.",
    ),
    (
        "古い時計の直し方",
        "古い時計の直し方について書きます🧵",
        "時計はまず掃除から。",
        "古い時計の油は固まっています。",
    ),
    (
        "聊聊怎样在阳台上种菜",
        "聊聊怎样在阳台上种菜。",
        "阳台的光线很重要。",
        "种菜要有耐心。",
    ),
    (
        "작은 서점을 운영하면서 배운 열 가지",
        "작은 서점을 운영하면서 배운 열 가지 🧵",
        "서점은 책만 파는 곳이 아니다.",
        "작은 서점의 하루는 청소로 시작한다.",
    ),
    (
        "In 2019 I quit my job to build a bakery",
        "In 2019 I quit my job to build a bakery. Here's what happened next:",
        "The bakery lost money for two years.",
    ),
    (
        "Most people think sourdough is about the flour",
        "Most people think sourdough is about the flour. It isn't. Let me explain. 🧵",
        "Sourdough is about time and temperature.",
    ),
    (
        "Why your home network is slow, and how to fix it for 20 euros",
        "@ada @bob.example 🧵 on why your home network is slow, and how to fix it for 20 euros",
        "Your home network is slow because of the walls.",
    ),
    (
        "Last year our team of four took over a 12-year-old codebase with no tests",
        "Last year our team of four took over a 12-year-old codebase with no tests, no documentation and no one left to ask. We are still here, it now ships every week, and this is the story of how that happened.",
        "The codebase shipped twice a year. Tests came first.",
    ),
    (
        "Everyone tells you to network",
        "Everyone tells you to network. Nobody tells you how. So here is how I, a shy person, found four jobs through other people:",
        "Networking is answering letters.",
    ),
    (
        "It took me 11 years to finish my PhD",
        "It took me 11 years to finish my PhD. 🧵",
        "My PhD was in soil science. The soil waits.",
    ),
    (
        "You asked what to check before buying an old house",
        "I'm a plumber. You asked what to check before buying an old house. Well.",
        "Check the pipes. Old pipes are lead.",
    ),
    (
        "You don't need a bigger kitchen",
        "You don't need a bigger kitchen.",
        "You need a sharper knife. A kitchen is a knife and a board.",
    ),
    (
        "How we moved 3 TB of Postgres with 40 seconds of downtime",
        "Quick thread on how we moved 3 TB of Postgres with 40 seconds of downtime. 1/9",
        "Postgres logical replication did the work.",
        "Downtime was for sequences.",
    ),
    (
        "So you want to learn the violin at 40?",
        "So you want to learn the violin at 40? Some honest advice from someone who did. 🎻🧵",
        "The violin hurts. Learn slowly. Violin teachers help.",
    ),
    (
        "Margaret began to repair radios in 1952",
        "This is Margaret. She is 91 and repairs radios. I met her last week and I can't stop thinking about it. (1/n)",
        "Margaret began to repair radios in 1952.",
    ),
    (
        'The word "robot" was invented by a painter',
        'TIL: the word "robot" was invented by a painter.',
        "The painter was Josef. The word robot means labour.",
    ),
    (
        "After eight years I'm leaving the museum to write full time",
        "Some personal news: after eight years I'm leaving the museum to write full time!",
        "The museum taught me to look. To write is to look twice.",
    ),
    (
        "10 mistakes I made as a first-time manager (so you don't have to)",
        "10 mistakes I made as a first-time manager (so you don't have to)",
        "Managers talk too much. As a manager, I did too.",
    ),
    (
        "My dad died in March",
        "My dad died in March. He left 214 cassettes. I have been listening to one every night. THREAD",
        "The cassettes hold the weather. He recorded the weather every day.",
    ),
    (
        'The word "just" in code reviews',
        'We need to talk about the word "just" in code reviews',
        "Just rename it. Just is never just. Code reviews get kinder without it.",
    ),
    (
        "Today's rabbit hole: medieval bridges",
        "Good morning! Today's rabbit hole: medieval bridges, and why so many of them had houses on top ⬇️⬇️",
        "Bridges paid for themselves by rent from houses.",
    ),
    (
        "A year ago today we turned off our office",
        "A year ago today we turned off our office. What changed, what broke and what we'd never go back to:",
        "The office was a habit.",
    ),
    (
        "How to bake bread with three ingredients",
        "#recipes #bread How to bake bread with three ingredients",
        "Flour, water, salt. Bread needs time.",
    ),
    (
        "The city just cancelled the tram",
        "🚨 BREAKING 🚨 The city just cancelled the tram. Here's why it matters 👇",
        "The tram was promised in 2009. The city has no money for the tram.",
    ),
    (
        "I wrote about keeping chickens in winter",
        "https://example.org/post New post! I wrote about keeping chickens in winter. Highlights below.",
        "Chickens mind the wind, not the cold. Keeping chickens is easy.",
    ),
    (
        "Cuando empecé a dar clases creía que enseñar era hablar",
        "Cuando empecé a dar clases creía que enseñar era hablar. Hilo con lo que aprendí en veinte años 🧵",
        "Enseñar es escuchar. Las clases cortas son mejores.",
    ),
    (
        "Pourquoi les trains de nuit reviennent en Europe",
        "Pourquoi les trains de nuit reviennent en Europe, et pourquoi c'est plus compliqué qu'on ne le croit. Un thread.",
        "Les trains de nuit manquent de wagons.",
    ),
    (
        "Warum ich nach zwölf Jahren kein Auto mehr habe – und was das mit meinem Dorf macht",
        "Warum ich nach zwölf Jahren kein Auto mehr habe – und was das mit meinem Dorf macht. 🧵 1/14",
        "Das Dorf hat einen Bus. Der Bus fährt zweimal.",
    ),
    (
        "Jak nauczyć dziecko czytać, nie psując mu zabawy?",
        "Jak nauczyć dziecko czytać, nie psując mu zabawy? Krótki wątek 👇",
        "Dziecko czyta to, co widzi.",
    ),
    (
        "Küçük bir şehirde kitapçı açmak",
        "Küçük bir şehirde kitapçı açmak hakkında bilmeniz gerekenler 👇",
        "Kitapçı açmak sabır ister.",
    ),
    (
        "چرا قنات\u200cها هنوز مهم\u200cاند؟",
        "چرا قنات\u200cها هنوز مهم\u200cاند؟ یک رشتو",
        "قنات\u200cها آب را از کوه می\u200cآورند.",
    ),
    (
        "引っ越してから3年、田舎暮らしで学んだこと10選",
        "引っ越してから3年、田舎暮らしで学んだこと10選🧵",
        "田舎暮らしは車がないと始まらない。",
    ),
    (
        "मैंने दस साल में गाँव के स्कूल से क्या सीखा",
        "मैंने दस साल में गाँव के स्कूल से क्या सीखा 🧵",
        "गाँव के स्कूल में किताबें कम हैं।",
    ),
)


def thread(texts: Sequence[str], **more: str) -> Thread:
    posts = tuple(Post(number=number, text=text) for number, text in enumerate(texts, start=1))
    return Thread(key="k1", source="test", posts=posts, author=Author(name="Ada Osei", handle="@ada"), **more)


def called(made: Thread, **given: str) -> Headline:
    return headline.headline(made, summary=summary.summarise(made), **given)


@pytest.mark.parametrize(
    ("title", "posts"), [(title, posts) for title, *posts in OPENINGS], ids=[row[0][:30] for row in OPENINGS]
)
def test_an_opening_gives_its_headline(title: str, posts: list[str]) -> None:
    assert called(thread(posts)).title == title


@pytest.mark.parametrize("posts", [row[1:] for row in OPENINGS], ids=[row[0][:30] for row in OPENINGS])
def test_no_headline_carries_the_marks_of_a_thread(posts: Sequence[str]) -> None:
    found = called(thread(posts))
    for line in (found.title, found.subject):
        assert not re.search(r"🧵|👇|\bthread\b|\d/\d|https?:|[,:;…—-]$", line, re.IGNORECASE)


@pytest.mark.parametrize("posts", [row[1:] for row in OPENINGS], ids=[row[0][:30] for row in OPENINGS])
def test_the_preheader_goes_on_from_the_title(posts: Sequence[str]) -> None:
    found = called(thread(posts))
    assert found.preheader
    assert len(found.preheader) <= 110
    assert found.title.casefold() not in found.preheader.casefold()


def test_a_title_set_by_hand_wins_over_the_threads_own() -> None:
    made = thread(["Anything at all that stands here."], title="The thread's own")
    assert called(made).title == "The thread's own"
    assert called(made, title="  Set by\nhand ").title == "Set by hand"


def test_a_subject_and_a_preheader_set_by_hand_stand_as_they_are() -> None:
    found = called(thread(["Bread is time."]), subject="Bread this week", preheader="And nothing else")
    assert (found.subject, found.preheader) == ("Bread this week", "And nothing else")


def test_a_long_title_gives_as_much_of_a_subject_as_stands_alone() -> None:
    title = "Why I gave up the car after twelve years – and what that did to my village and to me"
    assert called(thread(["x"]), title=title).subject == "Why I gave up the car after twelve years"


def test_a_subject_is_never_longer_than_ninety_columns() -> None:
    assert len(called(thread(["x"]), title="word " * 60).subject) <= 90


def test_the_preheader_comes_from_the_authors_summary_without_its_label() -> None:
    closing = "In summary: weigh the soil and feed the neighbours. Start small."
    made = thread(
        [
            "A thread on roof gardens and how to keep one alive.",
            *["Roofs are hot and dry places for a garden in June. " * 5] * 4,
            closing,
        ]
    )
    assert called(made).preheader == "Weigh the soil and feed the neighbours. Start small."


@pytest.mark.parametrize("texts", [[""], ["📷", "🎉"], ["https://example.org/a"]])
def test_a_thread_without_words_is_called_by_its_author(texts: list[str]) -> None:
    assert called(thread(texts)).title == "Ada Osei"


def test_one_endless_sentence_ends_in_an_ellipsis() -> None:
    made = thread(["where " + "nobody ever stops to breathe when they are talking to each other about nothing " * 4])
    assert len(called(made).title) <= 90


WORDS = st.sampled_from(
    [*" ".join(" ".join(row[1:]) for row in OPENINGS[:40]).split(), "\n", "1/", "🧵", "?", "(Thread)", '"', "HTTP"]
)


@given(st.lists(st.lists(WORDS, max_size=30).map(" ".join), min_size=1, max_size=4))
def test_a_headline_has_only_words_of_the_thread_in_their_order(texts: list[str]) -> None:
    made = thread(texts)
    found = called(made)
    assert 0 < len(found.title) <= 90
    if found.title != made.author.name:
        said = iter(words(made.text))
        assert all(word in said for word in words(found.title))


def words(text: str) -> list[str]:
    """In scripts that set no spaces, each character is one."""
    return re.findall(r"[぀-ヿ㐀-鿿가-힯]|[^\W぀-ヿ㐀-鿿가-힯]+", text.casefold())


def test_the_same_thread_is_always_called_the_same() -> None:
    made = thread(OPENINGS[0][1:])
    assert called(made) == called(made)


@pytest.mark.parametrize(
    "hostile", ["-" * 9_000, "a" + " " * 9_000 + "b", "🧵" * 9_000 + "x", "word, " * 900, "mini " * 900]
)
def test_a_hostile_opening_does_not_hold_up_the_desk(hostile: str) -> None:
    started = time.process_time()
    called(thread([hostile, "Soil weighs more than you think."]))
    assert time.process_time() - started < 3
