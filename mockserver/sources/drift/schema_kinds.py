"""The kinds of change to a schema, each judged twice: in a request, and in an answer."""

from __future__ import annotations

from .judgement import BREAKING, HARMLESS, RISKY, Judgement, Kind, callers, readers

FEWER = "what was accepted is refused"
MORE = "all that was accepted still is"
PROMISED_MORE = "all that may come is something that could come before"
TOLERANT = "read the fields that you need, and pass over the rest"


def _narrower(title: str, do: str) -> Kind:
    """Less is allowed now: it breaks who sends it, and nobody who reads."""
    return Kind(title, callers(BREAKING, FEWER, do), readers(HARMLESS, PROMISED_MORE))


def _wider(title: str, why: str, do: str) -> Kind:
    """More is allowed now: it breaks who reads, and nobody who sends."""
    return Kind(title, callers(HARMLESS, MORE), readers(BREAKING, why, do))


def _prose(title: str, why: str) -> Kind:
    """A limit that only a description states."""
    do = "check what you send and read against it: no validator does"
    return Kind(f"{title} (in prose)", callers(RISKY, why, do), readers(RISKY, why, do))


SCHEMA_KINDS: dict[str, Kind] = {
    "replaced": Kind(
        "another form altogether",
        callers(BREAKING, "no field of the old form is left", "write the request anew"),
        readers(
            BREAKING, "no field of the old form is left", "write the reader anew; read both until all servers moved"
        ),
    ),
    "field-added": Kind(
        "field added",
        callers(HARMLESS, "it may be left out"),
        readers(HARMLESS, "who passes over unknown fields sees no change; a reader that refuses them breaks", TOLERANT),
    ),
    "field-admitted": Kind(
        "field added to a closed form",
        callers(HARMLESS, "it may be left out"),
        readers(RISKY, "the form admitted no other field before: a strict reader refuses this one", TOLERANT),
    ),
    "field-needed": Kind(
        "required field added",
        callers(BREAKING, "a request without it is refused", "send `{name}`"),
        readers(HARMLESS, "who passes over unknown fields sees no change; a reader that refuses them breaks", TOLERANT),
    ),
    "field-needed-too": Kind(
        "required field added to a closed form",
        callers(BREAKING, "a request without it is refused", "send `{name}`"),
        readers(RISKY, "the form admitted no other field before: a strict reader refuses this one", TOLERANT),
    ),
    "field-removed": Kind(
        "field removed",
        callers(BREAKING, "it has no effect any more, or is refused", "stop sending `{name}`, and say it another way"),
        readers(BREAKING, "a reader that takes it finds nothing", "do without `{name}`"),
    ),
    "field-renamed": Kind(
        "field renamed (a guess)",
        callers(
            BREAKING, "the old name has no effect any more, or is refused", "send `{after}` in place of `{before}`"
        ),
        readers(
            BREAKING, "a reader of the old name finds nothing", "read `{after}`, and `{before}` where it is missing"
        ),
    ),
    "unpromised": Kind(
        "field seen, and not promised",
        None,
        readers(
            RISKY, "it came when the answers were recorded, and no document promises it", "do not rely on `{name}`"
        ),
    ),
    "undocumented": Kind(
        "field not documented",
        None,
        readers(
            HARMLESS, "it came, and no document tells of it; a reader that refuses unknown fields breaks", TOLERANT
        ),
    ),
    "required": Kind(
        "now required",
        callers(BREAKING, "a request without it is refused", "always send `{name}`"),
        readers(HARMLESS, "it always comes now"),
    ),
    "optional": Kind(
        "required no more",
        callers(HARMLESS, "it may still be sent"),
        readers(BREAKING, "an answer without it is a good one", "read `{name}` as one that may be missing"),
    ),
    "type-changed": Kind(
        "another type",
        callers(BREAKING, "what was accepted is refused", "send it as {after}"),
        readers(BREAKING, "it comes as another type", "read it as {after}, and as {before} until all servers moved"),
    ),
    "type-narrowed": _narrower("fewer types", "send it as {after}"),
    "type-widened": _wider("more types", "it may come as another type", "read it as {after}"),
    "type-spelt": Kind(
        "type stated or left out",
        callers(HARMLESS, "its values had that type all the same"),
        readers(HARMLESS, "its values had that type all the same"),
    ),
    "nullable": _wider("may be null", "null may come in its place", "check `{name}` for null"),
    "not-nullable": _narrower("null no more", "leave `{name}` out in place of null"),
    "list-stated": _narrower("only listed values", "send one of: {after}"),
    "list-narrowed": _narrower("fewer values", "send none of those that are gone ({before} → {after})"),
    "list-changed": Kind(
        "other values",
        callers(BREAKING, "some values that were accepted are refused", "send one that is still listed ({after})"),
        readers(BREAKING, "values may come that nobody knew of", "handle a value that you do not know ({after})"),
    ),
    "list-widened": _wider("more values", "values may come that nobody knew of", "handle a value that you do not know"),
    "list-dropped": _wider("any value", "values may come that nobody knew of", "handle a value that you do not know"),
    "bound-tightened": _narrower("tighter bound", "keep to it: {after}"),
    "bound-loosened": Kind(
        "looser bound",
        callers(HARMLESS, MORE),
        readers(
            RISKY, "larger or smaller values may come; few readers check", "check columns and buffers that hold it"
        ),
    ),
    "rule-stated": _narrower("further rule", "keep to it: {after}"),
    "rule-dropped": Kind(
        "rule dropped",
        callers(HARMLESS, MORE),
        readers(RISKY, "values may come that the rule kept out", "check whether you rely on {before}"),
    ),
    "rule-changed": Kind(
        "another rule",
        callers(BREAKING, "nobody can tell by the rules alone which values are refused now", "keep to it: {after}"),
        readers(RISKY, "values may come that the old rule kept out", "check whether you rely on {before}"),
    ),
    "meaning-changed": Kind(
        "another meaning",
        Judgement(
            RISKY,
            RISKY,
            "the same request is answered with other pictures: size, number, form or encoding",
            "state what you want in the request, and check what came",
        ),
        readers(RISKY, "the field tells something else", "check what you take it for"),
    ),
    "closed": Kind(
        "unknown fields refused",
        callers(BREAKING, "a request with a field that is not described is refused", "send described fields only"),
        readers(HARMLESS, PROMISED_MORE),
    ),
    "opened": Kind(
        "unknown fields allowed",
        callers(HARMLESS, MORE),
        readers(RISKY, "other fields may come: a strict reader refuses them", TOLERANT),
    ),
    "default-stated": Kind(
        "default stated",
        callers(HARMLESS, "whoever leaves it out is told now what is taken; nothing was said before"),
        readers(HARMLESS, "a default decides nothing in an answer"),
    ),
    "default-changed": Kind(
        "another default",
        callers(
            RISKY, "whoever leaves it out gets other pictures than before", "send `{name}` as {before} to keep them"
        ),
        readers(HARMLESS, "a default decides nothing in an answer"),
    ),
    "default-dropped": Kind(
        "default dropped",
        callers(RISKY, "nobody says any more what is taken where it is left out", "send `{name}` as {before}"),
        readers(HARMLESS, "a default decides nothing in an answer"),
    ),
    "form-default-changed": Kind(
        "another default",
        Judgement(RISKY, BREAKING, "whoever leaves it out gets answers of another form", "send `{name}` as {before}"),
        readers(HARMLESS, "a default decides nothing in an answer"),
    ),
    "form-default-dropped": Kind(
        "default dropped",
        Judgement(RISKY, RISKY, "nobody says any more in which form answers come", "send `{name}` as {before}"),
        readers(HARMLESS, "a default decides nothing in an answer"),
    ),
    "deprecated": Kind(
        "deprecated",
        callers(RISKY, "it still works, and may be gone with the next revision", "plan to do without `{name}`"),
        readers(RISKY, "it still comes, and may be gone with the next revision", "plan to do without `{name}`"),
    ),
    "undeprecated": Kind(
        "deprecated no more",
        callers(HARMLESS, "it is meant to be used again"),
        readers(HARMLESS, "it is meant to be used again"),
    ),
    "prose-stated": _prose("limit stated", "the description names a limit that was not there"),
    "prose-changed": _prose("another limit", "the description names another limit"),
    "prose-dropped": _prose("limit dropped", "the description names a limit no more; the service may hold to it"),
}
