"""Routes of wordings, for the city alone: their versions, and the editor of a draft."""

from wordings.routes import editor, versions

HANDLERS = [*versions.HANDLERS, *editor.HANDLERS]
