"""The fixtures `pixelpact_server` and `pixelpact_mock`, as a developer's own tests use them."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from datetime import timedelta
from email.utils import parsedate_to_datetime

import httpx
import openai
import pytest
import requests
from pixelpact.doors.handle import Handle, Session
from pixelpact.doors.server import Server
from pixelpact.service.app import create_app

pytest_plugins = ["pytester"]
DREAM = "bytedance/seedream-3.0"
DRAW = {"model": DREAM, "prompt": "a lighthouse", "size": "640x480", "seed": 5}
HARD_CODED = "https://api.aimlapi.com/v1/images/generations"
KEY = {"Authorization": "Bearer whatever"}


def client(handle: Handle, **how: object) -> openai.OpenAI:
    return openai.OpenAI(base_url=handle.base_url, api_key=handle.api_key, **how)  # type: ignore[arg-type]


def draw(handle: Handle, **fields: object) -> httpx.Response:
    headers = {"Authorization": f"Bearer {handle.api_key}"}
    return httpx.post(f"{handle.base_url}/images/generations", json={**DRAW, **fields}, headers=headers)


# The server


def test_a_call_is_in_the_journal_and_the_ledger(pixelpact_server: Handle) -> None:
    url = draw(pixelpact_server).json()["data"][0]["url"]
    httpx.get(url)
    pixelpact_server.journal.assert_called(times=1, prompt="a light*", size="640x480")
    pixelpact_server.journal.assert_downloaded(times=1)
    pixelpact_server.credits.assert_spent(pictures=1, usd=0.0315)
    pixelpact_server.assert_well_behaved()


def test_the_openai_client_waits_and_tries_again(pixelpact_server: Handle) -> None:
    pixelpact_server.faults.add("status", code=429, retry_after=0.1, first=1)
    answer = client(pixelpact_server).images.generate(model=DREAM, prompt="x", size="1024x1024")
    assert answer.data is not None
    assert answer.data[0].url
    assert [entry.status for entry in pixelpact_server.journal.calls] == [429, 200]


def test_no_credits_are_a_permission_denied(pixelpact_server: Handle) -> None:
    pixelpact_server.credits.set(credits=0)
    with pytest.raises(openai.PermissionDeniedError, match="run out of credits"):
        client(pixelpact_server).images.generate(model=DREAM, prompt="x")
    pixelpact_server.credits.assert_spent(pictures=0)


def test_a_day_later_the_link_has_expired_and_that_is_a_verdict(pixelpact_server: Handle) -> None:
    url = draw(pixelpact_server).json()["data"][0]["url"]
    pixelpact_server.clock.advance(hours=25)
    assert "Request has expired" in httpx.get(url).text
    with pytest.raises(AssertionError, match="expired-link"):
        pixelpact_server.assert_well_behaved()
    pixelpact_server.assert_well_behaved(allow=["expired-link", "never-downloaded"])


def test_a_call_that_was_not_made_is_told_from_the_nearest(pixelpact_server: Handle) -> None:
    draw(pixelpact_server)
    with pytest.raises(AssertionError) as failure:
        pixelpact_server.journal.assert_called(prompt="a lighthouse", size="1024x1024")
    assert "1024x1024" in str(failure.value)
    assert "640x480" in str(failure.value)


def test_a_model_can_be_taken_away(pixelpact_server: Handle) -> None:
    pixelpact_server.models.remove(DREAM)
    assert draw(pixelpact_server).status_code == 404


def test_a_place_is_given_back_when_a_slow_answer_has_gone_out(pixelpact_server: Handle) -> None:
    pixelpact_server.limits.set(concurrency=1)
    pixelpact_server.faults.add("latency", seconds=0.2)
    assert [draw(pixelpact_server).status_code for _ in range(2)] == [200, 200]


def test_one_call_after_another_is_never_two_at_once(pixelpact_server: Handle) -> None:
    pixelpact_server.limits.set(concurrency=1)
    with httpx.Client(base_url=pixelpact_server.url) as alone:
        headers = {"Authorization": f"Bearer {pixelpact_server.api_key}"}
        statuses = [alone.post("/v1/images/generations", json=DRAW, headers=headers).status_code for _ in range(300)]
    assert set(statuses) == {200}


def test_a_long_prompt_is_told_from_another_that_begins_alike(pixelpact_server: Handle) -> None:
    draw(pixelpact_server, prompt="word " * 900 + "A")
    draw(pixelpact_server, prompt="word " * 300 + "B")
    pixelpact_server.journal.assert_called(times=1, prompt="word " * 900 + "A")
    pixelpact_server.journal.assert_called(times=1, prompt="*B")
    pixelpact_server.journal.assert_not_called(prompt="word " * 900 + "B")
    pixelpact_server.journal.assert_not_called(prompt="word " * 300 + "A")


def test_a_secret_within_a_field_is_not_kept(pixelpact_server: Handle) -> None:
    nested = {"api_key": "hunter2-hunter2", "headers": {"Authorization": "Bearer zzzz-zzzz-zzzz"}}
    draw(pixelpact_server, extra_body=nested)
    kept = json.dumps(pixelpact_server.journal.json())
    assert [secret for secret in ("hunter2", "zzzz") if secret in kept] == []


def test_a_part_of_a_second_is_told_beside_a_whole_one(pixelpact_server: Handle) -> None:
    pixelpact_server.faults.add("status", code=429, retry_after=0.2)
    headers = draw(pixelpact_server).headers
    assert (headers["Retry-After"], headers["retry-after-ms"]) == ("1", "200")
    assert pixelpact_server.journal.last.facts["retry_after"] == 0.2


def test_a_second_call_at_once_is_refused_while_the_first_waits(pixelpact_server: Handle) -> None:
    pixelpact_server.limits.set(concurrency=1)
    pixelpact_server.faults.add("latency", seconds=0.5, first=1)
    started = subprocess.Popen(
        [sys.executable, "-c", SLOW, pixelpact_server.base_url, pixelpact_server.api_key], stdout=subprocess.PIPE
    )
    deadline = time.monotonic() + 20
    while not pixelpact_server.journal.calls and time.monotonic() < deadline:
        time.sleep(0.01)
    refused = draw(pixelpact_server)
    first, _ = started.communicate(timeout=20)
    assert (refused.status_code, refused.headers["Retry-After"], first.strip()) == (429, "1", b"200")


SLOW = f"""
import sys, httpx
headers = {{"Authorization": "Bearer " + sys.argv[2]}}
print(httpx.post(sys.argv[1] + "/images/generations", json={DRAW!r}, headers=headers).status_code)
"""


def test_a_client_that_hangs_up_is_noted_and_told(pixelpact_server: Handle) -> None:
    pixelpact_server.faults.add("latency", seconds=5)
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(
            f"{pixelpact_server.base_url}/images/generations",
            json=DRAW,
            headers={"Authorization": f"Bearer {pixelpact_server.api_key}"},
            timeout=0.2,
        )
    deadline = time.monotonic() + 5
    while not pixelpact_server.journal.last.facts.get("gone") and time.monotonic() < deadline:
        time.sleep(0.01)
    assert "impatient" in {verdict.code for verdict in pixelpact_server.verdicts()}


def test_what_was_paid_and_lost_and_paid_again_is_a_verdict(pixelpact_server: Handle) -> None:
    pixelpact_server.faults.add("truncated", first=1)
    with pytest.raises(httpx.RemoteProtocolError):
        draw(pixelpact_server)
    draw(pixelpact_server)
    pixelpact_server.credits.assert_spent(pictures=2)
    assert "paid-twice" in {verdict.code for verdict in pixelpact_server.verdicts()}


def test_the_environment_of_a_handle_points_at_its_tenant(pixelpact_server: Handle) -> None:
    assert pixelpact_server.env["OPENAI_BASE_URL"] == pixelpact_server.base_url
    assert pixelpact_server.env["AIML_API_KEY"] == pixelpact_server.api_key


def test_a_reset_over_http_leaves_the_handle_in_charge(pixelpact_server: Handle) -> None:
    headers = {"Authorization": f"Bearer {pixelpact_server.api_key}"}
    pixelpact_server.faults.add("status", code=500)
    httpx.delete(f"{pixelpact_server.url}/_pixelpact/", headers=headers)
    assert draw(pixelpact_server).status_code == 200
    pixelpact_server.faults.add("status", code=503)
    assert draw(pixelpact_server).status_code == 503
    assert len(pixelpact_server.journal.calls) == 2


def test_a_tenant_in_use_outlives_a_thousand_others(pixelpact_server: Handle) -> None:
    pixelpact_server.faults.add("status", code=503)
    with httpx.Client(base_url=pixelpact_server.url) as other:
        for number in range(1001):
            other.post("/v1/images/generations", content=b"", headers={"Authorization": f"Bearer {number}"})
    assert draw(pixelpact_server).status_code == 503


def test_an_answer_has_one_date_and_it_is_the_tenants(pixelpact_server: Handle) -> None:
    pixelpact_server.clock.advance(days=2)
    drawn = draw(pixelpact_server)
    answers = [drawn, httpx.get(drawn.json()["data"][0]["url"]), httpx.get(f"{pixelpact_server.url}/health")]
    dates = [answer.headers.get_list("date") for answer in answers]
    assert [len(date) for date in dates] == [1, 1, 1]
    (ours,), (theirs,), (nobodys,) = (map(parsedate_to_datetime, date) for date in dates)
    assert ours - nobodys > timedelta(days=1, hours=23)
    assert abs(theirs - ours) < timedelta(seconds=5)


def test_what_is_said_after_a_link_is_kept(pixelpact_server: Handle) -> None:
    draw(pixelpact_server, prompt="https://x.test/z?sig=secret make it blue")
    pixelpact_server.journal.assert_called(prompt="https://x.test/z make it blue")


@pytest.mark.parametrize("key", ["", "invalid-key", "two words", "ключ"])
def test_a_key_that_can_never_call_has_no_tenant(pixelpact_session: Session, key: str) -> None:
    with pytest.raises(ValueError, match="api_key: expected visible ASCII that this mock accepts"):
        pixelpact_session.tenant(key)


def test_a_tenant_that_is_held_twice_is_there_until_both_let_go(pixelpact_session: Session) -> None:
    one, other = pixelpact_session.tenant("of-two"), pixelpact_session.tenant("of-two")
    one.faults.add("status", code=503)
    pixelpact_session.release(one)
    held = draw(other).status_code
    pixelpact_session.release(other)
    pixelpact_session.release(other)
    assert (held, draw(other).status_code) == (503, 200)


def test_the_key_is_not_shown_with_the_handle(pixelpact_server: Handle) -> None:
    assert pixelpact_server.api_key not in repr(pixelpact_server)


# In process


def test_a_hard_coded_url_is_answered_in_process(pixelpact_mock: Handle) -> None:
    with_httpx = httpx.post(HARD_CODED, json=DRAW, headers=KEY).json()
    with_requests = requests.post(HARD_CODED, json=DRAW, headers=KEY, timeout=5).json()
    urls = [answer["data"][0]["url"] for answer in (with_httpx, with_requests)]
    assert all(url.startswith("https://api.aimlapi.com/seedream-3-0-t2i/") for url in urls)
    assert httpx.get(urls[1]).content == requests.get(urls[0], timeout=5).content
    pixelpact_mock.journal.assert_called(times=2, prompt="a lighthouse")


def test_openai_3_is_answered_in_process(pixelpact_mock: Handle) -> None:
    answer = client(pixelpact_mock).images.generate(model=DREAM, prompt="x", response_format="b64_json")
    assert answer.data is not None
    assert answer.data[0].b64_json
    pixelpact_mock.credits.assert_spent(pictures=1)


def test_a_fault_in_process_is_the_clients_own_exception(pixelpact_mock: Handle) -> None:
    pixelpact_mock.faults.add("timeout")
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(HARD_CODED, json=DRAW, headers=KEY)
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.post(HARD_CODED, json=DRAW, headers=KEY, timeout=5)


@pytest.mark.parametrize("turn", [1, 2])
def test_nothing_is_left_of_the_test_before(pixelpact_mock: Handle, turn: int) -> None:
    assert httpx.post(HARD_CODED, json=DRAW, headers=KEY).status_code == 200
    assert len(pixelpact_mock.journal.calls) == 1
    pixelpact_mock.faults.add("status", code=500)
    pixelpact_mock.clock.advance(hours=turn)


@pytest.mark.parametrize("key", ["", "Bearer invalid-key"])
def test_a_refused_key_is_in_the_journal_in_process(pixelpact_mock: Handle, key: str) -> None:
    httpx.post(HARD_CODED, json=DRAW, headers={"Authorization": key} if key else {})
    pixelpact_mock.journal.assert_called(status=401, prompt="a lighthouse")


# Many tests, their settings, their cost


MANY = """
import httpx, pytest

