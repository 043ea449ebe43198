"""docs/checks.md says what the rules say. To renew its table: python tests/desk/checks/test_document.py"""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path

from digest.desk.checks.rules import RULES
from digest.desk.checks.support import table

DOCUMENT = Path(__file__).parents[3] / "docs/checks.md"
LEVELS = {"error": "errors stand in the way of a send", "warning": "warnings", "note": "notes"}


def rows():
    ordered = sorted(RULES, key=lambda rule: list(LEVELS).index(rule.level))
    for level, rules in groupby(ordered, key=lambda rule: rule.level):
        yield f"\n### {LEVELS[level].capitalize()}\n\n| rule | what | why |\n|---|---|---|"
        yield from (f"| `{rule.name}` | {_cell(rule.what)} | {_cell(rule.why)} |" for rule in rules)


def _cell(text):
    return re.sub(r"(<[^>]+>|@ rule)", r"`\1`", text)


def test_the_table_holds_every_rule_as_it_is():
    assert "\n".join(rows()) in DOCUMENT.read_text()


def test_the_document_names_the_day_of_the_data():
    assert table().date in DOCUMENT.read_text()


if __name__ == "__main__":
    head = DOCUMENT.read_text().partition("\n### ")[0]
    DOCUMENT.write_text(head + "\n".join(rows()) + "\n")
