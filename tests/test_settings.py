"""The settings: environment over .env over defaults, each wrong one named with the next step."""

from datetime import timedelta
from pathlib import Path

import pytest

from digest.errors import SettingsError
from digest.mail.sending.relay import Timeouts
from digest.settings import KNOWN, example, load

ROOT = Path(__file__).parent.parent


def loaded(tmp_path, text="", **environ):
    (tmp_path / ".env").write_text(text, encoding="utf-8")
    return load(environ=environ, env_file=tmp_path / ".env")


def test_the_environment_goes_before_the_file(tmp_path):
    assert (
        loaded(tmp_path, "DIGEST_NAME=File\nDIGEST_LANG=de\n", DIGEST_NAME="Environment").digest_name == "Environment"
    )


def test_the_file_goes_before_the_default(tmp_path):
    assert loaded(tmp_path, "DIGEST_LATE_LIMIT=90m\n").digest_late_limit == timedelta(minutes=90)


def test_an_empty_value_is_no_value(tmp_path):
    assert loaded(tmp_path, "SMTP_PORT=\n").smtp_port is None


def test_a_secret_can_lie_in_a_file_beside_the_settings(tmp_path):
    (tmp_path / "password").write_text("tr0ub4dor\n")
    found = loaded(tmp_path, "SMTP_USERNAME=ada\nSMTP_PASSWORD_FILE=password\n")
    assert found.smtp_password.get_secret_value() == "tr0ub4dor"


def test_a_secret_is_never_shown(tmp_path):
    assert "hunter2" not in repr(loaded(tmp_path, "SMTP_USERNAME=ada\nSMTP_PASSWORD=hunter2\n"))


def test_a_relative_store_lies_beside_the_settings_file(tmp_path):
    assert loaded(tmp_path).database_url.get_secret_value() == f"sqlite:///{tmp_path}/data/digest.sqlite3"
    assert (
        loaded(tmp_path, "DATABASE_URL=sqlite:///x.db").database_url.get_secret_value() == f"sqlite:///{tmp_path}/x.db"
    )


def test_no_letter_is_sent_again_while_the_server_may_still_answer(tmp_path):
    """RFC 5321, 4.5.3.2.6: ten minutes after the dot."""
    assert Timeouts().dot >= 600
    assert loaded(tmp_path).smtp_doubt_after >= timedelta(minutes=15)


def test_a_foreign_variable_in_the_environment_is_no_fault(tmp_path):
    assert loaded(tmp_path, PATH="/bin", SMTPD="x").smtp_host == ""


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("SMTP_HOTS=x", "SMTP_HOTS", "Did you mean SMTP_HOST?"),
        ("POSTGRES_PASSWORD=x", "POSTGRES_PASSWORD", ""),
        ("SMTP_PORT=many", "SMTP_PORT", "a whole number"),
        ("SMTP_PORT=70000", "SMTP_PORT", "65535"),
        ("SMTP_TLS=ssl", "SMTP_TLS", "'starttls', 'tls' or 'none'"),
        ("DIGEST_TIMEZONE=Mars/Base", "DIGEST_TIMEZONE", "no time zone"),
        ("DIGEST_BASE_URL=example.org", "DIGEST_BASE_URL", "https://"),
        ("DIGEST_LATE_LIMIT=soon", "DIGEST_LATE_LIMIT", "90s, 15m, 6h or 2d"),
        ("DIGEST_FROM=nobody", "DIGEST_FROM", "not an address"),
        ("DKIM_DOMAIN=example.org", "DKIM_SELECTOR", "in part"),
        ("DKIM_DOMAIN=a.org\nDKIM_SELECTOR=a,b\nDKIM_KEY_FILE=a.pem", "DKIM_SELECTOR", "as many"),
        ("SMTP_USERNAME=a\nSMTP_PASSWORD_FILE=nowhere", "SMTP_PASSWORD_FILE", "nowhere"),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_do(tmp_path, text, name, said):
    with pytest.raises(SettingsError) as refused:
        loaded(tmp_path, text)
    assert refused.value.where == name
    assert said in str(refused.value)
    assert refused.value.exit_code == 2


def test_a_wrong_secret_is_not_repeated(tmp_path):
    with pytest.raises(SettingsError) as refused:
        loaded(tmp_path, "SMTP_USERNAME=ada\nSMTP_PASSWORD_FILE=/nowhere/hunter2")
    assert "SMTP_PASSWORD_FILE" in str(refused.value)


def test_the_example_file_is_what_the_settings_say():
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == example({})


def test_the_example_file_is_itself_a_valid_settings_file(tmp_path):
    commented_in = "\n".join(
        line.removeprefix("# ") if line.removeprefix("# ").split("=")[0] in KNOWN else line
        for line in example({}).splitlines()
    )
    assert loaded(tmp_path, commented_in) == loaded(tmp_path, "")


def test_a_value_with_quotes_and_spaces_comes_back_as_written(tmp_path):
    name = """Ada's "weekly" \\ digest # 1 $HOME"""
    assert loaded(tmp_path, example({"DIGEST_NAME": name})).digest_name == name


@pytest.mark.parametrize("line", ["hunter2 is my password", 'SMTP_PASSWORD="hunter2', "SMTP_PASSWORD='hun'ter2'"])
def test_a_line_that_says_nothing_is_named_and_not_repeated(tmp_path, line):
    with pytest.raises(SettingsError, match=r"\.env:2: this line is no setting") as refused:
        loaded(tmp_path, f"DIGEST_LANG=de\n{line}\n")
    assert "hunter2" not in str(refused.value)


def test_a_settings_file_of_a_windows_editor_is_read(tmp_path):
    assert loaded(tmp_path, "\ufeffDIGEST_NAME=File\r\nDIGEST_LANG=de\r\n").digest_name == "File"


def test_a_settings_file_that_is_no_text_is_named(tmp_path):
    (tmp_path / ".env").write_bytes(b"DIGEST_NAME=caf\xe9\n")
    with pytest.raises(SettingsError, match="not UTF-8"):
        load(environ={}, env_file=tmp_path / ".env")
