"""The ledger of a tenant: what it has left, what it spent, and that nothing is paid from money that is not there."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from time import sleep
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from pixelpact.contract.answers import CREDITS_PER_USD
from pixelpact.contract.contract import load
from pixelpact.service.credits import MOST_CREDITS, Credits
from pixelpact.service.failures import Failure
from pixelpact.service.listing import prices
from pixelpact.service.statebooks import MOST_CHARGES, Charge

PRICE = 63_000
USD = 0.0315
SEEDREAM, SEEDEDIT = "bytedance/seedream-3.0", "bytedance/seededit-3.0-i2i"
PRICES = {SEEDREAM: PRICE, SEEDEDIT: PRICE}
NOON = datetime(2026, 8, 21, 12, tzinfo=UTC)


class SlowPrice(int):
    """A price that takes its time to be compared, so that a second thread comes in between."""

    def __gt__(self, other: int) -> bool:
        sleep(0.02)
        return super().__gt__(other)


@pytest.fixture
def ledger() -> Credits:
    return Credits(prices=PRICES)


def pay(
    ledger: Credits, price: int = PRICE, request_id: str = "one", fingerprint: str = "f", model: str = SEEDREAM
) -> Charge:
    return ledger.charge(price, request_id=request_id, fingerprint=fingerprint, model=model, moment=NOON)


def paid(ledger: Credits, price: int = PRICE) -> bool:
    """Whether a picture of this price could be paid for."""
    try:
        pay(ledger, price)
    except Failure:
        return False
    return True


# What is left


def test_a_balance_is_without_end_by_default(ledger: Credits) -> None:
    pay(ledger, MOST_CREDITS)
    assert ledger.balance is None


def test_a_ledger_begins_with_the_balance_that_it_is_given() -> None:
    assert Credits(5).balance == 5


@pytest.mark.parametrize(
    ("amount", "balance"),
    [
        ({"credits": 0}, 0),
        ({"credits": MOST_CREDITS}, MOST_CREDITS),
        ({"usd": 0.0945}, 3 * PRICE),
        ({"usd": 3 * 0.0315}, 3 * PRICE),
        ({"usd": 0.1 + 0.2}, 600_000),
        ({"usd": sum([0.0315] * 1000)}, 1000 * PRICE),
        ({"usd": 2}, 2 * CREDITS_PER_USD),
        ({"usd": 0.0000005}, 1),
        ({"pictures": 3}, 3 * PRICE),
        ({"pictures": 2, "model": SEEDEDIT}, 2 * PRICE),
    ],
)
def test_a_balance_is_set_to_the_credit(ledger: Credits, amount: dict[str, Any], balance: int) -> None:
    ledger.set(**amount)
    assert ledger.balance == balance


def test_setting_a_balance_leaves_what_was_spent(ledger: Credits) -> None:
    pay(ledger)
    ledger.set(credits=0)
    assert (ledger.balance, ledger.spent) == (0, PRICE)


def test_topping_up_adds_to_what_is_left(ledger: Credits) -> None:
    ledger.set(credits=1)
    ledger.add(pictures=1)
    assert ledger.balance == PRICE + 1


def test_a_balance_without_end_cannot_be_topped_up(ledger: Credits) -> None:
    with pytest.raises(ValueError, match=r"^balance: expected a number to add to, received one without end; set one"):
        ledger.add(usd=1)


def test_a_balance_is_never_topped_up_beyond_the_most_there_can_be(ledger: Credits) -> None:
    ledger.set(credits=MOST_CREDITS - 1)
    ledger.add(credits=1)
    with pytest.raises(
        ValueError, match=r"^balance: expected 9,007,199,254,740,991 credits at most, received 9,007,.*92$"
    ):
        ledger.add(credits=1)
    assert ledger.balance == MOST_CREDITS


def test_free_pictures_leave_nothing_to_pay_them_from() -> None:
    ledger = Credits(prices={SEEDREAM: 0})
    ledger.set(pictures=MOST_CREDITS)
    assert ledger.balance == 0


def test_pictures_of_a_model_count_by_its_own_price() -> None:
    ledger = Credits(prices={SEEDREAM: 3, SEEDEDIT: 5})
    ledger.set(pictures=2, model=SEEDEDIT)
    assert ledger.balance == 10


def test_pictures_alone_say_nothing_where_prices_differ() -> None:
    ledger = Credits(prices={SEEDREAM: 3, SEEDEDIT: 5})
    with pytest.raises(ValueError, match=r"^model: expected beside pictures, as not all have one price, received noth"):
        ledger.set(pictures=2)


def test_the_packaged_models_can_be_counted_in_pictures() -> None:
    contract = load()
    ledger = Credits(prices=prices(contract), usual=contract.usual)
    ledger.set(pictures=1)
    assert ledger.balance == contract.models[SEEDREAM].credits


def test_models_of_several_prices_have_to_be_named_where_none_is_usual() -> None:
    with pytest.raises(ValueError, match="model: expected beside pictures"):
        Credits(prices={"a": 1, "b": 2}, usual=["a", "b"]).set(pictures=1)


@pytest.mark.parametrize(
    ("amount", "message"),
    [
        ({}, "amount: expected one of credits, usd and pictures, received none"),
        ({"credits": 1, "usd": 1}, "amount: expected one of credits, usd and pictures, received credits and usd"),
        ({"credits": -1}, "credits: expected a whole number, 0 or more, received -1"),
        ({"credits": 0.5}, "credits: expected a whole number, 0 or more, received 0.5"),
        ({"credits": True}, "credits: expected a whole number, 0 or more, received true"),
        ({"credits": "7"}, 'credits: expected a whole number, 0 or more, received "7"'),
        ({"credits": MOST_CREDITS + 1}, "credits: expected a whole number, 0 or more, received 9007199254740992"),
        ({"pictures": -1}, "pictures: expected a whole number, 0 or more, received -1"),
        ({"pictures": MOST_CREDITS}, "pictures: expected 142,971,416,741 at most, received 9007199254740991"),
        ({"pictures": 142_971_416_742}, "pictures: expected 142,971,416,741 at most, received 142971416742"),
        ({"usd": -0.5}, "usd: expected a number from 0 to 4,503,599,627, received -0.5"),
        ({"usd": float("nan")}, "usd: expected a number from 0 to 4,503,599,627, received NaN"),
        ({"usd": float("inf")}, "usd: expected a number from 0 to 4,503,599,627, received Infinity"),
        ({"usd": 10**400}, "usd: expected a number from 0 to 4,503,599,627, received 1000"),
        ({"usd": "1"}, 'usd: expected a number from 0 to 4,503,599,627, received "1"'),
        ({"usd": 0.0000007}, "usd: expected a multiple of 0.0000005, one credit, received 7e-07"),
        ({"usd": 1e-10}, "usd: expected a multiple of 0.0000005, one credit, received 1e-10"),
        ({"usd": 5e-324}, "usd: expected a multiple of 0.0000005, one credit, received 5e-324"),
        ({"usd": 0.0000005002}, "usd: expected a multiple of 0.0000005, one credit, received 5.002e-07"),
        ({"usd": 1 + 1e-10}, "usd: expected a multiple of 0.0000005, one credit, received 1.0000000001"),
        (
            {"credits": 1, "model": SEEDREAM},
            f'model: expected only beside pictures, received "{SEEDREAM}" beside credits',
        ),
        ({"pictures": 1, "model": "seedream"}, f'model: expected a known one ({SEEDREAM}?), received "seedream"'),
        ({"pictures": 1, "model": "x"}, f'model: expected a known one ({SEEDREAM} | {SEEDEDIT}), received "x"'),
        ({"pictures": 1, "model": []}, f"model: expected a known one ({SEEDREAM} | {SEEDEDIT}), received []"),
        ({"pictures": 1, "model": {}}, f"model: expected a known one ({SEEDREAM} | {SEEDEDIT}), received {{}}"),
        ({"pictures": 1, "model": 5}, f"model: expected a known one ({SEEDREAM} | {SEEDEDIT}), received 5"),
        ({"credits": 1, "model": []}, "model: expected only beside pictures, received [] beside credits"),
    ],
)
@pytest.mark.parametrize("change", ["set", "add"])
def test_a_bad_amount_is_refused_by_name(ledger: Credits, change: str, amount: dict[str, Any], message: str) -> None:
    ledger.set(credits=5)
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - the whole message is compared.
        getattr(ledger, change)(**amount)
    assert str(refusal.value).startswith(message)
    assert ledger.balance == 5


def test_a_beginning_that_is_no_amount_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^credits: expected a whole number, 0 or more, received -1$"):
        Credits(-1)


@given(st.integers(0, MOST_CREDITS // CREDITS_PER_USD))
def test_every_whole_dollar_is_two_million_credits(usd: int) -> None:
    ledger = Credits()
    ledger.set(usd=usd)
    assert ledger.balance == usd * CREDITS_PER_USD


@given(st.integers(0, 10**12))
def test_dollars_as_an_answer_tells_them_come_back_to_the_credit(credits: int) -> None:
    ledger = Credits()
    ledger.set(usd=credits / CREDITS_PER_USD)
    assert ledger.balance == credits


# What is taken


@pytest.mark.parametrize(
    ("balance", "price", "enough"),
    [(0, 0, False), (0, 1, False), (1, 0, True), (PRICE - 1, PRICE, False), (PRICE, PRICE, True), (None, PRICE, True)],
)
def test_a_check_fails_at_nothing_left_and_below_the_price(balance: int | None, price: int, enough: bool) -> None:
    with nullcontext() if enough else pytest.raises(Failure, match="out_of_credits"):
        Credits(balance).check(price)


def test_running_out_is_a_failure_that_the_contract_knows() -> None:
    with pytest.raises(Failure) as failure:
        Credits(0).check(0)
    assert load().errors[failure.value.kind].status == 403


def test_a_charge_takes_the_price(ledger: Credits) -> None:
    ledger.set(credits=100_000)
    charge = pay(ledger, request_id="first")
    assert charge == Charge(PRICE, SEEDREAM, "first", "f", NOON)
    assert (ledger.balance, ledger.spent, ledger.spent_usd, ledger.pictures) == (37_000, PRICE, USD, 1)
    assert ledger.charges == [charge]


def test_a_charge_beyond_the_balance_takes_nothing(ledger: Credits) -> None:
    ledger.set(credits=PRICE - 1)
    with pytest.raises(Failure):
        pay(ledger)
    assert (ledger.balance, ledger.spent, ledger.charges) == (PRICE - 1, 0, [])


def test_of_two_threads_with_money_for_one_picture_exactly_one_is_paid() -> None:
    ledger = Credits(PRICE)
    together = threading.Barrier(2)

    def buy() -> bool:
        together.wait()
        return paid(ledger, SlowPrice(PRICE))

    with ThreadPoolExecutor(2) as pool:
        bought = [future.result() for future in [pool.submit(buy), pool.submit(buy)]]
    assert sorted(bought) == [False, True]
    assert (ledger.balance, ledger.pictures) == (0, 1)


def test_many_threads_together_spend_exactly_what_is_there() -> None:
    ledger = Credits(50 * PRICE)
    with ThreadPoolExecutor(8) as pool:
        bought = list(pool.map(lambda _: paid(ledger), range(120)))
    assert (sum(bought), ledger.pictures, ledger.spent, ledger.balance) == (50, 50, 50 * PRICE, 0)


def test_only_the_last_thousand_charges_are_kept_but_all_are_counted(ledger: Credits) -> None:
    for number in range(MOST_CHARGES + 2):
        pay(ledger, 1, request_id=str(number))
    assert (len(ledger.charges), ledger.charges[0].request_id) == (MOST_CHARGES, "2")
    assert (ledger.pictures, ledger.spent) == (MOST_CHARGES + 2, MOST_CHARGES + 2)


def test_the_charges_given_are_a_copy(ledger: Credits) -> None:
    ledger.charges.append(pay(ledger))
    assert len(ledger.charges) == 1


def test_a_reset_ledger_is_as_it_began() -> None:
    ledger = Credits(2 * PRICE)
    before = ledger.json()
    ledger.add(credits=7)
    pay(ledger)
    ledger.reset()
    assert ledger.json() == before


class Shop(RuleBasedStateMachine):
    """A ledger beside the plainest one there is: a number, and a list of prices."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Credits(prices=PRICES)
        self.left: int | None = None
        self.prices: list[int] = []

    @rule(credits=st.integers(0, 200))
    def set(self, credits: int) -> None:
        self.ledger.set(credits=credits)
        self.left = credits

    @precondition(lambda self: self.left is not None)
    @rule(credits=st.integers(0, 200))
    def top_up(self, credits: int) -> None:
        assert self.left is not None
        self.ledger.add(credits=credits)
        self.left += credits

    @rule(price=st.integers(0, 100), request=st.sampled_from("abc"))
    def buy(self, price: int, request: str) -> None:
        enough = self.left is None or (self.left > 0 and self.left >= price)
        assert paid(self.ledger, price) is enough
        if enough:
            self.prices.append(price)
            self.left = None if self.left is None else self.left - price

    @rule()
    def reset(self) -> None:
        self.ledger.reset()
        self.left, self.prices = None, []

    @invariant()
    def agrees(self) -> None:
        assert self.ledger.balance == self.left
        assert self.left is None or self.left >= 0
        assert [charge.credits for charge in self.ledger.charges] == self.prices
        self.ledger.assert_spent(credits=sum(self.prices), pictures=len(self.prices))


