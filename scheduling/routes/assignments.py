"""Doors of a session's people: who is in it, whom to ask, who ends it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from litestar import Request, get, post
from litestar.response import Response
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel.access import Actor, Permission
from lopso.kernel.errors import NotFound
from lopso.kernel.i18n import gettext as _
from lopso.kernel.i18n import ngettext
from lopso.web.guards import in_ward
from lopso.web.pages import Page, is_htmx, page, redirect
from scheduling import words
from scheduling.forms.assignments import Asking, read_answer, read_asking, reason_of, role_of
from scheduling.models import Assignment, ClassSession
from scheduling.places import place_of
from scheduling.queries.access import visible_session
from scheduling.queries.assignments import Staff, coming_of_series, staff_of
from scheduling.queries.candidates import Candidate, Candidates, candidates, teams_of
from scheduling.rules.suitability import Role
from scheduling.service import answers, assignments
from scheduling.service.assignments import Asked
