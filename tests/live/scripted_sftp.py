"""An SFTP server that misbehaves as it is told, for what OpenSSH cannot be made to do; and a relay
that breaks connections.

    server = ScriptedSftp(folder, host_key_file, prompts=[("Code: ", True)])
    server.start() … server.stop()

Built on paramiko. It knows neither posix-rename nor fsync nor statvfs, as many servers do.
"""

import contextlib
import os
import pathlib
import socket
import threading

import pytest

paramiko = pytest.importorskip("paramiko")

PASSWORD = "scripted-secret"


def do_nothing(event, name):
    pass


class Script:
    """How a server behaves. Each member is one deviation. `hook` is called with "stat" and a name
    before that is answered, with "rename" and the new name before it is done, and with "renamed"
    when it is, before it is answered."""

    def __init__(self, auth="password", prompts=(), then=None, refuse_rename=False,
                 lose_rename_answer=False, size_offset=0, read_forbidden=False, farewell=None,
                 hook=do_nothing, seconds_offset=0):
        self.auth = auth                    # the methods that are offered, as a comma list
        self.prompts = list(prompts)        # rounds of (text, echo) of keyboard-interactive
        self.then = then                    # what a first success leaves to be done
        self.refuse_rename = refuse_rename
        self.lose_rename_answer = lose_rename_answer
        self.seconds_offset = seconds_offset  # the clock is so much ahead
        self.size_offset = size_offset      # stat tells so many bytes more
        self.read_forbidden = read_forbidden
        self.farewell = farewell
        self.hook = hook


class Login(paramiko.ServerInterface):
    def __init__(self, server):
        self.server = server
        self.script = server.script
        self.rounds = iter(self.script.prompts)
        self.allowed = self.script.auth

    def _succeed(self):
        if self.script.then and self.allowed != self.script.then:
            self.allowed = self.script.then
            return paramiko.AUTH_PARTIALLY_SUCCESSFUL
        return paramiko.AUTH_SUCCESSFUL

    def get_allowed_auths(self, username):
        return self.allowed

    def check_auth_publickey(self, username, key):
        self.server.attempts.append("publickey")
        return self._succeed() if "publickey" in self.allowed else paramiko.AUTH_FAILED

    def check_auth_password(self, username, password):
        self.server.attempts.append("password")
        good = password == PASSWORD and "password" in self.allowed
        return self._succeed() if good else paramiko.AUTH_FAILED

    def _ask(self):
        prompts = next(self.rounds, None)
        if prompts is None:
            return self._succeed()
        query = paramiko.InteractiveQuery("", "")
        for text, echo in prompts:
            query.add_prompt(text, echo)
        return query

    def check_auth_interactive(self, username, submethods):
        return self._ask()

    def check_auth_interactive_response(self, responses):
        self.server.attempts.append(list(responses))
        if responses and responses != [PASSWORD]:
            return paramiko.AUTH_FAILED
        return self._ask()

    def check_channel_request(self, kind, chanid):
        return paramiko.OPEN_SUCCEEDED


class Files(paramiko.SFTPServerInterface):
    def __init__(self, login, *arguments, **options):
        super().__init__(login, *arguments, **options)
        self.server = login.server
        self.script = login.script

    def _path(self, path):
        return self.server.home / self.canonicalize(path).lstrip("/")

    def _attributes(self, path):
        try:
            attributes = paramiko.SFTPAttributes.from_stat(os.lstat(path))
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)
        if path.is_file():
            attributes.st_size += self.script.size_offset
            attributes.st_mtime += self.script.seconds_offset
        return attributes

    def stat(self, path):
        attributes = self._attributes(self._path(path))
        self.script.hook("stat", os.path.basename(path))
        return attributes

    lstat = stat

    def open(self, path, flags, attributes):
        if self.script.read_forbidden and not flags & os.O_WRONLY:
            return paramiko.SFTP_PERMISSION_DENIED
        try:
            file = os.fdopen(os.open(self._path(path), flags, 0o640), "wb" if flags & os.O_WRONLY
                             else "rb")
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)
        handle = paramiko.SFTPHandle(flags)
        handle.filename = str(path)
        handle.readfile = handle.writefile = file
        return handle

    def remove(self, path):
        try:
            os.remove(self._path(path))
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)
        return paramiko.SFTP_OK

    def rename(self, oldpath, newpath):
        if self.script.refuse_rename:
            return paramiko.SFTP_PERMISSION_DENIED
        self.script.hook("rename", os.path.basename(newpath))
        os.link(self._path(oldpath), self._path(newpath))
        os.remove(self._path(oldpath))
        self.script.hook("renamed", os.path.basename(newpath))
        if self.script.lose_rename_answer:
            self.script.lose_rename_answer = False
            self.server.drop_connections()
        return paramiko.SFTP_OK


class ScriptedSftp:
    """`attempts` lists what clients tried to log in with."""

    subsystem = (paramiko.SFTPServer, Files)

    def __init__(self, folder, host_key, **script):
        self.script = Script(**script)
        self.home = pathlib.Path(folder) / "home"
        self.home.mkdir(parents=True)
        self.attempts = []
        self.connections = []
        self.host_key = paramiko.Ed25519Key.from_private_key_file(host_key)
        self.known_hosts = pathlib.Path(folder) / "known_hosts"

    def start(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.known_hosts.write_text(
            f"[127.0.0.1]:{self.port} ssh-ed25519 {self.host_key.get_base64()}\n")
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                transport = paramiko.Transport(client)
                transport.add_server_key(self.host_key)
                transport.set_subsystem_handler("sftp", *self.subsystem)
                self.connections.append(transport)
                transport.start_server(event=threading.Event(), server=Login(self))

    def drop_connections(self):
        """Those that are there; a client may be back before this is done."""
        there, self.connections = self.connections, []
        for transport in there:
            transport.sock.close()

    def names(self):
        return sorted(entry.name for entry in self.home.iterdir())

    def stop(self):
        self.listener.close()
        for transport in self.connections:
            transport.close()


class Relay:
    """Passes connections on to a port. What the client sent beyond `cut` bytes ends the first
    connection; beyond `stall` bytes every connection falls silent."""

    def __init__(self, port, cut=None, stall=None):
        self.target = port
        self.cut = cut
        self.stall = stall
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.sockets = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(("127.0.0.1", self.target))
                self.sockets += [client, server]
                for ends in ((client, server, True), (server, client, False)):
                    threading.Thread(target=self._pass, args=ends, daemon=True).start()

    def _pass(self, source, sink, from_client):
        total = 0
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                total += len(data)
                if from_client and self.cut is not None and total > self.cut:
                    self.cut = None
                    break
                if from_client and self.stall is not None and total > self.stall:
                    threading.Event().wait(60)
                    break
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def stop(self):
        self.listener.close()
        for end in self.sockets:
            end.close()


@pytest.fixture
def make_scripted(tmp_path_factory, keys):
    """Makes servers of a test's own: make_scripted(refuse_rename=True)."""
    servers = []

    def make(**script):
        server = ScriptedSftp(tmp_path_factory.mktemp("scripted"), keys.path("host_ed25519"),
                              **script)
        servers.append(server)
        return server.start()

    yield make
    for server in servers:
        server.stop()


@pytest.fixture
def make_relay():
    """Makes relays of a test's own: make_relay(server.port, cut=1000000)."""
    relays = []

    def make(port, **faults):
        relays.append(Relay(port, **faults))
        return relays[-1]

    yield make
    for relay in relays:
        relay.stop()
