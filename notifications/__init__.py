"""Notifications: everything that leaves the house. Today: text messages through a gateway.

Owns message, message_recipient, message_template, reminder_policy and what belongs to them. Hears what
happened in the rooms below through lopso.application.wiring; they never know it exists.
"""
