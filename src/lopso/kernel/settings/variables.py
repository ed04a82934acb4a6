"""Every ``LOPSO_*`` variable, its type, the sentence about a wrong value; docs/running.md explains them.

A variable that is absent or empty has the default. Values are converted one by one, so that the sentence can
name the variable; a secret's value is in none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

GatewayName = Literal["sandbox", "twilio", "brandname"]
GATEWAYS: tuple[GatewayName, ...] = ("sandbox", "twilio", "brandname")


class SettingsError(Exception):
    """A missing or wrong setting; the text is one sentence for the operator, without any secret."""


@dataclass(frozen=True, slots=True)
class Must:
    """What a value must be or look like, as the end of a sentence; `quoted` adds the value that was given."""

    text: str
    quoted: bool = False


Flag = Annotated[Literal["0", "1"], Must("be 0 or 1", quoted=True)]
Gateway = Annotated[GatewayName, Must("name 'sandbox', 'twilio', 'brandname'", quoted=True)]
LongSecret = Annotated[str, Meta(min_length=32), Must("have at least 32 characters")]
# Written as a pattern, for "nan" and "inf" are numbers too.
Rate = Annotated[str, Meta(pattern=r"^\d{1,5}(\.\d{1,6})?$"), Must("be texts per second, such as 20")]

_HOST = r"(\[[0-9A-Fa-f:.]+\]|[^\s/?#:\[\]]+)"


class Variables(Struct, frozen=True):
    """Variables that are read together; some are secrets, so no trace shows any value."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"


V = TypeVar("V", bound=Variables)


class GeneralVariables(Variables, frozen=True, kw_only=True, rename=lambda name: f"LOPSO_{name.upper()}"):
    """Database, addresses, logs."""

    home: str = ""
    database_url: Annotated[
        str,
        Meta(pattern=r"^(postgresql|postgres|postgresql\+psycopg)://"),
        Must("begin with postgresql:// (PostgreSQL 15 or newer)"),
    ] = ""
    public_url: Annotated[
        str,
        Meta(pattern=rf"^https?://{_HOST}(:\d+)?(/[^\s?#]*)?$"),
        Must("look like https://lop-so.example.vn"),
    ] = "http://127.0.0.1:8000"
    secret: LongSecret = ""
    demo: Flag = "0"
    trusted_proxy: str = "0"
    second_factor_roles: str = "city_admin,assessor"
    metrics_token: LongSecret = ""
    log_format: Annotated[Literal["text", "json"], Must("be 'text' or 'json'", quoted=True)] = "text"
    sms_rate: Rate = ""
    sms_rate_sandbox: Rate = ""
    sms_rate_twilio: Rate = ""
    sms_rate_brandname: Rate = ""
    help_phone: Annotated[
        str, Meta(pattern=r"^\+?[0-9][0-9 .]{6,18}$"), Must("be a phone number, such as 0234 3822 155")
    ] = ""
    sms_segment_price: Annotated[
        str, Meta(pattern=r"^\d{1,9}$"), Must("be a whole number of đồng, such as 850")
    ] = ""


class RouteVariables(Variables, frozen=True, kw_only=True, rename=lambda name: f"LOPSO_SMS_{name.upper()}"):
    """Which gateway sends which texts; a demo does not read them."""

    gateway: Gateway = "sandbox"
    route_service: str = ""
    route_operations: str = ""


class TwilioVariables(
    Variables, frozen=True, kw_only=True, rename=lambda name: f"LOPSO_TWILIO_{name.upper()}"
):
    """Read when some route names twilio."""

    account_sid: str = ""
    auth_token: str = ""
    sender: str = ""
    base_url: Annotated[str, Meta(pattern="^https?://"), Must("begin with https:// or http://")] = (
        "https://api.twilio.com"
    )
    content: Flag = "0"
    registered_only: Flag = "1"


class BrandnameVariables(
    Variables, frozen=True, kw_only=True, rename=lambda name: f"LOPSO_BRANDNAME_{name.upper()}"
):
    """Read when some route names brandname."""

    config: str = ""
    user: str = ""
    secret: str = ""
    callback_token: LongSecret = ""


class SmtpVariables(Variables, frozen=True, kw_only=True, rename=lambda name: f"LOPSO_SMTP_{name.upper()}"):
    """Read where a host is named; a demo does not read them. `sender` is ``LOPSO_SMTP_FROM``."""

    host: str = ""
    tls: Annotated[
        Literal["starttls", "tls", "none"], Must("be 'starttls', 'tls' or 'none'", quoted=True)
    ] = "starttls"
    port: Annotated[int, Meta(ge=1, le=65535), Must("be a port number, such as 587")] = 0
    user: str = ""
    password: str = ""
    sender: str = msgspec.field(default="", name="LOPSO_SMTP_FROM")
    reply_to: str = ""


class BackupVariables(
    Variables, frozen=True, kw_only=True, rename=lambda name: f"LOPSO_BACKUP_{name.upper()}"
):
    """Backups; `key` may name several, separated by commas."""

    key: Annotated[str, Meta(pattern=r"^age1[0-9a-z]+(\s*,\s*age1[0-9a-z]+)*$"), Must("begin with age1")] = ""
    folder: str = ""
    at: Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$"), Must("be a time such as 02:30")] = "02:30"
    keep_days: Annotated[int, Meta(ge=1, le=3650), Must("be a number of days, such as 30")] = 30


ALL = (
    GeneralVariables,
    RouteVariables,
    TwilioVariables,
    BrandnameVariables,
    SmtpVariables,
    BackupVariables,
)


def read_variables(kind: type[V], env: Mapping[str, str]) -> V:
    """The variables of `kind`.

    Raises:
        SettingsError: the first value that makes no sense.
    """
    values: dict[str, object] = {}
    for field in msgspec.structs.fields(kind):
        given = env.get(field.encode_name, "")
        if given:
            values[field.name] = _converted(given, field)
    return kind(**values)


def _converted(given: str, field: msgspec.structs.FieldInfo) -> object:
    try:
        return msgspec.convert(given, field.type, strict=False)
    except msgspec.ValidationError as error:
        must = next(each for each in field.type.__metadata__ if isinstance(each, Must))
        end = f", not {given!r}." if must.quoted else "."
        raise SettingsError(f"{field.encode_name} must {must.text}{end}") from error
