"""What lies outside: providers of texts, the mail server."""

import asyncio
from collections.abc import AsyncIterator

from sqlalchemy.ext.asyncio import AsyncEngine

from gateways.protocol import CREDENTIALS, GatewayUnavailable, SmsGateway
from invitations.delivery.dispatcher import MailWorkerConfig
from lopso.application.doctor.diagnosis import Diagnosis, bad, ok, warn
from lopso.application.senders import gateway_for, mail_dispatcher_for
from lopso.kernel.clock import utc_now
from lopso.kernel.i18n import gettext as _
from lopso.kernel.settings import Settings
from notifications.delivery.queues import WorkerConfig
from notifications.labels import provider_label

_PATIENCE = 15.0  # seconds


async def check_gateways(settings: Settings, engine: AsyncEngine) -> AsyncIterator[Diagnosis]:
    """Every provider that some route names; nothing is sent."""
    for name in settings.gateways:
        if name == "sandbox":
            yield warn(_("Tin nhắn chỉ vào điện thoại thử, không gửi đi thật (LOPSO_SMS_GATEWAY)."))
            continue
        gateway = gateway_for(settings, name, engine, clock=utc_now, config=WorkerConfig())
        try:
            yield await _answer_of(gateway)
        finally:
            await gateway.close()


async def _answer_of(gateway: SmsGateway) -> Diagnosis:
    name = provider_label(gateway.name)
    try:
        async with asyncio.timeout(_PATIENCE):
            await gateway.check()
    except GatewayUnavailable as error:
        if error.why == CREDENTIALS:
            return bad(_("%(name)s không nhận tài khoản của ta: tin chờ, chưa gửi.", name=name))
        return bad(_("%(name)s không trả lời (%(why)s): tin chờ, chưa gửi.", name=name, why=error.why))
    except TimeoutError:
        return bad(_("%(name)s không trả lời trong 15 giây: tin chờ, chưa gửi.", name=name))
    return ok(_("%(name)s nhận tài khoản của ta.", name=name))


async def check_mail(settings: Settings, engine: AsyncEngine) -> Diagnosis:
    """The mail server; nothing is sent."""
    if settings.mail == "off":
        return warn(_("Chưa có máy chủ thư (LOPSO_SMTP_HOST): thư mời chờ, chưa gửi."))
    if settings.mail == "sandbox":
        return warn(_("Thư chỉ vào hộp thư thử, không gửi đi thật (LOPSO_SMTP_HOST)."))
    dispatcher = mail_dispatcher_for(settings, engine, clock=utc_now, config=MailWorkerConfig())
    problem = await dispatcher.problem()
    if problem is None:
        return ok(_("Máy chủ thư nhận kết nối."))
    return bad(_("Không dùng được máy chủ thư: %(problem)s", problem=problem))
