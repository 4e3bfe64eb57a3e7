package wire

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apiserver/pkg/endpoints/request"
)

// checkTimeout refuses a timeout that is no duration. Requests that take their
// time have another parameter, timeoutSeconds.
//
// Upstream: k8s.io/apiserver/pkg/endpoints/filters (WithRequestDeadline), without the deadline: a request is answered at once or when a webhook has answered.
func checkTimeout(r *http.Request, info *request.RequestInfo) error {
	if !strings.Contains(r.URL.RawQuery, "timeout") || isLong(info) {
		return nil
	}
	text := r.URL.Query().Get("timeout")
	if text == "" {
		return nil
	}
	if _, err := time.ParseDuration(text); err != nil {
		return apierrors.NewBadRequest(fmt.Sprintf("invalid timeout specified in the request URL - %v", err))
	}
	return nil
}
