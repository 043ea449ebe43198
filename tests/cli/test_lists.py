"""Lists that other programs export: nobody who left, bounced or complained there, or never confirmed, is written to here."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest import spreadsheet, standing
from digest.errors import InputError
from digest.mail.intents import Bounced, Complained
from digest.mail.tokens import Purpose, Stamp
from digest.model import Membership
from digest.store import open_store
from readers.place import Place

# The headings are those of docs/imports.md; the people are made up. Who is called after a state stands so.
LISTS = {
    "mailchimp-subscribed": (
        "Email Address,First Name,Last Name,Address,MEMBER_RATING,OPTIN_TIME,CONFIRM_TIME,LAST_CHANGED,NOTES,TAGS\n"
        'active@example.org,Ada,Lovelace,"1 Mill Lane, Ely",2,2025-01-02 10:11:12,2025-01-02 10:15:00,2025-02-01 08:00:00,,'
        '"""Looms"""\n'
    ),
    "mailchimp-unsubscribed": (
        "Email Address,First Name,Last Name,OPTIN_TIME,CONFIRM_TIME,UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_CAMPAIGN_ID,"
        "UNSUB_REASON,UNSUB_REASON_OTHER,TAGS\n"
        "left@example.org,Max,,someday,,2025-03-04 09:00:00,Issue 4,17,OTHER,too much,\n"
        'left.too@example.org,Eve,,2025-01-02 10:11:12,,2025-03-04 09:00:00,,,OTHER,"too much,\n\nand too long",\n'
    ),
    "mailchimp-cleaned": (
        "Email Address,First Name,Last Name,CLEAN_TIME,CLEAN_CAMPAIGN_TITLE\n"
        "bounced@example.org,Bo,,2025-03-04 09:00:00,Issue 4\n"
    ),
    "substack": (
        "email,active_subscription,expiry,plan,email_disabled,created_at\n"
        "active@example.org,false,,other,false,2025-01-01T08:00:00.000Z\n"
        "left@example.org,true,2027-01-01T08:00:00.000Z,yearly,true,2025-01-01T08:00:00.000Z\n"
    ),
    "buttondown": (
        "email_address,subscriber_type,notes\nactive@example.org,regular,\nactive.too@example.org,churned,\n"
        "pending@example.org,unactivated,\nleft@example.org,unsubscribed,\nbounced@example.org,undeliverable,\n"
        "complained@example.org,complained,\nsuppressed@example.org,spammy,\n"
    ),
    "listmonk": (
        "uuid,email,name,attributes,status,subscription_status,created_at\n"
        'u1,active@example.org,Ada,"{""city"": ""Ely""}",enabled,confirmed,2025-01-01\n'
        "u2,left@example.org,Max,{},enabled,unsubscribed,2025-01-01\n"
        "u3,left.too@example.org,Eve,{},disabled,confirmed,2025-01-01\n"
        "u4,pending@example.org,Pia,{},enabled,unconfirmed,2025-01-01\n"
        "u5,suppressed@example.org,Sue,{},blocklisted,confirmed,2025-01-01\n"
    ),
    "ghost": (
        "id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels\n"
        "1,active@example.org,Ada,,true,false,,2025-01-01T08:00:00.000Z,,\n"
        "2,left@example.org,Max,,false,false,,2025-01-01T08:00:00.000Z,,\n"
        "3,left.too@example.org,Eve,,true,false,,2025-01-01T08:00:00.000Z,2025-03-04T09:00:00.000Z,\n"
    ),
    "beehiiv": (
        "email,First Name,Last Name,status,tier,created_at,unsubscribed_at\n"
        "active@example.org,Ada,,active,free,2025-01-01 08:00:00 UTC,\n"
        "left@example.org,Max,,inactive,free,2025-01-01 08:00:00 UTC,\n"
        "left.too@example.org,Eve,,active,premium,2025-01-01 08:00:00 UTC,2025-03-04 09:00:00 UTC\n"
        "pending@example.org,Pia,,pending,free,2025-01-01 08:00:00 UTC,\n"
        "bounced@example.org,Bo,,invalid,free,2025-01-01 08:00:00 UTC,\n"
    ),
    "kit": (
        "id,first_name,email,status\n1,Ada,active@example.org,active\n2,Max,left@example.org,cancelled\n"
        "3,Bo,bounced@example.org,bounced\n4,Cy,complained@example.org,complained\n"
    ),
    "mailerlite": (
        "Subscriber,Status,Name,Last name\nactive@example.org,Active,Ada,Lovelace\nleft@example.org,Unsubscribed,Max,\n"
        "pending@example.org,Unconfirmed,Pia,\nbounced@example.org,Bounced,Bo,\ncomplained@example.org,Junk,Cy,\n"
    ),
    "brevo": (
        "CONTACT ID;EMAIL;FIRSTNAME;LASTNAME;EMAIL_BLACKLISTED\n1;active@example.org;Ada;Lovelace;No\n"
        "2;suppressed@example.org;Sue;;Yes\n"
    ),
}


@pytest.mark.parametrize("program", LISTS)
def test_everybody_stands_as_the_list_of_another_program_says(digest, tmp_path, program):
    (tmp_path / "theirs.csv").write_text(LISTS[program])
    said = digest("subscribers", "import", "theirs.csv", "--json")
    assert (said.code, said.json["bad"], said.json["doubt"]) == (0, [], "")
    readers = digest("subscribers", "list", "--json").json
    assert len(readers) == LISTS[program].count("@")
    assert [reader["state"] for reader in readers] == [
        reader["email"].split("@")[0].split(".")[0] for reader in readers
    ]


def test_first_and_last_name_are_the_name_and_the_confirmation_is_the_consent(digest, tmp_path):
    (tmp_path / "theirs.csv").write_text(LISTS["mailchimp-subscribed"])
    said = digest("subscribers", "import", "theirs.csv", "--json").json
    (reader,) = digest("subscribers", "list", "--json").json
    assert (reader["name"], reader["consented_at"]) == ("Ada Lovelace", "2025-01-02T10:15:00+00:00")
    assert said["unread"] == ["Address", "MEMBER_RATING", "LAST_CHANGED", "NOTES", "TAGS"]


def test_the_result_counts_who_never_confirmed_and_who_is_gone(digest, tmp_path):
    (tmp_path / "theirs.csv").write_text(LISTS["buttondown"])
    said = digest("subscribers", "import", "theirs.csv")
    assert "2 added, 0 already there, 0 taken off" in said.out
    assert "1 never confirmed" in said.out
    assert "4 strangers whom this list says not to write to" in said.out
    assert max(map(len, (said.out + said.err).splitlines())) <= 80
    again = digest("subscribers", "import", "theirs.csv", "--json").json
    assert (again["already"], again["kept_away"], again["added"] + again["unconfirmed"] + again["gone"]) == (3, 4, 0)


def test_a_status_that_nobody_knows_refuses_the_whole_list(digest, tmp_path):
    (tmp_path / "theirs.csv").write_text("email,Status\nada@example.org,active\nmax@example.org,resting\n")
    said = digest("subscribers", "import", "theirs.csv")
    assert (said.code, said.out) == (1, "")
    assert "theirs.csv, line 3: nobody here knows what “resting” means" in said.err
    assert digest("subscribers", "list", "--json").json == []


def test_who_stands_in_a_list_twice_is_gone_when_one_line_says_so(digest, tmp_path):
    (tmp_path / "theirs.csv").write_text("email,status\nada@example.org,active\nADA@example.org,unsubscribed\n")
    assert digest("subscribers", "import", "theirs.csv", "--json").json["added"] == 0
    assert [reader["state"] for reader in digest("subscribers", "list", "--json").json] == ["left"]


def test_who_left_keeps_the_proof_that_they_once_agreed(digest, tmp_path):
    (tmp_path / "ours.csv").write_text("email,state,consented_at\nada@example.org,left,2025-01-02\n")
    digest("subscribers", "import", "ours.csv")
    assert (
        digest("subscribers", "show", "ada@example.org", "--json").json["consented_at"] == "2025-01-02T00:00:00+00:00"
    )


def test_a_reader_is_shown_in_the_words_of_people(digest, tmp_path):
    (tmp_path / "ours.csv").write_text("email,state,consented_at\nada@example.org,left,2025-01-02\n")
    digest("subscribers", "import", "ours.csv")
    shown = digest("subscribers", "show", "ada@example.org").out.splitlines()
    assert shown[:5] == [
        "address       ada@example.org",
        "state         left",
        "source        ours.csv",
        "consented     2025-01-02 00:00",
        "kind          full",
    ]


def test_what_came_back_is_shown_once_and_in_its_place(digest):
    digest("subscribers", "add", "ada@example.org")
    store = open_store("sqlite:///data/digest.sqlite3")
    try:
        place = Place(store).later(weeks=99)
        for kind, issue in [("soft", 1), ("hard", 2), ("hard", 0), ("hard", 21)]:
            stamp = Stamp(purpose=Purpose.BOUNCE, subject=1, number=issue)
            place.later(days=1).mail(Bounced(stamp=stamp, kind=kind, status="5.1.1", said="said"), "")
        place.later(days=1).mail(Complained(stamp=stamp), "")
    finally:
        store.close()
    shown = digest("subscribers", "show", "ada@example.org").out.splitlines()
    assert [" ".join(line[18:].split()) for line in shown if line.startswith("20")] == [
        "added by hand",
        "soft issue 1: 5.1.1 said",
        "bounced issue 2: 5.1.1 said",
        "hard a single letter: 5.1.1 said",
        "bounced issue 21: 5.1.1 said",
        "complained issue 21",
    ]


def test_a_list_of_listmonk_that_cannot_tell_who_left_says_so(digest, tmp_path):
    (tmp_path / "theirs.csv").write_text("uuid,email,name,attributes,status\nu1,ada@example.org,Ada,{},enabled\n")
    assert "does not say who left a list" in digest("subscribers", "import", "theirs.csv").err


@pytest.mark.parametrize("line", ["ada@example.org,Ada", "ada@example.org,Lovelace,Ada,unsubscribed"])
def test_a_line_whose_status_is_not_under_its_column_is_bad_and_brings_nobody_in(digest, tmp_path, line):
    """A download that broke off, or a comma in a name that no quotes hold together."""
    (tmp_path / "theirs.csv").write_text(f"email,name,status\n{line}\n".replace("Ada,un", "active,un"))
    said = digest("subscribers", "import", "theirs.csv", "--json")
    assert (said.code, [bad["line"] for bad in said.json["bad"]], said.json["added"]) == (1, [2], 0)


def _parse(text: str) -> list[spreadsheet.Line]:
    page = spreadsheet.read(text, source="a list", names=("email",), needed=standing.tells, then="")
    return list(spreadsheet.lines(page))


@given(st.lists(st.text(st.characters(exclude_characters="@\0", exclude_categories=("Cs",)), max_size=19), min_size=1))
def test_nothing_that_somebody_wrote_into_a_cell_hides_that_they_left(notes):
    text = io.StringIO()
    out = csv.writer(text)
    out.writerow(["email", "note", "status"])
    out.writerows([f"reader{number}@example.org", note, "unsubscribed"] for number, note in enumerate(notes))
    assert [standing.read(line.cells) for line in _parse(text.getvalue())] == [Membership.LEFT] * len(notes)


@pytest.mark.parametrize("word", ["Hard bounced", "past due?", "aktiv", "0", "-"])
def test_a_word_that_is_not_in_the_table_is_an_error(word):
    with pytest.raises(InputError, match="column status"):
        standing.read([("status", word)])


@pytest.mark.parametrize("date", ["0000-00-00 00:00:00", "NULL", "no"])
def test_a_date_of_leaving_that_is_none_is_an_error(date):
    with pytest.raises(InputError, match="column unsub_time"):
        standing.read([("unsub_time", date)])


def test_no_line_that_may_be_a_readers_is_swallowed_by_a_quote_before_it():
    first, second = _parse('email,note\na@example.org,"open\nb@example.org,"\n')[:2]
    assert isinstance(first.cells, InputError)
    assert second.number == 3
