"""Trainers: digital ambassadors, community technology teams and student volunteers.

Owns trainer, team, team_member, qualification, availability. Uses venues, accounts and skills.
"""
