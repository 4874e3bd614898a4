"""The words that fields and values of image models are called by, and what they mean.

Every table is a rule of `pixelpact import`; nothing else in the importer knows a name.
"""

from __future__ import annotations

import re

RULES = "import-rules"

# How many pictures: the first of these that a request has.
COUNTS = (
    *("n", "num_images", "number_of_images", "num_outputs", "image_count", "num_samples", "batch_size", "max_images"),
)
PLAIN_COUNTS = COUNTS[:3]
MOST_PICTURES = 10

# As what a picture comes: the field, and what its values mean.
FORMS: dict[str, dict[object, str]] = {
    "response_format": {"url": "url", "b64_json": "b64_json", "base64": "b64_json", "b64": "b64_json"},
    "convert_base64_to_url": {True: "url", False: "b64_json"},
}

CONTAINER_FIELDS = ("output_format", "image_format", "format", "output_mime_type", "mime_type")
CONTAINERS = {
    "jpeg": "jpeg",
    "jpg": "jpeg",
    "png": "png",
    "webp": "webp",
    "tif": "tiff",
    "tiff": "tiff",
    "image/jpeg": "jpeg",
    "image/jpg": "jpeg",
    "image/png": "png",
    "image/webp": "webp",
    "image/tiff": "tiff",
}

SIZES = ("size", "image_size", "output_size", "dimensions")
RATIOS = ("aspect_ratio", "image_aspect_ratio", "ratio")
SCALES = ("resolution", "image_resolution", "output_resolution", "max_resolution", "megapixels")
SIDES = (("width", "height"), ("image_width", "image_height"), ("output_width", "output_height"))
# fal.ai documents these six; upstream of most models that take them.
PRESETS = {
    "square_hd": "1024x1024",
    "square": "512x512",
    "portrait_4_3": "768x1024",
    "portrait_16_9": "576x1024",
    "landscape_4_3": "1024x768",
    "landscape_16_9": "1024x576",
}
FROM_INPUT = {"auto", "adaptive", "match_input_image", "match_input", "original", "input", "source", "same"}
LONG_SIDE = 1024
AREA = 1024 * 1024
MULTIPLE = 16
# The smallest and the largest side that any documented model takes.
LEAST_SIDE, MOST_SIDE = 64, 4096
USUAL_SIDE = 1024
# What the mock draws at most.
MOST_PIXELS = 40_000_000

# A field of pictures: one of the first among its words, one of the second as the last of them.
PICTURES = {"image", "images", "img", "mask", "masks", "picture", "pictures", "photo", "photos"}
PICTURE_ENDS = PICTURES | {"url", "urls", "uri", "uris", "base64", "b64", "data", "input", "file", "files"}
# A link to something else.
OTHER_LINKS = {
    *("webhook", "callback", "notify", "redirect", "lora", "loras", "path", "model", "weights", "mesh", "video"),
    *("audio", "music", "voice", "homepage", "website", "checkpoint", "embedding", "embeddings"),
}
# A picture that is looked at, not edited.
ASIDE = {
    *("reference", "references", "style", "mask", "masks", "control", "alpha", "character", "subject", "pose"),
    *("face", "depth", "background", "end", "last", "tail", "prompt"),
}
# What an uploaded file becomes before it reaches the service.
FILE = {"originalname", "mimetype", "buffer"}
# Not pictures in, or not pictures out.
OTHER_WORKS = re.compile(r"(?:mesh|video|audio|music|voice|model_3d)(?:_\w+)?_ur[li]s?", re.ASCII)

# What a field of an answer means, by its name and type.
VALUES: dict[str, tuple[str, tuple[str, ...]]] = {
    "created": ("created", ("integer", "number")),
    "created_at": ("created", ("integer", "number")),
    "credits_used": ("credits_used", ("integer", "number")),
    "tokens_used": ("credits_used", ("integer", "number")),
    "usd_spent": ("usd_spent", ("number",)),
    "model": ("model", ("string",)),
    "prompt": ("prompt", ("string",)),
    "size": ("size", ("string",)),
}
PICTURE_VALUES = {
    "url": "url",
    "image_url": "url",
    "urls": "url",
    "image_urls": "url",
    "b64_json": "b64_json",
    "image_base64": "b64_json",
    "base64": "b64_json",
    "b64": "b64_json",
}
# Where an answer has its pictures.
PICTURE_PLACES = {
    *("data", "images", "image", "output", "outputs", "choices", "result", "results", "artifacts", "generations"),
}


def words(name: str) -> list[str]:
    """The words of a field's name: `imageUrl`, `image_url` and `image-url` are two."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return [word for word in re.split(r"[^a-z0-9]+", split.lower()) if word]
