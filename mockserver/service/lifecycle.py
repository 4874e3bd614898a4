"""Models on their way out: deprecated, then gone. A rehearsal by the tenant's clock; the contract does not say so."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from ..contract.breaches import closest, shown
from . import calls
from .failures import Failure
from .state import Cell, Memory

ALWAYS = datetime.min.replace(tzinfo=UTC)
# The characters of a URI, RFC 3986 section 2: none of them ends a header or its angle brackets.
URI = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]{1,2000}", re.ASCII)


@dataclass(frozen=True)
class Stage:
    """How far a model is on its way out; moments are in UTC and whole seconds, as the headers are."""

    since: datetime | None = None
    sunset: datetime | None = None
    link: str | None = None
    removed_at: datetime | None = None

    @property
    def headers(self) -> dict[str, str]:
        """What the answers of a deprecated model carry; else nothing. Sources: RFC 9745, and RFC 8594 for Sunset."""
        if self.since is None:
            return {}
        sunset = {"Sunset": format_datetime(self.sunset, usegmt=True)} if self.sunset else {}
        link = {"Link": f'<{self.link}>; rel="deprecation"'} if self.link else {}
        return {"Deprecation": f"@{int(self.since.timestamp())}", **sunset, **link}

    @property
    def end(self) -> datetime | None:
        """When the model is gone, if it goes."""
        return min((moment for moment in (self.sunset, self.removed_at) if moment), default=None)

    def gone(self, moment: datetime) -> bool:
        """Whether the model is gone by then."""
        return self.end is not None and moment >= self.end

    @property
    def json(self) -> dict[str, Any]:
        """The stage for the control API; `removed_at` is null if never, and `always` if from the beginning of time."""
        removed = "always" if self.removed_at == ALWAYS else _text(self.removed_at)
        return {"since": _text(self.since), "sunset": _text(self.sunset), "link": self.link, "removed_at": removed}


UNSAID = Stage()


@dataclass(frozen=True)
class Stages:
    """The models that are on their way out, now and in the beginning."""

    now: Mapping[str, Stage] = field(default_factory=dict)
    beginning: Mapping[str, Stage] = field(default_factory=dict)


class Lifecycle:
    """Which models a tenant sees deprecated or removed. `now` is its clock; `deprecated` and `removed` are so from now.

    A model that is not known, and any other bad value, is a ValueError that names field, rule and value.
    """

    def __init__(
        self,
        known: Collection[str],
        *,
        now: Callable[[], datetime] = calls.now,
        deprecated: Collection[str] = (),
        removed: Collection[str] = (),
        stages: Cell[Stages] | None = None,
    ) -> None:
        # As it is given: models may come.
        self._known = known
        self._now = now
        self._stages = Memory(Stages()) if stages is None else stages
        if deprecated or removed:
            for model in deprecated:
                self.deprecate(model)
            for model in removed:
                self.remove(model)
            self._stages.change(lambda stages: replace(stages, beginning=stages.now))

    def deprecate(
        self,
        model: str,
        *,
        since: datetime | None = None,
        sunset: datetime | None = None,
        link: str | None = None,
    ) -> None:
        """Announce a model's end: its answers say since when (now, unless told), until when, and where to read on.

        Once the tenant's clock reaches the sunset, the model is removed.
        """
        begins = _seconds("since", self._now() if since is None else since)
        ends = None if sunset is None else _seconds("sunset", sunset)
        if ends and ends < begins:
            # RFC 9745, section 4.
            raise ValueError(f"sunset: expected no earlier than since, {_text(begins)}, received {_text(ends)}")
        if link is not None and not (isinstance(link, str) and URI.fullmatch(link)):
            raise ValueError(f"link: expected a URI, received {shown(link)}")
        self._change(model, since=begins, sunset=ends, link=link)

    def remove(self, model: str, *, at: datetime | None = None) -> None:
        """Take a model away: now, or once the tenant's clock reaches a moment."""
        self._change(model, removed_at=ALWAYS if at is None else _seconds("at", at))

    def restore(self, model: str) -> None:
        """Have a model as if nothing had been said of it."""
        self._check_known(model)
        self._stages.change(
            lambda stages: replace(stages, now={other: stage for other, stage in stages.now.items() if other != model})
        )

    def reset(self) -> None:
        """Begin anew: only what was deprecated or removed in the beginning is."""
        self._stages.change(lambda stages: replace(stages, now=stages.beginning))

    def check(self, model: str, moment: datetime) -> dict[str, str]:
        """The headers that an answer of this model carries. Raises Failure if it is gone by then."""
        stage = self._stage(model)
        if stage is UNSAID:
            return {}
        if stage.gone(moment):
            raise Failure("model_removed", {"reason": model})
        return stage.headers

    def is_removed(self, model: str, moment: datetime) -> bool:
        """Whether a model is gone by then."""
        return self._stage(model).gone(moment)

    def json(self) -> dict[str, Any]:
        """Every model that is on its way out, for the control API."""
        return {model: stage.json for model, stage in self._stages.value.now.items()}

    def _stage(self, model: str) -> Stage:
        self._check_known(model)
        return self._stages.value.now.get(model, UNSAID)

    def _change(self, model: str, **fields: Any) -> None:
        self._check_known(model)

        def changed(stages: Stages) -> Stages:
            stage = replace(stages.now.get(model, UNSAID), **fields)
            return replace(stages, now={**stages.now, model: stage})

        self._stages.change(changed)

    def _check_known(self, model: str) -> None:
        if model not in self._known:
            near = closest(model, list(self._known)) if isinstance(model, str) else None
            allowed = f"{near}?" if near else " | ".join(self._known)
            raise ValueError(f"model: expected a known one ({allowed}), received {shown(model)}")


def _seconds(field: str, moment: datetime) -> datetime:
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise ValueError(f"{field}: expected a datetime with its time zone, received {shown(moment)}")
    try:
        return moment.astimezone(UTC).replace(microsecond=0)
    except OverflowError as reason:
        raise ValueError(
            f"{field}: expected a moment of the years 1 to 9999 in UTC, received {shown(moment)}"
        ) from reason


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
