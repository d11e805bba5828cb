// The Go module httpsms-go as a child process: a line of JSON in is a call, a line of JSON out is its result.
//
//	{"call": "encrypt", "key": "Password123", "text": "Hello"}  ->  {"answer": "…"} or {"error": "…", "status": 401}
//
// HTTPSMS_URL and HTTPSMS_KEY say which server, and with which user key.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"log"
	"os"
	"reflect"
	"strings"

	httpsms "github.com/NdoleStudio/httpsms-go"
	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

// facts holds what any of the calls needs.
type facts struct {
	Call       string                    `json:"call"`
	Message    httpsms.MessageSendParams `json:"message"`
	Owner      string                    `json:"owner"`
	Contact    string                    `json:"contact"`
	Skip       int                       `json:"skip"`
	Limit      int                       `json:"limit"`
	Query      *string                   `json:"query"`
	ID         uuid.UUID                 `json:"id"`
	Key        string                    `json:"key"`
	Text       string                    `json:"text"`
	Ciphertext string                    `json:"ciphertext"`
	Token      string                    `json:"token"`
	Audience   string                    `json:"audience"`
}

// result carries the HTTP response, too: the client hands it out beside every answer and every error.
type result struct {
	Answer any             `json:"answer"`
	Error  string          `json:"error,omitempty"`
	Status int             `json:"status,omitempty"`
	Body   json.RawMessage `json:"body,omitempty"`
}

var client = httpsms.New(httpsms.WithBaseURL(os.Getenv("HTTPSMS_URL")), httpsms.WithAPIKey(os.Getenv("HTTPSMS_KEY")))

// call is one method of the client, or of golang-jwt for "verify".
func call(ctx context.Context, it facts) (any, *httpsms.Response, error) {
	switch it.Call {
	case "offers":
		return offers(), nil, nil
	case "declares":
		return declares(), nil, nil
	case "send":
		return data(client.Messages.Send(ctx, &it.Message))
	case "messages":
		return data(client.Messages.Index(ctx, &httpsms.MessageIndexParams{
			Owner: it.Owner, Contact: it.Contact, Skip: it.Skip, Limit: it.Limit, Query: it.Query,
		}))
	case "heartbeats":
		return data(client.Heartbeats.Index(ctx, &httpsms.HeartbeatIndexParams{
			Owner: it.Owner, Skip: it.Skip, Limit: it.Limit, Query: it.Query,
		}))
	case "threads":
		return data(client.MessageThreads.Index(ctx, &httpsms.MessageThreadIndexParams{
			Owner: it.Owner, Skip: it.Skip, Limit: it.Limit, Query: it.Query,
		}))
	case "delete_thread":
		response, err := client.MessageThreads.Delete(ctx, it.ID)
		return nil, response, err
	case "encrypt":
		ciphertext, err := client.Cipher.Encrypt(it.Key, it.Text)
		return ciphertext, nil, err
	case "decrypt":
		text, err := client.Cipher.Decrypt(it.Key, it.Ciphertext)
		return text, nil, err
	case "verify":
		claims := jwt.MapClaims{}
		_, err := jwt.ParseWithClaims(
			it.Token, claims, func(*jwt.Token) (any, error) { return []byte(it.Key), nil },
			jwt.WithValidMethods([]string{"HS256"}), jwt.WithIssuer("api.httpsms.com"), jwt.WithAudience(it.Audience),
			jwt.WithExpirationRequired(),
		)
		return claims, nil, err
	default:
		return nil, nil, errors.New("no such call")
	}
}

// data takes the payload out of the client's envelope.
func data[Response any](answer *Response, response *httpsms.Response, err error) (any, *httpsms.Response, error) {
	if err != nil {
		return nil, response, err
	}
	return reflect.ValueOf(answer).Elem().FieldByName("Data").Interface(), response, nil
}

// offers names every method of the client's services.
func offers() []string {
	names := []string{}
	it := reflect.ValueOf(client).Elem()
	for at := range it.NumField() {
		field := it.Type().Field(at)
		for method := 0; field.IsExported() && method < field.Type.NumMethod(); method++ {
			names = append(names, field.Name+"."+field.Type.Method(method).Name)
		}
	}
	return names
}

// declares gives the JSON names of the fields that the client reads.
func declares() map[string][]string {
	names := map[string][]string{}
	for name, value := range map[string]any{
		"message": httpsms.Message{}, "heartbeat": httpsms.Heartbeat{}, "thread": httpsms.MessageThread{},
	} {
		for _, field := range reflect.VisibleFields(reflect.TypeOf(value)) {
			key, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			names[name] = append(names[name], key)
		}
	}
	return names
}

// answer makes one call. Decrypt panics for what is shorter than an IV.
func answer(line []byte) (said result) {
	defer func() {
		if panicked := recover(); panicked != nil {
			said = result{Error: "panic"}
		}
	}()
	var it facts
	if err := json.Unmarshal(line, &it); err != nil {
		return result{Error: err.Error()}
	}
	value, response, err := call(context.Background(), it)
	said.Answer = value
	if response != nil {
		said.Status = response.HTTPResponse.StatusCode
		if json.Valid(*response.Body) {
			said.Body = *response.Body
		}
	}
	if err != nil {
		said.Error = err.Error()
	}
	return said
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		if err := out.Encode(answer(lines.Bytes())); err != nil {
			log.Fatal(err)
		}
	}
}
