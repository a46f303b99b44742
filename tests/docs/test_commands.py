"""Every command line the documentation shows is one the program knows, with each of its options."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import workbench
from workbench.cli import COMMANDS, commands

TREE = Path(workbench.__file__).parent
PAGES = sorted([*TREE.glob("docs/**/*.md"), *TREE.parent.glob("*.md")])
#: A command in backticks, in a table or a block of code: the rest of its line, up to a comment or another program.
SHOWN = re.compile(rf"\bworkbench ((?:{'|'.join(COMMANDS)})\b[^`\n|;&#]*)")


def shown(page: Path) -> Iterator[str]:
    text = re.sub(r"\\\n\s*", "", page.read_text("utf-8"))
    blocks = re.findall(r"^(?: {4}|\$ ?|workbench ).*$|`[^`\n]+`|^\.?[\w./ =-]*workbench .*$", text, re.MULTILINE)
    return (found for block in blocks for found in SHOWN.findall(block))


def unknown(line: str) -> list[str]:
    """Name what the program does not know of a command line: options only; arguments are anybody's."""
    words = line.replace("[", " ").replace("]", " ").split()
    command, path = commands.get_command(click.Context(commands), words[0]), words[:1]
    while isinstance(command, click.Group) and len(words) > len(path):
        inner = command.get_command(click.Context(command), words[len(path)])
        if inner is None:
            break
        command, path = inner, [*path, words[len(path)]]
    assert command is not None
    known = {"--help", "-h"} | {option for one in command.params for option in (*one.opts, *one.secondary_opts)}
    asked = (word.partition("=")[0] for word in words[len(path) :] if re.match(r"-{1,2}[a-z]", word))
    return [f"workbench {' '.join(path)} {option}" for option in asked if option not in known]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(TREE.parent)))
def test_page_shows_no_option_the_program_lacks(page: Path) -> None:
    assert [found for line in shown(page) for found in unknown(line)] == []


def test_there_are_commands_to_look_at() -> None:
    assert sum(1 for page in PAGES for _ in shown(page)) > 60
    assert unknown("bench --registry 5 --nonsense") == ["workbench bench --nonsense"]
