"""Workbooks from outside: read a hostile file safely, parse a ward's list, match and save its rows.

`child` runs alone in a process of its own with limits; `reading` starts it. `fields`, `columns` and `rows` find
the lists in what was read; `kinds` declares what one kind of list is; `parsing` makes drafts of rows, `matching`
compares them with known records, `importing` saves them; `staging` keeps a parsed list until it is confirmed;
`writing` makes the workbook that goes back. Nothing here knows what the columns are about.
"""
