"""Where messages go: standard error, the journal, syslog, a file; as text or as JSON lines."""

import json
import os
import re
import socket
import stat
import subprocess
import threading

import pytest

import photo_feed
from feed import PROGRAM
from memory import CHANGED, Memory, person
from photo_feed import PhotoFeed

PLAIN = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ ldap2alma\[\d+\] (error|warning|notice|info|debug): .+"


@pytest.fixture(name="feed")
def make_feed(tmp_path):
    return Memory(tmp_path, person(1), person(2), more=CHANGED)


def lines(feed, *options, name="log", status=0, command="run"):
    result = feed.run(*options, shared=["--log", name], command=command)
    assert result.returncode == status and result.stderr == ""
    return (feed.folder / name).read_text().splitlines()


def test_a_file(feed):
    told = lines(feed)
    assert all(re.fullmatch(PLAIN, line) for line in told)
    assert any(" notice: " in line for line in told)  # what was done; cron would be told nothing
    path = feed.folder / "log"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    assert lines(feed)[:len(told)] == told
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_errors_with_what_to_do(feed):
    (feed.folder / "people.ldif").unlink()
    *_, last = lines(feed, status=78)
    assert re.fullmatch(PLAIN, last) and " error: " in last and "people.ldif" in last
    feed.write("ldap2alma.yaml", "nam: x\n")
    told = lines(feed, status=78, name="faults")
    assert "unknown key 'nam'" in told[0] and " error: " in told[0]


def test_it_is_opened_by_its_name(feed):
    """While a program is at work its log is moved away: what follows is in a new file."""
    (feed.folder / "turn").write_text("#!/bin/sh\nmv log log.1\necho turned\n")
    (feed.folder / "turn").chmod(0o700)
    feed.settings(CHANGED + "notify: { success: ./turn }\n")
    result = feed.run(shared=["-v", "--log", "log"])
    assert result.returncode == 0 and result.stderr == ""
    assert "notify.success: turned" in (feed.folder / "log").read_text()
    old = (feed.folder / "log.1").read_text()
    assert "telling './turn'" in old and "turned" not in old
    assert stat.S_IMODE((feed.folder / "log").stat().st_mode) == 0o600


def test_a_file_that_goes_away(feed):
    (feed.folder / "logs").mkdir()
    (feed.folder / "turn").write_text("#!/bin/sh\nrm -r logs\necho gone\nexit 1\n")
    (feed.folder / "turn").chmod(0o700)
    feed.settings(CHANGED + "notify: { success: ./turn }\n")
    result = feed.run(shared=["--log", "logs/log"])
    assert result.returncode == 0
    assert "ldap2alma: cannot write the log 'logs/log': No such file or directory\nnotify.success: gone\n" \
        in result.stderr


def test_json_lines(feed):
    feed.write("people.ldif", person(1) + person(2).replace("sn: Ruiz\n", ""))
    feed.settings("brakes: { rejected: 0 }\n" + CHANGED)
    text = (feed.folder / "ldap2alma.yaml").read_text()
    feed.write("ldap2alma.yaml", re.sub("(?m)^brakes: .* off }\n", "", text))
    result = feed.run(shared=["-v", "--log-format", "json"])
    assert result.returncode == 2
    told = [json.loads(line) for line in result.stderr.splitlines()]
    assert {frozenset(line) - {"hint"} for line in told} == {frozenset(["time", "level", "pid", "command", "text"])}
    assert {line["command"] for line in told} == {"run"} and len({line["pid"] for line in told}) == 1
    assert told[-1]["level"] == "error" and "'rejected'" in told[-1]["text"]
    assert told[-1]["hint"].endswith("'--release rejected'.")
    assert {"info", "error"} <= {line["level"] for line in told}


def test_quotes_in_json(feed):
    feed.write("ldap2alma.yaml", "'a\"b\\c\u00e9\u202e': x\n")
    result = feed.run(shared=["--log-format", "json"])
    texts = [json.loads(line)["text"] for line in result.stderr.splitlines()]
    assert any("'a\"b" in text and "\u00e9" in text for text in texts)


