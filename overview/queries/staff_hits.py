"""Helpers, teams and certificates."""

from sqlalchemy import ColumnElement, Subquery, Text, bindparam, func, or_, select

from competency.models import Certificate
from learners.models import Learner
from overview.queries.hits import (
    ACCENTED,
    HERE,
    NAME,
    PEOPLE,
    begins_with,
    group_rows,
    has_words,
    some_words,
)
from trainers.models import Team, TeamMember, Trainer
from venues.models import Neighbourhood


def helpers_by_name() -> Subquery:
    """Those whose given name begins so first."""
    query = func.to_tsquery("simple", bindparam("helper_query", type_=Text))
    return _helpers(Trainer.search.op("@@")(query))


def helpers_by_number() -> Subquery:
    """By the beginning of a number, or its last digits."""
    phone, ending = bindparam("phone", type_=Text), bindparam("last_digits", type_=Text)
    return _helpers(
        or_(func.starts_with(Trainer.phone, phone), func.starts_with(func.reverse(Trainer.phone), ending))
    )


def _helpers(wanted: ColumnElement[bool]) -> Subquery:
    teams = (
        select(func.string_agg(Team.name, ", "))
        .join(TeamMember, TeamMember.team_id == Team.id)
        .where(TeamMember.trainer_id == Trainer.id, TeamMember.left_at.is_(None), Team.disbanded_at.is_(None))
        .scalar_subquery()
    )
    detail = func.jsonb_build_object("kind", Trainer.kind, "teams", teams, "phone", Trainer.phone)
    rows = select(Trainer.id, Trainer.ward_id, Trainer.full_name.label("name"), detail.label("detail")).where(
        Trainer.ward_id == func.any(PEOPLE), Trainer.left_at.is_(None), wanted
    )
    order = (
        func.starts_with(func.split_part(Trainer.name_key, " ", -1), NAME).desc(),
        Trainer.ward_id != HERE,
        (func.strpos(func.lower(Trainer.full_name), ACCENTED) > 0).desc(),
        Trainer.sort_key,
        Trainer.id,
    )
    return group_rows("helpers", rows, order=order)


def teams() -> Subquery:
    """Teams whose name has all the words."""
    detail = func.jsonb_build_object("kind", Team.kind, "place", Neighbourhood.name)
    rows = (
        select(Team.id, Team.ward_id, Team.name, detail.label("detail"))
        .outerjoin(Neighbourhood, Neighbourhood.id == Team.neighbourhood_id)
        .where(
            Team.ward_id == func.any(PEOPLE),
            Team.disbanded_at.is_(None),
            some_words(),
            has_words(Team.name_key),
        )
    )
    order = (Team.ward_id != HERE, func.length(Team.name_key), Team.name_key, Team.id)
    return group_rows("teams", rows, order=order)


def certificates() -> Subquery:
    """Certificates whose serial begins so."""
    detail = func.jsonb_build_object(
        "learner",
        func.trim(Learner.title + " " + Learner.full_name),
        "revoked",
        Certificate.revoked_at.is_not(None),
    )
    rows = (
        select(Certificate.id, Certificate.ward_id, Certificate.serial.label("name"), detail.label("detail"))
        .join(Learner, Learner.id == Certificate.learner_id)
        .where(*begins_with(Certificate.serial, "serial"), Certificate.ward_id == func.any(PEOPLE))
    )
    return group_rows("certificates", rows, order=(Certificate.serial,))