TestShop = Shop.TestCase
TestShop.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)


# What is claimed of it


@pytest.mark.parametrize(
    "claim",
    [
        {"credits": 2 * PRICE},
        {"usd": 0.063},
        {"usd": 2 * USD},
        {"pictures": 2},
        {"credits": 2 * PRICE, "usd": 0.063, "pictures": 2},
    ],
)
def test_a_true_claim_of_what_was_spent_holds(ledger: Credits, claim: dict[str, Any]) -> None:
    pay(ledger)
    pay(ledger)
    ledger.assert_spent(**claim)


@pytest.mark.parametrize(
    ("claim", "words"),
    [
        ({"credits": 63_001}, "63,001 credits"),
        ({"usd": 0.0315005}, r"\$0\.0315005"),
        ({"pictures": 2}, "2 pictures"),
        ({"pictures": 0}, "0 pictures"),
        ({"credits": PRICE, "pictures": 2}, "63,000 credits and 2 pictures"),
    ],
)
def test_a_false_claim_says_what_was_expected_and_what_came(ledger: Credits, claim: dict[str, Any], words: str) -> None:
    pay(ledger)
    came = rf"^expected {words} spent, came 63,000 credits \(\$0\.0315\) for 1 picture\n"
    with pytest.raises(AssertionError, match=came):
        ledger.assert_spent(**claim)


