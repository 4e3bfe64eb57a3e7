package minik8s

import (
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

// answer asks a webhook, which has its own timeout or what is left of the
// request's. The error is that nothing is left: then it does not matter what
// the webhook has said, or what its failure would mean.
func (a *asking) answer(q outside.Question) (outside.Answer, error) {
	if a.until.IsZero() {
		if a.lasts <= 0 || a.lasts > maxRequest {
			a.lasts = maxRequest
		}
		a.until = time.Now().Add(a.lasts)
	}
	q.Timeout = min(q.Timeout, time.Until(a.until))
	answer := a.ask(q)
	answer.Key = q.Key
	if time.Until(a.until) <= 0 {
		return outside.Answer{}, outside.ErrTooLate
	}
	return answer, nil
}
