"""Actions of staff on messages, by the word in the address: on one message, or on many after a preview."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor
from lopso.kernel.errors import NotFound
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from notifications.forms import ActionForm
from notifications.service import message_actions
from notifications.service.message_actions import ActionResult, Resolution
from notifications.service.message_selection import MessageAction, MessageSelection

ACTIONS: Mapping[str, MessageAction] = {
    "giu-lai": "hold",
    "gui-tiep": "release",
    "khong-gui": "withdraw",
    "dat-lai": "put_back",
    "gui-lai": "send_again",
    "xong": "resolve",
    "chua-xong": "reopen",
}

_UNDO = {"giu-lai": "gui-tiep", "khong-gui": "dat-lai", "xong": "chua-xong"}

RESOLUTIONS: Mapping[str, Resolution] = {"da-goi": "called", "da-gap": "met", "khong-can": "not_needed"}


@dataclass(frozen=True, slots=True)
class ActionFeedback:
    """What to say after an action, and the action that reverts it: a key of `ACTIONS`, or None."""

    sentence: str
    undo: str | None


def action_of(slug: str) -> MessageAction:
    """The action behind a word in the address.

    Raises:
        NotFound: there is no such action.
    """
    if slug not in ACTIONS:
        raise NotFound
    return ACTIONS[slug]


async def perform(
    db: AsyncSession,
    slug: str,
    selection: MessageSelection,
    form: ActionForm,
    *,
    by: Actor,
    now: datetime,
) -> ActionFeedback:
    """Carry out an action on the selected messages.

    Raises:
        NotFound: no such action, or no such resolution.
        NoMatchingMessages: a worker or a colleague was faster.
    """
    action = action_of(slug)
    if action == "resolve":
        how = RESOLUTIONS.get(form.how)
        if how is None:
            raise NotFound
        result = await message_actions.resolve(db, selection, how, by=by, now=now)
    elif action == "send_again":
        result = await message_actions.send_again(db, selection, perhaps_twice=form.confirmed, by=by, now=now)
    else:
        actions = {
            "hold": message_actions.hold,
            "release": message_actions.release,
            "withdraw": message_actions.withdraw,
            "put_back": message_actions.put_back,
            "reopen": message_actions.reopen,
        }
        result = await actions[action](db, selection, by=by, now=now)
    return ActionFeedback(_sentence(action, result), _UNDO.get(slug))


def encode_instant(stamp: datetime) -> str:
    """An instant for an address, exact to the microsecond."""
    return str(int(stamp.timestamp()) * 1_000_000 + stamp.microsecond)


def decode_instant(typed: str | None) -> datetime | None:
    """The instant of an address; None when there is none or it is unreadable."""
    if typed is None or not typed.isdecimal() or len(typed) > 17:
        return None
    seconds, micros = divmod(int(typed), 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=micros)


def _sentence(action: MessageAction, result: ActionResult) -> str:
    n = result.changed
    sentence = {
        "hold": ngettext("Đã giữ lại %(n)s tin.", "Đã giữ lại %(n)s tin.", n),
        "release": ngettext("%(n)s tin sẽ gửi tiếp.", "%(n)s tin sẽ gửi tiếp.", n),
        "withdraw": ngettext("%(n)s tin sẽ không gửi.", "%(n)s tin sẽ không gửi.", n),
        "put_back": ngettext("%(n)s tin sẽ gửi trở lại.", "%(n)s tin sẽ gửi trở lại.", n),
        "send_again": ngettext("%(n)s tin sẽ gửi lại.", "%(n)s tin sẽ gửi lại.", n),
        "resolve": ngettext("Đã đánh dấu %(n)s tin.", "Đã đánh dấu %(n)s tin.", n),
        "reopen": ngettext("Đã bỏ đánh dấu %(n)s tin.", "Đã bỏ đánh dấu %(n)s tin.", n),
    }[action]
    if action in ("hold", "withdraw") and result.already_sent:
        sentence += " " + _("%(n)s tin khác đã đi trước đó.", n=result.already_sent)
    return sentence
