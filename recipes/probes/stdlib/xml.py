"""xml: ElementTree, minidom and SAX"""
import xml.dom.minidom
import xml.etree.ElementTree
import xml.sax

TEXT = "<a><b c='1'>gr&#252;&#223;e</b></a>"
names = []


class Handler(xml.sax.ContentHandler):
    def startElement(self, name, attributes):
        names.append(name)


xml.sax.parseString(TEXT, Handler())
word = xml.etree.ElementTree.fromstring(TEXT).find("b").text
value = xml.dom.minidom.parseString(TEXT).getElementsByTagName("b")[0].getAttribute("c")
print(word, value, names)
print("yes" if (word, value, names) == ("grüße", "1", ["a", "b"]) else "no: the documents are read wrongly")
