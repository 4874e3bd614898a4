"""What a worker knows of the tenants in a Redis, and how one call sees one of them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from . import sharedscripts as scripts
from .journal import Entry
from .sharedlink import Link
from .sharedtexts import FORMS, charge_text, entry_text
from .state import Stale
from .stateallowed import Allowed
from .statebooks import Charge
from .stateparts import Values

# Of what was set for tenants, in the memory of a worker.
MOST_COPIES = 1000
# A part that is so costs nothing and runs out of nothing.
PLAIN: Mapping[str, Any] = {"faults": (), "allowed": Allowed(), "balance": None}


class Copy:
    """What a tenant's parts were when they were read: texts, and the values that were asked for."""

    def __init__(self, flat: list[bytes]) -> None:
        self._texts = dict(zip(map(bytes.decode, flat[::2]), map(bytes.decode, flat[1::2]), strict=True))
        self._values: dict[str, Any] = {}
        self.version = self._texts["v"]

    def text(self, part: str) -> str:
        """How a part is written."""
        return self._texts[part]

    def value(self, part: str) -> Any:
        """A part."""
        if part not in self._values:
            self._values[part] = FORMS[part].read(self._texts[part])
        return self._values[part]

    @cached_property
    def is_plain(self) -> bool:
        """Whether a call of this tenant takes nothing that another could have taken first."""
        return all(self.value(part) == plain for part, plain in PLAIN.items())


class Store:
    """The tenants in one Redis, and what this worker knows of them. `begin` gives what a new one begins with."""

    def __init__(self, link: Link, begin: Callable[[], Values]) -> None:
        self.link = link
        self._begin = begin
        self._copies: dict[str, Copy] = {}

    def kept(self, name: str) -> Copy | None:
        """What was set for a tenant when it was read last, if a call can go by it."""
        copy = self._copies.get(name)
        return copy if copy and copy.is_plain else None

    def found(self, name: str) -> Copy | None:
        """A tenant as it is now, if there is one."""
        flat = self.link.ask("HGETALL", f"{scripts.TENANT}{name}")
        # One without a version is the rest of one that a full Redis dropped.
        return self.keep(name, flat) if b"v" in flat[::2] else None

    def read(self, name: str) -> Copy:
        """A tenant as it is now, made if it is new."""
        return self.found(name) or self.made(name)

    def made(self, name: str) -> Copy:
        """A tenant as it begins, unless it is there by now."""
        values = vars(self._begin())
        written = [text for part, form in FORMS.items() for text in (part, form.write(values[part]))]
        counted = ("spent", 0, "pictures", 0, "bytes", 0, "written", 0)
        return self.keep(name, self.link.run(scripts.CREATE, name, "v", new_version(), *written, *counted))

    def stale(self, name: str) -> Stale:
        """What a call raises that went by what holds no more: it is not gone by again."""
        self._copies.pop(name, None)
        return Stale(name)

    def forget(self, name: str) -> None:
        """Have a tenant no more."""
        self._copies.pop(name, None)
        self.link.run(scripts.FORGET, name)

    def keep(self, name: str, flat: list[bytes]) -> Copy:
        """What Redis just said of a tenant."""
        if len(self._copies) >= MOST_COPIES:
            self._copies.clear()
        copy = self._copies[name] = Copy(flat)
        return copy


class Sight:
    """A tenant's state as one sees it: a call, by one copy from its beginning to its end; or, `lasting`, by none.

    `proven`: the copy was read during this call. `charge` is to be written with the call's entry.
    """

    def __init__(self, store: Store, name: str, copy: Copy | None, *, proven: bool) -> None:
        self.store, self.name = store, name
        self._copy = copy
        self._proven = proven
        self._charge: Charge | None = None

    def copy(self) -> Copy:
        """What to go by."""
        return self._copy or self.store.read(self.name)

    def change(self, part: str, step: Callable[[Any], Any]) -> Any:
        """Change a part as `Cell.change` says, against all replicas."""
        form, copy = FORMS[part], self._copy or self.store.read(self.name)
        while True:
            old = copy.text(part)
            value = step(form.read(old))
            new = form.write(value)
            version = "" if _set(old) == _set(new) else new_version()
            answer = self.run(scripts.CHANGE, part, old, new, version)
            if answer == b"done":
                return value
            copy = self.store.keep(self.name, answer) if answer else self.store.made(self.name)

    def pay(self, charge: Charge) -> bool:
        """Pay as `Purse.take` says: where there is no end, with the call's entry."""
        if self._copy and self._copy.value("balance") is None and not self._charge:
            self._charge = charge
            return True
        answer: bytes = self._again(scripts.TAKE, charge.credits, charge.pictures, charge_text(charge))
        return answer == b"done"

    def write(self, entry: Entry) -> None:
        """Write a call down, and what it paid. Raises Stale if it went by what holds no more."""
        charge, version = self._charge, "" if self._proven or not self._copy else self._copy.version
        paid = (charge.credits, charge.pictures, charge_text(charge)) if charge else (0, 0, "")
        if self._again(scripts.COMMIT, version, entry_text(entry), *paid) == b"stale":
            raise self.store.stale(self.name)
        self._charge = None

    def begin(self, balance: int | None) -> None:
        """Have this balance, and nothing spent."""
        self._again(scripts.BEGIN, FORMS["balance"].write(balance), new_version())

    def run(self, script: scripts.Script, *arguments: Any) -> Any:
        """What a script says of this tenant."""
        return self.store.link.run(script, self.name, *arguments)

    def _again(self, script: scripts.Script, *arguments: Any) -> Any:
        """What a script says; if the tenant was forgotten meanwhile, of one that has just begun."""
        answer = self.run(script, *arguments)
        while answer == b"gone":
            self.store.made(self.name)
            answer = self.run(script, *arguments)
        return answer


def new_version() -> str:
    """A name that no version had."""
    return secrets.token_hex(8)


def _set(text: str) -> str:
    """The part of a text that somebody set."""
    return text.partition("\n")[0]
