"""http.server: serve a folder"""
import functools
import http.client
import http.server
import threading

with open("index.html", "w") as file:
    file.write("hello\n")
handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=".")
with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    client = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=5)
    client.request("GET", "/index.html")
    answer = client.getresponse()
    text = answer.read()
    server.shutdown()
print(answer.status, answer.getheader("Content-Type"), text)
print("yes" if text == b"hello\n" else f"no: received {text}")
