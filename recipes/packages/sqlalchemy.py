import sqlalchemy as sa

table = sa.Table("t", sa.MetaData(), sa.Column("a", sa.Integer), sa.Column("b", sa.String))
assert "WHERE t.a > " in str(sa.select(table.c.b).where(table.c.a > 1))
print("yes")
