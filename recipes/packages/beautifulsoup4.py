from bs4 import BeautifulSoup

soup = BeautifulSoup("<p class='a'>b<i>c</i></p>", "html.parser")
assert soup.select_one("p.a > i").text == "c"
print("yes")
