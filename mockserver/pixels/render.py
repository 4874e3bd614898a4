"""The bytes of an answer, from its recipe: drawn, or edited from the caller's picture, and encoded."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from PIL import ImageDraw

from .decode import open_input
from .draw import draw, poster
from .edit import edit
from .encode import encode
from .poster import Covered, Picture, Whole
from .references import laid, prints, shows
from .values import STAND_IN, Encoding, Limits, Recipe, Source


def render(
    recipe: Recipe,
    encoding: Encoding,
    source: bytes | None = None,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    references: Sequence[Source] = (),
) -> bytes:
    """Return the file of a recipe: an edit of `source` if there is one, with a print of each reference laid on it.

    A small edit has no room for prints: there `references` of the recipe move the thing.

    Raises PictureRefused for a picture that breaks a limit, or cannot be written as the encoding says.
    """
    made: Picture = poster(recipe) if source is None else Whole(edit(recipe, open_input(source, limits, recipe.size)))
    if references and (source is None or shows(recipe.size)):
        made = Covered(made, tuple(laid(prints(references, recipe.size))))
    return encode(made, encoding, recipe.digest)


def stand_in(url: str) -> bytes:
    """Return a JPEG, 1024x768, in place of a URL that may not be fetched; it shows the file's name and the host alone.

    The rest of a URL (user, query, fragment, folders) may hold secrets, and so does not reach the picture.
    """
    recipe = Recipe("stand-in", f"Stand-in for {_label(url)}", 0, STAND_IN, guidance=0)
    picture = draw(recipe)
    inset = 14
    frame = inset, inset, picture.width - 1 - inset, picture.height - 1 - inset
    ImageDraw.Draw(picture).rectangle(frame, outline="white", width=4)
    return encode(picture, Encoding(quality=90, digest_in="comment"), recipe.digest)


def _label(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return "a URL that cannot be read"
    name = unquote(parts.path.rstrip("/").rpartition("/")[2])
    return " from ".join(part for part in (name, host) if part) or "a URL without a host"
