# sha256, a loop in C code that hardly calls the interpreter.
import hashlib

DATA = bytes(range(256)) * 4096


def work():
    digest = hashlib.sha256()
    for _ in range(16):
        digest.update(DATA)
    return digest.hexdigest()[:16]
