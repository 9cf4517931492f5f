from pip._internal.cli.main import main

try:
    status = main(["--version"])
except SystemExit as end:
    status = end.code
assert not status, status
print("yes")
