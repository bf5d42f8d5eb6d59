"""A private name server for tests: dnsmasq with the records that a test wants.

    with Dns(folder, "srv-host=_ldap._tcp.example.edu,dc1.example.edu,389,0,100",
             "host-record=dc1.example.edu,127.0.0.1") as dns:
        subprocess.run([*dns.wrapper, PROGRAM, ...])

It listens on an address of its own in 127.0.0.0/8, and `wrapper` is a command that runs the words
behind it with mounts of their own, where the name server of /etc/resolv.conf is this one. Only root
can do both.
"""

import contextlib
import pathlib
import random
import socket
import struct
import subprocess
import time

import pytest

from machine import UNSHARE, may_mount, program
from udp_server import UdpServer

START_SECONDS = 20
PORT = 53


def free_address():
    """One of 127.32.0.0/11 where no name server is."""
    while True:
        address = f"127.{random.randint(32, 63)}.{random.randint(0, 255)}.{random.randint(1, 254)}"
        with socket.socket(type=socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
            probe.bind((address, PORT))
            return address


class NameServer:
    """Where it is, and how a program is made to ask it alone."""

    def __init__(self, folder):
        if not may_mount():
            pytest.skip("only root can set up a name server of a process's own")
        self.folder = pathlib.Path(folder)
        self.address = free_address()
        self.write("resolv.conf", f"nameserver {self.address}\noptions timeout:1 attempts:1\n")
        self.write("nsswitch.conf", "hosts: dns\n")

    def write(self, name, text):
        (self.folder / name).write_text(text)

    @property
    def wrapper(self):
        mounts = " && ".join(f"mount --bind {self.folder / name} /etc/{name}"
                             for name in ("resolv.conf", "nsswitch.conf"))
        return [*UNSHARE, "sh", "-c", f'{mounts} && exec "$@"', "sh"]


class Dns(NameServer):
    """Knows the `records` of example.edu, and no others; lines of dnsmasq's configuration."""

    def __init__(self, folder, *records):
        super().__init__(folder)
        self.process = None
        self.write("dnsmasq.conf", "".join(f"{line}\n" for line in (
            "local=/example.edu/", *records)))

    def __enter__(self):
        self.process = subprocess.Popen(
            [program("dnsmasq"), "--keep-in-foreground", f"--conf-file={self.folder}/dnsmasq.conf",
             "--no-resolv", "--no-hosts", f"--listen-address={self.address}", "--bind-interfaces",
             "--user=root", "--pid-file", "--log-facility=/dev/null"], stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection((self.address, PORT)):
                return self
            time.sleep(0.02)
        self.__exit__()
        raise RuntimeError(f"dnsmasq in {self.folder} did not start")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


class TurningDns(NameServer, UdpServer):
    """An attacker's: every name has the address 127.0.0.1, and from the question number `honest` on
    every name is an alias of `other`."""

    A, CNAME = 1, 5

    def __init__(self, folder, honest, other):
        NameServer.__init__(self, folder)
        UdpServer.__init__(self, (self.address, PORT))
        self.honest = honest
        self.other = b"".join(bytes([len(label)]) + label.encode() for label in other.split("."))
        self.asked = 0

    def answer(self, packet):
        """RFC 1035 section 4.1; the question's name is at byte 12."""
        end = packet.index(0, 12) + 5
        kind, = struct.unpack_from(">H", packet, end - 4)
        name, records = b"\xc0\x0c", []
        if kind == self.A:
            self.asked += 1
            if self.asked > self.honest:
                alias = self.other + b"\0"
                records.append(self._record(name, self.CNAME, alias))
                name = alias
            records.append(self._record(name, self.A, b"\x7f\0\0\x01"))
        return (packet[:2] + struct.pack(">HHHHH", 0x8480, 1, len(records), 0, 0)
                + packet[12:end] + b"".join(records))

    @staticmethod
    def _record(name, kind, data):
        return name + struct.pack(">HHIH", kind, 1, 0, len(data)) + data
