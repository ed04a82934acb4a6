"""What an operator wants to know of an installation: pauses of delivery, workers alive, backups made."""
