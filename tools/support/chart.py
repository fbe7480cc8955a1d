"""Draws results of the benchmarks as an SVG: for each, how many times relevent's speed is the other's.

A bar starts at 1 and is as long as the logarithm of the ratio: to the right, relevent needs less. The
colours follow the reader's light or dark mode.
"""

import itertools
import math
from xml.sax.saxutils import escape

WIDTH = 860
LABEL = 250  # what the names take at the left
VALUE = 56  # what the numbers take at the right of the longest bar
ROW = 18
BAR = 11
GROUP = 30
TOP = 64

STYLE = """
  text { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }
  .title { font-size: 16px; font-weight: 600; }
  .group { font-weight: 600; }
  .quiet { fill: #656d76; font-size: 11px; }
  .line { stroke: #d1d9e0; }
  .one { stroke: #656d76; }
  .better { fill: #1a7f64; }
  .worse { fill: #bc4c00; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .quiet { fill: #9198a1; }
    .line { stroke: #30363d; }
    .one { stroke: #9198a1; }
    .better { fill: #3fb995; }
    .worse { fill: #f0883e; }
  }
"""


def ratios(results):
    """(name, ratio) of each result that has one."""
    return [(result["name"], result["reference"] / result["relevent"]) for result in results
            if result["reference"] > 0 and result["relevent"] > 0]


class Scale:
    """Places ratios on a logarithmic axis that holds them all, and some ticks."""

    def __init__(self, values):
        self._low = min(-1, math.floor(math.log2(min(values, default=1))))
        self._high = max(1, math.ceil(math.log2(max(values, default=1))))

    def x(self, ratio):
        share = (math.log2(ratio) - self._low) / (self._high - self._low)
        return LABEL + share * (WIDTH - LABEL - VALUE)

    def ticks(self):
        return [2.0 ** power for power in range(self._low, self._high + 1)]


def text(x, y, content, kind="", anchor="start"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">'
            f'{escape(content)}</text>')


def bar(scale, y, name, ratio):
    """The name, the bar and its number."""
    one, end = scale.x(1), scale.x(ratio)
    kind = "better" if ratio >= 1 else "worse"
    middle = y + ROW / 2 + 4
    return [text(LABEL - 10, middle, name, anchor="end"),
            f'<rect x="{min(one, end):.1f}" y="{y + (ROW - BAR) / 2:.1f}" '
            f'width="{max(abs(end - one), 1):.1f}" height="{BAR}" rx="2" class="{kind}"/>',
            text(max(one, end) + 6, middle, f"{ratio:.2f}", "quiet")]


def axis(scale, bottom):
    parts = []
    for tick in scale.ticks():
        x, kind = scale.x(tick), "one" if tick == 1 else "line"
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{bottom}" class="{kind}"/>')
        parts.append(text(x, TOP - 6, f"{tick:g}×", "quiet", "middle"))
    return parts


def svg(results, title, subtitle):
    """The chart's text. The first word of a name is its group."""
    bars = ratios(results)
    scale = Scale([ratio for _, ratio in bars])
    rows, y = [], TOP
    for group, members in itertools.groupby(bars, key=lambda entry: entry[0].split()[0]):
        y += GROUP
        rows.append(text(12, y - 6, group, "group"))
        for name, ratio in members:
            rows += bar(scale, y, name, ratio)
            y += ROW
    height = y + 14
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
             f'width="{WIDTH}" height="{height}" role="img">',
             f"<title>{escape(title)}</title>", f"<style>{STYLE}</style>",
             text(12, 24, title, "title"), text(12, 42, subtitle, "quiet"),
             *axis(scale, y + 4), *rows, "</svg>"]
    return "\n".join(parts) + "\n"
