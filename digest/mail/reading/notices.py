"""Bounces in no standard form, as hundreds of mail servers write them: whether a mail is one, its own words without
the letter that it returns, and the addresses in it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.mail.reading import disguised, machines
from digest.mail.reading.opened import Part, text_of, words

_SENT_BY = re.compile(
    r"mailer[-_ ]?daemon|(?<![\w.-])daemon@|interscan|^\W{0,2}mailer\b|(?<![\w.-])mailer@|mail delivery (?:sub)?system|postmaster|mail administrator|mail delivery service|<>|mdaemon|"
    r"post_?master|mailsupervisor|mailerdemon|mail-daemon|(?<![a-z])bounces?[-+=@]|bounce handler|mmdf|system administrator|systemadministrator|microsoft exchange|"
    r"メール配信|邮件系统|系统退信|mailmaster",
    re.IGNORECASE,
)
_TITLED = re.compile(
    r"undeliver|un-deliver|mail failed|returning to sender|delivery (?:status|fail|error|report|problem|has fail|notification|unsuccess|incomplete|delay)|"
    r"failure notice|fail(?:ed|ure) (?:delivery|mail|to deliver|notice)|returned (?:mail|to sender|message)|returning mail|"
    r"mail (?:delivery|returned|system error|failure|could not be)|mail(?:er)? error|non[- ]?deliver|nondeliverable|not delivered|"
    r"error (?:sending|delivering|occurred while)|trouble delivering|invalid (?:user|recipient|address|final delivery)|message (?:delivery|could not|undeliverable|not delivered|status)|could ?n.t (?:be )?deliver|can.?not (?:be )?(?:deliver|send)|"
    r"warning: (?:could not|message)|bounce|unknown (?:user|recipient|address)|user unknown|ndn:|ndr|rejected (?:mail|message|posting)|unable to deliver|"
    r"unzustellbar|nicht zugestellt|nicht zustellbar|unzustellbarkeit|zustellung|fehlgeschlagen|rückläufer|"
    r"non remis|échec|echec|non distribu|notification d.état|impossible de remettre|"
    r"no se pudo entregar|no entregado|devuelto|error al entregar|rechazado|no se puede entregar|"
    r"mancata consegna|impossibile recapitare|non recapitabile|non consegnat|"
    r"não entregue|nao entregue|falha na entrega|não foi possível|onbestelbaar|niet bezorgd|niet afgeleverd|"
    r"niedostarczon|nie dostarczono|zwrot|kunde inte levereras|oleverer|ikke leveret|nedoručite|kézbesíth|teslim edilemedi|kunne ikke leveres|"
    r"недостав|не доставлен|не було доставлено|невозможно доставить|配信不能|配達不能|送信できません|届きません|エラー|退信|退回|无法投递|投递失败|投遞失敗|배달 ?실패|전송 ?실패|반송",
    re.IGNORECASE,
)
# From here on stands the letter that came back. Its words are its author's and prove nothing.
_LETTER = re.compile(
    r"^(?:[-=*_ >#|]{2,200}.{0,40}(?:original (?:message|mail)|below this line|copy of (?:the|your) message|returned message|message (?:text )?follows|"
    r"message header|header of|headers? follow|unsent message|forwarded message|message contents|"
    r"the header|undelivered message|transcript of message|ursprüngliche|nachrichtentext|message original|mensaje original|元のメール|以下).{0,80}"
    r"|[ ]{0,80}[-=*_>#|][-=*_ >#|]{1,200}.{0,40}your (?:original )?(?:message|mail).{0,80}"  # set in only, it may be a server's words
    r"|(?:-+ )?(?:this is a copy of the message|the original message (?:was received|follows|header)|original message (?:follows|headers?)|"
    r"(?:the )?(?:message )?headers? (?:of|from) (?:the|your) (?:original )?(?:message|mail)|your (?:original )?message (?:follows|reads|is attached|was(?: as follows)?:|begins)|"
    r"the (?:text|body) of (?:the|your) (?:message|mail)|copy of (?:the )?message|---\s*enclosed).{0,80}"
    r"|(?:received: from |received: by |return-path: ?<|received: \(|dkim-signature: |mime-version: 1|x-original-to: ).{0,200})$",
    re.IGNORECASE | re.MULTILINE,
)
_NOT_THE_LETTER = re.compile(r"the original message was received at", re.IGNORECASE)
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250})[A-Za-z0-9]")
_DELAY = re.compile(
    r"(?:this is a warning message only|you do not need to resend|do not need to resend your message|"
    r"(?:message )?(?:has )?not (?:yet )?been delivered yet|will (?:be|keep) (?:re)?tr(?:y|ied|ying)|will continue (?:to try|trying)|"
    r"no action is required on your part|delivery (?:of your message )?(?:has been )?delayed|still being (?:retried|tried)|"
    r"could not be delivered yet|wird weiter versucht|zustellung verzögert|remise différée|sera réessayé)",
    re.IGNORECASE,
)
_GIVEN_UP = re.compile(
    r"giv(?:ing|en) up|permanent|undeliverable|failed|(?:has been|is being) returned|will no longer|timed out|too (?:old|long)|retry time(?:out)? (?:not reached|exceeded)",
    re.IGNORECASE,
)
_LIMIT = 16_000


def is_notice(mail: Part) -> bool:
    """Whether a mail server writes to say that it could not deliver. What calls itself an automatic reply is none: it may
    well say that somebody "is no longer here", and a program of theirs said it."""
    if mail.get("x-failed-recipients") or mail.parameter("report-type").lower() == "delivery-status":
        return True
    title = _title(mail)
    if machines.is_reply(title) or (
        mail.get("auto-submitted").lower().startswith("auto-replied") and not _TITLED.search(title)
    ):
        return False
    if (_is_passed_on(mail, title) or disguised.brings_a_program(mail)) and mail.kind != "multipart/report":
        return False
    if _SENT_BY.search(words(mail.get("from"))[:300]):
        return _is_titled_so(mail, title)
    if _is_worded_so(mail, title):
        return True
    returned = mail.get("return-path").strip().lower()
    return (returned == "<>" or returned.startswith("<mailer-daemon@")) and bool(
        (_TITLED.search(title) and not disguised.is_passed_on(mail, title)) or _RETURNS.search(told(mail)[:200])
    )


def _is_passed_on(mail: Part, title: str) -> bool:
    """Whether a person hands on a notice or answers one. A server's own has no return address, and often the title of the
    letter that it returns."""
    if mail.get("return-path").strip() == "<>" or not disguised.is_passed_on(mail, title):
        return False
    sender = words(mail.get("from"))[:300]
    return not _SENT_BY.search(sender) or bool(_TITLED.search(title) and not _DAEMON.search(sender))


_CODE = re.compile(r"(?<![\d.])5\d\d[ -](?:5\.\d\.\d|\D)|#5\.\d\.\d")
_DAEMON = re.compile(r"daemon|delivery|<>", re.IGNORECASE)


def _is_titled_so(mail: Part, title: str) -> bool:
    """Whether a mail under a server's name is a notice. A postmaster is a person too, who may answer a question."""
    if _TITLED.search(title):
        return True
    words_of_it = told(mail)
    code = _CODE.search(words_of_it)
    if disguised.is_answer(mail) and mail.get("return-path").strip() != "<>":
        return code is not None and not disguised.speaks_first(words_of_it[: code.start()])
    return bool(code or _TITLED.search(words_of_it[:2000]) or _RETURNS.search(words_of_it[:600]))


