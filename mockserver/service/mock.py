"""The mock, put together: one contract, the tenants that call it, and what answers them."""

from __future__ import annotations

from dataclasses import dataclass

from ..contract.contract import Contract, load
from ..errors import PixelpactError
from .artefacts import Artefacts
from .clock import Clock
from .credits import Credits
from .downloads import Downloads
from .endpoint import Endpoint
from .faults import Faults
from .fetch import Fetcher
from .generation import Generator
from .inputs import Inputs
from .journal import Journal
from .lifecycle import Lifecycle
from .limits import Limits, storage
from .settings import Settings
from .tenants import Tenant, Tenants
from .uploads import Uploads


class BadSettings(PixelpactError):
    """No mock can be started with these settings; the message names field, rule and value."""


@dataclass(frozen=True, eq=False)
class Mock:
    """All of a mock but its door."""

    contract: Contract
    settings: Settings
    tenants: Tenants
    artefacts: Artefacts
    endpoint: Endpoint
    downloads: Downloads


def build(settings: Settings) -> Mock:
    """A mock as it begins. Raises PixelpactError for schemas, a profile or a storage that cannot be used."""
    contract = load(*settings.schemas, profile=settings.profile)
    uploads = Uploads(limit_bytes=settings.upload_limit)
    artefacts = Artefacts(contract, uploads, settings.secret)
    generator = Generator(artefacts, Inputs(artefacts, uploads, Fetcher(settings.allowed_hosts)))
    tenants = _tenants(contract, settings, artefacts)
    endpoint = Endpoint(contract, settings, tenants, generator)
    return Mock(contract, settings, tenants, artefacts, endpoint, Downloads(contract, artefacts, tenants))


def _tenants(contract: Contract, settings: Settings, artefacts: Artefacts) -> Tenants:
    counted = storage(settings.storage)
    start = settings.beginning
    prices = {model.id: model.credits for model in contract.models.values()}

    def make(name: str) -> Tenant:
        clock = Clock()
        limits = Limits(name, counted)
        limits.set(*start.quotas, concurrency=start.concurrency)
        return Tenant(
            name=name,
            beginning=start,
            journal=Journal(artefacts.draw),
            faults=Faults(start.faults),
            clock=clock,
            credits=Credits(start.credits, prices),
            limits=limits,
            models=Lifecycle(contract.models, now=clock.now, deprecated=start.deprecated, removed=start.removed),
        )

    # What no tenant can begin with is refused now: the first is made at once.
    try:
        return Tenants(settings, make)
    except ValueError as reason:
        raise BadSettings(str(reason)) from reason
