"""A ward's list of teams with their helpers, as a kind of list."""

from dataclasses import replace

from lopso.kernel.i18n import gettext as _
from people.lists import person_layout, person_list
from trainers.importing import drafts, saving
from trainers.rules import HELPERS


def _same_in_file(row: int, _difference: str) -> str:
    return _(
        "Có thể trùng người ở dòng %(row)s (cùng họ tên, cùng tổ, đội), nhưng khác số điện thoại", row=row
    )


def _same_as_known(_difference: str) -> str:
    return _("Có thể trùng người đã có (cùng họ tên, cùng tổ, đội), nhưng khác số điện thoại")


TEAM_LIST = replace(
    person_list(
        "teams",
        __name__,
        drafts.TrainerDraft,
        layout=person_layout(drafts.FIELDS, section=drafts.is_section),
        labels=drafts.labels,
        read_row=drafts.read_trainer_row,
        known=saving.known_trainers,
        save=saving.save_trainers,
        compare=HELPERS,
        merge=drafts.merge_trainers,
        corrected=drafts.CORRECTED,
        facts=drafts.facts,
    ),
    same_in_file=_same_in_file,
    same_as_known=_same_as_known,
)
