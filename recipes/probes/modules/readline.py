"""readline: history and key bindings"""
import readline

readline.parse_and_bind("tab: complete")
readline.set_completer(lambda text, state: None)
readline.add_history("word")
readline.write_history_file("history")
length = readline.get_current_history_length()
print("backend:", getattr(readline, "backend", "unknown"), "entries:", length, readline.get_history_item(length))
with open("history") as file:
    print("yes" if "word" in file.read() else "no: the entry is not in the file")
