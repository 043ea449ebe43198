"""What people habitually write around a thread, in the languages we know: labels, calls to action, loose beginnings.

Data only. Each pattern says what it is for; `summary` and `headline` decide what follows from a match.
"""

from __future__ import annotations

import re

_I = re.IGNORECASE

LABEL = re.compile(
    r"^\W*(?:in summary|to sum(?:mari[sz]e)?(?: (?:it )?up)?|summary\s*[:：—–-]|tl;?\s?dr|in short|(?:the )?bottom line|in conclusion|to conclude"
    r"|(?:my |the |some )?(?:key |main )?take-?aways?\s*[:：—–-]|(?:my |the )?key takeaways?|(?:to )?recap\s*[:：—–-]"
    r"|en resumen|resumiendo|en conclusión|en résumé|pour résumer|zusammenfassung|zusammengefasst|kurz gesagt|fazit"
    r"|em resumo|resumindo|in sintesi|riassumendo|in breve|samenvattend|kortom|sammanfattningsvis|kort sagt|oppsummert"
    r"|podsumowując|в итоге|итого|подводя итог|підсумовуючи|özetle|kısacası|خلاصة|الخلاصة|باختصار|לסיכום|בקיצור|خلاصه|در نتیجه"
    r"|まとめ(?:ると)?|要約|总结|總結|总之|總之|요약|정리하면|संक्षेप में)(?!\w)",
    _I,
)
"""Opens the author's own summary. After content.md B4, with more languages."""

AFTERWORD = re.compile(r"^\W*(?:p\.?\s?s\.?(?!\w)|edit(?:ed)?\s*:|update\s*:|addendum)", _I)
"""Opens what comes after the end."""

CALL = re.compile(
    r"\b(?:follow (?:me|us|@|along|for)|(?:subscribe|sign up|join)\b.{0,40}\b(?:my|our|here|below|free)\b|retweet|\brt (?:the|this|if)"
    r"|(?:like|share|bookmark|save) (?:this (?:thread|post)|the first (?:tweet|post))|thanks? (?:you )?for (?:reading|following|coming)|dm me|my dms|link in bio"
    r"|check out my|buy me a|if you (?:like|liked|enjoy|enjoyed|found) (?:this|my) (?:thread|post)|if you (?:liked|enjoyed) (?:this|it)|@?threadreader\w* unroll"
    r"|sígueme|síganme|suscríbe|gracias por leer|dale (?:a )?(?:rt|like)|comparte (?:el|este)|abonne[zr]|suivez-moi|merci d'avoir lu|partagez"
    r"|folgt? mir|abonnier|danke f(?:ü|ue)rs lesen|me sigam?|siga-me|inscreva|obrigad[oa] por ler|seguitemi|seguimi|iscriv(?:iti|etevi)"
    r"|grazie per aver letto|volg me|bedankt voor het lezen|följ mig|tack för att (?:ni|du)|følg mig|følg meg|takk for at"
    r"|obserwuj|dzięki za (?:prze)?czyt|подпис(?:ывай|ывайт|ыва)|спасибо за внимание|ретвит|підпис(?:уй|уйт)|дякую за увагу"
    r"|takip ed|okuduğunuz için)"
    r"|تابعوني|تابعني|شكر[اً]* (?:على|لك)|עקבו אחר|תודה שקראתם|دنبال کنید|フォロー|リツイート|お読みいただき|关注我|感谢阅读|转发|팔로우|읽어주셔서|फॉलो|धन्यवाद",
    _I,
)
"""A call to action: it is about the thread, not of it."""

_THREAD_WORD = (
    r"(?:mega|mini|micro)?-?\s?(?:thread|threads|tweetstorm|hilo|hilazo|fil|faden|fio|draadje|draad|tråd|wątek|nitka|тред|нитка|zincir|flood|bilgisel"
    r"|ثريد|سلسلة|שרשור|رشتو|رشته|スレッド|スレ|连载|串|스레드|타래|थ्रेड)"
)
_ARTICLE = (
    r"(?:an?|the|my|this|short|long|quick|new|little|mini|brief|small|tiny|un|une|uno|una|um|uma|ein|eine|kurzer|langer|kleiner|breve|petit|court"
    r"|een|kort|klein|en|et|lille|liten|krótki|mały|небольшой|короткий|невеликий|bir|kısa|یک)"
)

