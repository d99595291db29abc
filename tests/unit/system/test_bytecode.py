import importlib.util
import marshal
import platform
import random
import signal
import sys
import threading
import warnings
from contextlib import suppress

import pytest

from packer.errors import BuildError
from packer.system import bytecode
from packer.system.bytecode import Bytecode, Compiler, Interpreter, Source, compile_sources, pyc_path

HERE = Interpreter((sys.executable,), {}, platform.python_version(), sys.implementation.cache_tag or "")


def compiled(*sources: Source, **more) -> list[Bytecode]:
    return list(compile_sources(HERE, sources, **more))


def module(number: int) -> Source:
    text = f"import os\nNAMES = {{'open', 'name_{number}', 'x{number % 7}'}}\n" if number % 3 else ""
    text += f"def f{number}(a, b=({number}, 'é', b'y')):\n    return a in {{'open', 'name_{number}', '&'}}\n"
    return Source(f"/app/m{number}.py", text.encode())


def test_the_path_of_bytecode_is_where_python_looks_for_it():
    assert pyc_path("/app/m.py", "cpython-313") == "/app/__pycache__/m.cpython-313.pyc"
    assert pyc_path("/app/a.b.py", "cpython-313") == "/app/__pycache__/a.b.cpython-313.pyc"


def test_a_source_becomes_unchecked_bytecode_that_carries_its_path_in_the_image():
    text = b"def answer():\n    return 42\n"

    (result,) = compiled(Source("/app/answer.py", text))

    assert result.content is not None
    assert result.content[:4] == importlib.util.MAGIC_NUMBER
    assert result.content[4:8] == b"\1\0\0\0"
    assert result.content[8:16] == importlib.util.source_hash(text)
    code = marshal.loads(result.content[16:])
    assert code.co_filename == "/app/answer.py"
    names: dict = {}
    exec(code, names)
    assert names["answer"]() == 42


def test_results_come_in_the_order_of_the_sources():
    sources = [module(number) for number in range(200)]

    assert [result.path for result in compiled(*sources, workers=2)] == [source.path for source in sources]


def test_the_bytes_depend_on_neither_order_nor_company_nor_workers():
    sources = [module(number) for number in range(120)]
    sources.append(
        Source("/app/latin.py", "# -*- coding: latin-1 -*-\nX = 'é' in {'latin_1', 'é'}\n".encode("latin-1"))
    )
    sources.append(Source("/app/name.py", b"X = '\\N{BULLET}'\n"))
    shuffled = random.Random(1).sample(sources, len(sources))

    first = {result.path: result for result in compiled(*sources, workers=1)}
    second = {result.path: result for result in compiled(*shuffled, workers=3)}
    alone = [compiled(source)[0] for source in sources[-3:]]

    assert first == second
    assert alone == [first[source.path] for source in sources[-3:]]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(b"def f(:\n", "SyntaxError", id="syntax"),
        pytest.param(b"x = 1\0\n", "null byte", id="nul"),
        pytest.param(b"# coding: no-such-codec\n", "encoding", id="encoding"),
        pytest.param(b"\xff\xfe", "SyntaxError", id="not-utf-8"),
        pytest.param(b"(" * 5000 + b")" * 5000, "", id="deep-nesting"),
        pytest.param(b"-" * 500_000 + b"1", "", id="deep-unary"),
    ],
)
def test_a_bad_source_has_a_reason_and_spares_its_neighbours(text, reason):
    good = Source("/app/good.py", b"x = 1\n")

    before, bad, after = compiled(good, Source("/app/bad.py", text), good)

    assert bad.content is None
    assert reason in (bad.reason or "")
    assert before == after
    assert before.content is not None


def test_warnings_of_sources_are_not_printed(capfd):
    with warnings.catch_warnings():
        compiled(Source("/app/w.py", b"x = '\\d'\nassert (1, 'always')\n"))

    assert capfd.readouterr() == ("", "")


def fake_interpreter(tmp_path, body: str) -> Interpreter:
    """A real interpreter whose worker does something else with each source first."""
    script = tmp_path / "fake.py"
    worker = bytecode._WORKER
    script.write_text(
        "import sys, os\n"
        "real = open(sys.argv[-1]).read()\n"
        f"real = real.replace('def _bytecode(', '''def _before(text):\\n{body}\\n\\ndef _bytecode(''', 1)\n"
        "real = real.replace('    held: list', '    _before(text)\\n    held: list', 1)\n"
        "exec(compile(real, 'worker', 'exec'), {'__name__': '__main__'})\n"
    )
    assert worker.exists()
    return Interpreter((sys.executable, str(script)), {}, "x", HERE.cache_tag)