def test_a_false_claim_lists_the_charges(ledger: Credits) -> None:
    pay(ledger, request_id="first")
    ledger.charge(1, request_id="second", fingerprint="g", model=SEEDEDIT, moment=NOON + timedelta(seconds=1.5))
    with pytest.raises(AssertionError) as failure:
        ledger.assert_spent(pictures=1)
    assert str(failure.value).splitlines()[1:] == [
        f"  2026-08-21T12:00:00.000Z  63,000 credits  {SEEDREAM}  request first",
        f"  2026-08-21T12:00:01.500Z  1 credits  {SEEDEDIT}  request second",
    ]


def test_a_long_list_of_charges_is_cut_to_the_last(ledger: Credits) -> None:
    for number in range(25):
        pay(ledger, request_id=str(number))
    with pytest.raises(AssertionError) as failure:
        ledger.assert_spent(pictures=1)
    lines = str(failure.value).splitlines()
    assert (lines[1], lines[2][-9:], len(lines)) == ("  5 pictures earlier", "request 5", 22)


@pytest.mark.parametrize("claim", [{}, {"credits": -1}, {"usd": 0.0000007}, {"pictures": 1.5}])
def test_a_claim_that_cannot_be_true_is_refused(ledger: Credits, claim: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r": expected .* received "):
        ledger.assert_spent(**claim)


def test_the_ledger_as_json_is_all_that_it_knows(ledger: Credits) -> None:
    ledger.set(credits=3 * PRICE)
    pay(ledger, request_id="first")
    pay(ledger, request_id="again")
    paid = {"credits": PRICE, "usd": USD, "pictures": 1}
    common = {**paid, "model": SEEDREAM, "fingerprint": "f", "moment": "2026-08-21T12:00:00.000Z"}
    assert json.loads(json.dumps(ledger.json())) == {
        "balance": PRICE,
        "spent": 2 * PRICE,
        "spent_usd": 0.063,
        "pictures": 2,
        "charges": [{**common, "request_id": "first"}, {**common, "request_id": "again"}],
    }