NOISE = re.compile(
    rf"^\W*(?:(?:{_ARTICLE}\s+)*{_THREAD_WORD}(?:\s+(?:time|incoming|ahead|below|follows|abajo|abierto|ci-dessous))?"
    r"|let'?s (?:dive|jump|dig) in(?:to it)?|let'?s (?:go|begin|start|get into it)|here (?:goes|we go)|buckle up|good (?:morning|evening)|hi(?: all)?|hello|let me explain|hear me out|read on|strap in|bear with me|enjoy"
    r"|here'?s (?:how|why|what|a thread|the story|what happened(?: next)?|what i learned|my (?:take|story|thoughts))|(?:dentro|abro|va|vamos|os cuento) hilo"
    r"|los geht'?s|c'est parti|andiamo|vamos(?: l[áa])?|поехали|başlayalım|始めます|image|gif|video|\d+/?n?)\W*$",
    _I,
)
"""A whole sentence that only says that a thread follows."""

SIGNPOST = re.compile(
    rf"(?:\s*[,;:—–|-]+\s*|(?<=[.!?…。！？])\s*|\s*(?=[\[(]))[\[(]?\s*(?:(?:{_ARTICLE}|here'?s|aquí va|voici|hier|ecco|segue)\s+)*{_THREAD_WORD}\s*[\])]?[\s.!:…👇⬇🧵️]*$",
    _I,
)
"""The same at the end of a sentence: "… , a thread"."""

_LOOSE = {
    "en": r"this|that|these|those|it|they|them|he|she|his|her|its|their|but|and|so|or|nor|yet|which|also|however|instead|then|because|otherwise"
    r"|such|here|same|another|therefore|thus|hence|similarly|likewise|besides|moreover|furthermore|meanwhile|still|yes|no|nope|plus|neither|both"
    r"|for (?:example|instance)|in other words|as a result|on the other hand|that said|of course|to be (?:clear|fair)",
    "de": r"das|dies(?:e[rsmn]?)?|es|er|sie|aber|und|denn|doch|oder|also|deshalb|deswegen|daher|dann|dabei|dadurch|damit|dazu|davon|daran|dennoch|trotzdem|außerdem|hier|ja|nein",
    "fr": r"cel[ao]|ça|ce|c|cette|ces|il|elles?|ils|mais|et|ou|donc|or|car|alors|ainsi|pourtant|cependant|ensuite|puis|voilà|voici|oui|non|leurs?|son|sa|ses",
    "es": r"est[eoa]s?|es[eoa]s?|él|ellas?|ellos|pero|y|o|así|además|entonces|luego|también|porque|sin embargo|por (?:eso|ello|tanto)|aquí|ahí|su|sus|sí|no",
    "it": r"quest[oaie]|quell[oaie]|ciò|lui|lei|loro|ma|e|o|quindi|però|poi|allora|così|inoltre|anche|perché|tuttavia|ecco|suo|sua|sì|no",
    "pt": r"ist?so|isto|ess[ea]s?|est[ea]s?|aquil[oa]|el[ea]s?|mas|e|ou|então|assim|porém|também|além disso|por isso|depois|aqui|seus?|suas?|sim|não",
    "nl": r"dit|dat|deze|die|het|hij|zij|ze|maar|en|of|dus|want|daarom|dan|toch|ook|daarna|hier|zijn|haar|hun|ja|nee",
    "sv": r"det|detta|den|denna|de|dessa|han|hon|men|och|eller|så|därför|sedan|dock|också|här|ja|nej",
    "da": r"det|dette|den|denne|de|disse|han|hun|men|og|eller|så|derfor|derefter|dog|også|her|ja|nej",
    "no": r"det|dette|den|denne|de|disse|han|hun|men|og|eller|så|derfor|deretter|likevel|også|her|ja|nei",
    "pl": r"to|ten|ta|te|tego|on|ona|oni|one|ale|i|a|lub|albo|więc|dlatego|potem|jednak|także|też|tak|nie",
    "ru": r"это|этот|эта|эти|он|она|они|оно|но|и|а|или|поэтому|потом|однако|также|тоже|так|тогда|да|нет",
    "uk": r"це|цей|ця|ці|він|вона|вони|воно|але|і|й|а|або|тому|потім|однак|також|теж|так|тоді|ні",
    "ar": r"هذا|هذه|ذلك|تلك|هو|هي|هم|لكن|ولكن|و|ثم|لذلك|أيضا",
    "he": r"זה|זאת|זו|אלה|הוא|היא|הם|הן|אבל|ו|או|לכן|גם|אז|כן|לא",
    "fa": r"این|آن|او|آنها|اما|ولی|و|یا|پس|بنابراین|همچنین",
    "tr": r"bu|bunlar|şu|o|onlar|ama|fakat|ve|veya|çünkü|sonra|ayrıca|böyle|evet|hayır",
    "hi": r"यह|ये|वह|वे|लेकिन|और|या|इसलिए|फिर|भी",
}
_LOOSE_DENSE = re.compile(
    r"^\W*(?:これ|それ|この|その|あの|そして|しかし|でも|だから|また|さらに|つまり|这|那|它|他们|但|所以|而且|然后|因此|這|那|但是|이것|그것|그는|그녀|하지만|그러나|그리고|그래서)"
)
LOOSE = {lang: re.compile(rf"^[\"“'‘«(]*(?:\^|(?:{openers})(?![\w-]))", _I) for lang, openers in _LOOSE.items()}
LOOSE |= dict.fromkeys(("ja", "zh", "ko"), _LOOSE_DENSE)
"""Begins a sentence that leans on the one before it, by language."""


