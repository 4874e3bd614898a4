"""What a mock is started with."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from .faults import Fault
from .state import MOST_ENTRIES

# Known to all: it keeps nobody from signing a URL of their own, and every mock serves the others' pictures.
SECRET = "pixelpact"


@dataclass(frozen=True)
class Beginning:
    """What each tenant begins with: its faults, credits (None: without end), quotas, and the models of the past."""

    faults: tuple[Fault, ...] = ()
    credits: int | None = None
    quotas: tuple[str, ...] = ()
    concurrency: int | None = None
    deprecated: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settings:
    """Sizes in bytes. The secret signs artefact URLs: replicas that share it serve each other's pictures.

    `one_tenant`: whoever calls with an accepted key is the same tenant. `control_token` opens the control API to other
    machines, and closes it to everybody without. `state` is where all of a tenant is kept, as `redis://HOST`, and
    `storage` where its quotas are counted, if elsewhere; without, in this process. `uploads` is the folder of the
    callers' pictures, which processes of one machine may share; without, a private one. `journal` is how many calls of
    each tenant are kept.
    """

    profile: str = "observed"
    schemas: tuple[Path, ...] = ()
    api_keys: frozenset[str] = field(default=frozenset(), repr=False)
    allowed_hosts: frozenset[str] = frozenset()
    strict: bool = False
    body_limit: int = 20 * 2**20
    upload_limit: int = 256 * 2**20
    secret: str = field(default=SECRET, repr=False)
    beginning: Beginning = Beginning()
    one_tenant: bool = False
    control_token: str = field(default="", repr=False)
    storage: str | None = field(default=None, repr=False)
    state: str | None = field(default=None, repr=False)
    uploads: Path | None = None
    journal: int = MOST_ENTRIES
