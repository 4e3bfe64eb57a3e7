package apiserver

import (
	"errors"
	"fmt"
	"slices"

	"github.com/minik8s/minik8s/apiserver/outside"
)

// Unanswered is the error of a request that meets a question to which it
// carries no answer. Nothing was written.
type Unanswered struct {
	Question outside.Question
	// Request is the request as it was given, for sending it again.
	Request Request
}

func (u *Unanswered) Error() string {
	return fmt.Sprintf("the answer of %s is needed first", u.Question.URL)
}

// With is the request with one more answer.
func (u *Unanswered) With(a outside.Answer) Request {
	r := u.Request
	if r.Object != nil {
		r.Object = r.Object.DeepCopyObject()
	}
	r.Answers = append(slices.Clip(r.Answers), a)
	return r
}

// ask finds the answer in the request. The error is Unanswered.
func (c *call) ask(q outside.Question) (outside.Answer, error) { return among(c.req.Answers, q) }

func among(answers []outside.Answer, q outside.Question) (outside.Answer, error) {
	for _, a := range answers {
		if a.Key == q.Key {
			return a, nil
		}
	}
	return outside.Answer{}, &Unanswered{Question: q}
}

// answerable is do for a request that may meet questions: it remembers the
// request, which do may change, as it was given.
func (s *Server) answerable(req Request) (Response, error) {
	given := req
	if req.Object != nil {
		given.Object = req.Object.DeepCopyObject()
	}
	response, err := s.do(req)
	var question *Unanswered
	if errors.As(err, &question) {
		question.Request = given
		return Response{}, question
	}
	return response, err
}
