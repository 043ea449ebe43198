import time
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.desk import phrases, summary
from digest.model import Post, Thread
from digest.text import one_line, word_count

ROOF = (
    "1/ I have run a community garden on a car park roof for nine years. People ask how we keep it alive. 🧵",
    "2/ Weight comes first. Wet soil weighs about 1.6 tonnes per cubic metre, and no roof was designed for your enthusiasm. Pay an engineer before you buy a single plant.",
    "3/ The second surprise is wind. It dries a raised bed in a day and it breaks everything taller than a child. We plant low hedges of rosemary on the west side and lose far less soil.",
    "4/ Water is the real budget. A roof garden of 200 square metres drinks about 900 litres on a hot day, and carrying that in cans ends most volunteer groups by July.",
    "5/ So we built gutters into old bathtubs. They hold two weeks of rain and they cost us one weekend and a lot of pizza.",
    "6/ Volunteers do not leave because the work is hard. They leave because nobody told them what to do when they arrived. A chalkboard with three small tasks doubled our Saturday numbers.",
    "7/ Choose crops that forgive you. Chard, kale, beans and herbs survive a missed week; lettuce and cucumbers turn every holiday into a funeral.",
    "8/ Neighbours complain about bees, noise and shade, in this order. We invite them up once a year, feed them soup, and the complaints stop for eleven months.",
    "9/ Is it worth it? We grow about 400 kilos of vegetables a year. A supermarket would sell them to you for less than our insurance costs.",
    "10/ The harvest is not the point, though. Forty people on this street now know each other by name because they once argued about compost on a roof.",
    "11/ If you enjoyed this thread, follow me for more gardens and retweet the first post!",
)
LESSONS = (
    "Ten years of translating novels. 8 lessons I would give my younger self:",
    "1. Read the whole book before you translate a line. The last chapter changes the meaning of the first, and you cannot fix the tone afterwards.",
    "2. Translate the joke, not the words. If readers of the original laughed on page nine, your readers should laugh on page nine.",
    "3. Ask the author. Most authors are lonely and glad of a question about a comma.",
    "4. Read your translation aloud to someone who does not love you. They will stop listening exactly where the sentence stops working.",
    "5. Keep a glossary from the first day. By chapter thirty you will not remember what you called the boat in chapter two.",
    "6. Never look at an earlier translation before your second draft is done. Its solutions will move in and pay no rent.",
    "7. Charge by the page and count the hours anyway. After three novels you will know which books you can afford to love.",
    "8. Let the book go. Every translation is finished by a deadline, not by the translator.",
)
CLOSINGS = {
    "en": "In summary: weigh the soil, mind the wind, catch the rain. Be kind to neighbours. If you can, start small.",
    "tldr": "TL;DR weigh the soil, mind the wind, catch the rain and be kind to neighbours.",
    "numbered": "12/ Bottom line: weigh the soil, mind the wind, catch the rain and feed the neighbours.",
    "de": "Zusammenfassung: Erde wiegen, Wind bedenken, Regen sammeln und die Nachbarn füttern.",
    "es": "En resumen: pesa la tierra, cuida del viento, recoge la lluvia y da sopa a los vecinos.",
    "fr": "En résumé : pesez la terre, méfiez-vous du vent, gardez la pluie et offrez de la soupe aux voisins.",
    "it": "In sintesi: pesate la terra, attenti al vento, raccogliete la pioggia e offrite la zuppa ai vicini.",
    "pt": "Em resumo: pese a terra, cuidado com o vento, guarde a chuva e ofereça sopa aos vizinhos.",
    "nl": "Samenvattend: weeg de grond, let op de wind, vang de regen op en geef de buren soep.",
    "sv": "Sammanfattningsvis: väg jorden, tänk på vinden, samla regnet och bjud grannarna på soppa.",
    "da": "Kort sagt: vej jorden, tænk på vinden, saml regnen og giv naboerne suppe.",
    "no": "Oppsummert: vei jorda, tenk på vinden, samle regnet og gi naboene suppe.",
    "pl": "Podsumowując: zważcie ziemię, uważajcie na wiatr, zbierajcie deszcz i częstujcie sąsiadów zupą.",
    "ru": "Итого: взвесьте землю, берегитесь ветра, собирайте дождь и угощайте соседей супом.",
    "uk": "Підсумовуючи: зважте землю, бережіться вітру, збирайте дощ і пригощайте сусідів супом.",
    "tr": "Özetle: toprağı tartın, rüzgâra dikkat edin, yağmuru toplayın ve komşulara çorba verin.",
    "ar": "الخلاصة: زنوا التربة، واحذروا الريح، واجمعوا المطر، وقدموا الحساء للجيران.",
    "fa": "خلاصه: خاک را وزن کنید، مراقب باد باشید، باران را جمع کنید و به همسایه‌ها سوپ بدهید.",
    "hi": "संक्षेप में: मिट्टी तौलिए, हवा से सावधान रहिए, बारिश जमा कीजिए और पड़ोसियों को सूप दीजिए।",
    "zh": "总结：先称土的重量，小心大风，收集雨水，请邻居们喝汤。",
    "ko": "요약: 흙의 무게를 재고, 바람을 조심하고, 빗물을 모으고, 이웃에게 수프를 대접하세요.",
    "he": "לסיכום: שקלו את האדמה, היזהרו מהרוח, אספו את הגשם והזמינו את השכנים למרק",
    "ja": "まとめ：土の重さを量り、風に気をつけ、雨水をため、隣人にスープをふるまいましょう。",
}


