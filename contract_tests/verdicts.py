"""What a run found: every judgement counted, every finding tried again where that is free, every word kept apart."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace

from pixelpact.checks.exchange import Exchange
from pixelpact.checks.findings import Finding
from pixelpact.checks.judge import Judgement, judge_any
from pixelpact.contract.contract import Contract
from pixelpact.errors import PixelpactError

REPEATS = 2
# A check that failed so often is not tried again: it is known by then whether it is hard.
TRIED = 3
# A picture in a request is no word to look for.
LONGEST_MARK = 400


@dataclass
class Verdicts:
    """The checks that were made, and why others were not; the words of each request, by which it would be known.

    `public` has the words that any answer may say, a line each: those that the schemas list.
    """

    contract: Contract
    public: str = ""
    made: Counter[str] = field(default_factory=Counter)
    unjudged: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    exchanges: list[Exchange] = field(default_factory=list)
    _tries: Counter[str] = field(default_factory=Counter)
    _marks: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def judged(self, judgement: Judgement, again: Callable[[], Judgement] | None = None) -> list[Finding]:
        """The findings; those that can be tried again are hard if they come back each time, and flaky if not."""
        self.made.update(judgement.made)
        for name, why in judgement.unjudged:
            self.unjudged[name][why] += 1
        broken = {finding.code for finding in judgement.findings if finding.severity == "error"}
        others = list(_tried(again)) if again and any(self._tries[code] < TRIED for code in broken) else []
        self._tries.update(broken if others else ())
        if not others:
            return list(judgement.findings)
        return [
            replace(finding, verdict="hard" if all(finding.code in codes for codes in others) else "flaky")
            for finding in judgement.findings
        ]

    def of_any(self, fresh: list[Exchange]) -> list[Finding]:
        """What is found on exchanges whatever they were for: no secret, no word of another request."""
        self.exchanges += fresh
        for exchange in fresh:
            for word in _words(exchange):
                if word.strip() not in self.public:
                    self._marks[word].add(exchange.number)
        return [finding for exchange in fresh for finding in self.judged(self._judge_any(exchange))]

    def _judge_any(self, exchange: Exchange) -> Judgement:
        others = [word for word, numbers in self._marks.items() if exchange.number not in numbers]
        return judge_any(exchange, others, self.contract.error_sources)


def _tried(again: Callable[[], Judgement]) -> Iterator[set[str]]:
    """The codes found each further time, as often as there is leave to ask."""
    with suppress(PixelpactError):
        for _ in range(REPEATS):
            yield {finding.code for finding in again().findings}


def _words(exchange: Exchange) -> Iterator[str]:
    """The words of a request that no other has by chance: its id, its sentences."""
    yield exchange.request_headers.get("x-client-request-id", "")
    try:
        body = json.loads(exchange.request_body or b"{}")
    except (ValueError, RecursionError):
        return
    for value in body.values() if isinstance(body, dict) else ():
        if isinstance(value, str) and " " in value.strip() and len(value) <= LONGEST_MARK:
            yield value
