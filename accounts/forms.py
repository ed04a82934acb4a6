"""Forms of log-in and of the list of accounts."""

from typing import Annotated

from msgspec import Struct

from lopso.kernel.access import Role
from lopso.kernel.i18n import LANGUAGES, N_, Language
from lopso.kernel.phone import NO_PHONE, PhoneReading
from lopso.web.forms import Choice, Email, PageNumber, Phone, ReturnPath, Secret, Text
from lopso.web.unsent import LONGEST_KEPT

RoleChoice = Annotated[Role, Choice(Role)]
WardCode = Annotated[str | None, Text(5)]
"""A ward from the list; empty is the whole city."""


class LogInPage(Struct, frozen=True, kw_only=True):
    """Where to go after log-in."""

    tiep: Annotated[str, ReturnPath()] = "/"


class LogInForm(Struct, frozen=True, kw_only=True):
    """An e-mail address or phone number with its password.

    Attributes:
        unsent: a form that met the end of the former log-in (`lopso.web.unsent`).
    """

    identifier: Annotated[str, Text()] = ""
    password: Annotated[str, Secret(1000)] = ""
    tiep: Annotated[str, ReturnPath()] = "/"
    unsent: Annotated[str, Text(LONGEST_KEPT, lines=True)] = ""


class LanguageForm(Struct, frozen=True, kw_only=True):
    """The language to read."""

    lang: Annotated[Language, Choice[Language](LANGUAGES)] = "vi"
    tiep: Annotated[str, ReturnPath()] = "/"


class NewPasswordForm(Struct, frozen=True, kw_only=True):
    """A password chosen after an invitation; the service says what is too weak."""

    password: Annotated[str, Secret(1000)] = ""


class UserForm(Struct, frozen=True, kw_only=True):
    """A new account with its first role."""

    name: Annotated[str, Text(required=N_("Xin ghi họ tên."))]
    email: Annotated[str | None, Email()] = None
    phone: Annotated[PhoneReading, Phone()] = NO_PHONE
    role: RoleChoice
    ward: WardCode = None


class GrantForm(Struct, frozen=True, kw_only=True):
    """One more role for an account."""

    role: RoleChoice
    ward: WardCode = None


class UserSearch(Struct, frozen=True, kw_only=True):
    """Which accounts to show."""

    q: Annotated[str, Text(100)] = ""
    trang: PageNumber = 1
