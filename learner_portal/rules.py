"""The secret on a learner's card (docs/decisions/0042)."""

import base64
import hashlib
import hmac

TOKEN_BYTES = 18  # 144 bits; 24 characters, so that the QR stays coarse enough for an old phone's camera
LONGEST = 100  # characters; longer than any token of ours


def page_token(secret: str, learner_id: int, generation: int) -> str:
    """The token of this learner's card, 24 characters that may stand in an address; always the same."""
    said = f"learner-page:{learner_id}:{generation}".encode()
    made = hmac.digest(secret.encode(), said, "sha256")[:TOKEN_BYTES]
    return base64.urlsafe_b64encode(made).decode()


def token_hash(token: str) -> bytes:
    """What is kept of a token, and looked up: its SHA-256."""
    return hashlib.sha256(token[:LONGEST].encode()).digest()
