"""What the learner's page says, in the reader's language."""

from lopso.kernel.i18n import gettext as _


def preparation_labels() -> dict[str, str]:
    """What a learner gets ready, by kind of session."""
    bring = _("Mang theo điện thoại và dây sạc.")
    return {
        "ward_class": bring,
        "market_round": _("Người hướng dẫn đến tận quầy. Xin để sẵn điện thoại."),
        "home_visit": _("Người hướng dẫn đến tận nhà. Xin để sẵn điện thoại."),
        "mass_event": bring,
        "team_training": bring,
    }
