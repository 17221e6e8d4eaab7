"""How a person or a machine reads results: one module per form. Computes nothing and touches no files of the user's."""
