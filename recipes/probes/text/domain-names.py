"""Codecs idna and punycode"""
text = "grüße.example".encode("idna")
print(text, "bücher".encode("punycode"))
assert "bücher".encode("punycode") == b"bcher-kva", "punycode gives other text"
print("yes" if text == b"xn--grsse-lva.example" and text.decode("idna") == "grüsse.example" else f"no: got {text}")
