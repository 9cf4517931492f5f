import networkx as nx

assert nx.shortest_path(nx.path_graph(5), 0, 3) == [0, 1, 2, 3]
print("yes")
