"""Who listens to what. Reading this tells the whole story of what follows from what."""

from accounts.events import AccessChanged
from attendance.events import RollChanged
from competency.events import CertificateIssued, CertificateRevoked, SignOffsRevoked, SkillsSignedOff
from competency.service.readiness import refresh_after_roll_change
from invitations.handlers import (
    sync_invites_of_helper,
    sync_invites_of_helpers,
    sync_invites_of_learner,
    sync_invites_of_sessions,
    sync_invites_of_staff,
    sync_invites_on_consent,
    sync_restored_invites,
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
    announce_certificate,
    announce_moves,
    announce_offers,
    announce_removals,
    announce_reopenings,
    announce_restored_seats,
    announce_seats,
    announce_skills,
    follow_answers,
    follow_consents,
    follow_departure,
    follow_enrolments,
    follow_name,
    follow_phone,
    follow_return,
    follow_rewording,
    follow_undone_moves,
    follow_ward_contact,
    follow_wording,
    plan_published_sessions,
    recount_skills,
    withdraw_certificate,
)
from scheduling.events import (
    AssignmentsChanged,
    AssignmentsEnded,
    AssignmentsOffered,
    EnrolmentsChanged,
    EnrolmentsRestored,
    SeatsGiven,
    SessionsCancelled,
    SessionsMoved,
    SessionsPublished,
    SessionsReopened,
    SessionsRestored,
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
from wordings.events import WordingActivated

LISTENERS: Listeners = {
    PlaceChanged: [announce_place_change],
    SessionsPublished: [plan_published_sessions, sync_invites_of_sessions],
    SessionsMoved: [announce_moves, sync_invites_of_sessions],
    SessionsReworded: [sync_text_of_invites, follow_rewording],
    SessionsCancelled: [announce_cancellations, sync_invites_of_sessions],
    SessionsReopened: [announce_reopenings, sync_invites_of_sessions],
    SessionsRestored: [follow_undone_moves, sync_restored_invites],
    EnrolmentsChanged: [follow_enrolments, sync_invites_of_sessions],
    AssignmentsChanged: [follow_answers, sync_invites_of_helpers],
    AssignmentsEnded: [announce_removals, sync_invites_of_sessions],
    ConsentsAnswered: [follow_consents, sync_invites_on_consent],
    LearnerPhoneChanged: [follow_phone],
    LearnerNameChanged: [follow_name],
    HelperPhoneChanged: [follow_phone],
    HelperNameChanged: [follow_name],
    LearnerEmailChanged: [sync_invites_of_learner],
    HelperEmailChanged: [sync_invites_of_helper],
    LearnerArchived: [follow_departure, sync_invites_of_learner],
    LearnerReturned: [follow_return, sync_invites_of_learner],
    HelperLeft: [follow_departure, sync_invites_of_helper],
    HelperReturned: [follow_return, sync_invites_of_helper],
    AccessChanged: [sync_invites_of_staff],
    WardContactChanged: [follow_ward_contact],
    WordingActivated: [follow_wording],
    SeatsGiven: [announce_seats],
    EnrolmentsRestored: [announce_restored_seats],
    AssignmentsOffered: [announce_offers],
    RollChanged: [refresh_after_roll_change],
    SkillsSignedOff: [announce_skills],
    SignOffsRevoked: [recount_skills],
    CertificateIssued: [announce_certificate],
    CertificateRevoked: [withdraw_certificate],
}
