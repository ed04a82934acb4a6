"""Settings from the environment: defaults, sentences about wrong values, nothing secret shown."""

import re
from pathlib import Path

import msgspec
import pytest

from lopso.kernel.settings import Settings, SettingsError, from_env
from lopso.kernel.settings.variables import ALL, TwilioVariables, read_variables

SECRET = {"LOPSO_SECRET": "s" * 40}
TWILIO = {
    "LOPSO_SMS_GATEWAY": "twilio",
    "LOPSO_TWILIO_ACCOUNT_SID": "AC1",
    "LOPSO_TWILIO_AUTH_TOKEN": "very secret",
    "LOPSO_TWILIO_SENDER": "LopSo",
}


def read(tmp_path: Path, **changes: str) -> Settings:
    return from_env({**SECRET, **changes}, home=tmp_path)


def test_an_empty_environment_gives_the_defaults(tmp_path: Path) -> None:
    assert read(tmp_path) == Settings(None, tmp_path, "http://127.0.0.1:8000", "s" * 40)
    assert read(tmp_path, LOPSO_LOG_FORMAT="", LOPSO_DEMO="", LOPSO_HOME="") == read(tmp_path)


def test_each_variable_reaches_its_setting(tmp_path: Path) -> None:
    settings = read(
        tmp_path,
        **TWILIO,
        LOPSO_HOME="/srv/lopso",
        LOPSO_DATABASE_URL="postgres://u:p@db/lopso",
        LOPSO_PUBLIC_URL="https://lop-so.example.vn/",
        LOPSO_SMS_ROUTE_SERVICE="twilio, sandbox",
        LOPSO_SMS_RATE="20",
        LOPSO_SMS_RATE_TWILIO="2.5",
        LOPSO_SMS_SEGMENT_PRICE="850",
        LOPSO_HELP_PHONE="0234 3822 155",
        LOPSO_TWILIO_REGISTERED_ONLY="0",
        LOPSO_TRUSTED_PROXY="1",
        LOPSO_LOG_FORMAT="json",
    )

    assert settings.home == Path("/srv/lopso")
    assert settings.database_url == "postgresql+psycopg://u:p@db/lopso"
    assert settings.public_url == "https://lop-so.example.vn"
    assert settings.routes == {"service": ("twilio", "sandbox")}
    assert settings.sms_rates == {"sandbox": 20.0, "twilio": 2.5, "brandname": 20.0}
    assert settings.sms_segment_price == 850
    assert settings.help_phone == "0234 3822 155"
    assert settings.twilio is not None
    assert (settings.twilio.content, settings.twilio.registered_only) == (False, False)
    assert (settings.trusted_proxies, settings.log_format) == (("127.0.0.1", "::1"), "json")


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("LOPSO_DEMO", "yes", "LOPSO_DEMO must be 0 or 1, not 'yes'."),
        ("LOPSO_LOG_FORMAT", "xml", "LOPSO_LOG_FORMAT must be 'text' or 'json', not 'xml'."),
        (
            "LOPSO_SMS_GATEWAY",
            "viettel",
            "LOPSO_SMS_GATEWAY must name 'sandbox', 'twilio', 'brandname', not 'viettel'.",
        ),
        (
            "LOPSO_SMS_ROUTE_SERVICE",
            "sandbox,x",
            "LOPSO_SMS_ROUTE_SERVICE must name 'sandbox', 'twilio', 'brandname', not 'x'.",
        ),
        (
            "LOPSO_SMS_ROUTE_OPERATIONS",
            "sandbox,sandbox",
            "LOPSO_SMS_ROUTE_OPERATIONS names a gateway twice.",
        ),
        ("LOPSO_SMS_RATE", "nan", "LOPSO_SMS_RATE must be texts per second, such as 20."),
        ("LOPSO_SMS_RATE", "0", "LOPSO_SMS_RATE must be texts per second, such as 20."),
        ("LOPSO_SMS_RATE_TWILIO", "20000", "LOPSO_SMS_RATE_TWILIO must be texts per second, such as 20."),
        (
            "LOPSO_SMS_SEGMENT_PRICE",
            "8.5",
            "LOPSO_SMS_SEGMENT_PRICE must be a whole number of đồng, such as 850.",
        ),
        (
            "LOPSO_HELP_PHONE",
            "gọi anh Bình",
            "LOPSO_HELP_PHONE must be a phone number, such as 0234 3822 155.",
        ),
        ("LOPSO_SECRET", "too short", "LOPSO_SECRET must have at least 32 characters."),
        (
            "LOPSO_DATABASE_URL",
            "mysql://u:secret@db",
            "LOPSO_DATABASE_URL must begin with postgresql:// (PostgreSQL 15 or newer).",
        ),
        ("LOPSO_PUBLIC_URL", "lop-so.vn", "LOPSO_PUBLIC_URL must look like https://lop-so.example.vn."),
        ("LOPSO_PUBLIC_URL", "https://", "LOPSO_PUBLIC_URL must look like https://lop-so.example.vn."),
        (
            "LOPSO_PUBLIC_URL",
            "https://a.vn/?x=1",
            "LOPSO_PUBLIC_URL must look like https://lop-so.example.vn.",
        ),
    ],
)
def test_a_wrong_value_is_said_in_one_sentence(tmp_path: Path, name: str, value: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read(tmp_path, **{name: value})
    assert str(refused.value) == sentence


def test_variables_of_a_gateway_count_only_where_it_is_used(tmp_path: Path) -> None:
    wrong = {"LOPSO_TWILIO_BASE_URL": "ftp://x"}
    assert read(tmp_path, **wrong).twilio is None
    assert read(tmp_path, LOPSO_DEMO="1", **TWILIO, **wrong).gateways == ("sandbox",)
    with pytest.raises(SettingsError, match="LOPSO_TWILIO_BASE_URL must begin with https:// or http://"):
        read(tmp_path, **TWILIO, **wrong)
    with pytest.raises(SettingsError, match="LOPSO_TWILIO_SENDER is missing"):
        read(tmp_path, **{**TWILIO, "LOPSO_TWILIO_SENDER": ""})


def test_secrets_are_unchanged_and_not_in_repr(tmp_path: Path) -> None:
    secret = " " + "s" * 40
    assert read(tmp_path, LOPSO_SECRET=secret).secret == secret
    assert "very secret" not in repr(read(tmp_path, **TWILIO))
    assert "very secret" not in repr(read_variables(TwilioVariables, TWILIO))


def test_secret_is_made_once_and_kept_for_its_owner(tmp_path: Path) -> None:
    made = from_env({}, home=tmp_path / "new").secret
    assert len(made) >= 32
    assert from_env({}, home=tmp_path / "new").secret == made
    assert (tmp_path / "new" / "secret").stat().st_mode & 0o777 == 0o600


def test_the_manual_lists_every_variable_and_no_other() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "running.md").read_text()
    rows = [line for line in manual.splitlines() if line.startswith("| `LOPSO_")]
    listed = {name for row in rows for name in re.findall(r"`(LOPSO_\w+)`", row.split("|")[1])}
    assert listed == {field.encode_name for kind in ALL for field in msgspec.structs.fields(kind)}


