"""What the facts of lower rooms mean for texts. Everything happens in the transaction of the fact itself.

Each function runs a fixed number of statements, whatever the number of sessions and people.
"""
