"""MJML → one HTML page whose styles stand in its elements. Fetches nothing, whatever the templates ask for."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from types import ModuleType
from typing import Any

from cssutils import CSSParser
from mjml import mjml2html

from digest.errors import RenderError


@contextmanager
def _without(name: str) -> Iterator[None]:
    """While the block runs, who imports this module gets an empty one in its place."""
    kept = sys.modules.get(name)
    sys.modules[name] = ModuleType(name)
    try:
        yield
    finally:
        del sys.modules[name]
        if kept:
            sys.modules[name] = kept


with _without("requests"):  # which takes 0.1 s to load, so that premailer could fetch style sheets: it shall not
    from premailer import Premailer

_STYLE = re.compile(r"<style(?=[\s>])")
_TABLE = re.compile(r"<table(?![^>]*\srole=)")
_SPAN = re.compile(r"position (\d+):(\d+)")


def page(mjml: str, *, css: str) -> str:
    """The finished page: `mjml` translated, `css` moved into style="", embedded styles left as they are.

    RenderError with the line of the MJML source when it does not parse.
    """
    html = _translated(mjml).replace("<!doctype html>", "<!DOCTYPE html>", 1)  # premailer drops the lower-case form
    html = _TABLE.sub('<table role="presentation"', html)  # MJML's compiler forgets it on an <mj-table>
    html = _STYLE.sub('<style data-premailer="ignore"', html)
    return str(_inliner(css).transform(html, pretty_print=False)).replace(' data-premailer="ignore"', "")


def _translated(mjml: str) -> str:
    try:
        # With fonts={} no web font is ever named; ordinary comments are dropped, Outlook's conditions are kept.
        return str(mjml2html(mjml, fonts={}, disable_comments=True))
    except ValueError as error:
        raise RenderError(
            f"the MJML does not parse: {error}{_excerpt(mjml, str(error))}",
            where="digest.mjml.j2",
            then="If you changed a template, look for an unclosed tag there.",
        ) from error


def _excerpt(mjml: str, complaint: str) -> str:
    """The line that the translator means. It counts bytes of UTF-8, and often names no place at all."""
    found = _SPAN.search(complaint)
    if not found:
        return ""
    number = mjml.encode()[: int(found[1])].count(b"\n")
    return f" (line {number + 1}: {mjml.split(chr(10))[number].strip()[:160]})"


class _Inliner(Premailer):  # type: ignore[misc]
    """premailer that reads its style sheet once, and whose style sheets cannot reach out: cssutils would follow
    @import, to the network and to files, even where premailer itself may not."""

    def _parse_css_string(self, css_body: str, validate: bool = True) -> Any:
        return CSSParser(fetcher=lambda _url: None).parseString(css_body, validate=validate)

    @lru_cache(maxsize=4)  # noqa: B019 - the few inliners that exist are kept as long as the program
    def _parse_style_rules(self, css_body: str, ruleset_index: int) -> Any:
        return super()._parse_style_rules(css_body, ruleset_index)


@lru_cache(maxsize=4)
def _inliner(css: str) -> _Inliner:
    """premailer with every default that would spoil a mail turned off."""
    return _Inliner(
        css_text=[css],
        allow_network=False,
        strip_important=False,  # or no rule for phones or for the night could win over a style=""
        keep_style_tags=False,
        disable_leftover_css=True,
        disable_validation=True,  # cssutils knows no mso-* and no modern values
        disable_basic_attributes=["width", "height", "align", "valign", "bgcolor"],  # Outlook goes by ours
        align_floating_images=False,
        remove_unset_properties=False,
        cssutils_logging_level=logging.CRITICAL,
    )
