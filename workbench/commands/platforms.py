"""`workbench platforms`: the systems of departments, how they are, and a look at one of them."""

from dataclasses import asdict
from typing import Any

import click

from ..api.errors import NeedsSettings
from ..api.parcels import Health
from ..delivery.configure import check_platform, platform_settings
from ..delivery.health import platform_states
from ..host.discover import Platform
from .installation import Installation, open_installation
from .listing import as_json_option, print_rows

COLUMNS = ("id", "state", "way", "health", "detail", "since", "depth", "needs_people", "is_paused", "reason")


@click.group("platforms", invoke_without_command=True)
@as_json_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """List the installed platforms with what the worker process last found, or look at one now."""
    if ctx.invoked_subcommand is None:
        with open_installation() as home:
            print_rows(list_platforms(home), COLUMNS, as_json=as_json, nothing="No platform is installed.")


def list_platforms(home: Installation) -> list[dict[str, Any]]:
    """Describe every installed platform and its state in the database."""
    with home.store.read() as session:
        states = {state.platform_id: asdict(state) for state in platform_states(session)}
    return [
        _describe(platform) | states.get(platform.id, {"health": "unknown"}) for platform in home.installed.platforms
    ]


def _describe(platform: Platform) -> dict[str, Any]:
    manifest = platform.manifest
    return {
        "id": platform.id,
        "state": platform.state,
        "reason": platform.reason,
        "name_zh": manifest.name_zh if manifest else "",
        "name_en": manifest.name_en if manifest else "",
        "line": manifest.line if manifest else "",
        "way": manifest.way if manifest else "",
        "owner": manifest.owner.name if manifest else "",
        "capabilities": list(manifest.capabilities) if manifest else [],
    }


@command.command("check")
@click.argument("platform_id", metavar="PLATFORM")
def check(platform_id: str) -> None:
    """Look at one platform now, with the settings on file; nothing is sent. Exit code 1 unless it is up."""
    with open_installation() as home:
        found = look(home, platform_id)
    click.echo(f"{platform_id}: {found.state}, {found.ms} ms{', ' + found.detail if found.detail else ''}")
    if found.state != "up":
        raise SystemExit(1)


def look(home: Installation, platform_id: str) -> Health:
    """Build the platform's adapter and ask it how the platform is."""
    platform = home.installed.platform(platform_id)
    if platform is None or platform.manifest is None:
        known = ", ".join(platform.id for platform in home.installed.platforms) or "none"
        raise click.ClickException(f"no platform {platform_id!r} is installed; there are: {known}")
    with home.store.read() as session:
        values = platform_settings(session, platform.manifest, home.settings)
    try:
        adapter = platform.make_adapter(values, home.installed.transports)
    except NeedsSettings as error:
        return Health("unconfigured", error.text)
    try:
        return check_platform(adapter, home.clock)
    finally:
        adapter.close()
