"""Changes of wordings: drafted, activated, shipped; checks and previews."""
