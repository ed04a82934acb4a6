"""Workbooks from outside: read a hostile file safely, parse a ward's list, match and save its rows.

reading, child         a file in a process of its own with limits → sheets
fields                 what the columns of a list may hold, declared
headers, columns       which row is the header, what each column holds
skipped_rows, rows     which rows are about somebody → the lists of a workbook
kinds                  what one kind of list is, declared
parsing                rows → drafts; rows about one record merged, doubtful ones apart
parsing_process        all of that in a process of its own; packing: its JSON; turns: how many at once
matching, importing    drafts against known records; saved
staging                a parsed list until it is confirmed
results, writing       counts and doubtful rows; the workbook that goes back

Nothing here knows what the columns are about.
"""
