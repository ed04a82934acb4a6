"""Scheduling: which class meets where and when, taught by whom, for whom.

Owns course, series, class_session, assignment, enrolment, holiday. Publishes SessionsPublished,
SessionsMoved, SessionsCancelled and others in events.py. Leans on venues, skills, learners, trainers.
Knows nothing of texts or attendance.
"""
