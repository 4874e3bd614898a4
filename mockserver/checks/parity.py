"""Two servers under one plan: where their skeletons differ, who is likely to be wrong, and the file that keeps them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..contract.breaches import find_breaches
from ..contract.keywords import Dialect
from ..contract.parsing import parse
from ..errors import InvalidJson, PixelpactError

VERSION = 1
MOCK = "mock"
ABSENT = "absent"
NOT_SENT = "not sent"
SHOWN_LABELS = 3
KINDS = ("case", "status", "media type", "header", "body", "picture")

# Who breaks the contract at a label, and whether our mock is one of the two: the likely owner, and why.
OWNERS: dict[tuple[str, bool], tuple[str, str]] = {
    ("neither", False): ("docs", "neither breaks the contract: it leaves this open"),
    ("neither", True): ("mock or docs", "the contract allows both"),
    ("both", False): ("server", "both break the contract here"),
    ("both", True): ("docs", "the mock and a server both break the contract here: it may be misread"),
}
PLAN = ("plan", "a case that one side was not asked says nothing of either")


@dataclass(frozen=True)
class Observation:
    """The skeleton of one case's answer; `findings` are the codes of the checks that did not hold there."""

    label: str
    skeleton: Mapping[str, Any]
    findings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Skeletons:
    """What one run saw of a target under a profile."""

    target: str
    profile: str
    observations: tuple[Observation, ...]


@dataclass(frozen=True)
class Difference:
    """One place where two servers differ in the same way, at every label where they do."""

    labels: tuple[str, ...]
    where: str
    one: str
    other: str
    owner: str
    why: str
    names: tuple[str, str] = (MOCK, "live")

    @property
    def count(self) -> int:
        """At how many labels it was seen."""
        return len(self.labels)

    def lines(self) -> list[str]:
        """The difference as lines for people; what a server wrote is in them as it came."""
        more = f" and {self.count - SHOWN_LABELS} more" if self.count > SHOWN_LABELS else ""
        return [
            f"{self.where} ({self.count}: {', '.join(self.labels[:SHOWN_LABELS])}{more})",
            f"  {self.names[0]}: {self.one} | {self.names[1]}: {self.other}",
            f"  likely {self.owner}: {self.why}",
        ]


@dataclass
class SkeletonsRefused(PixelpactError):
    """Skeletons that cannot be used; `pointer` is the JSON pointer of the place in the file."""

    pointer: str
    reason: str

    def __str__(self) -> str:
        return f"skeletons#{self.pointer}: {self.reason}"


def compare(
    one: Sequence[Observation], other: Sequence[Observation], names: tuple[str, str] = (MOCK, "live")
) -> list[Difference]:
    """Every difference between two runs of one plan, equal ones merged. Raises SkeletonsRefused for a doubled label."""
    left, right = _by_label(one), _by_label(other)
    labels = defaultdict(list)
    for label in sorted({*left, *right}):
        for key in _differences(left.get(label), right.get(label), names):
            labels[key].append(label)
    found = [Difference(tuple(labels[key]), *key, names=names) for key in labels]
    return sorted(found, key=lambda found: (*_rank(found.where), found.one, found.other, found.labels))


def to_json(skeletons: Skeletons) -> str:
    """The skeleton file: equal observations give equal bytes, in whatever order they were made; each is told once."""
    alike: dict[str, dict[str, Any]] = {}
    for seen in sorted(skeletons.observations, key=lambda seen: seen.label):
        rest = {"skeleton": seen.skeleton, "findings": sorted(set(seen.findings))}
        alike.setdefault(json.dumps(rest, sort_keys=True), {"labels": [], **rest})["labels"].append(seen.label)
    content = {
        "pixelpact-skeletons": VERSION,
        "target": skeletons.target,
        "profile": skeletons.profile,
        "observations": list(alike.values()),
    }
    return json.dumps(content, indent=2, sort_keys=True) + "\n"


def from_json(data: bytes) -> Skeletons:
    """The skeletons of a file. Raises SkeletonsRefused with the place and the rule that it breaks."""
    try:
        content = parse(data)
    except InvalidJson as reason:
        raise SkeletonsRefused("", str(reason)) from reason
    breach = next(find_breaches(Dialect(FILE), content, {}), None)
    if breach is not None:
        raise SkeletonsRefused(breach.pointer, f"expected {breach.allowed} ({breach.rule}), received {breach.received}")
    seen = tuple(
        Observation(label, each["skeleton"], tuple(each["findings"]))
        for each in content["observations"]
        for label in each["labels"]
    )
    _by_label(seen)
    return Skeletons(content["target"], content["profile"], seen)


