"""A provider of texts as one worker sees it."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from gateways.protocol import SmsGateway
from notifications.rules.health import ProviderCall, ProviderHealth, ProviderOption

_CALLS_KEPT = 200  # calls


@dataclass
class Provider:
    """One provider as this worker sees it.

    Attributes:
        rate: most texts a second, from all workers together; None: unlimited.
        only_route: some message class has no other provider.
        trial: number of trial texts it may get while unhealthy.
        changes: number of health changes found by this worker; `publishing` while one is being stored.
    """

    gateway: SmsGateway
    health: ProviderHealth
    rate: float | None = None
    only_route: bool = True
    closed_until: datetime | None = None
    trial: int = 0
    changes: int = 0
    publishing: bool = False
    calls: deque[ProviderCall] = field(default_factory=lambda: deque[ProviderCall](maxlen=_CALLS_KEPT))

    @property
    def name(self) -> str:
        return self.gateway.name

    def open(self, now: datetime) -> bool:
        """Whether it accepts texts, apart from trials."""
        return self.health.state != "down" and not self.option().opens_in(now)

    def option(self) -> ProviderOption:
        """What the choice of a provider depends on."""
        return ProviderOption(self.name, self.health.state, self.closed_until)
