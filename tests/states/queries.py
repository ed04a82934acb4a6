"""What pages are asked for besides their address: filters, scopes, kinds, previews of a change."""

import json
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from overview.queries.tasks.reading import GROUPS as TASK_GROUPS
from scheduling.models import SESSION_KINDS
from scheduling.queries.series_list import SERIES_STATES
from tests.states.objects import Objects

SCOPES = ("one", "following", "all")
TYPED_TIMES: tuple[dict[str, str], ...] = (
    {},
    {"day": "31/02/2027"},
    {"day": "25/11/2026"},
    {"day": "25/11/2026", "since": "8h30"},
    {"day": "2/9/2027", "since": "8h30", "until": "7h"},
)


def queries(objects: Objects) -> Mapping[str, Sequence[str]]:
    """Queries by path, each beginning with "?"; a page without any is asked for as it is."""
    room = objects.found["room"]["open"]["room_id"]
    course = objects.found["course"]["open"]["course_id"]
    learner = objects.found["learner"]["Đã làm"]["learner_id"]
    same = {"day": None, "starts_at": None, "minutes": None, "place": None, "capacity": None}
    moves = [
        same | {"starts_at": "09:00:00", "minutes": 60},
        same | {"place": [int(room), None, ""], "capacity": 5},
        same | {"day": "2027-12-24"},
    ]
    storm = {"tu": "24/11/2026", "den": "20/12/2026", "loai": "ward_class", "reason": "Mưa bão"}
    series = {"kind": "ward_class", "course": course, "day0": "0", "from0": "8h30", "until0": "10h"}
    series |= {"starts_on": "07/12/2026", "meetings": "5", "room": room, "skip": "1"}
    found: Mapping[str, Sequence[Mapping[str, str]]] = {
        "/buoi/{session_id}/sua": [{"pham_vi": scope} for scope in SCOPES],
        "/buoi/{session_id}/sua/phong-va-nguoi": session_changes(objects),
        "/buoi/{session_id}/sua/xem-truoc": session_changes(objects),
        "/buoi/{session_id}/sua/tin-nhan": [
            {"pham_vi": scope, "doi": json.dumps(move)} for scope in SCOPES for move in moves
        ],
        "/buoi/{session_id}/huy": [{"pham_vi": scope} for scope in SCOPES],
        "/buoi/{session_id}/huy/tin-nhan": [{"pham_vi": scope, "reason": "Mưa lớn"} for scope in SCOPES],
        "/buoi/{session_id}/mo-lai": [{"pham_vi": "all"}],
        "/buoi/{session_id}/mo-lai/tin-nhan": [{"pham_vi": "all"}],
        "/buoi/{session_id}/cong-bo": [{"chuoi": "1"}],
        "/buoi/{session_id}/phan-cong": [{"vai": "trainer"}, {"vai": "helper"}],
        "/buoi/{session_id}/diem-danh": [
            {"nguoi": learner},
            {"nguoi": learner, "gap": "1"},
            {"ky_nang": objects.found["skill"]["first"]["skill_id"]},
        ],
        "/buoi/{session_id}/the-hoc-vien": [{"chua_in": "1"}],
        "/buoi/{session_id}/tin-nhan": [{"trang": "9"}],
        "/buoi/{session_id}/ghi-danh": [{"pham_vi": "loat", "nguoi": learner}, {"nhu_lop": "chuoi-1"}],
        "/buoi/{session_id}/ghi-danh/ket-qua": [{"luc": "2026-11-24T05:00:00+00:00"}, {"luc": "x"}],
        "/lich": [{"tuan": "30/11/2026", "thieu": "1"}, {"nhap": "1", "loai": "ward_class"}],
        "/lich/nghi-dong-loat": [{"phuong": "19753"}, {"tu": "31/02/2027", "ly_do": "x"}],
        "/lich/nghi-dong-loat/xem-truoc": [
            {
                "tu": "24/11/2026",
                "den": "20/12/2026",
                "loai": "ward_class",
                "tat_ca": "1",
                "reason": "Mưa bão",
            },
            storm | {"den": "20/12/2027"},
            {"tu": "20/12/2026", "den": "24/11/2026"},
        ],
        "/lich/nghi-dong-loat/tin-nhan": [
            {
                "tu": "24/11/2026",
                "den": "20/12/2026",
                "loai": "ward_class",
                "tat_ca": "1",
                "reason": "Mưa bão",
            },
            {"tu": "24/11/2026"},
        ],
        "/lich/{ward_id}": [{"tuan": "30/11/2026", "phong": room}, {"tuan": "16/11/2026", "nhap": "1"}],
        "/lich/loc": [{"xem": "month", "ngay": "01/03/2027", "loai": "ward_class"}],
        "/lich/{ward_id}/loc": [{"xem": "month", "nguoi": "1", "dia_diem": "1"}],
        "/lich/thang": [{"ngay": "01/03/2027", "thieu": "1"}, {"phuong": "19753"}],
        "/lich/{ward_id}/thang": [
            {"ngay": "16/11/2026"},
            {"phong": room, "doi_tuong": "elderly"},
            {"huy": "1"},
        ],
        "/lich/danh-sach": [{"ngay": "16/11/2026"}, {"phuong": "19753"}],
        "/lich/{ward_id}/danh-sach": [
            {"ngay": "16/11/2026"},
            {"ngay": "16/11/2026", "sau": "1"},
            {"sau": "9" * 19},
        ],
        "/lich/{ward_id}/dot": [{"ngay": "16/11/2026"}, {"ngay": "01/06/2030"}, {"huy": "1"}],
        "/lich/{ward_id}/phong": [{"ngay": "16/11/2026"}, {"phong": room}, {"dia_diem": "999"}],
        "/lich/{ward_id}/cho": [{"ngay": "30/11/2026"}, {"trang": "9"}],
        "/lich/{ward_id}/nguoi": [{"ngay": "30/11/2026"}, {"nguoi": "1"}, {"trang": "99"}],
        "/lich/{ward_id}/bang-tin": [{"tuan": "30/11/2026"}, {"tuan": "01/02/2027"}],
        "/lich/{ward_id}/buoi-moi": [{"kind": kind} for kind in SESSION_KINDS]
        + [{"kind": "ward_class", "day": "2026-12-24", "since": "08h30", "room": room}],
        "/lich/{ward_id}/buoi-moi/phong-va-nguoi": [
            {"kind": kind, "room": room, "course": course} | when
            for kind in SESSION_KINDS
            for when in TYPED_TIMES
        ],
        "/lich/{ward_id}/lop-moi/cac-ngay": [
            {},
            {"from0": "8h30"},
            series,
            series | {"starts_on": "31/2/2027"},
        ],
        "/lich/{ward_id}/lop-moi": [{"kind": kind} for kind in SESSION_KINDS],
        "/lich/{ward_id}/chuoi": [{"tinh_trang": each} for each in SERIES_STATES] + [{"q": "zalo"}],
        "/lich/{ward_id}/chuoi/{series_id}/them-buoi/xem-truoc": [
            {"meetings": "3", "nguoi_hoc": "1", "nguoi_day": "1", "cong_bo": "1"},
            {"ends_on": "01/06/2027"},
        ],
        "/lich/{ward_id}/chuoi/{series_id}/them-buoi/tin-nhan": [
            {"meetings": "3", "nguoi_hoc": "1", "nguoi_day": "1", "cong_bo": "1"},
            {"meetings": "3", "nguoi_hoc": "1", "cong_bo": "1", "chon": "1"},
            {"ends_on": "01/06/2020", "cong_bo": "1"},
        ],
        "/lich/{ward_id}/chuoi/{series_id}/chep/xem-truoc": [
            {"starts_on": "01/03/2027", "con_thieu": "1"},
            {"starts_on": "01/03/2027", "room": room, "nguoi_hoc": "1", "nguoi_day": "1"},
            {"starts_on": "01/03/2027"},
        ],
        "/lich/{ward_id}/chuoi/{series_id}/ket-thuc-som/xem-truoc": [
            {"last_day": "26/11/2026", "reason": "Mưa lớn"}
        ],
        "/lich/{ward_id}/lop-moi/xem-truoc": [series, series | {"meetings": "", "ends_on": "01/06/2027"}],
        "/lich/{ward_id}/noi-dung": [{"ngung": "1"}],
        "/lich/{ward_id}/ngay-nghi": [{"nam": "2027"}],
        "/lich/{ward_id}/xep-nguoi": [{"tuan": "30/11/2026"}, {"tuan": "16/11/2026"}, {"trang": "9"}],
        "/lich/{ward_id}/xep-nguoi/ket-qua": [{"tuan": "30/11/2026", "luc": "1"}, {"luc": "9" * 19}],
        "/nguoi-hoc/{ward_id}": [{"luu_tru": "1"}, {"nhom": "elderly"}, {"trang": "99"}],
        "/nguoi-hoc/{ward_id}/dong-y": [
            {"dot": "2026-11-23T05:00:00+00:00", "trang": "9"},
            {"dot": "2020-01-01T00:00:00+00:00", "to": "1"},
        ],
        "/nguoi-hoc/{ward_id}/the": [{"chua_in": "1"}, {"nhom": "trader"}],
        "/nguoi-day/{ward_id}": [{"da_nghi": "1"}, {"loai": "team_member"}, {"trang": "99"}],
        "/nguoi-day/{ward_id}/to": [{"giai_the": "1"}, {"loai": "ambassadors"}, {"q": "to"}],
        "/dia-diem/{ward_id}": [{"dong": "1"}],
        "/phuong-xa": [{"q": "phu"}, {"q": "không có"}],
        "/tai-khoan": [{"q": "an"}, {"q": "không có"}],
        "/xac-nhan/{ward_id}": [
            {"ten": "da"},
            {"ten": "không có"},
            {"noi_dung": course},
            {"tu": f"buoi-{objects.found['session']['running']['session_id']}"},
            {"tu": "lop-999999"},
        ],
        "/thu/{ward_id}": [{"loc": "can-xem"}],
        "/tin-nhan/{ward_id}": [{"ngay": "24/11/2026"}, {"ngay": "23/11/2026"}],
        "/viec-can-lam/{ward_id}": [{"nhom": group} for group in TASK_GROUPS] + [{"trang": "9"}],
        "/viec-can-lam": [{"nhom": "own_unanswered"}, {"nhom": "short"}],
        "/tim": [{"q": "tran"}, {"q": "không ai"}],
        "/kiem-tra": [{"so": "abc"}],
    }
    return {path: [f"?{urlencode(each)}" for each in asked] for path, asked in found.items()}


def session_changes(objects: Objects) -> Sequence[Mapping[str, str]]:
    """A session in another room, at another place, at another hour; alone or with others of its series."""
    plain = {"title": "Thanh toán QR", "capacity": "3", "day": "24/12/2027", "since": "12h", "until": "14h"}
    elsewhere = {"place": "Sân đình"}
    changes = (
        {"room": objects.found["room"]["open"]["room_id"]},
        elsewhere,
        elsewhere | {"since": "9h", "until": "10h"},
    )
    return [plain | {"pham_vi": scope} | change for scope in SCOPES for change in changes]
