"""Generated pictures behind signed URLs. A URL carries its recipe, so nothing is stored and any replica can draw it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
import re
import sys
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pybase64

from ..contract.contract import Contract
from ..contract.images import formats, ratio
from ..contract.models import Model
from ..errors import PixelpactError
from ..pixels.values import CONTAINERS, Encoding, Limits, Recipe, Size, Source
from .calls import hexadecimal
from .drawn import Drawn, Gallery
from .listing import places
from .tos4 import Credential, sign, verify
from .uploads import Uploads

# Documented form: `02`, the moment in milliseconds, 38 hex digits; of other containers, the same.
FILE = rf"02[0-9]{{13}}[0-9a-f]{{38}}\.(?:{'|'.join(CONTAINERS)})"
NAME = re.compile(rf"/(?P<folder>[a-z0-9-]+)/{FILE}", re.ASCII)
RECIPE, TENANT = "x-pixelpact-recipe", "x-pixelpact-tenant"
# Longer recipes are kept like uploads: a client or a proxy may cut a URL of more than 4 kB.
LONGEST = 3000
# In bytes: packing one that is no longer takes more time than it saves room.
SHORT = 512
# The documented overlay: assets/watermark.png at 5 % of the picture.
OVERLAY = "image/watermark,image_YXNzZXRzL3dhdGVybWFyay5wbmc_eC10b3MtcHJvY2Vzcz1pbWFnZS9yZXNpemUsUF81"
# Of a picture that is drawn, and of one that is taken in, whatever a rule says: so that memory is safe. An input of a
# rule that says nothing has 36 million at most, and what is drawn as large as that a little for rounding.
MOST_PIXELS = 40_000_000
MOST_TAKEN = 2**26
KINDS: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("model", "prompt", "container"), str),
    **dict.fromkeys(("seed", "index"), int),
    "guidance": (int, float, type(None)),
    "watermark": bool,
    "image": (str, type(None)),
}
LIMITS = {"maxBytes": "max_bytes", "maxPixels": "max_pixels", "minSide": "min_side"}
RATIOS = {"minRatio": "min_ratio", "maxRatio": "max_ratio"}
# What a rule does not limit is free, but for the pixels.
NO_RULE = Limits(max_bytes=sys.maxsize, min_side=1, min_ratio=0, max_ratio=math.inf)
ANY = replace(NO_RULE, max_pixels=MOST_TAKEN)


class UnknownArtefact(PixelpactError):
    """No picture has that name, or the upload that it was made from is gone."""


class Artefacts:
    """Signs, verifies and draws. `secret` decides which URLs are ours."""

    def __init__(self, contract: Contract, uploads: Uploads, secret: str) -> None:
        self._contract = contract
        self._folders = places(contract)
        self._uploads = uploads
        self._credential = Credential(_access_key(secret), secret)
        self.drawn = Gallery(self._draw).drawn

    def passing(self, recipe: Recipe) -> Drawn:
        """The picture of a recipe, drawn anew and not kept: one of many that go into one answer."""
        return Drawn(self._draw(recipe))

    def draw(self, recipe: Recipe) -> bytes:
        """The file of a recipe's picture. Raises UnknownArtefact if what it was made from is gone."""
        return self.drawn(recipe).data

    def publish(self, model: Model, recipe: Recipe, origin: str, moment: datetime, tenant: str) -> str:
        """The signed URL of a picture on the caller's own origin; its X-Tos-Date is `moment` to the second.

        Downloads are anonymous, so the URL names its tenant too, by whose clock it expires.
        """
        name = f"02{int(moment.timestamp()) * 1000:013d}{hexadecimal(38)}.{recipe.container}"
        path = f"/{self._folders[model.picture.folder]}/{name}"
        lifetime = model.artefact["lifetime"] if model.artefact else 86400
        process = {"x-tos-process": OVERLAY} if recipe.watermark else {}
        query = sign(
            self._credential,
            host=origin.partition("://")[2],
            path=path,
            moment=moment,
            expires=lifetime,
            extra={**process, RECIPE: self._written(recipe), TENANT: tenant},
        )
        return f"{origin}{path}?{query}"

    def recipe(self, host: str, path: str, query: list[tuple[str, str]], moment: datetime) -> Recipe:
        """The recipe that a URL carries. Raises UnknownArtefact, or SignatureError if expired or tampered with."""
        if not NAME.fullmatch(path):
            raise UnknownArtefact(path)
        verify(self._credential, host=host, path=path, query=query, moment=moment)
        return self._read(dict(query).get(RECIPE, ""))

    def own(self, url: str, host: str, moment: datetime) -> bytes | None:
        """The picture behind a URL of this mock, or None if the URL leads elsewhere. Raises as `recipe` does."""
        parts = urlsplit(url)
        if parts.netloc.lower() != host:
            return None
        return self.draw(self.recipe(host, parts.path, parse_qsl(parts.query, keep_blank_values=True), moment))

    def model(self, recipe: Recipe) -> Model:
        """The model that a recipe is for."""
        try:
            return self._contract.models[recipe.model]
        except KeyError as reason:
            raise UnknownArtefact(recipe.model) from reason

    def input(self, recipe: Recipe) -> bytes | None:
        """The picture that was edited; None of one that was drawn. Raises UnknownArtefact if it is gone."""
        return None if recipe.image is None else self._source(recipe.image)

    def _draw(self, recipe: Recipe) -> bytes:
        # A server starts, and answers, without the imaging library.
        from ..pixels.render import render

        model = self.model(recipe)
        picture = model.picture
        encoding = Encoding(picture.quality, "artist" if picture.digest == "artist" else "comment", recipe.container)
        # Each was held to its rule when it was taken in.
        references = tuple(Source(self._source(name), ANY) for name in recipe.references)
        if recipe.image is None:
            return render(recipe, encoding, references=references)
        return render(recipe, encoding, self._source(recipe.image), ANY, references)

    def _source(self, image: str) -> bytes:
        from ..pixels.render import stand_in

        kind, _, name = image.partition(":")
        source = self._uploads.get(name) if kind == "sha256" else stand_in(name)
        if source is None:
            raise UnknownArtefact(image)
        return source

    def _written(self, recipe: Recipe) -> str:
        packed = recipe.canonical
        if len(packed) > SHORT:
            packed = zlib.compress(packed, 9)
        text = pybase64.urlsafe_b64encode(packed).decode().rstrip("=")
        return text if len(text) <= LONGEST else f"@{self._uploads.put(packed)}"

    def _read(self, text: str) -> Recipe:
        try:
            packed = self._uploads.get(text[1:]) if text[:1] == "@" else base64.urlsafe_b64decode(text + "==")
            packed = packed or b""
            recipe = _recipe(json.loads(packed if packed[:1] == b"{" else zlib.decompress(packed)))
        except (binascii.Error, zlib.error, ValueError, KeyError, TypeError, RecursionError) as reason:
            raise UnknownArtefact(text[:40]) from reason
        # Whoever knows the secret could sign any size; no model draws as much.
        if recipe.size.width * recipe.size.height > MOST_PIXELS:
            raise UnknownArtefact(str(recipe.size))
        return recipe


