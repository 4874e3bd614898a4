"""`pixelpact exec` and `env`: programs of any language, pointed at a mock by their variables."""

from __future__ import annotations

import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

import pytest
from click.testing import CliRunner
from pixelpact.cli.main import cli
from pixelpact.doors.environment import BASES, KEYS, variables, without_proxy
from pixelpact.doors.server import Server
from pixelpact.service.app import create_app

DRAW = """
import json, os, sys, urllib.request, urllib.error
body = {"model": "bytedance/seedream-3.0", "prompt": "a lighthouse", "size": "640x480", **json.loads(sys.argv[1])}
request = urllib.request.Request(os.environ["AIML_API_BASE"] + "/images/generations", json.dumps(body).encode(),
    {"Authorization": "Bearer " + os.environ["AIML_API_KEY"], "Content-Type": "application/json"})
for _ in range(int(sys.argv[2])):
    try:
        url = json.load(urllib.request.urlopen(request))["data"][0]["url"]
        print(len(urllib.request.urlopen(url).read()))
    except urllib.error.HTTPError as error:
        print(error.code)
"""
MAIN = "from pixelpact.cli.main import main; main()"
PROGRAM = [sys.executable, "-c", DRAW]
EXEC = [sys.executable, "-c", MAIN, "exec", "--"]
# The leader of a session whose terminal is its stdin.
AT_TERMINAL = f"import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); {MAIN}"


def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", MAIN, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env={**os.environ, **environ})


# exec


def test_a_program_finds_the_mock_by_its_variables() -> None:
    done = run("exec", "--", *PROGRAM, "{}", "1")
    assert (done.returncode, int(done.stdout) > 1000) == (0, True), done.stderr
    assert done.stderr == "pixelpact: 1 call, 1 picture, 1 download, 63,000 credits ($0.0315)\n"


def test_calls_with_a_key_of_the_programs_own_are_counted_too() -> None:
    program = [sys.executable, "-c", "import os; os.environ['AIML_API_KEY'] = 'written-in'\n" + DRAW]
    assert run("exec", "--", *program, "{}", "1").stderr.startswith("pixelpact: 1 call, 1 picture")


def test_a_proxy_of_the_environment_is_not_asked() -> None:
    done = run(
        "exec", "--quiet", "--", *PROGRAM, "{}", "1", http_proxy="http://127.0.0.1:9", HTTP_PROXY="http://127.0.0.1:9"
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_exit_code_is_the_programs() -> None:
    assert run("exec", "--", sys.executable, "-c", "raise SystemExit(7)").returncode == 7


def test_a_program_that_dies_of_a_signal_ends_as_a_shell_says() -> None:
    assert run("exec", "--", "sh", "-c", "kill -9 $$").returncode == 128 + 9


def test_faults_and_credits_of_the_command_line_reach_the_program() -> None:
    done = run("exec", "--fault", "status,code=503,first=1", "--credits", "63000", "--", *PROGRAM, "{}", "3")
    refused, drawn, broke = done.stdout.split()
    assert (refused, int(drawn) > 1000, broke) == ("503", True, "403")


def test_what_no_client_should_do_is_said_and_fails_the_run_if_asked() -> None:
    told = run("exec", "--", *PROGRAM, '{"guidance_scale": 99}', "2")
    checked = run("exec", "--check", "--", *PROGRAM, '{"guidance_scale": 99}', "2")
    assert (told.returncode, checked.returncode) == (0, 1)
    assert "retried-refusal" in told.stderr


def test_the_journal_can_be_kept(tmp_path: Path) -> None:
    run("exec", "--journal", str(tmp_path / "journal.json"), "--", *PROGRAM, "{}", "1")
    entries = json.loads((tmp_path / "journal.json").read_text("utf-8"))
    assert [entry["hop"] for entry in entries] == ["api", "download"]


@pytest.mark.parametrize(
    ("name", "expected"), [("coverage.json", "{"), ("coverage.xml", "<?xml"), ("coverage.txt", "")]
)
def test_the_coverage_of_the_contract_can_be_kept(tmp_path: Path, name: str, expected: str) -> None:
    run("exec", "--coverage", str(tmp_path / name), "--", *PROGRAM, "{}", "1")
    text = (tmp_path / name).read_text("utf-8")
    assert text.startswith(expected)
    assert "bytedance/seedream-3.0" in text


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["no-such-command-here"], 127, "no-such-command-here: no such command"),
        ([str(Path(__file__).parent)], 126, "Permission denied"),
    ],
)
def test_a_command_that_cannot_run_is_named(arguments: list[str], code: int, said: str) -> None:
    done = run("exec", "--", *arguments)
    assert (done.returncode, said in done.stderr, "Traceback" in done.stderr) == (code, True, False)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["exec"], "COMMAND"),
        (["exec", "--fault", "statos", "--", "true"], "status"),
        (["exec", "--quota", "many", "--", "true"], "many"),
        (["exec", "--remove", "bytedance/seedream-3", "--", "true"], "bytedance/seedream-3.0"),
        (["exec", "--journal", "/no/such/folder/file", "--", "echo", "ran"], "/no/such/folder"),
        (["exec", "--journal", "/proc/file", "--", "echo", "ran"], "'/proc/file': No such file or directory"),
        (["exec", "--coverage", "x" * 300, "--", "echo", "ran"], "name too long"),
    ],
)
def test_wrong_usage_is_refused_before_the_program_runs(arguments: list[str], said: str) -> None:
    done = run(*arguments)
    assert (done.returncode, said in " ".join(done.stderr.split()), done.stdout) == (2, True, ""), done.stderr


