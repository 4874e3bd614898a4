"""Faults: what is to go wrong, and at which calls of a tenant. What they do to an answer is told in `effects`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cached_property
from hashlib import sha256
from statistics import NormalDist
from typing import Any

from ..contract.breaches import closest, shown
from ..contract.rules import MISSING
from ..errors import PixelpactError
from .faultkinds import COMMON, FIELDS, KINDS, LONGEST_WAIT, TRIGGERS, WORDS, Kind, is_number, number_from
from .faulttext import joined, split, text_of
from .journal import DOWNLOAD
from .state import Cell, Memory

# What a `Delivery` may ask of a door; each is the kind of fault of that name.
ACTS = ("timeout", "reset", "empty", "malformed-chunk", "truncated", "dribble")
# Named in a text by both names, with a dot.
GROUPS = ("match", "headers")


@dataclass
class BadFault(PixelpactError):
    """A fault that cannot be: `name` is the argument, `expected` its rule; `meant` is the nearest known name."""

    kind: str
    name: str
    expected: str
    received: Any
    meant: str | None = None

    def __str__(self) -> str:
        where = f"fault {self.kind}" if self.kind else "fault"
        hint = f" (did you mean {self.meant}?)" if self.meant else ""
        return f"{where}: {self.name}: expected {self.expected}, received {shown(self.received)}{hint}"


@dataclass(frozen=True)
class Fault:
    """One thing to go wrong on a hop, at the calls whose fields match and whose turn the triggers choose.

    `how` holds the kind's own arguments, `match` a shell pattern for each field that must match. `paid`: the picture is
    made and paid for before it hits. `turn` is how many calls have matched so far, `place` where the fault stands among
    its tenant's: which calls are hit, and how late they are, follows from the fault, its seed and these two alone.
    """

    kind: str
    on: str
    paid: bool
    how: Mapping[str, Any] = field(default_factory=dict)
    match: Mapping[str, str] = field(default_factory=dict)
    first: int | None = None
    every: int | None = None
    probability: float | None = None
    seed: int = 0
    turn: int = field(default=0, compare=False)
    place: int = field(default=0, compare=False)

    @property
    def json(self) -> dict[str, Any]:
        """The form of the control API; what is as it would be anyway is left out, but for the hop."""
        own = {name: value for name, value in self.how.items() if value != KINDS[self.kind].arguments[name].default}
        triggers = {name: getattr(self, name) for name, known in TRIGGERS.items()}
        said = {name: value for name, value in triggers.items() if value != TRIGGERS[name].default}
        paid = {} if self.paid == KINDS[self.kind].paid else {"paid": self.paid}
        match = {"match": dict(self.match)} if self.match else {}
        return {"kind": self.kind, **own, **said, "on": self.on, **paid, **match}

    @cached_property
    def text(self) -> str:
        """The form of the command line, which `parse` reads back."""
        usual = {"kind": self.kind, "on": KINDS[self.kind].on[0], "match": self.match}
        said = {name: value for name, value in self.json.items() if usual.get(name) != value}
        match = {name if name in FIELDS else f"match.{name}": pattern for name, pattern in self.match.items()}
        return joined(self.kind, said | match)

    @property
    def delay(self) -> float:
        """How many seconds a latency keeps the call of this turn waiting; 0 for every other kind."""
        if self.kind != "latency":
            return 0.0
        how = self.how
        if "low" in how:
            return float(how["low"] + (how["high"] - how["low"]) * self._drawn("delay"))
        if "median" in how:
            drawn = how["median"] * math.exp(how["sigma"] * NormalDist().inv_cdf(self._drawn("delay")))
            return float(min(drawn, LONGEST_WAIT))
        return float(how["seconds"])

    @property
    def hits(self) -> bool:
        """Whether the call of this turn is one that it hits."""
        return (
            (self.first is None or self.turn <= self.first)
            and (self.every is None or self.turn % self.every == 0)
            and (self.probability is None or self._drawn("hit") < self.probability)
        )

    def matches(self, hop: str, about: Mapping[str, Any]) -> bool:
        """Whether a call on that hop, with those fields, is one that it counts."""
        fits = (name in about and _fits(about[name], pattern) for name, pattern in self.match.items())
        return hop == self.on and all(fits)

    def _drawn(self, what: str) -> float:
        """A number between 0 and 1, both excluded."""
        digest = sha256(f"{what} {self.place} {self.turn} {self.text}".encode("utf-8", "surrogatepass")).digest()
        return (int.from_bytes(digest[:6], "big") + 0.5) / 2**48


class Faults:
    """The faults of a tenant. The cell has them in the order of their coming, each at the turn that it has reached."""

    def __init__(self, faults: Iterable[Fault] = (), cell: Cell[tuple[Fault, ...]] | None = None) -> None:
        self._faults = Memory(tuple(faults)) if cell is None else cell

    def add(self, kind: str, **how: Any) -> Fault:
        """Let something go wrong from now on. Raises BadFault."""
        return self.place(fault(kind, **how))

    def place(self, made: Fault) -> Fault:
        """Let a fault happen from now on that was made elsewhere."""
        self._faults.change(lambda faults: (*faults, made))
        return made

    def set(self, faults: Iterable[Fault]) -> None:
        """Let these happen from now on, and no others."""
        new = tuple(faults)
        self._faults.change(lambda _: new)

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        self.set(())

    def due(self, hop: str, about: Mapping[str, Any]) -> tuple[Fault, ...]:
        """The faults that hit a call with these fields; each that matches counts it, whether it hits or not."""
        # What is placed while this call comes in may well be too late for it.
        now = self._faults.value
        if not (now and any(made.matches(hop, about) for made in now)):
            return ()
        counted: tuple[Fault, ...] = ()

        def count(faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
            nonlocal counted
            new = [_counted(made, place, hop, about) for place, made in enumerate(faults)]
            counted = tuple(one for one, made in zip(new, faults, strict=True) if one is not made)
            return tuple(new)

        self._faults.change(count)
        return tuple(made for made in counted if made.hits)

    # The last method, as it takes its name away from the type.
    def list(self) -> list[Fault]:
        """The faults in the order of their coming, each at the turn that it has reached."""
        return [*self._faults.value]


def _counted(made: Fault, place: int, hop: str, about: Mapping[str, Any]) -> Fault:
    return replace(made, turn=made.turn + 1, place=place) if made.matches(hop, about) else made


def fault(kind: str, **how: Any) -> Fault:
    """A fault by its kind, arguments and triggers. Raises BadFault."""
    return _fault(kind, how)


def from_json(value: Any) -> Fault:
    """The fault of an object such as `{"kind": "status", "code": 429, "first": 2}`. Raises BadFault."""
    if not isinstance(value, dict):
        raise BadFault("", "body", 'an object such as {"kind": "reset"}', value)
    return _fault(value.get("kind"), {name: inner for name, inner in value.items() if name != "kind"})


def parse(text: str) -> Fault:
    """The fault of a text such as `status,code=429,first=2,prompt=*cat*`. Raises BadFault."""
    kind, pairs = split(text)
    known = _known(kind)
    how: dict[str, Any] = {}
    for name, value in pairs:
        group, _, inner = name.partition(".")
        place, key = (how.setdefault(group, {}), inner) if inner and group in GROUPS else (how, name)
        if value is None or key in place:
            raise BadFault(kind, "argument", "NAME=VALUE, once for each name", name)
        place[key] = _read(kind, known, name, value)
    return _fault(kind, how)


def describe() -> list[tuple[str, str]]:
    """What a fault may be told to be, for people: each word with what it means, the kinds first."""
    kinds = [(name, ". ".join([kind.summary, *_described(kind)])) for name, kind in KINDS.items()]
    return [*kinds, *WORDS.items()]


def _known(kind: Any) -> Kind:
    if isinstance(kind, str) and kind in KINDS:
        return KINDS[kind]
    meant = closest(kind, list(KINDS)) if isinstance(kind, str) else None
    raise BadFault("", "kind", f"one of {', '.join(KINDS)}", kind, meant)


def _fault(kind: Any, how: Mapping[str, Any]) -> Fault:
    known = _known(kind)
    given = _matched(kind, {name: value for name, value in how.items() if value is not None})
    _hold(kind, known, given)
    _hold_together(kind, known, given)
    match = {name: text_of(value) for name, value in given.get("match", {}).items()}
    own = {name: _plain(given.get(name, argument.default)) for name, argument in known.arguments.items()}
    return Fault(
        kind=kind,
        on=given.get("on", known.on[0]),
        paid=given.get("paid", known.paid),
        how={name: value for name, value in own.items() if value is not None},
        match=_plain(match),
        **{name: _plain(given.get(name, argument.default)) for name, argument in TRIGGERS.items()},
    )


def _fits(value: Any, pattern: str) -> bool:
    """Whether a value matches a shell pattern as text, or as the same number: 5 is 5.0."""
    return fnmatchcase(text_of(value), pattern) or (is_number(value) and value == _number_of(pattern))


def _number_of(text: str) -> float | None:
    try:
        return number_from(text)
    except ValueError:
        return None


def _plain(value: Any) -> Any:
    """A value in one form alone: equal faults say the same, and so draw the same."""
    if isinstance(value, Mapping):
        return {name: value[name] for name in sorted(value)}
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _matched(kind: str, given: dict[str, Any]) -> dict[str, Any]:
    """What was given, with the fields that need no `match.` moved in there."""
    bare = {name: given[name] for name in FIELDS if name in given}
    match = given.get("match", {})
    if not isinstance(match, Mapping):
        raise BadFault(kind, "match", COMMON["match"].expected, match)
    for name in bare.keys() & match.keys():
        raise BadFault(kind, name, "one pattern", [bare[name], match[name]])
    return {**{name: value for name, value in given.items() if name not in bare}, "match": {**match, **bare}}


def _hold(kind: str, known: Kind, given: Mapping[str, Any]) -> None:
    """Raise BadFault for what is not known, of a wrong form, or missing."""
    arguments = {**known.arguments, **COMMON}
    for name, value in given.items():
        if name not in arguments:
            meant = closest(name, [*arguments, *FIELDS])
            raise BadFault(kind, "argument", f"one of {', '.join(arguments)} or a match.FIELD", name, meant)
        if not arguments[name].holds(value):
            raise BadFault(kind, name, arguments[name].expected, value)
    for name, argument in known.arguments.items():
        if argument.required and name not in given:
            raise BadFault(kind, name, argument.expected, MISSING)


def _hold_together(kind: str, known: Kind, given: Mapping[str, Any]) -> None:
    """Raise BadFault for what does not go together."""
    own = given.keys() & known.arguments.keys()
    if known.forms and own not in known.forms:
        ways = ", or ".join(" and ".join(name for name in known.arguments if name in form) for form in known.forms)
        raise BadFault(kind, "argument", ways, sorted(own) or MISSING)
    if given.get("low", 0) > given.get("high", math.inf):
        raise BadFault(kind, "low", f"at most high, which is {given['high']}", given["low"])
    if given.get("on", known.on[0]) not in known.on:
        raise BadFault(kind, "on", " or ".join(known.on), given["on"])
    if "seed" in given and not given.keys() & {"probability", "low", "median"}:
        raise BadFault(kind, "seed", "something to draw beside it (the request's own is match.seed)", given["seed"])
    if "paid" in given and given["paid"] != known.paid and (not known.either or given.get("on") == DOWNLOAD):
        raise BadFault(kind, "paid", shown(known.paid), given["paid"])


def _read(kind: str, known: Kind, name: str, text: str) -> Any:
    """The value of an argument; a field of the request stays text, and so does what nobody knows."""
    argument = {**known.arguments, **COMMON}.get(name)
    try:
        return argument.read(text) if argument else text
    except (ValueError, LookupError) as reason:
        raise BadFault(kind, name, argument.expected if argument else "", text) from reason


def _described(kind: Kind) -> Iterator[str]:
    for name, argument in kind.arguments.items():
        default = f", {argument.default} unless told" if argument.default else ""
        yield f"{name}: {argument.expected}{default}"
