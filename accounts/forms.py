"""Forms of log-in and of the list of accounts."""

from typing import Annotated

from msgspec import Struct

from lopso.kernel.access import Role
from lopso.kernel.i18n import LANGUAGES, N_, Language
from lopso.kernel.phone import NO_PHONE, PhoneReading
from lopso.web.forms import Choice, Email, Many, PageNumber, Phone, ReturnPath, Secret, Text, Tick
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


class CodeForm(Struct, frozen=True, kw_only=True):
    """A code of the app, or a recovery code; `tiep` and `unsent` as in the log-in form."""

    code: Annotated[str, Text(40, required=N_("Xin nhập mã."))]
    tiep: Annotated[str, ReturnPath()] = "/"
    unsent: Annotated[str, Text(LONGEST_KEPT, lines=True)] = ""


class ForgottenPasswordForm(Struct, frozen=True, kw_only=True):
    """To whom a link to choose a new password shall go."""

    identifier: Annotated[str, Text(required=N_("Xin ghi e-mail hoặc số điện thoại."))]


class ResetCodeForm(Struct, frozen=True, kw_only=True):
    """A code that was read out, with the new password; the service says what is too weak."""

    identifier: Annotated[str, Text(required=N_("Xin ghi e-mail hoặc số điện thoại."))]
    code: Annotated[str, Text(40, required=N_("Xin nhập mã."))]
    password: Annotated[str, Secret(1000)] = ""


class ChangePasswordForm(Struct, frozen=True, kw_only=True):
    """The password in use and a new one."""

    old: Annotated[str, Secret(1000)] = ""
    password: Annotated[str, Secret(1000)] = ""


class PasswordForm(Struct, frozen=True, kw_only=True):
    """The password in use, asked again before something important."""

    old: Annotated[str, Secret(1000)] = ""


class EndSessionsForm(Struct, frozen=True, kw_only=True):
    """Which log-ins of one's own to end; `every`: all but this one."""

    old: Annotated[str, Secret(1000)] = ""
    device: Annotated[tuple[str, ...], Many(Text(64))] = ()
    every: Tick = False


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
