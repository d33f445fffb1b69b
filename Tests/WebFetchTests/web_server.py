"""A web server on 127.0.0.1 for tests; says "listening PORT" when it does.

Usage: web_server.py [CHAIN KEY], the certificate, PEM, for https.

  /ok        200 and “hello”
  /size/N    200 and N bytes
  /endless   200 and bytes without end, their number not told
  /cut       200 and less than was promised
  /status/N  that status and a body
  /hops/N    N redirections, then /ok
  /to?URL    a redirection to there
  /agent     200 and who asks
"""

import http.server
import ssl
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        word, _, number = self.path[1:].partition("/")
        if word == "size":
            self.answer(200, b"x" * int(number))
        elif word == "status":
            self.answer(int(number), b"" if number in ("204", "304") else b"this is no good news")
        elif word == "hops":
            self.redirect(f"/hops/{int(number) - 1}" if int(number) > 1 else "/ok")
        elif word.startswith("to?"):
            self.redirect(self.path.partition("?")[2])
        elif word == "agent":
            self.answer(200, self.headers.get("User-Agent", "").encode())
        elif word == "cut":
            self.answer(200, b"not even half", length=100)
        elif word == "endless":
            self.endless()
        else:
            self.answer(200, b"hello")

    def answer(self, status, body, length=None):
        self.send_response(status)
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def redirect(self, address):
        self.send_response(302)
        self.send_header("Location", address)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"away")

    def endless(self):
        self.send_response(200)
        self.end_headers()
        while True:
            self.wfile.write(b"x" * 65536)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """Whoever hangs up concerns nobody."""


server = Server(("127.0.0.1", 0), Handler)
if len(sys.argv) > 1:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    server.socket = context.wrap_socket(server.socket, server_side=True)
print("listening", server.server_address[1], flush=True)
server.serve_forever()