@pytest.mark.parametrize("option", ["--journal", "--coverage"])
@pytest.mark.parametrize(("program", "code"), [("exit 7", 7), ("exit 0", 1)])
def test_a_file_that_cannot_be_written_is_named_and_keeps_the_programs_code(
    option: str, program: str, code: int
) -> None:
    done = run("exec", "--quiet", option, "/dev/full", "--", "sh", "-c", program)
    expected = "pixelpact: cannot write /dev/full: No space left on device\n"
    assert (done.returncode, done.stderr) == (code, expected)


@pytest.mark.parametrize(("command", "code"), [(["sh", "-c", "exit 7"], 7), (["true"], 1), (["no-such-command"], 127)])
def test_a_full_stderr_keeps_the_programs_code(command: list[str], code: int) -> None:
    with Path("/dev/full").open("w") as full:
        assert subprocess.run([*EXEC, *command], stderr=full, timeout=60).returncode == code


def test_what_a_file_held_stays_until_there_is_more_to_write(tmp_path: Path) -> None:
    kept = tmp_path / "journal.json"
    kept.write_text("of before")
    kept.chmod(0o600)
    done = run("exec", "--journal", str(kept), "--", "cat", str(kept))
    assert (done.stdout, kept.read_text(), kept.stat().st_mode & 0o777) == ("of before", "[]\n", 0o600)
    assert list(tmp_path.iterdir()) == [kept]


def test_what_a_file_held_stays_if_nothing_can_be_written(tmp_path: Path) -> None:
    kept = tmp_path / "coverage.json"
    kept.write_text("of before")
    command = [sys.executable, "-c", MAIN, "exec", "--coverage", str(kept), "--", "sh", "-c", "exit 7"]
    # No file may be longer than a block, which the coverage is.
    done = subprocess.run(["sh", "-c", 'ulimit -f 1; exec "$@"', "sh", *command], capture_output=True, timeout=60)
    assert (done.returncode, kept.read_text(), list(tmp_path.iterdir())) == (7, "of before", [kept]), done.stderr


def test_a_journal_on_stdout_comes_after_what_the_program_wrote(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w") as out:
        subprocess.run([*EXEC[:-1], "--journal", "/dev/stdout", "--", "echo", "written"], stdout=out, timeout=60)
    assert (tmp_path / "out").read_text() == "written\n[]\n"


# signals


@contextmanager
def started(*command: str, stdin: int = subprocess.DEVNULL, main: str = MAIN) -> Iterator[subprocess.Popen[str]]:
    """A program under `exec`, in a session of its own, that has written its first line."""
    command = (sys.executable, "-c", main, "exec", "--", *command)
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=stdin, stdout=pipe, stderr=pipe, text=True, start_new_session=True)
    # Whoever waits for one that hangs would hang too.
    end = Timer(20, process.kill)
    end.start()
    with process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "started\n"
            yield process
        finally:
            end.cancel()
            process.kill()


def python(*lines: str) -> list[str]:
    return [sys.executable, "-c", "\n".join(["import signal, sys, time", *lines])]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_to_exec_alone_ends_all_that_the_program_started(number: int) -> None:
    lines = ("signal.signal(signal.SIGINT, signal.SIG_DFL)", "print('started', flush=True)", "time.sleep(20)")
    with started("sh", "-c", '"$@"; true', "sh", *python(*lines)) as process:
        process.send_signal(number)
        # Whatever is left would hold the pipe open.
        _, said = process.communicate(timeout=10)
    assert (process.returncode, said.startswith("pixelpact: 0 calls")) == (128 + number, True)


def test_a_program_that_ends_as_it_likes_keeps_its_code() -> None:
    lines = ("signal.signal(signal.SIGTERM, lambda *_: sys.exit(9))", "print('started', flush=True)", "time.sleep(20)")
    with started(*python(*lines)) as process:
        process.terminate()
        assert process.wait(timeout=10) == 9


