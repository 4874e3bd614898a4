"""Pages from templates: every value is escaped, and a name that is not given is an error. Nothing else knows Jinja."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2

from ..contract.answers import CREDITS_PER_USD
from ..contract.breaches import CONTROL

# All but tabs and the ends of lines.
UNSEEN = re.compile(rf"[\x00-\x08\x0b-\x1f]|{CONTROL.pattern}")


def render(template: str, **values: Any) -> str:
    """The page of a template such as `workbench/list.html`."""
    return _environment().get_template(template).render(**values)


def plain(value: Any) -> str:
    """A text as it is shown: what would be obeyed, or would turn the line round, is written as its code point."""
    return UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", str(value))


def pretty(value: Any) -> str:
    """A value as JSON for people, in the order in which it is."""
    return plain(json.dumps(value, indent=2, ensure_ascii=False))


def usd(credits: float) -> str:
    """Credits in dollars, as `$0.0315`."""
    return f"${credits / CREDITS_PER_USD:.4f}"


def size_of(count: float) -> str:
    """A number of bytes, as `12.3 KiB`."""
    for unit in ("bytes", "KiB", "MiB"):
        if count < 1024 or unit == "MiB":
            break
        count /= 1024
    return f"{count:,.0f} {unit}" if unit == "bytes" else f"{count:,.1f} {unit}"


def moment(value: datetime) -> str:
    """A moment in UTC, to the second."""
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def milliseconds(value: float) -> str:
    """A time, as `2.1 ms` or `3.20 s`."""
    return f"{value:.1f} ms" if value < 1000 else f"{value / 1000:.2f} s"


@cache
def _environment() -> jinja2.Environment:
    found = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=jinja2.FunctionLoader(_source),
    )
    filters = {"plain": plain, "pretty": pretty, "usd": usd, "bytes": size_of, "moment": moment, "ms": milliseconds}
    found.filters |= filters
    return found


def _source(name: str) -> str:
    return files(__package__).joinpath("templates", name).read_text("utf-8")
