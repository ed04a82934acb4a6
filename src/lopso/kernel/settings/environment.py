"""Settings from the environment: what variables mean together."""

import secrets
from collections.abc import Mapping
from datetime import time
from email.utils import parseaddr
from ipaddress import ip_network
from pathlib import Path
from typing import Literal

from lopso.kernel.access import Role
from lopso.kernel.mail_address import is_address
from lopso.kernel.settings.model import (
    BackupSettings,
    BrandnameSettings,
    Settings,
    SmtpSettings,
    TwilioSettings,
)
from lopso.kernel.settings.variables import (
    GATEWAYS,
    BackupVariables,
    BrandnameVariables,
    GatewayName,
    GeneralVariables,
    RouteVariables,
    SettingsError,
    SmtpVariables,
    TwilioVariables,
    read_variables,
)

_PORTS: dict[Literal["starttls", "tls", "none"], int] = {"starttls": 587, "tls": 465, "none": 25}


def from_env(env: Mapping[str, str], *, home: Path) -> Settings:
    """Settings from `env`.

    Args:
        home: used when ``LOPSO_HOME`` is absent.

    Raises:
        SettingsError: a variable is missing or makes no sense; the sentence names it.
    """
    general = read_variables(GeneralVariables, env)
    home = Path(general.home or home)
    demo = general.demo == "1"
    # Whatever the environment says: a demo sends nothing.
    chosen = RouteVariables() if demo else read_variables(RouteVariables, env)
    routes = _routes(chosen)
    # The key alone: a backup of the demo can be tried, no schedule.
    key = BackupVariables(key=env.get("LOPSO_BACKUP_KEY", ""))
    backups = key if demo else read_variables(BackupVariables, env)
    used = {chosen.gateway, *(name for route in routes.values() for name in route)}
    return Settings(
        database_url=_database_url(general.database_url),
        home=home,
        public_url=general.public_url.rstrip("/"),
        secret=general.secret or _kept_secret(home),
        gateway=chosen.gateway,
        routes=routes,
        sms_rates=_rates(general),
        twilio=_twilio(read_variables(TwilioVariables, env)) if "twilio" in used else None,
        brandname=_brandname(read_variables(BrandnameVariables, env)) if "brandname" in used else None,
        help_phone=general.help_phone,
        sms_segment_price=int(general.sms_segment_price) if general.sms_segment_price else None,
        smtp=None if demo else _smtp(env),
        backup_keys=tuple(key.strip() for key in backups.key.split(",") if key.strip()),
        backup=_backup(backups),
        demo=demo,
        trusted_proxies=_proxies(general.trusted_proxy),
        second_factor_roles=frozenset() if demo else _second_factor_roles(general.second_factor_roles),
        metrics_token=general.metrics_token,
        log_format=general.log_format,
    )


def _proxies(text: str) -> tuple[str, ...]:
    """Addresses and networks; "1" is a proxy on this machine, as it was before they could be named."""
    if text == "0":
        return ()
    if text == "1":
        return ("127.0.0.1", "::1")
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    for name in names:
        try:
            ip_network(name)
        except ValueError as error:
            raise SettingsError(
                f"LOPSO_TRUSTED_PROXY must be 0, 1, or addresses such as 10.0.0.5,10.1.0.0/16, not {name!r}."
            ) from error
    return names


