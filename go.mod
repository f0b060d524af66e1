module firetower

go 1.26
