"""Learners: the people who come to class, their consents, and the import of a ward's registrations.

Owns learner, consent. Uses venues and accounts. Knows nothing of classes.
"""
