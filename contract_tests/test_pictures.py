"""Pictures against each other, and a real photograph edited."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import pytest
from pixelpact.cases.case import base_body
from pixelpact.cases.evidence import photograph
from pixelpact.checks.findings import Finding, Reason, finding
from pixelpact.checks.generation import Generation
from pixelpact.checks.judge import judge
from pixelpact.checks.pictures import same_picture
from pixelpact.contract.models import Model

from .client import Client
from .conftest import hold


def generated(client: Client, model: Model, **fields: Any) -> Generation:
    body = {**base_body(model), **fields}
    generation = client.generate(model, body, json.dumps(body).encode())
    hold(judge(generation))
    return generation


def broken(check: str, promised: str, came: str | None, generation: Generation) -> list[Finding]:
    """The finding on a picture that is not like, or not unlike, another; none if nothing came against it."""
    sources = generation.model.rule_sources("seed", "type")
    return [finding(check, Reason(promised, came, sources), generation.exchange)] if came else []


@pytest.mark.parametrize("form", ["url", "b64_json"])
def test_a_photograph_is_edited_and_kept(editor: Model, form: str, client: Client) -> None:
    data = "data:image/jpeg;base64," + base64.b64encode(photograph()).decode("ascii")
    generated(client, editor, image=data, response_format=form)


def test_the_same_seed_gives_the_same_picture(model: Model, client: Client) -> None:
    one, other = (generated(client, model, seed=42) for _ in range(2))
    gap = same_picture(one.pictures[0], other.pictures[0])
    hold(broken("same-seed", "the same picture for the same seed and prompt", gap, other))


def test_both_forms_give_the_same_picture(two_form_model: Model, client: Client) -> None:
    one, other = (generated(client, two_form_model, seed=43, response_format=form) for form in two_form_model.forms)
    gap = same_picture(one.pictures[0], other.pictures[0])
    hold(broken("same-form", "the same picture by url and by b64_json", gap, other))


@pytest.mark.parametrize(("field", "value"), [("seed", 45), ("prompt", "Add a small lighthouse to the left.")])
def test_another_seed_or_prompt_gives_another_picture(model: Model, field: str, value: Any, client: Client) -> None:
    one, other = generated(client, model, seed=44), generated(client, model, **{"seed": 44, field: value})
    same = None if same_picture(one.pictures[0], other.pictures[0]) else "the same"
    hold(broken("other-picture", f"another picture for another {field}", same, other))


def test_a_tampered_link_is_refused(linking_model: Model, client: Client) -> None:
    urls = [picture.text for picture in generated(client, linking_model, seed=46).pictures if picture.form == "url"]
    signed = [url for url in urls if "X-Tos-Signature=" in url]
    if not signed:
        pytest.skip("the link has no signature")
    got = client.send("GET", _tampered(signed[0]))
    sources = linking_model.answer_sources("url", "x-artefact")
    reason = Reason("403 for a link whose expiry was changed", str(got.status), sources)
    hold([finding("tampered-link", reason, got)] if got.status != 403 else [])


def _tampered(url: str) -> str:
    parts = urlsplit(url)
    fields = dict(parse_qsl(parts.query, keep_blank_values=True))
    return urlunsplit(parts._replace(query=urlencode({**fields, "X-Tos-Expires": "604800"})))
