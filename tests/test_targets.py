"""Targets: what costs money is known as such however it is spelt, and takes its own key, which nobody gets to see."""

from __future__ import annotations

import pytest
from pixelpact.doors.targets import BadTarget, Place, api_key, resolve

KEYS = {"AIML_API_KEY": "sk-first", "AIMLAPI_API_KEY": "sk-second", "AIMLAPI_KEY": "sk-third"}
SECRET = "sk-pixelpact-secret"


def test_live_is_the_documented_address_and_costs_money() -> None:
    place = resolve("live", KEYS)

    assert place == Place("live", "https://api.aimlapi.com", "sk-first", paid=True)


@pytest.mark.parametrize("base", ["https://proxy.example/aiml", "https://proxy.example/aiml/v1/"])
def test_live_is_elsewhere_where_the_environment_says_so(base: str) -> None:
    place = resolve("live", {**KEYS, "AIML_API_BASE": base})

    assert (place.url, place.paid) == ("https://proxy.example/aiml", True)


@pytest.mark.parametrize("base", ["mock", "proxy.example", "ftp://proxy.example", "https://proxy.example?a=b"])
def test_a_wrong_base_of_the_live_api_is_refused_by_the_name_of_its_variable(base: str) -> None:
    with pytest.raises(BadTarget, match=r"^AIML_API_BASE: expected a base URL such as https://api\.aimlapi\.com, "):
        resolve("live", {**KEYS, "AIML_API_BASE": base})


@pytest.mark.parametrize(
    "url",
    [
        "https://api.aimlapi.com",
        "https://api.aimlapi.com/v1/",
        "https://API.AIMLAPI.COM",
        "HTTPS://Api.AimlApi.com:443/v1",
        "https://api.aimlapi.com.",
        "https://api.aimlapi.com.:8443",
        "https://aimlapi.com",
        "https://eu.api.aimlapi.com",
    ],
)
def test_the_live_api_is_known_by_any_spelling_of_its_host(url: str) -> None:
    place = resolve(url, KEYS)

    assert (place.name, place.key, place.paid) == ("live", "sk-first", True)


@pytest.mark.parametrize(
    "url",
    [
        "https://api\u3002aimlapi\uff0ecom",
        "https://\uff41pi.aimlapi.com",
        "https://%61pi.aimlapi.com",
        "https://api.aiml\napi.com",
        " https://api.aimlapi.com",
        "https://example\\.aimlapi.com",
        "https://user@api.aimlapi.com",
    ],
)
def test_a_spelling_that_clients_read_differently_is_refused(url: str) -> None:
    with pytest.raises(BadTarget, match=r"^--target: expected mock or a base URL such as \S+, or live, received"):
        resolve(url, KEYS)


@pytest.mark.parametrize("base", ["http://api.aimlapi.com", "http://api.aimlapi.com:80/v1"])
def test_the_live_key_is_not_sent_in_the_clear(base: str) -> None:
    with pytest.raises(BadTarget, match=r"^--target: expected https"):
        resolve(base, KEYS)
    with pytest.raises(BadTarget, match=r"^AIML_API_BASE: expected https"):
        resolve("live", {**KEYS, "AIML_API_BASE": base})


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8080", "http://[::1]:8080", "https://api.aimlapi.com.example", "https://notaimlapi.com"],
)
def test_any_other_server_costs_nothing_and_never_sees_the_live_key(url: str) -> None:
    assert resolve(url, KEYS) == Place(url, url, "test-key", paid=False)
    assert resolve(f"{url}/v1", {"PIXELPACT_API_KEY": "mine"}) == Place(f"{url}/v1", url, "mine", paid=False)


@pytest.mark.parametrize(
    ("environ", "key"),
    [
        (KEYS, "sk-first"),
        ({**KEYS, "AIML_API_KEY": ""}, "sk-second"),
        ({"AIMLAPI_KEY": "sk-third"}, "sk-third"),
        ({"AIML_API_KEY": " sk-first\r\n"}, "sk-first"),
    ],
)
def test_the_live_key_is_the_first_of_three(environ: dict[str, str], key: str) -> None:
    assert resolve("live", environ).key == key


@pytest.mark.parametrize("target", ["live", "https://api.aimlapi.com/v1"])
def test_a_live_key_that_is_missing_is_told_by_the_names_of_all_three(target: str) -> None:
    with pytest.raises(BadTarget, match=r"AIML_API_KEY, AIMLAPI_API_KEY, AIMLAPI_KEY, received none$"):
        resolve(target, {"PIXELPACT_API_KEY": "mine"})


@pytest.mark.parametrize("fault", [" ", "\n", "\u00e9"])
@pytest.mark.parametrize(("target", "name"), [("live", "AIML_API_KEY"), ("http://a", "PIXELPACT_API_KEY")])
def test_a_key_that_no_header_can_carry_is_refused_and_not_shown(target: str, name: str, fault: str) -> None:
    with pytest.raises(BadTarget, match=f"^{name}: expected visible ASCII") as caught:
        resolve(target, {name: f"{SECRET}{fault}{SECRET}"})

    assert SECRET not in str(caught.value)


def test_a_place_does_not_show_its_key() -> None:
    assert SECRET not in repr(resolve("live", {"AIML_API_KEY": SECRET}))


@pytest.mark.parametrize("form", ["https://u:{}@a", "https://a?key={}", "https://a#{}", "https://u:{}@a/?k={}"])
def test_a_secret_in_a_url_is_not_shown(form: str) -> None:
    with pytest.raises(BadTarget) as caught:
        resolve(form.replace("{}", SECRET), KEYS)

    assert SECRET not in str(caught.value)


def test_the_mock_takes_the_key_of_any_test_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIXELPACT_API_KEY", "mine")

    assert api_key() == "mine"
