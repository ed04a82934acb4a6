"""Rules of texts: placeholders, phrases, names, and how they become one text."""
