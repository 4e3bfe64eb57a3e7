package minik8s

import (
	"slices"
	"sync"
	"time"

	"github.com/minik8s/minik8s/apiserver/outside"
)

// maxRequest is how long a request may take, in real time.
const maxRequest = time.Minute

// asking is what one request asks webhooks. They share its time.
type asking struct {
	ask   func(outside.Question) outside.Answer
	lasts time.Duration // as the client has it; zero means that it does not say
	until time.Time     // counted from the first question
}

// answers asks webhooks. Each has its own timeout or what is left of the
// request's. The error is that nothing is left: then it does not matter what
// they have said, or what their failure would mean.
func (a *asking) answers(questions outside.Questions) ([]outside.Answer, error) {
	if a.until.IsZero() {
		if a.lasts <= 0 || a.lasts > maxRequest {
			a.lasts = maxRequest
		}
		a.until = time.Now().Add(a.lasts)
	}
	left := time.Until(a.until)
	limited := slices.Clone(questions)
	for i := range limited {
		limited[i].Timeout = min(limited[i].Timeout, left)
	}
	answers := askAll(a.ask, limited)
	if time.Until(a.until) <= 0 {
		return nil, outside.ErrTooLate
	}
	return answers, nil
}

// askAll asks side by side. The answers come in the questions' order, whichever
// arrives first.
func askAll(ask func(outside.Question) outside.Answer, questions outside.Questions) []outside.Answer {
	answers := make([]outside.Answer, len(questions))
	one := func(i int) {
		answers[i] = ask(questions[i])
		answers[i].Key = questions[i].Key
	}
	var others sync.WaitGroup
	for i := 1; i < len(questions); i++ {
		others.Go(func() { one(i) })
	}
	one(0)
	others.Wait()
	return answers
}
