"""Every part that pages are made of, in all its states, on one page of the demo."""

from datetime import date
from types import SimpleNamespace

from litestar import get, post

from lopso.kernel import formatting
from lopso.kernel.access import Permission
from lopso.kernel.errors import NotFound
from lopso.kernel.paging import Page
from lopso.kernel.settings import Settings
from lopso.web.guards import somewhere
from lopso.web.pages import SeeOther, TemplatePage, page, redirect
from lopso.web.request import Request

LONG_NAME = "Công Tằng Tôn Nữ Thị Ngọc Ưỡn Nguyễn Phước Bảo Khánh Nghiêng"
LONG_TITLE = "Dịch vụ công trực tuyến: nộp hồ sơ, theo dõi hồ sơ và nhận kết quả tại nhà qua bưu điện"


@get("/kieu-dang", opt=somewhere(Permission.SEE_CALENDAR), include_in_schema=False)
async def style_page(request: Request) -> TemplatePage:
    """Macros and component styles with sample words, not translated; in a demo or a trial without real texts.

    Raises:
        NotFound: texts go to real phones.
    """
    settings: Settings = request.app.state.settings
    if settings.gateway != "sandbox" and not settings.demo:
        raise NotFound
    return page(
        "style_page.html",
        long_name=LONG_NAME,
        long_title=LONG_TITLE,
        typed=_typed(),
        namesakes=[SimpleNamespace(id=1, name=LONG_NAME, facts=("1956",), phone="", removed=True)],
        phone_label=_phone_label,
        many=Page(items=[0], number=3, total=1000),
        days=[_day(column) for column in range(7)],
        rows=[(8, _cells()), (14, [[] for _n in range(7)])],
    )


def _phone_label(_phone: object) -> str:
    return "0912 ••• 678"


def _typed() -> SimpleNamespace:
    """As a form about a person gives it back."""
    boxes: dict[str, list[str]] = {"agreed": ["class"]}
    return SimpleNamespace(
        full_name="", sex="female", phone="0912", phone_note="", email="", sms="yes", many=boxes.get
    )


def _day(column: int) -> SimpleNamespace:
    day = date(2026, 11, 23 + column)
    return SimpleNamespace(
        label=formatting.weekday_names()[column],
        day=formatting.day(day),
        today=column == 1,
        over=column == 0,
        holiday="Ngày Văn hóa Việt Nam" if column == 2 else None,
        lunar="rằm tháng 10" if column == 0 else "",
        count=int(column < 6),
    )


def _cells() -> list[list[tuple[str | None, ...]]]:
    """A card in each state, as `week.grid` takes them."""
    return [
        [_card("ward_class", "Dùng VNeID", people="3/3", seats="22/25", state="past")],
        [_card("ward_class", "Dùng VNeID", people="3/3", seats="22/25")],
        [_card("market_round", LONG_TITLE, people="0/5", lack="no-trainer", words="Thiếu 1 người dạy chính")],
        [_card("home_visit", "Đến nhà", people="1/2", lack="no-helper", words="Thiếu 1 người hỗ trợ")],
        [_card("team_training", "Tập huấn tổ", people="1/1", seats="24/30", state="draft", words="Bản nháp")],
        [_card("mass_event", "Ngày hội số", state="cancelled", words="Đã hủy")],
        [],
    ]


def _card(
    kind: str,
    title: str,
    *,
    people: str | None = None,
    seats: str | None = None,
    lack: str | None = None,
    state: str | None = None,
    words: str | None = None,
) -> tuple[str | None, ...]:
    place = "Nhà văn hóa tổ dân phố 3"
    return ("/kieu-dang", kind, "08h00 – 09h30", title, place, people, seats, lack, state, words)


@post("/kieu-dang", opt=somewhere(Permission.SEE_CALENDAR), include_in_schema=False)
async def press_sample() -> SeeOther:
    """Go back to the page: its sample buttons do nothing."""
    return redirect("/kieu-dang")


HANDLERS = [style_page, press_sample]
