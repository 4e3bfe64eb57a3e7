package wire

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apiserver/pkg/endpoints/handlers/negotiation"

	"github.com/minik8s/minik8s/apiserver/outside"
)

// write sends an object that is ready to be sent: of the right version, with
// its kind set.
func (o *output) write(w http.ResponseWriter, r *http.Request, code int, obj runtime.Object) {
	body := o.body(w, r, code)
	if err := o.encoder.Encode(obj, body); err != nil {
		if body.started {
			panic(http.ErrAbortHandler) // the client must not take half an answer for a whole one
		}
		writeError(w, r, err)
		return
	}
	body.close()
}

// body is an answer that is to be written in this form.
func (o *output) body(w http.ResponseWriter, r *http.Request, code int) *body {
	return &body{w: w, code: code, mediaType: o.mediaType, mayCompress: acceptsGzip(r)}
}

// writeUntransformed negotiates and writes an object that is no resource.
func writeUntransformed(w http.ResponseWriter, r *http.Request, code int, obj runtime.Object) {
	out, err := negotiate(r, negotiation.DefaultEndpointRestrictions)
	if err != nil {
		if code >= http.StatusBadRequest {
			writeRawJSON(w, code, obj) // the first error matters more
			return
		}
		status := asStatus(err)
		writeRawJSON(w, int(status.Code), status)
		return
	}
	out.write(w, r, code, obj)
}

// writeError answers with a metav1.Status.
func writeError(w http.ResponseWriter, r *http.Request, err error) {
	status := asStatus(err)
	if status.Details != nil && status.Details.RetryAfterSeconds > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(status.Details.RetryAfterSeconds)))
	}
	noteStatus(w, status)
	if errors.Is(err, outside.ErrTooLate) {
		writeTooLate(w)
		return
	}
	writeUntransformed(w, r, int(status.Code), status)
}

// asStatus makes a complete Status of an error. One that is none already is a
// 500 without a reason, as upstream's.
func asStatus(err error) *metav1.Status {
	status := metav1.Status{Message: err.Error()}
	var known apierrors.APIStatus
	if errors.As(err, &known) {
		status = known.Status()
	}
	status.TypeMeta = metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}
	if status.Status == "" {
		status.Status = metav1.StatusFailure
	}
	if status.Code == 0 {
		status.Code = http.StatusInternalServerError
	}
	return &status
}

// compressFrom is the size in bytes from which on an answer is compressed, as
// upstream's.
const compressFrom = 128 * 1024

var gzipWriters = sync.Pool{New: func() any {
	gz, err := gzip.NewWriterLevel(nil, 1)
	if err != nil {
		panic(err)
	}
	return gz
}}

func acceptsGzip(r *http.Request) bool {
	for _, header := range r.Header.Values("Accept-Encoding") {
		for encoding := range strings.SplitSeq(header, ",") {
			if name, _, _ := strings.Cut(encoding, ";"); strings.TrimSpace(name) == "gzip" {
				return true
			}
		}
	}
	return false
}

// body is the body of an answer. It holds back the beginning until it is
// known whether the whole is large enough to be compressed.
type body struct {
	w           http.ResponseWriter
	code        int
	mediaType   string
	mayCompress bool

	held    []byte
	started bool
	to      io.Writer
}

func (b *body) Write(p []byte) (int, error) {
	if b.started {
		return b.to.Write(p)
	}
	if b.mayCompress && len(b.held)+len(p) <= compressFrom {
		b.held = append(b.held, p...)
		return len(p), nil
	}
	b.start(b.mayCompress)
	if _, err := b.to.Write(b.held); err != nil {
		return 0, err
	}
	b.held = nil
	return b.to.Write(p)
}

func (b *body) start(compress bool) {
	b.started = true
	b.to = b.w
	b.w.Header().Set("Content-Type", b.mediaType)
	if compress {
		b.w.Header().Set("Content-Encoding", "gzip")
		b.w.Header().Add("Vary", "Accept-Encoding")
		gz := gzipWriters.Get().(*gzip.Writer)
		gz.Reset(b.w)
		b.to = gz
	}
	b.w.WriteHeader(b.code)
}

// close sends what was held back. An error means that the client is gone.
func (b *body) close() {
	if !b.started {
		b.start(false)
		b.to.Write(b.held)
	}
	if gz, ok := b.to.(*gzip.Writer); ok {
		gz.Close()
		gzipWriters.Put(gz)
	}
}
