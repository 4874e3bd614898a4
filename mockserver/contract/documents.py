"""Schema folders as documents: read, checked against the vocabulary, references replaced by what they name.

Nothing else reads a schema file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin

from ..errors import SchemaError
from .sources import Source, names_of

if TYPE_CHECKING:
    from .vocabulary import Vocabulary

# A reference may bring its own wording and default; it may not quietly replace a rule.
ANNOTATIONS = {"title", "description", "default", "examples", "deprecated", "x-source"}
UNSOURCED = {
    "$schema",
    "$ref",
    "$defs",
    "title",
    "description",
    "examples",
    "properties",
    "items",
    "x-value",
    "x-source",
}
SOURCES = "sources.json"
# The folder of the kit's imports, which lie below what it has of its own; and the layer of the latter.
IMPORTED = "imported/"
OWN_LAYER = 1
OWN = ("vocabulary.json", "layout.json", "report.json")
LAYOUTS = ("sources.json", "profiles.json", "errors.json", "model.json")


@dataclass(frozen=True)
class Documents:
    """Every JSON file of one or more schema folders by its path inside the folder; a later folder wins.

    `layers` says which each is from: 0 the kit's imports, 1 its own, 2 and up the folders given.
    """

    by_path: Mapping[str, Any]
    layers: Mapping[str, int]

    def is_trusted(self, path: str) -> bool:
        """Whether a file is the kit's own, and so is all that it may refer to: the kit's own tests hold those."""
        return self.layers[path] <= OWN_LAYER and not self._shared_laid

    @cached_property
    def _shared_laid(self) -> bool:
        return any(layer > OWN_LAYER and self._is_packaged(path) for path, layer in self.layers.items())

    def _is_packaged(self, path: str) -> bool:
        return path.startswith("shared/") or path == "profiles.json"

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """What a schema file may say, and what it must."""
        return _vocabulary(self.by_path)

    @cached_property
    def sources(self) -> dict[str, Source]:
        """Every source of `sources.json` by name."""
        return {name: Source(name, **fields) for name, fields in self.by_path["sources.json"].items()}

    def models(self) -> Iterator[str]:
        """Paths of the `model.json` files."""
        return (path for path in sorted(self.by_path) if path.endswith("model.json"))

    def schema(self, role: str, reference: str, base: str) -> dict[str, Any]:
        """The request, answer or error schema that a reference in `base` names, its own references replaced.

        Raises SchemaError where what comes of that keeps to neither the vocabulary nor its role.
        """
        path, _, pointer = reference.partition("#")
        schema = _flat({"$ref": reference}, _Place(self, base))
        file = urljoin(base, path)
        if not isinstance(schema, dict):
            raise SchemaError(file, pointer, f"a schema is an object, not {json.dumps(schema)[:40]}")
        if not (self.is_trusted(file) and self.is_trusted(base)):
            # What is a whole file, without references, has been held as that file.
            if not _is_schema(file, schema) or schema != self.by_path.get(file):
                self.vocabulary.hold(file, schema, pointer)
            self.vocabulary.hold_as(role, file, schema, pointer)
        return schema


def load(folders: tuple[Path, ...] = (), *, trusting: bool = True) -> Documents:
    """The packaged schemas, with those of the given folders laid over them. Raises SchemaError.

    Unless `trusting`, the kit's own are held to the vocabulary as well: its tests do that once for all.
    """
    packaged = dict(_read(files("pixelpact.schemas")))
    imported = {path.removeprefix(IMPORTED): content for path, content in packaged.items() if path.startswith(IMPORTED)}
    own = {path: content for path, content in packaged.items() if not path.startswith(IMPORTED)}
    stack = [imported, own]
    for folder in folders:
        if not folder.is_dir():
            raise SchemaError(str(folder), "", "no such folder")
        # What a schema may say is ours to say.
        stack.append({path: content for path, content in _read(folder) if path not in OWN})
    by_path: dict[str, Any] = {}
    layers: dict[str, int] = {}
    sources: dict[str, Any] = {}
    for layer, laid in enumerate(stack):
        if layer > OWN_LAYER and SOURCES in laid:
            _vocabulary(own).hold_as(SOURCES, SOURCES, laid[SOURCES])
        sources |= laid.get(SOURCES, {})
        by_path |= laid
        layers |= dict.fromkeys(laid, layer if trusting else layer + OWN_LAYER + 1)
    documents = Documents(by_path | {SOURCES: sources}, layers)
    _check(documents)
    return documents


def _read(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.startswith("."):
            # What is being written, or none of ours.
            continue
        if entry.is_dir():
            yield from _read(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith(".json"):
            try:
                yield f"{prefix}{entry.name}", json.loads(entry.read_text("utf-8"))
            except (ValueError, RecursionError) as reason:
                raise SchemaError(f"{prefix}{entry.name}", "", f"not JSON: {reason}") from reason


def _vocabulary(by_path: Mapping[str, Any]) -> Vocabulary:
    # The kit's own files are held to it by its tests: a server that has no others starts without jsonschema.
    from .vocabulary import Vocabulary

    return Vocabulary(by_path)


def _is_schema(path: str, content: Any) -> bool:
    return path not in OWN and isinstance(content, dict) and "$schema" in content


def _check(documents: Documents) -> None:
    for path, content in documents.by_path.items():
        name = path.rpartition("/")[2]
        if documents.is_trusted(path):
            continue
        if name in LAYOUTS:
            documents.vocabulary.hold_as(name, path, content)
            _check_names(path, "", _sources_of_layout(content), documents.sources)
        elif _is_schema(path, content):
            documents.vocabulary.hold(path, content)
            _check_sources(path, "", content, documents.sources)


def _sources_of_layout(content: Mapping[str, Any]) -> list[str]:
    entries = [entry["source"] for entry in content.values() if isinstance(entry, dict) and "source" in entry]
    return [*entries, *content.get("x-source", {}).values()]


def _check_names(path: str, pointer: str, names: Iterable[str], sources: Mapping[str, Source]) -> None:
    for name in names:
        if name not in sources:
            raise SchemaError(path, pointer, f"no source {name!r} in sources.json")


def _check_sources(path: str, pointer: str, schema: Any, sources: Mapping[str, Source]) -> None:
    """Every rule names a source, and every source named exists."""
    for keyword in schema.keys() - UNSOURCED:
        # What a reference brings along has its source there.
        if "x-source" not in schema or not names_of(schema, keyword):
            raise SchemaError(path, f"{pointer}/{keyword}", "a rule without a source: name it in x-source")
    named = [name for keyword in schema.get("x-source", {}) for name in names_of(schema, keyword)]
    named += [way["source"] for way in schema.get("x-output-size", ()) if "source" in way]
    _check_names(path, pointer, named, sources)
    for group in ("$defs", "properties"):
        for name, inner in schema.get(group, {}).items():
            _check_sources(path, f"{pointer}/{group}/{name}", inner, sources)
    if "items" in schema:
        _check_sources(path, f"{pointer}/items", schema["items"], sources)
    for index, inner in enumerate(schema.get("anyOf", ())):
        # A branch without sources of its own has those of the whole.
        if "x-source" in inner:
            _check_sources(path, f"{pointer}/anyOf/{index}", inner, sources)


@dataclass(frozen=True)
class _Place:
    """Where the flattening stands: a file, a pointer in it, and the references that led there."""

    documents: Documents
    file: str
    pointer: str = ""
    trail: tuple[str, ...] = ()

    def inside(self, key: object) -> _Place:
        return replace(self, pointer=f"{self.pointer}/{key}")

    def error(self, reason: str) -> SchemaError:
        return SchemaError(self.file, self.pointer, reason)

    def follow(self, reference: Any) -> tuple[_Place, Any]:
        """The place that a reference names, and what stands there."""
        if not isinstance(reference, str):
            raise self.error(f"a reference is a string, not {json.dumps(reference)[:40]}")
        path, _, pointer = reference.partition("#")
        file = urljoin(self.file, path) if path else self.file
        name = f"{file}#{pointer}"
        if name in self.trail:
            raise self.error(f"the reference {reference!r} leads back to itself")
        try:
            found = _pointed(self.documents.by_path[file], pointer)
        # The last two: a pointer into what is neither object nor array.
        except (LookupError, TypeError, ValueError) as reason:
            raise self.error(f"the reference {reference!r} names nothing") from reason
        return replace(self, file=file, pointer=pointer, trail=(*self.trail, name)), found


def _pointed(content: Any, pointer: str) -> Any:
    """What a JSON pointer names in a document, by RFC 6901. Raises LookupError, TypeError or ValueError for nothing."""
    first, *keys = unquote(pointer).split("/")
    if first:
        raise LookupError(pointer)
    for key in keys:
        content = content[int(key) if isinstance(content, list) else key.replace("~1", "/").replace("~0", "~")]
    return content


def _flat(node: Any, place: _Place) -> Any:
    """The node with every reference replaced by what it names, its own annotations and additions laid over."""
    if isinstance(node, list):
        return [_flat(item, place.inside(index)) for index, item in enumerate(node)]
    if not isinstance(node, dict):
        return node
    own = {key: _flat(value, place.inside(key)) for key, value in node.items() if key != "$ref"}
    if "$ref" not in node:
        return own
    there, contents = place.follow(node["$ref"])
    target = _flat(contents, there)
    return _laid_over(target, own, place) if own else target


def _laid_over(target: Any, own: Mapping[str, Any], place: _Place) -> Any:
    if not isinstance(target, dict):
        raise place.error("beside $ref, something would be added to what is no object")
    clash = (own.keys() & target.keys()) - ANNOTATIONS
    if clash:
        raise place.error(f"beside $ref, {sorted(clash)} would replace rules of what it names")
    return {**target, **own, "x-source": {**target.get("x-source", {}), **own.get("x-source", {})}}
