"""Routes: roll call with skills, sign-offs, the learner's page, certificates."""

from competency.routes import certificates, learner, roll, sign_offs

HANDLERS = [*roll.HANDLERS, *sign_offs.HANDLERS, *learner.HANDLERS, *certificates.HANDLERS]
