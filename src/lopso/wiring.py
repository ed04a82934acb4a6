"""Who listens to what. Reading this tells the whole story of what follows from what."""

from attendance.events import RollChanged
from competency.events import CertificateIssued, CertificateRevoked, SignOffRevoked, SkillsSignedOff
from competency.service.readiness import follow_the_roll
from learners.events import ConsentsAnswered, LearnerNameChanged, LearnerPhoneChanged
from lopso.kernel.events import Listeners
from notifications.handlers import (
    announce_cancellation,
    announce_move,
    ask_helpers,
    drop_certificate,
    follow_consents,
    follow_enrolments,
    follow_helper_phone,
    follow_learner_name,
    follow_learner_phone,
    follow_ward_contact,
    invite_again,
    invite_published,
    invite_who_agreed,
    plan_reminders,
    recount_skills,
    tell_helpers,
    tell_of_certificate,
    tell_of_seats,
    tell_of_skills,
)
from scheduling.events import (
    AssignmentsChanged,
    EnrolmentsChanged,
    HelpersAsked,
    SeatsGiven,
    SessionCancelled,
    SessionMoved,
    SessionsPublished,
)
from trainers.events import HelperPhoneChanged
from venues.events import WardContactChanged

LISTENERS: Listeners = {
    SessionsPublished: [plan_reminders, invite_published],
    SessionMoved: [announce_move, invite_again],
    SessionCancelled: [announce_cancellation, invite_again],
    EnrolmentsChanged: [follow_enrolments, invite_again],
    AssignmentsChanged: [tell_helpers, invite_again],
    ConsentsAnswered: [follow_consents, invite_who_agreed],
    LearnerPhoneChanged: [follow_learner_phone],
    LearnerNameChanged: [follow_learner_name],
    HelperPhoneChanged: [follow_helper_phone],
    WardContactChanged: [follow_ward_contact],
    SeatsGiven: [tell_of_seats],
    HelpersAsked: [ask_helpers],
    RollChanged: [follow_the_roll],
    SkillsSignedOff: [tell_of_skills],
    SignOffRevoked: [recount_skills],
    CertificateIssued: [tell_of_certificate],
    CertificateRevoked: [drop_certificate],
}
