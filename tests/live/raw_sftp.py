"""An SFTP server of which each packet can be bent, for what a client must stand; its files are in
memory.

    server = RawSftp(folder, host_key_file, bend=my_bend, most_open=5)
    server.start() … server.files["a.JPG"] … server.stop()

`bend(server, request, answers)` gets a request as (type, id, rest) and the packets that would
answer it, and returns the bytes that are sent instead; RawSftp.later() sends bytes of another time.
"""

import struct
import threading

import paramiko
import pytest

from scripted_sftp import ScriptedSftp

INIT, VERSION, OPEN, CLOSE, WRITE, LSTAT, FSETSTAT = 1, 2, 3, 4, 6, 7, 10
OPENDIR, READDIR, REMOVE, REALPATH, STAT, RENAME = 11, 12, 13, 16, 17, 18
STATUS, HANDLE, NAME, ATTRS, EXTENDED = 101, 102, 104, 105, 200
OK, EOF, NO_SUCH_FILE, PERMISSION_DENIED, FAILURE, UNSUPPORTED = 0, 1, 2, 3, 4, 8
POSIX_RENAME, FSYNC = b"posix-rename@openssh.com", b"fsync@openssh.com"
FOLDER_MODE, FILE_MODE = 0o40755, 0o100644


def text(data):
    return struct.pack(">I", len(data)) + data


def packet(kind, number, rest=b""):
    return text(struct.pack(">BI", kind, number) + rest)


def status(number, code, said=b"Failure"):
    return packet(STATUS, number, struct.pack(">I", code) + text(said) + text(b"en"))


def texts(rest):
    """The strings a request begins with, as far as there are any."""
    found = []
    while len(rest) >= 4 and len(rest) >= 4 + (length := struct.unpack(">I", rest[:4])[0]):
        found.append(rest[4:4 + length])
        rest = rest[4 + length:]
    return found


def dribble(kind):
    """Answers requests of that kind byte by byte, five a second, and never gets through."""
    def bend(server, request, answers):
        for byte in text(bytes(10_000)) if request[0] == kind else b"":
            if not server.channel.closed:
                server.channel.sendall(bytes([byte]))
                threading.Event().wait(0.2)
        return answers
    return bend


def unbent(server, request, answers):
    return answers


class Handler(paramiko.SubsystemHandler):
    def __init__(self, channel, name, login, *arguments):
        super().__init__(channel, name, login)
        self.raw = login.server

    def start_subsystem(self, name, transport, channel):
        self.raw.serve(channel)


class RawSftp(ScriptedSftp):
    """`refuse` maps types of requests to the status they get; `replaces`: the plain rename does;
    `most_open` files may be open. `requests` counts by type (or name of an extension), `created`
    lists the names of all files that were made."""

    subsystem = (Handler,)

    def __init__(self, folder, host_key, bend=unbent, extensions=(POSIX_RENAME, FSYNC), refuse=None,
                 replaces=False, most_open=1000, version=3, greeting=None, shuffle=None):
        super().__init__(folder, host_key)
        self.bend, self.extensions, self.refuse = bend, extensions, refuse or {}
        self.replaces, self.most_open, self.version = replaces, most_open, version
        self.greeting, self.shuffle = greeting, shuffle
        self.files = {}
        self.requests = {}
        self.created = []

    def serve(self, channel):
        self.open = {}
        self.channel = channel
        waiting = []
        stream = channel.makefile("rb")
        while len(head := stream.read(4)) == 4:
            body = stream.read(struct.unpack(">I", head)[0])
            waiting += self._answer(body)
            # What is there already is answered together, in another order.
            if self.shuffle and channel.recv_ready():
                continue
            if self.shuffle and len(waiting) > 1:
                self.shuffle(waiting)
            for answer in waiting:
                channel.sendall(answer)
            waiting = []
        channel.close()

    def _answer(self, body):
        if body[0] == INIT:
            pairs = b"".join(text(name) + text(b"1") for name in self.extensions)
            return [self.greeting or packet(VERSION, self.version, pairs)]
        kind, number = struct.unpack(">BI", body[:5])
        rest = body[5:]
        key = texts(rest)[0] if kind == EXTENDED else kind
        self.requests[key] = self.requests.get(key, 0) + 1
        if key in self.refuse:
            answers = [status(number, self.refuse[key])]
        else:
            answers = [self._do(key, number, rest)]
        return self.bend(self, (key, number, rest), answers)

    def _do(self, key, number, rest):
        names = [each.rpartition(b"/")[2].decode("latin-1") for each in texts(rest)]
        handle = texts(rest)[0] if rest else b""
        if key == OPEN:
            if len(self.open) >= self.most_open or names[0] in self.files:
                return status(number, FAILURE)
            self.created.append(names[0])
            self.files[names[0]] = b""
            self.open[str(number).encode()] = names[0]
            return packet(HANDLE, number, text(str(number).encode()))
        if key == WRITE:
            at, = struct.unpack(">Q", rest[4 + len(handle):12 + len(handle)])
            data = rest[16 + len(handle):]
            file = self.files[self.open[handle]]
            self.files[self.open[handle]] = file[:at].ljust(at, b"\0") + data
        elif key == CLOSE:
            self.open.pop(handle, None)
        elif key in (LSTAT, STAT):
            if names[0] in self.files:
                return packet(ATTRS, number, struct.pack(">IQI", 5, len(self.files[names[0]]),
                                                         FILE_MODE))
            if key == LSTAT:
                return status(number, NO_SUCH_FILE)
            return packet(ATTRS, number, struct.pack(">II", 4, FOLDER_MODE))
        elif key == REMOVE:
            if self.files.pop(names[0], None) is None:
                return status(number, NO_SUCH_FILE)
        elif key == RENAME or key == POSIX_RENAME:
            old, new = names[-2:]
            if new in self.files and key == RENAME and not self.replaces:
                return status(number, FAILURE)
            self.files[new] = self.files.pop(old)
        elif key == OPENDIR:
            self.listed = False
            return packet(HANDLE, number, text(b"folder"))
        elif key == READDIR:
            if self.listed:
                return status(number, EOF)
            self.listed = True
            entries = b"".join(text(name.encode()) + text(b"-rw-r--r--") + bytes(4)
                               for name in self.files)
            return packet(NAME, number, struct.pack(">I", len(self.files)) + entries)
        elif key not in (FSETSTAT, FSYNC):
            return status(number, UNSUPPORTED)
        return status(number, OK, b"Success")


@pytest.fixture
def make_raw(tmp_path_factory, keys):
    """Makes raw servers of a test's own: make_raw(most_open=5)."""
    servers = []

    def make(**script):
        servers.append(RawSftp(tmp_path_factory.mktemp("raw"), keys.path("host_ed25519"),
                               **script))
        return servers[-1].start()

    yield make
    for server in servers:
        server.stop()
