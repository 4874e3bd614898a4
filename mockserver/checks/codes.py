"""Every check by name: its stable code, how much it weighs, and what it means for whoever reads a finding.

A code is never reused. PX1 answers · PX2 links and pictures · PX3 errors · PX4 access · PX5 several requests together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Check:
    """One property of a server. `promise` is a sentence; `causes` is where to look when it does not hold.

    `severity` is what a finding weighs at most: one that only assumptions promise is a warning, but on our own mock.
    """

    code: str
    name: str
    promise: str
    causes: str
    severity: Severity = "error"


_TABLE = (
    # Answers
    ("PX101", "status", "A valid request is accepted, with the status of the profile.",
     "A rule of the server is stricter than the contract, or one of its handlers fails for this value."),
    ("PX102", "retired", "The model can still be called.",
     "The vendor has taken the model out of service: nothing else can be judged of it."),
    ("PX103", "content-type", "An answer says that it is JSON, and is.",
     "A proxy's page, a body cut short, NaN or a key given twice."),
    ("PX104", "schema", "An answer keeps to the schema of the profile.",
     "A field was renamed, dropped, retyped or nulled. `pixelpact verify --profile` judges by an older reading."),
    ("PX105", "form", "Pictures come in the form that the request asked for: by link or in base64.",
     "response_format or its like is ignored, or another default is in force."),
    ("PX106", "cost", "What an answer cost is told alike wherever it is told: $1 is 2,000,000 credits.",
     "Headers and body are computed from different prices or units, or one of them of one picture of several."),
    ("PX107", "clock", "created is the moment of the answer, in seconds.",
     "Milliseconds, local time, a cached answer, or the clock of another machine."),
    ("PX108", "echo", "What an answer repeats of its request is what was sent.",
     "A value is changed on the way, or the answer is another request's."),
    ("PX109", "count", "One request gives one picture, or as many as a field of its schema asks for.",
     "A default of n, a batch that was not cut, a field that is ignored, or a picture that failed and was dropped."),
    # Links and pictures
    ("PX201", "url", "A link is signed in full, for 24 hours from created; or not signed at all.",
     "A clock, a lifetime or a credential's date that does not fit; a signature cut or in upper case."),
    ("PX202", "download", "Every picture can be had: by its link without a key, or decoded from bare base64.",
     "The object is not written yet, the link needs a key, or the base64 has a data: prefix or line breaks."),
    ("PX203", "picture", "Every picture is whole.",
     "A file cut short, an error page saved as a picture, bytes changed on the way."),
    ("PX204", "container", "The bytes are of the container asked for or promised; the download and the name say so.",
     "A converter was added or dropped; the type is set by hand; output_format is ignored."),
    ("PX205", "size", "A picture is exactly as large as the request was promised.",
     "Rounding to a multiple, a cap, swapped sides, another row of the size table, a ratio that is ignored."),
    ("PX206", "edit", "An edit keeps the caller's picture and changes something in it.",
     "The input is ignored, returned as it came, mirrored, recoloured or blurred; or another caller's was used."),
    ("PX207", "tampered-link", "A link that was changed is refused.",
     "The signature is not checked, or does not cover what was changed."),
    ("PX208", "artefact", "A link gives the same picture each time.",
     "The picture is drawn anew, or the object was overwritten by another."),
    ("PX209", "content", "A picture shows something, all over, in colour.",
     "A blank canvas, a decoder that filled up the rest, a lost channel, noise."),
    ("PX210", "one-container", "All pictures of a model that were asked for alike are of one container.",
     "One form of the answer is encoded by other code than the other."),
    ("PX211", "distinct", "Several pictures of one answer are several, not one again.",
     "One seed for all of them, one picture copied, or one link for every place of the list."),
    # Errors
    ("PX301", "refusal", "A request that breaks the contract is refused, with a status that says why.",
     "A rule is not checked, or a value is converted, trimmed or cut before it is."),
    ("PX302", "error-content-type", "An error says that it is JSON, and is.",
     "A framework's or a proxy's own error page."),
    ("PX303", "error-envelope", "An error keeps to the error schema of the profile.",
     "A path through the server with an error handler of its own."),
    ("PX304", "error-agreement", "What an error says of status, path and request is what happened.",
     "A status set in one place and written in another; a copied error body."),
    ("PX305", "error-clock", "The timestamp of an error is the moment of the answer.",
     "A constant, a cached error, local time without its offset."),
    ("PX306", "error-field", "A refusal names the field that is wrong.",
     "Validation errors are swallowed on their way into the body.", "warning"),
    ("PX307", "leak", "No answer lets anyone look inside the server, or repeats a secret.",
     "Debug mode, an unfiltered exception, a header meant for the log."),
    ("PX308", "error-text", "The texts of an error are for people: not empty, not endless, no control characters.",
     "A value of the request is repeated unescaped and whole."),
    ("PX309", "charge", "A refusal makes no picture and costs nothing.",
     "The request is checked after the picture was made, or the cost is told before the outcome is known."),
    # Access
    ("PX401", "key", "Only a valid key, sent as a bearer token, is let in, and 401 comes before anything else.",
     "The scheme is not looked at, a fallback is in force, or validation runs before authentication."),
    ("PX402", "scheme", "The word Bearer counts in any case (RFC 9110, 11.1).",
     "The header is compared as text."),
    ("PX403", "method", "Any other method is refused.",
     "A catch-all route."),
    ("PX404", "path", "A path that is not there is not found.",
     "A catch-all route, or a fallback page."),
    ("PX405", "malformed", "A body that is no JSON request is the client's error: 4xx, never 5xx.",
     "The parser is lenient, or what it raises is not caught."),
    ("PX406", "alias", "The endpoint answers under its documented other paths too.",
     "Strict slashes, or a missing route.", "warning"),
    ("PX407", "cors", "A page in a browser may call the endpoint and read its headers.",
     "CORS is off, or on for some answers only."),
    ("PX408", "tracing", "Every answer has its id in the headers.",
     "A path through the server that skips the middleware."),
    ("PX409", "client-request-id", "x-client-request-id comes back as it was sent, and an invalid one is dropped.",
     "It is made up, cached, or not checked."),
    ("PX410", "models-list", "The list of models can be read, and names the model.",
     "The model was retired, renamed, or is not for this key.", "warning"),
    ("PX411", "inside", "A picture's URL that points inside is not fetched, unless its host is allowed.",
     "The server follows any URL that a caller sends: it can be made to ask its own network."),
    # Several requests together
    ("PX501", "same-seed", "The same seed and prompt give the same picture.",
     "The seed is ignored, or 0 is taken for none."),
    ("PX502", "same-form", "The picture is the same by url and by b64_json.",
     "Each form is generated or encoded by its own code."),
    ("PX503", "no-effect", "Each field has an effect on the picture.",
     "The field is read and dropped, cut to fewer bits, or overwritten by a default."),
    ("PX504", "random-picture", "Without a seed, each picture is another.",
     "The seed has a constant default, or answers are cached."),
    ("PX505", "request-id", "Every answer has an id of its own.",
     "An id made once a process, or cached together with the answer."),
    ("PX506", "unique-link", "Every answer has a link of its own.",
     "Names that collide, or an answer that is another request's."),
    ("PX507", "cross-leak", "No answer holds anything of another request.",
     "State shared between requests: a global, a reused buffer, a cache without a key."),
    ("PX508", "latency", "No value of a parameter makes an answer much slower than all others.",
     "A retry, a timeout or a fallback that only this value sets off."),
    ("PX510", "rate-limit", "The server has room for one client.",
     "A rate limit below one request at a time.", "warning"),
)  # fmt: skip
CHECKS: dict[str, Check] = {check.name: check for check in (Check(*row) for row in _TABLE)}
BY_CODE: dict[str, Check] = {check.code: check for check in CHECKS.values()}
