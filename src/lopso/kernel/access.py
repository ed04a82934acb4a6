"""Roles, permissions, and the actor who holds them.

A role is held in one ward or, with `ward_id` None, in the whole city. Rooms ask only the actor;
accounts fills it at log-in.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """A role that is granted in a ward or city-wide."""

    CITY_ADMIN = "city_admin"
    COORDINATOR = "coordinator"
    TRAINER = "trainer"
    ASSESSOR = "assessor"
    VIEWER = "viewer"


class Permission(StrEnum):
    """A permission that a page or a service requires."""

    SEE_CALENDAR = "see_calendar"
    PLAN = "plan"  # courses, series, sessions, staffing, enrolment
    MANAGE_PLACES = "manage_places"
    SEE_PEOPLE = "see_people"  # learners and helpers, phones masked
    MANAGE_PEOPLE = "manage_people"  # register, edit, import
    SEE_MESSAGES = "see_messages"
    SEE_FIGURES = "see_figures"  # sums by ward and month; nobody's name
    TEACH = "teach"  # own assignments, roll call and demonstrations of own sessions
    SIGN_OFF = "sign_off"
    ISSUE_CERTIFICATES = "issue_certificates"
    MANAGE_USERS = "manage_users"
    MANAGE_CITY = "manage_city"  # skills editions, city settings


_COORDINATOR = frozenset(
    {
        Permission.SEE_CALENDAR,
        Permission.PLAN,
        Permission.MANAGE_PLACES,
        Permission.SEE_PEOPLE,
        Permission.MANAGE_PEOPLE,
        Permission.SEE_MESSAGES,
        Permission.SEE_FIGURES,
        Permission.ISSUE_CERTIFICATES,
    }
)

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.CITY_ADMIN: _COORDINATOR | {Permission.MANAGE_USERS, Permission.MANAGE_CITY},
    Role.COORDINATOR: _COORDINATOR,
    Role.TRAINER: frozenset({Permission.TEACH}),
    Role.ASSESSOR: frozenset({Permission.SEE_CALENDAR, Permission.SEE_PEOPLE, Permission.SIGN_OFF}),
    Role.VIEWER: frozenset({Permission.SEE_CALENDAR, Permission.SEE_FIGURES}),
}


@dataclass(frozen=True, slots=True)
class Grant:
    """A role in a ward; `ward_id` None means the whole city."""

    role: Role
    ward_id: str | None


@dataclass(frozen=True, slots=True)
class Actor:
    """The person or system that acts.

    `user_id` is None for the system itself (a command, the worker).
    """

    user_id: int | None
    name: str
    grants: tuple[Grant, ...] = field(default=())

    def may(self, permission: Permission, ward_id: str | None) -> bool:
        """Whether some grant gives `permission` in `ward_id`; None asks for the whole city."""
        return any(
            permission in PERMISSIONS[grant.role] and grant.ward_id in (None, ward_id)
            for grant in self.grants
        )

    def may_somewhere(self, permission: Permission) -> bool:
        """Whether some grant gives `permission` in any ward."""
        return any(permission in PERMISSIONS[grant.role] for grant in self.grants)

    def everywhere(self, permission: Permission) -> bool:
        """Whether `permission` is held for the whole city."""
        return self.may(permission, None)

    def wards(self, permission: Permission) -> frozenset[str]:
        """Wards in which `permission` is held by name; city-wide grants are asked by `everywhere`."""
        return frozenset(
            grant.ward_id
            for grant in self.grants
            if grant.ward_id is not None and permission in PERMISSIONS[grant.role]
        )

    def has_role(self, role: Role, ward_id: str | None = None) -> bool:
        """Whether `role` is held, in `ward_id` when one is given."""
        return any(
            grant.role is role and (ward_id is None or grant.ward_id in (None, ward_id))
            for grant in self.grants
        )


def system(name: str, roles: Iterable[Role] = (Role.CITY_ADMIN,)) -> Actor:
    """The actor of a command or a task without a person."""
    return Actor(None, name, tuple(Grant(role, None) for role in roles))
