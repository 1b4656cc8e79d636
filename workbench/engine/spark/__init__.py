"""The second engine: the same SQL on Spark, for what doesn't fit one machine. See README.md of `engine`."""
