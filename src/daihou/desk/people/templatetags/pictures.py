"""Pictures that stand within a page."""

from __future__ import annotations

import base64

from django import template

register = template.Library()


@register.filter
def on_white(svg: str) -> str:
    """A drawing as an address of data, on a ground of its own: a QR code on a dark page is read by no camera."""
    start = svg.index(">", svg.index("<svg")) + 1
    drawn = f'{svg[:start]}<rect width="100%" height="100%" fill="#fff"/>{svg[start:]}'
    return "data:image/svg+xml;base64," + base64.b64encode(drawn.encode()).decode("ascii")
