"""The caller's input pictures, made ready: decoded to be sure that they are, kept by their hash, or stood in for."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from urllib.parse import urlsplit

from ..contract.breaches import Breach, InvalidRequest
from ..contract.images import InputImage
from ..contract.inputs import InputPicture
from ..contract.models import Model
from ..contract.rules import Dimensions
from ..errors import PictureRefused
from ..pixels.values import STAND_IN, Limits
from .artefacts import Artefacts, UnknownArtefact, limits
from .calls import Call
from .fetch import Fetcher, FetchRefused
from .tos4 import Expired, SignatureError
from .uploads import Uploads

MOST_KNOWN = 4096


@dataclass(frozen=True)
class Input:
    """An input picture by the name that a recipe calls it, and its size as a viewer sees it."""

    name: str
    size: Dimensions


class Opened:
    """The sizes of pictures that were opened lately, by digest and limits: each is decoded once, and then known."""

    def __init__(self, most: int = MOST_KNOWN) -> None:
        self._most = most
        self._known: OrderedDict[tuple[str, Limits], Dimensions] = OrderedDict()
        self._lock = Lock()

    def size(self, data: bytes, digest: str, limits: Limits) -> Dimensions:
        """Width and height as a viewer sees them. Raises PictureRefused."""
        known = self._known.get((digest, limits))
        if known is None:
            # A server starts, and draws nothing, without the imaging library.
            from ..pixels.decode import measured

            size = measured(data, limits)
            known = (size.width, size.height)
            with self._lock:
                self._known[digest, limits] = known
                if len(self._known) > self._most:
                    self._known.popitem(last=False)
        return known


@dataclass(frozen=True)
class Inputs:
    """Takes in what a request carries."""

    artefacts: Artefacts
    uploads: Uploads
    fetcher: Fetcher
    opened: Opened = field(default_factory=Opened)

    def take(self, call: Call, model: Model, picture: InputPicture, image: InputImage) -> Input:
        """One picture of a body. Raises InvalidRequest, pointing at its place, for one that breaks a limit."""
        try:
            data = image.data if image.url is None else self._behind(call, image.url)
            if data is None:
                return Input(f"url:{_shown(image.url or '')}", (STAND_IN.width, STAND_IN.height))
        except PictureRefused as refused:
            # A picture of our own that cannot be drawn.
            raise _invalid(model, picture, refused.rule, refused.allowed, refused.received) from refused
        except Expired as refused:
            raise _invalid(model, picture, "url", "a URL that still works", f"one {refused}") from refused
        except (SignatureError, UnknownArtefact) as refused:
            # What was tampered with may be the credential or the signature.
            raise _invalid(model, picture, "url", "a URL that still works", "one of no picture here") from refused
        except FetchRefused as refused:
            # The reason may tell of this machine's network: it is for the journal of whoever runs the mock.
            raise _invalid(model, picture, "url", "a URL that can be fetched", refused.url) from refused
        found = self.measured(model, picture, data)
        self.uploads.put(data)
        return found

    def measured(self, model: Model, picture: InputPicture, data: bytes) -> Input:
        """One picture by its bytes, which are not kept. Raises InvalidRequest as `take`."""
        digest = hashlib.sha256(data).hexdigest()
        try:
            return Input(f"sha256:{digest}", self.opened.size(data, digest, limits(picture.rule)))
        except PictureRefused as refused:
            raise _invalid(model, picture, refused.rule, refused.allowed, refused.received) from refused

    def _behind(self, call: Call, url: str) -> bytes | None:
        own = self.artefacts.own(url, call.host, call.moment)
        if own is not None:
            return own
        return self.fetcher.fetch(url) if self.fetcher.allows(url) else None


def _shown(url: str) -> str:
    """A URL without what may be secret in it; the hash keeps different queries different."""
    parts = urlsplit(url)
    digest = hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{parts.scheme}://{parts.hostname}{parts.path}#{digest}"


def _invalid(model: Model, picture: InputPicture, rule: str, allowed: str, received: str) -> InvalidRequest:
    sources = model.rule_sources(picture.field, "x-image")
    return InvalidRequest((Breach(f"/{picture.pointer}", rule, allowed, received, sources),))
