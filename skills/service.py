"""Loading editions of the framework."""

import hashlib
import json
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from lopso.kernel import audit
from lopso.kernel.access import Actor
from lopso.kernel.errors import Refused
from lopso.kernel.i18n import gettext as _
from skills.models import Audience, Framework, Skill, SkillGroup


async def load_edition(db: AsyncSession, data: dict[str, Any], *, by: Actor, now: datetime) -> Framework:
    """Load an edition and make it the current one; older editions stay as they are.

    The same edition again changes nothing. An edition never changes once loaded: sign-offs point at its
    skills, so a corrected text comes as a new version.

    Args:
        data: ``code, version, title, complete, decision, groups[skills], audiences`` as `rules.read_edition`
            lets through; see docs/domain/skills.md, "The data file".

    Raises:
        Refused: this code and version are loaded already, with another content.
    """
    digest = hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
    loaded = await _loaded(db, data, digest)
    if loaded is not None:
        return loaded
    await db.execute(update(Framework).where(Framework.is_current).values(is_current=False))
    framework = _framework(data, digest, now)
    db.add(framework)
    await db.flush()
    await _load_groups(db, framework.id, data["groups"])
    _load_audiences(db, framework.id, data["audiences"])
    subject = audit.Subject("framework", framework.id)
    facts = {"code": framework.code, "version": framework.version}
    audit.note(db, subject, "framework.loaded", by=by, now=now, **facts)
    await db.flush()
    return framework


async def _loaded(db: AsyncSession, data: dict[str, Any], digest: str) -> Framework | None:
    """The edition of this code and version, if it is loaded already."""
    loaded = await db.scalar(
        select(Framework).where(Framework.code == data["code"], Framework.version == data["version"])
    )
    if loaded is not None and loaded.source["sha256"] != digest:
        raise Refused(
            _(
                "Khung kỹ năng %(code)s bản %(version)s đã có với nội dung khác. Hãy đặt số bản mới.",
                code=data["code"],
                version=data["version"],
            )
        )
    return loaded


def _framework(data: dict[str, Any], digest: str, now: datetime) -> Framework:
    decision = data["decision"]
    return Framework(
        code=data["code"],
        version=data["version"],
        title=data["title"],
        number=decision["number"],
        issued_on=date.fromisoformat(decision["date"]),
        issuer=decision["issuer"],
        complete=data["complete"],
        is_current=True,
        required_demonstrations=data.get("required_demonstrations", 1),
        validity_months=data.get("validity_months"),
        source={"sha256": digest, "status": data["status"], "decision": decision, "sources": data["sources"]},
        loaded_at=now,
    )


def _load_audiences(db: AsyncSession, framework_id: int, audiences: list[dict[str, Any]]) -> None:
    db.add_all(
        Audience(
            framework_id=framework_id,
            code=audience["code"],
            name_vi=audience["name_vi"],
            name_en=audience["name_en"],
            skill_codes=audience["skill_codes"],
            position=position,
        )
        for position, audience in enumerate(audiences, 1)
    )


async def _load_groups(db: AsyncSession, framework_id: int, groups: list[dict[str, Any]]) -> None:
    rows = [
        SkillGroup(
            framework_id=framework_id,
            code=group["code"],
            name_vi=group["name_vi"],
            name_en=group["name_en"],
            verified=group["verified"],
            position=position,
        )
        for position, group in enumerate(groups, 1)
    ]
    db.add_all(rows)
    await db.flush()
    db.add_all(
        Skill(
            framework_id=framework_id,
            group_id=row.id,
            code=skill["code"],
            name_vi=skill["name_vi"],
            name_en=skill["name_en"],
            description_vi=skill["description_vi"],
            description_en=skill["description_en"],
            verified=skill["verified"],
            position=position,
        )
        for row, group in zip(rows, groups, strict=True)
        for position, skill in enumerate(group["skills"], 1)
    )
