"""Reading helpers and their teams, one file a noun. The ward is part of every query."""
