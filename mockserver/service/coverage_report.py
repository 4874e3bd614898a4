"""Contract coverage as it is shown: a table for people, JSON for programs, JUnit's XML for a CI."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree

from .coverage import Coverage
from .coverage_probes import Item

WIDTH = 100
# Of what is missing in a group, the text shows so many lines; the files have all.
MOST_LINES = 4
INDENT = "  "
LONGEST = 60
OTHERS = "models known besides: {}; one that no test calls does not count, here or for a minimum"
HARD_SPACE = "\xa0"
# No XML document may hold these, not even escaped.
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def as_text(coverage: Coverage) -> str:
    """A few lines a group: how much of it was exercised, and what was not, the most useful first."""
    return "\n".join(_lines(coverage)) + "\n"


def in_short(coverage: Coverage) -> str:
    """The share of what was exercised, in one line."""
    if not coverage.counts:
        return "contract coverage: 0 %, no test called the mock"
    done = len(coverage.counts) - len(coverage.missing)
    # Rounded down: only all of them are 100 %.
    return f"contract coverage: {int(coverage.percent)} %, {done} of {len(coverage.counts)} exercised"


def as_json(coverage: Coverage) -> str:
    """All items with their counts, in the form of `Coverage.to_json`."""
    return json.dumps(coverage.to_json(), indent=2, ensure_ascii=False) + "\n"


def as_junit(coverage: Coverage) -> str:
    """A test suite a group, a test case an item: one that nobody exercised is skipped, which breaks no build."""
    root = ElementTree.Element("testsuites", name="pixelpact coverage")
    for group in coverage.groups:
        items = coverage.of(group)
        missing = coverage.missing_of(group)
        counts = {"tests": len(items), "failures": 0, "errors": 0, "skipped": len(missing), "time": 0}
        suite = ElementTree.SubElement(
            root, "testsuite", {"name": group, **{key: str(count) for key, count in counts.items()}}
        )
        for item in (*missing, *(item for item, times in items.items() if times)):
            _case(suite, item, items[item])
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def write(coverage: Coverage, path: Path) -> None:
    """Write the coverage to a file, in the form of its suffix: .json, .xml for JUnit, else text. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(BY_SUFFIX.get(path.suffix.lower(), as_text)(coverage), "utf-8")


def _case(suite: ElementTree.Element, item: Item, times: int) -> None:
    name = UNWRITABLE.sub("\ufffd", item.name)
    case = ElementTree.SubElement(suite, "testcase", classname=f"pixelpact.coverage.{item.group}", name=name, time="0")
    if not times:
        title = UNWRITABLE.sub("\ufffd", item.title)
        ElementTree.SubElement(case, "skipped", message=f"no test has exercised: {title}")


def _lines(coverage: Coverage) -> Iterator[str]:
    yield in_short(coverage)
    wide = max(map(len, coverage.groups), default=0)
    for group in coverage.groups:
        items, missing = coverage.of(group), coverage.missing_of(group)
        yield f"\n{group:{wide}}  {len(items) - len(missing):>3} of {len(items)}"
        yield from _missing(missing)
    if coverage.unused:
        yield from ("", *_wrapped("not used: ", coverage.unused))
    if coverage.others:
        yield from ("", *_indented("", OTHERS.format(coverage.others)))
    if coverage.untold:
        yield from ("", "not counted, as no journal tells of them:")
        yield from (line for rules in coverage.untold for line in _indented(INDENT, rules))


def _missing(missing: list[Item]) -> Iterator[str]:
    """The names of items; a field that was never sent stands for all that could be sent in it."""
    never = {item.field for item in missing if item.name == item.field}
    names = [
        f"{item.name} (never sent)" if item.name in never else item.name
        for item in missing
        if not _is_implied(item, never)
    ]
    if names:
        yield from _wrapped(f"{INDENT}missing: ", names)


def _is_implied(item: Item, never: set[str]) -> bool:
    """Whether this could not be exercised, as its field was never sent, or the one around it."""
    around = tuple(f"{name}{mark}" for name in never for mark in ".[")
    return item.field.startswith(around) or (item.field in never and item.name != item.field)


def _wrapped(start: str, names: Sequence[str]) -> list[str]:
    """As many names as fit, separated by commas, and how many more there are."""
    return next(lines for kept in range(len(names), -1, -1) if len(lines := _first(start, names, kept)) <= MOST_LINES)


def _first(start: str, names: Sequence[str], kept: int) -> list[str]:
    more = [f"and {len(names) - kept} more"] if kept < len(names) else []
    lines = _indented(start, ", ".join([*map(_unbroken, names[:kept]), *more]))
    return [line.replace(HARD_SPACE, " ") for line in lines]


def _unbroken(name: str) -> str:
    """A name that stays on one line, as a space like these is no place to break it."""
    short = name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
    return short.replace(" ", HARD_SPACE)


def _indented(start: str, text: str) -> list[str]:
    """The text in lines, behind what it starts with."""
    indent = " " * len(start)
    return textwrap.wrap(text, WIDTH, initial_indent=start, subsequent_indent=indent, break_on_hyphens=False)


BY_SUFFIX: dict[str, Callable[[Coverage], str]] = {".json": as_json, ".xml": as_junit}
