"""A ward's list of registrations, as a kind of list."""

from learners.importing import drafts, saving
from people.lists import person_layout, person_list

REGISTRATIONS = person_list(
    "learners",
    __name__,
    drafts.LearnerDraft,
    layout=person_layout(
        drafts.FIELDS,
        identified_by=("phone", "birth", "birth_male", "birth_female"),
        section=drafts.is_section,
    ),
    labels=drafts.labels,
    read_row=drafts.read_learner_row,
    known=saving.known_learners,
    save=saving.save_learners,
    merge=drafts.merge_learners,
    corrected=drafts.CORRECTED,
    facts=drafts.facts,
)