def thread(texts: Sequence[str]) -> Thread:
    return Thread(
        key="k", source="test", posts=tuple(Post(number=n, text=text) for n, text in enumerate(texts, start=1))
    )


def said(made: Thread) -> list[str]:
    return [point.text for point in summary.summarise(made).points]


def cited(made: Thread) -> list[int]:
    return [number for point in summary.summarise(made).points for number in point.posts]


@pytest.mark.parametrize("closing", CLOSINGS.values(), ids=CLOSINGS)
def test_the_authors_own_summary_is_taken_word_for_word(closing: str) -> None:
    found = summary.summarise(thread([*ROOF, closing]))
    assert found.kind == "author"
    assert [point.posts for point in found.points] == [(12,)]
    assert found.points[0].text == closing.removeprefix("12/ ")


def test_what_comes_after_the_authors_summary_is_left_out() -> None:
    made = thread([*ROOF, f"{CLOSINGS['en']} Follow me for more!", "P.S. The roof says hello to everyone who asked."])
    assert said(made) == [CLOSINGS["en"]]


def test_the_list_after_the_label_belongs_to_the_summary() -> None:
    made = thread(
        [*ROOF, "Key takeaways:\n- Weigh the soil before anything else.", "- Feed the neighbours once a year.", "Bye!"]
    )
    assert said(made) == ["Weigh the soil before anything else.", "Feed the neighbours once a year."]
    assert cited(made) == [12, 13]


@pytest.mark.parametrize(
    "text",
    [
        "The summary of the meeting got lost.",
        "In shorts and sandals I climbed the ladder to the roof again.",
        "TL;DR below 👇",
    ],
)
def test_words_that_only_look_like_a_label_are_no_summary(text: str) -> None:
    assert summary.summarise(thread([*ROOF, text])).kind == "extract"


def test_an_extract_has_no_numbers_and_marks_of_the_thread() -> None:
    assert not any(text[0].isdigit() or "/" in text or "🧵" in text for text in said(thread(ROOF)))


