"""Credits: what a tenant has left, and what each of its pictures took. Whole ones, so that no sum drifts."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from threading import Lock
from typing import Any

from ..contract import money
from ..contract.answers import CREDITS_PER_USD
from ..contract.breaches import closest, shown
from .failures import Failure

MOST_CHARGES = 1000
# Every JSON reader takes whole numbers up to here exactly.
MOST_CREDITS = 2**53 - 1
# The digits of `x-aimlapi-usd-spent`; what a float has beyond them is its own doing.
USD_DIGITS = 9
# A sum of thousands of prices is off by less; relative.
FLOAT_NOISE = 1e-12
SHOWN_CHARGES = 20


@dataclass(frozen=True)
class Charge:
    """One call whose pictures were paid for. Equal requests have equal fingerprints; `moment` is the tenant's time."""

    credits: int
    model: str
    request_id: str
    fingerprint: str
    moment: datetime
    pictures: int = 1

    @property
    def json(self) -> dict[str, Any]:
        """The charge for the control API."""
        time = self.moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {**vars(self), "usd": self.credits / CREDITS_PER_USD, "moment": time}

    def __str__(self) -> str:
        several = f"  {money.pictures(self.pictures)}" if self.pictures > 1 else ""
        return f"{self.json['moment']}  {self.credits:,} credits  {self.model}{several}  request {self.request_id}"


@dataclass(frozen=True)
class Books:
    """A ledger at one moment. `balance` is None without end; `charges` are the last thousand, the sums are of all."""

    balance: int | None = None
    spent: int = 0
    pictures: int = 0
    charges: tuple[Charge, ...] = ()

    def charged(self, charge: Charge) -> Books:
        """The books after one more charge."""
        balance = None if self.balance is None else self.balance - charge.credits
        charges = (*self.charges, charge)[-MOST_CHARGES:]
        return Books(balance, self.spent + charge.credits, self.pictures + charge.pictures, charges)

    def __str__(self) -> str:
        unseen = self.pictures - sum(charge.pictures for charge in self.charges[-SHOWN_CHARGES:])
        earlier = [f"  {money.pictures(unseen)} earlier"] if unseen else []
        lines = [*earlier, *(f"  {charge}" for charge in self.charges[-SHOWN_CHARGES:])]
        total = f"{self.spent:,} credits ({money.dollars(self.spent)}) for {money.pictures(self.pictures)}"
        return "\n".join([total, *lines])


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
    ) -> None:
        self._beginning = Books(None if balance is None else _whole("credits", balance))
        # Both as they are given: what is served may change.
        self._prices: Mapping[str, int] = {} if prices is None else prices
        self._usual = usual
        self._books = self._beginning
        self._lock = Lock()

    @property
    def balance(self) -> int | None:
        """The credits left; None without end."""
        return self._books.balance

    @property
    def spent(self) -> int:
        """The credits spent since the beginning."""
        return self._books.spent

    @property
    def spent_usd(self) -> float:
        """The dollars spent since the beginning."""
        return self.spent / CREDITS_PER_USD

    @property
    def pictures(self) -> int:
        """How many pictures were paid for."""
        return self._books.pictures

    @property
    def charges(self) -> list[Charge]:
        """The last thousand charges, oldest first."""
        return list(self._books.charges)

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
        with self._lock:
            self._books = replace(self._books, balance=balance)

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
        with self._lock:
            if self._books.balance is None:
                raise ValueError("balance: expected a number to add to, received one without end; set one first")
            balance = self._books.balance + amount
            if balance > MOST_CREDITS:
                raise ValueError(f"balance: expected {MOST_CREDITS:,} credits at most, received {balance:,}")
            self._books = replace(self._books, balance=balance)

    def reset(self) -> None:
        """Begin anew: the balance of the beginning, nothing spent."""
        with self._lock:
            self._books = self._beginning

    def check(self, price: int) -> None:
        """Raise the Failure of a tenant that has nothing left, or less than this price."""
        _check(self._books, price)

    def charge(
        self, price: int, *, request_id: str, fingerprint: str, model: str, moment: datetime, pictures: int = 1
    ) -> Charge:
        """Take the price of pictures, or raise Failure and take nothing: no two threads spend the same credit."""
        charge = Charge(price, model, request_id, fingerprint, moment, pictures)
        with self._lock:
            _check(self._books, price)
            self._books = self._books.charged(charge)
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
        books = self._books
        came = {"credits": books.spent, "usd": books.spent, "pictures": books.pictures}
        if any(came[name] != value for name, value in expected.items()):
            words = " and ".join(SHOWN[name](value) for name, value in expected.items())
            raise AssertionError(f"expected {words} spent, came {books}")

    def json(self) -> dict[str, Any]:
        """The ledger for the control API."""
        books = self._books
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


def _check(books: Books, price: int) -> None:
    if books.balance is not None and (books.balance == 0 or books.balance < price):
        raise Failure("out_of_credits")


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