def draw(base_url, api_key, number):
    body = {"model": "bytedance/seedream-3.0", "prompt": "a lighthouse", "size": "640x480", "seed": number}
    headers = {"Authorization": f"Bearer {api_key}"}
    return httpx.post(f"{base_url}/images/generations", json=body, headers=headers).status_code

@pytest.mark.parametrize("number", range(100))
def test_a_socket_of_ones_own(pixelpact_server, number):
    if number % 2:
        pixelpact_server.faults.add("status", code=503)
        pixelpact_server.credits.set(credits=0)
        pixelpact_server.clock.advance(hours=number)
    status = draw(pixelpact_server.base_url, pixelpact_server.api_key, number)
    assert status == (503 if number % 2 else 200)
    assert [entry.facts["body"]["seed"] for entry in pixelpact_server.journal.calls] == [number]

@pytest.mark.parametrize("number", range(100))
def test_in_process_of_ones_own(pixelpact_mock, number):
    if number % 2:
        pixelpact_mock.models.remove("bytedance/seedream-3.0")
    status = draw("https://api.aimlapi.com/v1", "a-key", number)
    assert status == (404 if number % 2 else 200)
    assert [entry.facts["body"]["seed"] for entry in pixelpact_mock.journal.calls] == [number]
"""


def test_two_hundred_tests_on_eight_workers_do_not_see_each_other(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(MANY)
    ended = pytester.runpytest_subprocess("-n", "8", "-q", "--pixelpact-coverage", "coverage.json")
    ended.assert_outcomes(passed=200)
    assert '"bytedance/seedream-3.0"' in (pytester.path / "coverage.json").read_text("utf-8")


def test_a_host_that_is_not_the_apis_fails_the_test_that_called_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import httpx, pytest

        def test_it(pixelpact_mock):
            with pytest.raises(BaseException, match="api.example.org"):
                httpx.get("https://api.example.org/v1/models")
    """)
    ended = pytester.runpytest_subprocess("-q")
    ended.assert_outcomes(passed=1, errors=1)
    ended.stdout.fnmatch_lines(["*pixelpact_mock*api.example.org*"])


