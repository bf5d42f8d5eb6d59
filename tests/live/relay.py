"""tests/support/tcp_relay from Python: a connection with latency, cuts or stalls.

    with Relay(server.port, "--cut-after", "50000", "--faulty", "1") as relay:
        ... relay.port ...
"""

import subprocess

from conftest import BUILD


class Relay:
    def __init__(self, target_port, *faults):
        self.command = [str(BUILD / "tests/support/tcp_relay"), "--listen", "0", "--target",
                        str(target_port), *faults]
        self.process = None
        self.port = None

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline().split()[1])
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
