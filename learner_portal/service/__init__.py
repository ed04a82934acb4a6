"""What changes cards, their pages, and what a learner decides there."""
