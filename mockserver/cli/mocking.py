"""What a mock can be started with: the options of `serve` and `exec`, and the settings that they make."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import options

if TYPE_CHECKING:
    from ..service.faults import Fault
    from ..service.settings import Settings

Command = Callable[..., Any]


def filled(_context: click.Context, _option: click.Parameter, value: Any) -> Any:
    """A value that says something: an empty one is mostly a variable that was not set."""
    if value == "" or (isinstance(value, tuple) and "" in value):
        raise click.BadParameter("expected some text, received none")
    return value


class _FaultType(click.ParamType["Fault"]):
    """A fault in the words of the command line."""

    name = "fault"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Fault:
        from ..service.faults import BadFault, parse

        try:
            return parse(value)
        except BadFault as error:
            self.fail(str(error), param, ctx)


class _FolderType(click.ParamType[Path]):
    """A folder of schemas: one that is there, unless it is watched and may come."""

    name = "directory"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        watched = ctx is not None and ctx.params.get("watch", False)
        folder: Path = click.Path(exists=not watched, file_okay=False, path_type=Path).convert(value, param, ctx)
        return folder


OPTIONS = (
    options.profile,
    click.option(
        "--schemas",
        multiple=True,
        type=_FolderType(),
        help="A folder of further schemas, laid over the packaged ones. Can be given more than once.",
    ),
    click.option(
        "--api-key",
        multiple=True,
        callback=filled,
        envvar="PIXELPACT_SERVE_API_KEY",
        help="Accept this key only. Can be given more than once. Without: any key but those that begin with `invalid`.",
    ),
    click.option(
        "--allow-host",
        multiple=True,
        help="Fetch a caller's image from this host; a URL of any other is stood in for. Can be given more than once.",
    ),
    click.option("--strict", is_flag=True, help="Refuse fields that the schema does not know."),
    click.option(
        "--fault",
        multiple=True,
        type=_FaultType(),
        metavar="KIND[,NAME=VALUE…]",
        help="What goes wrong, for every key: status,code=429,first=2 or truncated,on=download,every=3. "
        "Can be given more than once; `pixelpact explain faults` says what there is.",
    ),
    click.option(
        "--credits", type=click.IntRange(0), help="What each key has to spend; 0 answers with 403. Without: no end."
    ),
    click.option(
        "--quota",
        multiple=True,
        metavar="N/TIME",
        help="What each key may call: 10/minute, 500/day. Can be given more than once.",
    ),
    click.option("--concurrency", type=click.IntRange(1), help="How many calls of a key may be under way at once."),
    click.option(
        "--deprecate", multiple=True, metavar="MODEL", help="Answer for this model as for one that is to be removed."
    ),
    click.option("--remove", multiple=True, metavar="MODEL", help="Answer for this model as for one that was removed."),
    click.option(
        "--state",
        envvar="PIXELPACT_STATE",
        metavar="URL",
        help="Where all that is known of each key is kept: redis://HOST:PORT, for several mocks that answer as one. "
        "Without: in this process.",
    ),
    click.option(
        "--secret",
        callback=filled,
        envvar="PIXELPACT_SECRET",
        metavar="TEXT",
        help="What signs the links to pictures: mocks of one secret serve each other's. Better in PIXELPACT_SECRET, "
        "which no list of processes shows. Without: one that all mocks share and everybody knows.",
    ),
    click.option(
        "--limits-storage",
        envvar="PIXELPACT_LIMITS_STORAGE",
        metavar="URL",
        help="Where quotas alone are counted: redis://HOST:PORT, for several mocks together. Without: as --state says.",
    ),
)


def mock_options(command: Command) -> Command:
    """The options of every verb that starts a mock."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def settings(control_token: str = "", *, one_tenant: bool = False, keep: int | None = None, **given: Any) -> Settings:
    """The settings that those options make."""
    from ..service.settings import SECRET, Beginning, Settings
    from ..service.state import MOST_ENTRIES

    return Settings(
        profile=given["profile"],
        schemas=given["schemas"],
        api_keys=frozenset(given["api_key"]),
        allowed_hosts=frozenset(given["allow_host"]),
        strict=given["strict"],
        one_tenant=one_tenant,
        control_token=control_token,
        storage=given["limits_storage"],
        state=given["state"],
        secret=given["secret"] or SECRET,
        journal=keep or MOST_ENTRIES,
        beginning=Beginning(
            faults=given["fault"],
            credits=given["credits"],
            quotas=given["quota"],
            concurrency=given["concurrency"],
            deprecated=given["deprecate"],
            removed=given["remove"],
        ),
    )
