"""Money and time: whatever crashes, no more is spent than is counted; and nothing is asked twice unbidden."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from pixelpact.checks.exchange import Exchange
from pixelpact.contract.answers import CREDITS_PER_USD
from pixelpact.contract.money import BadBudget, Budget, cost_of, credits_of, dollars
from pixelpact.contract_tests import account
from pixelpact.contract_tests.account import Entry, LedgerUnusable
from pixelpact.contract_tests.ledger import BudgetSpent, Ledger, Reservation
from pixelpact.contract_tests.patience import Patience, retry_after

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

PRICE = 0.0315
BUDGET = Budget.parse("0.20")
MODEL = "bytedance/seedream-3.0"
Opened = Callable[..., Ledger]
NOW = datetime(2015, 10, 21, 7, 28, tzinfo=UTC)
CRASHING = """
import os, signal, sys
from pathlib import Path
from pixelpact.contract_tests.ledger import Ledger
ledger = Ledger(Path(sys.argv[1]), None, 0.0315)
ledger.settle(ledger.reserve("m", "answered"), 0.05, 1)
ledger.reserve("m", "under way")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.jsonl"


@pytest.fixture
def opened() -> Iterator[Opened]:
    """Opens ledgers, which end with the test if not before."""
    ledgers: list[Ledger] = []

    def open_one(path: Path | None = None, budget: str | None = "0.50") -> Ledger:
        ledgers.append(Ledger(path, Budget.parse(budget) if budget else None, PRICE))
        return ledgers[-1]

    yield open_one
    for ledger in ledgers:
        ledger.close()


def entries(path: Path) -> list[Entry]:
    return [Entry(**json.loads(line)) for line in path.read_text().splitlines()]


def copied(path: Path, size: int | None = None) -> Path:
    """The file as a crash leaves it: of this size, and nobody writing to it."""
    left = path.with_name(f"{len(list(path.parent.iterdir()))}.jsonl")
    left.write_bytes(path.read_bytes()[:size])
    return left


# Budgets and prices


@pytest.mark.parametrize(
    ("text", "budget", "shown"),
    [
        ("0.50", Budget(1_000_000, "credits"), "$0.50"),
        ("$0.0945", Budget(189_000, "credits"), "$0.0945"),
        ("3", Budget(6_000_000, "credits"), "$3.00"),
        ("0", Budget(0, "credits"), "$0.00"),
        ("0.0000009", Budget(1, "credits"), "$0.0000005"),
        ("8 pictures", Budget(8, "pictures"), "8 pictures"),
        ("1 picture", Budget(1, "pictures"), "1 picture"),
        (" 24p ", Budget(24, "pictures"), "24 pictures"),
    ],
)
def test_a_budget_is_dollars_or_pictures(text: str, budget: Budget, shown: str) -> None:
    assert Budget.parse(text) == budget
    assert str(budget) == shown


@pytest.mark.parametrize(
    "text", ["", "-1", "0,50", "1e3", "nan", "inf", "8 images", "$8p", "1.5 pictures", "0.12345678", "\u0663", "9" * 10]
)
def test_what_is_no_budget_is_refused(text: str) -> None:
    with pytest.raises(BadBudget) as caught:
        Budget.parse(text)

    assert str(caught.value) == f"budget: expected dollars, as 0.50, or pictures, as 8p, received {text!r}"


@given(st.integers(0, 10**14))
def test_money_for_people_is_exact(credits: int) -> None:
    shown = dollars(credits)

    assert credits_of(float(shown.removeprefix("$"))) == credits


