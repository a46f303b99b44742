"""What the health and family planning line adds to a resident's page."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from workbench.api import HouseholdEvent, Hub, Panel, Person, Suggestion, hook

from .children import age_on

FAMILY_DOCTOR = "WJ-013"
BIRTH_REGISTRATION = "WJ-001"
#: From this age residents are among those whom family doctors sign up first.
PRIORITY_AGE = 65
SHANGHAI = ZoneInfo("Asia/Shanghai")


@hook
def person_panels(hub: Hub, person: Person) -> Sequence[Panel]:
    """Show registration, children and family doctor."""
    return (Panel("卫生与生育", "Health and births", "panel"),)


@hook
def suggest_items(person: Person) -> Sequence[Suggestion]:
    """Propose a family doctor to those of the priority group who are known to have none."""
    doctor, age = person.facts.get("family_doctor.active"), age_on(person.birth_date, datetime.now(SHANGHAI).date())
    if age is None or age < PRIORITY_AGE or doctor is None or doctor.value is not False:
        return ()
    zh, en = "65岁及以上，尚未签约家庭医生。", "65 or older and without a family doctor."
    return (Suggestion(FAMILY_DOCTOR, zh, en),)


@hook
def household_changed(event: HouseholdEvent) -> Sequence[Suggestion]:
    """After a birth, think of the registration of the birth."""
    if event.kind != "birth":
        return ()
    zh, en = "家中有新生儿，请办理生育登记。", "There is a newborn: the birth can be registered."
    return (Suggestion(BIRTH_REGISTRATION, zh, en),)
