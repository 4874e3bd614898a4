"""What is kept of a run beside its verdicts: recordings for fixtures, skeletons to compare with another server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field

from pixelpact.checks.exchange import Exchange
from pixelpact.checks.findings import Finding
from pixelpact.checks.generation import Generation
from pixelpact.checks.parity import Observation
from pixelpact.checks.redaction import SecretSurvived
from pixelpact.checks.skeleton import skeleton
from pixelpact.contract.contract import Contract

from .recording import Recorder


@dataclass
class Watch:
    """Looks at each answer of an endpoint once. `unwritten` says which recordings would have held a secret."""

    contract: Contract
    source: str
    recorder: Recorder | None = None
    observing: bool = False
    observations: list[Observation] = field(default_factory=list)
    unwritten: list[str] = field(default_factory=list)

    def see(
        self, label: str, fresh: Iterable[Exchange], generations: Iterable[Generation], findings: Iterable[Finding]
    ) -> None:
        """What one test exchanged, and found."""
        if self.recorder is None and not self.observing:
            return
        made = {id(generation.exchange): generation for generation in generations}
        asked = [
            exchange
            for exchange in fresh
            if exchange.method == "POST" and any(path in exchange.url for path in self.contract.paths)
        ]
        codes = tuple(sorted({finding.code for finding in findings}))
        for number, exchange in enumerate(asked):
            name = f"{label}#{number}" if number else label
            self._see(name, exchange, made.get(id(exchange)), codes)

    def summary(self) -> Mapping[str, object]:
        """What was kept, as JSON."""
        return {"observations": [asdict(seen) for seen in self.observations], "unwritten": self.unwritten}

    def _see(self, name: str, exchange: Exchange, generation: Generation | None, codes: tuple[str, ...]) -> None:
        pictures = generation.pictures if generation else ()
        if self.observing:
            documented = [kind.message for kind in self.contract.errors.values()]
            self.observations.append(Observation(name, skeleton(exchange, pictures, documented), codes))
        if self.recorder is not None:
            try:
                self.recorder.record(name, self.source, exchange, pictures)
            except SecretSurvived as reason:
                self.unwritten.append(f"{name}: {reason}")
