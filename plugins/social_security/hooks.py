"""What the social security line adds to a resident's page."""

from collections.abc import Sequence

from workbench.api import Hub, Panel, Person, Suggestion, hook

from .ages import days_until

RESIDENT_PENSION, PENSION_AGE = "RS-008", 60
#: The claim may be prepared in the month before the birthday; payment begins the month after it.
EARLY_DAYS = 31


@hook
def person_panels(hub: Hub, person: Person) -> Sequence[Panel]:
    """Show how a resident stands in work and pension."""
    return (Panel("就业与养老", "Work and pension", "panel"),)


@hook
def suggest_items(person: Person) -> Sequence[Suggestion]:
    """Propose to prepare the pension claim of an insured resident who is about to be 60."""
    left = days_until(person.birth_date, PENSION_AGE)
    insured = person.facts.get("resident_pension.insured")
    if left is None or not 0 < left <= EARLY_DAYS or insured is None or insured.value is not True:
        return ()
    zh, en = f"{left}天后满60周岁，可先备齐材料。", f"Turns 60 in {left} days; the claim can be prepared."
    return (Suggestion(RESIDENT_PENSION, zh, en),)
