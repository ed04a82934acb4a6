"""Wordings: what messages say, from the template registered with the operators to the finished text.

Owns message_template. Reads sessions, learners and trainers as texts speak of them; knows nothing of when a
message goes, to which provider, or what became of it. Publishes WordingActivated.
"""