def test_proxies_are_named_by_address_or_network(tmp_path: Path) -> None:
    def proxies(text: str) -> tuple[str, ...]:
        return from_env({"LOPSO_TRUSTED_PROXY": text}, home=tmp_path).trusted_proxies

    assert proxies("") == proxies("0") == ()
    assert proxies("1") == ("127.0.0.1", "::1")
    assert proxies("10.0.0.5, 10.1.0.0/16,fd00::/8") == ("10.0.0.5", "10.1.0.0/16", "fd00::/8")
    for wrong in ("*", "proxy.example.vn", "10.0.0.5/8", "2"):
        with pytest.raises(SettingsError, match="LOPSO_TRUSTED_PROXY"):
            proxies(wrong)


def test_roles_with_a_second_factor_are_named(tmp_path: Path) -> None:
    def roles(**variables: str) -> set[str]:
        return {str(role) for role in from_env(variables, home=tmp_path).second_factor_roles}

    assert roles() == {"city_admin", "assessor"}
    assert roles(LOPSO_SECOND_FACTOR_ROLES="coordinator") == {"coordinator"}
    assert roles(LOPSO_SECOND_FACTOR_ROLES="none") == set()
    assert roles(LOPSO_DEMO="1", LOPSO_SECOND_FACTOR_ROLES="city_admin") == set()
    with pytest.raises(SettingsError, match="LOPSO_SECOND_FACTOR_ROLES"):
        roles(LOPSO_SECOND_FACTOR_ROLES="admin")
