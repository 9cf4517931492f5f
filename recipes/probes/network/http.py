"""urllib.request: GET over HTTP

The server is that of PROBE_HTTP_URL, which answers GET with the line "hello", or a thread of this program.
"""
import http.server
import os
import threading
import urllib.request


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello\n")


url = os.environ.get("PROBE_HTTP_URL")
if not url:
    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/"
# Variables such as http_proxy are ignored.
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
with opener.open(url, timeout=5) as answer:
    print(answer.status, answer.headers.items())
    text = answer.read()
print("yes" if text == b"hello\n" else f"no: received {text}")
