"""urllib.request: GET over HTTPS

The server is that of PROBE_HTTPS_URL, which answers GET with the line "hello" and whose certificate is checked.
Without the variable it is a thread of this program, and the connection is encrypted without a certificate.
"""
import http.server
import os
import ssl
import threading
import urllib.request


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello\n")


print(ssl.OPENSSL_VERSION)
url = os.environ.get("PROBE_HTTPS_URL")
if url:
    context = ssl.create_default_context()
else:
    # These ciphers need no certificate, so that no key has to be kept here.
    contexts = [ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)]
    for context in contexts:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("aNULL:@SECLEVEL=0")
    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    server.socket = contexts[0].wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"https://127.0.0.1:{server.server_port}/"
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context))
with opener.open(url, timeout=5) as answer:
    print(answer.status, answer.headers.items())
    text = answer.read()
print("yes" if text == b"hello\n" else f"no: received {text}")
