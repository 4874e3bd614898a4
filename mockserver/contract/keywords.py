"""The validator of our dialect: JSON Schema 2020-12 and the `x-` keywords that can refuse a value.

Nothing else builds a validator for a request or an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .acceptance import acceptor

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError


class Dialect:
    """The validator of one schema: a fast yes, and the reasons for a no.

    What `accepts` takes is taken. What it does not is wrong only if `iter_errors` finds an error.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = schema

    @cached_property
    def accepts(self) -> Callable[[Any], bool]:
        """Whether a value surely keeps to the schema, its pictures read."""
        return acceptor(self._schema)

    @cached_property
    def accepts_unread(self) -> Callable[[Any], bool]:
        """Whether a value surely keeps to the schema, but for its pictures."""
        return acceptor(self._schema, reading=False)

    @cached_property
    def iter_errors(self) -> Callable[[Any], Iterator[ValidationError]]:
        """What is wrong with a value, as jsonschema has it; not all, where it is very much."""
        # A server that is asked for nothing wrong starts, and answers, without jsonschema.
        from .explaining import explainer

        return explainer(self._schema)
