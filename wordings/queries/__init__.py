"""What pages of wordings show, and the facts that texts are made of."""
