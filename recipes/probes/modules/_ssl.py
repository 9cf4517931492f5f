"""_ssl: a handshake and encrypted data, in memory"""
import ssl

print(ssl.OPENSSL_VERSION)
to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
sides = []
for protocol, incoming, outgoing in (
    (ssl.PROTOCOL_TLS_CLIENT, to_client, to_server),
    (ssl.PROTOCOL_TLS_SERVER, to_server, to_client),
):
    context = ssl.SSLContext(protocol)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    # These ciphers need no certificate, so that no key has to be kept here.
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("aNULL:@SECLEVEL=0")
    sides.append(context.wrap_bio(incoming, outgoing, server_side=protocol == ssl.PROTOCOL_TLS_SERVER))
client, server = sides
for _ in range(4):
    for side in sides:
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            pass
client.write(b"word")
print(client.version(), client.cipher(), "bytes:", to_server.pending)
data = server.read()
print("yes" if data == b"word" else f"no: received {data}")
