"""The tests. Tables and folders of cases are the data; the modules beside them only read and compare."""
