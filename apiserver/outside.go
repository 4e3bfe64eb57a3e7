package apiserver

import (
	"errors"
	"slices"

	"github.com/minik8s/minik8s/apiserver/outside"
)

// Unanswered is the error of a request that meets questions to which it carries
// no answer. Nothing was written.
type Unanswered struct {
	outside.Questions
	// Request is the request as it was given, for sending it again.
	Request Request
}

// Unwrap gives the questions, which are all that some need to know.
func (u *Unanswered) Unwrap() error { return u.Questions }

// With is the request with more answers.
func (u *Unanswered) With(answers ...outside.Answer) Request {
	r := u.Request
	r.Answers = append(slices.Clip(r.Answers), answers...)
	return r
}

// ask finds the answer in the request. The error is outside.Questions.
func (c *call) ask(q outside.Question) (outside.Answer, error) { return among(c.req.Answers, q) }

func among(answers []outside.Answer, q outside.Question) (outside.Answer, error) {
	for _, a := range answers {
		if a.Key == q.Key {
			return a, nil
		}
	}
	return outside.Answer{}, outside.Questions{q}
}

// answerable is do for a request that may meet questions: it works on a copy,
// so that the request can be sent again as it was given.
func (s *Server) answerable(req Request) (Response, error) {
	given := req
	if req.Object != nil {
		req.Object = req.Object.DeepCopyObject()
	}
	response, err := s.do(req)
	var questions outside.Questions
	if errors.As(err, &questions) {
		return Response{}, &Unanswered{Questions: questions, Request: given}
	}
	return response, err
}
