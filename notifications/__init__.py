"""Notifications: what is said to whom and when, by text message, and the delivery of those messages.

Owns message, message_recipient, reminder_policy and what belongs to them. Learns
of events of the lower packages through lopso.application.wiring; they do not know it.
"""
