"""Rules about what a specification's descriptions say in words, against what its keywords say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ...descriptions import number
from ..document import Document
from ..findings import Reason, Rule

COUNT = re.compile(
    r"\b(?:up to|max(?:imum)?(?: of)?|at most|no more than)\s+(\d+)\s+(?:[a-z]+\s+){0,2}"
    r"(?:images?|urls?|pictures?|items?|files?|colou?rs|loras?|references?)\b|\(max(?:imum)?(?: of)?\s+(\d+)\)",
    re.IGNORECASE,
)
LENGTH = re.compile(
    r"\b(?:max(?:imum)?(?: length)?(?: of)?|up to|at most|limited to)[: ]\s*(\d[\d,]*)\s*(?:characters|chars)\b",
    re.IGNORECASE,
)
NUMBER = r"(-?\d[\d,]*\.?\d*)"
SPAN = re.compile(
    rf"(?:\(|\bbetween |\bfrom |\brange[: ]+){NUMBER}\s*(?:-|\u2013|\u2014|to|and)\s*{NUMBER}\s*%?(?=[).,;\s]|$)"
)
UNITS = re.compile(r"\s*(?:characters|images|pixels|px|seconds|MB|items)", re.IGNORECASE)
DEFAULT = re.compile(r"\bdefaults?(?: value)?(?: is|:)?(?: to)?\s*([\"'`]?)([\w.:-]*\w)\1(?=[\s.,;)]|$)", re.IGNORECASE)
ENDS = re.compile(r"\b(\d+) being the most \w+(?:,)? and (\d+) being the most\b", re.IGNORECASE)
MULTIPLE = re.compile(
    r"\bmultiples? of (\d+)\b(?!\s*(?:plus|minus|[+-]))|\bdivisible by (\d+)\b(?!\s*(?:plus|minus|[+-]))", re.IGNORECASE
)
THINGS = r"(?:images|pictures|urls|files|references)\b"
SEVERAL = re.compile(
    rf"\b(?:array|list|one or more|up to \d+)(?: of)? (?:[\w-]+ ){{0,3}}{THINGS}|\b(?:image|picture|url|file)\(s\)",
    re.IGNORECASE,
)
JOINED = re.compile(r"comma|separated|joined|delimited|string", re.IGNORECASE)
AMBIGUOUS = (
    (re.compile(r"\[\d+x\d+,\s*\d+x\d+\]"), "may bound each side or the area"),
    (
        re.compile(r"base64.*format must be in lower ?case", re.IGNORECASE),
        "may speak of the data URI's type or the encoding",
    ),
)
RETURNED = re.compile(
    r"\b(?:is|are) (?:always |also )?(?:returned|included) (?:in|with) the (?:response|answer)", re.IGNORECASE
)


def limit_twice(document: Document) -> Iterator[Reason]:
    """Descriptions that give a limit which the keywords beside them give otherwise."""
    for node, text in document.described:
        for find in STATEMENTS:
            for message in find(node.raw, text):
                yield Reason(document.at(node.pointer), f"{node.called}: {message}")


def other_type(document: Document) -> Iterator[Reason]:
    """Descriptions of several values where the schema takes one string."""
    for node, text in document.described:
        found = SEVERAL.search(text)
        if found and _is_one_string(node.raw) and not JOINED.search(text):
            message = f"{node.called}: described as several, {found[0]!r}, its type is string"
            yield Reason(document.at(node.pointer), message)


def ambiguous(document: Document) -> Iterator[Reason]:
    """Limits that can be read in two ways."""
    for node, text in document.described:
        for pattern, readings in AMBIGUOUS:
            if found := pattern.search(text):
                what = found[0] if len(found[0]) < 40 else f"{found[0][:20]}…{found[0][-20:]}"
                yield Reason(document.at(node.pointer), f"{node.called}: {what!r} {readings}")


def other_unit(document: Document) -> Iterator[Reason]:
    """Credits that are described as tokens, or the other way round."""
    for node, text in document.described:
        for unit, other in (("credits", "tokens"), ("tokens", "credits")):
            if unit in node.name and re.search(rf"\b{other}\b", text) and not re.search(rf"\b{unit}\b", text):
                yield Reason(document.at(node.pointer), f"{node.called}: {unit} by name, {other} by description")


def form_twice(document: Document) -> Iterator[Reason]:
    """Pictures that may be Base64 in words, and must be a URI by keyword."""
    for node, text in document.described:
        branches = [node.raw, *node.raw.get("anyOf", ()), node.raw.get("items", {})]
        formats = [branch["format"] for branch in branches if isinstance(branch, dict) and "format" in branch]
        linked = formats and all(format == "uri" for format in formats)
        if linked and re.search(r"\bbase64\b", text, re.IGNORECASE) and "data:" not in text:
            message = f"{node.called}: Base64 in words, uri by format: only a data URI is both"
            yield Reason(document.at(node.pointer), message)


def not_answered(document: Document) -> Iterator[Reason]:
    """Fields said to come back, which no answer has."""
    answers = {node.name for node in document.nodes if node.answer}
    for node, text in document.described:
        if node.name and not node.answer and RETURNED.search(text) and node.name not in answers and answers:
            message = f"{node.called}: said to be in the answer, whose schema has no such field"
            yield Reason(document.at(node.pointer), message)


def _is_one_string(raw: Mapping[str, Any]) -> bool:
    return raw.get("type") == "string" and not {"anyOf", "oneOf", "items", "enum"} & set(raw)


def _counts(raw: Mapping[str, Any], text: str) -> Iterator[str]:
    branches = [raw, *(branch for branch in raw.get("anyOf", ()) if isinstance(branch, dict))]
    limits = {branch["maxItems"] for branch in branches if isinstance(branch.get("maxItems"), int)}
    if raw.get("type") in ("number", "integer") and "maximum" in raw:
        limits = {raw["maximum"]}
    for found in COUNT.finditer(text):
        said = int(found[1] or found[2])
        if limits and said not in limits:
            yield f"up to {said} in words, up to {min(limits)} by keyword"


def _lengths(raw: Mapping[str, Any], text: str) -> Iterator[str]:
    for found in LENGTH.finditer(text):
        if "maxLength" in raw and number(found[1]) != raw["maxLength"]:
            yield f"up to {found[1]} characters in words, {raw['maxLength']} by keyword"


def _spans(raw: Mapping[str, Any], text: str) -> Iterator[str]:
    if raw.get("type") in ("number", "integer"):
        for found in SPAN.finditer(text):
            said = number(found[1]), number(found[2])
            bounds = raw.get("minimum", said[0]), raw.get("maximum", said[1])
            if said[0] < said[1] and said != bounds and not UNITS.match(text, found.end()):
                yield f"from {said[0]} to {said[1]} in words, from {bounds[0]} to {bounds[1]} by keyword"


def _defaults(raw: Mapping[str, Any], text: str) -> Iterator[str]:
    if "default" not in raw:
        return
    given = raw["default"]
    values = {str(value).lower() for value in raw.get("enum", ())}
    for found in DEFAULT.finditer(text):
        said = found[2]
        meant = found[1] or said.lower() in values or re.fullmatch(r"-?\d+(\.\d+)?|true|false", said, re.IGNORECASE)
        if meant and not _same(said, given):
            yield f"default {said} in words, {given} by keyword"


def _same(said: str, given: Any) -> bool:
    try:
        return float(said) == float(given)
    except (TypeError, ValueError):
        return said.lower() == str(given).lower()


def _ends(raw: Mapping[str, Any], text: str) -> Iterator[str]:
    numbers = [int(value) for value in raw.get("enum", ()) if str(value).isdecimal()]
    bounds = [raw[key] for key in ("minimum", "maximum") if key in raw] or numbers
    for found in ENDS.finditer(text):
        said = sorted((int(found[1]), int(found[2])))
        if len(bounds) > 1 and said != [min(bounds), max(bounds)]:
            yield f"from {said[0]} to {said[1]} in words, from {min(bounds)} to {max(bounds)} by keyword"


def _multiples(raw: Mapping[str, Any], text: str) -> Iterator[str]:
    for found in MULTIPLE.finditer(text):
        step = int(found[1] or found[2])
        for name, schema in [("", raw), *raw.get("properties", {}).items()]:
            for key in ("minimum", "maximum", "default"):
                value = schema.get(key) if isinstance(schema, dict) else None
                if isinstance(value, int) and not isinstance(value, bool) and step and value % step:
                    yield f"multiples of {step} in words, {f'{name} ' if name else ''}{key} {value} by keyword"


STATEMENTS: tuple[Callable[[Mapping[str, Any], str], Iterator[str]], ...] = (
    _counts,
    _lengths,
    _spans,
    _defaults,
    _ends,
    _multiples,
)
RULES = (
    Rule("PL421", "limit-twice", "warning", "A limit is one thing in words and another by keyword.", limit_twice),
    Rule("PL422", "other-type", "warning", "A value is described as several, its schema takes one.", other_type),
    Rule("PL423", "ambiguous-limit", "note", "A limit can be read in two ways.", ambiguous),
    Rule("PL424", "other-unit", "note", "A count is of one unit by name, of another by description.", other_unit),
    Rule("PL425", "form-twice", "note", "A picture may be Base64 in words, and must be a URI by keyword.", form_twice),
    Rule("PL426", "not-answered", "warning", "A field is said to come back, and no answer has it.", not_answered),
)
