"""Who listens to what. Reading this tells the whole story of what follows from what."""

from attendance.events import RollChanged
from competency.service.readiness import follow_the_roll
from lopso.kernel.events import Listeners

LISTENERS: Listeners = {
    RollChanged: [follow_the_roll],
}
