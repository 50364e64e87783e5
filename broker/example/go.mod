module example.org/gatehouse-broker

go 1.26.0

require gatehouse v0.0.0

require (
	github.com/gobwas/httphead v0.1.0 // indirect
	github.com/gobwas/ws v1.5.0 // indirect
)

replace gatehouse => ../..
