"""A description that makes no sense stops the start with one sentence that names the field."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from gateways.brandname_config import read_config
from lopso.kernel.settings import BrandnameSettings, SettingsError, from_env
from tests.gateways.brandname_provider import (
    SECRET,
    TOKEN,
    USER,
    description,
    settings_for,
)

BASE = "https://sms.example.vn"


def send(**changes: Any) -> dict[str, Any]:
    described = description(BASE)
    return {**described, "send": {**described["send"], **changes}}


def without(name: str) -> dict[str, Any]:
    described = description(BASE)
    del described["send"][name]
    return described


@pytest.mark.parametrize(
    ("described", "complaint"),
    [
        (without("url"), "Object missing required field `url` - at `send`."),
        (without("answer"), "Object missing required field `answer` - at `send`."),
        (send(feilds={}), "Object contains unknown field `feilds` - at `send`."),
        (send(method="PUT"), "Invalid enum value 'PUT' - at `send.method`."),
        (send(url="sms.example.vn"), "send.url must look like https://sms.example.vn/send."),
        (send(url="https://{user}.example.vn/"), "send.url must look like https://sms.example.vn/send."),
        (send(url="http://sms.example.vn/"), "send.url is not https, and plain_http is not set."),
        (send(url="https://a:b@sms.example.vn/"), "send.url holds a password; use send.basic."),
        (send(fields={"To": "{phome}", "M": "{body}"}), "send has a place {phome} that is not known."),
        (send(fields={"M": "{body}"}), "send has no {phone}."),
        (send(fields={"To": "{phone}"}), "send has neither {body} nor {template}."),
        (
            send(headers={"X": "{body}"}),
            "send.headers and send.basic may refer to {user} and {secret} only.",
        ),
        (send(method="GET"), "send.method is GET, so send.body must be query."),
        (
            send(body="form", fields={"To": ["{phone}"], "M": "{body}"}),
            "send.fields holds lists or objects, which only a json body can carry.",
        ),
        (
            {**description(BASE), "statuses": {"1": "arrived"}},
            "Invalid enum value 'arrived' - at `statuses[...]`.",
        ),
        ({**description(BASE), "statuses": {}}, "has no statuses, which lookup and callback need."),
        ({**description(BASE), "callback": None}, "send has a place {callback}, but there is no callback."),
        ({**description(BASE), "phone": "+1"}, "Invalid enum value '+1' - at `phone`."),
    ],
)
def test_a_mistake_is_named(described: dict[str, Any], complaint: str, tmp_path: Path) -> None:
    settings = settings_for(described, tmp_path)

    with pytest.raises(SettingsError) as refusal:
        read_config(settings)

    assert str(refusal.value) == f"LOPSO_BRANDNAME_CONFIG ({settings.config}): {complaint}"
    assert SECRET not in str(refusal.value)


def test_a_good_description_is_read(tmp_path: Path) -> None:
    config = read_config(settings_for(description(BASE), tmp_path))

    assert (config.phone, config.statuses["5"], config.send.answer.codes["131"]) == (
        "84",
        "delivered",
        "busy",
    )


def test_example_in_the_docs_is_valid(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "running.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```json\n(.*?)```", page, re.DOTALL)

    config = read_config(settings_for(json.loads(example), tmp_path))

    assert config.lookup is not None
    assert config.callback is not None


def test_missing_secret_or_token_is_named(tmp_path: Path) -> None:
    file = settings_for(description(BASE), tmp_path).config

    for settings, missing in (
        (BrandnameSettings(file, USER, "", TOKEN), "LOPSO_BRANDNAME_SECRET is missing"),
        (BrandnameSettings(file, "", SECRET, TOKEN), "LOPSO_BRANDNAME_USER is missing"),
        (BrandnameSettings(file, USER, SECRET, ""), "LOPSO_BRANDNAME_CALLBACK_TOKEN is missing"),
        (BrandnameSettings(tmp_path / "none.json", USER, SECRET, TOKEN), "cannot be read"),
    ):
        with pytest.raises(SettingsError, match=missing):
            read_config(settings)


def test_settings_name_the_file_and_hide_the_secrets(tmp_path: Path) -> None:
    env = {
        "LOPSO_SMS_GATEWAY": "brandname",
        "LOPSO_BRANDNAME_CONFIG": "/etc/lopso/brandname.json",
        "LOPSO_BRANDNAME_USER": USER,
        "LOPSO_BRANDNAME_SECRET": SECRET,
        "LOPSO_BRANDNAME_CALLBACK_TOKEN": TOKEN,
    }

    settings = from_env(env, home=tmp_path)

    assert settings.brandname == BrandnameSettings(Path("/etc/lopso/brandname.json"), USER, SECRET, TOKEN)
    assert SECRET not in repr(settings)
    assert TOKEN not in repr(settings)
    for name, value in (("LOPSO_BRANDNAME_CONFIG", ""), ("LOPSO_BRANDNAME_CALLBACK_TOKEN", "short")):
        with pytest.raises(SettingsError, match=name):
            from_env({**env, name: value}, home=tmp_path)
