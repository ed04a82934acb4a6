"""Notifications: everything that leaves the house. Today: text messages through a gateway.

Owns message, message_recipient, message_template, reminder_policy, sandbox_text, learner_page. Hears what
happened in the rooms below through lopso.application.wiring; they never know it exists.
"""
