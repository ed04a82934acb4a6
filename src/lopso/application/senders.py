"""What the worker sends with: the dispatchers of texts and of mails that the settings ask for."""

from sqlalchemy.ext.asyncio import AsyncEngine

from accounts import tasks as account_tasks
from gateways.brandname import BrandnameGateway
from gateways.protocol import SmsGateway
from gateways.sandbox import SandboxGateway
from invitations.delivery.dispatcher import MailDispatcher, MailWorkerConfig
from invitations.delivery.mime import MailSender
from invitations.delivery.sandbox import SandboxMailTransport
from invitations.delivery.smtp import SmtpTransport
from lopso.application.account_mail import TransportMailer
from lopso.application.wiring import LISTENERS
from lopso.kernel import db as database
from lopso.kernel.clock import Clock
from lopso.kernel.settings import Settings, SettingsError
from notifications import tasks
from notifications.delivery.dispatcher import Dispatcher
from notifications.delivery.provider_pool import ProviderPool
from notifications.delivery.queues import WorkerConfig
from wordings.models import MESSAGE_CLASSES


def dispatcher_for(
    settings: Settings, engine: AsyncEngine, *, clock: Clock, config: WorkerConfig
) -> Dispatcher:
    """The dispatcher with every gateway that some route names."""
    providers = ProviderPool(
        engine,
        clock,
        [gateway_for(settings, name, engine, clock=clock, config=config) for name in settings.gateways],
        routes={each: settings.route(each) for each in MESSAGE_CLASSES},
        rates=dict(settings.sms_rates.items()),
    )
    return Dispatcher(
        engine, providers, clock, settings.sms_segment_price, config, backlog=tasks.ask_for_delivery
    )


def gateway_for(
    settings: Settings, name: str, engine: AsyncEngine, *, clock: Clock, config: WorkerConfig
) -> SmsGateway:
    """The gateway of this name; in demo mode the sandbox, whatever its name."""
    if settings.demo or name == "sandbox":
        return SandboxGateway(engine, clock)
    if name == "brandname" and settings.brandname is not None:
        return BrandnameGateway(
            settings.brandname,
            public_url=settings.public_url,
            connections=config.connections,
            timeout=config.call_time.total_seconds(),
        )
    if settings.twilio is None:
        raise SettingsError(f"Texts go through {name}, but its settings are missing.")
    from gateways.twilio import TwilioGateway

    return TwilioGateway(
        settings.twilio,
        public_url=settings.public_url,
        clock=clock,
        connections=config.connections,
        timeout=config.call_time.total_seconds(),
    )


def mail_dispatcher_for(
    settings: Settings, engine: AsyncEngine, *, clock: Clock, config: MailWorkerConfig
) -> MailDispatcher:
    """The dispatcher of mails that the settings ask for: to a server, to the test mailbox, or to nowhere."""
    smtp = settings.smtp
    if settings.mail == "smtp" and smtp is not None:
        sender = MailSender(smtp.sender_name, smtp.sender, smtp.reply_to or smtp.sender, settings.public_url)
        transport = SmtpTransport(smtp, timeout=config.reply_timeout.total_seconds())
        return MailDispatcher(engine, transport, sender, clock, config)
    sender = MailSender("Lớp Số", "lop-so@lopso.example", "lop-so@lopso.example", settings.public_url)
    return MailDispatcher(
        engine,
        SandboxMailTransport(engine, clock) if settings.mail == "sandbox" else None,
        sender,
        clock,
        config,
    )


def account_worker_for(
    settings: Settings, engine: AsyncEngine, mails: MailDispatcher
) -> account_tasks.AccountWorker:
    """What the tasks of accounts need; their mails take the transport of the others."""
    mailer = None
    if settings.sends_account_mail and mails.transport is not None:
        mailer = TransportMailer(mails.transport, mails.sender, mails.clock)
    sessions = database.session_maker(engine, LISTENERS)
    return account_tasks.AccountWorker(sessions, mailer, settings.public_url, mails.clock)