def test_a_crash_of_the_compiler_costs_one_source_only(tmp_path):
    crashing = fake_interpreter(tmp_path, "    import os, signal\\n    b'CRASH' in text and os.kill(os.getpid(), 11)")
    sources = [Source(f"/app/{n}.py", b"x = 'CRASH'" if n in (3, 4, 40) else b"x = 1") for n in range(60)]

    results = list(compile_sources(crashing, sources, workers=2))

    assert [n for n, result in enumerate(results) if result.content is None] == [3, 4, 40]
    assert "signal 11 (SIGSEGV)" in (results[3].reason or "")


def test_a_worker_ended_from_outside_changes_nothing(tmp_path):
    mark = tmp_path / "died"
    body = f"    import os\\n    p = {str(mark)!r}\\n    if b'ONCE' in text and not os.path.exists(p):\\n"
    body += "        open(p, 'w').close()\\n        os._exit(9)"
    sources = [Source("/app/a.py", b"a = 1"), Source("/app/b.py", b"b = 'ONCE'"), Source("/app/c.py", b"c = 3")]

    results = list(compile_sources(fake_interpreter(tmp_path, body.replace("'", '"')), sources, workers=1))

    assert mark.exists()
    assert all(result.content for result in results)


def test_a_source_that_hangs_the_compiler_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(bytecode, "_SILENCE", 0.4)
    body = "    import time\\n    b'HANG' in text and time.sleep(600)"
    sources = [Source("/app/a.py", b"x = 'HANG'"), Source("/app/b.py", b"x = 1")]

    hanging, after = compile_sources(fake_interpreter(tmp_path, body), sources, workers=1)

    assert hanging.content is None
    assert "silent" in (hanging.reason or "")
    assert after.content is not None


def test_an_interpreter_that_keeps_dying_is_an_error(tmp_path):
    dying = fake_interpreter(tmp_path, "    import os\\n    os._exit(1)")

    with pytest.raises(BuildError, match="keeps dying"):
        list(compile_sources(dying, [module(number) for number in range(50)], workers=1))


def test_an_interpreter_that_does_not_run_says_why():
    broken = Interpreter((sys.executable, "-c", "import sys; sys.exit('wrong machine')"), {}, "3.13.5", "cpython-313")

    with pytest.raises(BuildError, match=r"3\.13\.5 does not run on this machine: exit status 1: wrong machine"):
        list(compile_sources(broken, [module(1)]))


def test_an_interpreter_of_another_version_is_refused():
    other = Interpreter((sys.executable,), {}, "2.7", "cpython-27")

    with pytest.raises(BuildError, match="cpython-27"):
        list(compile_sources(other, [module(1)]))


def test_nothing_is_started_for_nothing():
    missing = Interpreter(("/does/not/exist",), {}, "x", "y")

    assert list(compile_sources(missing, [])) == []


def test_a_compiler_serves_many_and_closes_twice():
    compiler = Compiler(HERE, workers=2)
    first = list(compiler.compile([module(1), module(2)]))
    second = list(compiler.compile([module(2), module(1)]))
    compiler.close()
    compiler.close()

    assert first == second[::-1]


def test_the_rest_is_not_compiled_when_the_reader_stops():
    taken = []

    def sources():
        for number in range(100_000):
            taken.append(number)
            yield module(number)

    results = compile_sources(HERE, sources(), workers=1)
    next(results)
    results.close()

    assert len(taken) < 1000


def test_a_worker_that_starts_while_its_compiler_closes_is_ended_too() -> None:
    started, closing = [], []

    class ClosedMeanwhile(Compiler):
        def _start_worker(self):
            worker = super()._start_worker()
            started.append(worker)
            closing.append(threading.Thread(target=self.close))
            closing[0].start()
            while not self._threads._shutdown:
                pass
            return worker

    compiler = ClosedMeanwhile(HERE, workers=1)
    with suppress(BuildError):
        list(compiler.compile([module(1)]))
    closing[0].join()

    assert [worker._process.returncode for worker in started] == [-signal.SIGKILL]
