"""``lopso doctor``: what an installation needs, looked at one by one, a sentence each."""
