"""Workbooks from outside: read a hostile file safely, understand a ward's list, hand rows back to be mended.

`child` runs alone in a process of its own with limits; `reading` starts it; `columns` and `rows` understand
what was read; `writing` makes the workbook that goes back. Nothing here knows what the columns are about.
"""
