"""Overview: what goes across all packages: the search in the header, the list of tasks.

Owns no table; reads those of every package below it. Uses all of them, is used by none.
"""
