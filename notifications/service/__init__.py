"""What changes the ledger: plans from what happened below, wordings, policies, answers from providers."""
