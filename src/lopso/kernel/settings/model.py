"""Settings, read once from ``LOPSO_*`` variables; docs/running.md lists them all."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from lopso.kernel.mail_address import is_address


class SettingsError(Exception):
    """A missing or wrong setting; the text is one sentence for the operator, without any secret."""


GatewayName = Literal["sandbox", "twilio", "brandname"]
GATEWAYS: tuple[GatewayName, ...] = ("sandbox", "twilio", "brandname")


@dataclass(frozen=True, slots=True)
class TwilioSettings:
    """What the Twilio gateway needs. `base_url` may point at a stand-in for tests.

    `content`: wordings whose registered id is a Twilio content sid (HX…) go as that template and its values.
    `registered_only`: a wording without a registered id is not sent, as operators in Vietnam demand.
    """

    account_sid: str
    auth_token: str = field(repr=False)
    sender: str
    base_url: str = "https://api.twilio.com"
    content: bool = False
    registered_only: bool = False


@dataclass(frozen=True, slots=True)
class BrandnameSettings:
    """Where the brand-name gateway is described (notifications.brandname_config), and the secrets of it.

    `callback_token` stands in the address of its reports.
    """

    config: Path
    user: str = ""
    secret: str = field(default="", repr=False)
    callback_token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """The mail server, and in whose name mails go.

    `reply_to`: the office that reads answers, also those of calendar programs; empty means `sender`.
    """

    host: str
    port: int
    tls: Literal["starttls", "tls", "none"]
    sender: str
    sender_name: str = "Lớp Số"
    reply_to: str = ""
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def sender_domain(self) -> str:
        """What stands behind the @."""
        return self.sender.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an operator can choose.

    Attributes:
        database_url: ``postgresql+psycopg://…``; None means the embedded server under `home`.
        home: data folder of this installation.
        public_url: address people reach us at, without a slash at the end; used in links,
            callbacks and certificates, never taken from a request.
        secret: signs CSRF tokens and links.
        secure_cookies: cookies only over TLS; follows `public_url`.
        gateway: who carries texts where no route says otherwise.
        routes: who carries texts of a class ("service", "operations"), the first who is well; `route` says
            it for every class.
        sms_rates: most texts a second through a gateway, from all workers together; absent: no limit.
        sms_segment_price: what one segment of a text costs, in đồng; None: pages show no costs.
        smtp: where mails go; None: to the test mailbox while texts go to the sandbox, else they wait.
        demo: example data, phones on a page, no way out to a real provider.
    """

    database_url: str | None
    home: Path
    public_url: str
    secret: str = field(repr=False)
    gateway: GatewayName = "sandbox"
    routes: Mapping[str, tuple[GatewayName, ...]] = field(default_factory=dict[str, tuple[GatewayName, ...]])
    sms_rates: Mapping[GatewayName, float] = field(default_factory=dict[GatewayName, float])
    twilio: TwilioSettings | None = None
    brandname: BrandnameSettings | None = None
    sms_segment_price: int | None = None
    smtp: SmtpSettings | None = None
    demo: bool = False
    trusted_proxy: bool = False
    log_format: Literal["text", "json"] = "text"

    @property
    def mail(self) -> Literal["smtp", "sandbox", "off"]:
        """Where mails go; a demo reaches nobody."""
        if self.smtp is not None and not self.demo:
            return "smtp"
        return "sandbox" if self.demo or self.gateways == ("sandbox",) else "off"

    @property
    def secure_cookies(self) -> bool:
        """Whether people reach us over TLS."""
        return self.public_url.startswith("https://")

    def route(self, message_class: str) -> tuple[GatewayName, ...]:
        """Gateways for texts of this class, the wanted one first; a demo knows the sandbox alone."""
        return ("sandbox",) if self.demo else self.routes.get(message_class) or (self.gateway,)

    @property
    def gateways(self) -> tuple[GatewayName, ...]:
        """Every gateway that some route names."""
        routes = [self.route(each) for each in ("service", "operations", "promo")]
        return tuple(dict.fromkeys(name for route in routes for name in route))


