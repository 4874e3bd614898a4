"""The books of a tenant: what it has left, and what each of its pictures took."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any, Protocol

from ..contract import money
from ..contract.answers import CREDITS_PER_USD

MOST_CHARGES = 1000
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

    def __str__(self) -> str:
        unseen = self.pictures - sum(charge.pictures for charge in self.charges[-SHOWN_CHARGES:])
        earlier = [f"  {money.pictures(unseen)} earlier"] if unseen else []
        lines = [*earlier, *(f"  {charge}" for charge in self.charges[-SHOWN_CHARGES:])]
        total = f"{self.spent:,} credits ({money.dollars(self.spent)}) for {money.pictures(self.pictures)}"
        return "\n".join([total, *lines])


class Purse(Protocol):
    """What Credits spend from: several may at once, and none gets what another had."""

    @property
    def balance(self) -> int | None:
        """What is left; None without end."""

    def books(self) -> Books:
        """All that is known, at one moment."""

    def change(self, step: Callable[[int | None], int | None]) -> None:
        """Have another balance, by the one before; a step may be asked more than once."""

    def take(self, charge: Charge) -> bool:
        """Pay; False, and nothing is taken, if the balance is 0 or less than that."""

    def begin(self, balance: int | None) -> None:
        """Have this balance, and nothing spent."""


class MemoryPurse:
    """The books in the memory of this process."""

    def __init__(self, balance: int | None = None) -> None:
        self._lock = Lock()
        self.balance = balance
        self._spent = self._pictures = 0
        self._charges: deque[Charge] = deque(maxlen=MOST_CHARGES)

    def books(self) -> Books:
        """All that is known, at one moment."""
        with self._lock:
            return Books(self.balance, self._spent, self._pictures, tuple(self._charges))

    def change(self, step: Callable[[int | None], int | None]) -> None:
        """Have another balance, by the one before."""
        with self._lock:
            self.balance = step(self.balance)

    def take(self, charge: Charge) -> bool:
        """Pay, if there is enough."""
        with self._lock:
            if not affords(self.balance, charge.credits):
                return False
            if self.balance is not None:
                self.balance -= charge.credits
            self._spent += charge.credits
            self._pictures += charge.pictures
            self._charges.append(charge)
            return True

    def begin(self, balance: int | None) -> None:
        """Have this balance, and nothing spent."""
        with self._lock:
            self.balance = balance
            self._spent = self._pictures = 0
            self._charges.clear()


def affords(balance: int | None, price: int) -> bool:
    """Whether a balance is enough for a price; one of nothing is not even for what is free."""
    return balance is None or (balance > 0 and balance >= price)
