"""What pages read of learners, one file a noun. What a person may see is part of every query: the ward."""
