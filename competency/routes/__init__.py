"""Routes: roll call with skills, sign-offs, the learner's page, results of a session, certificates."""

from competency.routes import certificates, learner, roll, session_results, sign_offs, whole_class

HANDLERS = [
    *roll.HANDLERS,
    *whole_class.HANDLERS,
    *sign_offs.HANDLERS,
    *learner.HANDLERS,
    *certificates.HANDLERS,
    *session_results.HANDLERS,
]