_UPRIGHT = re.compile(
    r"^[\"“'‘«(]*(?:(?:this|that|these|the same) (?:thread|post|paper|article|essay|piece|work|study|story|talk|book|project|week|month|year|morning|summer|winter|spring|autumn|is (?:a thread|the story))s?\b"
    r"|it(?:'s|’s| is| was| has) (?:\w+ ){0,2}?(?:that|to|been|worth|hard|easy|clear|known|said|possible|important|often|tempting)\b|here(?:,| (?:we|i)\b))",
    _I,
)
"""Begins with such a word, and yet points at the thread itself or at nothing ("It is hard to …")."""


def leans(sentence: str, *, lang: str) -> bool:
    """Whether a sentence leans on the one before it; `lang` is a primary tag."""
    if lang == "en" and _UPRIGHT.match(sentence):
        return False
    return sentence.startswith("^") or bool(lang in LOOSE and LOOSE[lang].match(sentence))


# ── ways into a thread, for its headline ──────────────────────────────────────────────────────────

_SOME = r"(?:(?:some|a few|few|a couple|several|my|our|the|of|quick|random|short|long|a|an|more|other|assorted|scattered|new|mini|big|this|little|honest|own|real)\s+)*"
TOPIC = re.compile(
    rf"^on\s+(?=why|how|what)|\b{_SOME}(?:(?:mega|mini)?-?thread|tweetstorm|🧵|thoughts?|words|rant|musings|ramblings)\s+(?:on|about|regarding|re:?)\s+"
    rf"|\b(?:let'?s|let us|we need to|i want to|i'd like to|i wanted to|time to|today i'?ll|i'll|i will|can we|i'm going to)\s+(?:talk|chat|tweet)\s+about\s+"
    rf"|\b(?:i (?:thought|figured) (?:i would|i'd|i could|i might)|i (?:want|wanted|would like)(?: to)?|i'd like to|i'll|i will|let me|happy to|wanted to)\s+"
    rf"(?:to\s+)?(?:share|tell you|explain|write down|list|walk (?:you )?through|break down|show you)\s+(?:with you\s+|about\s+)?(?:some of my |a few of my |some |a few |my )?"
    rf"|\b(?:un|mini|abro|el|este|dentro)?\s*hil(?:o|azo)\s+(?:sobre|de|con|acerca de)\s+|\b(?:hoy )?(?:vamos a hablar|hablemos|quiero hablar|os quiero hablar)\s+(?:de|sobre)\s+"
    rf"|\b(?:(?:un|petit|mini)\s+)*(?:fil|thread)\s+(?:sur|à propos de)\s+|\bparlons (?:de|d')\s*"
    rf"|\b(?:(?:ein|kurzer|kleiner|langer)\s+)*(?:thread|faden)\s+(?:über|zu|zum|zur)\s+|\b(?:reden wir|lasst uns|sprechen wir)(?: mal)? (?:über|reden über|sprechen über)\s+"
    rf"|\b(?:(?:um|uma|breve|pequena?)\s+)*(?:thread|fio)\s+sobre\s+|\bvamos falar (?:sobre|de)\s+"
    rf"|\b(?:(?:un|breve|piccolo)\s+)*thread\s+(?:su|sul|sulla|sui|sulle)\s+|\bparliamo di\s+"
    rf"|\b(?:(?:een|kort|klein)\s+)*(?:draadje|draad)\s+over\s+|\b(?:(?:en|kort|liten|lille)\s+)*tråd\s+om\s+"
    rf"|\b(?:(?:krótki|mały)\s+)*(?:wątek|nitka)\s+o\s+|(?:небольшой |короткий )?(?:тред|нитка) (?:о том,|об|о|про)\s+|(?:невеликий |короткий )?тред про\s+"
    rf"|(?:ثريد|سلسلة(?: تغريدات)?) (?:عن|حول)\s+|שרשור (?:קצר )?(?:על|בנושא)\s+|رشتو(?:یی)? درباره(?:‌ی|ٔ| ی)?\s+|关于|關於|聊聊|说说",
    _I,
)
"""What stands before the topic itself: "a thread on …", "I thought I would share some of my …"."""

