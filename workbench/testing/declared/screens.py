"""A declared department without any interface: its screens are those of the re-keying sheet, in its order."""

from ..department import DepartmentHome
from ..entry_program import FAULTS, EntryField, EntryProgram
from .shape import Shape

__all__ = ["FAULTS", "serve"]


def program_of(shape: Shape) -> EntryProgram:
    """Lay out the program a worker types into."""
    platform = shape.platform
    screens: dict[str, list[EntryField]] = {}
    source = ""
    for number, field in enumerate(platform.rekey_fields, 1):
        name = f"f{number:02}"
        source = name if field.fact == "case_no" else source
        options = tuple(f"{row['theirs']}|{row['name']}" for row in _unlike(shape, field.codes))
        lines = 6 if field.fact == "other_values" else 1
        screens.setdefault(field.page or "录入", []).append(
            EntryField(name, field.label_zh, options, required=field.required, lines=lines)
        )
    return EntryProgram(
        title=platform.name_zh,
        prefix=shape.declared.prefix,
        screens={name: tuple(fields) for name, fields in screens.items()},
        number_label=platform.rekey_result or "受理号",
        source_field=source,
    )


def _unlike(shape: Shape, codes: str) -> list[dict[str, str]]:
    """Give each of their codes once, though several of ours may lead to it."""
    rows = shape.rows(codes) if codes else []
    return list({row["theirs"]: row for row in reversed(rows)}.values())[::-1]


def serve(home: DepartmentHome, shape: Shape) -> None:
    """Run the program until the process ends."""
    program_of(shape).serve(home)
