"""spwd: the database of passwords"""
import warnings

warnings.simplefilter("ignore")
import spwd

users = spwd.getspall()
print("users:", len(users))
print("yes" if users else "no: it is empty")
