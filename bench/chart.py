"""A chart of one race as SVG, in words and rectangles. Logarithmic, since the racers are decades apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from math import ceil, floor, log10

WIDTH, LEFT, RIGHT, ROW, TOP, FOOT = 760, 210, 70, 30, 64, 44
STYLE = """
  text { font: 14px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 16px } .quiet { fill: #59636e; font-size: 12px }
  .grid { stroke: #d1d9e0 } .bar { fill: #afb8c1 } .ours { fill: #0a6e5c }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc } .quiet { fill: #9198a1 } .grid { stroke: #3d444d } .bar { fill: #656c76 } .ours { fill: #3fc1a5 }
  }"""


def chart(rates: Mapping[str, float], *, title: str, note: str) -> str:
    """Bars of letters a second, the fastest first; those whose name begins with "ours" stand out."""
    rows = sorted(rates.items(), key=lambda item: -item[1])
    least, most = floor(log10(min(rates.values()))), ceil(log10(max(rates.values())))
    height = TOP + ROW * len(rows) + FOOT
    summary = "; ".join(f"{name}: {rate:,.0f}" for name, rate in rows)
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="t d">',
            f'<title id="t">{escape(title)}</title>',
            f'<desc id="d">Letters a second. {escape(summary)}.</desc>',
            f"<style>{STYLE}\n</style>",
            f'<text class="title" x="16" y="28">{escape(title)}</text>',
            *_grid(least, most, bottom=height - FOOT),
            *_bars(rows, least, most),
            f'<text class="quiet" x="16" y="{height - 10}">{escape(note)}</text>',
            "</svg>\n",
        )
    )


def _grid(least: int, most: int, *, bottom: int) -> Iterator[str]:
    for power in range(least, most + 1):
        x = _x(10.0**power, least, most)
        yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 8}" y2="{bottom}"/>'
        yield f'<text class="quiet" x="{x:.1f}" y="{TOP - 14}" text-anchor="middle">{10**power:,}</text>'


def _bars(rows: list[tuple[str, float]], least: int, most: int) -> Iterator[str]:
    for place, (name, rate) in enumerate(rows):
        y, end = TOP + ROW * place, _x(rate, least, most)
        kind = "ours" if name.startswith("ours") else "bar"
        yield f'<text x="{LEFT - 10}" y="{y + 16}" text-anchor="end">{escape(name)}</text>'
        yield f'<rect class="{kind}" x="{LEFT}" y="{y}" width="{end - LEFT:.1f}" height="{ROW - 8}" rx="3"/>'
        yield f'<text x="{end + 8:.1f}" y="{y + 16}">{rate:,.0f}</text>'


def _x(rate: float, least: int, most: int) -> float:
    return LEFT + (log10(rate) - least) / (most - least) * (WIDTH - LEFT - RIGHT)
