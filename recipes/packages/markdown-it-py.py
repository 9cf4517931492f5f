from markdown_it import MarkdownIt

assert MarkdownIt().render("a **b**") == "<p>a <strong>b</strong></p>\n"
print("yes")
