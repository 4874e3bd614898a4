"""The control API: what Python says of a tenant, said over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit, urlunsplit

import pytest
from flask.testing import FlaskClient
from pixelpact.doors.inprocess import call
from pixelpact.errors import StorageUnusable
from pixelpact.pixels import measure
from pixelpact.service.app import create_app
from pixelpact.service.generation import Generator
from pixelpact.service.limits import Limits
from pixelpact.service.settings import Settings
from werkzeug.test import TestResponse

APP = create_app()
DREAM = "bytedance/seedream-3.0"
BODY = {"model": DREAM, "prompt": "a lighthouse", "size": "640x480", "seed": 5}
ELSEWHERE = {"REMOTE_ADDR": "203.0.113.9"}


class Tenant:
    """One key and the calls that are made with it."""

    def __init__(self, key: str, client: FlaskClient | None = None) -> None:
        self.client = client or APP.test_client()
        self.headers = {"Authorization": f"Bearer {key}"}

    def draw(self, **fields: Any) -> TestResponse:
        return self.client.post("/v1/images/generations", json={**BODY, **fields}, headers=self.headers)

    def control(self, method: str, name: str, value: Any = None, **how: Any) -> TestResponse:
        return self.client.open(f"/_pixelpact/{name}", method=method, headers=self.headers, json=value, **how)


@pytest.fixture
def tenant(request: pytest.FixtureRequest) -> Tenant:
    return Tenant(request.node.name)


def test_the_index_names_every_resource_and_its_methods(tenant: Tenant) -> None:
    index = tenant.control("GET", "").get_json()
    assert index["/_pixelpact/faults"] == ["GET", "POST", "PUT", "DELETE"]
    assert all(tenant.control("GET", path.removeprefix("/_pixelpact/")).status_code == 200 for path in index)


def test_a_fault_that_was_posted_hits_the_next_call_alone(tenant: Tenant) -> None:
    tenant.control("POST", "faults", {"kind": "status", "code": 429, "retry_after": 7, "first": 1})
    limited, drawn = tenant.draw(), tenant.draw()
    assert (limited.status_code, limited.headers["Retry-After"], drawn.status_code) == (429, "7", 200)


def test_a_list_of_faults_is_taken_whole_or_not_at_all(tenant: Tenant) -> None:
    refused = tenant.control("POST", "faults", [{"kind": "reset"}, {"kind": "resett"}])
    assert refused.status_code == 400
    assert "resett" in refused.get_json()["message"]
    assert tenant.control("GET", "faults").get_json() == []


def test_faults_that_are_put_replace_those_before(tenant: Tenant) -> None:
    tenant.control("POST", "faults", {"kind": "reset"})
    faults = tenant.control("PUT", "faults", [{"kind": "html"}]).get_json()
    assert [fault["kind"] for fault in faults] == ["html"]
    assert tenant.control("DELETE", "faults").get_json() == []


def test_credits_that_are_spent_end_in_403(tenant: Tenant) -> None:
    tenant.control("PUT", "credits", {"pictures": 1, "model": DREAM})
    paid, refused = tenant.draw(), tenant.draw()
    ledger = tenant.control("GET", "credits").get_json()
    assert (paid.status_code, refused.status_code) == (200, 403)
    assert (ledger["balance"], ledger["pictures"]) == (0, 1)
    assert tenant.control("DELETE", "credits").get_json()["balance"] is None


def test_a_quota_ends_in_429_until_the_clock_is_put_forward(tenant: Tenant) -> None:
    tenant.control("PUT", "limits", {"quotas": ["1/hour"]})
    statuses = [tenant.draw().status_code, tenant.draw().status_code]
    tenant.control("POST", "clock", {"hours": 1})
    assert [*statuses, tenant.draw().status_code] == [200, 429, 200]
    tenant.control("DELETE", "limits")
    assert tenant.draw().status_code == 200


def test_a_link_expires_by_the_clock_of_its_tenant_and_no_other(tenant: Tenant) -> None:
    other = Tenant("somebody-else", tenant.client)
    ours, theirs = (one.draw().get_json()["data"][0]["url"] for one in (tenant, other))
    ahead = tenant.control("POST", "clock", {"hours": 25}).get_json()["seconds_ahead"]
    assert ahead == 25 * 3600
    assert [tenant.client.get(url).status_code for url in (ours, theirs)] == [403, 200]
    tenant.control("DELETE", "clock")
    assert tenant.client.get(ours).status_code == 200


def test_what_is_made_tomorrow_is_dated_tomorrow(tenant: Tenant) -> None:
    tenant.control("POST", "clock", {"days": 1})
    created = datetime.fromtimestamp(tenant.draw().get_json()["created"], UTC)
    assert timedelta(hours=23, minutes=59) < created - datetime.now(UTC) <= timedelta(days=1)


def test_a_deprecated_model_says_so_and_a_removed_one_is_gone(tenant: Tenant) -> None:
    link = "https://example.test/news"
    tenant.control("PUT", "models", {"model": DREAM, "state": "deprecated", "link": link})
    deprecated = tenant.draw()
    tenant.control("PUT", "models", {"model": DREAM, "state": "removed"})
    removed = tenant.draw()
    assert deprecated.headers["Deprecation"].startswith("@")
    assert link in deprecated.headers["Link"]
    assert (removed.status_code, "deprecated" in removed.get_json()["message"]) == (404, True)


def test_a_removed_model_is_not_in_the_list_of_whoever_removed_it(tenant: Tenant) -> None:
    tenant.control("PUT", "models", {"model": DREAM, "state": "removed"})
    listed, public = tenant.client.get("/v1/models", headers=tenant.headers), tenant.client.get("/v1/models")
    assert DREAM not in listed.text
    assert DREAM in public.text
    tenant.control("DELETE", "models")
    assert tenant.draw().status_code == 200


def test_a_model_can_end_at_a_moment_of_the_clock(tenant: Tenant) -> None:
    end = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    tenant.control("PUT", "models", {"model": DREAM, "state": "deprecated", "sunset": end})
    before = tenant.draw().status_code
    tenant.control("POST", "clock", {"days": 4})
    assert (before, tenant.draw().status_code) == (200, 404)


def test_the_journal_has_both_hops_and_forgets_when_told(tenant: Tenant) -> None:
    tenant.client.get(tenant.draw().get_json()["data"][0]["url"])
    entries = tenant.control("GET", "journal").get_json()
    assert [entry["hop"] for entry in entries] == ["api", "download"]
    assert entries[0]["facts"]["link"] == entries[1]["facts"]["link"]
    assert tenant.control("DELETE", "journal").get_json() == []


def test_the_picture_of_a_call_can_be_seen_small(tenant: Tenant) -> None:
    request_id = tenant.draw().headers["x-request-id"]
    thumbnail = tenant.control("GET", f"journal/{request_id}/thumbnail")
    facts = measure.facts(thumbnail.data)
    assert (thumbnail.content_type, facts.container, str(facts.size)) == ("image/jpeg", "jpeg", "256x192")
    assert tenant.control("GET", "journal/no-such-call/thumbnail").status_code == 404


def test_a_refusal_that_is_repeated_is_a_verdict(tenant: Tenant) -> None:
    for _ in range(2):
        tenant.draw(guidance_scale=99)
    assert [verdict["code"] for verdict in tenant.control("GET", "verdicts").get_json()] == ["retried-refusal"]


def test_a_reset_begins_anew(tenant: Tenant) -> None:
    tenant.control("POST", "faults", {"kind": "reset"})
    tenant.control("POST", "clock", {"hours": 1})
    tenant.control("DELETE", "")
    assert tenant.draw().status_code == 200
    assert tenant.control("GET", "clock").get_json()["seconds_ahead"] == 0


@pytest.mark.parametrize(
    ("method", "name", "value", "said"),
    [
        ("POST", "faults", {"kind": "status", "code": 200}, "200"),
        ("POST", "faults", "reset", "object"),
        ("PUT", "credits", {"credits": -1}, "credits: expected a whole number, 0 or more, received -1"),
        ("PUT", "credits", {"credit": 1}, "do you mean credits?"),
        ("PUT", "credits", [], "expected a JSON object"),
        ("PUT", "limits", {"quotas": "10/minute"}, "quotas: expected a list"),
        ("PUT", "limits", {"quotas": ["ten a minute"]}, "ten a minute"),
        ("PUT", "limits", {"concurrency": 0}, "concurrency"),
        ("POST", "clock", {"hours": -1}, "expected a step forward"),
        ("POST", "clock", {"hour": 1}, "do you mean hours?"),
        ("PUT", "models", {"state": "deprecated"}, "model: expected the id of a model"),
        ("PUT", "models", {"model": DREAM, "state": "removed", "sunset": "2027-01-01T00:00:00Z"}, "sunset: expected"),
        ("PUT", "models", {"model": DREAM, "state": "deprecated", "link": 5}, "link: expected a URI"),
        ("PUT", "models", {"model": DREAM, "state": "removed", "at": "0001-01-01T00:00:00+14:00"}, "at: expected"),
        ("PUT", "credits", {"pictures": 1, "model": []}, "model: expected"),
        ("POST", "credits", {"credits": 1}, "balance: expected a number to add to"),
        ("POST", "clock", {"hours": "1"}, "hours: expected a number"),
        ("POST", "clock", {"days": 10**9}, "before 2286"),
        ("POST", "clock", {"days": 10**300}, "before 2286"),
        ("PUT", "models", {"model": "bytedance/seedream3.0", "state": "removed"}, "bytedance/seedream-3.0?"),
        ("PUT", "models", {"model": DREAM, "state": "gone"}, "state: expected deprecated | removed | current"),
        ("PUT", "models", {"model": DREAM, "state": "removed", "at": "soon"}, "at: expected a moment"),
        ("PUT", "models", {"model": 5, "state": "removed"}, "model: expected a known one"),
    ],
)
def test_what_cannot_be_is_refused_by_name(tenant: Tenant, method: str, name: str, value: Any, said: str) -> None:
    refused = tenant.control(method, name, value)
    assert (refused.status_code, said in refused.get_json()["message"]) == (400, True), refused.text


def test_a_body_that_is_no_json_is_refused(tenant: Tenant) -> None:
    refused = tenant.client.post("/_pixelpact/faults", data="{", headers=tenant.headers)
    assert (refused.status_code, "not JSON" in refused.get_json()["message"]) == (400, True)


def test_an_unknown_resource_and_method_are_told_what_there_is(tenant: Tenant) -> None:
    unknown, method = tenant.control("GET", "fault"), tenant.control("PUT", "clock")
    assert (unknown.status_code, "/_pixelpact/faults" in unknown.text) == (404, True)
    assert (method.status_code, method.headers["Allow"]) == (405, "GET, POST, DELETE")


def test_a_key_that_is_refused_controls_nothing() -> None:
    assert Tenant("invalid-key").control("GET", "journal").status_code == 401


@pytest.mark.parametrize("name", ["", "journal", "faults"])
def test_another_machine_controls_nothing(tenant: Tenant, name: str) -> None:
    assert tenant.control("GET", name, environ_overrides=ELSEWHERE).status_code == 404


def test_a_token_opens_the_control_api_to_other_machines_and_closes_it_without() -> None:
    guarded = Tenant("key", create_app(Settings(control_token="sesame")).test_client())
    right, wrong = ({**guarded.headers, "X-Pixelpact-Token": token} for token in ("sesame", "same"))
    answers = [
        guarded.client.get("/_pixelpact/journal", headers=headers, environ_overrides=where).status_code
        for headers in (right, wrong, guarded.headers)
        for where in (ELSEWHERE, {})
    ]
    assert answers == [200, 200, 404, 404, 404, 404]


def test_a_page_of_another_origin_can_neither_read_nor_change_anything(tenant: Tenant) -> None:
    asked = {"Origin": "https://page.test", "Access-Control-Request-Method": "POST"}
    answers = [
        tenant.client.options("/_pixelpact/faults", headers=asked),
        tenant.client.get("/_pixelpact/journal", headers={**tenant.headers, "Origin": "https://page.test"}),
    ]
    assert [name for answer in answers for name, _ in answer.headers if name.startswith("Access-Control")] == []


@pytest.mark.parametrize(("host", "status"), [("page.test", 404), ("127.0.0.1:8080", 200), ("[::1]:8080", 200)])
def test_a_name_that_was_made_to_lead_here_controls_nothing(tenant: Tenant, host: str, status: int) -> None:
    answer = tenant.client.get("/_pixelpact/journal", headers={**tenant.headers, "Host": host})
    assert answer.status_code == status


def test_credits_can_be_topped_up(tenant: Tenant) -> None:
    tenant.control("PUT", "credits", {"credits": 0})
    assert tenant.control("POST", "credits", {"usd": 0.0315}).get_json()["balance"] == 63000


def test_a_refused_control_call_is_no_call_of_the_client(tenant: Tenant) -> None:
    tenant.draw()
    tenant.control("GET", "journal", environ_overrides=ELSEWHERE)
    tenant.client.patch("/_pixelpact/journal", headers=tenant.headers)
    assert len(tenant.control("GET", "journal").get_json()) == 1


def test_a_wrong_path_is_a_call_of_the_client(tenant: Tenant) -> None:
    tenant.draw()
    tenant.client.post("/v1/images/variations", headers=tenant.headers)
    assert tenant.control("GET", "journal").get_json()[-1]["facts"]["kind"] == "not_found"


def test_nobody_writes_into_a_journal_by_a_link_that_was_not_given_out(tenant: Tenant) -> None:
    link = urlsplit(tenant.draw().get_json()["data"][0]["url"])
    name = parse_qs(link.query)["x-pixelpact-tenant"][0]
    tenant.client.get(f"/seedream-3-0-t2i/junk?x-pixelpact-tenant={name}")
    tenant.client.get(f"{link.path}?x-pixelpact-tenant={name}")
    kinds = [entry["facts"].get("kind") for entry in tenant.control("GET", "journal").get_json()]
    assert kinds == [None, "tampered"]


def test_whoever_asks_for_the_models_only_is_no_tenant(tenant: Tenant) -> None:
    tenant.draw()
    for number in range(1100):
        tenant.client.get("/v1/models", headers={"Authorization": f"Bearer {number}"})
    assert len(tenant.control("GET", "journal").get_json()) == 1


def test_what_comes_after_the_clock_is_put_forward_is_dated_by_it(tenant: Tenant) -> None:
    tenant.control("POST", "clock", {"days": 2})
    drawn = tenant.draw()
    picture = tenant.client.get(urlunsplit(("", "", *urlsplit(drawn.get_json()["data"][0]["url"])[2:])))
    dates = [parsedate_to_datetime(answer.headers["Date"]) for answer in (drawn, picture)]
    assert all(timedelta(days=1, hours=23) < date - datetime.now(UTC) < timedelta(days=2) for date in dates)


@pytest.mark.parametrize("fault", ["truncated", "dribble", "malformed-chunk", "timeout"])
def test_a_range_that_cannot_be_had_has_its_fault_too(tenant: Tenant, fault: str) -> None:
    url = tenant.draw().get_json()["data"][0]["url"]
    tenant.control("POST", "faults", {"kind": fault, "on": "download"})
    outcome = call(APP, "GET", url, [("Range", "bytes=99999999-")], b"")
    assert (outcome.status, outcome.delivery.act) == (416, fault)


def test_what_nobody_foresaw_gives_its_place_back() -> None:
    app = create_app()
    app.config["PROPAGATE_EXCEPTIONS"] = False
    tenant = Tenant("key", app.test_client())
    tenant.control("PUT", "limits", {"concurrency": 1})
    with patch.object(Generator, "make", side_effect=KeyError("planted")):
        broken = tenant.draw()
    assert (broken.status_code, tenant.draw().status_code) == (500, 200)


def test_a_storage_that_is_gone_is_a_503_and_no_fault_of_the_contract() -> None:
    tenant = Tenant("key", create_app().test_client())
    with patch.object(Limits, "enter", side_effect=StorageUnusable("refused")):
        answer = tenant.draw()
    assert (answer.status_code, answer.get_json()["message"]) == (503, "Service unavailable")
