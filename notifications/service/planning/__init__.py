"""Planning: which messages an event of the lower packages calls for, reconciled with the ledger."""
