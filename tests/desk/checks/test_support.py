"""What Mailpit's HTML check flags by the tables of caniemail.com (its internal/htmlcheck/config.go, MIT), we find too; but for
<body>, <hr>, `font` and `background-color`, which every mail may use."""

from __future__ import annotations

import pytest

from digest.desk import checks
from digest.desk.checks import support

HTML = {
    "html-anchor-links": '<a href="#p1">x</a>',
    "html-audio": "<audio></audio>",
    "html-base": '<base href="https://example.org">',
    "html-button-reset": '<button type="reset">x</button>',
    "html-button-submit": '<button type="submit">x</button>',
    "html-dialog": "<dialog>x</dialog>",
    "html-form": "<form></form>",
    "html-image-maps": '<img usemap="#m">',
    "html-input-checkbox": '<input type="checkbox">',
    "html-input-hidden": '<input type="hidden">',
    "html-input-radio": '<input type="radio">',
    "html-input-submit": '<input type="submit">',
    "html-input-text": '<input type="text">',
    "html-link": '<link rel="stylesheet" href="https://example.org/a.css">',
    "html-meter": "<meter></meter>",
    "html-object": "<object></object>",
    "html-picture": "<picture></picture>",
    "html-progress": "<progress></progress>",
    "html-required": "<input required>",
    "html-select": "<select></select>",
    "html-semantics": "<article>x</article>",
    "html-srcset": '<img srcset="a.png 2x">',
    "html-style": "<style>b{color:#333333}</style>",
    "html-svg": "<svg></svg>",
    "html-textarea": "<textarea></textarea>",
    "html-video": "<video></video>",
}
IMAGES = "apng avif bmp gif hdr heif ico mp4 svg tiff webp"
SELECTORS = """active checked first-child first-of-type focus has(b) hover lang(de) last-child last-of-type link not(b)
    nth-child(2) nth-last-child(2) nth-last-of-type(2) nth-of-type(2) only-child only-of-type target visited
    :after :before :first-letter :first-line :marker :placeholder"""
ATS = {
    "css-at-font-face": "@font-face {font-family:x;src:url(x.woff)}",
    "css-at-import": "@import url(https://example.org/a.css);",
    "css-at-keyframes": "@keyframes x {from{color:#333333}}",
    "css-at-media": "@media (min-width:9px) {b{color:#333333}}",
    "css-at-supports": "@supports (color:red) {b{color:#333333}}",
}
STYLES = """accent-color align-items aspect-ratio background background-blend-mode background-clip background-image
    background-origin background-position background-repeat background-size border border-image border-radius
    box-shadow box-sizing caption-side clip-path column-count direction display filter float font-kerning font-weight
    gap grid-template height hyphens inline-size justify-content letter-spacing line-height list-style
    list-style-image list-style-position margin max-block-size max-height max-width min-height min-inline-size
    min-width mix-blend-mode object-fit object-position opacity outline outline-offset overflow overflow-wrap padding
    position tab-size table-layout text-align text-align-last text-decoration text-decoration-color
    text-decoration-thickness text-emphasis text-emphasis-position text-indent text-overflow text-shadow
    text-transform text-underline-offset transform visibility white-space width word-break writing-mode z-index"""
VALUES = {
    "css-block-inline-size": "block-size:1px",
    "css-border-inline-block-individual": "border-inline-width:1px",
    "css-column-layout-properties": "column-span:all",
    "css-conic-gradient": "background-image:conic-gradient(red, blue)",
    "css-display-flex": "display:flex",
    "css-display-grid": "display:grid",
    "css-display-none": "display:none",
    "css-flex-direction": "flex-direction:column",
    "css-flex-wrap": "flex-wrap:wrap",
    "css-important": "color:red!important",
    "css-intrinsic-size": "width:max-content",
    "css-margin-block-start-end": "margin-block-start:1px",
    "css-margin-inline-block": "margin-inline:1px",
    "css-margin-inline-start-end": "margin-inline-start:1px",
    "css-modern-color": "color:oklch(0.2 0.1 20)",
    "css-padding-block-start-end": "padding-block-start:1px",
    "css-padding-inline-block": "padding-inline:1px",
    "css-padding-inline-start-end": "padding-inline-start:1px",
    "css-radial-gradient": "background-image:radial-gradient(red, blue)",
    "css-rgb": "color:rgb(1,2,3)",
    "css-rgba": "color:rgba(1,2,3,.5)",
    "css-scroll-snap": "scroll-snap-type:x",
    "css-unit-calc": "width:calc(1px + 1px)",
    "css-unit-ch": "width:1ch",
    "css-unit-initial": "width:initial",
    "css-unit-rem": "width:1rem",
    "css-unit-vh": "width:1vh",
    "css-unit-vmax": "width:1vmax",
    "css-unit-vmin": "width:1vmin",
    "css-unit-vw": "width:1vw",
    "css-variables": "color:var(--x)",
}
FEATURES = {feature.slug: feature for feature in support.table().features}


def page(body: str = "", css: str = "") -> str:
    return f"<!DOCTYPE html><html lang=en><title>x</title><style>{css}</style><body>{body}</body></html>"


def pseudo(selector: str) -> str:
    kind = "element" if selector.startswith(":") else "class"
    return f"css-pseudo-{kind}-{selector.lstrip(':').partition('(')[0]}"


USES = {
    **{slug: page(body) for slug, body in HTML.items()},
    **{f"image-{kind}": page(f'<img src="https://example.org/a.{kind}">') for kind in IMAGES.split()},
    **{pseudo(selector): page(css=f"b:{selector}{{color:#333333}}") for selector in SELECTORS.split()},
    **{slug: page(css=css) for slug, css in ATS.items()},
    **{f"css-{name}": page(f'<p style="{name}:1px">x</p>') for name in STYLES.split()},
    **{slug: page(f'<p style="{value}">x</p>') for slug, value in VALUES.items()},
    "image-base64": page('<img src="data:image/png;base64,AAAA">'),
}


LACKED = sorted(slug for slug in USES if "n" in FEATURES[slug].support)
RULES_OF_THEIR_OWN = {
    "css-at-import": "outer-style",
    "html-form": "form",
    "html-link": "outer-style",
    "html-object": "active-content",
    "image-base64": "picture-inline",
}


def test_we_know_all_that_mailpit_looks_for():
    assert set(USES) <= set(FEATURES)


@pytest.mark.parametrize("slug", LACKED)
def test_what_some_program_lacks_is_found(slug):
    told = checks.check_page(USES[slug].encode(), where="x.html")
    own = RULES_OF_THEIR_OWN.get(slug)
    assert [one for one in told if one.rule == own or FEATURES[slug].title in one.what]
