import rsa

public, private = rsa.newkeys(256)
assert rsa.decrypt(rsa.encrypt(b"secret", public), private) == b"secret"
print("yes")
