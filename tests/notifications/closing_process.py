"""Cancels the wards of a closure one after the other, as the worker does, and waits before each commit.

Started by test_killed_closure.py, which kills it there; says "cancelled" for each ward.
"""

import asyncio
import os
from datetime import datetime

from lopso.application.wiring import LISTENERS
from lopso.kernel import db as database
from scheduling.service.closures import close_next


async def main() -> None:
    """Go on until nothing is left, or killed."""
    engine = database.create_engine(os.environ["LOPSO_DATABASE_URL"])
    sessions = database.session_maker(engine, LISTENERS)
    now = datetime.fromisoformat(os.environ["NOW"])
    more = True
    while more:
        async with sessions.begin() as db:
            more = await close_next(db, now=now)
            await db.flush()
            print("cancelled", flush=True)
            await asyncio.sleep(0.5)


if __name__ == "__main__":
    asyncio.run(main())
