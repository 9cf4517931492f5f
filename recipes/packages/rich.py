import io

from rich.console import Console
from rich.table import Table

table = Table("a")
table.add_row("[bold]b[/]")
console = Console(file=io.StringIO(), width=40)
console.print(table)
assert "b" in console.file.getvalue()
print("yes")
