"""How many people hear of a change by how many texts, and why there are fewer texts, in one sentence."""

from lopso.kernel import formatting
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from notifications.rules.reach import ChangeReach

_ORDER = ("sharing", "no_mobile", "refused", "waiting", "told")


def reach_label(reach: ChangeReach) -> str:
    """ "Báo cho 24 người bằng 20 tin: 3 người dùng chung máy với người khác, 1 người không nhận tin nhắn."""
    people, texts = formatting.number(reach.people), formatting.number(reach.texts)
    said = (
        _("Báo cho %(people)s người bằng %(texts)s tin", people=people, texts=texts)
        if reach.texts
        else _("Không có tin nào cho %(people)s người này", people=people)
    )
    why = ", ".join(_why(reach))
    sentence = f"{said}: {why}." if why else f"{said}."
    if not reach.to_call:
        return sentence
    return " ".join((sentence, _("Ai không có số di động hoặc không nhận tin nhắn, xin gọi điện.")))


def _why(reach: ChangeReach) -> list[str]:
    counts: dict[str, int] = {"sharing": reach.sharing, **reach.reasons}
    return [_reason(name, counts[name]) for name in _ORDER if counts.get(name)]


def _reason(name: str, n: int) -> str:
    match name:
        case "sharing":
            return ngettext(
                "%(n)s người dùng chung máy với người khác", "%(n)s người dùng chung máy với người khác", n
            )
        case "no_mobile":
            return ngettext("%(n)s người không có số di động", "%(n)s người không có số di động", n)
        case "refused":
            return ngettext("%(n)s người không nhận tin nhắn", "%(n)s người không nhận tin nhắn", n)
        case "waiting":
            return ngettext("%(n)s người còn chờ chỗ", "%(n)s người còn chờ chỗ", n)
        case _:
            return ngettext("%(n)s người không cần tin mới", "%(n)s người không cần tin mới", n)
