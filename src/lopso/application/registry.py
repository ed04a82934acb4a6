"""The modules that own tables; importing this makes the metadata whole."""

from sqlalchemy.orm import configure_mappers

from accounts import models as accounts
from attendance import models as attendance
from competency import models as competency
from gateways import models as gateways
from invitations import models as invitations
from learner_portal import models as learner_portal
from learners import models as learners
from lopso.kernel import audit
from lopso.kernel.db import Base
from lopso.kernel.operations import backup_run, delivery_pause, form_submission, heartbeat
from lopso.kernel.workbook import left_out_rows, remembered, staging
from notifications import models as notifications
from plan_sheets import models as plan_sheets
from scheduling import models as scheduling
from skills import models as skills
from staffing import models as staffing
from trainers import models as trainers
from venues import models as venues
from wordings import models as wordings

PACKAGES = (
    gateways,
    venues,
    accounts,
    skills,
    learners,
    trainers,
    scheduling,
    staffing,
    plan_sheets,
    attendance,
    competency,
    invitations,
    wordings,
    notifications,
    learner_portal,
)
"""The models of each package, lowest layer first."""

BASE = (audit, staging, remembered, left_out_rows, delivery_pause, heartbeat, backup_run, form_submission)
"""Modules of the kernel that own a table."""

metadata = Base.metadata


def complete() -> None:
    """Make sure that every table any foreign key names is known, and every relationship fits."""
    configure_mappers()
