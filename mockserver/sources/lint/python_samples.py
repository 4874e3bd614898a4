"""Requests in Python samples: requests, httpx, and the OpenAI client. Nothing is run."""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .code import OPAQUE, OPENAI_BASE, OPENAI_PATHS, Call, NotReadable, Partial, openai_call

VERBS = {"get", "post", "put", "patch", "delete"}
OPENAI_OWN = {"extra_body", "extra_headers", "extra_query", "timeout"}
# Notebook magics and doctest prompts are no Python, but no mistake either.
MAGIC = re.compile(r"^[ \t]*(!|%|pip install |python -m pip ).*$", re.MULTILINE)
# In a session what has no prompt was printed.
PROMPT = re.compile(r"^(?:(?:>>>|\.\.\.) ?|.*)", re.MULTILINE)


def python_calls(source: str) -> tuple[Call, ...]:
    """The requests that a Python sample sends, in order. Raises NotReadable."""
    text = MAGIC.sub("", textwrap.dedent(source))
    tree = _parsed(PROMPT.sub("", text) if text.lstrip().startswith(">>>") else text)
    reader = _Reader(tree)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    calls.sort(key=lambda node: (node.lineno, node.col_offset))
    return tuple(call for node in calls if (call := reader.call(node)))


def _parsed(text: str) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        raise NotReadable(f"not valid Python: {error.msg}", error.lineno or 1, error.offset or 1) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise NotReadable("not valid Python: it cannot be parsed") from error


class _Reader:
    """Reads the calls of one module; names have the value that they were last given."""

    def __init__(self, tree: ast.Module) -> None:
        self._names = dict(_assigned(tree))
        self._resolving: set[str] = set()

    def call(self, node: ast.Call) -> Call | None:
        chain = _chain(node.func)
        if chain[-2:-1] == ("images",) and chain[-1] in OPENAI_PATHS:
            return self._openai(node, chain[-1])
        if chain and len(chain) > 1 and (chain[-1] in VERBS or chain[-1] == "request"):
            return self._http(node, chain[-1])
        return None

    def _http(self, node: ast.Call, verb: str) -> Call | None:
        words = {word.arg: word.value for word in node.keywords if word.arg}
        positional = list(node.args)
        method = self.value(positional.pop(0)) if verb == "request" and positional else verb
        url = self.value(positional[0] if positional else words.get("url"))
        sent = {"json", "data", "content", "files", "headers"} & set(words)
        if not sent and not (isinstance(url, str) and url.startswith("http")):
            return None  # a dictionary's `get`, most likely
        body, form = self._body(words)
        return Call(
            method=method.upper() if isinstance(method, str) else "POST",
            url=url if isinstance(url, str) else None,
            headers=self._headers(words.get("headers")),
            body=body,
            form=form,
            line=node.lineno,
        )

    def _body(self, words: Mapping[str, ast.expr]) -> tuple[Any, str]:
        if "files" in words:
            files, data = self.value(words["files"]), self.value(words.get("data"))
            body = Partial(data if isinstance(data, dict) else {})
            body |= dict.fromkeys(files, OPAQUE) if isinstance(files, dict) else {}
            return (dict(body) if isinstance(files, dict) and data is not OPAQUE else body), "multipart"
        if "json" in words:
            return self.value(words["json"]), "json"
        data = words.get("data", words.get("content"))
        if data is None:
            return None, ""
        if isinstance(data, ast.Call) and _chain(data.func)[-1:] == ("dumps",) and data.args:
            return self.value(data.args[0]), "json"
        value = self.value(data)
        return (value, "urlencoded") if isinstance(value, dict) else (OPAQUE, "json")

    def _openai(self, node: ast.Call, verb: str) -> Call:
        words = {word.arg: word.value for word in node.keywords if word.arg}
        extra = self.value(words.get("extra_body"))
        body = {name: self.value(value) for name, value in words.items() if name not in OPENAI_OWN}
        body |= extra if isinstance(extra, dict) else {}
        seen = all(word.arg for word in node.keywords) and extra is not OPAQUE
        base = next((self.value(value) for value in self._bases()), OPAQUE)
        return openai_call(verb, base, body if seen else Partial(body), node.lineno)

    def _bases(self) -> Iterator[ast.expr]:
        """The base of each client that is made; a client without one talks to its vendor, by the sample's own words."""
        for value in self._names.values():
            if isinstance(value, ast.Call) and _chain(value.func)[-1:] in (("OpenAI",), ("AsyncOpenAI",)):
                given = [word.value for word in value.keywords if word.arg == "base_url"]
                yield given[0] if given else ast.Constant(OPENAI_BASE)

    def _headers(self, node: ast.expr | None) -> dict[str, Any]:
        value = self.value(node)
        if isinstance(value, dict):
            return value
        return {} if node is None else {"Authorization": OPAQUE}

    def value(self, node: ast.expr | None) -> Any:
        """What an expression gives, OPAQUE where only running it would tell."""
        read = READERS.get(type(node))
        return read(self, node) if read else (None if node is None else OPAQUE)

    def constant(self, node: ast.Constant) -> Any:
        return OPAQUE if isinstance(node.value, (bytes, complex)) or node.value is ... else node.value

    def name(self, node: ast.Name) -> Any:
        if node.id not in self._names or node.id in self._resolving:
            return OPAQUE
        self._resolving.add(node.id)
        try:
            return self.value(self._names[node.id])
        finally:
            self._resolving.discard(node.id)

    def mapping(self, node: ast.Dict) -> Any:
        pairs = [(self.value(key), self.value(value)) for key, value in zip(node.keys, node.values, strict=True) if key]
        fields = {key: value for key, value in pairs if isinstance(key, str)}
        return fields if len(fields) == len(node.keys) else Partial(fields)

    def sequence(self, node: ast.List | ast.Tuple) -> Any:
        return [self.value(item) for item in node.elts]

    def text(self, node: ast.JoinedStr) -> Any:
        parts = [self.value(part.value if isinstance(part, ast.FormattedValue) else part) for part in node.values]
        return "".join(parts) if all(isinstance(part, str) for part in parts) else OPAQUE

    def operation(self, node: ast.BinOp) -> Any:
        left, right = self.value(node.left), self.value(node.right)
        together = isinstance(node.op, ast.Add) and isinstance(left, str) and isinstance(right, str)
        return left + right if together else OPAQUE

    def negative(self, node: ast.UnaryOp) -> Any:
        value = self.value(node.operand)
        number = isinstance(value, (int, float)) and isinstance(node.op, ast.USub)
        return -value if number else OPAQUE


READERS: dict[type[ast.AST] | type[None], Callable[[_Reader, Any], Any]] = {
    ast.Constant: _Reader.constant,
    ast.Name: _Reader.name,
    ast.Dict: _Reader.mapping,
    ast.List: _Reader.sequence,
    ast.Tuple: _Reader.sequence,
    ast.JoinedStr: _Reader.text,
    ast.BinOp: _Reader.operation,
    ast.UnaryOp: _Reader.negative,
}


def _assigned(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            yield node.target.id, node.value


def _chain(node: ast.expr) -> tuple[str, ...]:
    """The names of an attribute chain: `client.images.generate`; an empty name stands for anything else."""
    if isinstance(node, ast.Attribute):
        return (*_chain(node.value), node.attr)
    return (node.id,) if isinstance(node, ast.Name) else ("",)