@pytest.mark.parametrize(
    ("headers", "credits", "usd", "cost"),
    [
        ({"x-aimlapi-credits-used": "63000"}, None, None, 0.0315),
        ({"x-aimlapi-usd-spent": "0.031500000"}, None, None, 0.0315),
        ({}, 63000, None, 0.0315),
        ({}, None, 0.0315, 0.0315),
        ({"x-aimlapi-credits-used": "0"}, 0, 0.0, 0.0),
        ({"x-aimlapi-credits-used": "0"}, 63000, 0.02, 0.0315),
        ({"x-aimlapi-usd-spent": "0.04"}, 63000, 0.02, 0.04),
        ({"x-aimlapi-usd-spent": "nan", "x-aimlapi-credits-used": "-5"}, float("inf"), 0.01, 0.01),
        ({"x-aimlapi-usd-spent": "a lot"}, True, [1], None),
        ({}, 10**400, None, None),
        ({"x-aimlapi-credits-used": "-5"}, -1, -0.5, None),
        ({}, None, None, None),
    ],
)
def test_an_answer_costs_the_largest_sane_price_that_it_names(
    headers: dict[str, str], credits: object, usd: object, cost: float | None
) -> None:
    assert cost_of(headers, credits, usd) == cost


# One run


def test_what_is_reserved_is_on_disk_before_the_request_is_sent(
    path: Path, monkeypatch: pytest.MonkeyPatch, opened: Opened
) -> None:
    on_disk: list[str] = []
    ledger = opened(path)
    monkeypatch.setattr(os, "fsync", lambda _: on_disk.append(path.read_text()))

    reservation = ledger.reserve(MODEL, "documented-0")

    assert [text.count(reservation.id) for text in on_disk] == [1]


def test_an_entry_says_who_spent_what_when_and_nothing_else(path: Path, opened: Opened) -> None:
    ledger = opened(path)

    reservation = ledger.reserve(MODEL, "documented-0")
    ledger.settle(reservation, 0.04, 1)
    ledger.release(ledger.reserve(MODEL, "broken-1", 0.1))
    ledger.close()

    written = entries(path)
    assert [(entry.event, entry.usd, entry.pictures, entry.label) for entry in written] == [
        ("open", 0.0, 0, "budget $0.50"),
        ("reserve", PRICE, 1, "documented-0"),
        ("settle", 0.04, 1, "documented-0"),
        ("reserve", 0.1, 1, "broken-1"),
        ("release", 0.0, 0, "broken-1"),
        ("close", 0.04, 1, ""),
    ]
    assert {entry.run for entry in written} == {ledger.run}
    assert all(datetime.fromisoformat(entry.time).tzinfo == UTC for entry in written)


