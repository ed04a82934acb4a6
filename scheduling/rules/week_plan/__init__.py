"""Who takes which open place of a week: the best plan, with a proof of how near it is.

No database, no clock: `problem` states what is asked, `solver` answers, `checking` judges any plan again by
the rules alone. Needs the extra `plan` (highspy, numpy).
"""
