"""Pages as values: a Markdown page with its headings, prose, code and GitBook blocks, each with its line.

Nothing else knows the Markdown reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from itertools import pairwise
from typing import TYPE_CHECKING

from .code import Code
from .findings import Place
from .gitbook import SHOWING, Block, blocks, fenced, find_tags, front_matter, without_tags

if TYPE_CHECKING:
    from markdown_it.token import Token

MODEL_ID = re.compile(r"`([A-Za-z0-9][\w.:-]*(?:/[\w.:-]+)*)`")
SUMMARY = re.compile(r"<summary>((?:(?!<summary>).)*?)</summary>", re.IGNORECASE)
HTML = re.compile(r"<[^<>]*>")
PRE = re.compile(r"<pre\b[^<>]*>\s*<code\b[^<>]*?\blang-([\w-]+)[^<>]*>((?:(?!</code>|<pre\b).)*)</code>", re.DOTALL)
NOTHING = re.compile(r"\s*(<a id=[^>]*></a>|<!--.*?-->|[-*_](\s*[-*_]){2,})?\s*$")


@dataclass(frozen=True)
class Heading:
    """A heading; `line` counts from 1."""

    level: int
    title: str
    line: int


@dataclass(frozen=True)
class Fence:
    """Code between fences: `last` is its last line, `summary` that of the `<details>` around it, `tabs` its tab set."""

    code: Code
    last: int
    summary: str
    tabs: int
    section: int


@dataclass(frozen=True)
class Prose:
    """One line of running text, outside code, and where it stands."""

    text: str
    place: Place
    heading: bool = False


@dataclass(frozen=True, eq=False)
class Page:
    """A page of documentation."""

    name: str
    lines: tuple[str, ...]
    front: dict[str, str]
    blocks: tuple[Block, ...]
    headings: tuple[Heading, ...]
    fences: tuple[Fence, ...]
    prose: tuple[Prose, ...]

    @cached_property
    def models(self) -> tuple[str, ...]:
        """The models that the page says it is about: the list in a hint that speaks of models."""
        found = [name for block in self.blocks if block.tag.name == "hint" for name in self._listed(block)]
        return tuple(dict.fromkeys(found))

    @cached_property
    def empty(self) -> tuple[Heading, ...]:
        """The headings with nothing below them."""
        end = Heading(0, "", len(self.lines) + 1)
        both = pairwise((*self.headings, end))
        return tuple(one for one, later in both if later.level <= one.level and not self._shows(one.line, later.line))

    def place(self, line: int, column: int = 1) -> Place:
        """A place in the page."""
        return Place(self.name, line, column)

    def mention(self, model: str) -> Place:
        """Where a model is first named in backquotes."""
        line = next((number for number, text in enumerate(self.lines, 1) if f"`{model}`" in text), 1)
        return self.place(line, self.lines[line - 1].find(model) + 1)

    def _listed(self, block: Block) -> Iterator[str]:
        inner = self.lines[block.tag.line - 1 : block.last]
        if any(re.search(r"\bmodels?\b", line, re.IGNORECASE) for line in inner):
            for line in inner:
                if re.match(r"\s*[*+-]\s", line):
                    yield from MODEL_ID.findall(line)

    def _shows(self, after: int, before: int) -> bool:
        tags = any(after < block.tag.line < before and block.tag.name in SHOWING for block in self.blocks)
        return tags or any(not NOTHING.match(without_tags(line)) for line in self.lines[after : before - 1])


def read_page(name: str, text: str) -> Page:
    """The page that a Markdown text makes. Any text is one."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    front, above = front_matter(lines)
    tags = list(find_tags(lines))
    found = blocks(tags, len(lines))
    code = fenced(lines)
    plain = [line if number in code else without_tags(line) for number, line in enumerate(lines, 1)]
    plain[:above] = [""] * above
    tokens = _parsed("\n".join(plain))
    headings = tuple(_headings(tokens))
    details = list(_details(lines, code))
    return Page(
        name=name,
        lines=tuple(lines),
        front=front,
        blocks=found,
        headings=headings,
        fences=tuple(_fences(name, tokens, lines, found, headings, details)),
        prose=tuple(_prose(name, tokens, lines)),
    )


def _parsed(text: str) -> list[Token]:
    # Only lint-docs needs it.
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table").parse(text)


def _headings(tokens: list[Token]) -> Iterator[Heading]:
    for token, inline in pairwise(tokens):
        # A heading in a quotation divides nothing.
        if token.type == "heading_open" and token.map and not token.level:
            yield Heading(int(token.tag[1]), inline.content, token.map[0] + 1)


def _fences(
    name: str,
    tokens: list[Token],
    lines: list[str],
    found: tuple[Block, ...],
    headings: tuple[Heading, ...],
    details: list[tuple[int, int, str]],
) -> Iterator[Fence]:
    for code, last in _codes(name, tokens, lines):
        first = code.first.line
        if code.source:
            yield Fence(
                code=code,
                last=last,
                summary=next((text for start, end, text in reversed(details) if start <= first <= end), ""),
                tabs=next((b.tag.line for b in reversed(found) if b.tag.name == "tabs" and b.holds(first)), 0),
                section=max((heading.line for heading in headings if heading.line < first), default=0),
            )


def _codes(name: str, tokens: list[Token], lines: list[str]) -> Iterator[tuple[Code, int]]:
    """Each piece of code with its last line: between fences, or in HTML as editors write it."""
    for token in tokens:
        if token.type == "fence" and token.map:
            first = token.map[0] + 2
            indent = len(lines[first - 2]) - len(lines[first - 2].lstrip())
            yield Code((token.info.split() or [""])[0], token.content, Place(name, first, 1), indent), token.map[1]
        elif token.type == "html_block" and token.map:
            for found in PRE.finditer(token.content):
                first = token.map[0] + 1 + token.content.count("\n", 0, found.start(2))
                yield Code(found[1], unescape(HTML.sub("", found[2])), Place(name, first, 1)), token.map[1]


def _details(lines: list[str], code: set[int]) -> Iterator[tuple[int, int, str]]:
    """First and last line and the summary of each `<details>`."""
    start, summary = 0, ""
    for number, line in enumerate(lines, 1):
        if number in code:
            continue
        if "<details" in line.lower():
            start, summary = number, ""
        if text := SUMMARY.search(line):
            summary = HTML.sub("", text[1])
        if "</details" in line.lower() and start:
            yield start, number, summary
            start = 0


def _prose(name: str, tokens: list[Token], lines: list[str]) -> Iterator[Prose]:
    heading = False
    for token in tokens:
        if token.type in ("inline", "html_block") and token.map and not PRE.search(token.content):
            for number in range(token.map[0] + 1, token.map[1] + 1):
                text = HTML.sub("", without_tags(lines[number - 1])).strip()
                if text:
                    column = len(lines[number - 1]) - len(lines[number - 1].lstrip()) + 1
                    yield Prose(text, Place(name, number, column), heading)
        heading = token.type == "heading_open"
