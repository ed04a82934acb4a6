"""Trainers: digital ambassadors, community technology teams and student volunteers.

Owns trainer, team, team_member, qualification, availability. Leans on venues, accounts and skills.
"""
