"""_crypt: hashes of passwords"""
import warnings

warnings.simplefilter("ignore")
import crypt

print("methods:", crypt.methods)
word = crypt.crypt("word", "$6$saltstring")
print(word)
print("yes" if word and word.startswith("$6$saltstring$") and crypt.crypt("word", word) == word else f"no: got {word}")
