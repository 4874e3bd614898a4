"""What a schema file may say, and what it must: each is held to the vocabulary, or to the layout of its name.

Importing this imports jsonschema.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from ..errors import SchemaError

VOCABULARY = "vocabulary.json"
LAYOUT = "layout.json"


class Vocabulary:
    """The kit's `vocabulary.json` and `layout.json`, as judges of other files."""

    def __init__(self, by_path: Mapping[str, Any]) -> None:
        self._by_path = by_path

    def hold(self, path: str, content: Any, pointer: str = "") -> None:
        """Raise SchemaError for a schema that says what the vocabulary does not have."""
        _hold(self._schemas, path, content, pointer)

    def hold_as(self, name: str, path: str, content: Any, pointer: str = "") -> None:
        """Raise SchemaError for a file, or a part of one, that has not the layout of that name."""
        layouts = self._by_path[LAYOUT]["$defs"]
        _hold(Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": layouts}), path, content, pointer)

    @cached_property
    def _schemas(self) -> Draft202012Validator:
        # Gone through once, here: a schema that is the root would be gone through at every reference.
        resource = DRAFT202012.create_resource(self._by_path[VOCABULARY])
        known: Registry[Any] = Registry().with_resource(VOCABULARY, resource).crawl()
        checker = Draft202012Validator.FORMAT_CHECKER
        return Draft202012Validator({"$ref": VOCABULARY}, registry=known, format_checker=checker)


def _hold(validator: Draft202012Validator, path: str, content: Any, pointer: str) -> None:
    error = best_match(validator.iter_errors(content))
    if error is not None:
        raise SchemaError(path, pointer + "".join(f"/{part}" for part in error.absolute_path), error.message)
