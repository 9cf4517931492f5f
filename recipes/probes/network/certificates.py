"""ssl: certificates of public authorities are there"""
import ssl

print(ssl.get_default_verify_paths())
context = ssl.create_default_context()
stats = context.cert_store_stats()
print("loaded:", stats)
# Those of a folder are loaded one by one when they are needed.
folder = ssl.get_default_verify_paths().capath
print("yes" if stats["x509_ca"] or folder else "no: none were found")
