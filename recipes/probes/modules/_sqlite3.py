"""_sqlite3: a database in memory"""
import sqlite3

connection = sqlite3.connect(":memory:")
connection.create_function("double", 1, lambda value: value * 2)
connection.execute("CREATE TABLE numbers (number INTEGER)")
connection.executemany("INSERT INTO numbers VALUES (?)", [(1,), (2,), (3,)])
total = connection.execute("SELECT sum(double(number)) FROM numbers").fetchone()[0]
print(sqlite3.sqlite_version, "threadsafety:", sqlite3.threadsafety, "total:", total)
print("yes" if total == 12 else f"no: the total is {total}")
