"""All tables of the core, for migrations and tests: importing this module registers every one."""

from pathlib import Path

from sqlmodel import SQLModel

from .agenda import models as agenda
from .assigned import models as assigned
from .cases import models as cases
from .catalogue import models as catalogue
from .delivery import models as delivery
from .documents import models as documents
from .duty import models as duty
from .enquiries import models as enquiries
from .exchange import models as exchange
from .hall import models as hall
from .hubs import models as hubs
from .identity import emergency_models as emergency
from .identity import models as identity
from .identity import trail_models as trail
from .identity import vault_models as vault
from .identity import way_in_models as way_in
from .identity import way_out_models as way_out
from .jobs import models as jobs
from .machine import models as machine
from .meter import models as meter
from .opening import models as opening
from .people import household_models as households
from .people import models as people
from .quality import models as quality
from .reception import models as reception
from .retention import models as retention
from .staff import cover_models as cover
from .staff import models as staff
from .store.migrate import Chain

ROOMS = (
    hubs, staff, cover, identity, emergency, trail, way_in, way_out, vault, people, households, catalogue, delivery,
    cases, reception, documents, agenda, exchange, meter, duty, jobs, machine, opening,
    quality, hall, assigned, enquiries, retention,
)  # fmt: skip
METADATA = SQLModel.metadata
#: The core's own migrations; each line brings a chain of its own.
CORE = Chain("core", Path(__file__).with_name("migrations"), METADATA)
