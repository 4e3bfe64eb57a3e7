package wire

import (
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/apiserver"
)

// read carries out a request that only reads. If it wants a revision that is
// yet to come, that is waited for: the client may have heard of it elsewhere.
func (x *exchange) read(req apiserver.Request, resourceVersion string) (apiserver.Response, error) {
	res, err := x.do(req)
	if !apierrors.HasStatusCause(err, metav1.CauseTypeResourceVersionTooLarge) {
		return res, err
	}
	if _, maySucceedLater := apierrors.SuggestsClientDelay(err); !maySucceedLater {
		return res, err
	}
	asked, _ := revision(resourceVersion)
	x.awaitRevision(asked)
	return x.do(req)
}

// awaitRevision waits until the world has come to a revision, as long as a read
// may wait.
func (x *exchange) awaitRevision(revision int64) {
	if x.Store.Revision() >= revision {
		return
	}
	timeout := time.NewTimer(x.FreshnessTimeout)
	defer timeout.Stop()
	for {
		news := x.Store.News()
		if x.Store.Revision() >= revision {
			return
		}
		select {
		case <-news:
		case <-timeout.C:
			return
		case <-x.r.Context().Done():
			return
		}
	}
}
