"""secrets, uuid.uuid4() and random.SystemRandom"""
import random
import secrets
import uuid

tokens = {secrets.token_hex(16) for _ in range(100)}
identifiers = {uuid.uuid4() for _ in range(100)}
numbers = [random.SystemRandom().randrange(6) for _ in range(1000)]
print(len(tokens), len(identifiers), next(iter(identifiers)), sorted(set(numbers)))
print("yes" if len(tokens) == len(identifiers) == 100 and set(numbers) == set(range(6)) else "no: values repeat")
