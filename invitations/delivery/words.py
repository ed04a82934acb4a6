"""What a mail says to people, in its reader's language."""

from invitations.delivery.letters import Appointment, Letter
from lopso.kernel import formatting
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.kernel.phone import display

PAGE = "/viec-cua-toi"


def subject(letter: Letter) -> str:
    """The heading in a list of mails: what, when; or how many."""
    first, number = letter.appointments[0], len(letter.appointments)
    if number > 1:
        heading = {
            "invitation": ngettext("Lịch %(n)s buổi", "Lịch %(n)s buổi", number),
            "change": ngettext("Đổi lịch %(n)s buổi", "Đổi lịch %(n)s buổi", number),
            "cancellation": ngettext("Bỏ khỏi lịch %(n)s buổi", "Bỏ khỏi lịch %(n)s buổi", number),
        }[letter.purpose]
        return _(
            "%(heading)s, từ %(when)s – %(ward)s",
            heading=heading,
            when=formatting.when(first.starts_at),
            ward=letter.ward,
        )
    if letter.purpose == "invitation":
        return _invitation(first)
    if letter.purpose == "change":
        return _(
            "Đổi lịch: %(title)s, nay là %(when)s", title=first.title, when=formatting.when(first.starts_at)
        )
    if first.reason:
        return _("Đã hủy: %(title)s, %(when)s", title=first.title, when=formatting.when(first.starts_at))
    return _("Bỏ khỏi lịch: %(title)s, %(when)s", title=first.title, when=formatting.when(first.starts_at))


def body(letter: Letter, public_url: str) -> str:
    """The mail as people read it."""
    paragraphs = [_greeting(letter), _lead(letter)]
    paragraphs += [_appointment_lines(each, letter) for each in letter.appointments]
    paragraphs += _closing(letter, public_url)
    return "\n\n".join(paragraphs) + "\n"


def description(each: Appointment, letter: Letter) -> str:
    """What the calendar shows under the title; nobody's name, for calendars are shared."""
    lines: list[str] = []
    if letter.takes_back and each.reason:
        lines.append(_("Lý do: %(reason)s", reason=each.reason))
    if each.role and not letter.takes_back:
        lines.append(_role(each))
        if not each.answered:
            lines.append(_("Xin trả lời ở trang “Việc của tôi” của Lớp Số."))
    lines += _at_home(each, letter)
    if letter.ward_phone:
        lines.append(_("Có gì thay đổi, gọi %(phone)s.", phone=display(letter.ward_phone)))
    return "\n".join(lines)


def _invitation(each: Appointment) -> str:
    if each.role == "trainer" and not each.answered:
        return _("Mời dạy: %(title)s, %(when)s", title=each.title, when=formatting.when(each.starts_at))
    if each.role and not each.answered:
        return _("Mời hỗ trợ: %(title)s, %(when)s", title=each.title, when=formatting.when(each.starts_at))
    return _("Lịch: %(title)s, %(when)s", title=each.title, when=formatting.when(each.starts_at))


def _greeting(letter: Letter) -> str:
    if letter.kind == "user":
        return _("Chào %(name)s,", name=letter.name)
    title = letter.title.lower()
    if letter.kind == "learner":
        return _("Kính gửi %(title)s %(name)s,", title=title or _("ông/bà"), name=letter.name)
    return _("Chào %(title)s %(name)s,", title=title or _("anh/chị"), name=letter.name)


def _lead(letter: Letter) -> str:
    if letter.purpose == "change":
        return _("%(ward)s đã đổi lịch. Nay là:", ward=letter.ward)
    if letter.takes_back:
        if all(each.elsewhere for each in letter.appointments):
            return _(
                "Thư mời nay gửi đến địa chỉ e-mail khác, nên những buổi sau bỏ khỏi lịch ở địa chỉ này:"
            )
        if all(each.reason for each in letter.appointments):
            return _("%(ward)s đã hủy:", ward=letter.ward)
        return _("Những buổi sau không còn trong lịch:")
    if letter.kind == "learner":
        return _("%(ward)s gửi lịch học đã ghi danh:", ward=letter.ward)
    if letter.kind == "user":
        return _("Lịch của %(ward)s:", ward=letter.ward)
    if all(each.answered for each in letter.appointments):
        return _("Lịch dạy ở %(ward)s:", ward=letter.ward)
    return _("%(ward)s mời tham gia:", ward=letter.ward)


def _appointment_lines(each: Appointment, letter: Letter) -> str:
    lines = [
        each.title,
        f"{formatting.hours(each.starts_at, each.ends_at)}, {formatting.weekday_and_date(each.starts_at)}",
        each.place,
    ]
    if letter.takes_back and each.reason:
        lines.append(_("Lý do: %(reason)s", reason=each.reason))
    elif each.role and not letter.takes_back:
        lines.append(_role(each))
    lines += _at_home(each, letter)
    return "\n".join(" ".join(line.split()) for line in lines if line)


def _at_home(each: Appointment, letter: Letter) -> list[str]:
    """Where to look for the homes to go to, for those who go there."""
    if each.kind != "home_visit" or letter.kind == "learner" or letter.takes_back:
        return []
    return [_("Địa chỉ từng nhà xem trong Lớp Số.")]


def _role(each: Appointment) -> str:
    return _("Việc: dạy chính.") if each.role == "trainer" else _("Việc: hỗ trợ.")


def _closing(letter: Letter, public_url: str) -> list[str]:
    found: list[str] = []
    if any(not each.answered for each in letter.appointments) and not letter.takes_back:
        found.append(
            _(
                "Xin nhận buổi hoặc báo bận ở trang “Việc của tôi”: %(page)s\n"
                "Nếu chỉ bấm trả lời trong chương trình lịch, %(ward)s chưa biết.",
                page=public_url + PAGE,
                ward=letter.ward,
            )
        )
    found.append(_what_is_attached(letter))
    if letter.kind == "trainer" and len(letter.appointments) > 1 and not letter.takes_back:
        page = f"{public_url}{PAGE}/lich-rieng"
        found.append(_("Muốn mọi buổi tự có trong lịch điện thoại: %(page)s", page=page))
    if letter.ward_phone:
        phone = display(letter.ward_phone)
        found.append(_("Có gì thay đổi, xin gọi %(ward)s, số %(phone)s.", ward=letter.ward, phone=phone))
    found.append(
        _("Không muốn nhận thư nữa, xin báo cho %(ward)s. Thư này gửi tự động.", ward=letter.ward)
        if letter.kind == "learner" and not letter.takes_back
        else _("Thư này gửi tự động từ Lớp Số.")
    )
    return found


def _what_is_attached(letter: Letter) -> str:
    several = len(letter.appointments) > 1
    if letter.takes_back and several:
        return _("Tệp kèm theo báo cho chương trình lịch bỏ những buổi này.")
    if letter.takes_back:
        return _("Tệp kèm theo báo cho chương trình lịch bỏ buổi này.")
    if several:
        return _(
            "Kèm theo là lời mời của từng buổi. Nhiều chương trình thư chỉ tự đưa buổi đầu tiên vào lịch; "
            "với các buổi khác, xin mở từng tệp."
        )
    return _("Kèm theo là lời mời để đưa buổi này vào lịch.")
