"""Importing a list by page: upload, review, choose columns, answer doubts, save or discard, download.

The same pages for every kind of list. `ImportConfig` says what differs; `import_routes` makes the routes.
"""

from typing import TypeVar

from litestar.handlers import HTTPRouteHandler

from lopso.web.importing.answering import answer_routes
from lopso.web.importing.config import ImportConfig, ImportTexts
from lopso.web.importing.reading import reading_routes
from lopso.web.importing.reviewing import review_routes
from lopso.web.importing.saving import saving_routes
from lopso.web.importing.uploading import upload_routes

T = TypeVar("T")

__all__ = ["ImportConfig", "ImportTexts", "import_routes"]


def import_routes(config: ImportConfig[T]) -> list[HTTPRouteHandler]:
    """The routes of one kind of list; all of them for those who manage a ward's people."""
    return [
        *upload_routes(config),
        *review_routes(config),
        *reading_routes(config),
        *answer_routes(config),
        *saving_routes(config),
    ]
