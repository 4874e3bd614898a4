"""Requests in shell samples: cURL commands, with what a shell would not understand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from .code import OPAQUE, Call, NotReadable, position

DATA = {"-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--data-urlencode", "--json"}
FORM = {"-F", "--form", "--form-string"}
TAKING = {
    *DATA, *FORM, "-H", "--header", "-X", "--request", "--url", "-o", "--output", "-u", "--user", "-A", "--user-agent",
    "-e", "--referer", "-b", "--cookie", "-m", "--max-time", "--connect-timeout", "--retry", "-w", "--write-out", "-x",
    "--proxy", "-c", "--cookie-jar", "--cacert", "--cert", "--key", "--resolve", "-T", "--upload-file", "-D",
    "--dump-header",
}  # fmt: skip
HERE = re.compile(r"<<-?\s*(['\"]?)(\w+)\1[^\n]*\n(.*?)\n\s*\2\s*(?:\n|$)", re.DOTALL)
NOT_LINE_END = re.compile(r"[^\n]")
WORD_END = " \t\n;|&()"


@dataclass(frozen=True)
class Word:
    """One word of a command; `opaque` says that it has a variable in it."""

    text: str
    start: int
    opaque: bool = False


def shell_calls(source: str) -> tuple[Call, ...]:
    """The requests that cURL commands send, in order. Raises NotReadable."""
    # A here-document is data, whatever quotes are in it.
    heres = [found[3] for found in HERE.finditer(source)]
    commands = list(_commands(HERE.sub(lambda found: NOT_LINE_END.sub(" ", found[0]), source)))
    curls = [command for command in commands if command and command[0].text in ("curl", "curl.exe")]
    return tuple(_call(command, source, heres) for command in curls)


def _commands(source: str) -> Iterator[list[Word]]:
    """The simple commands of a script."""
    command: list[Word] = []
    offset = 0
    while offset < len(source):
        here = source[offset]
        if here in "\n;|&()":
            if command:
                yield command
            command, offset = [], offset + 1
        elif here in " \t\r" or source[offset : offset + 2] in ("\\\n", "^\n", "`\n"):
            offset += 1 if here in " \t\r" else 2
        elif source[offset : offset + 3] == "\\\r\n":
            offset += 3
        elif here == "#":
            offset = _line_end(source, offset)
        else:
            word, offset = _word(source, offset)
            command.append(word)
    if command:
        yield command


def _line_end(source: str, offset: int) -> int:
    end = source.find("\n", offset)
    return len(source) if end < 0 else end


def _word(source: str, start: int) -> tuple[Word, int]:
    pieces: list[str] = []
    opaque, offset = False, start
    while offset < len(source) and source[offset] not in WORD_END:
        read = QUOTES.get(source[offset], _bare)
        piece, offset = read(source, offset)
        pieces.append(piece)
        opaque = opaque or (read is not _single and "$" in piece)
    return Word("".join(pieces), start, opaque), offset


def _single(source: str, start: int) -> tuple[str, int]:
    end = source.find("'", start + 1)
    if end < 0:
        raise NotReadable("not valid shell: a single quote is never closed", *position(source, start))
    if source[end - 1] == "\\" and source[end + 1 : end + 2].isalnum():
        reason = "not valid shell: \\' does not stand for a quote inside single quotes, it ends them"
        raise NotReadable(reason, *position(source, end - 1))
    return source[start + 1 : end], end + 1


def _double(source: str, start: int) -> tuple[str, int]:
    pieces, offset = [], start + 1
    while offset < len(source) and source[offset] != '"':
        if source[offset] == "\\" and source[offset + 1 : offset + 2] in ('"', "\\", "$", "`", "\n"):
            pieces.append(source[offset + 1].replace("\n", ""))
            offset += 2
        else:
            pieces.append(source[offset])
            offset += 1
    if offset >= len(source):
        raise NotReadable("not valid shell: a double quote is never closed", *position(source, start))
    return "".join(pieces), offset + 1


def _escaped(source: str, start: int) -> tuple[str, int]:
    return source[start + 1 : start + 2].replace("\n", ""), start + 2


def _bare(source: str, start: int) -> tuple[str, int]:
    return source[start], start + 1


QUOTES = {"'": _single, '"': _double, "\\": _escaped}


def _call(command: list[Word], source: str, heres: list[str]) -> Call:
    options = list(_options(command[1:]))
    data = [word for name, word in options if name in DATA]
    fields = [word for name, word in options if name in FORM]
    headers = dict(_header(word) for name, word in options if name in ("-H", "--header"))
    if any(name in ("-u", "--user") for name, _ in options):
        headers["Authorization"] = OPAQUE
    method = next((word.text for name, word in options if name in ("-X", "--request")), None)
    url = next((word for name, word in options if name in ("", "--url") and word.text), None)
    body, form = _sent(data, fields, headers, heres)
    return Call(
        method=(method or ("POST" if data or fields else "GET")).upper(),
        url=None if url is None or url.text.startswith("$") else url.text,
        headers=headers,
        body=body,
        form=form,
        line=position(source, (data or fields or command)[0].start)[0],
    )


def _options(words: list[Word]) -> Iterator[tuple[str, Word]]:
    """Each option with its value; a value without an option has an empty name."""
    rest = iter(words)
    for word in rest:
        name, joined, value = word.text.partition("=") if word.text.startswith("--") else (word.text, "", "")
        if joined and name in TAKING:
            yield name, Word(value, word.start, word.opaque)
        elif word.text in TAKING:
            yield word.text, next(rest, Word("", word.start))
        elif word.text[:1] == "-" and word.text[:2] in TAKING and not word.text.startswith("--"):
            yield word.text[:2], Word(word.text[2:], word.start, word.opaque)
        elif not word.text.startswith("-"):
            yield "", word


def _header(word: Word) -> tuple[str, Any]:
    name, _, value = word.text.partition(":")
    return name.strip(), value.strip()


def _sent(data: list[Word], fields: list[Word], headers: Mapping[str, Any], heres: list[str]) -> tuple[Any, str]:
    if fields:
        pairs = (word.text.partition("=") for word in fields)
        return {name: value if not value.startswith(("@", "<")) else OPAQUE for name, _, value in pairs}, "multipart"
    if not data:
        return None, ""
    text = data[0].text if len(data) == 1 else "&".join(word.text for word in data)
    if text.startswith("@"):
        return (_json(heres[0]), "json") if text == "@-" and heres else (OPAQUE, "json")
    kinds = [str(value) for name, value in headers.items() if name.lower() == "content-type"]
    if "=" in text and not text.lstrip().startswith(("{", "[")) and not any("json" in kind for kind in kinds):
        return dict(parse_qsl(text, keep_blank_values=True)), "urlencoded"
    if any(word.opaque for word in data):
        return OPAQUE, "json"
    return _json(text), "json"


def _json(text: str) -> Any:
    """The JSON of a body; its text where it is none, which is for a rule to say."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
