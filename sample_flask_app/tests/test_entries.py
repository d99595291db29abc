from flask import Flask
from flask.testing import FlaskClient

from guestbook.models import MESSAGE_LENGTH, NAME_LENGTH


def sign(client: FlaskClient, name: str = "Ada", message: str = "Hello"):
    return client.post("/", data={"name": name, "message": message}, follow_redirects=True)


def test_a_blank_book_invites_the_first_entry(client: FlaskClient):
    assert "first page is still blank" in client.get("/").text


def test_signing_leads_back_to_the_book_by_redirect(client: FlaskClient):
    answer = client.post("/", data={"name": "Ada", "message": "Hello"})

    assert (answer.status_code, answer.location) == (303, "/")


def test_a_signed_entry_is_shown_with_thanks(client: FlaskClient):
    page = sign(client, "Ada", "What a lovely place").text

    assert "Thank you for signing" in page
    assert "Ada" in page
    assert "What a lovely place" in page


def test_markup_in_an_entry_is_shown_as_text(client: FlaskClient):
    page = sign(client, "<b>Eve</b>", "<script>alert(1)</script>").text

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "&lt;b&gt;Eve&lt;/b&gt;" in page


def test_letters_of_every_script_survive(client: FlaskClient):
    assert "Ποσειδῶν 🌊 海" in sign(client, "Ποσειδῶν 🌊 海").text


def test_an_entry_needs_a_name_and_a_message(client: FlaskClient):
    answer = sign(client, "   ", "")

    assert answer.status_code == 422
    assert "Please leave a name." in answer.text
    assert "Please leave a few words." in answer.text


def test_a_refused_form_keeps_what_was_written(client: FlaskClient):
    assert "A long thought" in sign(client, "", "A long thought").text


def test_an_entry_has_limits(client: FlaskClient):
    assert sign(client, "n" * (NAME_LENGTH + 1)).status_code == 422
    assert sign(client, message="m" * (MESSAGE_LENGTH + 1)).status_code == 422
    assert sign(client, "n" * NAME_LENGTH, "m" * MESSAGE_LENGTH).status_code == 200


def test_a_body_beyond_reason_is_refused(client: FlaskClient):
    assert client.post("/", data={"message": "m" * 100_000}).status_code == 413


def test_the_newest_entries_come_first_a_page_at_a_time(client: FlaskClient):
    for number in range(1, 5):
        sign(client, f"Visitor {number}")

    first, second = client.get("/").text, client.get("/?page=2").text

    assert first.index("Visitor 4") < first.index("Visitor 3") < first.index("Visitor 2")
    assert "Visitor 1" not in first
    assert "Visitor 1" in second
    assert "Page 2 of 2" in second


def test_a_page_that_does_not_exist_is_not_found(client: FlaskClient):
    for page in ("2", "0", "-1", "last"):
        assert client.get(f"/?page={page}").status_code == 404


def test_a_form_without_its_token_is_refused(app: Flask):
    app.config["WTF_CSRF_ENABLED"] = True

    answer = app.test_client().post("/", data={"name": "Eve", "message": "Forged"})

    assert answer.status_code == 400
    assert "That form is too old" in answer.text


def test_every_answer_carries_the_security_headers(client: FlaskClient):
    for path in ("/", "/nowhere", "/static/css/guestbook.css"):
        with client.get(path) as answer:
            assert answer.headers["Content-Security-Policy"].startswith("default-src 'self';")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_pages_load_nothing_from_elsewhere(client: FlaskClient):
    sign(client)
    page = client.get("/").text

    assert "//" not in page.replace("<!doctype html>", "")
