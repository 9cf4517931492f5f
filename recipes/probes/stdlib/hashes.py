"""hashlib: all guaranteed algorithms, and hmac, scrypt, pbkdf2"""
import hashlib
import hmac

WORD = "98c1eb4ee93476743763878fcb96a25fbc9a175074d64004779ecb5242f645e6"
assert hashlib.sha256(b"word").hexdigest() == WORD, "the SHA-256 is wrong"
assert hmac.new(b"key", b"word", "sha256").digest() == hmac.digest(b"key", b"word", "sha256"), "hmac.new() and hmac.digest() differ"
failed = []
for name in sorted(hashlib.algorithms_guaranteed):
    try:
        digest = hashlib.new(name, b"word")
        print(name, digest.hexdigest(16) if name.startswith("shake") else digest.hexdigest())
    except ValueError as error:
        print(f"{name}: {error}")
        failed.append(name)
for name, call in {
    "pbkdf2_hmac": lambda: hashlib.pbkdf2_hmac("sha256", b"word", b"salt", 1000),
    "scrypt": lambda: hashlib.scrypt(b"word", salt=b"salt", n=16, r=1, p=1),
}.items():
    try:
        print(name, call().hex())
    except AttributeError as error:
        print(f"{name}: {error}")
        failed.append(name)
print("guaranteed:", len(hashlib.algorithms_guaranteed), "available:", len(hashlib.algorithms_available))
print("yes" if not failed else f"partly: not {', '.join(failed)}")
