import pyparsing as pp

number = pp.Word(pp.nums).set_parse_action(lambda tokens: int(tokens[0]))
assert pp.DelimitedList(number).parse_string("1, 2, 3").as_list() == [1, 2, 3]
print("yes")
