"""Which of a contract's paths a request went to: with a path in front, without the version, with a slash at the end."""

from __future__ import annotations

from collections.abc import Iterable


def served(paths: Iterable[str], path: str) -> str | None:
    """The one of these paths that a request's path means, its query aside; None if it means another."""
    asked = f"/{path.partition('?')[0].strip('/')}"
    return max((known for known in paths if asked.endswith(_unversioned(known))), key=len, default=None)


def _unversioned(path: str) -> str:
    """`/images/edits` of `/v1/images/edits`: what proxies and clients leave of it."""
    return f"/{path.split('/', 2)[2]}"
