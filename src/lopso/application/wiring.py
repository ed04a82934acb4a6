"""Who listens to what. Reading this tells the whole story of what follows from what."""

from accounts.events import AccessChanged
from attendance.events import RollChanged
from competency.events import CertificateIssued, CertificateRevoked, SignOffRevoked, SkillsSignedOff
from competency.service.readiness import follow_the_roll
from invitations.handlers import (
    invite_again,
    invite_for_all,
    invite_helper_again,
    invite_learner_again,
    invite_published,
    invite_reworded,
    invite_staff_again,
    invite_who_agreed,
)
from learners.events import (
    ConsentsAnswered,
    LearnerArchived,
    LearnerEmailChanged,
    LearnerNameChanged,
    LearnerPhoneChanged,
    LearnerReturned,
)
from lopso.kernel.events import Listeners
from notifications.handlers import (
    announce_cancellations,
    announce_moves,
    ask_helpers,
    drop_certificate,
    follow_consents,
    follow_enrolments,
    follow_helper_departure,
    follow_helper_name,
    follow_helper_phone,
    follow_learner_departure,
    follow_learner_name,
    follow_learner_phone,
    follow_ward_contact,
    plan_reminders,
    recount_skills,
    reword,
    tell_helpers,
    tell_of_certificate,
    tell_of_seats,
    tell_of_skills,
    tell_removed_helpers,
)
from scheduling.events import (
    AssignmentsChanged,
    AssignmentsEnded,
    AssignmentsOffered,
    EnrolmentsChanged,
    SeatsGiven,
    SessionsCancelled,
    SessionsMoved,
    SessionsPublished,
    SessionsReworded,
)
from scheduling.service.places import announce_place_change
from trainers.events import (
    HelperEmailChanged,
    HelperLeft,
    HelperNameChanged,
    HelperPhoneChanged,
    HelperReturned,
)
from venues.events import PlaceChanged, WardContactChanged

LISTENERS: Listeners = {
    PlaceChanged: [announce_place_change],
    SessionsPublished: [plan_reminders, invite_published],
    SessionsMoved: [announce_moves, invite_for_all],
    SessionsReworded: [invite_reworded, reword],
    SessionsCancelled: [announce_cancellations, invite_for_all],
    EnrolmentsChanged: [follow_enrolments, invite_again],
    AssignmentsChanged: [tell_helpers, invite_again],
    AssignmentsEnded: [tell_removed_helpers, invite_for_all],
    ConsentsAnswered: [follow_consents, invite_who_agreed],
    LearnerPhoneChanged: [follow_learner_phone],
    LearnerNameChanged: [follow_learner_name],
    HelperPhoneChanged: [follow_helper_phone],
    HelperNameChanged: [follow_helper_name],
    LearnerEmailChanged: [invite_learner_again],
    HelperEmailChanged: [invite_helper_again],
    LearnerArchived: [follow_learner_departure, invite_learner_again],
    LearnerReturned: [follow_learner_departure, invite_learner_again],
    HelperLeft: [follow_helper_departure, invite_helper_again],
    HelperReturned: [follow_helper_departure, invite_helper_again],
    AccessChanged: [invite_staff_again],
    WardContactChanged: [follow_ward_contact],
    SeatsGiven: [tell_of_seats],
    AssignmentsOffered: [ask_helpers],
    RollChanged: [follow_the_roll],
    SkillsSignedOff: [tell_of_skills],
    SignOffRevoked: [recount_skills],
    CertificateIssued: [tell_of_certificate],
    CertificateRevoked: [drop_certificate],
}
