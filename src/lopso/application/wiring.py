"""Who listens to what. Reading this tells the whole story of what follows from what."""

from accounts.events import AccessChanged
from attendance.events import RollChanged
from competency.events import CertificateIssued, CertificateRevoked, SignOffRevoked, SkillsSignedOff
from competency.service.readiness import refresh_after_roll_change
from invitations.handlers import (
    sync_invites_of_helper,
    sync_invites_of_learner,
    sync_invites_of_people,
    sync_invites_of_sessions,
    sync_invites_of_staff,
    sync_invites_on_consent,
    sync_text_of_invites,
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
    SessionsPublished: [plan_reminders, sync_invites_of_sessions],
    SessionsMoved: [announce_moves, sync_invites_of_sessions],
    SessionsReworded: [sync_text_of_invites, reword],
    SessionsCancelled: [announce_cancellations, sync_invites_of_sessions],
    EnrolmentsChanged: [follow_enrolments, sync_invites_of_people],
    AssignmentsChanged: [tell_helpers, sync_invites_of_people],
    AssignmentsEnded: [tell_removed_helpers, sync_invites_of_sessions],
    ConsentsAnswered: [follow_consents, sync_invites_on_consent],
    LearnerPhoneChanged: [follow_learner_phone],
    LearnerNameChanged: [follow_learner_name],
    HelperPhoneChanged: [follow_helper_phone],
    HelperNameChanged: [follow_helper_name],
    LearnerEmailChanged: [sync_invites_of_learner],
    HelperEmailChanged: [sync_invites_of_helper],
    LearnerArchived: [follow_learner_departure, sync_invites_of_learner],
    LearnerReturned: [follow_learner_departure, sync_invites_of_learner],
    HelperLeft: [follow_helper_departure, sync_invites_of_helper],
    HelperReturned: [follow_helper_departure, sync_invites_of_helper],
    AccessChanged: [sync_invites_of_staff],
    WardContactChanged: [follow_ward_contact],
    SeatsGiven: [tell_of_seats],
    AssignmentsOffered: [ask_helpers],
    RollChanged: [refresh_after_roll_change],
    SkillsSignedOff: [tell_of_skills],
    SignOffRevoked: [recount_skills],
    CertificateIssued: [tell_of_certificate],
    CertificateRevoked: [drop_certificate],
}
