"""What reads like a swindler's text is refused however it is written; names of people and places are not."""

import json
import unicodedata
from collections.abc import Iterator

import pytest

from lopso.kernel.json_values import is_list, is_object
from lopso.kernel.message_safety import unsafe_content, unsuitable
from lopso.kernel.paths import shipped
from lopso.kernel.text import unaccent

REFUSED = {
    "link": [
        "https://example.org",
        "HTTP ://abc",
        "www.lopso",
        "Xem tại lopso.vn/a",
        "goo.gl/abc",
        "t.co/x",
        "lopso.app",
        "abc.click",
        "103.1.2.3/a",
        "103.1.2.3",
        "lopso . vn",
        "lopso. vn",
        "ＢＩＴ．ＬＹ",
        "bit ly",
        "bit.ly/abc",
        "BIT.LY",
        "Abc.Click",
        "lớpsố.vn",
        "lopso chấm vn",
        "lopso com vn",
        "zalo.me/0912",
        "24h.com.vn",
        "ha@example.org",
        "l\u200bopso.v\u200bn",
        "lopso。vn",
    ],
    "money": [
        "nhận 500 nghìn",
        "2 triệu",
        "50 ngàn",
        "50 ngan",
        "2 trieu",
        "hai trăm nghìn",
        "một triệu",
        "tặng",
        "khuyến mại",
        "khuyến mãi",
        "ưu đãi",
        "lì xì",
        "voucher",
        "stk",
        "STK 0123",
        "momo",
        "50.000 d",
        "50.000đ",
        "Học 2 buổi được 50.000 đồng",
        "50000 dong",
        "Nhận quà 50k",
        "100K",
        "5 $",
        "Chuyển khoản học phí",
        "chuyen khoan truoc",
        "CHUYỂN KHOẢN",
        "Chuyển-khoản",
        "nhan tien thuong",
        "ti\u00adền",
        "t\u00adiền mặt",
        unicodedata.normalize("NFD", "có quà"),
        "có qùa",
        "Quà cho bà con",
        "Phí ghi danh",
        "quét thẻ",
        "Mang theo mật khẩu",
        "thanh toán",
        "Thanh toan truoc",
        "bạn đã trúng xe",
        "mien phi",
        "nợ",
    ],
    "papers": ["mang CCCD", "mã xác nhận", "ma xac nhan", "căn cước", "mang theo hộ chiếu", "CMND"],
    "slogan": [
        "Bình dân học vụ số, không ai bị bỏ lại phía sau",
        "Mời bà con hưởng ứng",
        "Nhớ đến nhé!",
        "Nhớ đến nhé！",
    ],
}

