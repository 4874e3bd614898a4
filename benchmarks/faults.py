"""Every planted fault by its name, with its class. What a fault does is said, in one line each, in the three tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .answers import ANSWER, ERRORS, LINKS, TIME
from .requests import AUTH, PROTOCOL, TOGETHER, VALIDATION
from .spoilt import DETERMINISM, PICTURES
from .wire import Fault


@dataclass(frozen=True)
class Planted:
    """A fault and its class; `permitted`: the contract allows it, so that not finding it is right.

    `assumed`: it breaks what only an assumption promises, so that a warning is right.
    """

    kind: str
    fault: Fault
    permitted: bool = False
    assumed: bool = False


CLASSES: Mapping[str, Mapping[str, Fault]] = {
    "validation": VALIDATION,
    "interaction": TOGETHER,
    "auth": AUTH,
    "protocol": PROTOCOL,
    "answer": ANSWER,
    "errors": ERRORS,
    "links": LINKS,
    "pictures": PICTURES,
    "determinism": DETERMINISM,
    "time": TIME,
}
# Nobody has seen the service refuse these, noise may be what was asked for, and no type contradicts no picture.
ASSUMED = {"prompt-empty-accepted", "name-twice-accepted", "any-content-type-accepted", "noise", "called-bytes"}
FAULTS = {
    name: Planted(kind, fault, assumed=name in ASSUMED)
    for kind, table in CLASSES.items()
    for name, fault in table.items()
}
