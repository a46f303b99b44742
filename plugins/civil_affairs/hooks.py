"""What the civil affairs line adds to a resident's page."""

from collections.abc import Sequence

from workbench.api import HouseholdEvent, Hub, Panel, Person, Suggestion, hook

from .elder import days_until

ELDER_ALLOWANCE, ELDER_AGE = "MZ-004", 80
FUNERAL_RELIEF = "MZ-013"
#: Many places take the application in the month before the birthday.
EARLY_DAYS = 31


@hook
def person_panels(hub: Hub, person: Person) -> Sequence[Panel]:
    """Show what a resident receives."""
    return (Panel("救助与津贴", "Relief and allowances", "panel"),)


@hook
def suggest_items(person: Person) -> Sequence[Suggestion]:
    """Propose the elder allowance in the month before the birthday, which the item's rule cannot say."""
    left = days_until(person.birth_date, ELDER_AGE)
    local = person.facts.get("hukou.local")
    if left is None or not 0 < left <= EARLY_DAYS or local is None or local.value is not True:
        return ()
    zh, en = f"{left}天后满80周岁，可提前申请。", f"Turns 80 in {left} days; may apply now."
    return (Suggestion(ELDER_ALLOWANCE, zh, en),)


@hook
def household_changed(event: HouseholdEvent) -> Sequence[Suggestion]:
    """After a death, think of the funeral relief."""
    if event.kind != "death":
        return ()
    zh, en = (
        "家中有人去世，可申请基本殡葬服务费减免补助。",
        "After a death the family may apply for help with the funeral.",
    )
    return (Suggestion(FUNERAL_RELIEF, zh, en),)
