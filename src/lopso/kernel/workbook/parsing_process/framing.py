"""Numbers as the two sides of the fork server send them to each other."""

import struct

NUMBER = struct.Struct(">Q")
"""A process id, or the length of an answer in bytes."""

BROKEN = 2**64 - 1
"""In place of the length: the fork failed, and was not killed."""
