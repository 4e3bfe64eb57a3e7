package outside

import apierrors "k8s.io/apimachinery/pkg/api/errors"

// ErrTooLate is the 504 of a request whose time is over while the world outside
// was asked.
//
// Upstream: k8s.io/apiserver/pkg/server/filters (WithTimeoutForNonLongRunningRequests), asked about after each answer instead of by a timer.
var ErrTooLate = apierrors.NewTimeoutError("request did not complete within the allotted timeout", 0)
