// The Go module httpsms-go as a runner: its answers are the module's own. docs/runner-protocol.md has the protocol.
package main

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"

	httpsms "github.com/NdoleStudio/httpsms-go"
)

const module = "github.com/NdoleStudio/httpsms-go"

var cipher = httpsms.New().Cipher

// request has its texts as encoding/json gives them to any Go program: U+FFFD for a lone surrogate.
type request struct {
	ID         json.RawMessage `json:"id"`
	Op         string          `json:"op"`
	Key        *string         `json:"key"`
	Text       *string         `json:"text"`
	Ciphertext *string         `json:"ciphertext"`
	IV         *string         `json:"iv_hex"`
}

// field is one member of an answer; its value is JSON.
type field struct{ name, value string }

// badRequest is what a request gets that is none.
type badRequest struct{ problem string }

func (it badRequest) Error() string { return it.problem }

func hello() []field {
	return []field{
		{"protocol", "1"},
		{"name", `"go"`},
		{"version", quoted("httpsms-go " + version() + ", Go " + strings.TrimPrefix(runtime.Version(), "go"))},
		{"dialect", `"go"`},
		{"can", `["encrypt","decrypt","iv"]`},
	}
}

// version is that of the module in this very program.
func version() string {
	built, _ := debug.ReadBuildInfo()
	for _, part := range built.Deps {
		if part.Path == module {
			return part.Version
		}
	}
	return "of an unknown version"
}

func encrypt(it request) ([]field, error) {
	if it.Key == nil || it.Text == nil {
		return nil, badRequest{"encrypt needs a key and a text"}
	}
	if it.IV != nil {
		iv, err := hex.DecodeString(*it.IV)
		if err != nil || len(iv) != 16 {
			return nil, badRequest{"iv_hex has to be 16 bytes in hex"}
		}
		defer func(drawn io.Reader) { rand.Reader = drawn }(rand.Reader)
		rand.Reader = bytes.NewReader(iv)
	}
	ciphertext, err := cipher.Encrypt(*it.Key, *it.Text)
	return []field{{"ciphertext", quoted(ciphertext)}}, err
}

// decrypt answers in hex, because the module hands on bytes that are no UTF-8, and JSON has none.
func decrypt(it request) ([]field, error) {
	if it.Key == nil || it.Ciphertext == nil {
		return nil, badRequest{"decrypt needs a key and a ciphertext"}
	}
	text, err := cipher.Decrypt(*it.Key, *it.Ciphertext)
	return []field{{"text_hex", `"` + hex.EncodeToString([]byte(text)) + `"`}}, err
}

// call answers one request; a panic is an answer, too.
func call(it request) (fields []field) {
	defer func() {
		if panicked := recover(); panicked != nil {
			fields = failed("panic", fmt.Sprintf("%T", panicked), fmt.Sprint(panicked))
		}
	}()
	var err error
	switch it.Op {
	case "hello":
		fields = hello()
	case "encrypt":
		fields, err = encrypt(it)
	case "decrypt":
		fields, err = decrypt(it)
	case "bye":
	default:
		err = badRequest{"no operation " + strconv.Quote(it.Op)}
	}
	if err != nil {
		return refused(err)
	}
	return fields
}

func refused(err error) []field {
	if errors.As(err, new(badRequest)) {
		return failed("error", "BadRequest", err.Error())
	}
	return failed("error", fmt.Sprintf("%T", err), err.Error())
}

func failed(how, class, message string) []field {
	return []field{{how, quoted(class)}, {"message", quoted(message)}}
}

// answer is the line that answers a line, without its end.
func answer(line []byte) (it request, said []byte) {
	err := json.Unmarshal(line, &it)
	if it.ID == nil {
		it.ID = json.RawMessage("null")
	}
	var fields []field
	if err != nil {
		fields = failed("error", "BadRequest", err.Error())
	} else {
		fields = call(it)
	}
	said = append([]byte(`{"id":`), it.ID...)
	for _, field := range fields {
		said = append(append(append(append(said, `,"`...), field.name...), `":`...), field.value...)
	}
	return it, append(said, '}')
}

// quoted is a JSON string of ASCII alone.
func quoted(text string) string {
	plain, _ := json.Marshal(text)
	if strings.IndexFunc(text, foreign) < 0 {
		return string(plain)
	}
	var ascii strings.Builder
	for _, unit := range utf16.Encode([]rune(string(plain))) {
		if unit > unicode.MaxASCII {
			fmt.Fprintf(&ascii, `\u%04x`, unit)
		} else {
			ascii.WriteByte(byte(unit))
		}
	}
	return ascii.String()
}

func foreign(it rune) bool { return it > unicode.MaxASCII }

// waiting says whether a whole line is there already.
func waiting(input *bufio.Reader) bool {
	there, _ := input.Peek(input.Buffered())
	return bytes.IndexByte(there, '\n') >= 0
}

func main() {
	input, output := bufio.NewReaderSize(os.Stdin, 1<<16), bufio.NewWriterSize(os.Stdout, 1<<16)
	defer output.Flush()
	for {
		line, err := input.ReadBytes('\n')
		if line = bytes.TrimSpace(line); len(line) > 0 {
			it, said := answer(line)
			output.Write(append(said, '\n'))
			if it.Op == "bye" {
				return
			}
		}
		if err != nil {
			return
		}
		if !waiting(input) {
			output.Flush()
		}
	}
}
