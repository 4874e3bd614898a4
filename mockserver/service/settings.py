"""What a mock is started with."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """Sizes in bytes. The secret signs artefact URLs: replicas that share it serve each other's pictures."""

    profile: str = "observed"
    schemas: tuple[Path, ...] = ()
    api_keys: frozenset[str] = frozenset()
    allowed_hosts: frozenset[str] = frozenset()
    strict: bool = False
    body_limit: int = 20 * 2**20
    upload_limit: int = 256 * 2**20
    secret: str = field(default="pixelpact", repr=False)
