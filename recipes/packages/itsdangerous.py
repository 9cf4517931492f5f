import itsdangerous

signer = itsdangerous.URLSafeSerializer("key")
assert signer.loads(signer.dumps([1, 2])) == [1, 2]
print("yes")
