package outside

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"
)

// Question is one call to a webhook.
type Question struct {
	// Key names the question: the same key in one request has the same answer.
	Key string
	// URL is where the webhook is, without a query, and CABundle, in PEM, how
	// it proves itself; empty means the system's authorities.
	URL      string
	CABundle []byte
	// Address, if not empty, is the host and port that is dialled in place of
	// the URL's: the endpoint behind a Service.
	Address string
	// Body is sent as application/json.
	Body []byte
	// Timeout is in real time.
	Timeout time.Duration
}

// Questions is the error of whoever cannot go on without their answers. They
// may be asked side by side; the answers are given in the questions' order.
type Questions []Question

func (q Questions) Error() string {
	urls := make([]string, len(q))
	for i := range q {
		urls[i] = q[i].URL
	}
	return "the answer of " + strings.Join(urls, ", ") + " is needed first"
}

// QuestionsIn are what an error says has to be asked first, or nil.
func QuestionsIn(err error) Questions {
	if err == nil {
		return nil // without a variable that escapes
	}
	var questions Questions
	errors.As(err, &questions)
	return questions
}

// AnsweredBy says that there is one answer to each question, in their order.
func (q Questions) AnsweredBy(answers []Answer) bool {
	return slices.EqualFunc(q, answers, func(q Question, a Answer) bool { return q.Key == a.Key })
}

// Answer is what came of a question.
type Answer struct {
	Key string
	// Body is that of a response which says that all went well.
	Body []byte
	// Err, if not empty, says why there was no such response.
	Err string
}

// Key makes a question's key of what it is about. It must leave out what
// differs when the same request is tried again a little later.
func Key(parts ...[]byte) string {
	h := sha256.New()
	for _, p := range parts {
		length := len(p)
		h.Write([]byte{byte(length >> 24), byte(length >> 16), byte(length >> 8), byte(length)})
		h.Write(p)
	}
	return hex.EncodeToString(h.Sum(nil))
}
