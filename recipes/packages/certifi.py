import certifi

with open(certifi.where(), encoding="ascii", errors="replace") as file:
    assert file.read().count("BEGIN CERTIFICATE") > 100
print("yes")
