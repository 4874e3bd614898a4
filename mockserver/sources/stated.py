"""The stated rules of the importer, told to a reader."""

from __future__ import annotations

import textwrap

from .meaning import STATED

WIDTH = 110


def told() -> str:
    """Every rule: what is inferred from what, and why."""
    return "\n\n".join("\n".join((name, _wrapped(rule), _wrapped(f"Why: {reason}."))) for name, rule, reason in STATED)


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)
