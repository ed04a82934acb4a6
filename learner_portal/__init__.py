"""Learner portal: a learner's printed card and the page it opens, without an account.

Owns learner_page. Shows what scheduling, competency, notifications and invitations know about one learner.
"""
