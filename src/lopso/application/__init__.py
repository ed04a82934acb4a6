"""The composition root: makes the web application, the worker and the commands out of all packages.

Nothing imports this package but the two entry points beside it, `lopso.__main__` and `lopso.asgi`.
"""
