package apiserver

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Question is something that only a program outside of the world can answer: a
// call to a webhook. The door never makes the call itself. It refuses the
// request with Unanswered; whoever sent the request asks, adds the answer to
// the request and sends it again. So Do stays a function of the world and the
// request, and what is journalled can be done again without the webhook.
type Question struct {
	// Key names the question: the same key in one request has the same answer.
	Key string
	// URL, CABundle and ServerName are where the webhook is and how it proves
	// itself. ServerName may be empty.
	URL        string
	CABundle   []byte
	ServerName string
	// Body is sent as application/json.
	Body []byte
	// Timeout is in real time.
	Timeout time.Duration
}

// Answer is what came of a question.
type Answer struct {
	Key string
	// Body is that of a 200 response.
	Body []byte
	// Err, if not empty, says why there was no such response. Timeout says
	// that the webhook took too long.
	Err     string
	Timeout bool
}

// Unanswered is the error of a request that meets a question to which it
// carries no answer. Nothing was written.
type Unanswered struct {
	Question Question
	// Request is the request as it was given, for sending it again.
	Request Request
}

func (u *Unanswered) Error() string {
	return fmt.Sprintf("the answer of %s is needed first", u.Question.URL)
}

// With is the request with one more answer.
func (u *Unanswered) With(a Answer) Request {
	r := u.Request
	if r.Object != nil {
		r.Object = r.Object.DeepCopyObject()
	}
	r.Answers = append(slices.Clip(r.Answers), a)
	return r
}

// ask finds the answer in the request. The error is Unanswered.
func (c *call) ask(q Question) (Answer, error) {
	for _, a := range c.req.Answers {
		if a.Key == q.Key {
			return a, nil
		}
	}
	return Answer{}, &Unanswered{Question: q}
}

// answerable is Do for a request that may meet questions.
func (s *Server) answerable(req Request, do func(Request) (Response, error)) (Response, error) {
	given := req
	if req.Object != nil {
		given.Object = req.Object.DeepCopyObject()
	}
	response, err := do(req)
	var question *Unanswered
	if errors.As(err, &question) {
		question.Request = given
		return Response{}, question
	}
	return response, err
}
