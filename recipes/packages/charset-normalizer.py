from charset_normalizer import from_bytes

text = "Größe, Äpfel und süße Früchte schmecken im Frühling"
assert str(from_bytes(text.encode("utf-8")).best()) == text
print("yes")
