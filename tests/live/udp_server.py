"""A server of packets: what `answer` makes of each one goes back.

    class Echo(UdpServer):
        def answer(self, packet): return packet

    with Echo(("127.0.0.1", 0)) as server: ... server.port ...
"""

import socket
import threading


class UdpServer:
    def __init__(self, where):
        self.socket = socket.socket(type=socket.SOCK_DGRAM)
        self.socket.bind(where)
        self.port = self.socket.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.socket.sendto(b"", self.socket.getsockname())

    def _serve(self):
        with self.socket:
            while True:
                packet, sender = self.socket.recvfrom(65536)
                if not packet:
                    return
                self.socket.sendto(self.answer(packet), sender)