def test_a_host_that_ends_the_test_is_told_once(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import httpx

        def test_it(pixelpact_mock):
            httpx.get("https://api.example.org/v1/models")
    """)
    pytester.runpytest_subprocess("-q").assert_outcomes(failed=1)


def test_both_doors_can_be_used_in_one_test(pixelpact_mock: Handle, pixelpact_server: Handle) -> None:
    assert draw(pixelpact_server).status_code == httpx.post(HARD_CODED, json=DRAW, headers=KEY).status_code == 200
    assert len(pixelpact_server.journal.calls) == len(pixelpact_mock.journal.calls) == 1


def test_a_host_can_be_allowed(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import httpx, pytest

        @pytest.fixture(scope="session")
        def pixelpact_allow_hosts():
            return ["127.0.0.1"]

        def test_it(pixelpact_mock, pixelpact_session):
            assert httpx.get(f"{pixelpact_session.url}/health").status_code == 200
    """)
    pytester.runpytest_subprocess("-q").assert_outcomes(passed=1)


def test_the_settings_of_the_mock_can_be_overridden(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import httpx, pytest
        from pixelpact.service.settings import Settings

        @pytest.fixture(scope="session")
        def pixelpact_settings():
            return Settings(profile="observed-images", api_keys=frozenset({"mine"}))

        def test_it(pixelpact_server):
            answer = httpx.post(
                f"{pixelpact_server.base_url}/images/generations",
                json={"model": "bytedance/seedream-3.0", "prompt": "x"},
                headers={"Authorization": "Bearer mine"},
            )
            assert answer.json()["images"][0]["url"]
    """)
    pytester.runpytest_subprocess("-q").assert_outcomes(passed=1)


def test_an_app_can_be_started_once_with_a_tenant_of_the_session(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import httpx, pytest

        @pytest.fixture(scope="session")
        def app(pixelpact_session):
            handle = pixelpact_session.tenant()
            yield handle
            assert len(handle.journal.calls) == 2
            pixelpact_session.release(handle)

        @pytest.mark.parametrize("number", [1, 2])
        def test_it(app, number):
            body = {"model": "bytedance/seedream-3.0", "prompt": "x"}
            headers = {"Authorization": f"Bearer {app.api_key}"}
            assert httpx.post(f"{app.base_url}/images/generations", json=body, headers=headers).status_code == 200
    """)
    pytester.runpytest_subprocess("-q", "--pixelpact-coverage", "coverage.json").assert_outcomes(passed=2)
    items = json.loads((pytester.path / "coverage.json").read_text("utf-8"))["items"]
    assert [item["times"] for item in items if item["name"] == "answered as url"] == [2]


def test_a_key_that_was_refused_is_an_error_that_the_tests_have_met(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import httpx

        def test_it(pixelpact_server):
            assert httpx.post(f"{pixelpact_server.base_url}/images/generations").status_code == 401
    """)
    pytester.runpytest_subprocess("-q", "--pixelpact-coverage", "coverage.json").assert_outcomes(passed=1)
    items = json.loads((pytester.path / "coverage.json").read_text("utf-8"))["items"]
    assert [item["times"] for item in items if item["name"].startswith("unauthorized")] == [1]


def test_too_little_of_the_contract_fails_the_run(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(pixelpact_server): pass")
    ended = pytester.runpytest_subprocess("-q", "--pixelpact-coverage-min", "90")
    assert ended.ret == pytest.ExitCode.TESTS_FAILED


def test_the_server_stops_in_milliseconds() -> None:
    app, times = create_app(), []
    for _ in range(9):
        with Server(app) as server:
            httpx.get(f"{server.url}/health")
            before = time.perf_counter()
        times.append(time.perf_counter() - before)
    assert statistics.median(times) < 0.05
