"""What is raised where no embedded server can run."""


class EmbeddedUnavailable(Exception):
    """The embedded server cannot run here; the text is one sentence for the operator."""
