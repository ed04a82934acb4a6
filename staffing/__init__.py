"""Staffing: who leads and who helps in which session, and who can come instead.

Owns absence and absence_assignment. Ranks helpers, proposes a plan for a week, asks them, takes their answers
and replaces those who cannot come. Assignments belong to scheduling, which publishes what became of them
(scheduling.service.bookings). Uses scheduling, trainers, skills and venues. Imports nothing of messages.
"""
