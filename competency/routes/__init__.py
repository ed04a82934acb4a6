"""Routes: roll call with skills, sign-offs, the learner's page, certificates."""

from competency.routes import certificates, learner, roll, sign_offs, whole_class

HANDLERS = [
    *roll.HANDLERS,
    *whole_class.HANDLERS,
    *sign_offs.HANDLERS,
    *learner.HANDLERS,
    *certificates.HANDLERS,
]
