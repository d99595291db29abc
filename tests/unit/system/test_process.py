import sys
import time

import pytest

from packer.errors import BuildError, EngineError
from packer.system.process import Conversation, ConversationOver, redact, run

PYTHON = sys.executable


def python(program: str, **more):
    return run([PYTHON, "-c", program], env={}, **more)


def test_a_command_gets_its_input_and_only_the_environment_it_is_given():
    program = "import os,sys; print(sys.stdin.read(), sorted(k for k in os.environ if k.startswith('X_')))"

    finished = run([PYTHON, "-c", program], env={"X_ONE": "1"}, stdin=b"hello")

    assert finished.status == 0
    assert finished.stdout == b"hello ['X_ONE']\n"


def test_a_failing_command_is_a_result_not_an_error():
    finished = python("import sys; print('why', file=sys.stderr); sys.exit(3)")

    assert (finished.status, finished.stderr) == (3, "why\n")


def test_large_input_and_output_do_not_wait_for_each_other():
    content = b"x" * 3_000_000

    finished = python("import sys; sys.stdout.buffer.write(sys.stdin.buffer.read())", stdin=content)

    assert finished.stdout == content


def test_a_command_need_not_read_its_input():
    assert python("pass", stdin=b"x" * 1_000_000).status == 0


def test_a_missing_command_is_named():
    with pytest.raises(EngineError, match="no-such-command cannot be started"):
        run(["no-such-command"], env={}, error=EngineError)


def test_no_shell_reads_the_arguments():
    assert python("import sys; print(sys.argv[1])", limit=100).status == 1
    finished = run([PYTHON, "-c", "import sys; print(sys.argv[1])", "$HOME; `id`"], env={})
    assert finished.stdout == b"$HOME; `id`\n"


def test_a_command_that_takes_too_long_is_ended_with_its_children():
    program = "import subprocess,sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"
    start = time.monotonic()

    with pytest.raises(BuildError, match="took longer"):
        python(program, timeout=0.3)

    assert time.monotonic() - start < 10


def test_a_command_that_prints_too_much_is_ended():
    with pytest.raises(BuildError, match="printed more than 1000 bytes"):
        python("while True: print('x' * 100)", limit=1000)


def test_only_the_end_of_what_it_complains_of_is_kept():
    finished = python("import sys; sys.stderr.write('x' * 1_000_000 + 'the end')")

    assert finished.stderr.endswith("the end")
    assert len(finished.stderr) <= 65_536


def test_secrets_do_not_show():
    finished = python("import sys; sys.stderr.write('https://me:hunter2@example.test failed')", secrets=("hunter2",))

    assert finished.stderr == "https://me:***@example.test failed"


def test_the_longest_secret_is_hidden_first():
    assert redact("user:secret-of-user", ["user", "user:secret-of-user", ""]) == "***"


@pytest.fixture
def conversation():
    started = []

    def start(program: str) -> Conversation:
        started.append(Conversation([PYTHON, "-u", "-c", program], env={}))
        return started[-1]

    yield start
    for other in started:
        other.close()


def test_a_conversation_answers(conversation):
    echo = conversation("import sys\nwhile c := sys.stdin.buffer.read(4): sys.stdout.buffer.write(c[::-1])")

    echo.tell(b"abcdefgh")

    assert echo.hear(8, timeout=10) == b"dcbahgfe"


def test_a_conversation_says_why_it_is_over(conversation):
    other = conversation("import sys; sys.exit('I am tired')")

    with pytest.raises(ConversationOver, match="exit status 1: I am tired"):
        other.hear(1, timeout=10)


def test_a_signal_is_named(conversation):
    other = conversation("import os; os.kill(os.getpid(), 11)")

    with pytest.raises(ConversationOver, match="signal 11 \\(SIGSEGV\\)"):
        other.hear(1, timeout=10)


def test_silence_has_a_limit(conversation):
    other = conversation("import sys; sys.stdin.read()")

    with pytest.raises(ConversationOver) as caught:
        other.hear(1, timeout=0.05)

    assert caught.value.timed_out
