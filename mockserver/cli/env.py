"""`pixelpact env`: the variables that point a program at the mock."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Callable
from urllib.parse import urlsplit

import click

from ..doors import environment, targets

FORMS: dict[str, Callable[[str, str], str]] = {
    "sh": lambda name, value: f"export {name}={shlex.quote(value)}",
    "fish": lambda name, value: f"set -gx {name} {shlex.quote(value)}",
    "powershell": lambda name, value: f"$env:{name} = '{value.replace(chr(39), chr(39) * 2)}'",
    "dotenv": lambda name, value: f'{name}="{value}"',
    # As GITHUB_ENV and `docker run --env-file` want it.
    "plain": lambda name, value: f"{name}={value}",
}


@click.command()
@click.option("--url", default="http://127.0.0.1:8080", show_default=True, help="The base URL of the mock.")
@click.option("--api-key", default=targets.DEFAULT_KEY, show_default=True, help="The key to send.")
@click.option("--form", type=click.Choice([*FORMS, "json"]), default="sh", show_default=True, help="For which reader.")
def env(url: str, api_key: str, form: str) -> None:
    """Print the variables that point a program at the mock.

    \b
    Examples:
      pixelpact env --form dotenv > .env
      eval "$(pixelpact env)" && python your_program.py
    """
    if "://" not in url:
        raise click.UsageError(f"--url: expected a base URL such as http://127.0.0.1:8080, received {url!r}")
    try:
        base = targets.resolve(url, {targets.OTHER_KEY: api_key})
    except targets.BadTarget as reason:
        raise click.UsageError(str(reason).replace("--target", "--url")) from reason
    host = urlsplit(base.url).hostname or ""
    values = {**environment.variables(base.url, base.key), **environment.without_proxy(os.environ, host)}
    if form == "json":
        click.echo(json.dumps(values, indent=2))
        return
    for name, value in values.items():
        click.echo(FORMS[form](name, value))
