"""sqlite3: a database in a file, with two connections"""
import sqlite3

first = sqlite3.connect("base.db", timeout=0.1)
first.execute("CREATE TABLE words (word TEXT)")
first.execute("INSERT INTO words VALUES ('one')")
first.commit()
second = sqlite3.connect("base.db", timeout=0.1)
print(sqlite3.sqlite_version, second.execute("SELECT word FROM words").fetchall())
# While one connection writes, the other one cannot.
first.execute("BEGIN IMMEDIATE")
try:
    second.execute("BEGIN IMMEDIATE")
    locked = False
except sqlite3.OperationalError as error:
    print(error)
    locked = True
first.execute("INSERT INTO words VALUES ('two')")
first.commit()
count = second.execute("SELECT count(*) FROM words").fetchone()[0]
assert count == 2, f"the other connection sees {count} of 2 rows"
print("yes" if locked else "partly: both connections could write")
