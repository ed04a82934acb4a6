"""Invitations: calendar feeds, and calendar invites by mail.

Owns calendar_token, invite, mail, mail_invite, calendar_wish, sandbox_mail. Listens, through
lopso.application.wiring, to what happens to sessions, assignments, enrolments, people and accounts.
"""
