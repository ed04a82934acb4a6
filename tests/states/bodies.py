"""Forms as people fill them in, for every state of what they are about."""

from collections.abc import Mapping, Sequence

from tests.states.objects import Objects
from tests.states.queries import SCOPES, session_changes

Body = Mapping[str, str | list[str]]

FORM_ID = "8c0f5a3e-2f57-4d0c-9a86-3f4f1d1f7a10"
SERIES = {"pham_vi": "loat"}
AWAY = {"tu": "24/11/2026", "den": "31/12/2026"}
REASON = {"ly_do": "Bận việc nhà", "reason": "Bận việc nhà", "kind": "mistake"}

CONSENTS = {"dieu": ["class", "sms"], "ngay": "20/11/2026", "cach": "spoken"}


def bodies(objects: Objects) -> Mapping[str, Sequence[Body]]:
    """Filled forms by path; each is sent about every state in turn."""
    helper = {"nguoi": objects.found["helper"]["without account"]["trainer_id"], "vai": "helper"}
    named = ("plain", "elder", "minor", "landline", "with everything", "opted out")
    learners = [objects.found["learner"][name]["learner_id"] for name in named]
    assignment = "/buoi/{session_id}/phan-cong/{assignment_id}"
    return {
        "/buoi/{session_id}/phan-cong": [helper, helper | SERIES, helper | {"da_nhan": "1"}],
        "/buoi/{session_id}/phan-cong/ca-loat": [helper, helper | {"da_nhan": "1"}],
        "/buoi/{session_id}/phan-cong/tim": [{"q": "le"}, helper | {"q": "không ai"}],
        f"{assignment}/tra-loi": [{"tra_loi": "nhan"}, REASON],
        f"{assignment}/rut": [REASON, REASON | SERIES],
        f"{assignment}/thay": [helper | REASON],
        f"{assignment}/thay/tim": [{"q": "le"}],
        f"{assignment}/vai-tro": [{"vai": "trainer"}, {"vai": "helper"}],
        f"{assignment}/vang-mat": [{"den": "1"}, {}],
        "/buoi/{session_id}/ghi-danh": [
            {"nguoi": learners[:2]},
            {"nguoi": learners},
            {"nguoi": learners} | SERIES,
        ],
        "/buoi/{session_id}/ghi-danh/tim": [
            {"q": "tran"},
            {"q": "không ai", "nguoi": learners},
            {"nhom": "elderly", "chon_trang": "1", "pham_vi": "loat"},
            {"nhu_lop": "chuoi-1", "to": "1", "trang_tim": "9"},
        ],
        "/buoi/{session_id}/ghi-danh/nguoi-moi": [
            {"full_name": "Hồ Thị Mới", "sms": "no", "nguoi": learners},
            {"full_name": "", "birth_year": "19x"},
        ],
        "/buoi/{session_id}/ghi-danh/{learner_id}/nghi": [REASON, REASON | SERIES],
        "/buoi/{session_id}/huy": [REASON | {"pham_vi": scope} for scope in SCOPES],
        "/buoi/{session_id}/sua": session_changes(objects),
        "/buoi/{session_id}/goi-dien": [{"nguoi": learners[:1]}, {"tat_ca": "1"}, {}],
        "/buoi/{session_id}/cong-bo": [{}, {"chuoi": "1"}],
        "/buoi/{session_id}/diem-danh": [
            {"form_id": FORM_ID, "rest": "present"},
            {"form_id": FORM_ID, "rest_skill": f"{objects.found['skill']['first']['skill_id']}:alone"},
        ],
        "/buoi/{session_id}/diem-danh/nguoi-moi": [{"name": "Hồ Thị Mới", "another": "1"}],
        "/buoi/{session_id}/diem-danh/nguoi-moi/goi-y": [{"name": "tran"}],
        "/lich/{ward_id}/xep-nguoi": [
            {"chon": [f"{each['session_id']}-helper-{helper['nguoi']}"], "tuan": "30/11/2026"}
            for each in objects.found["session"].values()
        ],
        "/lich/{ward_id}/xep-nguoi/goi-y": [{"tuan": "30/11/2026"}, {"tuan": "01/01/2020"}],
        "/lich/{ward_id}/xep-nguoi/tim": [
            {"q": "le", "tuan": "30/11/2026"},
            {"q": "không ai", "tuan": "30/11/2026"},
            {"q": "le", "bo_tim": "1"},
        ],
        "/viec-cua-toi/{assignment_id}/ban": [REASON],
        "/viec-cua-toi/nghi": [REASON | AWAY, REASON | {"tu": "31/02/2027"}],
        "/viec-cua-toi/nghi/xem": [AWAY],
        "/nguoi-day/{ward_id}/{trainer_id}/bao-nghi": [REASON | AWAY, AWAY],
        "/nguoi-day/{ward_id}/{trainer_id}/bao-nghi/xem": [AWAY, {"tu": "x"}],
        "/tim": [{"q": "tran"}, {"q": "không ai"}, {"q": "09"}, {"q": "24/11", "nhom": "sessions"}],
        "/tim/goi-y": [{"q": "tran"}, {"q": "không ai"}, {"q": "to"}],
        "/nguoi-hoc/{ward_id}/dong-y": [
            CONSENTS | {"nguoi": learners},
            CONSENTS | {"tat_ca": "1", "so_nguoi": "0"},
            {"chon": "tat-ca", "nguoi": learners},
        ],
        "/nguoi-hoc/{ward_id}/dong-y/{round_id}/hoan-tac": [{}],
        "/nguoi-hoc/{ward_id}/tim": [{"q": "tran"}, {"q": "không ai"}],
        "/nguoi-day/{ward_id}/tim": [{"q": "le"}, {"q": "không ai"}],
        "/nguoi-day/{ward_id}/to/{team_id}/tim": [{"q": "le"}],
        "/tin-nhan/{ward_id}/tim": [{"q": "0912"}, {"q": "tran"}],
        "/tin-nhan/tim": [{"q": "0912"}],
        "/chung-nhan/{name}/thu-hoi": [REASON],
        "/xac-nhan/{ward_id}": [{"chon": "tat-ca"}, {"pick": [f"{learners[0]}:1"]}],
        "/xac-nhan/{ward_id}/{sign_off_id}/thu-hoi": [REASON],
        "/nguoi-hoc/{ward_id}/{learner_id}/minh-chung/{demonstration_id}/bo": [REASON],
        "/nguoi-hoc/{ward_id}/{learner_id}/luu-tru": [{}],
        "/nguoi-hoc/{ward_id}/{learner_id}/khoi-phuc": [{}],
        "/nguoi-day/{ward_id}/{trainer_id}/nghi": [{}],
        "/nguoi-day/{ward_id}/{trainer_id}/tro-lai": [{}],
        "/nguoi-day/{ward_id}/{trainer_id}/tai-khoan": [{}],
    }
