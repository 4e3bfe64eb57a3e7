package wire

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apiserver/pkg/endpoints/request"

	"github.com/minik8s/minik8s/apiserver/outside"
)

// checkTimeout refuses a timeout that is no duration. Requests that take their
// time have another parameter, timeoutSeconds.
func checkTimeout(r *http.Request, info *request.RequestInfo) error {
	if isLong(info) {
		return nil
	}
	if _, err := requestTimeout(r); err != nil {
		return apierrors.NewBadRequest(fmt.Sprintf("invalid timeout specified in the request URL - %v", err))
	}
	return nil
}

// requestTimeout is how long the client lets a request take, or zero if it does
// not say.
//
// Upstream: k8s.io/apiserver/pkg/endpoints/filters (WithRequestDeadline), where only webhooks take time: they get what is left of it.
func requestTimeout(r *http.Request) (time.Duration, error) {
	if !strings.Contains(r.URL.RawQuery, "timeout") {
		return 0, nil
	}
	text := r.URL.Query().Get("timeout")
	if text == "" {
		return 0, nil
	}
	return time.ParseDuration(text)
}

// writeTooLate answers a request whose time is over. The filter that does so
// knows neither what the client would like to read nor what a Status is called.
//
// Upstream: k8s.io/apiserver/pkg/server/filters (WithTimeoutForNonLongRunningRequests), complete.
func writeTooLate(w http.ResponseWriter) {
	status := outside.ErrTooLate.Status()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8") // upstream's server guesses
	w.WriteHeader(int(status.Code))
	json.NewEncoder(w).Encode(status)
}
