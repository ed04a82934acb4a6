"""``lopso pause-delivery | resume-delivery``."""

import argparse
import asyncio
from typing import Any

from lopso.application import registry
from lopso.application.installation import Installation, check_ready, open_installation
from lopso.application.wiring import LISTENERS
from lopso.kernel import db as database
from lopso.kernel.access import system
from lopso.kernel.errors import Refused
from lopso.kernel.i18n import gettext as _
from lopso.kernel.operations.delivery_pause import pause_delivery
from lopso.kernel.shared_clock import SharedClock

COMMAND = system("lopso")


def add_commands(commands: Any) -> None:
    """Add these commands to the parser (argparse does not name the type of `commands`)."""
    pause = commands.add_parser("pause-delivery", help="send no text and no mail until resume-delivery")
    pause.set_defaults(run=_pause)
    resume = commands.add_parser(
        "resume-delivery", help="send again; after a restore the providers are asked first"
    )
    resume.set_defaults(run=_resume)


def _pause(_options: argparse.Namespace) -> int:
    with open_installation() as installation:
        check_ready(installation)
        asyncio.run(_paused(installation))
    print(_("Đã tạm dừng gửi tin nhắn và thư. Tin đang chuyển cho nhà mạng vẫn đi; tin còn lại chờ."))
    return 0


async def _paused(installation: Installation) -> None:
    engine = database.create_engine(installation.database_url, pool_size=2)
    clock = SharedClock(engine)
    await clock.set()
    try:
        async with database.session_maker(engine, LISTENERS).begin() as db:
            await pause_delivery(db, by=COMMAND, now=clock())
    finally:
        await engine.dispose()


def _resume(_options: argparse.Namespace) -> int:
    with open_installation() as installation:
        check_ready(installation)
        print(asyncio.run(_resumed(installation)))
    return 0


async def _resumed(installation: Installation) -> str:
    # The gateways' imports are slow: only where they are needed.
    from lopso.application.resuming import resume_delivery
    from lopso.application.senders import dispatcher_for
    from notifications.delivery.queues import WorkerConfig
    from notifications.delivery.restoration import ProviderSilent
    from notifications.labels import provider_label

    registry.complete()
    engine = database.create_engine(installation.database_url)
    clock = SharedClock(engine)
    await clock.set()
    dispatcher = dispatcher_for(installation.settings, engine, clock=clock, config=WorkerConfig())
    dispatcher.backlog = None  # no job queue in this process
    try:
        done = await resume_delivery(dispatcher, database.session_maker(engine, LISTENERS), by=COMMAND)
    except ProviderSilent as silent:
        raise Refused(
            _(
                "Chưa hỏi được %(name)s nên chưa gửi gì. Việc gửi vẫn tạm dừng; hãy thử lại sau.",
                name=provider_label(silent.name),
            )
        ) from silent
    finally:
        await dispatcher.providers.aclose()
        await engine.dispose()
    if done is None:
        return _("Việc gửi không bị tạm dừng.")
    return _(
        "Đã cho gửi tiếp. Tin đã đi trước khi khôi phục: %(gone)s; chưa đi, sẽ gửi: %(unsent)s;"
        " không ai biết, chờ người xem: %(unknown)s tin, %(mails)s thư.",
        gone=done.texts.gone,
        unsent=done.texts.unsent,
        unknown=done.texts.unknown,
        mails=done.mails,
    )
