"""JavaScript as far as samples need it: its tokens, and the values of its literals. Nothing is run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from .code import OPAQUE, NotReadable, Partial, position

NAME = re.compile(r"[A-Za-z_$][\w$]*")
NUMBER = re.compile(r"0[xXbBoO][\da-fA-F_]+|(\d[\d_]*\.?\d*|\.\d+)([eE][+-]?\d+)?n?")
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/|\s+", re.DOTALL)
REGEX = re.compile(r"/(?![*/])(?:[^\\/\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*")
ESCAPE = re.compile(r"\\(u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|\r?\n|.)", re.DOTALL)
SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
PAIRS = {")": "(", "]": "[", "}": "{"}
CONSTANTS = {"true": True, "false": False, "null": None}
ENDS = {",", ")", "]", "}", ";", ""}


class Token(NamedTuple):
    """A token: `kind` is `name`, `number`, `text`, `template`, `regex`, `mark`, or `end`."""

    kind: str
    text: str
    start: int


def tokens(source: str) -> list[Token]:
    """The tokens of a sample, an end token last. Raises NotReadable for a text or bracket that is never closed."""
    found = list(_tokens(source))
    opened: list[Token] = []
    for token in found:
        if token.kind == "mark" and token.text in "([{":
            opened.append(token)
        elif token.kind == "mark" and token.text in PAIRS and (not opened or opened.pop().text != PAIRS[token.text]):
            raise NotReadable(f"not valid JavaScript: `{token.text}` closes nothing", *position(source, token.start))
    if opened:
        place = position(source, opened[-1].start)
        raise NotReadable(f"not valid JavaScript: `{opened[-1].text}` is never closed", *place)
    return [*found, Token("end", "", len(source))]


def _tokens(source: str) -> Iterator[Token]:
    offset, before = 0, Token("mark", "(", 0)
    while offset < len(source):
        if blank := COMMENT.match(source, offset):
            offset = blank.end()
            continue
        before = Token(*_token(source, offset, before))
        yield before
        offset += len(before.text) if before.kind not in ("text", "template") else 0
        if before.kind in ("text", "template"):
            offset = _closing(source, before.start)


def _token(source: str, offset: int, before: Token) -> tuple[str, str, int]:
    here = source[offset]
    if here in "'\"":
        return "text", unescaped(source[offset + 1 : _closing(source, offset) - 1]), offset
    if here == "`":
        return "template", source[offset + 1 : _closing(source, offset) - 1], offset
    for kind, pattern in (("name", NAME), ("number", NUMBER)):
        if found := pattern.match(source, offset):
            return kind, found[0], offset
    if here == "/" and _starts_regex(before) and (found := REGEX.match(source, offset)):
        return "regex", found[0], offset
    if source.startswith(("...", "=>", "?."), offset):
        return "mark", source[offset : offset + (3 if here == "." else 2)], offset
    return "mark", here, offset


def _starts_regex(before: Token) -> bool:
    if before.kind == "name":
        return before.text in ("return", "typeof", "case", "in", "of")
    return before.kind == "mark" and before.text not in ")]}"


def _closing(source: str, start: int) -> int:
    """The offset after the text that starts there."""
    quote, offset = source[start], start + 1
    while offset < len(source) and source[offset] != quote:
        if quote == "`" and source.startswith("${", offset):
            offset = _after_hole(source, offset + 2)
            continue
        if source[offset] == "\n" and quote != "`":
            break
        offset += 2 if source[offset] == "\\" else 1
    if source[offset : offset + 1] != quote:
        raise NotReadable(f"not valid JavaScript: {quote} is never closed", *position(source, start))
    return offset + 1


def _after_hole(source: str, offset: int) -> int:
    depth = 1
    while offset < len(source) and depth:
        if source[offset] in "'\"`":
            offset = _closing(source, offset)
            continue
        depth += {"{": 1, "}": -1}.get(source[offset], 0)
        offset += 1
    return offset


def unescaped(text: str) -> str:
    """A text without its backslashes."""

    def plain(found: re.Match[str]) -> str:
        code = found[1]
        if code[0] in "ux" and len(code) > 1:
            return chr(int(code[1:].strip("{}"), 16) % 0x110000)
        return "" if code.endswith("\n") else SIMPLE.get(code, code)

    return ESCAPE.sub(plain, text)


class Literals:
    """Gives the values of a sample's expressions; a name has the value that it was last given."""

    def __init__(self, found: list[Token]) -> None:
        self._tokens = found
        self._names = dict(_assigned(found))
        self._resolving: set[int] = set()

    def value(self, index: int) -> tuple[Any, int]:
        """The value of the expression at a token, OPAQUE if only running it would tell, and the token after it."""
        value, after = self._primary(index)
        while self._tokens[after].text == "+" and self._tokens[after].kind == "mark":
            more, after = self._primary(after + 1)
            value = value + more if isinstance(value, str) and isinstance(more, str) else OPAQUE
        if self._is_end(after):
            return value, after
        return OPAQUE, self.skip(after)

    def skip(self, index: int) -> int:
        """The token that ends the expression which this one is in."""
        depth = 0
        while depth or not self._is_end(index):
            text = self._tokens[index].text if self._tokens[index].kind == "mark" else ""
            depth += (text in ("(", "[", "{")) - (text in PAIRS)
            index += 1
            if self._tokens[index].kind == "end":
                break
        return index

    def assigned(self, name: str) -> int | None:
        """The token where the value of a name begins."""
        return self._names.get(name)

    def _is_end(self, index: int) -> bool:
        token = self._tokens[index]
        return token.kind == "end" or (token.kind == "mark" and token.text in ENDS)

    def _primary(self, index: int) -> tuple[Any, int]:
        token = self._tokens[index]
        read = READERS.get(token.kind if token.kind != "mark" else token.text)
        return read(self, index) if read else (OPAQUE, index if self._is_end(index) else index + 1)

    def text(self, index: int) -> tuple[Any, int]:
        """A text in quotes."""
        return self._tokens[index].text, index + 1

    def template(self, index: int) -> tuple[Any, int]:
        """A text in backquotes, OPAQUE if what it takes in is not known."""
        text, missing = self._tokens[index].text, False

        def filled(found: re.Match[str]) -> str:
            nonlocal missing
            value = self.named(found[1])
            missing = missing or not isinstance(value, str)
            return str(value)

        text = re.sub(r"\$\{\s*([\w$]+)\s*\}", filled, text)
        return (OPAQUE if missing or "${" in text else unescaped(text)), index + 1

    def number(self, index: int) -> tuple[Any, int]:
        """A number."""
        text = self._tokens[index].text.rstrip("n").replace("_", "")
        try:
            return (int(text, 0) if NAME.search(text) and text[:1] == "0" else _number(text)), index + 1
        except ValueError:
            return OPAQUE, index + 1

    def negative(self, index: int) -> tuple[Any, int]:
        """A number below zero."""
        value, after = self._primary(index + 1)
        return (-value if isinstance(value, (int, float)) else OPAQUE), after

    def name(self, index: int) -> tuple[Any, int]:
        """What a name stands for; `JSON.stringify` stands for what is put in."""
        text = self._tokens[index].text
        if text in CONSTANTS:
            return CONSTANTS[text], index + 1
        if text == "JSON" and [token.text for token in self._tokens[index + 1 : index + 4]] == [".", "stringify", "("]:
            value, after = self.value(index + 4)
            return value, self.skip(after) + 1 if self._tokens[after].text != ")" else after + 1
        if self._is_end(index + 1):
            return self.named(text), index + 1
        return OPAQUE, index + 1

    def named(self, name: str) -> Any:
        """The value of a name."""
        start = self._names.get(name)
        if start is None or start in self._resolving:
            return OPAQUE
        self._resolving.add(start)
        try:
            return self.value(start)[0]
        finally:
            self._resolving.discard(start)

    def array(self, index: int) -> tuple[Any, int]:
        """The items of an array."""
        items: list[Any] = []
        index += 1
        while self._tokens[index].text != "]" and self._tokens[index].kind != "end":
            value, index = self.value(index)
            items.append(value)
            index += self._tokens[index].text in (",", ";", ")", "}")
        return items, index + 1

    def mapping(self, index: int) -> tuple[Any, int]:
        """The fields of an object, Partial if it takes in others."""
        fields: dict[str, Any] = {}
        seen, index = True, index + 1
        while not (self._tokens[index].text == "}" and self._tokens[index].kind == "mark"):
            if self._tokens[index].kind == "end":
                break
            key, after = self._tokens[index], self._tokens[index + 1]
            if key.kind in ("name", "text", "number") and after.text == ":" and after.kind == "mark":
                fields[key.text], index = self.value(index + 2)
            elif key.kind == "name" and after.text in (",", "}"):
                fields[key.text], index = self.named(key.text), index + 1
            else:
                seen, index = False, self.skip(index)
            index += self._tokens[index].text in (",", ";", ")", "]")
        return (fields if seen else Partial(fields)), index + 1


READERS: Mapping[str, Callable[[Literals, int], tuple[Any, int]]] = {
    "text": Literals.text,
    "template": Literals.template,
    "number": Literals.number,
    "name": Literals.name,
    "-": Literals.negative,
    "[": Literals.array,
    "{": Literals.mapping,
}


def _number(text: str) -> int | float:
    return int(text) if text.isdigit() else float(text)


def _assigned(found: list[Token]) -> Iterator[tuple[str, int]]:
    for index in range(len(found) - 2):
        token, after, last = found[index : index + 3]
        if token.kind == "name" and after.text == "=" and last.text != "=" and found[index - 1].text != ".":
            yield token.text, index + 2
