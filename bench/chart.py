"""A chart of one race as SVG: bars from zero, so that twice as long is twice as fast."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

WIDTH, LEFT, RIGHT, ROW, TOP, FOOT = 760, 210, 70, 30, 48, 34
STYLE = """
  text { font: 14px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 16px } .quiet { fill: #59636e; font-size: 12px }
  .bar { fill: #afb8c1 } .ours { fill: #0a6e5c }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc } .quiet { fill: #9198a1 } .bar { fill: #656c76 } .ours { fill: #3fc1a5 }
  }"""


def chart(rates: Mapping[str, float], *, title: str, note: str) -> str:
    """Bars of letters a second, the fastest first; those whose name begins with "ours" stand out."""
    rows = sorted(rates.items(), key=lambda item: -item[1])
    height = TOP + ROW * len(rows) + FOOT
    summary = "; ".join(f"{name}: {rate:,.0f}" for name, rate in rows)
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="t d">',
            f'<title id="t">{escape(title)}</title>',
            f'<desc id="d">Letters a second. {escape(summary)}.</desc>',
            f"<style>{STYLE}\n</style>",
            f'<text class="title" x="16" y="28">{escape(title)}</text>',
            *_bars(rows),
            f'<text class="quiet" x="16" y="{height - 10}">{escape(note)}</text>',
            "</svg>\n",
        )
    )


def _bars(rows: Sequence[tuple[str, float]]) -> Iterator[str]:
    scale = (WIDTH - LEFT - RIGHT) / rows[0][1]
    for place, (name, rate) in enumerate(rows):
        y, length = TOP + ROW * place, rate * scale
        kind = "ours" if name.startswith("ours") else "bar"
        yield f'<text x="{LEFT - 10}" y="{y + 16}" text-anchor="end">{escape(name)}</text>'
        yield f'<rect class="{kind}" x="{LEFT}" y="{y}" width="{length:.1f}" height="{ROW - 8}" rx="2"/>'
        yield f'<text x="{LEFT + length + 8:.1f}" y="{y + 16}">{rate:,.0f}</text>'
