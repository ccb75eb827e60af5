"""How an arm gets better with more rows: its learning curve."""
