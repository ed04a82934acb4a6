"""Names of places."""


def place_name(*, words: str, room: str | None, venue: str | None, market: str | None) -> str:
    """Where to go: "Phòng họp, Nhà văn hóa TDP 3", "Đường số 9, Chợ Đông Ba", or the words alone."""
    if room and venue and room in venue:
        room = None  # "Hội trường, Hội trường phường" says one thing twice
    return ", ".join(part for part in (words, room, venue, market) if part)
