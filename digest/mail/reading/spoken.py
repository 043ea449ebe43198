"""What a person wrote themselves: their mail without what it quotes, and without signatures and footers."""

from __future__ import annotations

import re

from digest.mail.reading.opened import QUOTED_FROM_HERE, Part, text_of

LINES = 400
_WROTE = (
    r"wrote|writes|schrieb|schreibt|a écrit|escribió|escribio|ha scritto|scrive|schreef|escreveu|napisał|napisała|"
    r"napisał\(a\)|pisze|skrev|skrifaði|kirjoitti|napsal|napsala|napsal\(a\)|írta|yazdı|написал|написала|пишет|"
    r"пише|a scris|έγραψε|כתב|كتب|さんは書きました|さんのメッセージ|写道|寫道|님이 작성|đã viết|menulis"
)
_ATTRIBUTION = re.compile(
    rf"(?:{_WROTE})\s?[^:]{{0,120}}[:：]$|\d.{{0,200}}<[^<>@\s]+@[^<>\s]+>\s?[:：]$", re.IGNORECASE
)
_BEGINS = re.compile(
    r"(?:on|am|le|el|il|op|em|w dniu|dnia|den|på|dne|pe|mnl|kl|в|пн|вт|ср|чт|пт|сб|вс|\d{4}[年/.-]|\w{2,3}\.?,?)\b.*\d",
    re.IGNORECASE,
)
_RULE = re.compile(
    r"[-_ ]*(?:original message|original-nachricht|ursprüngliche nachricht|ursprungliche nachricht|message d.origine|"
    r"message transféré|mensaje original|messaggio originale|oorspronkelijk bericht|mensagem original|"
    r"wiadomość oryginalna|ursprungligt meddelande|original meddelelse|opprinnelig melding|alkuperäinen viesti|"
    r"původní zpráva|исходное сообщение|forwarded message|weitergeleitete nachricht|元のメッセージ|原始邮件|原始郵件|원본 메시지)[-_ ]*",
    re.IGNORECASE,
)
_HEADING = re.compile(
    r"\W{0,3}(?:from|von|de|da|van|från|fra|od|lähettäjä|от|发件人|寄件者|差出人|보낸 사람|expéditeur)\W{0,3}[:：].{3,}",
    re.IGNORECASE,
)
_DATED = re.compile(
    r"\W{0,3}(?:sent|date|gesendet|datum|envoyé|enviado|fecha|data|inviato|verzonden|skickat|sendt|wysłano|odesláno|"
    r"lähetetty|отправлено|дата|发送时间|寄件日期|送信日時|보낸 날짜|to|an|à|para|a|aan|till|til|do|subject|betreff|objet|asunto|oggetto)"
    r"\s?\W{0,3}[:：].*",
    re.IGNORECASE,
)
_FOOTER = re.compile(
    r"(?:(?:sent|gesendet|von meinem|envoyé|enviado|inviato|verstuurd|verzonden|skickat|sendt|wysłano|wysłane|lähetetty|"
    r"odesláno|отправлено)\b.{0,60}(?:iphone|ipad|android|samsung|galaxy|outlook|yahoo|mobile|handy|telefon\w*|teléfono|"
    r"móvil|smartphone|blackberry|windows|mail\.ru|gmx|web\.de|proton\w*|mail)\b.{0,40}|get outlook for .{0,30}|"
    r"(?:iphone|ipad)から送信.{0,9}|发自我的.{0,20}|從我的.{0,20}|나의 .{0,20}보냄|diese nachricht wurde von .{0,60}|"
    r"télécharger outlook.{0,30}|obtener outlook.{0,30}|outlook.{0,6}herunterladen.{0,20})",
    re.IGNORECASE,
)


def own_words(mail: Part) -> list[str]:
    """The lines that the sender wrote, trimmed, without empty ones; at most 400."""
    return _own(text(mail))


def text(mail: Part) -> str:
    """The mail's text as it stands, quotes and all: its first plain part, else its first HTML part as lines."""
    leaves = [part for part in mail.walk() if not part.parts and not _attached(part)]
    for kind in ("text/plain", "text/html"):
        for part in leaves:
            if part.kind == kind and (found := text_of(part)).strip():
                return found
    return ""


def _attached(part: Part) -> bool:
    return part.get("content-disposition").strip().lower().startswith("attachment")


def _own(text: str) -> list[str]:
    lines = [line.rstrip() for line in text.split("\n")[:LINES]]
    kept: list[str] = []
    for at, line in enumerate(lines):
        if _ends_here(lines, at):
            break
        if line.lstrip().startswith((">", "|>")) or _attributes(lines, at):
            continue
        kept.append(line.strip())
    return [line for line in kept if line]


def _ends_here(lines: list[str], at: int) -> bool:
    """The line from which on nothing is theirs: a signature (RFC 3676, 4.3), a footer, Outlook's heading of a quote."""
    line = lines[at].strip()[:300]
    if line == "--" or line in {"---", "___", "—"} or line == QUOTED_FROM_HERE or re.fullmatch("_{10,}", line):
        return True
    if _RULE.fullmatch(line) or _FOOTER.fullmatch(line.strip("*_ .")):
        return True
    if _HEADING.fullmatch(line) and "@" not in line[:3]:
        return any(_DATED.fullmatch(coming.strip()[:300]) for coming in lines[at + 1 : at + 4])
    return _attributes(lines, at) and not any(_is_quoted(coming) for coming in lines[at + 1 : at + 6])


def _is_quoted(line: str) -> bool:
    return line.lstrip().startswith(">")


def _attributes(lines: list[str], at: int) -> bool:
    """ "On Tuesday Ada wrote:", which may run over three lines: whether this is one of them."""
    for first in range(max(0, at - 2), at + 1):
        if first < at and not _BEGINS.match(lines[first].strip()[:100]):
            continue
        for last in range(at, min(first + 3, len(lines))):
            joined = " ".join(line.strip() for line in lines[first : last + 1])
            if joined.endswith((":", "：")) and len(joined) <= 400 and _ATTRIBUTION.search(joined):
                return last == at or bool(_BEGINS.match(joined[:100]))
    return False
