"""Accounts: who may log in, with which role in which ward.

Owns app_user, role_grant, login_session, known_device, login_failure, invitation, reset_mail, reset_code,
second_factor, recovery_code. Uses venues.
"""
