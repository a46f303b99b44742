"""Page of the trail: who looked at this resident, what did this worker look at. Looking at it is an act of its own."""

from datetime import date
from typing import Any

from flask import Response, abort, g, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from ..identity.audit import record
from ..people.find import find_people
from ..staff.grants import list_workers
from ..web.acting import reading, writing
from ..web.htmx import go_to
from ..web.language import _
from ..web.permit import permit
from .frame import ROOT, admin_page, blueprint
from .look_back import Asked, look_back


@blueprint.get(f"{ROOT}/trail")
@permit("audit")
def trail(hub: str) -> Response:
    """Show one page of the trail of this hub."""
    return _page()


@blueprint.post(f"{ROOT}/trail/resident")
@permit("audit")
def trail_of(hub: str) -> AnyResponse | Response:
    """Lead from a resident's full ID number to who looked at them; whose number it is stays hidden."""
    number = request.form.get("number", "").strip()[:32]
    found = find_people(reading(), number) if len(number) >= 15 else []
    with writing() as ctx:
        record(ctx, "trail.find", person_id=found[0].id if len(found) == 1 else "", detail={"hits": len(found)})
    if len(found) != 1:
        return _page({"number": _("No resident of this hub has this ID number. Check it.")}, 422)
    return go_to(url_for("admin.trail", hub=hub, person=found[0].id))


def _page(errors: dict[str, str] | None = None, status: int = 200) -> Response:
    people = list_workers(reading().session, g.hub.id, with_all_admins=g.worker.is_system_admin)
    asked = _asked({row.id for row in people})
    rows, next_place = look_back(reading().session, asked)
    if not asked.before:
        with writing() as ctx:
            about = f"worker:{asked.worker_id}" if asked.worker_id else "trail"
            record(ctx, "trail.read", person_id=asked.person_id, subject=about)
    return admin_page(
        "trail.html",
        "trail",
        status=status,
        rows=rows,
        asked=asked,
        people=[(row.id, row.name) for row in people],
        action_words=action_words(),
        action_options=sorted(action_words().items(), key=lambda entry: entry[1]),
        errors=errors or {},
        next_url=_url(asked, next_place) if next_place else "",
        first_url=_url(asked, "") if asked.before else "",
    )


