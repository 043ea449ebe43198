import pytest

from digest.model import Post, Thread
from digest.tongue import language

SAME_THING = {
    "en": "We built the thing in a week and it was not what anyone had asked us for.",
    "de": "Wir haben das in einer Woche gebaut, und es war nicht das, was alle von uns wollten.",
    "fr": "Nous avons fait cela en une semaine et ce n'est pas ce que les gens voulaient de nous.",
    "es": "Lo hicimos en una semana y no era lo que la gente quería de nosotros.",
    "it": "Lo abbiamo fatto in una settimana e non era quello che la gente voleva da noi.",
    "pt": "Fizemos isso em uma semana e não era o que as pessoas queriam de nós.",
    "nl": "We hebben het in een week gemaakt en het was niet wat de mensen van ons wilden.",
    "sv": "Vi gjorde det på en vecka och det var inte vad någon hade bett oss om.",
    "da": "Vi gjorde det på en uge, og det var ikke hvad nogen havde bedt os om.",
    "no": "Vi gjorde det på en uke, og det var ikke hva noen hadde bedt oss om.",
    "pl": "Zrobiliśmy to w tydzień i nie było to, czego ktoś od nas chciał.",
    "ru": "Мы сделали это за неделю, и это было не то, что от нас хотели.",
    "uk": "Ми зробили це за тиждень, і це було не те, що від нас хотіли.",
    "ar": "فعلنا ذلك في أسبوع ولم يكن هذا ما أراده الناس منا",
    "he": "עשינו את זה בשבוע וזה לא היה מה שאנשים רצו מאיתנו",
    "fa": "ما این کار را در یک هفته انجام دادیم و آن چیزی نبود که مردم می‌خواستند",
    "tr": "Bunu bir haftada yaptık ve insanların istediği şey bu değildi.",
    "ja": "一週間で作りましたが、みんなが望んでいたものではありませんでした。",
    "zh": "我们一周就做好了，但这不是大家想要的。",
    "ko": "우리는 일주일 만에 만들었지만 사람들이 원한 것은 아니었다.",
    "hi": "हमने इसे एक हफ्ते में बनाया और यह वह नहीं था जो लोग चाहते थे।",
}


@pytest.mark.parametrize(("tag", "text"), SAME_THING.items(), ids=SAME_THING)
def test_a_sentence_of_ordinary_length_tells_its_language(tag: str, text: str) -> None:
    assert language.detect(text) == tag


@pytest.mark.parametrize("text", ["", "Hello", "123 🎉", "lorem ipsum dolor sit amet", "Kubernetes GitHub PostgreSQL"])
def test_a_text_that_does_not_tell_gets_no_tag(text: str) -> None:
    assert language.detect(text) == ""


def test_a_tag_from_the_source_wins_over_the_words() -> None:
    thread = Thread(key="k", source="test", posts=(Post(number=1, text=SAME_THING["de"]),), lang="en-GB")
    assert language.of(thread) == "en-GB"


def test_an_english_name_in_a_japanese_text_does_not_make_it_english() -> None:
    assert language.detect("PostgreSQL と SQLite を一年間、仕事で使い続けて分かったこと") == "ja"
