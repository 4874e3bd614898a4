"""GitBook's own blocks in Markdown, `{% tab title="JS" %}`, and the front matter above it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

TAG = re.compile(r"\{% *(?P<name>[\w-]+)(?:[^{%]|%(?!\})|\{(?!%))*%\}")
FENCE = re.compile(r"^\s*(`{3,}|~{3,})")
# Blocks that show something by themselves; all others only arrange what is in them.
SHOWING = {"openapi", "openapi-operation", "openapi-schemas", "swagger", "embed", "file", "include", "content-ref"}


@dataclass(frozen=True)
class Tag:
    """One tag; `line` counts from 1."""

    name: str
    line: int


@dataclass(frozen=True)
class Block:
    """From a tag to the one that ends it, both lines included."""

    tag: Tag
    last: int

    def holds(self, line: int) -> bool:
        """Whether a line is in the block."""
        return self.tag.line <= line <= self.last


def fenced(lines: list[str]) -> set[int]:
    """The lines, from 1, that are code between fences."""
    inside, fence = set[int](), ""
    for number, line in enumerate(lines, 1):
        mark = FENCE.match(line)
        if fence:
            inside.add(number)
            if mark and mark[1].startswith(fence) and not line.strip(" \t`~"):
                fence = ""
        elif mark:
            inside.add(number)
            fence = mark[1]
    return inside


def find_tags(lines: list[str]) -> Iterator[Tag]:
    """The tags outside code."""
    code = fenced(lines)
    for number, line in enumerate(lines, 1):
        if number not in code:
            for found in TAG.finditer(line):
                yield Tag(found["name"], number)


def blocks(tags: list[Tag], end: int) -> tuple[Block, ...]:
    """The blocks that tags make; one that is never ended lasts to the end."""
    found: list[Block] = []
    opened: list[Tag] = []
    for tag in tags:
        if not tag.name.startswith("end"):
            opened.append(tag)
        elif any(one.name == tag.name[3:] for one in opened):
            while (one := opened.pop()).name != tag.name[3:]:
                found.append(Block(one, one.line))
            found.append(Block(one, tag.line))
    found += [Block(tag, tag.line if tag.name in SHOWING else end) for tag in opened]
    return tuple(sorted(found, key=lambda block: (block.tag.line, -block.last)))


def without_tags(line: str) -> str:
    """A line with blanks where its tags were, so that columns stay."""
    return TAG.sub(lambda found: " " * len(found[0]), line)


def front_matter(lines: list[str]) -> tuple[dict[str, str], int]:
    """The plain `key: value` lines between the first two `---`, and how many lines they take with these."""
    if not lines or lines[0].strip() != "---":
        return {}, 0
    for number, line in enumerate(lines[1:], 1):
        if line.strip() == "---":
            pairs = (line.partition(":") for line in lines[1:number] if ":" in line and line[:1].strip())
            return {key.strip(): value.strip() for key, _, value in pairs}, number + 1
    return {}, 0
