"""`pixelpact explain`: what a finding's code promises, who promises it, and what usually breaks it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..checks.codes import BY_CODE, CHECKS, Check
from ..checks.findings import Finding, best_standing
from ..contract.answers import find
from ..contract.sources import Source, names_of
from . import options

if TYPE_CHECKING:
    from ..contract.contract import Contract
    from ..contract.models import Model

ALL = "all"
# What each check goes by: a part of the contract with its field, and a keyword there. None: what any HTTP service owes.
RULES: dict[str, tuple[str, ...]] = {
    "status": ("profile status",),
    "retired": ("source model-database",),
    "content-type": ("profile answer",),
    "schema": ("profile answer",),
    "form": ("request x-form", "request.response_format enum", "answer.url x-value", "answer.b64_json x-value"),
    "cost": ("answer.credits_used x-value", "source tracing-page", "source funds-page"),
    "clock": ("answer.created x-value",),
    "echo": ("profile answer",),
    "count": ("request x-count", "profile answer"),
    "url": ("answer.url x-artefact",),
    "download": ("answer.url x-value", "answer.b64_json x-value"),
    "picture": ("source sample-pictures",),
    "container": ("request x-container", "source sample-pictures"),
    "size": ("request x-output-size",),
    "edit": ("request x-edit",),
    "tampered-link": ("answer.url x-artefact",),
    "artefact": ("answer.url x-value",),
    "content": ("source sample-pictures",),
    "one-container": ("source sample-pictures", "request x-container"),
    "distinct": ("source no-evidence",),
    "refusal": (
        "request required",
        "request.model enum",
        "request.prompt type",
        "request.size x-size",
        "request.image x-image",
        "request.seed maximum",
        "request.guidance_scale maximum",
    ),
    "error-content-type": ("error required",),
    "error-envelope": ("error required",),
    "error-agreement": ("error.status x-value", "error.path x-value"),
    "error-clock": ("error.timestamp pattern",),
    "error-field": ("errors.invalid_request message",),
    "leak": ("error required",),
    "error-text": ("error.message x-value",),
    "charge": ("source tracing-page",),
    "key": ("errors.unauthorized status", "source live-401-2026-08"),
    "scheme": ("source rfc-9110",),
    "method": ("source rfc-9110",),
    "path": ("source rfc-9110",),
    "malformed": ("source rfc-8259", "request type", "source server-defaults"),
    "alias": ("source other-paths",),
    "cors": ("source tracing-page", "source no-evidence"),
    "tracing": ("source live-401-2026-08", "source no-evidence"),
    "client-request-id": ("source tracing-page",),
    "models-list": (),
    "inside": ("source no-evidence",),
    "same-seed": ("request.seed type",),
    "same-form": ("request.response_format type",),
    "no-effect": ("request.seed type", "request.prompt type", "request.guidance_scale type", "request.watermark type"),
    "random-picture": ("request.seed type",),
    "request-id": ("errors.unauthorized status",),
    "unique-link": ("answer.url x-artefact",),
    "cross-leak": ("error required",),
    "latency": ("profile answer",),
    "rate-limit": ("errors.too_many_requests status",),
}
ENTRY = """\
[[known]]
code = "{code}"
owner = "…"
reason = "…"
expires = 2026-12-31"""
LISTS = ("faults", "verdicts")
SEVERITIES = {
    "error": "error; a warning where nothing but an assumption promises it, on any server but the mock",
    "warning": "warning",
}
CURL = (
    "curl -sS -X POST https://…/v1/images/generations -H \"Authorization: Bearer $PIXELPACT_API_KEY\" --data-raw '{…}'"
)


@dataclass(frozen=True)
class Rule:
    """A part of the contract that a check goes by, as `request.size x-size`, and where it comes from."""

    rule: str
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Told:
    """What there is to tell of a check."""

    check: Check
    rules: tuple[Rule, ...]


@click.command()
@click.argument("code", nargs=-1)
@options.profile
@options.schemas
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def explain(code: tuple[str, ...], profile: str, schemas: tuple[Path, ...], as_json: bool) -> None:
    """Say what a finding means: of a CODE or name, or of all in a list.

    It knows the `faults` too, which a mock can be told to have, and the `verdicts` that its journal gives of a client.

    \b
    Examples:
      pixelpact explain PX205
      pixelpact explain faults
    """
    from ..contract.contract import load
    from . import words

    if not code and not as_json:
        click.echo("\n".join(f"{check.code}  {check.name:<20}{check.promise}" for check in CHECKS.values()))
        return
    known = words.known()
    checks = [check for given in code if (check := _check(given, known))] if code else list(CHECKS.values())
    meanings = {word: meaning for given in code for word, meaning in known.get(given, {}).items()}
    contract = load(*schemas, profile=profile)
    told = [_told(check, contract) for check in checks]
    if as_json:
        rows = [{**asdict(one.check), "rules": [asdict(rule) for rule in one.rules]} for one in told]
        rows += [{"word": word, "meaning": meaning} for word, meaning in meanings.items()]
        click.echo(json.dumps(rows, indent=2))
    else:
        texts = ["\n".join(_lines(one)) for one in told]
        click.echo("\n\n".join([*texts, *([words.told(meanings)] if meanings else [])]))


def _check(given: str, words: Mapping[str, Any]) -> Check | None:
    """The check of a code or a name, in any case; None for one of the words. Raises UnknownName with what is near."""
    from ..errors import UnknownName

    found = BY_CODE.get(given.upper()) or CHECKS.get(given.lower())
    if found is None and given not in words:
        near = get_close_matches(given.upper(), BY_CODE) + get_close_matches(given.lower(), [*CHECKS, *words])
        raise UnknownName("check", given, tuple(near) or (*BY_CODE, *LISTS))
    return found


def _told(check: Check, contract: Contract) -> Told:
    rules = (Rule(rule, _sources(contract, rule)) for rule in RULES[check.name])
    return Told(check, tuple(rule for rule in rules if rule.sources))


def _sources(contract: Contract, rule: str) -> tuple[Source, ...]:
    """Where a rule comes from, of the usual models of the profile; of none, where no model has it.

    A keyword that only others have is told of those, as nobody would learn of it otherwise.
    """
    place, _, keyword = rule.partition(" ")
    part, _, field = place.partition(".")
    if part not in OF_MODELS:
        return tuple(dict.fromkeys(PARTS[part](contract, field, keyword)))
    groups = (OF_MODELS[part](contract, contract.chosen(names), field, keyword) for names in ((), (ALL,)))
    return next((found for group in groups if (found := tuple(dict.fromkeys(group)))), ())


def _request(contract: Contract, models: list[Model], field: str, keyword: str) -> Iterator[Source]:
    for model in models:
        schema = model.request["properties"].get(field, {}) if field else model.request
        yield from _named(contract, schema, keyword)


def _answer(contract: Contract, models: list[Model], field: str, keyword: str) -> Iterator[Source]:
    for model in models:
        yield from _named(contract, find(model.answer, field) or {}, keyword)


def _error(contract: Contract, field: str, keyword: str) -> Iterator[Source]:
    yield from _named(contract, (find(contract.error, field) or {}) if field else contract.error, keyword)


def _named(contract: Contract, schema: Mapping[str, Any], keyword: str) -> Iterable[Source]:
    names = names_of(schema, keyword) if keyword in schema else ()
    own = (rule["source"] for rule in _rules(schema.get(keyword)) if "source" in rule)
    return (contract.documents.sources[name] for name in (*names, *own))


def _rules(value: Any) -> list[Mapping[str, Any]]:
    """What a keyword of ours says, each part of which may name a source of its own."""
    return [rule for rule in (value if isinstance(value, list) else [value]) if isinstance(rule, Mapping)]


OF_MODELS: dict[str, Callable[[Contract, list[Model], str, str], Iterable[Source]]] = {
    "request": _request,
    "answer": _answer,
    "profile": lambda _, models, *__: [source for model in models for source in model.promised_by],
}
PARTS: dict[str, Callable[[Contract, str, str], Iterable[Source]]] = {
    "error": _error,
    "errors": lambda contract, field, _: [kind.source for name, kind in contract.errors.items() if name == field],
    "source": lambda contract, _, name: [contract.documents.sources[name]],
}


def _lines(told: Told) -> Iterator[str]:
    check = told.check
    yield f"{check.code} {check.name}"
    yield f"  promise    {check.promise}"
    yield f"  causes     {check.causes}"
    yield f"  severity   {SEVERITIES[check.severity]}"
    for rule in told.rules:
        yield f"  judged by  {rule.rule}"
        yield from (f"             {source}" for source in rule.sources)
    if not told.rules:
        yield "  judged by  no keyword of the schemas"
    yield "  silence    an entry in a file of known findings, `pixelpact verify --known FILE`:"
    yield from (f"             {line}" for line in ENTRY.format(code=check.code).splitlines())
    yield "  a finding  looks like this:"
    yield from (f"             {line}" for line in str(_example(told)).splitlines())


def _example(told: Told) -> Finding:
    """The form of a finding."""
    check, sources = told.check, told.rules[0].sources[:1] if told.rules else ()
    names, standing = tuple(map(str, sources)), best_standing(sources)
    return Finding(
        check.code,
        check.name,
        check.severity,
        "what the contract promises",
        "what the server sent",
        names,
        standing,
        CURL,
    )
