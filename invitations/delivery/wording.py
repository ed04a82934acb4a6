"""The text of a mail, in the recipient's language."""

from invitations.delivery.content import Appointment, MailContent
from lopso.kernel import formatting
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.kernel.phone import display

PAGE = "/viec-cua-toi"


def subject(content: MailContent) -> str:
    """Subject: title and time of the session, or how many sessions from when."""
    first, number = content.appointments[0], len(content.appointments)
    if number > 1:
        heading = {
            "invitation": ngettext("Lịch %(n)s buổi", "Lịch %(n)s buổi", number),
            "change": ngettext("Đổi lịch %(n)s buổi", "Đổi lịch %(n)s buổi", number),
            "cancellation": ngettext("Bỏ khỏi lịch %(n)s buổi", "Bỏ khỏi lịch %(n)s buổi", number),
        }[content.purpose]
        return _(
            "%(heading)s, từ %(when)s – %(ward)s",
            heading=heading,
            when=formatting.when(first.starts_at),
            ward=content.ward,
        )
    if content.purpose == "invitation":
        return _invitation_subject(first)
    if content.purpose == "change":
        return _(
            "Đổi lịch: %(title)s, nay là %(when)s", title=first.title, when=formatting.when(first.starts_at)
        )
    if first.reason:
        return _("Đã hủy: %(title)s, %(when)s", title=first.title, when=formatting.when(first.starts_at))
    return _("Bỏ khỏi lịch: %(title)s, %(when)s", title=first.title, when=formatting.when(first.starts_at))


def body(content: MailContent, public_url: str) -> str:
    """The plain text, paragraphs separated by an empty line."""
    paragraphs = [_greeting(content), _lead(content)]
    paragraphs += [_appointment_lines(each, content) for each in content.appointments]
    paragraphs += _closing(content, public_url)
    return "\n\n".join(paragraphs) + "\n"


def description(each: Appointment, content: MailContent) -> str:
    """DESCRIPTION of the calendar event; names no person, since calendars are shared."""
    lines: list[str] = []
    if content.is_cancellation and each.reason:
        lines.append(_("Lý do: %(reason)s", reason=each.reason))
    if each.role and not content.is_cancellation:
        lines.append(_role_line(each))
        if not each.answered:
            lines.append(_("Xin trả lời ở trang “Việc của tôi” của Lớp Số."))
    lines += _home_visit_line(each, content)
    if content.ward_phone:
        lines.append(_("Có gì thay đổi, gọi %(phone)s.", phone=display(content.ward_phone)))
    return "\n".join(lines)


def _invitation_subject(each: Appointment) -> str:
    if each.role == "trainer" and not each.answered:
        return _("Mời dạy: %(title)s, %(when)s", title=each.title, when=formatting.when(each.starts_at))
    if each.role and not each.answered:
        return _("Mời hỗ trợ: %(title)s, %(when)s", title=each.title, when=formatting.when(each.starts_at))
    return _("Lịch: %(title)s, %(when)s", title=each.title, when=formatting.when(each.starts_at))


def _greeting(content: MailContent) -> str:
    if content.kind == "user":
        return _("Chào %(name)s,", name=content.name)
    title = content.title.lower()
    if content.kind == "learner":
        return _("Kính gửi %(title)s %(name)s,", title=title or _("ông/bà"), name=content.name)
    return _("Chào %(title)s %(name)s,", title=title or _("anh/chị"), name=content.name)


def _lead(content: MailContent) -> str:
    if content.purpose == "change":
        return _("%(ward)s đã đổi lịch. Nay là:", ward=content.ward)
    if content.is_cancellation:
        if all(each.address_changed for each in content.appointments):
            return _(
                "Thư mời nay gửi đến địa chỉ e-mail khác, nên những buổi sau bỏ khỏi lịch ở địa chỉ này:"
            )
        if all(each.reason for each in content.appointments):
            return _("%(ward)s đã hủy:", ward=content.ward)
        return _("Những buổi sau không còn trong lịch:")
    if content.kind == "learner":
        return _("%(ward)s gửi lịch học đã ghi danh:", ward=content.ward)
    if content.kind == "user":
        return _("Lịch của %(ward)s:", ward=content.ward)
    if all(each.answered for each in content.appointments):
        return _("Lịch dạy ở %(ward)s:", ward=content.ward)
    return _("%(ward)s mời tham gia:", ward=content.ward)


def _appointment_lines(each: Appointment, content: MailContent) -> str:
    lines = [
        each.title,
        f"{formatting.hours(each.starts_at, each.ends_at)}, {formatting.weekday_and_date(each.starts_at)}",
        each.place,
    ]
    if content.is_cancellation and each.reason:
        lines.append(_("Lý do: %(reason)s", reason=each.reason))
    elif each.role and not content.is_cancellation:
        lines.append(_role_line(each))
    lines += _home_visit_line(each, content)
    return "\n".join(" ".join(line.split()) for line in lines if line)


def _home_visit_line(each: Appointment, content: MailContent) -> list[str]:
    """Where helpers find the addresses of a visit to homes."""
    if each.kind != "home_visit" or content.kind == "learner" or content.is_cancellation:
        return []
    return [_("Địa chỉ từng nhà xem trong Lớp Số.")]


def _role_line(each: Appointment) -> str:
    return _("Việc: dạy chính.") if each.role == "trainer" else _("Việc: hỗ trợ.")


def _closing(content: MailContent, public_url: str) -> list[str]:
    found: list[str] = []
    if any(not each.answered for each in content.appointments) and not content.is_cancellation:
        found.append(
            _(
                "Xin nhận buổi hoặc báo bận ở trang “Việc của tôi”: %(page)s\n"
                "Nếu chỉ bấm trả lời trong chương trình lịch, %(ward)s chưa biết.",
                page=public_url + PAGE,
                ward=content.ward,
            )
        )
    found.append(_attachment_hint(content))
    if content.kind == "trainer" and len(content.appointments) > 1 and not content.is_cancellation:
        page = f"{public_url}{PAGE}/lich-rieng"
        found.append(_("Muốn mọi buổi tự có trong lịch điện thoại: %(page)s", page=page))
    if content.ward_phone:
        phone = display(content.ward_phone)
        found.append(_("Có gì thay đổi, xin gọi %(ward)s, số %(phone)s.", ward=content.ward, phone=phone))
    found.append(
        _("Không muốn nhận thư nữa, xin báo cho %(ward)s. Thư này gửi tự động.", ward=content.ward)
        if content.kind == "learner" and not content.is_cancellation
        else _("Thư này gửi tự động từ Lớp Số.")
    )
    return found


def _attachment_hint(content: MailContent) -> str:
    several = len(content.appointments) > 1
    if content.is_cancellation and several:
        return _("Tệp kèm theo báo cho chương trình lịch bỏ những buổi này.")
    if content.is_cancellation:
        return _("Tệp kèm theo báo cho chương trình lịch bỏ buổi này.")
    if several:
        return _(
            "Kèm theo là lời mời của từng buổi. Nhiều chương trình thư chỉ tự đưa buổi đầu tiên vào lịch; "
            "với các buổi khác, xin mở từng tệp."
        )
    return _("Kèm theo là lời mời để đưa buổi này vào lịch.")
