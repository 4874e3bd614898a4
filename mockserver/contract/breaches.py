"""What is wrong with a value: pointer, rule, what was allowed, what was received, and the source of the rule."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from ..errors import PixelpactError
from .keywords import Dialect
from .rules import MISSING
from .sources import Source, Sources, names_of

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

LONGEST = 80
READ = 4096
# More levels than that are in no text that is shown.
DEEPEST = 100
# A URL's user and query, in JSON text as well: they may hold passwords and signatures.
URL_USER = re.compile(r"://(?:[^\"\\/?#@]|\\.)*@")
# JSON leaves these as they are; a terminal or a log would obey them.
CONTROL = re.compile(r"[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
URL_QUERY = re.compile(r"(://(?:[^\"\\?#]|\\.)*[?#])(?:[^\"\\]|\\.)+")


@dataclass(frozen=True)
class Breach:
    """One broken rule. `allowed` and `received` are for people.

    `value` is what was received, None if missing; `bound` is the rule's own value: a minimum, a list of options.
    """

    pointer: str
    rule: str
    allowed: str
    received: str
    sources: tuple[Source, ...] = ()
    suggestion: str | None = None
    value: Any = None
    bound: Any = None

    @property
    def field(self) -> str:
        """The pointer as a path with dots: `args.size`, `data.0.url`; `body` for the whole."""
        return self.pointer.lstrip("/").replace("/", ".") or "body"

    @property
    def assumed(self) -> bool:
        """Whether nobody has seen this rule at work: all its sources are assumptions."""
        return all(source.standing == "assumed" for source in self.sources)

    def __str__(self) -> str:
        hint = f" (did you mean {self.suggestion}?)" if self.suggestion else ""
        return f"{self.field}: expected {self.allowed} ({self.rule}), received {self.received}{hint}"


@dataclass
class InvalidRequest(PixelpactError):
    """A body that its model's schema refuses; there is at least one breach."""

    breaches: tuple[Breach, ...]

    def __str__(self) -> str:
        return "; ".join(map(str, self.breaches))


def find_breaches(validator: Dialect, value: Any, sources: Sources) -> Iterator[Breach]:
    """Every rule of the validator's schema that the value breaks; of a wrong type only that."""
    errors = sorted(validator.iter_errors(value), key=lambda error: [str(part) for part in error.absolute_path])
    mistyped = [error.absolute_path for error in errors if error.validator == "type"]
    for error in errors:
        if error.validator == "type" or error.absolute_path not in mistyped:
            yield _breach(error, sources)


def shown(value: Any) -> str:
    """A value as JSON on one short line; a long string by its length, so that no picture is quoted."""
    if value is MISSING:
        return "nothing"
    if isinstance(value, str) and len(value) > LONGEST:
        return f"a string of {len(value):,} characters beginning {_quoted(_public(value)[:24])}"
    if isinstance(value, (dict, list)) and len(value) > LONGEST:
        return f"{'an object' if isinstance(value, dict) else 'an array'} of {len(value):,}"
    text = _public(_quoted(value))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _quoted(value: Any) -> str:
    return CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", _begun(_pieces(value)))


def _begun(pieces: Iterator[str]) -> str:
    text = ""
    for piece in pieces:
        text += piece
        if len(text) >= READ:
            break
    return text[:READ]


def _pieces(value: Any, depth: int = 0) -> Iterator[str]:
    """A value as JSON, piece by piece, so that no more of it is written out than is shown."""
    if isinstance(value, str):
        yield json.dumps(value[:READ], ensure_ascii=False)
    elif not value or not isinstance(value, (dict, list)):
        yield json.dumps(value, ensure_ascii=False, default=str)
    elif depth == DEEPEST:
        yield "…"
    elif isinstance(value, dict):
        for index, (key, inner) in enumerate(value.items()):
            yield f"{', ' if index else '{'}{json.dumps(str(key)[:READ], ensure_ascii=False)}: "
            yield from _pieces(inner, depth + 1)
        yield "}"
    else:
        for index, inner in enumerate(value):
            yield ", " if index else "["
            yield from _pieces(inner, depth + 1)
        yield "]"


def _public(text: str) -> str:
    """The beginning of a text or of JSON, without what may be secret in its URLs."""
    return URL_QUERY.sub(r"\1…", URL_USER.sub("://", text[:READ]))


def closest(word: str, words: Iterable[str]) -> str | None:
    """The word that was probably meant, if any is near."""
    # What is longer is no slip of the pen.
    if len(word) > LONGEST:
        return None
    known = {other.lower(): other for other in words if len(other) <= LONGEST}
    near = get_close_matches(word.lower(), known, n=1, cutoff=0.7)
    if near:
        return known[near[0]]
    inside = [other for key, other in known.items() if min(len(key), len(word)) > 2 and _overlap(key, word.lower())]
    return inside[0] if len(inside) == 1 else None


def _overlap(one: str, other: str) -> bool:
    return one in other or other in one


def _breach(error: ValidationError, sources: Sources) -> Breach:
    rule = str(error.validator)
    schema = error.schema if isinstance(error.schema, Mapping) else {}
    allowed = ALLOWED[rule](error.validator_value) if rule in ALLOWED else error.message
    return Breach(
        pointer="".join(f"/{part}" for part in error.absolute_path),
        rule=rule,
        allowed=allowed,
        received=shown(error.instance),
        sources=tuple(sources[name] for name in names_of(schema, rule)),
        suggestion=_meant(rule, error),
        value=None if error.instance is MISSING else error.instance,
        bound=error.validator_value,
    )


def _meant(rule: str, error: ValidationError) -> str | None:
    if rule == "additionalProperties" and isinstance(error.instance, dict):
        known = list(error.schema.get("properties", {})) if isinstance(error.schema, Mapping) else []
        strange = next((name for name in error.instance if name not in known), "")
        return closest(strange[:LONGEST], known)
    if rule == "enum" and isinstance(error.instance, str):
        allowed: Any = error.validator_value
        return closest(error.instance, [value for value in allowed if isinstance(value, str)])
    return None


def _types(value: str | list[str]) -> str:
    return " or ".join([value] if isinstance(value, str) else value)


ALLOWED: dict[str, Callable[[Any], str]] = {
    "type": _types,
    "enum": lambda values: " | ".join(json.dumps(value, ensure_ascii=False) for value in values),
    "const": lambda value: json.dumps(value, ensure_ascii=False),
    "minimum": lambda least: f"at least {least}",
    "maximum": lambda most: f"at most {most}",
    "exclusiveMinimum": lambda bound: f"more than {bound}",
    "exclusiveMaximum": lambda bound: f"less than {bound}",
    "minLength": lambda least: f"at least {least} character{'s' * (least != 1)}",
    "maxLength": lambda most: f"at most {most} characters",
    "minItems": lambda least: f"at least {least} item{'s' * (least != 1)}",
    "maxItems": lambda most: f"at most {most} item{'s' * (most != 1)}",
    "format": lambda _: "an absolute URI",
    "pattern": lambda pattern: f"a string that matches {pattern}",
    "oneOf": lambda branches: f"exactly one of {len(branches)} forms ({_forms(branches)})",
    "anyOf": lambda branches: f"one of {len(branches)} forms ({_forms(branches)})",
}


def _forms(branches: list[Mapping[str, Any]]) -> str:
    return " or ".join(", ".join(branch.get("required", ["…"])) for branch in branches)
