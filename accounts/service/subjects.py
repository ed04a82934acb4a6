"""Accounts in the audit trail."""

from lopso.kernel import audit


def account_subject(user_id: int, ward_id: str | None = None) -> audit.Subject:
    """An account in the audit trail; `ward_id` where the change is about a role in a ward."""
    return audit.Subject("app_user", user_id, ward_id)
