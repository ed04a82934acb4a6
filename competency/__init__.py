"""Competency: demonstrations in class, sign-offs by a second person, certificates.

Owns demonstration, sign_off, sign_off_evidence, awaiting_sign_off, certificate. Uses attendance,
scheduling, skills, learners. Handles attendance's RollChanged.
"""
