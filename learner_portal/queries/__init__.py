"""What the learner's page and the pages about cards show."""
