"""xmlrpc: a server and its client"""
import threading
import xmlrpc.client
import xmlrpc.server

with xmlrpc.server.SimpleXMLRPCServer(("127.0.0.1", 0), logRequests=False) as server:
    server.register_function(pow)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with xmlrpc.client.ServerProxy(f"http://127.0.0.1:{server.server_address[1]}/") as client:
        value = client.pow(2, 10)
    server.shutdown()
print("value:", value)
print("yes" if value == 1024 else f"no: received {value}")