def test_what_is_soon_read_is_said_in_one_or_two_sentences() -> None:
    """Half the words beyond a hundred, and never under 25."""
    brief = thread(ROOF[:6])
    assert 0 < sum(map(word_count, said(brief))) <= max(25, (word_count(brief.text) - 100) // 2)


def test_a_sentence_that_points_at_its_own_thread_leans_on_nothing() -> None:
    assert not phrases.leans("This thread is about the soil.", lang="en")
    assert phrases.leans("This is about the soil.", lang="en")


def test_saying_a_word_again_and_again_is_no_sentence() -> None:
    assert "Wind four, wind four, wind four, wind four." not in said(
        thread([*ROOF, "The log said what it always said. Wind four, wind four, wind four, wind four."])
    )


def test_an_extract_takes_one_sentence_of_a_post_in_thread_order() -> None:
    numbers = cited(thread(ROOF))
    assert numbers == sorted(set(numbers))
    assert 4 <= len(numbers) <= 6


def test_a_point_has_the_white_space_of_prose() -> None:
    assert said(thread([text.replace(" ", "  ") for text in ROOF])) == said(thread(ROOF))


def test_an_extract_covers_each_third_of_the_thread() -> None:
    telling = len(ROOF) - 1  # the last only asks to be followed
    assert {(number - 1) * 3 // telling for number in cited(thread(ROOF))} == {0, 1, 2}


def test_an_extract_stays_under_ninety_words() -> None:
    assert sum(map(word_count, said(thread(ROOF)))) <= 90


def extracted(limit: int) -> list[str]:
    return [point.text for point in summary.extract(thread(ROOF), limit=limit)]


@pytest.mark.parametrize("limit", [10, 20, 60, 140])
def test_an_extract_takes_no_more_words_than_it_may(limit: int) -> None:
    assert 0 < sum(map(word_count, extracted(limit))) <= limit


def test_with_more_room_an_extract_says_more_of_the_thread() -> None:
    assert len(extracted(20)) < len(extracted(60)) < len(extracted(140))


def test_a_link_with_a_label_is_no_sentence() -> None:
    linked = "Website of the garden: https://example.org/roof/garden/in/nine/years/of/soil/and/wind"
    assert linked not in said(thread([*ROOF, linked]))


def test_an_extract_has_no_call_to_action_and_no_question() -> None:
    assert not any("follow me" in text or text.endswith("?") for text in said(thread(ROOF)))


def test_a_sentence_that_leans_on_another_comes_with_it() -> None:
    for text in said(thread(ROOF)):
        assert not text.startswith(("It ", "They ", "So ", "But "))
        assert text != "Volunteers do not leave because the work is hard."


def test_of_a_numbered_list_each_point_is_the_first_sentence_of_an_item() -> None:
    leads = {text.split(". ")[1].rstrip(".") + "." for text in LESSONS[1:]}
    assert len(said(thread(LESSONS))) >= 4
    assert set(said(thread(LESSONS))) <= leads


def test_a_short_thread_is_its_own_summary() -> None:
    assert summary.summarise(thread(ROOF[:3])) == summary.Summary(kind="none")


def test_a_long_single_post_is_summarised_by_its_paragraphs() -> None:
    found = summary.summarise(thread(["\n\n".join(ROOF)]))
    assert found.kind == "extract"
    assert len(found.points) >= 4


def test_a_chinese_thread_is_summarised_by_pairs_of_characters() -> None:
    line = "屋顶花园的土壤比想象中重得多，所以第{}年我们先请工程师来计算重量。浇水的预算比种子贵，雨水要用旧浴缸收集起来。邻居们每年都会来喝一次汤，花园因此一直开着。"
    assert summary.summarise(thread([line.format(year) for year in "一二三四五六七八"])).kind == "extract"


def test_what_stands_behind_a_content_warning_is_not_quoted() -> None:
    made = thread(ROOF)
    posts = tuple(
        replace(post, content_warning="food") if post.number in cited(made)[1:] else post for post in made.posts
    )
    assert not set(cited(replace(made, posts=posts))) & set(cited(made)[1:])


def test_the_same_thread_gives_the_same_summary() -> None:
    assert summary.summarise(thread(ROOF)) == summary.summarise(thread(ROOF))


def test_a_thread_takes_milliseconds() -> None:
    summary.summarise(thread(ROOF))
    started = time.process_time()
    summary.summarise(thread(ROOF))
    assert time.process_time() - started < 0.1  # 5 ms on an idle machine; a loaded one must not fail the build


PIECES = st.sampled_from(
    [
        *" ".join(ROOF).split(),
        "\n",
        "\n- ",
        "TL;DR",
        "In summary:",
        "2.",
        "3/",
        "🧵",
        "(Thread)",
        "https://example.org/x",
        '"',
        "…",
        "これは本です。",
        "P.S.",
    ]
)


@given(st.lists(st.lists(PIECES, max_size=60).map(" ".join), min_size=1, max_size=8))
def test_every_point_stands_word_for_word_in_the_post_that_it_cites(texts: list[str]) -> None:
    made = thread(texts)
    for point in summary.summarise(made).points:
        assert len(point.posts) == 1
        assert point.text in one_line(made.posts[point.posts[0] - 1].text)
