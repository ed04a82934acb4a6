"""Whether a learner was told of a coming session, in half a line."""

from datetime import datetime

from lopso.kernel import formatting
from lopso.kernel.i18n import gettext as _
from notifications.labels.messages import purpose_label
from notifications.queries.learner_messages import SessionNews


def news_label(news: SessionNews, *, now: datetime) -> str:
    """ "Đã báo 18h00 hôm qua (nhắc trước một ngày)", "Sẽ báo 18h00 thứ Tư 25/11"."""
    if news.failed:
        return _("Tin báo không đến được: xin gọi điện.")
    if news.told_at is not None:
        return _(
            "Đã báo %(when)s (%(what)s).",
            when=_when(news.told_at, now),
            what=purpose_label(news.purpose).lower(),
        )
    if news.due_at is not None:
        return _("Chưa báo; sẽ nhắn %(when)s.", when=_when(news.due_at, now))
    return _("Chưa báo bằng tin nhắn.")


def _when(at: datetime, now: datetime) -> str:
    return f"{formatting.hour(at)} {formatting.day_inside(at, now)}"
