"""Who may call, and what: keys, methods, paths, the health of an error."""

from __future__ import annotations

import json

import pytest
from pixelpact.cases.case import base_body
from pixelpact.checks.errors import Refusal
from pixelpact.checks.findings import Reason, finding
from pixelpact.checks.judge import judge_refusal
from pixelpact.contract.contract import Contract
from pixelpact.contract.models import Model

from .client import PATH, Client
from .conftest import hold

KEYS = {
    "missing": {},
    "empty": {"Authorization": "Bearer"},
    "wrong": {"Authorization": "Bearer invalid-pixelpact-key"},
    "basic": {"Authorization": "Basic dXNlcjpwYXNz"},
    "unmarked": {"Authorization": "invalid-pixelpact-key"},
}
# What is sent, what comes back, and the promise in words.
CLIENT_IDS = {
    "good": ("pixelpact-1.a:B_c", "pixelpact-1.a:B_c", "x-client-request-id pixelpact-1.a:B_c, as sent"),
    "bad": ("no spaces allowed", None, "an invalid client id dropped"),
}


@pytest.mark.parametrize("key", KEYS)
def test_a_request_without_a_valid_key_is_refused(contract: Contract, model: Model, key: str, client: Client) -> None:
    headers = {"Content-Type": "application/json", **KEYS[key]}
    exchange = client.send("POST", PATH, json.dumps(base_body(model)).encode(), headers)
    hold(judge_refusal(Refusal(contract, exchange, (401,), (contract.errors["unauthorized"].source,), client.strict)))


@pytest.mark.pixelpact_assumed
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_another_method_is_not_found(contract: Contract, method: str, client: Client) -> None:
    exchange = client.send(method, PATH, headers={"Authorization": f"Bearer {client.key}"})
    hold(judge_refusal(Refusal(contract, exchange, (404, 405), (contract.errors["not_found"].source,), client.strict)))


@pytest.mark.pixelpact_assumed
def test_an_unknown_path_is_not_found(contract: Contract, client: Client) -> None:
    headers = {"Authorization": f"Bearer {client.key}", "Content-Type": "application/json"}
    exchange = client.send("POST", "/v1/images/no-such-path", b"{}", headers)
    hold(judge_refusal(Refusal(contract, exchange, (404,), (contract.errors["not_found"].source,), client.strict)))


def test_request_ids_are_unique(contract: Contract, client: Client) -> None:
    sent = [client.send("POST", PATH, b"{}", {"Content-Type": "application/json"}) for _ in range(3)]
    ids = [exchange.json.get("requestId") for exchange in sent if isinstance(exchange.json, dict)]
    known = [name for name in ids if name]
    if len(set(known)) < len(known):
        reason = Reason(
            "a request id for each request", f"{known[0]!r} again", (contract.errors["unauthorized"].source,)
        )
        hold([finding("request-id", reason, sent[-1])])


@pytest.mark.parametrize(("sent", "allowed", "promised"), CLIENT_IDS.values(), ids=CLIENT_IDS)
def test_a_client_request_id_is_echoed_or_dropped(
    contract: Contract, sent: str, allowed: str | None, promised: str, client: Client
) -> None:
    headers = {"Content-Type": "application/json", "X-Client-Request-Id": sent}
    exchange = client.send("POST", PATH, b"{}", headers)
    came = exchange.headers.get("x-client-request-id")
    reason = Reason(promised, str(came), (contract.documents.sources["tracing-page"],))
    # No live answer with an echo was seen: a stranger may leave it out.
    fine = (allowed,) if client.strict else (allowed, None)
    hold([] if came in fine else [finding("client-request-id", reason, exchange)])
