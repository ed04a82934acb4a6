"""What the city does with wordings."""
