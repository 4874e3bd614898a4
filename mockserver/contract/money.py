"""Money and pictures: a budget, an amount, and what an answer says it cost. Whole credits, so that no sum drifts."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Literal

from ..errors import PixelpactError
from .answers import CREDITS_PER_USD

BUDGET = re.compile(r"\$?(?P<usd>\d{1,9}(\.\d{1,7})?)|(?P<pictures>\d{1,9}) ?(p|pictures?)", re.ASCII)
# The fraction of a dollar that a credit is has this many digits.
DIGITS = 7


@dataclass
class BadBudget(PixelpactError):
    """A text that is no budget."""

    received: str

    def __str__(self) -> str:
        return f"budget: expected dollars, as 0.50, or pictures, as 8p, received {self.received!r}"


@dataclass(frozen=True)
class Amount:
    """So many credits and so many pictures, neither below 0."""

    credits: int = 0
    pictures: int = 0

    def __post_init__(self) -> None:
        if self.credits < 0 or self.pictures < 0:
            raise ValueError(f"amount: expected 0 or more, received {self.credits} credits, {self.pictures} pictures")

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.credits + other.credits, self.pictures + other.pictures)

    def __str__(self) -> str:
        return f"{pictures(self.pictures)}, {dollars(self.credits)}"


@dataclass(frozen=True)
class Budget:
    """What a run may spend: so many credits, or so many pictures."""

    limit: int
    unit: Literal["credits", "pictures"]

    @classmethod
    def parse(cls, text: str) -> Budget:
        """Dollars, as `0.50` or `$0.50`, or pictures, as `8 pictures` or `8p`. Raises BadBudget."""
        found = BUDGET.fullmatch(text.strip())
        if found is None:
            raise BadBudget(text)
        if found["pictures"]:
            return cls(int(found["pictures"]), "pictures")
        return cls(int(Decimal(found["usd"]) * CREDITS_PER_USD), "credits")

    def __str__(self) -> str:
        return self.shown(self.limit)

    def shown(self, count: int) -> str:
        """So many of this budget's unit, for people."""
        return dollars(count) if self.unit == "credits" else pictures(count)

    def of(self, amount: Amount) -> int:
        """What an amount takes of this budget."""
        return amount.credits if self.unit == "credits" else amount.pictures


def dollars(credits: int) -> str:
    """Credits as dollars for people, to the last credit: `$0.0945`."""
    whole, part = divmod(credits * 10**DIGITS // CREDITS_PER_USD, 10**DIGITS)
    return f"${whole}.{f'{part:0{DIGITS}}'.rstrip('0'):0<2}"


def pictures(count: int) -> str:
    """A number of pictures for people."""
    return "1 picture" if count == 1 else f"{count} pictures"


def credits_of(usd: float) -> int:
    """Dollars as credits; a part of a credit counts as a whole one. Raises ValueError for what is no price."""
    if not (math.isfinite(usd) and usd >= 0):
        raise ValueError(f"usd: expected a finite number, 0 or more, received {usd}")
    # By its shortest form: 0.0315 is 63000 credits, and not the 63001 that its binary fraction comes to.
    return int((Decimal(str(usd)) * CREDITS_PER_USD).to_integral_value(ROUND_CEILING))


def cost_of(headers: Mapping[str, str], answer_credits: object, answer_usd: object) -> float | None:
    """What an answer cost in dollars: the largest sane price of its headers and its `meta.usage`; None if it has none.

    Header names are in lower case.
    """
    credits = (headers.get("x-aimlapi-credits-used"), answer_credits)
    usd = (headers.get("x-aimlapi-usd-spent"), answer_usd)
    found = [value / CREDITS_PER_USD for value in map(_price, credits) if value is not None]
    found += [value for value in map(_price, usd) if value is not None]
    return max(found, default=None)


def _price(value: object) -> float | None:
    """A number, or a text of one, that may be a price."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        price = float(value)
    except (ValueError, OverflowError):
        return None
    return price if math.isfinite(price) and price >= 0 else None
