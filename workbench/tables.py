"""All tables of the core, for migrations and tests: importing this module registers every one."""

from sqlmodel import SQLModel

from .cases import models as cases
from .catalogue import models as catalogue
from .delivery import models as delivery
from .hubs import models as hubs
from .identity import models as identity
from .jobs import models as jobs
from .machine import models as machine
from .people import models as people
from .reception import models as reception
from .staff import models as staff

ROOMS = (hubs, staff, identity, people, catalogue, delivery, cases, reception, jobs, machine)
METADATA = SQLModel.metadata