def _by_label(observations: Iterable[Observation]) -> dict[str, Observation]:
    found: dict[str, Observation] = {}
    for seen in observations:
        if seen.label in found:
            raise SkeletonsRefused("/observations", f"expected another label, {seen.label!r} was before")
        found[seen.label] = seen
    return found


def _differences(
    one: Observation | None, other: Observation | None, names: tuple[str, str]
) -> Iterator[tuple[str, str, str, str, str]]:
    if one is None or other is None:
        sides = [NOT_SENT if seen is None else "sent" for seen in (one, other)]
        yield "case", sides[0], sides[1], *PLAN
        return
    left, right = _places(one.skeleton), _places(other.skeleton)
    for where in _apart(left, right):
        yield where, left.get(where, ABSENT), right.get(where, ABSENT), *_owner(one, other, names)


def _apart(left: Mapping[str, str], right: Mapping[str, str]) -> list[str]:
    """The places that differ, without those that only follow from another."""
    apart = [where for where in {**left, **right} if left.get(where) != right.get(where)]
    if left["status"][0] != right["status"][0]:
        # A refusal and a picture have nothing else in common.
        return ["status"]
    # What is inside a missing object is missing too.
    return [where for where in apart if (where in left and where in right) or _parent(where) not in apart]


def _parent(where: str) -> str:
    if where.startswith("picture "):
        return "picture count"
    above = where.rpartition("/")[0]
    return "body" if above == "body " else above


def _places(skeleton: Mapping[str, Any]) -> dict[str, str]:
    """A skeleton as places, each with what is there in words."""
    return {
        "status": str(skeleton["status"]),
        "media type": skeleton["media_type"] or "none",
        **{f"header {name}": "present" for name in skeleton["headers"]},
        **{f"body {pointer}" if pointer else "body": _kinds(kinds) for pointer, kinds in skeleton["body"].items()},
        **{f"picture {name}": _words(fact) for name, fact in skeleton["pictures"].items()},
    }


def _kinds(kinds: Mapping[str, list[str]]) -> str:
    return ", ".join(dict.fromkeys([_words(kinds["types"]), _words(kinds["classes"])]))


def _words(fact: int | list[str]) -> str:
    return str(fact) if isinstance(fact, int) else " or ".join(fact)


def _owner(one: Observation, other: Observation, names: tuple[str, str]) -> tuple[str, str]:
    # What both break alike tells nothing of what sets them apart.
    alone = [
        name
        for name, mine, others in ((names[0], one, other), (names[1], other, one))
        if set(mine.findings) - set(others.findings)
    ]
    if len(alone) == 1:
        return MOCK if alone[0] == MOCK else "server", f"only {alone[0]} breaks the contract here"
    breakers = "both" if one.findings and other.findings else "neither"
    return OWNERS[breakers, MOCK in names]


def _rank(where: str) -> tuple[int, str]:
    return next(at for at, kind in enumerate(KINDS) if where.startswith(kind)), where


TEXTS = {"type": "array", "items": {"type": "string"}}
KIND = {
    "type": "object",
    "required": ["types", "classes"],
    "properties": {"types": TEXTS, "classes": TEXTS},
    "additionalProperties": False,
}
SKELETON = {
    "type": "object",
    "required": ["status", "media_type", "headers", "body", "pictures"],
    "properties": {
        "status": {"type": "integer"},
        "media_type": {"type": "string"},
        "headers": TEXTS,
        "body": {"type": "object", "additionalProperties": KIND},
        "pictures": {
            "type": "object",
            "required": ["count"],
            "properties": {"count": {"type": "integer"}},
            "additionalProperties": TEXTS,
        },
    },
    "additionalProperties": False,
}
FILE = {
    "type": "object",
    "required": ["pixelpact-skeletons", "target", "profile", "observations"],
    "properties": {
        "pixelpact-skeletons": {"const": VERSION},
        "target": {"type": "string"},
        "profile": {"type": "string"},
        "observations": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["labels", "skeleton", "findings"],
                "properties": {"labels": TEXTS, "skeleton": SKELETON, "findings": TEXTS},
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}
