"""Events: a package publishes what happened, in the past tense; lopso.application.wiring lists the listeners.

An event is a frozen dataclass. Listeners run at once, in the order listed and in the same transaction:
what they write commits or rolls back together with its cause.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy.ext.asyncio import AsyncSession

Listener: TypeAlias = Callable[[AsyncSession, Any], Awaitable[None]]
Listeners: TypeAlias = Mapping[type, Sequence[Listener]]

_KEY = "listeners"


def session_info(listeners: Listeners) -> dict[str, Listeners]:
    """What to hand to ``async_sessionmaker(info=…)`` so that its sessions know their listeners."""
    return {_KEY: listeners}


async def publish(db: AsyncSession, fact: object) -> None:
    """Run every listener of this kind of event. Does not commit."""
    listeners: Listeners = db.info.get(_KEY, {})
    for listener in listeners.get(type(fact), ()):
        await listener(db, fact)
