"""Scheduling: which class meets where and when, taught by whom, for whom.

Owns course, series, class_session, assignment, enrolment, holiday, closure. Publishes SessionsPublished,
SessionsMoved, SessionsCancelled and others in events.py. Uses venues, skills, learners, trainers.
Imports nothing of messages or attendance.
"""
