"""How learners are addressed on their card and on their page, in Vietnamese."""

from lopso.kernel.text import capitalized, nfc
from wordings.rules.addressing import Addressee, form_of_address


def full_salutation(learner: Addressee, this_year: int) -> str:
    """ "Bà Nguyễn Thị Hồng"; the bare name where neither title nor sex is known."""
    title = _form_of_address(learner, this_year)
    return nfc(f"{capitalized(title)} {learner.full_name}" if title else learner.full_name)


def short_salutation(learner: Addressee, this_year: int) -> str:
    """ "bà Hồng", with the given name; the whole name where neither title nor sex is known."""
    title = _form_of_address(learner, this_year)
    return f"{title} {learner.full_name.split()[-1]}" if title else learner.full_name


def _form_of_address(learner: Addressee, this_year: int) -> str:
    """Form of address; empty where only "ông/bà" would be right."""
    title = form_of_address(learner, this_year)
    return "" if "/" in title else title
