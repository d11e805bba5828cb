module httpsms-harness/tests/clients/go

go 1.22

require (
	github.com/NdoleStudio/httpsms-go v0.0.6
	github.com/golang-jwt/jwt/v5 v5.3.0
	github.com/google/uuid v1.3.0
)
