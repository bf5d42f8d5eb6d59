"""A key distribution center that refuses everything with one code, as RFC 4120 section 7.5.9 has it.

    with RefusingKdc(37) as kdc:
        kdc.write_conf(path)     # a krb5.conf(5) whose realm it serves

And ticket caches whose times are others than the KDC gave: end_tickets(path, at).
"""

import pathlib

from fake_ldap import ber, elements, integer
from udp_server import UdpServer

REALM = "AD.EXAMPLE.EDU"


def field(number, *contents):
    return ber(0xA0 | number, *contents)


def text(value):
    return ber(0x1B, value.encode())


def refusal(code):
    """KRB-ERROR, RFC 4120 section 5.9.1."""
    service = ber(0x30, field(0, integer(2)), field(1, ber(0x30, text("krbtgt"), text(REALM))))
    return ber(0x7E, ber(0x30, field(0, integer(5)), field(1, integer(30)),
                         field(4, ber(0x18, b"20261122120000Z")), field(5, integer(0)),
                         field(6, integer(code)), field(9, text(REALM)), field(10, service)))


class RefusingKdc(UdpServer):
    def __init__(self, code):
        super().__init__(("127.0.0.1", 0))
        self.code = code
        self.requests = 0

    def answer(self, packet):
        assert next(elements(packet))[0] == 0x6A   # AS-REQ
        self.requests += 1
        return refusal(self.code)

    def write_conf(self, path):
        write_conf(path, f"kdc = 127.0.0.1:{self.port}")


def write_conf(path, kdc, libdefaults="rdns = false"):
    pathlib.Path(path).write_text(
        f"[libdefaults]\n default_realm = {REALM}\n dns_lookup_kdc = false\n"
        f" dns_lookup_realm = false\n {libdefaults}\n"
        + (f"[realms]\n {REALM} = {{\n  {kdc}\n }}\n" if kdc else ""))


def end_tickets(path, at, renewable=False):
    """Writes the end of all tickets of a ticket cache (file format 4) anew, as far as the cache
    says when that is; else they could be renewed, too."""
    data = bytearray(pathlib.Path(path).read_bytes())
    position = 0

    def number(size):
        nonlocal position
        position += size
        return int.from_bytes(data[position - size:position], "big")

    def skip(size=4):
        nonlocal position
        length = number(size)
        position += length

    def principal():
        number(4)
        for _ in range(number(4) + 1):
            skip()

    assert number(2) == 0x0504
    skip(2)
    principal()
    while position < len(data):
        principal()
        principal()
        number(2)
        skip()
        data[position + 8:position + 12] = at.to_bytes(4, "big")
        if not renewable:
            data[position + 12:position + 16] = bytes(4)
        position += 16 + 1 + 4
        for _ in range(2):
            for _ in range(number(4)):
                number(2)
                skip()
        skip()
        skip()
    pathlib.Path(path).write_bytes(data)