def test_nobody_else_reads_a_ledger_from_its_first_moment(
    path: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fchmod", lambda *_: None)

    opened(path)

    assert path.stat().st_mode & 0o777 == 0o600


def test_nobody_else_reads_a_ledger_any_more(path: Path, opened: Opened) -> None:
    path.touch(0o644)

    opened(path)

    assert path.stat().st_mode & 0o777 == 0o600


def test_the_name_of_a_ledger_is_on_disk_too(path: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    on_disk: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda number: on_disk.append(os.fstat(number).st_ino))

    opened(path)

    assert on_disk == [path.parent.stat().st_ino, path.stat().st_ino]


@pytest.mark.parametrize(
    ("budget", "count", "said"),
    [
        ("0.10", 3, "documented-3: the budget of $0.10 has $0.0055 left, and this may cost $0.0315"),
        ("0.0945", 3, "documented-3: the budget of $0.0945 has $0.00 left, and this may cost $0.0315"),
        ("2p", 2, "documented-2: the budget of 2 pictures has 0 pictures left, and this may cost 1 picture"),
        ("0", 0, "documented-0: the budget of $0.00 has $0.00 left, and this may cost $0.0315"),
    ],
)
def test_no_more_is_reserved_than_the_budget_has(
    path: Path, budget: str, count: int, said: str, opened: Opened
) -> None:
    ledger = opened(path, budget)
    for number in range(count):
        ledger.reserve(MODEL, f"documented-{number}")
    before = path.read_text()

    with pytest.raises(BudgetSpent) as caught:
        ledger.reserve(MODEL, f"documented-{count}")

    assert str(caught.value) == said
    assert path.read_text() == before


def test_what_a_refusal_gave_back_can_be_reserved_again(opened: Opened) -> None:
    ledger = opened(budget="1p")

    ledger.release(ledger.reserve(MODEL, "broken-0"))
    ledger.reserve(MODEL, "documented-0")

    assert (ledger.left, ledger.spent, ledger.reserved) == (0, 0.0, PRICE)


@pytest.mark.parametrize(
    ("usd", "pictures", "spent", "counted"),
    [
        (0.04, 1, 0.04, 1),
        (0.0, 0, 0.0, 0),
        (0.0, 1, 0.0, 1),
        (0.04, 0, 0.04, 1),
        (None, 0, PRICE, 1),
        (None, 1, PRICE, 1),
        (None, 3, 3 * PRICE, 3),
        (0.00000001, 1, 0.0000005, 1),
    ],
)
def test_an_answer_counts_by_its_cost_or_else_by_the_price(
    usd: float | None, pictures: int, spent: float, counted: int, opened: Opened
) -> None:
    ledger = opened()

    ledger.settle(ledger.reserve(MODEL, "documented-0"), usd, pictures)

    assert (ledger.spent, ledger.pictures, ledger.reserved) == (spent, counted, 0.0)


def test_no_sum_drifts(opened: Opened) -> None:
    ledger = opened(budget=None)

    for number in range(1000):
        ledger.settle(ledger.reserve(MODEL, f"documented-{number}", 0.1), 0.1, 1)

    assert ledger.summary() == "1000 pictures, $100.00"


def test_a_reservation_ends_once(opened: Opened) -> None:
    ledger = opened()
    reservation = ledger.reserve(MODEL, "documented-0")
    ledger.settle(reservation, None, 1)

    with pytest.raises(ValueError, match=r"^reservation: expected one that is open, received 'documented-0'$"):
        ledger.settle(reservation, None, 1)
    with pytest.raises(ValueError, match=r"^reservation: expected one that is open"):
        ledger.release(reservation)

    assert ledger.spent == PRICE


@pytest.mark.parametrize("usd", [float("nan"), float("inf"), -0.01])
def test_what_is_no_price_is_no_cost(usd: float, opened: Opened) -> None:
    ledger = opened()
    reservation = ledger.reserve(MODEL, "documented-0")

    with pytest.raises(ValueError, match=r"^usd: expected a finite number, 0 or more"):
        ledger.settle(reservation, usd, 1)

    assert (ledger.spent, ledger.reserved) == (0.0, PRICE)


@pytest.mark.parametrize(
    ("budget", "summary"),
    [
        ("0.50", "3 pictures, $0.0945 of $0.50 (1 picture, $0.0315 reserved)"),
        ("8p", "3 of 8 pictures, $0.0945 (1 picture, $0.0315 reserved)"),
        (None, "3 pictures, $0.0945 (1 picture, $0.0315 reserved)"),
    ],
)
def test_a_summary_is_one_line(budget: str | None, summary: str, opened: Opened) -> None:
    ledger = opened(budget=budget)

    for number in range(3):
        ledger.settle(ledger.reserve(MODEL, f"documented-{number}"), PRICE, 1)
    ledger.reserve(MODEL, "documented-3")

    assert ledger.summary() == summary


@pytest.mark.parametrize(("budget", "left"), [("0.50", 0.4685), ("8p", 7), (None, float("inf"))])
def test_what_is_left_has_the_unit_of_the_budget(budget: str | None, left: float, opened: Opened) -> None:
    ledger = opened(budget=budget)

    ledger.reserve(MODEL, "documented-0")

    assert ledger.left == left


# The file, and what a crash leaves of it


def test_a_killed_run_counts_against_the_next_until_one_ends(path: Path, opened: Opened) -> None:
    killed = subprocess.run([sys.executable, "-c", CRASHING, str(path)], check=False)

    ledger = opened(path, "0.10")
    summary = ledger.summary()
    with pytest.raises(BudgetSpent, match=r"has \$0\.0185 left"):
        ledger.reserve(MODEL, "documented-0")
    ledger.close()
    after = opened(path)

    assert killed.returncode == -signal.SIGKILL
    assert summary == "2 pictures, $0.0815 of $0.10 (2 pictures, $0.0815 carried from a run that did not end)"
    assert (ledger.carried, after.carried, after.spent) == (0.0815, 0.0, 0.0)


def test_crash_after_crash_adds_up(path: Path, opened: Opened) -> None:
    for _ in range(3):
        ledger = opened(path)
        ledger.reserve(MODEL, "documented-0")
        path = copied(path)

    assert opened(path).carried == 3 * PRICE


def test_a_run_that_ends_leaves_nothing_to_carry_even_with_an_answer_outstanding(path: Path, opened: Opened) -> None:
    ledger = opened(path)
    ledger.reserve(MODEL, "documented-0")
    ledger.close()
    ledger.close()

    assert opened(path).carried == 0.0
    assert ledger.summary() == "0 pictures, $0.00 of $0.50 (1 picture, $0.0315 reserved)"


def test_a_run_that_ended_reserves_no_more(path: Path, opened: Opened) -> None:
    ledger = opened(path)
    ledger.close()

    with pytest.raises(LedgerUnusable, match="cannot be written"):
        ledger.reserve(MODEL, "documented-0")


def test_a_last_line_cut_short_is_left_out_and_said(path: Path, opened: Opened) -> None:
    opened(path).reserve(MODEL, "documented-0")
    left = copied(path, -1)

    ledger = opened(left)

    assert ledger.summary() == "0 pictures, $0.00 of $0.50 (a last line that was cut short is left out)"
    assert [entry.event for entry in entries(left)] == ["open", "open"]


LINE = {"run": "r", "time": "t", "event": "open", "id": "", "model": "", "label": "", "usd": 0.0, "pictures": 0}


@pytest.mark.parametrize(
    "line",
    [
        "",
        "null",
        '{"run": ',
        *map(
            json.dumps,
            [
                {**LINE, "event": "refund"},
                {**LINE, "event": "settle", "id": "unknown"},
                {**LINE, "event": "release", "id": "unknown"},
                {**LINE, "event": "reserve", "usd": -0.01},
                {**LINE, "event": "reserve", "pictures": -1},
                {**LINE, "event": "reserve", "usd": "0.01"},
                {**LINE, "pictures": True},
                {**LINE, "prompt": "a hedgehog"},
                {name: value for name, value in LINE.items() if name != "label"},
            ],
        ),
        json.dumps({**LINE, "event": "reserve"}).replace("0.0", "NaN"),
        json.dumps({**LINE, "event": "reserve"}).replace("0.0", "9" * 400),
    ],
)
def test_a_line_that_no_run_wrote_is_refused_by_its_number(line: str, path: Path, opened: Opened) -> None:
    text = f"{json.dumps(LINE)}\n{line}\n{json.dumps(LINE)}\n"
    path.write_text(text)

    with pytest.raises(LedgerUnusable, match=r"ledger\.jsonl: line 2 is not one that a run wrote: "):
        opened(path)

    assert path.read_text() == text


def test_a_strangers_file_stays_as_it_is(path: Path, opened: Opened) -> None:
    path.write_text("dear diary")
    path.chmod(0o644)

    with pytest.raises(LedgerUnusable, match=r"its last line is not one that a run wrote$"):
        opened(path)

    assert (path.read_text(), path.stat().st_mode & 0o777) == ("dear diary", 0o644)


def test_one_run_writes_at_a_time(path: Path, opened: Opened) -> None:
    first = opened(path)

    with pytest.raises(LedgerUnusable, match=r"another run is writing to it$"):
        opened(path)

    first.close()
    assert opened(path).carried == 0.0


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("/dev", "Is a directory"),
        ("/dev/no/ledger", "No such file or directory"),
        ("/dev/null", "expected a regular file"),
    ],
)
def test_what_cannot_be_a_ledger_is_refused(place: str, said: str, opened: Opened) -> None:
    with pytest.raises(LedgerUnusable, match=f"{said}$"):
        opened(Path(place))


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_after_a_line_that_may_not_be_on_disk_nothing_is_reserved(
    path: Path, failure: BaseException, monkeypatch: pytest.MonkeyPatch, opened: Opened
) -> None:
    ledger = opened(path)
    monkeypatch.setattr(os, "fsync", failing(failure))
    with pytest.raises((LedgerUnusable, KeyboardInterrupt)):
        ledger.reserve(MODEL, "documented-0")
    monkeypatch.undo()

    with pytest.raises(LedgerUnusable, match="cannot be written"):
        ledger.reserve(MODEL, "documented-1")


