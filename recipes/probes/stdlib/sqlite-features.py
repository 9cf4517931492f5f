"""sqlite3: full-text search, R-trees, JSON and mathematics"""
import sqlite3

connection = sqlite3.connect(":memory:")
QUERIES = {
    "FTS5": "CREATE VIRTUAL TABLE texts USING fts5(text)",
    "R-trees": "CREATE VIRTUAL TABLE boxes USING rtree(id, low, high)",
    "JSON": "SELECT json_extract('{\"a\": 1}', '$.a')",
    "mathematics": "SELECT sqrt(2)",
    "local time": "SELECT datetime(0, 'unixepoch', 'localtime')",
    "random": "SELECT random()",
}
failed = []
for name, query in QUERIES.items():
    try:
        print(name, connection.execute(query).fetchall())
    except sqlite3.OperationalError as error:
        print(f"{name}: {error}")
        failed.append(name)
print("yes" if not failed else f"partly: not {', '.join(failed)}")
