"""What a row of a plan sheet means, and what becomes of it."""
