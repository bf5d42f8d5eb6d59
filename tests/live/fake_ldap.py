"""A directory server that says what a test wants it to say.

    def answer(request, say): ...        # request.kind, request.number, request.body
    with FakeServer(answer) as server:
        ... server.uri ...

`answer` is called for each request of each connection; say(bytes) sends. Raising Hangup closes the
connection. Only as much of BER and LDAP (RFC 4511) as that needs.
"""

import contextlib
import socket
import threading

BIND, UNBIND, SEARCH, EXTENDED = 0x60, 0x42, 0x63, 0x77
BIND_RESPONSE, ENTRY, DONE, REFERENCE, EXTENDED_RESPONSE = 0x61, 0x64, 0x65, 0x73, 0x78
PAGED = b"1.2.840.113556.1.4.319"


class Hangup(Exception):
    pass


def ber(tag, *contents):
    content = b"".join(contents)
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + content


def octets(value):
    return ber(0x04, value if isinstance(value, bytes) else value.encode())


def integer(value, tag=0x02):
    return ber(tag, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def message(number, body, controls=b""):
    return ber(0x30, integer(number), body, ber(0xA0, controls) if controls else b"")


def result(kind, code=0, diagnostic="", matched="", referral=None):
    referrals = ber(0xA3, octets(referral)) if referral else b""
    return ber(kind, integer(code, 0x0A), octets(matched), octets(diagnostic), referrals)


def entry(dn, attributes):
    """`attributes` is a dictionary of lists, or raw bytes for the attribute list."""
    if isinstance(attributes, dict):
        attributes = b"".join(
            ber(0x30, octets(name), ber(0x31, *(octets(value) for value in values)))
            for name, values in attributes.items())
    return ber(ENTRY, octets(dn), ber(0x30, attributes))


def page_control(cookie, about=0):
    return ber(0x30, octets(PAGED), octets(ber(0x30, integer(about), octets(cookie))))


def elements(data):
    """Tag and content of each element in a run of them."""
    while data:
        tag, length, at = data[0], data[1], 2
        if length & 0x80:
            at += length & 0x7F
            length = int.from_bytes(data[2:at], "big")
        yield tag, data[at:at + length]
        data = data[at + length:]


class Request:
    def __init__(self, data):
        (_, content), = elements(data)
        parts = list(elements(content))
        self.number = int.from_bytes(parts[0][1], "big")
        self.kind, self.body = parts[1]
        self.controls = parts[2][1] if len(parts) > 2 else b""

    def searched_attributes(self):
        return [value.decode() for _, value in elements(list(elements(self.body))[7][1])]

    def searched_base(self):
        return list(elements(self.body))[0][1].decode()


def accept_login(request, say):
    """Answers a bind with success; True when it was one."""
    if request.kind == BIND:
        say(message(request.number, result(BIND_RESPONSE)))
    return request.kind == BIND


def accept_look(request, say):
    """Shows an empty root DSE, which is asked for after the login; True when it was."""
    if request.kind != SEARCH or request.searched_base():
        return False
    say(message(request.number, entry("", {})))
    say(message(request.number, result(DONE)))
    return True


class FakeServer:
    def __init__(self, answer=None, greeting=None):
        """`greeting` is called with the socket of each connection instead of reading requests."""
        self.answer = answer
        self.greeting = greeting
        self.requests = []
        self.connections = 0
        self.sockets = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.uri = f"ldap://127.0.0.1:{self.port}"

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        for each in [self.listener, *self.sockets]:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.connections += 1
                self.sockets.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with contextlib.suppress(OSError, Hangup, IndexError, ValueError):
            if self.greeting:
                self.greeting(connection)
                return
            stream = connection.makefile("rb")
            while True:
                request = Request(self._read(stream))
                self.requests.append(request)
                if request.kind == UNBIND:
                    break
                self.answer(request, connection.sendall)
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    @staticmethod
    def _read(stream):
        head = stream.read(2)
        if len(head) < 2:
            raise Hangup
        length = head[1]
        if length & 0x80:
            more = stream.read(length & 0x7F)
            head += more
            length = int.from_bytes(more, "big")
        return head + stream.read(length)