def _access_key(secret: str) -> str:
    """47 characters of the documented form; every URL shows them, so they tell nothing of the secret."""
    digest = hashlib.sha256(f"access key of {secret}".encode()).digest()
    return f"AKLT{base64.b64encode(digest, b'ab').decode().rstrip('=')}"


def _recipe(fields: Mapping[str, Any]) -> Recipe:
    several = {name: tuple(fields[name]) for name in ("references", "masks") if name in fields}
    recipe = Recipe(**{**fields, **several, "size": Size(**fields["size"])})
    if recipe.container not in CONTAINERS or not all(_is_plain(recipe)):
        raise ValueError(str(recipe.container)[:40])
    return recipe


def _is_plain(recipe: Recipe) -> Iterator[bool]:
    """Whether each value is one that we would write: whoever knows the secret can sign any."""
    for name, kinds in KINDS.items():
        yield isinstance(getattr(recipe, name), kinds)
    yield from (type(side) is int and side > 0 for side in (recipe.size.width, recipe.size.height))
    yield recipe.guidance is None or math.isfinite(recipe.guidance)
    yield all(isinstance(name, str) for name in (*recipe.references, *recipe.masks))


def limits(rule: Mapping[str, Any]) -> Limits:
    """The limits of an `x-image` rule as the picture layer wants them."""
    given: dict[str, Any] = {ours: rule[theirs] for theirs, ours in LIMITS.items() if theirs in rule}
    ratios: dict[str, Any] = {ours: float(ratio(rule[theirs])) for theirs, ours in RATIOS.items() if theirs in rule}
    pixels = min(given.pop("max_pixels", NO_RULE.max_pixels), MOST_TAKEN)
    return replace(NO_RULE, formats=formats(rule), max_pixels=pixels, **given, **ratios)
