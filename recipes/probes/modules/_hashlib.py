"""_hashlib: hashes of OpenSSL"""
import _hashlib

digest = _hashlib.openssl_sha256(b"word").hexdigest()
key = _hashlib.scrypt(b"word", salt=b"salt", n=16, r=1, p=1)
print("names:", len(_hashlib.openssl_md_meth_names), digest, key.hex())
wanted = "98c1eb4ee93476743763878fcb96a25fbc9a175074d64004779ecb5242f645e6"
print("yes" if digest == wanted else f"no: the hash is {digest}")
