"""Who may call, and what: keys, methods, paths, browsers."""

from __future__ import annotations

import base64
import json
import select
import socket
from collections.abc import Callable

import pytest
from pixelpact.cases.pictures import fetching
from pixelpact.checks.answers import status_of
from pixelpact.checks.errors import Refusal
from pixelpact.checks.exchange import Exchange
from pixelpact.checks.findings import Reason, finding
from pixelpact.checks.judge import Judgement
from pixelpact.contract.contract import Contract
from pixelpact.contract.models import Model
from pixelpact.contract.sources import Source

from .holding import CLIENT_ERRORS, hold
from .session import NotAsked, Session

# By name, the Authorization header for a key that is valid; None is no header at all.
KEYS: dict[str, Callable[[str], str | None]] = {
    "missing": lambda _: None,
    "empty": lambda _: "Bearer",
    "wrong": lambda _: "Bearer invalid-pixelpact-key",
    "basic": lambda _: "Basic dXNlcjpwYXNz",
    "basic-with-the-key": lambda key: f"Basic {base64.b64encode(f'{key}:'.encode()).decode()}",
    "other-scheme": lambda key: f"Token {key}",
    "unmarked": lambda _: "invalid-pixelpact-key",
    "raw": lambda key: key,
}
# A path that is not there, or leads on to the one that is, is as good as a refusal.
NO_WAY_IN = (301, 302, 307, 308, 401, 404, 405)
# What says that nothing is here; 400 and 422 would say that somebody read the body.
NOTHING_HERE = (401, 403, 404, 405, 410, 501)
OTHER_PATHS: dict[str, Callable[[str], str]] = {
    "trailing-slash": lambda path: f"{path}/",
    "without-version": lambda path: path.removeprefix("/v1"),
}
IN_THE_QUERY = ("api_key", "key", "access_token")
BROKEN = {"no-field": b"{}", "no-json": b"{"}
ORIGIN = "https://pixelpact.example"
# What is sent, what comes back, and the promise in words.
CLIENT_IDS = {
    "good": ("pixelpact-1.a:B_c", "pixelpact-1.a:B_c", "x-client-request-id pixelpact-1.a:B_c, as sent"),
    "bad": ("no spaces allowed", None, "an invalid client id dropped"),
}


@pytest.mark.parametrize("key", KEYS)
def test_a_request_without_a_valid_key_is_refused(model: Model, key: str, session: Session) -> None:
    header = KEYS[key](session.client.key)
    body = json.dumps(session.base(model)).encode()
    _refuse_key(session, model, {} if header is None else {"Authorization": header}, body)


@pytest.mark.parametrize("path", OTHER_PATHS)
@pytest.mark.parametrize("key", ["missing", "wrong"])
def test_no_other_path_lets_a_stranger_in(model: Model, key: str, path: str, session: Session) -> None:
    other = OTHER_PATHS[path](model.path)
    header = KEYS[key](session.client.key)
    body = json.dumps(session.base(model)).encode()
    _refuse_key(session, model, {} if header is None else {"Authorization": header}, body, other, NO_WAY_IN)


@pytest.mark.parametrize("name", IN_THE_QUERY)
def test_a_key_in_the_query_counts_for_nothing(model: Model, name: str, session: Session) -> None:
    if session.paid:
        raise NotAsked("a real key does not go into a URL, which servers log")
    body = json.dumps(session.base(model)).encode()
    _refuse_key(session, model, {}, body, f"{model.path}?{name}={session.client.key}")


@pytest.mark.parametrize("body", BROKEN)
def test_a_stranger_learns_nothing_of_what_else_is_wrong(body: str, session: Session) -> None:
    exchange = session.probe(
        lambda: session.client.send("POST", session.probed.path, BROKEN[body], {"Content-Type": "application/json"})
    )
    # The only live 401 that shows it came for a request without any body.
    sources = (session.contract.documents.sources["live-401-2026-08"],)
    hold(session.judge_refusal(Refusal(session.contract, exchange, (401,), sources, session.strict), "key"))


def test_the_scheme_counts_in_any_case(session: Session) -> None:
    headers = {"Content-Type": "application/json", "Authorization": f"bearer {session.client.key}"}
    exchange = session.probe(lambda: session.client.send("POST", session.probed.path, b"{}", headers))
    reason = Reason(
        "no 401 for a valid key, whatever the case of the scheme", str(exchange.status), _rfc(session, "9110")
    )
    found = (finding("scheme", reason, exchange, strict=session.strict),) if exchange.status in (401, 403) else ()
    hold(session.verdicts.judged(Judgement(found, ("scheme",))))


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH"])
def test_another_method_is_refused(contract: Contract, method: str, session: Session) -> None:
    headers = {"Authorization": f"Bearer {session.client.key}", "Content-Type": "application/json"}
    body = b"{}" if method in ("PUT", "PATCH") else b""
    exchange = session.probe(lambda: session.client.send(method, session.probed.path, body, headers))
    allowed = (404, 405) if session.strict else NOTHING_HERE if body else (*CLIENT_ERRORS, 501)
    refusal = Refusal(contract, exchange, allowed, _rfc(session, "9110"), session.strict)
    hold(session.judge_refusal(refusal, "method", body=session.strict and method != "HEAD"))