def from_env(env: Mapping[str, str], *, home: Path) -> Settings:
    """Settings from `env`.

    Args:
        home: used when ``LOPSO_HOME`` is absent.

    Raises:
        SettingsError: a variable is missing or makes no sense; the sentence names it.
    """
    home = Path(env.get("LOPSO_HOME") or home)
    demo = _flag(env, "LOPSO_DEMO")
    # Whatever the environment says: a demo reaches nobody.
    gateway = "sandbox" if demo else _gateway("LOPSO_SMS_GATEWAY", env.get("LOPSO_SMS_GATEWAY") or "sandbox")
    routes = {} if demo else _routes(env)
    used = {gateway, *(name for route in routes.values() for name in route)}
    log_format = env.get("LOPSO_LOG_FORMAT", "text")
    if log_format not in ("text", "json"):
        raise SettingsError(f"LOPSO_LOG_FORMAT must be 'text' or 'json', not {log_format!r}.")
    return Settings(
        database_url=_database_url(env.get("LOPSO_DATABASE_URL")),
        home=home,
        public_url=_public_url(env.get("LOPSO_PUBLIC_URL", "http://127.0.0.1:8000")),
        secret=_secret(env.get("LOPSO_SECRET"), home),
        gateway=gateway,
        routes=routes,
        sms_rates=_rates(env),
        twilio=_twilio(env) if "twilio" in used else None,
        brandname=_brandname(env) if "brandname" in used else None,
        sms_segment_price=_price(env.get("LOPSO_SMS_SEGMENT_PRICE")),
        smtp=None if demo else _smtp(env),
        demo=demo,
        trusted_proxy=_flag(env, "LOPSO_TRUSTED_PROXY"),
        log_format=log_format,
    )


def _flag(env: Mapping[str, str], name: str, *, absent: bool = False) -> bool:
    value = env.get(name, "")
    if value not in ("0", "1", ""):
        raise SettingsError(f"{name} must be 0 or 1, not {value!r}.")
    return value == "1" or (absent and not value)


def _gateway(variable: str, name: str) -> GatewayName:
    for known in GATEWAYS:
        if name == known:
            return known
    raise SettingsError(f"{variable} must name {', '.join(map(repr, GATEWAYS))}, not {name!r}.")


def _routes(env: Mapping[str, str]) -> dict[str, tuple[GatewayName, ...]]:
    routes: dict[str, tuple[GatewayName, ...]] = {}
    for message_class in ("service", "operations"):
        variable = f"LOPSO_SMS_ROUTE_{message_class.upper()}"
        names = [name.strip() for name in env.get(variable, "").split(",") if name.strip()]
        if len(names) != len(set(names)):
            raise SettingsError(f"{variable} names a gateway twice.")
        if names:
            routes[message_class] = tuple(_gateway(variable, name) for name in names)
    return routes


def _rates(env: Mapping[str, str]) -> dict[GatewayName, float]:
    rates: dict[GatewayName, float] = {}
    for name in GATEWAYS:
        own = f"LOPSO_SMS_RATE_{name.upper()}"
        variable = own if env.get(own) else "LOPSO_SMS_RATE"
        value = env.get(variable)
        if value:
            try:
                rates[name] = float(value)
            except ValueError:
                rates[name] = 0
            if not 0 < rates[name] <= 10_000:
                raise SettingsError(f"{variable} must be texts per second, such as 20.")
    return rates


def _database_url(value: str | None) -> str | None:
    if not value:
        return None
    scheme, _, rest = value.partition("://")
    if scheme not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise SettingsError("LOPSO_DATABASE_URL must begin with postgresql:// (PostgreSQL 15 or newer).")
    return f"postgresql+psycopg://{rest}"


def _public_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise SettingsError("LOPSO_PUBLIC_URL must look like https://lop-so.example.vn.")
    return value.rstrip("/")


