import io

import openpyxl

book = openpyxl.Workbook()
book.active["A1"] = 42
file = io.BytesIO()
book.save(file)
file.seek(0)
assert openpyxl.load_workbook(file).active["A1"].value == 42
print("yes")