def test_a_line_that_the_disk_has_no_room_for_is_a_failure(
    path: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account, "FileIO", Full)

    with pytest.raises(LedgerUnusable, match="No space left on device"):
        opened(path)


class Full(FileIO):
    """A file on a disk that takes the first ten bytes of a write, as the last ones of a full disk."""

    def write(self, data: ReadableBuffer, /) -> int:
        return super().write(bytes(data)[:10])


def failing(reason: BaseException) -> Callable[[int], NoReturn]:
    def fail(_: int) -> NoReturn:
        raise reason

    return fail


costs = st.sampled_from([None, 0, 1, 63_000, 200_000])


class Runs(RuleBasedStateMachine):
    """Runs that spend, end and crash, and beside them what the server billed since the last run that ended, in credits.

    `surprise`: how much dearer than reserved the answers since the last reservation were. `lost`: of those, what a
    crash kept from the ledger.
    """

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.path = Path(self.folder.name, "0.jsonl")
        self.billed = self.surprise = self.lost = 0
        self.begin()

    def begin(self) -> None:
        self.ledger = Ledger(self.path, BUDGET, PRICE)
        self.sent: list[Reservation] = []

    def teardown(self) -> None:
        self.ledger.close()
        self.folder.cleanup()

    @rule(usd=st.sampled_from([None, 0.0, 0.01, 0.07]))
    def send(self, usd: float | None) -> None:
        """A request, if the budget has room for it."""
        try:
            self.sent.append(self.ledger.reserve(MODEL, "send", usd))
        except BudgetSpent:
            assert self.ledger.left < (PRICE if usd is None else usd)
        else:
            self.surprise = 0

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), cost=costs)
    def answer(self, data: st.DataObject, cost: int | None) -> None:
        """An answer that has its cost in it, or None."""
        self.answered(self.any_sent(data), cost)

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def refuse(self, data: st.DataObject) -> None:
        """An answer that is free."""
        self.ledger.release(self.any_sent(data))

    def any_sent(self, data: st.DataObject) -> Reservation:
        return self.sent.pop(data.draw(st.integers(0, len(self.sent) - 1)))

    def answered(self, reservation: Reservation, cost: int | None) -> int:
        """Settle, and give how much dearer than reserved that was. An answer that tells no cost was no dearer."""
        reserved = reservation.amount.credits
        self.billed += reserved if cost is None else cost
        self.surprise += max(0, (credits_of(PRICE) if cost is None else cost) - reserved)
        self.ledger.settle(reservation, None if cost is None else cost / CREDITS_PER_USD, 1)
        return 0 if cost is None else max(0, cost - reserved)

    @rule()
    def end(self) -> None:
        """A run that ends properly, and the next."""
        self.ledger.close()
        self.billed = self.surprise = self.lost = 0
        self.begin()

    @rule(share=st.floats(0, 1))
    def crash(self, share: float) -> None:
        """A crash between two lines; the requests under way are billed, up to what was reserved."""
        self.restart(share, None)

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), share=st.floats(0, 1), cost=costs, free=st.booleans())
    def crash_while_an_answer_is_written(self, data: st.DataObject, share: float, cost: int | None, free: bool) -> None:
        """A crash that leaves any part of the line: the answer had come."""
        before = self.path.stat().st_size
        if free:
            self.ledger.release(self.any_sent(data))
        else:
            self.lost += self.answered(self.any_sent(data), cost)
        self.restart(share, self.cut(data, before))

    @rule(data=st.data(), share=st.floats(0, 1))
    def crash_while_a_reservation_is_written(self, data: st.DataObject, share: float) -> None:
        """A crash that leaves any part of the line: the request was not sent."""
        before = self.path.stat().st_size
        with suppress(BudgetSpent):
            self.ledger.reserve(MODEL, "never sent")
        self.restart(share, self.cut(data, before))

    @rule(data=st.data(), share=st.floats(0, 1))
    def crash_while_the_end_is_written(self, data: st.DataObject, share: float) -> None:
        """A crash that leaves any part of the line: the run did not end."""
        before = self.path.stat().st_size
        self.ledger.close()
        self.restart(share, self.cut(data, before))

    def cut(self, data: st.DataObject, before: int) -> int:
        return data.draw(st.integers(before, max(before, self.path.stat().st_size - 1)))

    def restart(self, share: float, size: int | None) -> None:
        self.billed += sum(int(share * reservation.amount.credits) for reservation in self.sent)
        crashed, self.path = self.ledger, copied(self.path, size)
        crashed.close()
        self.begin()

    @invariant()
    def what_was_billed_is_counted(self) -> None:
        assert credits_of(self.ledger.spent) >= self.billed - self.lost

    @invariant()
    def only_a_surprise_exceeds_the_budget(self) -> None:
        assert credits_of(self.ledger.spent) + credits_of(self.ledger.reserved) <= BUDGET.limit + self.surprise


