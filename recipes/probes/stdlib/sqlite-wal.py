"""sqlite3: a write-ahead log (journal_mode=WAL)"""
import sqlite3

connection = sqlite3.connect("base.db")
mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
connection.execute("CREATE TABLE words (word TEXT)")
connection.commit()
print("journal_mode:", mode)
print("yes" if mode == "wal" else f"no: the mode is {mode}")
