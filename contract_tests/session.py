"""One run against one server: what it may still ask for, what it asked, and what came."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pixelpact.cases.case import Case
from pixelpact.cases.plan import first, rows
from pixelpact.cases.relations import ANCHOR, FIRST
from pixelpact.checks.errors import Refusal
from pixelpact.checks.exchange import Exchange
from pixelpact.checks.findings import Finding, finding
from pixelpact.checks.generation import Generation, Picture, collect
from pixelpact.checks.judge import Judgement, judge, judge_refusal
from pixelpact.checks.together import TOGETHER, Run
from pixelpact.contract.answers import CREDITS_PER_USD
from pixelpact.contract.contract import Contract
from pixelpact.contract.models import Model
from pixelpact.contract.money import cost_of
from pixelpact.errors import PixelpactError

from .client import Client
from .ledger import Ledger
from .verdicts import Verdicts

# After so many broken requests that were accepted, and perhaps billed, no more are sent.
WRONGLY_ACCEPTED = 2
BROKEN = "a broken request"
# How a service says that a model is gone.
ENDED = r"deprecat|retired|discontinued|no longer|decommission|shut ?down|sunset|not (?:available|found|exist)|unknown"
GONE = re.compile(rf"\bmodel\b.{{0,80}}(?:{ENDED})|(?:{ENDED}).{{0,80}}\bmodel\b", re.IGNORECASE)


class NotAsked(PixelpactError):
    """A request that is not sent, and why: the model is gone, or no picture is left."""


@dataclass
class Session:
    """A run. `left` are the pictures that each model, by its key, may still make; None where nobody counts them.

    `models` are those that are judged; what is about none of them is asked of the first. `strict`: what is only assumed
    counts as well. `paid`: an accepted request costs money. `refused` are the rules, by model, field and keyword, of
    which a breach was refused; `fitted` are the checks on all requests together that were made. `over_budget` says what
    could not be paid for.
    """

    contract: Contract
    client: Client
    ledger: Ledger
    verdicts: Verdicts
    strict: bool = False
    paid: bool = False
    left: dict[str, int] | None = None
    models: tuple[Model, ...] = ()
    accepted: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    retired: dict[str, str] = field(default_factory=dict)
    generations: list[Generation] = field(default_factory=list)
    pictures: int = 0
    over_budget: str = ""
    refused: set[tuple[str, str, str]] = field(default_factory=set)
    fitted: set[str] = field(default_factory=set)
    _wrongly: Counter[str] = field(default_factory=Counter)
    _doubted: Counter[str] = field(default_factory=Counter)
    _by_case: dict[tuple[str, str], Generation] = field(default_factory=dict)

    def generate(self, model: Model, case: Case) -> Generation:
        """A request that should be accepted, and everything behind its answer. Raises NotAsked or BudgetSpent."""
        count = model.count(case.body)
        self._check_asking(model, count)
        exchange = self._sent(
            model, case.name, lambda: self.client.post(case.payload, case.content_type, model.path), count
        )
        pictures = collect(model, exchange, self.client.download) if exchange.accepted else ()
        generation = Generation(model, case.body, exchange, pictures, strict=self.strict, sources=case.sources)
        self._by_case[model.key, case.name] = generation
        self.generations.append(generation)
        if exchange.accepted:
            self.accepted.setdefault(model.key, case.body)
        self._note_retired(model, exchange, (400, 403, 404, 410))
        return generation

    def generation(self, model: Model, name: str) -> Generation:
        """The generation of a case of the plan, made now if it was not yet. Raises as `generate` does."""
        if (model.key, name) not in self._by_case:
            # The rows are searched for: in vain where the first is asked for.
            cases = (first(model),) if name == FIRST else rows(model)
            self.generate(model, next(case for case in cases if case.name == name))
        return self._by_case[model.key, name]

    def was_accepted(self, model: Model, name: str) -> bool:
        """Whether the case of that name was sent, and accepted."""
        known = self._by_case.get((model.key, name))
        return known is not None and known.exchange.accepted

    def base(self, model: Model) -> Mapping[str, Any]:
        """A body that this server accepted; where no picture may be made, one that it should. Raises NotAsked."""
        for name in (FIRST, ANCHOR):
            if model.key not in self.accepted and self._has_room(model):
                self.generation(model, name)
        if model.key not in self.accepted and any(known == model.key for known, _ in self._by_case):
            raise NotAsked("no valid request was accepted, so a refusal would prove nothing")
        return self.accepted.get(model.key, first(model).body)

    def refusal(
        self,
        model: Model,
        send: Callable[[], Exchange],
        *,
        sure: bool = True,
        names_model: bool = True,
        pictures: int = 1,
    ) -> Exchange:
        """A request that should be refused. Raises NotAsked after too many that were not, and as `generate` does.

        `sure`: evidence promises the refusal; else it is only sent where a picture is to spare. `names_model`: the
        request is to the model itself, so that its answer tells whether that is in service. `pictures` are those that
        a server may make of it after all.
        """
        self._check_asking(model, 0 if sure else pictures)
        if self._wrongly[model.key] >= WRONGLY_ACCEPTED and not self.strict:
            raise NotAsked(f"{WRONGLY_ACCEPTED} broken requests were accepted, and each may be billed")
        if not sure and self._doubted[model.key]:
            raise NotAsked("a request was accepted that only an assumption refuses: one picture is enough")
        exchange = self._sent(model, BROKEN, send, pictures)
        if names_model:
            # With no picture to make, this is how a model that is gone is met; 400 is what is expected here.
            self._note_retired(model, exchange, (403, 404, 410))
        (self._wrongly if sure else self._doubted)[model.key] += exchange.accepted
        return exchange

    @property
    def probed(self) -> Model:
        """The model at whose path requests are sent that name none."""
        key = next(iter(self.left or ()), None)
        return self.contract.models[key] if key else next(iter(self.models or self.contract.chosen()))

    def probe(self, send: Callable[[], Exchange]) -> Exchange:
        """A request that no server should make a picture for, whatever else it does. Raises BudgetSpent."""
        return self._sent(self.probed, "a probe", send, may_bill=False)

    def judge(self, generation: Generation, again: Callable[[], Generation] | None = None) -> list[Finding]:
        """What is found on a request that should have been accepted."""
        return self.verdicts.judged(judge(generation), again and (lambda: judge(again())))

    def judge_refusal(
        self,
        refusal: Refusal,
        check: str = "refusal",
        again: Callable[[], Exchange] | None = None,
        *,
        body: bool = True,
    ) -> list[Finding]:
        """What is found on a request that should have been refused; one that was accepted is not paid for again."""
        retry = None if again is None or (refusal.exchange.accepted and not self.strict) else again
        return self.verdicts.judged(
            judge_refusal(refusal, check, body=body),
            retry and (lambda: judge_refusal(replace(refusal, exchange=retry()), check, body=body)),
        )

    def fit_together(self, checks: Iterable[str]) -> list[Finding]:
        """What these checks find on all requests together."""
        run = Run(self.contract, self.verdicts.exchanges, self.generations, self.client.waits)
        found: list[Finding] = []
        for check in checks:
            self.fitted.add(check)
            broken = tuple(finding(check, why, exchange, strict=self.strict) for why, exchange in TOGETHER[check](run))
            found += self.verdicts.judged(Judgement(broken, (check,)))
        return found

    def downloaded_again(self, generation: Generation) -> Generation:
        """The generation with each of its links followed once more."""

        def again(picture: Picture) -> Picture:
            got = picture.exchange
            return replace(picture, again=self.client.download(picture.text)) if got and got.status == 200 else picture

        return replace(generation, pictures=tuple(map(again, generation.pictures)))

    def _note_retired(self, model: Model, exchange: Exchange, statuses: tuple[int, ...]) -> None:
        said = exchange.text.replace(model.id, "the model")
        if exchange.status in statuses and GONE.search(said) and model.key not in self.accepted:
            self.retired[model.key] = f"{exchange.status} {exchange.masked(exchange.text)[:160]}"

    def _check_asking(self, model: Model, pictures: int) -> None:
        if model.key in self.retired:
            raise NotAsked(f"{model.id} is retired")
        if not self._has_room(model, pictures):
            raise NotAsked("every picture of the tier is made")

    def _has_room(self, model: Model, pictures: int = 1) -> bool:
        return self.left is None or self.left[model.key] >= pictures

    def _sent(
        self, model: Model, label: str, send: Callable[[], Exchange], pictures: int = 1, *, may_bill: bool = True
    ) -> Exchange:
        """One request that may be billed: reserved before it is sent, settled by what its answer says."""
        price = pictures * model.credits / CREDITS_PER_USD
        reservation = self.ledger.reserve(model.key, label, price, pictures)
        exchange = send()
        count = _pictures_in(model, exchange)
        # An answer that failed, or never came, may have been billed; a refusal is not.
        failed = exchange.status >= 500 or not exchange.status
        # Of a HEAD nobody sees what it made.
        taken = exchange.accepted and (may_bill or exchange.method == "HEAD")
        billed = taken or (failed and (self.paid or label != BROKEN))
        if not (count or billed):
            self.ledger.release(reservation)
            return exchange
        # What failed may have made all that it was asked for.
        spent = max(count, pictures if failed else int(billed))
        self.pictures += count
        cost = _cost(model, exchange)
        self.ledger.settle(reservation, cost, spent if failed and cost is None else count)
        if self.left is not None:
            self.left[model.key] -= spent
        return exchange


def _cost(model: Model, exchange: Exchange) -> float | None:
    told = {name: model.values(exchange.json, name) for name in ("credits_used", "usd_spent")}
    credits_used, usd = (values[0][1] if values else None for values in told.values())
    return cost_of(exchange.headers, credits_used, usd)


def _pictures_in(model: Model, exchange: Exchange) -> int:
    return sum(len(model.values(exchange.json, form)) for form in ("url", "b64_json"))