def _twilio(env: Mapping[str, str]) -> TwilioSettings:
    wanted = ("LOPSO_TWILIO_ACCOUNT_SID", "LOPSO_TWILIO_AUTH_TOKEN", "LOPSO_TWILIO_SENDER")
    missing = [name for name in wanted if not env.get(name)]
    if missing:
        raise SettingsError(f"LOPSO_SMS_GATEWAY or a route says twilio, but {', '.join(missing)} is missing.")
    sid, token, sender = (env[name] for name in wanted)
    base_url = env.get("LOPSO_TWILIO_BASE_URL", "https://api.twilio.com")
    if urlsplit(base_url).scheme not in ("http", "https"):
        raise SettingsError("LOPSO_TWILIO_BASE_URL must begin with https:// or http://.")
    return TwilioSettings(
        sid,
        token,
        sender,
        base_url.rstrip("/"),
        content=_flag(env, "LOPSO_TWILIO_CONTENT"),
        registered_only=_flag(env, "LOPSO_TWILIO_REGISTERED_ONLY", absent=True),
    )


def _brandname(env: Mapping[str, str]) -> BrandnameSettings:
    config = env.get("LOPSO_BRANDNAME_CONFIG")
    if not config:
        raise SettingsError("Texts go through brandname, but LOPSO_BRANDNAME_CONFIG is missing.")
    token = env.get("LOPSO_BRANDNAME_CALLBACK_TOKEN", "")
    if token and len(token) < 32:
        raise SettingsError("LOPSO_BRANDNAME_CALLBACK_TOKEN must have at least 32 characters.")
    user, secret = env.get("LOPSO_BRANDNAME_USER", ""), env.get("LOPSO_BRANDNAME_SECRET", "")
    return BrandnameSettings(Path(config), user, secret, token)


def _smtp(env: Mapping[str, str]) -> SmtpSettings | None:
    host = env.get("LOPSO_SMTP_HOST", "").strip()
    if not host:
        return None
    tls = env.get("LOPSO_SMTP_TLS") or "starttls"
    if tls not in ("starttls", "tls", "none"):
        raise SettingsError(f"LOPSO_SMTP_TLS must be 'starttls', 'tls' or 'none', not {tls!r}.")
    port = env.get("LOPSO_SMTP_PORT") or {"starttls": "587", "tls": "465", "none": "25"}[tls]
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise SettingsError("LOPSO_SMTP_PORT must be a port number, such as 587.")
    user, password = env.get("LOPSO_SMTP_USER", ""), env.get("LOPSO_SMTP_PASSWORD", "")
    if bool(user) != bool(password):
        raise SettingsError("LOPSO_SMTP_USER and LOPSO_SMTP_PASSWORD go together: one of them is missing.")
    if user and tls == "none" and host not in ("localhost", "127.0.0.1", "::1"):
        raise SettingsError("LOPSO_SMTP_TLS is none: a password would travel in the clear.")
    name, sender = parseaddr(env.get("LOPSO_SMTP_FROM", ""))
    reply_to = env.get("LOPSO_SMTP_REPLY_TO", "").strip()
    if not is_address(sender):
        raise SettingsError("LOPSO_SMTP_FROM must be an address, such as Lớp Số <lop-so@hue.example.vn>.")
    if reply_to and not is_address(reply_to):
        raise SettingsError("LOPSO_SMTP_REPLY_TO must be an address, such as lop-so@hue.example.vn.")
    return SmtpSettings(host, int(port), tls, sender, name or "Lớp Số", reply_to, user, password)


def _price(value: str | None) -> int | None:
    if not value:
        return None
    if not value.isdigit():
        raise SettingsError("LOPSO_SMS_SEGMENT_PRICE must be a whole number of đồng, such as 850.")
    return int(value)


def _secret(value: str | None, home: Path) -> str:
    """The given secret, or one made once and kept under `home`, readable by its owner only."""
    if value:
        if len(value) < 32:
            raise SettingsError("LOPSO_SECRET must have at least 32 characters.")
        return value
    kept = home / "secret"
    try:
        return kept.read_text()
    except FileNotFoundError:
        pass
    try:
        home.mkdir(parents=True, exist_ok=True)
        kept.touch(mode=0o600, exist_ok=False)
        kept.write_text(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    except OSError as error:
        raise SettingsError(f"LOPSO_HOME ({home}) cannot be written: {error.strerror}.") from error
    return kept.read_text()