def test_a_second_signal_kills_a_program_that_the_first_did_not_end() -> None:
    lines = (
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)",
        "signal.signal(signal.SIGINT, lambda *_: print('not now', flush=True))",
        "print('started', flush=True)",
        "time.sleep(20)",
    )
    with started(*python(*lines)) as process:
        process.send_signal(signal.SIGINT)
        assert process.stdout
        assert process.stdout.readline() == "not now\n"
        process.terminate()
        process.communicate(timeout=10)
    assert process.returncode == 128 + signal.SIGKILL


def test_a_signal_that_comes_twice_at_once_is_one() -> None:
    lines = ("def end(*_):", "    time.sleep(0.1)", "    sys.exit(9)", "signal.signal(signal.SIGINT, end)")
    with started(*python(*lines, "print('started', flush=True)", "time.sleep(20)")) as process:
        process.send_signal(signal.SIGINT)
        time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=10) == 9


def test_a_hangup_that_nohup_ignores_stays_ignored() -> None:
    lines = ("signal.signal(signal.SIGTERM, lambda *_: sys.exit(9))", "print('started', flush=True)", "time.sleep(20)")
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with started(*python(*lines)) as process:
            process.send_signal(signal.SIGHUP)
            # The first that is heard: a second one would kill.
            process.terminate()
            assert process.wait(timeout=10) == 9
    finally:
        signal.signal(signal.SIGHUP, before)


def test_at_a_terminal_the_program_reads_what_is_typed_and_gets_ctrl_c_once() -> None:
    lines = ("seen = []", "signal.signal(signal.SIGINT, lambda *_: seen.append(1))", "print(input(), flush=True)")
    program = python(*lines, "while not seen: time.sleep(0.01)", "time.sleep(0.2)", "sys.exit(10 + len(seen))")
    keys, terminal = pty.openpty()
    os.write(keys, b"started\n")
    try:
        with started(*program, stdin=terminal, main=AT_TERMINAL) as process:
            os.write(keys, b"\x03")
            assert process.wait(timeout=10) == 11
    finally:
        os.close(keys)
        os.close(terminal)


@pytest.mark.parametrize("step", ["faults.parse", "app.create_app"])
def test_an_interrupt_while_the_mock_starts_ends_it_without_a_word(step: str) -> None:
    module, _, name = step.partition(".")
    interrupted = f"""
import os, signal
import pixelpact.service.{module} as module
usual = module.{name}
module.{name} = lambda *given: (os.kill(os.getpid(), signal.SIGINT), usual(*given))[1]
"""
    command = [sys.executable, "-c", interrupted + MAIN, "exec", "--fault", "reset", "--", "echo", "ran"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (128 + signal.SIGINT, "", "")


# env


@pytest.fixture
def url() -> Iterator[str]:
    with Server(create_app()) as server:
        yield server.url


def test_the_printed_variables_point_a_shells_program_at_the_mock(url: str) -> None:
    printed = run("env", "--url", url).stdout
    done = subprocess.run(
        ["sh", "-c", 'eval "$0"; exec "$@"', printed, *PROGRAM, "{}", "1"], capture_output=True, text=True, timeout=30
    )
    assert int(done.stdout) > 1000, done.stderr


def test_every_base_and_key_is_set(url: str) -> None:
    values = json.loads(run("env", "--url", f"{url}/v1", "--form", "json", "--api-key", "mine").stdout)
    assert {values[name] for name in BASES} == {f"{url}/v1"}
    assert {values[name] for name in KEYS} == {"mine"}


@pytest.mark.parametrize("form", ["sh", "fish", "powershell", "dotenv", "plain"])
def test_each_form_names_every_variable(form: str) -> None:
    printed = CliRunner().invoke(cli, ["env", "--form", form]).output
    assert all(f"{name}" in printed for name in variables("", ""))


@pytest.mark.skipif(shutil.which("fish") is None, reason="needs fish")
def test_fish_reads_its_form() -> None:
    printed = CliRunner().invoke(cli, ["env", "--form", "fish"]).output
    done = subprocess.run(["fish", "-c", f"{printed}\necho $OPENAI_BASE_URL"], capture_output=True, text=True)
    assert done.stdout == "http://127.0.0.1:8080/v1\n"


@pytest.mark.parametrize("given", ["ftp://x", "http://", "not a url", "http://user:secret@127.0.0.1"])
def test_a_url_that_is_none_is_refused_without_its_secret(given: str) -> None:
    refused = CliRunner().invoke(cli, ["env", "--url", given])
    assert (refused.exit_code, "--url" in refused.output, "secret" in refused.output) == (2, True, False)


def test_hosts_that_need_no_proxy_already_are_kept() -> None:
    assert without_proxy({"no_proxy": "intranet"}, "127.0.0.1")["NO_PROXY"] == "intranet,127.0.0.1"


def test_what_follows_the_programs_name_is_its_own() -> None:
    assert run("exec", "--quiet", sys.executable, "--version").stdout.startswith("Python 3")
