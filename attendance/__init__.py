"""Attendance: marks of a session's roll, corrected by adding and never by rewriting.

Owns attendance_mark. Publishes RollChanged. Uses scheduling, trainers and learners.
"""
