"""A web server that answers by a script, over TLS: what no real server does on purpose.

`answers` maps a path to the bytes of the answer, after which the connection is closed; of None
nothing is sent until the server is closed.
"""

import contextlib
import socket
import ssl
import threading


class ScriptedWeb:
    def __init__(self, certificates, name, answers):
        self.answers = answers
        self.asked = []
        self.closing = threading.Event()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificates.path(name + ".pem"),
                                     certificates.path(name + ".key"))
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection):
        # A client that goes away before it has asked is none.
        with contextlib.suppress(OSError, IndexError), self.context.wrap_socket(
                connection, server_side=True) as stream:
            request = b""
            while b"\r\n\r\n" not in request:
                request += stream.recv(65536) or b"\r\n\r\n"
            path = request.split(b" ")[1].decode()
            self.asked.append(request.decode("latin-1"))
            answer = self.answers.get(path)
            if answer is None:
                self.closing.wait()
            else:
                stream.sendall(answer)

    def url(self, folder=""):
        return f"https://localhost:{self.port}/{folder}"

    def close(self):
        self.closing.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
