"""The mock, put together: one contract, the tenants that call it, and what answers them."""

from __future__ import annotations

from dataclasses import dataclass, replace

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
from .latest import Drawable, Latest, Live
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
    uploads: Uploads
    latest: Latest


def build(settings: Settings) -> Mock:
    """A mock as it begins. Raises PixelpactError for schemas, a profile or a storage that cannot be used."""
    contract = load(*settings.schemas, profile=settings.profile)
    uploads = Uploads(limit_bytes=settings.upload_limit)
    latest = Latest(contract, Artefacts(contract, uploads, settings.secret))
    return _assembled(settings, uploads, _tenants(settings, latest), latest)


def renewed(mock: Mock, contract: Contract) -> Mock:
    """The mock with another contract: its tenants go on with all that is theirs, and links to pictures stay good."""
    drawable = Drawable(contract.models, mock.latest.drawable)
    artefacts = Artefacts(replace(contract, models=drawable), mock.uploads, mock.settings.secret)
    mock.latest.change(contract, artefacts, drawable)
    return _assembled(mock.settings, mock.uploads, mock.tenants, mock.latest)


def _assembled(settings: Settings, uploads: Uploads, tenants: Tenants, latest: Latest) -> Mock:
    contract, artefacts = latest.contract, latest.artefacts
    generator = Generator(artefacts, Inputs(artefacts, uploads, Fetcher(settings.allowed_hosts)))
    endpoint = Endpoint(contract, settings, tenants, generator)
    downloads = Downloads(contract, artefacts, tenants)
    return Mock(contract, settings, tenants, artefacts, endpoint, downloads, uploads, latest)


def _tenants(settings: Settings, latest: Latest) -> Tenants:
    counted = storage(settings.storage)
    start = settings.beginning
    # A tenant outlives the contract that it began with.
    prices = Live(lambda: latest.prices)
    usual = Live(lambda: dict.fromkeys(latest.contract.usual))
    # What is under way may be for a model that is served no more.
    known = Live(lambda: latest.drawable)

    def make(name: str) -> Tenant:
        clock = Clock()
        limits = Limits(name, counted)
        limits.set(*start.quotas, concurrency=start.concurrency)
        return Tenant(
            name=name,
            beginning=start,
            journal=Journal(latest.draw),
            faults=Faults(start.faults),
            clock=clock,
            credits=Credits(start.credits, prices, usual),
            limits=limits,
            models=Lifecycle(known, now=clock.now, deprecated=start.deprecated, removed=start.removed),
        )

    # What no tenant can begin with is refused now: the first is made at once.
    try:
        return Tenants(settings, make)
    except ValueError as reason:
        raise BadSettings(str(reason)) from reason
