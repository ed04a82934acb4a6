"""Settings of the mail server."""

from pathlib import Path

import pytest

from lopso.kernel.settings import Settings, SettingsError, SmtpSettings, from_env

WHOLE = {
    "LOPSO_SECRET": "s" * 40,
    "LOPSO_SMTP_HOST": "mail.hue.example.vn",
    "LOPSO_SMTP_FROM": "Lớp Số Huế <lop-so@hue.example.vn>",
    "LOPSO_SMTP_USER": "lop-so",
    "LOPSO_SMTP_PASSWORD": "bí mật",
}


def read(tmp_path: Path, **changes: str) -> Settings:
    return from_env({**WHOLE, **changes}, home=tmp_path)


def test_defaults_of_the_mail_server_are_safe(tmp_path: Path) -> None:
    settings = read(tmp_path)

    assert settings.smtp == SmtpSettings(
        "mail.hue.example.vn",
        587,
        "starttls",
        "lop-so@hue.example.vn",
        "Lớp Số Huế",
        "",
        "lop-so",
        "bí mật",
    )
    assert settings.mail == "smtp"
    assert "bí mật" not in repr(settings)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"LOPSO_SMTP_TLS": "ssl"}, "LOPSO_SMTP_TLS must be"),
        ({"LOPSO_SMTP_PORT": "smtp"}, "LOPSO_SMTP_PORT must be"),
        ({"LOPSO_SMTP_FROM": ""}, "LOPSO_SMTP_FROM must be an address"),
        ({"LOPSO_SMTP_FROM": "Lớp Số"}, "LOPSO_SMTP_FROM must be an address"),
        ({"LOPSO_SMTP_REPLY_TO": "văn phòng"}, "LOPSO_SMTP_REPLY_TO must be an address"),
        ({"LOPSO_SMTP_PASSWORD": ""}, "go together"),
        ({"LOPSO_SMTP_TLS": "none"}, "a password would travel in the clear"),
    ],
)
def test_wrong_mail_setting_is_said_in_one_sentence(
    tmp_path: Path, changes: dict[str, str], sentence: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        read(tmp_path, **changes)

    assert sentence in str(refused.value)
    assert "bí mật" not in str(refused.value)


def test_without_a_server_mails_go_where_texts_go(tmp_path: Path) -> None:
    twilio = {
        "LOPSO_SMS_GATEWAY": "twilio",
        "LOPSO_TWILIO_ACCOUNT_SID": "AC1",
        "LOPSO_TWILIO_AUTH_TOKEN": "t",
        "LOPSO_TWILIO_SENDER": "LopSo",
    }

    assert read(tmp_path, LOPSO_SMTP_HOST="").mail == "sandbox"
    assert read(tmp_path, LOPSO_SMTP_HOST="", **twilio).mail == "off"
    assert read(tmp_path, LOPSO_DEMO="1").mail == "sandbox"
    assert read(tmp_path, LOPSO_DEMO="1").smtp is None
