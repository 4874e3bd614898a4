"""Credits: what a tenant has left, and what each of its pictures took. Whole ones, so that no sum drifts."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from ..contract import money
from ..contract.answers import CREDITS_PER_USD
from ..contract.breaches import closest, shown
from .failures import Failure
from .statebooks import Charge, MemoryPurse, Purse, affords

# Every JSON reader takes whole numbers up to here exactly.
MOST_CREDITS = 2**53 - 1
# The digits of `x-aimlapi-usd-spent`; what a float has beyond them is its own doing.
USD_DIGITS = 9
# A sum of thousands of prices is off by less; relative.
FLOAT_NOISE = 1e-12


class Credits:
    """What a tenant has and spends; `balance` None is without end. `prices` are those of models, in credits a picture.

    `usual` are the models whose pictures are meant where nobody says whose; without, any. A bad value is a ValueError
    that names field, rule and value.
    """

    def __init__(
        self,
        balance: int | None = None,
        prices: Mapping[str, int] | None = None,
        usual: Collection[str] = (),
        purse: Purse | None = None,
    ) -> None:
        self._beginning = None if balance is None else _whole("credits", balance)
        # Both as they are given: what is served may change.
        self._prices: Mapping[str, int] = {} if prices is None else prices
        self._usual = usual
        self._purse = MemoryPurse(self._beginning) if purse is None else purse

    @property
    def balance(self) -> int | None:
        """The credits left; None without end."""
        return self._purse.balance

    @property
    def spent(self) -> int:
        """The credits spent since the beginning."""
        return self._purse.books().spent

    @property
    def spent_usd(self) -> float:
        """The dollars spent since the beginning."""
        return self.spent / CREDITS_PER_USD

    @property
    def pictures(self) -> int:
        """How many pictures were paid for."""
        return self._purse.books().pictures

    @property
    def charges(self) -> list[Charge]:
        """The last thousand charges, oldest first."""
        return list(self._purse.books().charges)

    def set(
        self,
        *,
        credits: int | None = None,
        usd: float | None = None,
        pictures: int | None = None,
        model: str | None = None,
    ) -> None:
        """Leave so many credits, so many dollars, or enough for so many pictures: exactly one of the three.

        `model` says whose pictures, where not all have one price.
        """
        balance = self._amount({"credits": credits, "usd": usd, "pictures": pictures}, model)
        self._purse.change(lambda _: balance)

    def add(
        self,
        *,
        credits: int | None = None,
        usd: float | None = None,
        pictures: int | None = None,
        model: str | None = None,
    ) -> None:
        """Top the balance up, in the words of `set`. A balance without end cannot be: set one first."""
        amount = self._amount({"credits": credits, "usd": usd, "pictures": pictures}, model)
        self._purse.change(lambda balance: _sum(balance, amount))

    def reset(self) -> None:
        """Begin anew: the balance of the beginning, nothing spent."""
        self._purse.begin(self._beginning)

    def check(self, price: int) -> None:
        """Raise the Failure of a tenant that has nothing left, or less than this price."""
        if not affords(self._purse.balance, price):
            raise Failure("out_of_credits")

    def charge(
        self, price: int, *, request_id: str, fingerprint: str, model: str, moment: datetime, pictures: int = 1
    ) -> Charge:
        """Take the price of pictures, or raise Failure and take nothing: no two threads spend the same credit."""
        charge = Charge(price, model, request_id, fingerprint, moment, pictures)
        if not self._purse.take(charge):
            raise Failure("out_of_credits")
        return charge

    def assert_spent(
        self, *, credits: int | None = None, usd: float | None = None, pictures: int | None = None
    ) -> None:
        """Raise AssertionError, with the charges, unless exactly this was spent: any of the three, or several."""
        __tracebackhide__ = True
        given = {"credits": credits, "usd": usd, "pictures": pictures}
        expected = {name: READ[name](value) for name, value in given.items() if value is not None}
        if not expected:
            raise ValueError("spent: expected credits, usd or pictures, received none of them")
        books = self._purse.books()
        came = {"credits": books.spent, "usd": books.spent, "pictures": books.pictures}
        if any(came[name] != value for name, value in expected.items()):
            words = " and ".join(SHOWN[name](value) for name, value in expected.items())
            raise AssertionError(f"expected {words} spent, came {books}")

    def json(self) -> dict[str, Any]:
        """The ledger for the control API."""
        books = self._purse.books()
        return {
            "balance": books.balance,
            "spent": books.spent,
            "spent_usd": books.spent / CREDITS_PER_USD,
            "pictures": books.pictures,
            "charges": [charge.json for charge in books.charges],
        }

    def _amount(self, given: Mapping[str, float | None], model: str | None) -> int:
        named = {name: value for name, value in given.items() if value is not None}
        if len(named) != 1:
            came = " and ".join(named) or "none"
            raise ValueError(f"amount: expected one of credits, usd and pictures, received {came}")
        [(name, value)] = named.items()
        if model is not None and name != "pictures":
            raise ValueError(f"model: expected only beside pictures, received {shown(model)} beside {name}")
        price = self._price(model) if name == "pictures" else 1
        amount = READ[name](value) * price
        if amount > MOST_CREDITS:
            raise ValueError(f"{name}: expected {MOST_CREDITS // price:,} at most, received {shown(value)}")
        return amount

    def _price(self, model: str | None) -> int:
        if isinstance(model, str) and model in self._prices:
            return self._prices[model]
        if model is not None:
            near = closest(model, list(self._prices)) if isinstance(model, str) else None
            allowed = f"{near}?" if near else " | ".join(self._prices)
            raise ValueError(f"model: expected a known one ({allowed}), received {shown(model)}")
        known = dict(self._prices)
        prices = {known[name] for name in self._usual or known if name in known}
        if len(prices) != 1:
            raise ValueError("model: expected beside pictures, as not all have one price, received nothing")
        return prices.pop()


def _sum(balance: int | None, amount: int) -> int:
    if balance is None:
        raise ValueError("balance: expected a number to add to, received one without end; set one first")
    if balance + amount > MOST_CREDITS:
        raise ValueError(f"balance: expected {MOST_CREDITS:,} credits at most, received {balance + amount:,}")
    return balance + amount


def _whole(field: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_CREDITS:
        raise ValueError(f"{field}: expected a whole number, 0 or more, received {shown(value)}")
    return value


def _credits_of(usd: object) -> int:
    """Dollars as whole credits; what is no multiple of a credit is refused, so that nothing is rounded unseen."""
    most = MOST_CREDITS // CREDITS_PER_USD
    if isinstance(usd, bool) or not isinstance(usd, (int, float)) or not 0 <= usd <= most:
        raise ValueError(f"usd: expected a number from 0 to {most:,}, received {shown(usd)}")
    rounded = round(usd, USD_DIGITS)
    exact = Decimal(str(rounded)) * CREDITS_PER_USD
    if exact % 1 or not math.isclose(rounded, usd, rel_tol=FLOAT_NOISE):
        raise ValueError(f"usd: expected a multiple of {1 / CREDITS_PER_USD:.7f}, one credit, received {shown(usd)}")
    return int(exact)


READ: dict[str, Callable[[object], int]] = {
    "credits": lambda value: _whole("credits", value),
    "usd": _credits_of,
    "pictures": lambda value: _whole("pictures", value),
}
SHOWN: dict[str, Callable[[int], str]] = {
    "credits": lambda credits: f"{credits:,} credits",
    "usd": money.dollars,
    "pictures": money.pictures,
}
