module flint/lab/services

go 1.19