def _asked(known: set[str]) -> Asked:
    worker_id = request.args.get("worker", "")
    if worker_id and worker_id not in known:
        abort(404)
    # Signing in belongs to no hub: shown for one worker of this hub, and to system admins.
    beyond = ("",) if worker_id or g.worker.is_system_admin else ()
    person_id, action = request.args.get("person", "")[:26], request.args.get("action", "")[:64]
    day = _day(request.args.get("day", ""))
    if action and not (person_id or worker_id or day):
        day = reading().clock.today()  # a rare act would be looked for in the trail of all years
    return Asked(
        hub_ids=(g.hub.id, *beyond),
        person_id=person_id,
        worker_id=worker_id,
        action=action,
        day=day,
        before=request.args.get("before", ""),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        abort(400)


def _url(asked: Asked, before: str) -> str:
    chosen: dict[str, Any] = {"person": asked.person_id, "worker": asked.worker_id, "action": asked.action}
    chosen["before"] = before
    chosen["day"] = asked.day.isoformat() if asked.day else ""
    return url_for("admin.trail", hub=g.hub.id, **{name: value for name, value in chosen.items() if value})


def action_words() -> dict[str, str]:
    """Name the acts that are known; others are shown by their code."""
    return {
        "sign-in": _("Signed in"),
        "sign-out": _("Signed out"),
        "sign-in.emergency": _("Signed in by an emergency"),
        "sign-in.refused": _("A sign-on was refused"),
        "sign-out.provider": _("A provider ended sessions"),
        "password.change": _("Changed the own password"),
        "passkey.add": _("Registered a passkey"),
        "passkey.remove": _("Removed a passkey"),
        "phone-code.set": _("Set up codes of a phone"),
        "phone-code.remove": _("Took the codes of a phone away"),
        "identity.link": _("Linked an identity"),
        "identity.unlink": _("Took a linked identity away"),
        "client.register": _("Registered a department's screen"),
        "client.change": _("Changed a department's screen"),
        "client.secret": _("Gave a department's screen a new secret"),
        "client.end": _("Ended a department's screen"),
        "client.code-replayed": _("A department's screen showed a code twice"),
        "signing-key.new": _("Signed with a new key from then on"),
        "platform.sign-on": _("Signed on to a department's screen"),
        "platform.refused": _("A department's screen was refused"),
        "launch.open": _("Opened a department's screen from a case"),
        "launch.read": _("A department's screen was told the case"),
        "case.screen_number": _("A number came back from a department's screen"),
        "credential.keep": _("Kept an account at a platform"),
        "credential.forget": _("Forgot an account at a platform"),
        "credential.use": _("Used an account at a platform"),
        "credential.refused": _("A platform refused an account"),
        "provider.save": _("Changed a sign-on provider"),
        "lock": _("Locked the screen"),
        "unlock": _("Unlocked the screen"),
        "search": _("Searched"),
        "person.search": _("Searched residents"),
        "person.look": _("Looked at a resident"),
        "person.known": _("Looked at what is known of a resident"),
        "person.new": _("Opened a resident's file"),
        "person.register": _("Registered a resident"),
        "person.edit": _("Changed a resident's file"),
        "person.reveal": _("Saw a full number"),
        "page.look": _("Looked at a page about a resident"),
        "list.look": _("Looked at a list of residents"),
        "trail.read": _("Read the trail"),
        "trail.find": _("Looked for a resident's trail"),
        "trail.checkpoint": _("Signed the trail of a day"),
        "emergency.open": _("Opened somebody in an emergency"),
        "emergency.look": _("Looked at a case in an emergency"),
        "emergency.end": _("Ended a look in an emergency"),
        "emergency.seen": _("Took notice of a look in an emergency"),
        "person.citywide": _("Found a resident of another hub"),
        "person.export": _("Exported a resident's file"),
        "people.export": _("Exported many residents"),
        "person.hand_out": _("Exported a resident among many"),
        "person.settle": _("Settled what sources say differently"),
        "person.merge": _("Merged two files"),
        "person.part": _("Took two files apart"),
        "line.open": _("Opened a line"),
        "line.close": _("Closed a line"),
        "line.move": _("Moved a line"),
        "line.open_refused": _("Was refused to open a line"),
        "line.admit": _("Recorded an admission"),
        "line.admission_withdrawn": _("Withdrew an admission"),
        "line.admission_refused": _("Was refused to record an admission"),
        "line.withdrawal_refused": _("Was refused to withdraw an admission"),
        "line.rehearse": _("Asked for a rehearsal"),
        "line.rehearsed": _("Rehearsed a line"),
        "line.rehearsal_waived": _("Waived a rehearsal"),
        "line.waive_refused": _("Was refused to waive a rehearsal"),
        "line.settings": _("Changed a line's settings"),
        "line.tried": _("Tried another version of a line"),
        "line.switch": _("Switched a line to another version"),
        "line.upgrade_refused": _("Was refused another version of a line"),
        "line.remove": _("Removed a line"),
        "task.report": _("Reported a task that is not admitted"),
        "task.answer": _("Answered such a report"),
        "task.answer_refused": _("Was refused to answer such a report"),
        "platform.staging": _("Changed a platform's trial address"),
        "platform.settings": _("Changed a platform's settings"),
        "platform.check": _("Had a platform checked"),
        "platform.pause": _("Held sending to a platform"),
        "platform.resume": _("Let sending to a platform go on"),
        "worker.add": _("Added a worker"),
        "worker.password": _("Set a new password"),
        "worker.deactivate": _("Closed an account"),
        "worker.activate": _("Opened an account again"),
        "worker.system_admin": _("Changed who is a system admin"),
        "role.give": _("Gave a role"),
        "role.take": _("Took a role back"),
        "token.make": _("Made a machine token"),
        "token.end": _("Ended a machine token"),
        "case.begin": _("Began a form"),
        "case.accept": _("Accepted a case"),
        "case.discard": _("Discarded a draft"),
        "case.look": _("Looked at a case"),
        "case.list": _("Looked at a list of cases"),
        "case.pass_step": _("Passed a step"),
        "case.ask_correction": _("Asked for a correction"),
        "difference.settled": _("Compared the books: settled a difference"),
        "stray.attached": _("Attached a message that fitted no delivery"),
        "stray.set_aside": _("Put a message away that fitted no delivery"),
        "delivery.rerouted": _("Sent a delivery by another platform"),
        "case.supply": _("Supplied a correction"),
        "case.suspend": _("Stopped a case's clock"),
        "case.resume": _("Let a case's clock run on"),
        "case.grant": _("Granted a case"),
        "case.deny": _("Denied a case"),
        "case.refuse_acceptance": _("Did not accept a case"),
        "case.hand_over_result": _("Handed a result over"),
        "case.archive": _("Archived a case"),
        "case.withdraw": _("Withdrew a case"),
        "case.return": _("Returned a case"),
        "case.void": _("Voided a case"),
        "case.close_unanswered": _("Closed a case that was not corrected"),
        "case.reopen": _("Took a closed case up again"),
        "case.appeal": _("Noted an appeal"),
        "case.appeal_settled": _("Settled an appeal"),
        "retention.look": _("Looked at what is due for erasure"),
        "retention.hold": _("Held something from being erased"),
        "retention.lift": _("Lifted a hold on an erasure"),
        "erasure.release": _("Released an erasure"),
        "erasure.stopped": _("Stopped an erasure: something holds it"),
        "erasure.done": _("Erased what was released"),
        "case.grant_here": _("Granted a case at the hub"),
        "case.deny_here": _("Refused a case at the hub"),
        "case.extension_asked": _("Asked for more days"),
        "case.extension_approved": _("Approved more days"),
        "case.extension_refused": _("Refused more days"),
        "case.urge": _("Urged a case on"),
        "case.supervise": _("Supervised a case"),
        "case.urging_answered": _("Answered an urging"),
        "case.clocks": _("Looked at a case's clocks"),
        "case.documents": _("Looked at a case's documents"),
        "case.sent_home": _("Sent a case to its home hub"),
        "case.papers_sent": _("Handed papers over"),
        "case.papers_received": _("Received papers"),
        "agenda.look": _("Looked at the agenda"),
        "assigned.list": _("Looked at the tasks of departments"),
        "assigned.look": _("Looked at a task of a department"),
        "assigned.settle": _("Settled a task of a department"),
        "assigned.put_away": _("Put a task in quarantine away"),
        "enquiry.list": _("Looked at the enquiries"),
        "enquiry.look": _("Looked at an enquiry"),
        "enquiry.take": _("Took an enquiry in"),
        "enquiry.answered": _("Answered an enquiry"),
        "enquiry.passed-on": _("Passed an enquiry on"),
        "enquiry.receipt": _("Noted a department's receipt of an enquiry"),
        "print.enquiry": _("Printed the slip of an enquiry"),
        "item.export": _("Exported items as a table"),
        "item.table": _("Took a table of items in"),
        "item.table_drafts": _("Made drafts of a table of items"),
        "meter.export": _("Exported the meter of second entry"),
        "found.look": _("Looked at why a resident was found"),
        "agenda.taken": _("Took something from the agenda"),
        "agenda.dismissed": _("Dismissed something from the agenda"),
        "case.printed": _("Printed a document"),
        "case.sealed": _("Noted the use of a seal"),
        "document.print": _("Opened a printed document"),
        "document.register": _("Looked at the register of documents"),
        "document.template": _("Changed a document's template"),
        "calendar.import": _("Imported a yearly notice of holidays"),
        "line.look": _("Looked at a line's page"),
        "line.act": _("Did something on a line's page"),
        "delivery.decided": _("Decided whether a parcel arrived"),
        "delivery.looked_up": _("Asked a platform for a parcel"),
        "delivery.rekeyed": _("Typed a case in by hand"),
        "delivery.held": _("Set a delivery aside"),
        "delivery.released": _("Let a delivery go on"),
        "delivery.resent": _("Sent a delivery again"),
        "delivery.resent_all": _("Sent a platform's deliveries again"),
    }