def _second_factor_roles(text: str) -> frozenset[Role]:
    """Names of roles; "none" is no role."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if names == ["none"]:
        return frozenset()
    for name in names:
        if name not in list(Role):
            raise SettingsError(
                f"LOPSO_SECOND_FACTOR_ROLES must be 'none' or name {', '.join(Role)}, not {name!r}."
            )
    return frozenset(Role(name) for name in names)


def _database_url(value: str) -> str | None:
    return f"postgresql+psycopg://{value.partition('://')[2]}" if value else None


def _routes(chosen: RouteVariables) -> dict[str, tuple[GatewayName, ...]]:
    given = {"service": chosen.route_service, "operations": chosen.route_operations}
    return {
        message_class: _route(f"LOPSO_SMS_ROUTE_{message_class.upper()}", names)
        for message_class, text in given.items()
        if (names := [name.strip() for name in text.split(",") if name.strip()])
    }


def _route(variable: str, names: list[str]) -> tuple[GatewayName, ...]:
    if len(names) != len(set(names)):
        raise SettingsError(f"{variable} names a gateway twice.")
    for name in names:
        if name not in GATEWAYS:
            raise SettingsError(f"{variable} must name {', '.join(map(repr, GATEWAYS))}, not {name!r}.")
    return tuple(known for name in names for known in GATEWAYS if known == name)


def _rates(general: GeneralVariables) -> dict[GatewayName, float]:
    own: dict[GatewayName, tuple[str, str]] = {
        "sandbox": ("LOPSO_SMS_RATE_SANDBOX", general.sms_rate_sandbox),
        "twilio": ("LOPSO_SMS_RATE_TWILIO", general.sms_rate_twilio),
        "brandname": ("LOPSO_SMS_RATE_BRANDNAME", general.sms_rate_brandname),
    }
    rates: dict[GatewayName, float] = {}
    for name, (variable, text) in own.items():
        if text or general.sms_rate:
            rates[name] = float(text or general.sms_rate)
            if not 0 < rates[name] <= 10_000:
                raise SettingsError(
                    f"{variable if text else 'LOPSO_SMS_RATE'} must be texts per second, such as 20."
                )
    return rates


def _twilio(given: TwilioVariables) -> TwilioSettings:
    wanted = {
        "LOPSO_TWILIO_ACCOUNT_SID": given.account_sid,
        "LOPSO_TWILIO_AUTH_TOKEN": given.auth_token,
        "LOPSO_TWILIO_SENDER": given.sender,
    }
    missing = [name for name, value in wanted.items() if not value]
    if missing:
        raise SettingsError(f"LOPSO_SMS_GATEWAY or a route says twilio, but {', '.join(missing)} is missing.")
    return TwilioSettings(
        given.account_sid,
        given.auth_token,
        given.sender,
        given.base_url.rstrip("/"),
        content=given.content == "1",
        registered_only=given.registered_only == "1",
    )


def _brandname(given: BrandnameVariables) -> BrandnameSettings:
    if not given.config:
        raise SettingsError("Texts go through brandname, but LOPSO_BRANDNAME_CONFIG is missing.")
    return BrandnameSettings(Path(given.config), given.user, given.secret, given.callback_token)


def _backup(given: BackupVariables) -> BackupSettings | None:
    if not given.folder:
        return None
    if not given.key:
        raise SettingsError("LOPSO_BACKUP_FOLDER is set, but LOPSO_BACKUP_KEY is missing.")
    return BackupSettings(Path(given.folder), time.fromisoformat(given.at), given.keep_days)


def _smtp(env: Mapping[str, str]) -> SmtpSettings | None:
    host = env.get("LOPSO_SMTP_HOST", "").strip()
    if not host:
        return None
    given = read_variables(SmtpVariables, env)
    if bool(given.user) != bool(given.password):
        raise SettingsError("LOPSO_SMTP_USER and LOPSO_SMTP_PASSWORD go together: one of them is missing.")
    if given.user and given.tls == "none" and host not in ("localhost", "127.0.0.1", "::1"):
        raise SettingsError("LOPSO_SMTP_TLS is none: a password would travel in the clear.")
    name, sender = parseaddr(given.sender)
    if not is_address(sender):
        raise SettingsError("LOPSO_SMTP_FROM must be an address, such as Lớp Số <lop-so@hue.example.vn>.")
    reply_to = given.reply_to.strip()
    if reply_to and not is_address(reply_to):
        raise SettingsError("LOPSO_SMTP_REPLY_TO must be an address, such as lop-so@hue.example.vn.")
    return SmtpSettings(
        host,
        given.port or _PORTS[given.tls],
        given.tls,
        sender,
        name or "Lớp Số",
        reply_to,
        given.user,
        given.password,
    )


def _kept_secret(home: Path) -> str:
    """A secret made once and kept under `home`, readable by its owner only."""
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
