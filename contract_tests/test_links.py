"""The links behind pictures: stable, and of no use once they were changed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import pytest
from pixelpact.cases.relations import ANCHOR
from pixelpact.checks.answers import status_of
from pixelpact.checks.findings import Reason, finding
from pixelpact.checks.judge import Judgement
from pixelpact.checks.pictures import artefact
from pixelpact.contract.models import Model

from .holding import hold
from .session import NotAsked, Session

DATE = "%Y%m%dT%H%M%SZ"
Parameters = dict[str, str]
# What is changed, and what then must be refused.
CHANGES: dict[str, Callable[[Parameters], Parameters]] = {
    "expiry": lambda given: {**given, "X-Tos-Expires": "604800"},
    "date": lambda given: {**given, "X-Tos-Date": _a_minute_before(given.get("X-Tos-Date", ""))},
    "signature": lambda given: {**given, "X-Tos-Signature": _turned(given["X-Tos-Signature"])},
    "no-signature": lambda given: {name: value for name, value in given.items() if name != "X-Tos-Signature"},
    "nothing-signed": lambda _: {},
}

pytestmark = pytest.mark.pixelpact_tier("l1")


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_link_is_refused(linking_model: Model, change: str, session: Session) -> None:
    parts = urlsplit(_link(session, linking_model))
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    if "X-Tos-Signature" not in given:
        raise NotAsked("the link has no signature")
    got = session.client.download(urlunsplit(parts._replace(query=urlencode(CHANGES[change](given)))))
    sources = linking_model.answer_sources("url", "x-artefact")
    reason = Reason(f"403 for a link whose {change.replace('-', ' ')} was changed", status_of(got), sources)
    found = (finding("tampered-link", reason, got, strict=session.strict),) if got.status not in (400, 401, 403) else ()
    hold(session.verdicts.judged(Judgement(found, ("tampered-link",))))


def test_a_link_gives_the_same_picture_again(linking_model: Model, session: Session) -> None:
    _link(session, linking_model)
    twice = session.downloaded_again(session.generation(linking_model, ANCHOR))
    found = tuple(
        finding("artefact", reason, twice.exchange) for reason in artefact(twice) if isinstance(reason, Reason)
    )
    hold(session.verdicts.judged(Judgement(found, ("artefact",))))


def _link(session: Session, model: Model) -> str:
    """The link of the anchor. Raises NotAsked without one that works."""
    pictures = session.generation(model, ANCHOR).pictures
    links = [picture.text for picture in pictures if picture.exchange and picture.exchange.status == 200]
    if not links:
        raise NotAsked("no link to follow")
    return links[0]


def _a_minute_before(date: str) -> str:
    """Another moment at which the link is good, if its date is not signed."""
    with suppress(ValueError):
        return f"{datetime.strptime(date, DATE) - timedelta(minutes=1):{DATE}}"
    return "20240101T000000Z"


def _turned(signature: str) -> str:
    """Another signature of the same form."""
    return signature[:-1] + ("0" if signature[-1:] != "0" else "1")
