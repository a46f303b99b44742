"""The command line, `workbench COMMAND`. A command's module is imported when it is used, so help is quick.

Expected problems are one clear line and exit code 1; wrong use is exit code 2.
"""

import importlib
import sys

import click

#: name -> module below `commands` and what it is for, in the order of a new installation.
COMMANDS = {
    "run": ("run", "Start everything for trying it out: departments, worker, web."),
    "web": ("web", "Serve the pages."),
    "worker": ("worker", "Deliver parcels, collect answers, apply them to cases."),
    "departments": ("departments", "Run the pretend departments."),
    "db": ("db", "Migrate, show, back up and restore the database."),
    "lines": ("lines", "List, open, close and remove lines."),
    "hubs": ("hubs", "List hubs, export and import their configuration."),
    "items": ("items", "List the items of the installed lines."),
    "platforms": ("platforms", "List the platforms of departments, look at one."),
    "deliveries": ("deliveries", "List what goes to departments."),
    "rules": ("rules", "Try whether databases and Python say the same of every rule."),
    "check": ("check", "Check lines and platforms before they are used."),
    "new-line": ("new_line", "Write the package of a new line that already works."),
    "new-platform": ("new_platform", "Draft a platform from an OpenAPI or WSDL file."),
    "demo-data": ("demo_data", "Fill an empty database with the demonstration sub-district."),
    "bench": ("bench", "Measure this installation."),
    "faults": ("faults", "Try whether anything gets lost when everything fails."),
    "audit": ("audit", "Prove the audit trail."),
    "retention": ("retention", "Show that a file is one that was erased."),
    "keys": ("keys", "Show the field keys, put a new one in place."),
}


class Commands(click.Group):
    """All commands, known by name before they are imported."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"{__package__}.commands.{COMMANDS[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, purpose) for name, (_, purpose) in COMMANDS.items()])


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="round-table-workbench", prog_name="workbench")
def commands() -> None:
    """One workbench for all-round workers: any matter of any department, entered once, delivered for certain.

    An installation lives in the folder WORKBENCH_INSTANCE (./instance when not set).
    """


def main() -> None:
    """Run the command line."""
    try:
        commands()
    except Exception as error:
        from .commands.failures import explain  # what it knows is needed only now

        text = explain(error)
        if text is None:
            raise
        click.echo(f"workbench: {text}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
