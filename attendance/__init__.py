"""Attendance: who came to a session, marked in the room, corrected by adding and never by rewriting.

Owns attendance_mark. Publishes RollChanged. Leans on scheduling, trainers and learners.
"""
