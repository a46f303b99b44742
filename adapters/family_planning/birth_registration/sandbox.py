"""The pretend birth registration system: a real SFTP server on loopback with a night shift that never sleeps."""

from workbench.testing import file_server
from workbench.testing.department import DepartmentHome

from .sandbox_inbox import Inbox

ACCOUNT = ("hub01", "sandbox-only")

#: Switches of the faults file, and what each does while it is on.
FAULTS = file_server.FAULTS | {
    "never_fetch": "uploads stay where they are",
    "never_reply": "uploads are taken, no reply is written",
    "partial": "replies say taken, without a number",
    "refuse_rows": "rows are refused at the door, in words",
    "half_file": "replies stop in the middle and have no manifest yet",
    "garbage": "replies hold bytes that are no table",
    "excel": "ID numbers in replies are damaged as a spreadsheet does (3.20525E+17)",
    "refuse": "case numbers decided as refused",
    "correction": "case numbers sent back for correction",
}


def serve(home: DepartmentHome) -> None:
    """Serve files and process them until the process is ended."""
    file_server.serve_files(home, ACCOUNT, Inbox(home).process)
