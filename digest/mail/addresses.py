"""A subscriber's address, checked and brought into the one form that the house keeps. Asks no DNS and sends nothing."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email

from digest.errors import InputError
from digest.text import one_line, shorten


def parse(text: str) -> str:
    """The address in `text` with its domain as lower-case A-labels (RFC 5890) and its local part as it was written.

    At most 64 characters before the @ and 254 in all (RFC 5321, 4.5.3.1). Names beside the address, quoted local
    parts, IP literals and domains that can never get mail are refused with `InputError`; `.test` is taken.
    """
    try:
        found = validate_email(text.strip(), check_deliverability=False, strict=True, test_environment=True)
    except EmailNotValidError as error:
        raise InputError(
            f"not a mail address: {error}",
            where=shorten(one_line(text), 80),
            then="Write it like name@example.org.",
        ) from error
    return f"{found.local_part}@{found.ascii_domain.lower()}"


def key(email: str) -> str:
    """What tells two readers apart. Local parts may differ by case (RFC 5321, 2.4), yet no provider lets them."""
    return email.casefold()