TOPIC_AFTER = re.compile(
    r"^(.{4,}?)(?:について(?:の)?(?:スレッド|話|まとめ|書きます|語ります|話します)|に関するスレッド|の话题|에 대한 (?:스레드|타래|이야기)|에 대해|के बारे में|hakkında|üzerine)"
)
"""The same where the topic comes first."""

LEAD_IN = re.compile(
    r"^(?:[^\w\"“'‘«(]*(?:"
    r"(?:ok|okay|alright|hey|hi all|here(?:'s| is| are)|i think(?: that)?|imo|aquí (?:va|van)|voici|hier (?:ist|sind|kommen)|ecco|aqui (?:vai|vão|estão))(?=\W)"
    r"|(?:so|well|right|hello|hi|folks|friends|everyone|good morning|(?:some )?(?:personal )?news|new|breaking|psa|reminder|thread|hot take|unpopular opinion"
    r"|fun fact|true story|story ?time|confession|update|til|today|honestly|look|listen|(?:abro |va )?hilo|nitka|wątek|тред|שרשור|ثريد|スレッド)(?=\s*[^\w\s'’.?]))"
    r"[\s,:：!|—–\U0001f300-\U0001faff-]*)+",
    _I,
)
"""Dropped from the front of a headline: "Here are" announces, what follows is the matter."""

ASKED = re.compile(r"^did you know(?: that)?\s+(.*?)\?*$", _I)
"""A statement dressed as a question: group 1 is the statement."""

HEAD_CUT = re.compile(r"\s+[—–-]\s+|[—:;：；](?=\s)|[：；]|\s+\((?=[^)]*\)\W*$)")
"""Where a headline may end inside a sentence, whatever follows."""

CONNECTIVE = re.compile(
    r"(?:,\s+|\s+)(?=(?:because|now that|so that|since|although|though|whereas|but|and (?:i|we|it|that|this|here|how|why)|so (?:i|we|here|it)|which|where|while|when|if|after|before|until"
    r"|weil|obwohl|aber|denn|während|wenn|nachdem|porque|aunque|pero|mientras|parce que|mais|alors que|quand|perché|mentre|embora|mas|omdat|maar|terwijl|eftersom|men|fordi"
    r"|bo|ale|потому|но|хотя|тому що|але|бо)\b)"
    r"|,\s+(?=(?:and|or|y|e|et|und|en|och|og|i|и|і)\b)|[،、，]\s*|,\s+",
    _I,
)
"""Where a sentence may be left off if what stands before it holds by itself; the weaker kind of end."""

SUBORDINATE = re.compile(
    r"^\W*(?:when|whenever|if|after|before|while|because|although|though|since|as|until|once|unless|despite|in|on|at|for|from|during|with|without|by|over|every time|to|given"
    r"|wenn|als|nachdem|weil|obwohl|während|seit|bei|nach|im|in|quand|lorsque|si|après|avant|depuis|pendant|dans|pour|cuando|si|después|antes|mientras|desde|aunque|en|tras"
    r"|quando|se|dopo|prima|mentre|dopo|depois|antes|enquanto|desde|toen|wanneer|als|nadat|sinds|när|om|efter|da|hvis|gdy|kiedy|jeśli|po|когда|если|после|коли|якщо|після)\b",
    _I,
)
"""Begins a clause that needs its main clause."""

VAGUE = re.compile(
    r"^(?:this|that|it|these|those|them|the (?:subject|topic|matter|following)|this (?:subject|topic|matter|one)|something|things?|what i (?:learned|did|think)|why|how|what happened|what|my story"
    r"|esto|eso|ello|ça|cela|das|dies|questo|isso|isto|dit|det|это|це)\W*$",
    _I,
)
"""A topic that names nothing."""
