"""TOS4 signing, judged by the vendor's own SDK; verification, judged by changing one thing at a time."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx
import pytest
import requests
from hypothesis import assume, example, given
from hypothesis import strategies as st
from pixelpact.service import tos4

with warnings.catch_warnings():
    # Its regular expressions have invalid escapes, which an installer that does not compile leaves for us to hear of.
    warnings.simplefilter("ignore")
    import tos
    import tos.auth

ACCESS_KEY = "AKLT" + "a1B2" * 10 + "x+/"
CREDENTIAL = tos4.Credential(ACCESS_KEY, "secret")
NOW = datetime(2025, 7, 4, 8, 11, 51, tzinfo=UTC)
BUCKET = "ark-content-generation-v2-ap-southeast-1"
ENDPOINT = "tos-ap-southeast-1.volces.com"
HOST = f"{BUCKET}.{ENDPOINT}"
PATH = "/seedream-3-0-t2i/021751616710600" + "0123456789abcdef" * 2 + "012345.jpeg"
# A DNS cache would be a thread that never ends.
VENDOR = tos.TosClientV2(ACCESS_KEY, "secret", ENDPOINT, "ap-southeast-1", dns_cache_time=0)
PROCESS = {"x-tos-process": "image/watermark,image_YXNzZXRz"}

# Signatures are text of the wire: what a decoder may give, lone surrogates apart (they have a test of their own).
texts = st.text(max_size=12)
paths = texts.map("/".__add__)
hosts = st.from_regex(r"[a-z0-9.-]{1,20}(:[0-9]{1,5})?", fullmatch=True)
extras = st.dictionaries(
    texts.filter(lambda name: name.lower() not in {known.lower() for known in tos4.PARAMETERS}), texts, max_size=3
)
moments = st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


def signed(
    *, host: str = HOST, path: str = PATH, moment: datetime = NOW, extra: dict[str, str] | None = None
) -> dict[str, str]:
    return decoded(tos4.sign(CREDENTIAL, host=host, path=path, moment=moment, expires=86400, extra=extra or {}))


def decoded(query: str) -> dict[str, str]:
    return dict(parse_qsl(query, keep_blank_values=True))


def verify(
    query: dict[str, str] | list[tuple[str, str]], host: str = HOST, path: str = PATH, moment: datetime = NOW
) -> None:
    tos4.verify(CREDENTIAL, host=host, path=path, query=query, moment=moment)


def vendor(extra: dict[str, str], moment: datetime = NOW, key: str = PATH[1:], **options: object) -> str:
    """The URL that the vendor's SDK signs for the same access key, bucket and object."""
    clock = SimpleNamespace(datetime=SimpleNamespace(utcnow=lambda: moment))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tos.auth, "datetime", clock)
        answer = VENDOR.pre_signed_url(
            tos.HttpMethodType.Http_Method_Get, BUCKET, key, expires=86400, query=dict(extra), **options
        )
    url: str = answer.signed_url
    return url


@pytest.mark.parametrize("extra", [{}, PROCESS, {"recipe": "é ~*'/ +%", **PROCESS}], ids=["bare", "process", "own"])
def test_the_vendors_sdk_makes_the_same_parameters(extra: dict[str, str]) -> None:
    url = urlsplit(vendor(extra))

    assert url.netloc == HOST
    assert unquote(url.path) == PATH
    assert signed(extra=extra) == decoded(url.query)


# The SDK leaves a parameter without a name out of its URL.
@given(key=texts.filter(bool), extra=extras.filter(lambda extra: "" not in extra), moment=moments)
def test_the_vendors_sdk_makes_the_same_signature_for_any_object(
    key: str, extra: dict[str, str], moment: datetime
) -> None:
    url = vendor(extra, moment, key)

    assert signed(path=f"/{key}", moment=moment, extra=extra) == decoded(url.partition("?")[2])


def test_the_vendors_sdk_makes_the_same_signature_for_a_host_of_our_own() -> None:
    url = vendor(PROCESS, alternative_endpoint="http://localhost:8000", is_custom_domain=True)

    assert url.startswith("http://localhost:8000/seedream-3-0-t2i/")
    assert signed(host="localhost:8000", extra=PROCESS) == decoded(urlsplit(url).query)


def test_a_url_signed_by_the_vendor_verifies() -> None:
    verify(decoded(urlsplit(vendor(PROCESS)).query))


def test_the_query_is_spelled_as_documented() -> None:
    query = tos4.sign(
        tos4.Credential("AKLTx", "secret"), host=HOST, path=PATH, moment=NOW, expires=86400, extra=PROCESS
    )

    before, _, after = query.partition("&X-Tos-Signature=")
    assert before == (
        "X-Tos-Algorithm=TOS4-HMAC-SHA256&X-Tos-Credential=AKLTx%2F20250704%2Fap-southeast-1%2Ftos%2Frequest"
        "&X-Tos-Date=20250704T081151Z&X-Tos-Expires=86400"
    )
    assert after[64:] == "&X-Tos-SignedHeaders=host&x-tos-process=image%2Fwatermark%2Cimage_YXNzZXRz"


