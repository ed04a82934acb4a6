"""From the ledger of mails to the mail server: written when it goes, the same Message-ID at each attempt."""
