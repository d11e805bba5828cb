module httpsms-harness/runners/go

go 1.20

require github.com/NdoleStudio/httpsms-go v0.0.6

require github.com/google/uuid v1.3.0 // indirect
