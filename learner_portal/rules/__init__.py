"""Decisions on facts handed in: the token of a card, how a learner is addressed."""
