import platformdirs

assert "name" in platformdirs.user_cache_dir("name", "author")
print("yes")
