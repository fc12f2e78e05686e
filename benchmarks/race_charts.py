"""Charts as small SVG files, in colours that read on light and on dark paper."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH = 760
INK = "#6e7781"
COLOURS = (
    "#d1495b",
    "#3b82c4",
    "#2a9d5c",
    "#b7791f",
    "#8b5fbf",
    "#0e9aa7",
    "#a0522d",
    "#7c8a00",
    "#c2559d",
    "#5b6ee1",
    "#8a8f98",
    "#d97a3a",
)
_STYLE = (
    "text{font:13px system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;fill:" + INK + "}"
    ".t{font-size:15px;font-weight:600}.s{font-size:12px}"
    "@media(prefers-color-scheme:dark){text{fill:#9da7b3}}"
)


def _number(value: float) -> str:
    if value >= 1e6:
        return f"{value / 1e6:,.3g} million"
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def _svg(height: int, title: str, said: str, body: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-labelledby="t d">\n<title id="t">{escape(title)}</title>\n<desc id="d">{escape(said)}</desc>\n'
        f'<style>{_STYLE}</style>\n<text class="t" x="8" y="22">{escape(title)}</text>\n'
        + "\n".join(body)
        + "\n</svg>\n"
    )


def bars(title: str, unit: str, values: Mapping[str, float], ours: str = "ours", *, log: bool = True) -> str:
    """Draw a bar for each name, the shortest first.

    Args:
        title: What is shown.
        unit: Of the values.
        values: Name to value, all above zero.
        ours: Names that start so are ours, and stand out.
        log: Whether equal lengths are equal ratios.
    """
    left, right, step, top = 290, 90, 26, 50
    low = 10 ** math.floor(math.log10(min(values.values()))) if log else 0.0
    high = max(values.values())

    def length(value: float) -> float:
        part = math.log(value / low) / math.log(high / low) if log else value / high
        return max(2.0, part * (WIDTH - left - right))

    body = [f'<text class="s" x="8" y="42">{escape(unit)}{"; logarithmic" if log else ""}</text>']
    for n, (name, value) in enumerate(sorted(values.items(), key=lambda item: item[1])):
        y = top + n * step
        colour = COLOURS[0] if name.startswith(ours) else COLOURS[1]
        body += [
            f'<text x="{left - 8}" y="{y + 15}" text-anchor="end">{escape(name)}</text>',
            f'<rect x="{left}" y="{y + 3}" width="{length(value):.1f}" height="{step - 9}" rx="2" fill="{colour}"/>',
            f'<text class="s" x="{left + length(value) + 6:.1f}" y="{y + 15}">{_number(value)}</text>',
        ]
    said = "; ".join(f"{name}: {_number(value)}" for name, value in values.items())
    return _svg(top + len(values) * step + 10, title, f"{unit}. {said}", body)


def lines(title: str, across: str, up: str, series: Mapping[str, Mapping[float, float]]) -> str:
    """Draw a line for each name over two logarithmic axes, with the names at the ends of the lines.

    Args:
        title: What is shown.
        across: What the horizontal axis counts.
        up: What the vertical axis measures.
        series: Name to points, all above zero; ours first.
    """
    left, right, top, bottom, height = 70, 240, 52, 46, 400
    xs = sorted({x for points in series.values() for x in points})
    ys = [y for points in series.values() for y in points.values()]
    y_low, y_high = math.floor(math.log10(min(ys))), math.ceil(math.log10(max(ys)))

    def at_x(x: float) -> float:
        part = math.log(x / xs[0]) / math.log(xs[-1] / xs[0]) if xs[-1] > xs[0] else 0
        return left + part * (WIDTH - left - right)

    def at_y(y: float) -> float:
        return height - bottom - (math.log10(y) - y_low) / (y_high - y_low) * (height - bottom - top)

    body = [f'<text class="s" x="8" y="42">{escape(up)}, logarithmic</text>']
    for power in range(y_low, y_high + 1):
        y = at_y(10.0**power)
        body += [
            f'<line x1="{left}" x2="{WIDTH - right}" y1="{y:.1f}" y2="{y:.1f}" stroke="{INK}" stroke-opacity=".25"/>',
            f'<text class="s" x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{_number(10.0**power)}</text>',
        ]
    for x in xs:
        body.append(
            f'<text class="s" x="{at_x(x):.1f}" y="{height - bottom + 18}" text-anchor="middle">{_number(x)}</text>'
        )
    body.append(
        f'<text class="s" x="{(left + WIDTH - right) / 2}" y="{height - 8}" text-anchor="middle">{escape(across)}</text>'
    )
    ends: list[tuple[float, float, str, str]] = []
    for n, (name, points) in enumerate(series.items()):
        colour = COLOURS[n % len(COLOURS)]
        placed = [(at_x(x), at_y(y)) for x, y in sorted(points.items())]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
        body.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{3.5 if n == 0 else 2}"/>')
        body += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{4 if n == 0 else 3}" fill="{colour}"/>' for x, y in placed]
        ends.append((placed[-1][1], placed[-1][0], name, colour))
    y_free = -math.inf
    for y, x, name, colour in sorted(ends):
        y_free = max(y, y_free + 16)  # names keep apart
        body.append(
            f'<line x1="{x + 5:.1f}" y1="{y:.1f}" x2="{WIDTH - right + 14}" y2="{y_free:.1f}" stroke="{colour}" stroke-opacity=".5"/>'
        )
        body.append(
            f'<text class="s" x="{WIDTH - right + 18}" y="{y_free + 4:.1f}" style="fill:{colour}">{escape(name)}</text>'
        )
    said = "; ".join(
        f"{name}: {', '.join(f'{_number(x)}: {_number(y)}' for x, y in p.items())}" for name, p in series.items()
    )
    return _svg(height, title, f"{up} by {across}. {said}", body)