ALLOWED = """
14h00 thứ Năm 26/11
14h00-16h30, 26.11.2026
Gọi 0234.3823.456
0234 3823 456
090.123.45.67
P. Kim Long
P.Kim Long
TT.GDTX
TT.GDTX-NN Hương Thủy
tp.Huế
ThS.Lan
ông B.Lân
Mưa lớn.Lớp nghỉ
Tổ 3.Sau chợ
nghỉ bão.mai học lại
mang theo thẻ học viên
mang the hoc vien
2 đồng chí dạy bị ốm
2 đồng nghiệp bận
nhà ông Trúng
nhà bà Quà
ông Thưởng
bà Phí Thị Lan
Phí Thị Lan
chị Tặng
cô Thu Tiên
co Thu Tien
mặt tiền chợ
tiền sảnh UBND phường
Tiền Giang
đường Nguyễn Tri Phương
Nhà sinh hoạt cộng đồng tổ dân phố số 12, chợ Đông Ba
Hội trường phường Phú Xuân lúc 14h00, mời o Lan
Cầu ngói Thanh Toàn
Cau ngoi Thanh Toan
NVH làng Thanh Toàn
tổ 5 Đồng Di, Phú Vang
NVH thôn 2 Đồng Tiến
35 Triệu Quang Phục
12K Lê Lợi
Kiệt 131 Trần Phú
Đình làng Kim Long
Trường Tiền
cầu Trường Tiền
gần cầu Trường Tiền
Trường THCS Nguyễn Tri Phương
Trường THPT chuyên Quốc Học Huế
Trường Tiểu học Thuận Thành (cơ sở 2)
Trường Mầm non Hương Sơ
Trung tâm Học liệu Đại học Huế
Trung tâm Văn hóa - Thể thao xã A Lưới 1
Trung tâm học tập cộng đồng Phường Kim Long
Trung tâm Hành chính công
Bưu điện Văn hóa xã Lộc Trì
Nhà văn hóa Thôn 3, xã Chân Mây - Lăng Cô
Nhà văn hóa khu tái định cư Hương Sơ
NSHCĐ TDP 7
Nhà Gươl thôn A Hưa
Nhà Rông xã Hồng Hạ
Nhà cộng đồng thôn Dỗi
Chùa Từ Đàm
Chùa Thiên Mụ
Niệm Phật đường An Cựu
Nhà thờ Phủ Cam
Chợ Bến Ngự
Chợ Dinh
Chợ Mai
Chợ An Cựu
Chợ Tây Lộc, khu hàng quà
Chợ Đông Ba, Đường số 9
Chợ Cồn, lô 12, quầy 5
Chợ Nọ
Chợ Sịa
Chợ Truồi
Siêu thị Go Huế, tầng 2
Nhà ông Nguyễn Văn Tý, 5 Tỳ Bà
Số 5 Ngân Hà
Khu phố Phú Thượng, phường Mỹ Thượng
TDP Dạ Lê Thượng
Làng cổ Phước Tích
Bạch Mã
Bảo tàng Mỹ thuật
Ủy ban nhân dân phường Thuận Hóa
UBND Xã Phú Vinh
ngập đường Đinh Tiên Hoàng
nghỉ vì bão số 13
trùng lịch họp hội đồng nhân dân
trúng ngày giỗ Tổ
cúp điện
thầy ốm, chưa có người thay
nước vào nhà văn hóa
lịch thi của trường
mua lon, ngap duong
lich da trung
di qua tang 2
lam the nao
xin lỗi bà con
mang kính, điện thoại đã sạc pin
chỗ họp đồng hương Huế
3 ti vi hỏng
""".strip().splitlines()


@pytest.mark.parametrize(("fault", "text"), [(fault, text) for fault in REFUSED for text in REFUSED[fault]])
def test_scam_phrases_are_recognised_in_any_writing(fault: str, text: str) -> None:
    assert unsafe_content(text) == fault
    assert unsuitable(text) is not None
    assert unsuitable(f"14h00 thứ Năm, Nhà văn hóa TDP 7: {text}") is not None


@pytest.mark.parametrize("text", ALLOWED)
def test_names_and_plain_reasons_are_suitable(text: str) -> None:
    assert unsafe_content(text) is None
    assert unsafe_content(unicodedata.normalize("NFD", text)) is None


NAMED = {"wards", "markets", "name", "full_name", "former_units", "former_ward", "spelling_variant"}


def strings(node: object) -> Iterator[str]:
    """Every string in a piece of JSON, sources and remarks left out."""
    if isinstance(node, str):
        yield node
    elif is_list(node):
        for each in node:
            yield from strings(each)
    elif is_object(node):
        for key, value in node.items():
            if key in NAMED:
                yield from strings(value)


@pytest.mark.parametrize("file", ["hue_wards.json", "markets.json"])
def test_shipped_names_are_suitable_with_and_without_accents(file: str) -> None:
    names = set(strings(json.loads((shipped("data") / file).read_text())))

    assert len(names) > 5
    assert {name for name in names if unsafe_content(name)} == set()
    assert {name for name in names if unsafe_content(unaccent(name))} == set()
    assert {name for name in names if unsafe_content(f"UBND {name}, gần chợ")} == set()