TestRuns = Runs.TestCase
TestRuns.settings = settings(max_examples=80, stateful_step_count=15, deadline=None)


# Patience


def answered(status: int, after: str | None = None) -> Exchange:
    return Exchange("POST", "http://a", {}, b"", status, {} if after is None else {"retry-after": after}, b"")


def told(*answers: Exchange, longest: float = 120) -> tuple[int, tuple[float, ...], list[float], str]:
    """The status at the end, the waits that are told, the waits that were slept, and the reason."""
    coming, slept = iter(answers), list[float]()
    got = Patience(longest, slept.append, lambda: NOW).send(lambda: next(coming))
    assert next(coming, None) is None
    return got.exchange.status, got.waits, slept, got.reason


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        (" 120 ", 120.0),
        ("Wed, 21 Oct 2015 07:29:30 GMT", 90.0),
        ("Wednesday, 21-Oct-15 07:29:30 GMT", 90.0),
        ("Wed Oct 21 07:29:30 2015", 90.0),
        ("Wed, 21 Oct 2015 07:27:00 GMT", 0.0),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("\u0663", None),
        ("120, 120", None),
        ("Wed, 21 Oct 2015 07:29:30 +9999", None),
        ("2015-10-21T07:29:30Z", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": text}, NOW) == seconds


def test_a_date_without_a_zone_is_utc_wherever_the_suite_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()

    seconds = retry_after({"retry-after": "Wed Oct 21 07:29:30 2015"}, NOW)

    monkeypatch.undo()
    time.tzset()
    assert seconds == 90.0


@given(
    st.text() | st.from_regex(r"\w{3}, \d+ (Jan|Oct) \d+ \d+:\d+:\d+ [-+]?\w+", fullmatch=True) | st.integers().map(str)
)
def test_nonsense_in_retry_after_is_never_a_wait_below_0(text: str) -> None:
    seconds = retry_after({"retry-after": text}, NOW)

    assert seconds is None or seconds >= 0


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_asks_for_a_wait_is_asked_again_after_it(status: int) -> None:
    assert told(answered(status, "7"), answered(200)) == (200, (7.0,), [7.0], "")


def test_a_request_is_repeated_twice_at_most() -> None:
    busy = answered(429, "7")

    assert told(busy, busy, busy) == (429, (7.0, 7.0), [7.0, 7.0], "asked to wait 7 s more after 2 repeats")


def test_a_wait_that_is_too_long_is_not_waited() -> None:
    reason = "asked to wait 121 s after 0 s, more than 120 s in all"

    assert told(answered(429, "121")) == (429, (), [], reason)


def test_all_waits_together_are_not_too_long() -> None:
    reason = "asked to wait 61 s after 60 s, more than 120 s in all"

    assert told(answered(429, "60"), answered(429, "61")) == (429, (60.0,), [60.0], reason)
    assert told(answered(429, "60"), answered(429, "60"), answered(200)) == (200, (60.0, 60.0), [60.0, 60.0], "")


@pytest.mark.parametrize(
    "answer",
    [answered(status, after) for status in (0, 200, 400, 408, 500, 502, 504, 524) for after in (None, "7")]
    + [answered(status, after) for status in (429, 503) for after in (None, "soon")],
    ids=lambda answer: f"{answer.status}-{answer.headers.get('retry-after')}",
)
def test_what_may_have_been_billed_is_not_repeated(answer: Exchange) -> None:
    assert told(answer) == (answer.status, (), [], "")
