"""What a run may spend and has spent: a request that may be billed is on disk before it is sent.

One thread uses a ledger.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from pixelpact.contract.answers import CREDITS_PER_USD
from pixelpact.contract.money import Amount, Budget, credits_of, dollars
from pixelpact.errors import PixelpactError

from .account import NOTHING, Account, Entry, LedgerFile


@dataclass
class BudgetSpent(PixelpactError):
    """The budget has no room for a request: it must not be sent. What is left and what it may cost are for people."""

    budget: Budget
    label: str
    left: str
    asked: str

    def __str__(self) -> str:
        return f"{self.label}: the budget of {self.budget} has {self.left} left, and this may cost {self.asked}"


@dataclass(frozen=True)
class Reservation:
    """Leave to send one request, and what it counts for until its answer is known."""

    id: str
    model: str
    label: str
    amount: Amount


class Ledger:
    """Counts what a run reserves and spends: on disk if it has a path, against a budget if it has one.

    `price` is dollars a picture. Raises LedgerUnusable for a file that another run writes to, or that no run wrote.
    """

    def __init__(self, path: Path | None, budget: Budget | None, price: float) -> None:
        self.budget = budget
        self.run = uuid4().hex
        self._price = credits_of(price)
        self._file = LedgerFile(path) if path else None
        self._account = self._file.account if self._file else Account()
        self._carried = self._account.total
        self._reservations = 0
        self._note("open", Reservation("", "", f"budget {budget or 'none'}", self._carried))

    @property
    def carried(self) -> float:
        """Dollars of runs that did not end; `spent` has them too."""
        return self._carried.credits / CREDITS_PER_USD

    @property
    def spent(self) -> float:
        """Dollars that count as spent."""
        return self._account.spent.credits / CREDITS_PER_USD

    @property
    def reserved(self) -> float:
        """Dollars of requests whose answer is not known yet."""
        return self._account.pending.credits / CREDITS_PER_USD

    @property
    def pictures(self) -> int:
        """Pictures that count as spent: those that came, and one for each charge without a picture."""
        return self._account.spent.pictures

    @property
    def left(self) -> float:
        """What may still be reserved, in dollars or in pictures as the budget is; infinite without one."""
        return self._left() / (CREDITS_PER_USD if self.budget and self.budget.unit == "credits" else 1)

    def reserve(self, model: str, label: str, usd: float | None = None, pictures: int = 1) -> Reservation:
        """Leave to send one request that may cost so many dollars, or else the price. Raises BudgetSpent."""
        amount = Amount(self._price * pictures if usd is None else credits_of(usd), pictures)
        if self.budget and self.budget.of(amount) > self._left():
            left = self.budget.shown(max(int(self._left()), 0))
            raise BudgetSpent(self.budget, label, left, self.budget.shown(self.budget.of(amount)))
        self._reservations += 1
        reservation = Reservation(f"{self.run}-{self._reservations}", model, label, amount)
        self._note("reserve", reservation)
        return reservation

    def settle(self, reservation: Reservation, usd: float | None, pictures: int) -> None:
        """Count what an answer cost, in dollars, in place of its reservation. None is not known: the price counts."""
        self._refuse_unknown(reservation)
        if usd is None:
            amount = Amount(max(reservation.amount.credits, self._price * pictures), max(pictures, 1))
        else:
            # Money without a picture takes one of a budget of pictures.
            amount = Amount(credits_of(usd), max(pictures, 1) if usd else pictures)
        self._note("settle", replace(reservation, amount=amount))

    def release(self, reservation: Reservation) -> None:
        """Give a reservation back: only for an answer that is surely free, as a refusal with 4xx is."""
        self._refuse_unknown(reservation)
        self._note("release", replace(reservation, amount=NOTHING))

    def close(self) -> None:
        """End the run properly: what it counted is no concern of the next. It still tells what it counted."""
        if self._file:
            self._file.close(self._entry("close", Reservation("", "", "", self._account.total)))

    def summary(self) -> str:
        """One line for people: what was spent, of what, and what there is to know about it."""
        spent, notes = self._account.spent, "; ".join(self._notes())
        if self.budget and self.budget.unit == "pictures":
            text = f"{spent.pictures} of {self.budget}, {dollars(spent.credits)}"
        else:
            text = f"{spent} of {self.budget}" if self.budget else f"{spent}"
        return f"{text} ({notes})" if notes else text

    def _notes(self) -> Iterator[str]:
        if self._account.reserved:
            yield f"{self._account.pending} reserved"
        if self._carried != NOTHING:
            yield f"{self._carried} carried from a run that did not end"
        if self._file and self._file.torn:
            yield "a last line that was cut short is left out"

    def _left(self) -> float:
        return self.budget.limit - self.budget.of(self._account.total) if self.budget else math.inf

    def _refuse_unknown(self, reservation: Reservation) -> None:
        if reservation.id not in self._account.reserved:
            raise ValueError(f"reservation: expected one that is open, received {reservation.label!r}")

    def _note(self, event: str, about: Reservation) -> None:
        """Count an event, once it is on disk."""
        entry = self._entry(event, about)
        if self._file:
            self._file.append(entry)
        self._account = self._account.after(entry)

    def _entry(self, event: str, about: Reservation) -> Entry:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        usd = about.amount.credits / CREDITS_PER_USD
        return Entry(self.run, now, event, about.id, about.model, about.label, usd, about.amount.pictures)
