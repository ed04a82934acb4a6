"""From the ledger to the provider and back: at most once each, whoever dies in between."""
