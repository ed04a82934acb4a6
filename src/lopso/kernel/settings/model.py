"""What an operator can choose, as the application takes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Literal

from lopso.kernel.access import Role
from lopso.kernel.settings.variables import GatewayName


@dataclass(frozen=True, slots=True)
class TwilioSettings:
    """Account, sender and options of the Twilio gateway. `base_url` may be a test server.

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
    """File that describes the brand-name gateway (gateways.brandname_config), and its secrets.

    `callback_token` stands in the address of its reports.
    """

    config: Path
    user: str = ""
    secret: str = field(default="", repr=False)
    callback_token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """The mail server and the sender of mails.

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
        """The part behind the @."""
        return self.sender.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class BackupSettings:
    """Scheduled backups: into `folder`, at a wall-clock time in Huế, kept for some days."""

    folder: Path
    at: time
    keep_days: int


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
        gateway: sends texts where no route names another.
        routes: gateways of a class of texts ("service", "operations"), in order of preference; `route` gives
            them for every class.
        sms_rates: most texts a second through a gateway, from all workers together; absent: no limit.
        sms_segment_price: what one segment of a text costs, in đồng; None: pages show no costs.
        help_phone: whom to call about logging in, shown there; empty: nobody is named.
        smtp: where mails go; None: to the test mailbox while texts go to the sandbox, else they wait.
        backup_keys: public keys that backups are encrypted to.
        backup: scheduled backups; None: none on this machine.
        metrics_token: opens ``/metrics``; empty: there are none.
        demo: example data; texts and mails are shown on pages and never sent.
        trusted_proxies: addresses and networks whose ``X-Forwarded-*`` is believed.
        second_factor_roles: roles that must log in with a second factor.
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
    help_phone: str = ""
    smtp: SmtpSettings | None = None
    backup_keys: tuple[str, ...] = ()
    backup: BackupSettings | None = None
    demo: bool = False
    trusted_proxies: tuple[str, ...] = ()
    second_factor_roles: frozenset[Role] = frozenset({Role.CITY_ADMIN, Role.ASSESSOR})
    metrics_token: str = field(default="", repr=False)
    log_format: Literal["text", "json"] = "text"

    @property
    def mail(self) -> Literal["smtp", "sandbox", "off"]:
        """Where mails go; never out of a demo."""
        if self.smtp is not None and not self.demo:
            return "smtp"
        return "sandbox" if self.demo or self.gateways == ("sandbox",) else "off"

    @property
    def sends_account_mail(self) -> bool:
        """Whether links to choose a password go by mail. The test mailbox takes them in a demo only: whoever
        reads it could log in as anybody."""
        return self.mail == "smtp" or self.demo

    @property
    def secure_cookies(self) -> bool:
        """Whether the public address is one over TLS."""
        return self.public_url.startswith("https://")

    def route(self, message_class: str) -> tuple[GatewayName, ...]:
        """Gateways for texts of this class in order of preference; in a demo the sandbox alone."""
        return ("sandbox",) if self.demo else self.routes.get(message_class) or (self.gateway,)

    @property
    def gateways(self) -> tuple[GatewayName, ...]:
        """Every gateway that some route names."""
        routes = [self.route(each) for each in ("service", "operations", "promo")]
        return tuple(dict.fromkeys(name for route in routes for name in route))
