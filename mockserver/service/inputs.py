"""The caller's input picture, made ready: decoded to be sure that it is one, kept by its hash, or stood in for."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..contract.breaches import Breach, InvalidRequest
from ..contract.images import InputImage
from ..contract.keywords import Dimensions
from ..contract.models import Model
from ..errors import PictureRefused
from ..pixels.decode import open_input
from ..pixels.render import STAND_IN
from .artefacts import Artefacts, UnknownArtefact, limits
from .calls import Call
from .fetch import Fetcher, FetchRefused
from .tos4 import Expired, SignatureError
from .uploads import Uploads


@dataclass(frozen=True)
class Input:
    """An input picture by the name that a recipe calls it, and its size as a viewer sees it."""

    name: str
    size: Dimensions


@dataclass(frozen=True)
class Inputs:
    """Takes in what a request carries."""

    artefacts: Artefacts
    uploads: Uploads
    fetcher: Fetcher

    def take(self, call: Call, model: Model, field: str, image: InputImage) -> Input:
        """The input of one field. Raises InvalidRequest, pointing at the field, for a picture that breaks a limit."""
        try:
            data = image.data if image.url is None else self._behind(call, image.url)
            if data is None:
                return Input(f"url:{_shown(image.url or '')}", (STAND_IN.width, STAND_IN.height))
            picture = open_input(data, limits(model.images[field]))
        except PictureRefused as refused:
            raise _invalid(model, field, refused.rule, refused.allowed, refused.received) from refused
        except Expired as refused:
            raise _invalid(model, field, "url", "a URL that still works", f"one {refused}") from refused
        except (SignatureError, UnknownArtefact) as refused:
            # What was tampered with may be the credential or the signature.
            raise _invalid(model, field, "url", "a URL that still works", "one of no picture here") from refused
        except FetchRefused as refused:
            # The reason may tell of this machine's network: it is for the journal of whoever runs the mock.
            raise _invalid(model, field, "url", "a URL that can be fetched", refused.url) from refused
        return Input(f"sha256:{self.uploads.put(data)}", picture.size)

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


def _invalid(model: Model, field: str, rule: str, allowed: str, received: str) -> InvalidRequest:
    return InvalidRequest((Breach(f"/{field}", rule, allowed, received, model.rule_sources(field, "x-image")),))