_SET_TITLE = re.compile(
    r"undeliver(?:able|ed)\b|delivery status notification|(?:e-?)?mail (?:delivery fail(?:ed|ure)|could not be delivered|system error)"
    r"|returned (?:mail|message)\b|failure notice$|delivery (?:failure|failed)(?: noti|:|$)|non-?deliver(?:y|able)\b"
    r"|message (?:undeliverable|delivery failure)|unzustellbar|nicht zustellbar|non remis|mensaje no entregado|mancata consegna",
    re.IGNORECASE,
)
_RETURNS = re.compile(
    r"(?:message|mail)\s(?:is\sbeing|has\sbeen|was)\s(?:returned|not\sdelivered)|(?:could\s|can)not\sbe\sdelivered|failed\srecipients?\b|no\svalid\srecipients\b",
    re.IGNORECASE,
)
_REFUSAL = re.compile(r"rcpt to: ?<?[^\s<>]{1,300}>?\s{1,9}(?:\w{1,12} )?[<>-]{0,3} ?5\d\d", re.IGNORECASE)


def _is_worded_so(mail: Part, title: str) -> bool:
    """Whether a mail under any name is a notice by its title and its words: gateways sign with any name, and servers have
    few titles. A person writes a title of their own, or something before what they pasted."""
    if disguised.is_answer(mail) or disguised.is_typed(mail) or not _SET_TITLE.match(disguised.untagged(title)):
        return False
    begins = told(mail)[:4000]
    found = _RETURNS.search(begins[:600]) or _REFUSAL.search(begins)
    return found is not None and not disguised.speaks_first(begins[: found.start()])


def _title(mail: Part) -> str:
    return words(mail.get("subject"))[:300]


def told(mail: Part) -> str:
    """The notice's own words, at most 16,000 characters."""
    pieces: list[str] = []
    for part in mail.walk():
        if part.kind in {"message/rfc822", "text/rfc822-headers"}:
            break
        if (
            part.kind.startswith(("text/", "multipart/")) and not part.parts
        ):  # a multipart without parts lost its boundary
            pieces.append(text_of(part)[: _LIMIT * 2])
            if len(pieces) == 2:
                break
    return f"{_before_the_letter(chr(10).join(pieces)[: _LIMIT + 400])[:_LIMIT]} {_reason(_title(mail))}".strip()


def _reason(title: str) -> str:
    """Domino says why in the subject only: "DELIVERY FAILURE: User ... not listed in Domino Directory"."""
    before, colon, after = title.partition(":")
    return after.strip() if colon and before.lower() == "delivery failure" else ""


def _before_the_letter(text: str) -> str:
    for found in _LETTER.finditer(text):
        if not _NOT_THE_LETTER.search(found[0]) and text[: found.start()].strip():
            return text[: found.start()]
    return text


def is_delay(mail: Part, told: str) -> bool:
    title = _title(mail)
    if re.search(r"delay|warning: (?:could not|message)|verzögert|retard|still being", title, re.IGNORECASE):
        return not re.search(r"fail(?:ed|ure)", title, re.IGNORECASE)
    return bool(_DELAY.search(told)) and not _GIVEN_UP.search(told)


def addresses(mail: Part, told: str) -> Iterator[str]:
    """The recipients that it names, at most ten; some put them in a header, the others into the first words."""
    yield from _ADDRESS.findall(mail.get("x-failed-recipients"))[:10]
    yield from _ADDRESS.findall(told)[:10]
