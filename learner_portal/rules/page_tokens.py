"""The token on a learner's card (docs/decisions/0042)."""

import base64
import hashlib
import hmac

TOKEN_BYTES = 18  # 144 bits; 24 characters, so that the QR stays coarse enough for an old phone's camera
MAX_TOKEN_LENGTH = 100  # characters; longer than any token of ours


def page_token(secret: str, learner_id: int, generation: int) -> str:
    """The token of this learner's card: 24 URL-safe characters, deterministic."""
    subject = f"learner-page:{learner_id}:{generation}".encode()
    digest = hmac.digest(secret.encode(), subject, "sha256")[:TOKEN_BYTES]
    return base64.urlsafe_b64encode(digest).decode()


def token_hash(token: str) -> bytes:
    """SHA-256 of a token, by which the page is stored and looked up."""
    return hashlib.sha256(token[:MAX_TOKEN_LENGTH].encode()).digest()