@given(host=hosts, path=paths, extra=extras, moment=moments)
def test_what_was_signed_verifies(host: str, path: str, extra: dict[str, str], moment: datetime) -> None:
    verify(signed(host=host, path=path, moment=moment, extra=extra), host, path, moment)


@given(path=paths, other=paths)
def test_another_path_fails(path: str, other: str) -> None:
    assume(path != other)

    with pytest.raises(tos4.Tampered):
        verify(signed(path=path), path=other)


@given(host=hosts, other=hosts)
def test_another_host_fails(host: str, other: str) -> None:
    assume(host != other)

    with pytest.raises(tos4.Tampered):
        verify(signed(host=host), host=other)


@given(extra=extras, data=st.data())
def test_another_value_of_any_parameter_fails(extra: dict[str, str], data: st.DataObject) -> None:
    query = signed(extra=extra)
    name = data.draw(st.sampled_from(sorted(query)))
    value = data.draw(texts.filter(lambda text: text != query[name]))

    with pytest.raises(tos4.SignatureError):
        verify({**query, name: value})


@given(extra=extras, data=st.data())
def test_one_other_character_in_any_parameter_fails(extra: dict[str, str], data: st.DataObject) -> None:
    query = signed(extra={**extra, "own": "value"})
    name = data.draw(st.sampled_from(sorted(name for name in query if query[name])))
    place = data.draw(st.integers(0, len(query[name]) - 1))
    character = data.draw(st.characters(exclude_categories=()).filter(lambda one: one != query[name][place]))

    with pytest.raises(tos4.SignatureError):
        verify({**query, name: query[name][:place] + character + query[name][place + 1 :]})


@given(extra=extras, data=st.data())
def test_a_missing_parameter_fails(extra: dict[str, str], data: st.DataObject) -> None:
    query = signed(extra=extra)
    name = data.draw(st.sampled_from(sorted(query)))

    with pytest.raises(tos4.SignatureError):
        verify({known: value for known, value in query.items() if known != name})


@given(extra=extras, name=texts, value=texts)
@example({}, "cachebuster", "1")
@example({}, "x-tos-signature", "0" * 64)
@example({}, "", "")
def test_an_added_parameter_fails(extra: dict[str, str], name: str, value: str) -> None:
    query = signed(extra=extra)
    assume(name not in query)

    with pytest.raises(tos4.SignatureError):
        verify({**query, name: value})


@pytest.mark.parametrize("name", [*tos4.PARAMETERS, "x-tos-process"])
def test_a_doubled_parameter_is_refused_even_with_the_same_value(name: str) -> None:
    query = signed(extra=PROCESS)

    with pytest.raises(tos4.Malformed) as refusal:
        verify([*query.items(), (name, query[name])])
    assert (refusal.value.parameter, refusal.value.expected) == (name, "one value")


@pytest.mark.parametrize("name", tos4.PARAMETERS)
def test_a_missing_signing_parameter_is_named(name: str) -> None:
    query = {known: value for known, value in signed().items() if known != name}

    with pytest.raises(tos4.Malformed) as refusal:
        verify(query)
    assert refusal.value == tos4.Malformed(name, "one value", None)


# What clients write for the same URL: yarl 1.25 (aiohttp) as measured; the other two write it here themselves.
CLIENTS: dict[str, Callable[[str], str]] = {
    "httpx": lambda url: str(httpx.URL(url)),
    "requests": lambda url: str(requests.Request("GET", url).prepare().url),
    "yarl": lambda url: (
        url.replace("%2F", "/").replace("%2C", ",").replace("%3A", ":").replace("%7E", "~").replace("%40", "@")
    ),
}


@pytest.mark.parametrize("client", CLIENTS)
def test_a_url_that_a_client_spells_otherwise_still_passes(client: str) -> None:
    path, own = "/é~ (1)/%41+,.jpeg", {"recipe": "~a:b,c/d@e é+%41"}
    query = tos4.sign(CREDENTIAL, host=HOST, path=path, moment=NOW, expires=60, extra=own)

    url = urlsplit(CLIENTS[client](f"http://{HOST}/%C3%A9%7E%20(1)/%2541%2B%2C.jpeg?{query.replace('~', '%7E')}"))

    verify(decoded(url.query), path=unquote(url.path))


def test_a_host_is_one_host_in_any_case() -> None:
    verify(signed(host="LocalHost:8000"), host="localhost:8000")


def test_a_moment_of_any_time_zone_is_one_moment() -> None:
    east = NOW.astimezone(timezone(timedelta(hours=8)))

    assert signed(moment=east) == signed(moment=NOW)
    verify(signed(), moment=east)


