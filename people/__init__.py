"""People: what lists and forms about persons share (learners, helpers, later traders and households).

Columns of a list (name, sex, year of birth, phone, e-mail) and how their cells are read, when two entries are
one person, what of a phone is stored, checks of forms. Owns no table. Uses venues.
"""
