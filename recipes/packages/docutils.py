from docutils.core import publish_string

assert b"<em>b</em>" in publish_string("a *b*", writer="html5", settings_overrides={"embed_stylesheet": False})
print("yes")
