"""The pretend means-check centre: an exchange database and a job that looks into it all the time."""

from collections.abc import Callable

import sqlalchemy as sa

from workbench.testing import table_server
from workbench.testing.department import DepartmentHome

from .sandbox_tables import Centre

#: Switches of the faults file, and what each does while it is on.
FAULTS = table_server.FAULTS | {
    "never_taken": "REC_FLAG stays 0",
    "no_result": "reports are taken and never answered",
    "swapped_columns": "code and name of the result are swapped, and the code is mixed with text",
    "odd_dates": 'times of answers are "1970-1-2 0.0.0.0"',
    "half_row": "answers arrive with half of their XML; the rest follows once the switch is off",
    "garbage": "answers hold no XML and no known code; they are put right once the switch is off",
    "refuse": "case numbers decided as refused",
    "correction": "case numbers sent back for correction",
}


def serve(home: DepartmentHome) -> None:
    """Work on the exchange database until the process is ended."""

    def open_centre(engine: sa.Engine) -> Callable[[], None]:
        centre = Centre(home, engine)
        centre.create_tables()
        return centre.process

    table_server.serve_tables(home, ("EX_GDBS_SB", "PRE_TRANSACT"), open_centre)
