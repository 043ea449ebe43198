"""Whether "no such user" was said of the name alone. Who took the letter first and says it afterwards may be a filter that
the reader set (some mobile carriers say it for one), so the words are not believed without one of these.

All texts are flat: lower case, single blanks, "@" for each address.
"""

from __future__ import annotations

import re

_REPLY_CODE = re.compile(r"(?<![\d.])5\d\d(?=[\s\-,:;#]|$)")

# ── the name was refused, before the letter was seen ──────────────────────────────────────────────

_RCPT = re.compile(
    r"(?:in reply to|response to|after|>>>|our|for|smtp:|sent <<<|-->|command:?|during|at|to the) ?rcpt\b|\[rcpt_to\]|rcpt to (?:generated|said)"
    r"|does not like recipient|\(state 14\)|\b5\d\d[ -](?:5\.\d{1,3}\.\d{1,3} )?rcpt\b|rcpt to: ?@(?!.{0,60}\bdata\b)[^@\d]{1,60}5\d\d\b"
)
_AFTERWARDS = re.compile(
    r"(?:reply to|after) end of data|smtp command data|>>> data (?!.{0,300}(?:need rcpt|valid recipients)).{0,40}<<< 5"
    r"|failed after i sent the message"
)


def at_rcpt(told: str) -> bool:
    return bool(_RCPT.search(told)) and not was_read(told)


def was_read(told: str) -> bool:
    """Whether the answer came only when the letter had been taken in whole."""
    return bool(_AFTERWARDS.search(told))


# ── who reports it decided it ─────────────────────────────────────────────────────────────────────

# Signs of another server's words. Exchange's connector to the Internet (IMC) quotes without a sign of its own, and so do
# those who hand on what Google's and Yahoo's servers say.
_TALK = re.compile(
    r">>>|<<<|talking to|remote|(?<!at )\bhost [\w.-]+|\bsaid\b|\bsays\b|\brepl(?:y|ied)\b|\brespon[sd]|\breports\b|end of data|smtp"
    r"|server [\w.-]+ ?\[|\bimc:|you tried to reach|this user doesn.t have an? "
)
_TRANSCRIPT = "transcript of session follows"


def decided_alone(told: str) -> bool:
    """Whether a mail server reports what it decided itself, of its own users: it shows no other server's words. Sendmail
    shows the talk wherever there was one, so a code without a talk is its own; one that copies its form without the
    transcript may have left the talk out."""
    if _TALK.search(told):
        return False
    if _TRANSCRIPT in told:
        return True
    return not _REPLY_CODE.search(told) and "original message was received" not in told


_AGENT = re.compile(r"x-(?:unix|local);|failed to deliver to .{1,300}? local module")


def local_agent(said: str) -> bool:
    """Whether the program that puts letters into mailboxes says it (RFC 3464, 2.3.6: the kind of a diagnostic code)."""
    return bool(_AGENT.match(said))


# ── who reports it sums it up ─────────────────────────────────────────────────────────────────────

_SUMMARY = re.compile(
    r"\b(?:the|that|this|your)\b.{0,60}?\b(?:address|recipient|user|mailbox|account|person)\b.{0,60}?"
    r"\b(?:(?:does|do|did)(?: not|n.t) exist|(?:could|can)(?:not| not|n.t) be (?:found|located)|was(?: not|n.t) found)"
)
_GOOGLES = "email account that you tried to reach does not exist"


def summed_up(told: str) -> bool:
    """Whether the server that reports it says so in a sentence of its own, before it quotes the other one: it spoke with
    that one, and knows when it was refused. "Address not found", says Google of a name, "Message blocked" of a letter."""
    code = _REPLY_CODE.search(told)
    own = told[: code.start()] if code else told
    return bool(_SUMMARY.search(own.replace(_GOOGLES, ""))) and not was_read(told)


# ── who says it has looked ────────────────────────────────────────────────────────────────────────

_STORE = r"(?:mail ?box|account|local[ -]part)"
_LOOKED = re.compile(
    rf"\b{_STORE}\b[^.;]{{0,40}}\b(?:unknown|not found|(?:does not|doesn.t|not) exist)"
    rf"|\b(?:no such|unknown|non-?existent|no|not an? (?:valid|known|local)) (?:local |virtual |user )?{_STORE}\b(?! (?:names?|ids?)\b)"
    r"|(?<!\.\d )\bno such recipient\b"  # SMTP's word, not a filter's; but a code in front of it weighs more
    r"|\bnot (?:found |listed |present )?in .{0,20}(?:directory|ldap|database|address book)"
)


def looked(said: str) -> bool:
    """Whether it speaks of the place that letters are kept in, or of the list of its users. A filter borrows the stock
    words, "user unknown", "unknown user", "no such user"; who misses the mailbox or the account looked for it. Google's
    own sentence is often handed on."""
    return bool(_LOOKED.search(said.replace(_GOOGLES, "")))


_RELAYED = re.compile(r"\b5\d\d .{0,120}\bremote (?:host |server )?said:? ?[\"']5\d\d\b")


def handed_on(said: str) -> bool:
    """Whether who refuses quotes the answer of a server behind it: a relay's words, and no filter's."""
    return bool(_RELAYED.search(said))


def rejected(said: str) -> bool:
    """Whether the sending server says that its address was refused."""
    return bool(_REJECTED.search(said))


_REJECTED = re.compile(
    r"server has rejected address|recipients? (?:was|were|has been|have been) (?:rejected|refused) by"
    r"|(?:rejected|refused|did not accept) (?:the |this |your )?recipient\b(?! address)"
)
