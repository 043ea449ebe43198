"""Shapes that readers and filters know from spam. Few and plain: SpamAssassin itself can be asked by `--spam`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.desk.checks.exhibit import Exhibit
from digest.desk.checks.rules import found
from digest.model import Finding

_PHRASES = re.compile(
    r"(?i)\b(?:act now|buy now|order now|click here now|limited time(?: only| offer)?|risk[- ]free|100% free"
    r"|free (?:money|gift|trial offer)|cash bonus|double your (?:income|money)|earn (?:extra )?cash|make money (?:fast|online)"
    r"|no (?:obligation|credit check|strings attached)|you(?:'ve| have)? (?:been selected|won)|winner!|congratulations!"
    r"|this is not spam|dear friend|viagra|casino bonus|miracle|once in a lifetime|urgent (?:reply|response)|wire transfer)"
)
SEVERAL = 3
SHOUTED, ENOUGH = 0.35, 200  # share of the letters that are capitals, of at least so many letters that could be either


def look(mail: Exhibit) -> Iterator[Finding]:
    words = f"{mail.subject} {mail.words if mail.html else mail.text}"
    phrases = list(dict.fromkeys(match[0].lower() for match in _PHRASES.finditer(words)))
    if len(phrases) >= SEVERAL:
        yield found("spam-words", ", ".join(phrases[:6]), where="page")
    letters = [letter for letter in words if letter.lower() != letter.upper()]
    capitals = sum(map(str.isupper, letters))
    if len(letters) >= ENOUGH and capitals > SHOUTED * len(letters):
        yield found("spam-capitals", f"{100 * capitals // len(letters)} % of the letters", where="page")
