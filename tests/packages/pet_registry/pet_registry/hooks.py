"""What Pet registry adds to the workbench; see the page about hooks. Every hook may be left out."""

from collections.abc import Sequence

from workbench.api import Case, Finding, Panel, hook


@hook
def person_panels() -> Sequence[Panel]:
    """Show a small box on the resident's page; `views.py` draws it."""
    return [Panel("养犬", "Dogs", "panel")]


@hook
def check_case(case: Case) -> Sequence[Finding]:
    """Say something about a form before it is accepted that the item's file cannot say."""
    if len(str(case.values.get("wish", ""))) > 500:
        return [Finding("warn", "犬只情况超过500字", "More than 500 characters", "wish")]
    return []
