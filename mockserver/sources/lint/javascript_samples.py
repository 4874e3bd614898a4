"""Requests in JavaScript samples: fetch, axios and its like, forms, and the OpenAI client."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from .code import OPAQUE, OPENAI_BASE, OPENAI_PATHS, Call, Partial, openai_call, position
from .javascript import Literals, Token, tokens

VERBS = {"post", "put", "patch", "get", "delete"}
CLIENTS = {"axios", "got", "ky", "superagent"}


def javascript_calls(source: str) -> tuple[Call, ...]:
    """The requests that a JavaScript sample sends, in order. Raises NotReadable."""
    return tuple(_Reader(source, tokens(source)).calls())


class _Reader:
    def __init__(self, source: str, found: list[Token]) -> None:
        self._source, self._tokens, self._literals = source, found, Literals(found)

    def calls(self) -> Iterator[Call]:
        for index, token in enumerate(self._tokens):
            if token.text == "(" and token.kind == "mark" and index:
                chain = self._chain(index - 1)
                line = position(self._source, token.start)[0]
                if chain[-2:-1] == ("images",) and chain[-1] in OPENAI_PATHS:
                    yield self._openai(chain[-1], self._arguments(index), line)
                elif chain in (("fetch",), ("axios",), ("axios", "request"), ("got",), ("ky",)):
                    yield from self._fetch(self._arguments(index), line)
                elif chain[:1] and chain[0] in CLIENTS and chain[-1] in VERBS:
                    yield self._verb(chain, self._arguments(index), line)

    def _chain(self, index: int) -> tuple[str, ...]:
        """The names that end at a token: `client.images.generate`."""
        names: list[str] = []
        while index >= 0 and self._tokens[index].kind == "name":
            names.insert(0, self._tokens[index].text)
            if index < 1 or self._tokens[index - 1].text not in (".", "?."):
                break
            index -= 2
        before = self._tokens[index - 1].text if index > 0 else ""
        return () if before == "function" else tuple(names)

    def _arguments(self, index: int) -> list[tuple[Any, int]]:
        """Value and first token of each argument of the call whose bracket stands there."""
        found: list[tuple[Any, int]] = []
        index += 1
        while self._tokens[index].text != ")" and self._tokens[index].kind != "end":
            value, after = self._literals.value(index)
            found.append((value, index))
            index = after + (self._tokens[after].text in (",", ";", "]", "}"))
        return found

    def _fetch(self, arguments: list[tuple[Any, int]], line: int) -> Iterator[Call]:
        values = [value for value, _ in arguments]
        options = values[-1] if values and isinstance(values[-1], dict) else {}
        url = values[0] if values and isinstance(values[0], str) else options.get("url", OPAQUE)
        content = options.get("body", options.get("data", options.get("json")))
        body, form = self._body(content, arguments[-1][1] if arguments else 0)
        method = options.get("method", "POST" if "json" in options else "GET")
        yield Call(
            method=method.upper() if isinstance(method, str) else "POST",
            url=url if isinstance(url, str) else None,
            headers=_headers(options.get("headers"), options),
            body=body,
            form=form,
            line=line,
        )

    def _verb(self, chain: tuple[str, ...], arguments: list[tuple[Any, int]], line: int) -> Call:
        values = [value for value, _ in arguments]
        url = values[0] if values else OPAQUE
        options = values[2] if len(values) > 2 and isinstance(values[2], dict) else {}
        content = values[1] if len(values) > 1 else None
        if chain[0] in ("got", "ky") and isinstance(content, dict):
            options, content = content, content.get("json", content.get("body"))
        if chain[-1] in ("get", "delete") and isinstance(content, dict):
            options, content = content, None
        body, form = self._body(content, arguments[1][1] if len(arguments) > 1 else 0)
        return Call(
            method=chain[-1].upper(),
            url=url if isinstance(url, str) else None,
            headers=_headers(options.get("headers"), options) or ({"Authorization": OPAQUE} if not options else {}),
            body=body,
            form=form,
            line=line,
        )

    def _openai(self, verb: str, arguments: list[tuple[Any, int]], line: int) -> Call:
        body = arguments[0][0] if arguments else OPAQUE
        bases = [index for index, token in enumerate(self._tokens) if token.text == "baseURL" and token.kind == "name"]
        made = any(token.text == "OpenAI" and before.text == "new" for before, token in pairwise(self._tokens))
        base = self._literals.value(bases[0] + 2)[0] if bases else OPENAI_BASE if made else OPAQUE
        return openai_call(verb, base, body, line)

    def _body(self, content: Any, start: int) -> tuple[Any, str]:
        if content is None:
            return None, ""
        if content is OPAQUE and (form := self._form(start)) is not None:
            return form, "multipart"
        return content, "json"

    def _form(self, start: int) -> dict[str, Any] | None:
        """The fields appended to the form that an argument names, None where it is no form."""
        end = self._literals.skip(start)
        names = [token.text for token in self._tokens[start:end] if token.kind == "name"]
        forms = [name for name in names if (at := self._literals.assigned(name)) and self._is_form(at)]
        if not forms:
            return None
        fields = Partial()
        for index in range(len(self._tokens) - 3):
            if [token.text for token in self._tokens[index : index + 4]] == [forms[0], ".", "append", "("]:
                values = [value for value, _ in self._arguments(index + 3)]
                if values and isinstance(values[0], str):
                    fields[values[0]] = values[1] if len(values) > 1 else OPAQUE
        return dict(fields)

    def _is_form(self, index: int) -> bool:
        return [token.text for token in self._tokens[index : index + 2]] == ["new", "FormData"]


def _headers(value: Any, options: dict[str, Any]) -> dict[str, Any]:
    if isinstance(value, Partial) or value is OPAQUE or isinstance(options, Partial):
        return {"Authorization": OPAQUE, **(value if isinstance(value, dict) else {})}
    return value if isinstance(value, dict) else {}