def test_an_unknown_path_is_not_found(contract: Contract, session: Session) -> None:
    headers = {"Authorization": f"Bearer {session.client.key}", "Content-Type": "application/json"}
    exchange = session.probe(lambda: session.client.send("POST", "/v1/images/no-such-path", b"{}", headers))
    allowed = (404,) if session.strict else NOTHING_HERE
    refusal = Refusal(contract, exchange, allowed, _rfc(session, "9110"), session.strict)
    hold(session.judge_refusal(refusal, "path", body=session.strict))


@pytest.mark.parametrize("path", OTHER_PATHS)
def test_the_endpoint_answers_at_its_other_paths(path: str, session: Session) -> None:
    other = OTHER_PATHS[path](session.probed.path)
    exchange = session.probe(lambda: session.client.post(b"{}", path=other))
    sources = (session.contract.documents.sources["other-paths"],)
    reason = Reason(f"the endpoint at {other}: 400 or 422 for an empty object", status_of(exchange), sources)
    found = (finding("alias", reason, exchange),) if exchange.status not in (400, 422) else ()
    hold(session.verdicts.judged(Judgement(found, ("alias",))))


def test_a_page_in_a_browser_may_call(session: Session) -> None:
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    preflight = session.probe(lambda: session.client.send("OPTIONS", session.probed.path, headers=asked))
    page = {"Origin": ORIGIN, "Content-Type": "application/json"}
    answer = session.probe(lambda: session.client.send("POST", session.probed.path, b"{}", page))
    found = []
    for what, exchange in {"a preflight": preflight, "an error": answer}.items():
        came = exchange.headers.get("access-control-allow-origin")
        if came not in ("*", ORIGIN):
            reason = Reason(f"access-control-allow-origin on {what}", came or "none", _assumed(session))
            found.append(finding("cors", reason, exchange, strict=session.strict))
    hold(session.verdicts.judged(Judgement(tuple(found), ("cors",))))


def test_the_models_are_listed(models: list[Model], session: Session) -> None:
    key = {"Authorization": f"Bearer {session.client.key}"}
    exchange = session.probe(lambda: session.client.send("GET", "/v1/models", headers=key))
    if exchange.status != 200:
        raise NotAsked(f"no list of models: {exchange.status}")
    entries = exchange.json.get("data", []) if isinstance(exchange.json, dict) else exchange.json or []
    listed = {str(entry.get("id")) for entry in entries if isinstance(entry, dict)}
    reasons = [Reason(f"{model.id} in the list", f"{len(listed)} others") for model in models if model.id not in listed]
    found = tuple(finding("models-list", reason, exchange) for reason in reasons)
    hold(session.verdicts.judged(Judgement(found, ("models-list",))))


def test_no_picture_is_fetched_from_inside(editor: Model, session: Session) -> None:
    if not session.strict:
        raise NotAsked("no address of this machine is sent to a server that is not ours")
    with socket.create_server(("127.0.0.1", 0)) as inside:
        url = f"http://127.0.0.1:{inside.getsockname()[1]}/picture.png"
        body = {**session.base(editor), **fetching(editor, url)}
        exchange = session.client.post(json.dumps(body).encode(), path=editor.path)
        asked, _, _ = select.select([inside], [], [], 0)
    reason = Reason("no request from the server to an address inside", "a connection", _assumed(session))
    found = (finding("inside", reason, exchange, strict=True),) if asked else ()
    hold(session.verdicts.judged(Judgement(found, ("inside",))))


@pytest.mark.parametrize(("sent", "allowed", "promised"), CLIENT_IDS.values(), ids=CLIENT_IDS)
def test_a_client_request_id_is_echoed_or_dropped(
    sent: str, allowed: str | None, promised: str, session: Session
) -> None:
    headers = {"Content-Type": "application/json", "X-Client-Request-Id": sent}
    exchange = session.probe(lambda: session.client.send("POST", session.probed.path, b"{}", headers))
    came = exchange.headers.get("x-client-request-id")
    reason = Reason(promised, str(came), (session.contract.documents.sources["tracing-page"],))
    # No live answer with an echo was seen: a stranger may leave it out.
    fine = (allowed,) if session.strict else (allowed, None)
    found = () if came in fine else (finding("client-request-id", reason, exchange),)
    hold(session.verdicts.judged(Judgement(found, ("client-request-id",))))


def _refuse_key(
    session: Session,
    model: Model,
    headers: dict[str, str],
    body: bytes,
    path: str | None = None,
    statuses: tuple[int, ...] = (401,),
) -> None:
    def send() -> Exchange:
        return session.client.send("POST", path or model.path, body, {"Content-Type": "application/json", **headers})

    exchange = session.refusal(model, send)
    sources = (session.contract.errors["unauthorized"].source,)
    refusal = Refusal(session.contract, exchange, statuses, sources, session.strict)
    hold(session.judge_refusal(refusal, "key", lambda: session.refusal(model, send), body=exchange.status == 401))


def _rfc(session: Session, number: str) -> tuple[Source, ...]:
    return (session.contract.documents.sources[f"rfc-{number}"],)


def _assumed(session: Session) -> tuple[Source, ...]:
    return (session.contract.documents.sources["no-evidence"],)
