from __future__ import annotations

from pathlib import Path

from packer.engine.excerpt import error_text, excerpt, printable

LOGS = Path(__file__).parent / "logs"


def test_only_the_apps_own_frames_and_the_last_one_are_kept():
    assert excerpt((LOGS / "variable-subscript.log").read_text()).splitlines() == [
        "Traceback (most recent call last):",
        '  File "/app/app.py", line 4, in <module>',
        '    app.config["SECRET_KEY"] = os.environ["SECRET_KEY"]',
        "                               ~~~~~~~~~~^^^^^^^^^^^^^^",
        '  File "<frozen os>", line 679, in __getitem__',
        "KeyError: 'SECRET_KEY'",
    ]


def test_the_end_of_the_server_is_not_mistaken_for_the_apps():
    assert excerpt((LOGS / "several-workers.log").read_text()).splitlines()[-1] == (
        "OSError: [Errno 30] Read-only file system: '/app/count.txt'"
    )


def test_the_place_of_a_syntax_error_is_kept():
    assert '  File "/app/app.py", line 2' in excerpt((LOGS / "python2-syntax.log").read_text())


def test_the_message_of_an_exception_keeps_its_further_lines():
    text = error_text((LOGS / "variable-pydantic.log").read_text())

    assert "secret_key\n  Field required" in text


def test_gunicorns_repetition_of_the_message_is_left_out():
    assert error_text((LOGS / "distribution-missing.log").read_text()) == (
        "ModuleNotFoundError: No module named 'flask_cors'"
    )


def test_without_a_traceback_the_lines_that_are_not_the_servers_are_kept():
    lines = excerpt((LOGS / "ends-itself.log").read_text()).splitlines()

    assert lines == ["SECRET_KEY is not set; refusing to start"]


def test_a_terminal_cannot_be_steered():
    assert printable("\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9bcsi\r\n") == "red ]0;title csi"


def test_a_hostile_log_is_cut_to_size():
    hostile = "Traceback (most recent call last):\n" * 3_000 + "A_" * 200_000 + "\n" + "[" * 100_000

    assert len(excerpt(hostile)) < 1_000


def test_the_servers_reports_are_shown_when_the_app_said_nothing():
    assert "Perhaps out of memory?" in excerpt((LOGS / "workers-killed.log").read_text())
