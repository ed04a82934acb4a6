"""Competency: from a skill shown in class, to a sign-off by a second person, to a certificate.

Owns demonstration, sign_off, sign_off_evidence, awaiting_sign_off, certificate. Leans on attendance,
scheduling, skills, learners. Hears attendance's RollChanged.
"""
