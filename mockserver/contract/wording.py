"""Our `x-` keywords in plain words, a sentence each, for readers who do not know them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

FORMS = {
    "data-uri": "a data URI with a lower-case format",
    "base64": "bare base64",
    "url": "an http or https URL",
    "file": "an uploaded file, its bytes listed in `buffer.data`",
    # The same in a form.
    "part": "a file",
}
ANSWERED = {"url": "a link", "b64_json": "base64"}
SHOWN_NAMES = 12


def in_words(schema: Mapping[str, Any]) -> list[str]:
    """A sentence for each `x-` keyword of a schema, in the order of this table; those of its parts are theirs."""
    return [say(schema[keyword]) for keyword, say in SAID.items() if keyword in schema]


def _size(rule: Mapping[str, int]) -> str:
    area = _between(rule, "minArea", "maxArea", "pixels")
    sides = _between(rule, "minSide", "maxSide", "pixels each")
    limits = [text for text in (area and f"an area of {area}", sides and f"sides of {sides}") if text]
    return _sentence("Width and height in pixels as WxH, such as 1024x1024", *limits)


def _image(rule: Mapping[str, Any]) -> str:
    tolerated = [f"{_listed(rule['tolerated'])} may be read too"] if rule.get("tolerated") else []
    limits = [
        *([f"at most {rule['maxBytes']:,} bytes"] if "maxBytes" in rule else []),
        *([f"at most {rule['maxPixels']:,} pixels"] if "maxPixels" in rule else []),
        *([f"sides of at least {rule['minSide']:,} pixels"] if "minSide" in rule else []),
    ]
    ratio = _ratio(rule)
    given = f"A picture as {_listed([FORMS[form] for form in rule['forms']])}"
    return _sentence(given, _listed(rule["formats"]), *tolerated, *limits, *ratio)


def _ratio(rule: Mapping[str, Any]) -> list[str]:
    least, most = rule.get("minRatio"), rule.get("maxRatio")
    if least and most:
        return [f"width to height from {least} to {most}"]
    return [f"width to height of at {'least' if least else 'most'} {least or most}"] if least or most else []


def _output_size(ways: Sequence[Mapping[str, Any]]) -> str:
    return _sentence("Size of the picture, by the first that applies", *(WAYS[way["as"]](way) for way in ways))


def _by_names(way: Mapping[str, Any]) -> str:
    shown = [f"{name} is {size}" for name, size in list(way["sizes"].items())[:SHOWN_NAMES]]
    more = ["…"] if len(way["sizes"]) > SHOWN_NAMES else []
    return f"`{way['field']}` by name ({', '.join([*shown, *more])})"


def _by_ratio(way: Mapping[str, Any]) -> str:
    scale = f", as large as `{way['scale']['field']}` says" if "scale" in way else ""
    return f"`{way['field']}` as width:height{scale}, about {way['area']:,} pixels"


def _by_input(way: Mapping[str, Any]) -> str:
    most = f", scaled down to {way['maxArea']:,} pixels" if "maxArea" in way else ""
    return f"that of the first picture of `{way['field']}`{most}"


def _count(rule: Mapping[str, Any]) -> str:
    return f"`{rule['field']}` says how many pictures come."


def _form(rule: Mapping[str, Any]) -> str:
    cases = [f"{_json(value)} for {ANSWERED[form]}" for value, form in rule["cases"]]
    return f"`{rule['field']}` says how pictures come: {', '.join(cases)}."


def _container(rule: Mapping[str, Any]) -> str:
    cases = [f"{_json(value)} for {container}" for value, container in rule["cases"]]
    return f"`{rule['field']}` says the container: {', '.join(cases)}."


def _edit(rule: Mapping[str, Any]) -> str:
    return (
        f"The answer is the picture of `{rule['input']}` with a part of it changed: of its blocks of {rule['block']} "
        f"pixels, {rule['kept']:.0%} differ by at most {rule['within']} levels of 255, and one by {rule['changed']} "
        "or more."
    )


def _artefact(rule: Mapping[str, Any]) -> str:
    unsigned = "; an unsigned one may stand for it" if rule["unsigned"] else ""
    return f"A link signed by {rule['signing']}, good for {rule['lifetime']:,} seconds{unsigned}."


def _between(rule: Mapping[str, int], least: str, most: str, unit: str) -> str:
    if least in rule and most in rule:
        return f"{rule[least]:,} to {rule[most]:,} {unit}"
    if least in rule:
        return f"at least {rule[least]:,} {unit}"
    return f"at most {rule[most]:,} {unit}" if most in rule else ""


def _listed(words: Sequence[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _sentence(head: str, *parts: str) -> str:
    return f"{head}: {'; '.join(parts)}." if parts else f"{head}."


def _json(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


WAYS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "WxH": lambda way: f"`{way['field']}` as WxH",
    "names": _by_names,
    "object": lambda way: f"`{way['field']}` with its {way['width']} and {way['height']}",
    "sides": lambda way: f"`{way['field']}` and `{way['height']}`",
    "ratio": _by_ratio,
    "input": _by_input,
    "adaptive": lambda way: f"the closest of {len(way['table'])} sizes to the shape of `{way['field']}`",
    "fixed": lambda way: f"{way['size']}",
}
SAID: dict[str, Callable[[Any], str]] = {
    "x-size": _size,
    "x-image": _image,
    "x-output-size": _output_size,
    "x-count": _count,
    "x-form": _form,
    "x-container": _container,
    "x-edit": _edit,
    "x-artefact": _artefact,
}
