"""Something between a program and the exchange that does what some proxies do: it writes percent-encoded bytes in small letters,
or keeps signed requests back for a while.

Small letters are the same address to everybody who decodes it, and other bytes to whoever verifies a signature over them.
"""

import http.client
import http.server
import pathlib
import re
import ssl
import subprocess
import threading
import time
import urllib.parse


class RewritingProxy:
    """HTTPS on 127.0.0.1 with a certificate of its own, in front of an exchange's REST address. For GET only."""

    def __init__(self, folder: pathlib.Path, exchange, rewrites: bool = True, delay_s: float = 0):
        folder.mkdir()
        certificate, key = folder / "proxy.pem", folder / "proxy.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
                        "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
                       check=True, capture_output=True)
        self.ca = folder / "both.pem"
        authority = pathlib.Path(exchange.ready["ca"]).read_text(encoding="utf-8")
        self.ca.write_text(certificate.read_text(encoding="utf-8") + authority, encoding="utf-8")
        self.rewrites = rewrites
        self.rewritten = 0
        behind = urllib.parse.urlsplit(exchange.ready["rest"])
        trusted = ssl.create_default_context(cafile=exchange.ready["ca"])
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            """Passes each request on over a connection of its own."""

            protocol_version = "HTTP/1.1"

            def do_GET(self):  # pylint: disable=invalid-name
                if "&signature=" in self.path:
                    time.sleep(delay_s)
                onward = http.client.HTTPSConnection(behind.hostname, behind.port, timeout=30, context=trusted)
                onward.request("GET", proxy.rewrite(self.path),
                               headers={name: value for name, value in self.headers.items() if name.lower() != "connection"})
                answer = onward.getresponse()
                body = answer.read()
                try:
                    self.send_response(answer.status)
                    for name, value in answer.getheaders():
                        if name.lower() not in ("connection", "content-length", "transfer-encoding", "date", "server"):
                            self.send_header(name, value)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    self.close_connection = True  # whoever asked does not wait any longer
                onward.close()

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._server.daemon_threads = True
        self.url = f"https://127.0.0.1:{self._server.server_port}"

    def rewrite(self, target: str) -> str:
        plain, mark, signature = target.partition("&signature=")
        if not self.rewrites:
            return target
        small = re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), plain)
        self.rewritten += small != plain
        return small + mark + signature

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
