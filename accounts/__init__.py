"""Accounts: who may log in, with which role in which ward.

Owns app_user, role_grant, login_session, invitation, login_failure. Uses venues.
"""
