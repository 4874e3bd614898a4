"""What a test expected of a call, beside what came: one computation gives the verdict and the message.

Nothing here knows the journal: a call is what it sent, and what is known of it besides.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from itertools import takewhile
from pathlib import Path
from typing import Any

from .redacted import field_of, is_picture

MOST_SHOWN = 3
LONGEST = 60
# What stands before the first difference of two long texts.
BEFORE = 20
ELLIPSIS = "…"
# What is known of a call but no field of it.
BESIDE = frozenset({"status"})
# What may be wrong where there is nothing of a kind.
HINTS = {"download": "does the client follow the links that it is given?"}
HINT = "does the client use this mock's URL and key?"


class Missing:
    """The value of a field that was not sent."""

    def __repr__(self) -> str:
        return "nothing"


MISSING = Missing()


@dataclass(frozen=True)
class Subject:
    """A call to be matched: what it sent, and what is known besides, for fields that it did not send."""

    title: str
    sent: Mapping[str, Any]
    known: Mapping[str, Any]


@dataclass(frozen=True)
class Wanted:
    """What is expected of a field: in words, and as a test of its value.

    `text` is the exact text, if it is one. `sent`: only what was sent counts, not what is known besides.
    """

    says: str
    holds: Callable[[Any], bool]
    text: str | None = None
    sent: bool = False


@dataclass(frozen=True)
class Line:
    """One field of a call: `=` as wanted, `!` otherwise, `+` sent besides.

    `alike` is 0 to 1: how much of two texts is the same before they differ.
    """

    mark: str
    name: str
    wanted: str
    came: str
    alike: float = 0.0


@dataclass(frozen=True)
class Compared:
    """A call beside what was wanted of it, a line a field."""

    title: str
    lines: tuple[Line, ...]

    @property
    def misses(self) -> int:
        """How many fields are not as wanted; none, and the call is what was meant."""
        return sum(line.mark == "!" for line in self.lines)

    @property
    def distance(self) -> float:
        """How far it is from what was wanted: of two texts, the later they differ the less, down to half."""
        return self.misses - sum(line.alike for line in self.lines) / 2

    def __str__(self) -> str:
        names = max((len(line.name) for line in self.lines), default=0)
        wants = max((len(line.wanted) for line in self.lines if line.mark == "!"), default=0)
        lines = (f"  {line.mark} {line.name:<{names}}  {_said(line, wants)}" for line in self.lines)
        return "\n".join([self.title, *lines])


def demand(noun: str, subjects: Sequence[Subject], fields: Mapping[str, Any], times: int | None = None) -> None:
    """Raise AssertionError unless some subject, or exactly so many, has all fields as wanted."""
    __tracebackhide__ = True
    asked = {name: wanted(name, value) for name, value in fields.items()}
    compared = [compare(subject, asked) for subject in subjects]
    hits = [one for one in compared if not one.misses]
    if len(hits) == times or (times is None and hits):
        return
    head = f"expected {_number(noun, times)}{_with(asked)}; {_counted(noun, len(hits), len(compared), len(asked))}"
    too_many = times is not None and len(hits) > times
    shown = hits if too_many else nearest(compared)
    raise AssertionError("\n\n".join([head, *map(str, shown[:MOST_SHOWN])]))


def compare(subject: Subject, asked: Mapping[str, Wanted]) -> Compared:
    """Every field that is wanted or was sent."""
    lines = [_compared(name, one, subject) for name, one in asked.items()]
    besides = [Line("+", name, "", told(value)) for name, value in subject.sent.items() if name not in asked]
    return Compared(subject.title, (*lines, *besides))


def nearest(compared: Sequence[Compared]) -> list[Compared]:
    """Those that are not as wanted, the nearest first; of two that are equally near, the later is likelier meant."""
    return sorted((one for one in reversed(compared) if one.misses), key=lambda one: one.distance)


def wanted(name: str, value: Any) -> Wanted:
    """What a test means by the value of a field."""
    return next(make for applies, make in KINDS if applies(value))(name, value)


def told(value: Any, start: int = 0) -> str:
    """A value for people, short; a long text from about `start` on."""
    if is_picture(value):
        return f"a picture: {value['picture']}, {value['bytes']:,} bytes, SHA-256 {value['sha256'][:12]}{ELLIPSIS}"
    if isinstance(value, str) and len(value) > LONGEST:
        begin = max(0, start - BEFORE)
        piece = value[begin : begin + LONGEST]
        value = f"{ELLIPSIS if begin else ''}{piece}{ELLIPSIS if begin + LONGEST < len(value) else ''}"
    if isinstance(value, list) and any(map(is_picture, value)):
        more = [ELLIPSIS] if len(value) > MOST_SHOWN else []
        return f"[{', '.join([*map(told, value[:MOST_SHOWN]), *more])}]"
    text = repr(value)
    return text if len(text) <= LONGEST + 4 or isinstance(value, str) else f"{text[:LONGEST]}{ELLIPSIS}"


def _compared(name: str, one: Wanted, subject: Subject) -> Line:
    if one.sent or name in subject.sent or name not in subject.known:
        return _line(name, one, subject.sent.get(name, MISSING))
    line = _line(name, one, subject.known[name])
    return line if name in BESIDE else replace(line, came=f"{line.came} (not sent: the picture's)")


def _line(name: str, one: Wanted, came: Any) -> Line:
    holds = one.holds(came)
    if holds or one.text is None or not isinstance(came, str):
        return Line("=" if holds else "!", name, one.says, told(came))
    same = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(one.text, came, strict=False))))
    return Line("!", name, told(one.text, same), told(came, same), same / max(len(one.text), len(came)))


def _said(line: Line, width: int) -> str:
    return f"wanted {line.wanted:<{width}}  came {line.came}" if line.mark == "!" else line.came


def _number(noun: str, times: int | None) -> str:
    if times is None:
        return f"{'an' if noun[0] in 'aeiouAEIOU' else 'a'} {noun}"
    return f"no {noun}" if times == 0 else f"exactly {times} {noun}{'' if times == 1 else 's'}"


def _with(asked: Mapping[str, Wanted]) -> str:
    said = ", ".join(f"{name}={one.says}" for name, one in asked.items())
    return f" with {said}" if said else ""


def _counted(noun: str, hits: int, calls: int, fields: int) -> str:
    if not calls:
        return f"there was none: {HINTS.get(noun, HINT)}"
    if not fields:
        return f"there {'was' if calls == 1 else 'were'} {calls}"
    return f"{hits or 'none'} of {calls} had {'it' if fields == 1 else 'all of it'}"


def _exact(name: str, value: Any) -> Wanted:
    kept = field_of(name, value)
    return Wanted(
        told(kept if is_picture(kept) else value),
        lambda came: _same(came, kept),
        kept if isinstance(kept, str) else None,
    )


def _same(came: Any, value: Any) -> bool:
    """Equal as JSON: 1 is 1.0, but not true."""
    return came == value and isinstance(came, bool) is isinstance(value, bool)


def _pattern(name: str, value: str) -> Wanted:
    """A text may have an asterisk of its own."""
    kept = field_of(name, value)
    return Wanted(told(value), lambda came: came == kept or _matches(came, lambda text: fnmatchcase(text, value)))


def _regex(_: str, value: re.Pattern[str]) -> Wanted:
    says = f"a match of {told(value.pattern)}"
    return Wanted(says, lambda came: _matches(came, lambda text: value.search(text) is not None))


def _matches(came: Any, test: Callable[[str], bool]) -> bool:
    """Whether a value matches as text; a picture as the beginning of its data URI."""
    if came is MISSING:
        return False
    if is_picture(came):
        return test(f"data:{came['picture']};base64,")
    return test(came if isinstance(came, str) else json.dumps(came))


def _of_type(_: str, value: type) -> Wanted:
    return Wanted(f"any {value.__name__}", lambda came: _is_of(came, value))


def _is_of(came: Any, kind: type) -> bool:
    if is_picture(came):
        return kind in (dict if came.get("form") == "file" else str, object)
    if isinstance(came, bool):
        return kind in (bool, object)
    return came is not MISSING and isinstance(came, (int, float) if kind is float else kind)


def _data(_: str, value: bytes | Path) -> Wanted:
    data = value.read_bytes() if isinstance(value, Path) else value
    digest = hashlib.sha256(data).hexdigest()
    says = f"a picture of {len(data):,} bytes, SHA-256 {digest[:12]}{ELLIPSIS}"
    return Wanted(says, lambda came: _digest(came) == digest)


def _digest(came: Any) -> str | None:
    """The SHA-256 of a picture, in a body or by the name that a recipe calls it."""
    if is_picture(came):
        return str(came["sha256"])
    return came.removeprefix("sha256:") if isinstance(came, str) else None


def _is_loose(value: Any) -> bool:
    """Whether a list or an object has something in it that is more than a value: a file, a type, a test."""
    if isinstance(value, (list, Mapping)):
        return any(map(_is_loose, value.values() if isinstance(value, Mapping) else value))
    return isinstance(value, (Wanted, type, re.Pattern, bytes, Path)) or callable(value)


def _inside(name: str, value: Any) -> Wanted:
    """What is meant by a value inside of a field, where null is a value."""
    return _exact(name, None) if value is None else wanted(name, value)


def _listed(name: str, value: list[Any]) -> Wanted:
    """A list, each element as it is wanted."""
    each = [_inside(name, inner) for inner in value]

    def holds(came: Any) -> bool:
        alike = isinstance(came, list) and len(came) == len(each)
        return alike and all(one.holds(inner) for one, inner in zip(each, came, strict=True))

    return Wanted(f"[{', '.join(one.says for one in each)}]", holds)


def _keyed(_: str, value: Mapping[str, Any]) -> Wanted:
    """An object, each field as it is wanted."""
    each = {name: _inside(name, inner) for name, inner in value.items()}

    def holds(came: Any) -> bool:
        alike = isinstance(came, Mapping) and came.keys() == each.keys()
        return alike and all(one.holds(came[name]) for name, one in each.items())

    return Wanted(f"{{{', '.join(f'{name}={one.says}' for name, one in each.items())}}}", holds)


def _judged(_: str, value: Callable[[Any], Any]) -> Wanted:
    named = getattr(value, "__name__", type(value).__name__)
    return Wanted(f"what {named} accepts", lambda came: came is not MISSING and bool(value(came)))


# The first that applies; a type is callable too.
KINDS: tuple[tuple[Callable[[Any], bool], Callable[[str, Any], Wanted]], ...] = (
    (lambda value: isinstance(value, Wanted), lambda _, value: value),
    (lambda value: value is None, lambda *_: Wanted("nothing", lambda came: came is MISSING, sent=True)),
    (lambda value: isinstance(value, type), _of_type),
    (lambda value: isinstance(value, re.Pattern), _regex),
    (lambda value: isinstance(value, (bytes, Path)), _data),
    (callable, _judged),
    (lambda value: isinstance(value, list) and _is_loose(value), _listed),
    (lambda value: isinstance(value, Mapping) and _is_loose(value), _keyed),
    (lambda value: isinstance(value, str) and "*" in value, _pattern),
    (lambda _: True, _exact),
)
