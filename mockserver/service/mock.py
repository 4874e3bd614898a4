"""The mock, put together: one contract, the tenants that call it, and what answers them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..contract.contract import Contract, load
from ..errors import PixelpactError
from .artefacts import Artefacts
from .calls import now
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
from .sharedcalls import Answering, Steady
from .state import MOST_ENTRIES, Room, StateUnusable
from .stateparts import Parts, Values, begun, in_memory
from .tenants import MemoryRegister, Register, Tenant, Tenants
from .uploads import Uploads

if TYPE_CHECKING:
    from .shared import Shared


class BadSettings(PixelpactError):
    """No mock can be started with these settings; the message names field, rule and value."""


@dataclass(frozen=True, eq=False)
class Mock:
    """All of a mock but its door."""

    contract: Contract
    settings: Settings
    tenants: Tenants
    artefacts: Artefacts
    inputs: Inputs
    endpoint: Answering
    downloads: Downloads
    uploads: Uploads
    latest: Latest


def build(settings: Settings) -> Mock:
    """A mock as it begins. Raises PixelpactError for schemas, a profile or a storage that cannot be used."""
    if settings.state and settings.journal != MOST_ENTRIES:
        raise BadSettings(f"keep: expected {MOST_ENTRIES} calls with a shared state, received {settings.journal}")
    contract = load(*settings.schemas, profile=settings.profile)
    shared = _shared(settings.state) if settings.state else None
    place = (settings.uploads, settings.upload_limit)
    uploads = shared.uploads(*place) if shared else Uploads(*place)
    latest = Latest(contract, Artefacts(contract, uploads, settings.secret))
    return _assembled(settings, uploads, _tenants(settings, latest, shared), latest)


def renewed(mock: Mock, contract: Contract) -> Mock:
    """The mock with another contract: its tenants go on with all that is theirs, and links to pictures stay good."""
    drawable = Drawable(contract.models, mock.latest.drawable)
    artefacts = Artefacts(replace(contract, models=drawable), mock.uploads, mock.settings.secret)
    mock.latest.change(contract, artefacts, drawable)
    return _assembled(mock.settings, mock.uploads, mock.tenants, mock.latest)


def _assembled(settings: Settings, uploads: Uploads, tenants: Tenants, latest: Latest) -> Mock:
    contract, artefacts = latest.contract, latest.artefacts
    inputs = Inputs(artefacts, uploads, Fetcher(settings.allowed_hosts))
    generator = Generator(artefacts, inputs)
    endpoint: Answering = Endpoint(contract, settings, tenants, generator)
    if settings.state:
        endpoint = Steady(contract, endpoint)
    downloads = Downloads(contract, artefacts, tenants)
    return Mock(contract, settings, tenants, artefacts, inputs, endpoint, downloads, uploads, latest)


def _shared(url: str) -> Shared:
    # A package that not everybody has, and that takes its time to load.
    try:
        from .shared import Shared
    except ImportError as reason:
        raise StateUnusable("the package redis, which pip install 'pixelpact[redis]' brings") from reason
    return Shared(url)


def _tenants(settings: Settings, latest: Latest, shared: Shared | None) -> Tenants:
    make, start, room = _Making(settings, latest), settings.beginning, Room()

    def begin() -> Values:
        return begun(start, make.known, now)

    def beginner(name: str) -> Tenant:
        return make.tenant(name, in_memory(begin(), room, settings.journal))

    register: Register = shared.register(begin, make.tenant) if shared else MemoryRegister(beginner, room)
    # What no tenant can begin with is refused now: the first is made at once.
    try:
        return Tenants(settings, register)
    except ValueError as reason:
        raise BadSettings(str(reason)) from reason


class _Making:
    """What puts tenants together; a tenant outlives the contract that it began with."""

    def __init__(self, settings: Settings, latest: Latest) -> None:
        self._start = settings.beginning
        self._draw = latest.draw
        self._counted = storage(settings.storage or settings.state)
        self._prices = Live(lambda: latest.prices)
        self._usual = Live(lambda: dict.fromkeys(latest.contract.usual))
        # What is under way may be for a model that is served no more.
        self.known = Live(lambda: latest.drawable)

    def tenant(self, name: str, parts: Parts) -> Tenant:
        """A tenant by its name, of these parts."""
        clock = Clock(parts.ahead)
        return Tenant(
            name=name,
            beginning=self._start,
            journal=Journal(self._draw, pages=parts.pages),
            faults=Faults(cell=parts.faults),
            clock=clock,
            credits=Credits(self._start.credits, self._prices, self._usual, parts.purse),
            limits=Limits(name, self._counted, cell=parts.allowed, places=parts.places),
            models=Lifecycle(self.known, now=clock.now, stages=parts.stages),
        )
