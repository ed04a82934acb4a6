"""Who listens to what. Reading this tells the whole story of what follows from what."""

from lopso.kernel.events import Listeners

LISTENERS: Listeners = {}
