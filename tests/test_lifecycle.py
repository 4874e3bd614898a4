"""Models on their way out: what their answers say beforehand, and that they are gone when they said."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from time import sleep
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pixelpact.contract.contract import load
from pixelpact.service.clock import Clock
from pixelpact.service.failures import Failure
from pixelpact.service.lifecycle import Lifecycle
from requests.utils import parse_header_links

SEEDREAM, SEEDEDIT = "bytedance/seedream-3.0", "bytedance/seededit-3.0-i2i"
KNOWN = (SEEDREAM, SEEDEDIT)
NOON = datetime(2026, 8, 21, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
# The first and the last moment of a calendar, where it is another year than in UTC.
FIRST, LAST = (datetime.fromisoformat(text) for text in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"))
LINK = "https://docs.example.com/models#old?a=1&b=%20"
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


class SlowName(str):
    """A name that takes its time to be looked up, so that a second thread comes in between."""

    __slots__ = ()

    def __hash__(self) -> int:
        sleep(0.02)
        return super().__hash__()


@pytest.fixture
def models() -> Lifecycle:
    """As seen at noon."""
    return Lifecycle(KNOWN, now=lambda: NOON)


# Before the end


def test_a_model_is_neither_deprecated_nor_removed_by_default(models: Lifecycle) -> None:
    assert (models.check(SEEDREAM, NOON), models.is_removed(SEEDREAM, NOON), models.json()) == ({}, False, {})


def test_a_model_is_deprecated_from_now_on(models: Lifecycle) -> None:
    models.deprecate(SEEDREAM)
    assert models.check(SEEDREAM, NOON) == {"Deprecation": "@1787313600"}


def test_now_is_the_time_of_the_tenant() -> None:
    clock = Clock()
    models = Lifecycle(KNOWN, now=clock.now)
    clock.advance(days=1000)
    models.deprecate(SEEDREAM)
    told = datetime.fromtimestamp(int(models.check(SEEDREAM, clock.now())["Deprecation"][1:]), UTC)
    assert abs(told - clock.now()) < timedelta(minutes=1)


def test_the_answers_of_a_deprecated_model_say_since_when_until_when_and_where_to_read_on(models: Lifecycle) -> None:
    # The example of RFC 9745, section 4.
    since, sunset = datetime(2023, 6, 30, 23, 59, 59, tzinfo=UTC), datetime(2024, 6, 30, 23, 59, 59, tzinfo=UTC)
    models.deprecate(SEEDREAM, since=since, sunset=sunset, link="https://developer.example.com/deprecation")
    assert models.check(SEEDREAM, since) == {
        "Deprecation": "@1688169599",
        "Sunset": "Sun, 30 Jun 2024 23:59:59 GMT",
        "Link": '<https://developer.example.com/deprecation>; rel="deprecation"',
    }


def test_the_other_models_say_nothing(models: Lifecycle) -> None:
    models.deprecate(SEEDREAM)
    models.remove(SEEDREAM)
    assert models.check(SEEDEDIT, NOON) == {}


def test_a_deprecation_that_lies_ahead_is_announced(models: Lifecycle) -> None:
    models.deprecate(SEEDREAM, since=NOON + timedelta(days=1))
    assert models.check(SEEDREAM, NOON) == {"Deprecation": "@1787400000"}


def test_a_second_announcement_replaces_the_first(models: Lifecycle) -> None:
    models.deprecate(SEEDREAM, sunset=NOON + SECOND, link=LINK)
    models.deprecate(SEEDREAM, since=NOON - SECOND)
    assert models.check(SEEDREAM, NOON + SECOND) == {"Deprecation": "@1787313599"}


@given(since=MOMENTS, ahead=st.timedeltas(timedelta(0), timedelta(days=3650)))
def test_other_readers_read_the_headers_as_they_were_meant(since: datetime, ahead: timedelta) -> None:
    models = Lifecycle(KNOWN)
    models.deprecate(SEEDREAM, since=since, sunset=since + ahead, link=LINK)
    headers = models.check(SEEDREAM, since - SECOND)
    assert datetime.fromtimestamp(int(headers["Deprecation"].removeprefix("@")), UTC) == since.replace(microsecond=0)
    assert parsedate_to_datetime(headers["Sunset"]) == (since + ahead).replace(microsecond=0)
    assert parse_header_links(headers["Link"]) == [{"url": LINK, "rel": "deprecation"}]


def test_moments_of_another_time_zone_are_told_in_utc(models: Lifecycle) -> None:
    models.deprecate(SEEDREAM, since=NOON, sunset=NOON.astimezone(timezone(timedelta(hours=9))) + SECOND)
    assert models.check(SEEDREAM, NOON)["Sunset"] == "Fri, 21 Aug 2026 12:00:01 GMT"


# The end


def test_a_removed_model_fails_with_its_name(models: Lifecycle) -> None:
    models.remove(SEEDREAM)
    with pytest.raises(Failure) as failure:
        models.check(SEEDREAM, NOON)
    assert (failure.value.kind, failure.value.fields) == ("model_removed", {"reason": SEEDREAM})


def test_a_removed_model_is_a_failure_that_the_contract_knows() -> None:
    assert load().errors["model_removed"].status == 404


def test_a_model_removed_without_a_date_was_never_there(models: Lifecycle) -> None:
    models.remove(SEEDREAM)
    assert models.is_removed(SEEDREAM, datetime.min.replace(tzinfo=UTC))


@pytest.mark.parametrize(("moment", "gone"), [(NOON, False), (NOON + SECOND, True), (NOON + 2 * SECOND, True)])
@pytest.mark.parametrize("how", ["removed", "sunset"])
def test_a_model_goes_at_the_second_that_was_set(models: Lifecycle, how: str, moment: datetime, gone: bool) -> None:
    if how == "removed":
        models.remove(SEEDREAM, at=NOON + SECOND)
    else:
        models.deprecate(SEEDREAM, sunset=NOON + SECOND)
    assert models.is_removed(SEEDREAM, moment) is gone


def test_a_model_goes_at_the_whole_second_that_its_header_told(models: Lifecycle) -> None:
    models.deprecate(SEEDREAM, sunset=NOON + timedelta(seconds=1.7))
    told = parsedate_to_datetime(models.check(SEEDREAM, NOON)["Sunset"])
    assert models.is_removed(SEEDREAM, told)


def test_a_model_is_gone_once_the_tenants_clock_reaches_its_sunset() -> None:
    clock = Clock()
    models = Lifecycle(KNOWN, now=clock.now)
    models.deprecate(SEEDREAM, sunset=clock.now() + timedelta(days=30))
    before = models.check(SEEDREAM, clock.now())
    clock.advance(days=31)
    assert "Sunset" in before
    with pytest.raises(Failure, match="model_removed"):
        models.check(SEEDREAM, clock.now())


def test_of_a_sunset_and_a_removal_the_earlier_one_counts(models: Lifecycle) -> None:
    models.deprecate(SEEDREAM, sunset=NOON + 5 * SECOND)
    models.remove(SEEDREAM, at=NOON + 2 * SECOND)
    assert models.is_removed(SEEDREAM, NOON + 2 * SECOND)
    assert "Sunset" in models.check(SEEDREAM, NOON + SECOND)


def test_a_model_that_will_be_removed_unannounced_says_nothing(models: Lifecycle) -> None:
    models.remove(SEEDREAM, at=NOON + SECOND)
    assert models.check(SEEDREAM, NOON) == {}


def test_a_restored_model_is_as_if_nothing_had_been_said(models: Lifecycle) -> None:
    models.deprecate(SEEDREAM)
    models.remove(SEEDREAM)
    models.restore(SEEDREAM)
    assert (models.check(SEEDREAM, NOON), models.json()) == ({}, {})


def test_a_model_that_was_never_on_its_way_out_can_be_restored(models: Lifecycle) -> None:
    models.restore(SEEDREAM)
    assert models.json() == {}


def test_what_holds_from_the_beginning_holds_again_after_a_reset() -> None:
    models = Lifecycle(KNOWN, now=lambda: NOON, deprecated=[SEEDREAM], removed=[SEEDEDIT])
    beginning = models.json()
    models.restore(SEEDEDIT)
    models.deprecate(SEEDREAM, link=LINK)
    models.reset()
    assert models.json() == beginning
    assert (models.is_removed(SEEDEDIT, NOON), "Deprecation" in models.check(SEEDREAM, NOON)) == (True, True)


def test_a_reset_can_be_repeated() -> None:
    models = Lifecycle(KNOWN, removed=[SEEDEDIT])
    models.reset()
    models.restore(SEEDEDIT)
    models.reset()
    assert models.is_removed(SEEDEDIT, NOON)


# Refused


@pytest.mark.parametrize("change", ["deprecate", "remove", "restore"])
@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("bytedance/seedream-3", f'model: expected a known one ({SEEDREAM}?), received "bytedance/seedream-3"'),
        ("flux", f'model: expected a known one ({SEEDREAM} | {SEEDEDIT}), received "flux"'),
        (None, f"model: expected a known one ({SEEDREAM} | {SEEDEDIT}), received null"),
        ([], f"model: expected a known one ({SEEDREAM} | {SEEDEDIT}), received []"),
        ({}, f"model: expected a known one ({SEEDREAM} | {SEEDEDIT}), received {{}}"),
        (5, f"model: expected a known one ({SEEDREAM} | {SEEDEDIT}), received 5"),
    ],
)
def test_an_unknown_model_is_refused_with_the_one_meant(
    models: Lifecycle, change: str, model: Any, message: str
) -> None:
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - the whole message is compared.
        getattr(models, change)(model)
    assert (str(refusal.value), models.json()) == (message, {})


@pytest.mark.parametrize("ask", ["check", "is_removed"])
@pytest.mark.parametrize("model", ["flux", [], {}, 5, None])
def test_an_unknown_model_cannot_be_asked_for(models: Lifecycle, ask: str, model: Any) -> None:
    with pytest.raises(ValueError, match=r"^model: expected a known one .*, received "):
        getattr(models, ask)(model, NOON)


@pytest.mark.parametrize("start", [{"deprecated": ["flux"]}, {"removed": ["flux"]}])
def test_an_unknown_model_is_refused_from_the_beginning(start: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r'^model: expected a known one .*, received "flux"$'):
        Lifecycle(KNOWN, **start)


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        (
            {"sunset": NOON - SECOND},
            "sunset: expected no earlier than since, 2026-08-21T12:00:00Z, received 2026-08-21T11:59:59Z",
        ),
        ({"since": NOON, "sunset": NOON - timedelta(days=1)}, "sunset: expected no earlier than since"),
        ({"since": NOON.replace(tzinfo=None)}, "since: expected a datetime with its time zone, received"),
        ({"sunset": NOON.replace(tzinfo=None)}, "sunset: expected a datetime with its time zone, received"),
        ({"sunset": "2026-08-22"}, 'sunset: expected a datetime with its time zone, received "2026-08-22"'),
        *(
            ({name: moment}, f'{name}: expected a moment of the years 1 to 9999 in UTC, received "{moment}"')
            for name in ("since", "sunset")
            for moment in (FIRST, LAST)
        ),
        ({"since": ""}, 'since: expected a datetime with its time zone, received ""'),
        ({"sunset": 0}, "sunset: expected a datetime with its time zone, received 0"),
        ({"link": 5}, "link: expected a URI, received 5"),
        ({"link": b"https://example.com"}, "link: expected a URI, received"),
        ({"link": ["https://example.com"]}, 'link: expected a URI, received ["https://example.com"]'),
        ({"link": ""}, 'link: expected a URI, received ""'),
        ({"link": "https://example.com/a b"}, "link: expected a URI, received"),
        ({"link": "https://example.com/>; rel=next, <b"}, "link: expected a URI, received"),
        ({"link": "https://example.com/\r\nSet-Cookie: a=b"}, "link: expected a URI, received"),
        ({"link": "https://example.com/\n"}, "link: expected a URI, received"),
        ({"link": "https://example.com/é"}, "link: expected a URI, received"),
    ],
)
def test_terms_that_no_header_can_say_are_refused(models: Lifecycle, terms: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - the whole message is compared.
        models.deprecate(SEEDREAM, **terms)
    assert str(refusal.value).startswith(message)
    assert models.json() == {}


@pytest.mark.parametrize(
    ("at", "message"),
    [
        (NOON.replace(tzinfo=None), "^at: expected a datetime with its time zone, received"),
        ("", '^at: expected a datetime with its time zone, received ""$'),
        (FIRST, r'^at: expected a moment of the years 1 to 9999 in UTC, received "0001-01-01 00:00:00\+14:00"$'),
        (LAST, r'^at: expected a moment of the years 1 to 9999 in UTC, received "9999-12-31 23:59:59-14:00"$'),
    ],
)
def test_a_removal_at_no_moment_is_refused(models: Lifecycle, at: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        models.remove(SEEDREAM, at=at)
    assert models.json() == {}


# Told


def test_every_model_on_its_way_out_is_told_as_json(models: Lifecycle) -> None:
    models.deprecate(SEEDREAM, sunset=NOON + SECOND, link=LINK)
    models.remove(SEEDEDIT)
    assert json.loads(json.dumps(models.json())) == {
        SEEDREAM: {
            "since": "2026-08-21T12:00:00Z",
            "sunset": "2026-08-21T12:00:01Z",
            "link": LINK,
            "removed_at": None,
        },
        SEEDEDIT: {"since": None, "sunset": None, "link": None, "removed_at": "always"},
    }


def test_a_removal_with_a_date_tells_the_date(models: Lifecycle) -> None:
    models.remove(SEEDREAM, at=NOON)
    assert models.json()[SEEDREAM]["removed_at"] == "2026-08-21T12:00:00Z"


def test_two_threads_that_change_one_model_lose_nothing(models: Lifecycle) -> None:
    together = threading.Barrier(2)

    def change(how: str) -> None:
        together.wait()
        getattr(models, how)(SlowName(SEEDREAM))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(change, ["deprecate", "remove"]))
    told = models.json()[SEEDREAM]
    assert (told["since"], told["removed_at"]) == ("2026-08-21T12:00:00Z", "always")
