"""Vietnamese surnames, common and rare ones, and those of the peoples of the mountains around Huế."""

import unicodedata
from functools import lru_cache

from lopso.kernel.text import fold, nfc, word_key

_WRITTEN = """
a alăng an anh arất avô bh'nướch biện bling blúp bríu bàn bàng bành bá bì bùi bạch bế bồ bửu cai cam cao chu
chung châu chương chế chử coor cung cái cát cô công cù cấn cầm cồ cự danh diệp doãn dã dương giang già giàng
giáp giả hoa hoàng hoắc huỳnh hvổ hy hà hàn hùng hướng hường hạ hầu hồ hồng hứa k' ka kbuôr kha khang khiếu
khoa khuê khuất khà khâu khúc khưu khương khổng kim kiều knul kpă kra kê kông kăn la lai liêu liễu long lâm
lã lê lí lò lùng lý lơmu lư lưu lương lường lại lầu lều lỗ lộc lục lữ ma mai mang miêu mlô mân mã mè mông
mạc mạch mầu mẫn nay nghiêm nghê nghị nguyễn nguỵ ngân ngô ngưu ngạc ngọc ngụ ngụy nhan nhung nhâm nhân nhạc
nhữ ninh niê nây nông nùng pa phan phàn phí phòng phó phùng phú phúc phương phạm phụng ploong pơloong pả
quan quang quyết quyền quàng quách quản quế ra rapat rmah rơ rơchăm sa siu sái sùng sơn sầm sử tangôn thi
thiều thiệu thuỷ thành thào thái thân thôi thạch thẩm thịnh thời thục thụy thủy tiêu tiết tiền trang tri
triệu trà trác trì trình trưng trương trạch trầm trần trịnh trọng tuyên tuấn ty tào tán tân tín tòng tô tôn
tăng tư tường tưởng tạ tất tề tịch tống từ ung uông uất vi viêm viên viết vàng vày vòng võ văn vĩnh vũ vương
vạn vừ xa xung xuân xà y yên zơrâm ân âu ê êban ôn ông úng đinh điêu điền điểu đoàn đàm đào đôn đường đậu
đặng đống đồng đổng đỗ đới ấu
"""
_SURNAMES = frozenset(_WRITTEN.split())
# Those that are also the second word of names: "Ông Văn Bền" has the surname Ông.
_ALSO_MIDDLE = """
văn ngọc quang công thi hùng anh xuân kim phúc phú phương minh thành hồng hoa mai cao bá viết vĩnh bửu sơn
trọng tuấn nhân nhung khoa khang long hà tân trang an yên
"""
_ALSO_MIDDLE_NAMES = frozenset(_ALSO_MIDDLE.split())


@lru_cache(maxsize=4096)
def is_surname(word: str) -> bool:
    """Whether a word is a surname; one typed without accents may stand for any that folds to it."""
    word = nfc(word).casefold()
    return fold(word) in _FOLDED if word.isascii() else word_key(unicodedata.normalize("NFC", word)) in _KEYS


def may_be_middle_name(surname: str) -> bool:
    """Whether a surname is usual as the second word of a name too."""
    return nfc(surname).casefold() in _ALSO_MIDDLE_NAMES


_KEYS = frozenset(map(word_key, _SURNAMES))
_FOLDED = frozenset(map(fold, _SURNAMES))
