"""The kinds of change to an endpoint and what it says as a whole: models, paths, keys, statuses."""

from __future__ import annotations

from .judgement import BREAKING, HARMLESS, RISKY, Judgement, Kind, callers, readers

ENDPOINT_KINDS: dict[str, Kind] = {
    "model-added": Kind("model added", callers(HARMLESS, "nobody called it before")),
    "model-removed": Kind(
        "model removed",
        Judgement(
            BREAKING,
            BREAKING,
            "a call to it is refused, where an answer came before",
            "move to another model; until then keep its recorded answers for your tests",
        ),
    ),
    "unpublished": Kind(
        "no specification published any more",
        callers(
            RISKY, "others of its kind still have one: it may have been retired", "try a call, and look for a successor"
        ),
    ),
    "standing-worse": Kind(
        "model retired in part or whole",
        callers(
            RISKY, "a deprecated model may be gone with the next revision, a removed one is", "plan to move to another"
        ),
    ),
    "standing-better": Kind("model back in use", callers(HARMLESS, "it is meant to be called again")),
    "path-moved": Kind("path changed", callers(BREAKING, "the old path is not there any more", "send to {after}")),
    "path-added": Kind("path added", callers(HARMLESS, "the paths known before are still there")),
    "path-removed": Kind(
        "path removed", callers(BREAKING, "the model is served at its other paths only", "send to {after}")
    ),
    "server-changed": Kind(
        "server changed",
        callers(
            RISKY, "the old base URL may answer for a while, or never", "make the base URL a setting, and try {after}"
        ),
    ),
    "security-dropped": Kind(
        "security not stated any more",
        callers(RISKY, "the docs say less: a service that asked for a key still asks", "keep sending the key"),
    ),
    "security-added": Kind("security now stated", callers(BREAKING, "a call without a key is refused", "send {after}")),
    "security-changed": Kind(
        "security of another kind",
        callers(BREAKING, "the key is expected in another way", "send {after} in place of {before}"),
    ),
    "security-spelt": Kind(
        "security told otherwise", callers(HARMLESS, "what stands beside the scheme has no meaning for its kind")
    ),
    "price-changed": Kind(
        "price changed", callers(RISKY, "the same call costs otherwise", "check budgets and limits of spending")
    ),
    "picture-changed": Kind(
        "pictures of another kind",
        Judgement(
            HARMLESS, RISKY, "whoever stores or shows pictures may expect {before}", "go by the picture's own bytes"
        ),
    ),
    "body-described": Kind(
        "request now described", callers(RISKY, "nothing was said of the body before", "check what you send against it")
    ),
    "body-undescribed": Kind(
        "request described no more",
        callers(RISKY, "the docs say less: nothing holds any more", "keep to the old rules"),
    ),
    "media-changed": Kind(
        "another media type",
        callers(BREAKING, "what was sent as {before} is refused", "send {after}"),
        readers(BREAKING, "who reads {before} cannot read {after}", "read the answer as {after}"),
    ),
    "status-replaced": Kind(
        "status changed",
        None,
        Judgement(
            RISKY,
            BREAKING,
            "a client that waits for {before} takes a good answer for a failure, after the picture was paid for",
            "accept every 2xx",
        ),
    ),
    "success-added": Kind(
        "another success",
        None,
        readers(RISKY, "a good answer may come with a status that nobody waited for", "accept every 2xx"),
    ),
    "success-removed": Kind(
        "a success less",
        None,
        readers(BREAKING, "what was answered with {before} is answered otherwise", "accept every 2xx"),
    ),
    "status-added": Kind("failure now documented", None, readers(HARMLESS, "it could come before, unsaid")),
    "status-removed": Kind(
        "failure documented no more",
        None,
        readers(RISKY, "the docs say less: it may come all the same", "keep handling it"),
    ),
    "answer-described": Kind(
        "answer now described",
        None,
        readers(
            RISKY,
            "nothing was promised before: a reader made for what came may not fit",
            "check your reader against it",
        ),
    ),
    "answer-undescribed": Kind(
        "answer described no more",
        None,
        readers(
            RISKY, "the docs say less: nothing of the answer is promised any more", "keep to the old form, and check it"
        ),
    ),
    "wording": Kind(
        "samples, order or wording only",
        callers(HARMLESS, "no program goes by it"),
        readers(HARMLESS, "no program goes by it"),
    ),
}