def journal(feed, *shared, command="run", stream=None, status=0):
    """A run whose standard error is what $JOURNAL_STREAM says, or is not."""
    reader, writer = os.pipe()
    info = os.fstat(writer)
    environment = dict(os.environ, JOURNAL_STREAM=stream or f"{info.st_dev}:{info.st_ino}")
    result = subprocess.run([os.path.abspath(PROGRAM), *shared, command], cwd=feed.folder, stderr=writer,
                            stdout=subprocess.DEVNULL, env=environment, check=False, timeout=60)
    os.close(writer)
    with open(reader, encoding="utf-8") as pipe:
        text = pipe.read()
    assert result.returncode == status, text
    return text.splitlines()


def test_the_journal_has_priorities(feed):
    told = journal(feed, "-vv")
    assert all(re.match(r"<[3-7]>\S", line) for line in told)
    assert {line[:3] for line in told} >= {"<5>", "<6>", "<7>"}
    assert [line for line in journal(feed) if not line.startswith("<5>")] == []
    (feed.folder / "people.ldif").unlink()
    failed = journal(feed, status=78)[-1]
    assert failed.startswith("<3>") and "people.ldif" in failed
    assert json.loads(journal(feed, "--log-format", "json", status=78)[-1][3:])["level"] == "error"


def test_another_stream_is_not_the_journal(feed):
    (feed.folder / "people.ldif").unlink()
    for stream in ("1:2", "x", "", "1"):
        assert journal(feed, stream=stream or " ", status=78)[-1].startswith("ldap2alma: ")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can have a /dev/log of its own")
@pytest.mark.parametrize("form", ["text", "json"])
def test_syslog(feed, form):
    """In a mount namespace whose /dev has a socket of ours."""
    dev = feed.folder / "dev"
    dev.mkdir()
    for name in ("null", "urandom"):
        (dev / name).touch()
    told = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
        log.bind(str(dev / "log"))
        log.settimeout(0.2)
        over = threading.Event()

        def listen():
            while True:
                try:
                    told.append(log.recv(65536).decode())
                except TimeoutError:
                    if over.is_set():
                        return

        thread = threading.Thread(target=listen)
        thread.start()
        (feed.folder / "people.ldif").unlink()
        result = feed.run(shared=["--log", "syslog", "--log-format", form], wrapper=[
            "unshare", "-m", "sh", "-c",
            "for f in null urandom; do mount --bind /dev/$f dev/$f || exit; done; mount --rbind . /mnt && cd /mnt && "
            'mount --rbind dev /dev && exec "$@"', "sh"])
        over.set()
        thread.join()
    assert result.returncode == 78 and result.stderr == ""
    found = re.fullmatch(r"<27>.*ldap2alma\[\d+\]: (.*)", told[-1].rstrip("\0\n"))  # daemon.err
    assert found and "people.ldif" in (json.loads(found[1])["text"] if form == "json" else found[1])


def test_a_pipe(feed):
    os.mkfifo(feed.folder / "pipe")
    result = feed.run(shared=["--log", "pipe"])
    assert (result.returncode, result.stderr) == (
        73, "ldap2alma: cannot write the log 'pipe': No such device or address\n")
    with open(os.open(feed.folder / "pipe", os.O_RDONLY | os.O_NONBLOCK), encoding="utf-8") as pipe:
        assert feed.run(shared=["--log", "pipe"]).returncode == 0
        assert " notice: " in pipe.read()


def test_photos(tmp_path):
    feed = PhotoFeed(tmp_path, photo_feed.person("a", photo_feed.RED))
    feed.run()
    assert "1 photos added" in lines(feed, command="photos")[-1]


def test_wrong_use(feed):
    result = feed.run(shared=["--log", "no/folder/log"])
    assert (result.returncode, result.stderr) == (
        73, "ldap2alma: cannot write the log 'no/folder/log': No such file or directory\n")
    result = feed.run(shared=["--log-format", "xml"])
    assert (result.returncode, result.stderr) == (
        64, "ldap2alma: no log-format 'xml': it is text or json\nTry 'ldap2alma --help'.\n")