def test_the_fraction_of_a_second_is_dropped() -> None:
    query = signed(moment=NOW.replace(microsecond=999_999))

    assert query == signed(moment=NOW)


@pytest.mark.parametrize("expires", [1, 60, 604_800])
def test_a_url_lives_as_long_as_it_was_signed_for(expires: int) -> None:
    query = decoded(tos4.sign(CREDENTIAL, host=HOST, path=PATH, moment=NOW, expires=expires))
    end = NOW + timedelta(seconds=expires)

    verify(query, moment=end - timedelta(microseconds=1))
    with pytest.raises(tos4.Expired, match=f"expected a request before {re.escape(end.isoformat())}"):
        verify(query, moment=end)


def test_a_url_lives_to_its_last_microsecond() -> None:
    verify(signed(), moment=NOW + timedelta(days=1, microseconds=-1))


def test_a_url_expires_to_the_second() -> None:
    end = NOW + timedelta(days=1)

    with pytest.raises(tos4.Expired) as refusal:
        verify(signed(), moment=end)
    assert refusal.value == tos4.Expired(end, end)


def test_an_expired_url_that_was_changed_is_not_called_expired() -> None:
    with pytest.raises(tos4.Tampered):
        verify({**signed(), "X-Tos-Expires": "604800"}, moment=NOW + timedelta(days=30))


def test_a_slow_clock_is_forgiven_fifteen_minutes() -> None:
    verify(signed(), moment=NOW - timedelta(minutes=15))


def test_a_url_of_the_future_is_refused() -> None:
    with pytest.raises(tos4.Malformed, match="X-Tos-Date: expected at most 0:15:00 after"):
        verify(signed(), moment=NOW - timedelta(minutes=15, seconds=1))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Tos-Algorithm", "AWS4-HMAC-SHA256"),
        ("X-Tos-Credential", f"{ACCESS_KEY}/20250703/ap-southeast-1/tos/request"),
        ("X-Tos-Credential", f"{ACCESS_KEY}/20250704/cn-beijing/tos/request"),
        ("X-Tos-Credential", "AKLTother/20250704/ap-southeast-1/tos/request"),
        ("X-Tos-Credential", ""),
        ("X-Tos-Date", "2025-07-04T08:11:51Z"),
        ("X-Tos-Date", "20250704T081151"),
        ("X-Tos-Date", "20250704T081151Z\n"),
        ("X-Tos-Date", "20251304T081151Z"),
        ("X-Tos-Date", "00000704T081151Z"),
        ("X-Tos-Date", "\uff12\uff10250704T081151Z"),
        ("X-Tos-Expires", "0"),
        ("X-Tos-Expires", "-1"),
        ("X-Tos-Expires", "604801"),
        ("X-Tos-Expires", "1e3"),
        ("X-Tos-Expires", "1_000"),
        ("X-Tos-Expires", " 60"),
        ("X-Tos-Expires", "\u0666\u0660"),
        ("X-Tos-Expires", "9" * 5000),
        ("X-Tos-SignedHeaders", "host;range"),
    ],
)
def test_a_parameter_that_breaks_its_form_is_named(name: str, value: str) -> None:
    with pytest.raises(tos4.Malformed) as refusal:
        verify({**signed(), name: value})
    assert (refusal.value.parameter, refusal.value.received) == (name, value)


@pytest.mark.parametrize("signature", ["", "0" * 64, "0" * 63, "é" * 64, "\ud800", "\0"])
def test_any_other_signature_is_tampering(signature: str) -> None:
    with pytest.raises(tos4.Tampered):
        verify({**signed(), "X-Tos-Signature": signature})


def test_a_lone_surrogate_in_a_path_is_tampering_not_a_crash() -> None:
    with pytest.raises(tos4.Tampered):
        verify(signed(), path="/\udcff")


def test_another_secret_fails() -> None:
    with pytest.raises(tos4.Tampered):
        tos4.verify(tos4.Credential(ACCESS_KEY, "Secret"), host=HOST, path=PATH, query=signed(), moment=NOW)


@pytest.mark.parametrize("expires", [0, -1, 604_801])
def test_a_lifetime_that_no_one_could_use_is_not_signed(expires: int) -> None:
    with pytest.raises(ValueError, match="expected 1 to 604800 seconds"):
        tos4.sign(CREDENTIAL, host=HOST, path=PATH, moment=NOW, expires=expires)


@pytest.mark.parametrize("name", ["X-Tos-Date", "x-tos-signature"])
def test_an_extra_parameter_cannot_take_a_reserved_name(name: str) -> None:
    with pytest.raises(ValueError, match="expected none of"):
        signed(extra={name: "1"})


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a time zone"):
        signed(moment=NOW.replace(tzinfo=None))


def test_the_secret_is_not_shown() -> None:
    assert "secret'" not in repr(CREDENTIAL)
    assert ACCESS_KEY in repr(CREDENTIAL)
