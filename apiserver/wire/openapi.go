package wire

import (
	"bytes"
	"crypto/sha512"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	openapi_v2 "github.com/google/gnostic-models/openapiv2"
	openapi_v3 "github.com/google/gnostic-models/openapiv3"
	"github.com/munnerz/goautoneg"
	"google.golang.org/protobuf/proto"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/version"
)

// openAPI serves the schemas of all that is served. A document is built when
// it is first asked for, and only its bytes are kept.
type openAPI struct {
	builder openAPIBuilder
	v2      document
	v3      map[string]*document // by path below /openapi/v3: "apis/apps/v1"
	index   []byte               // the answer to /openapi/v3
	started time.Time
}

// document is one OpenAPI document as it is sent.
type document struct {
	etag  string // known before the document is built
	json  func() ([]byte, error)
	proto func() ([]byte, error)
}

func newDocument(etag string, build func() ([]byte, error), toProto func([]byte) ([]byte, error)) document {
	d := document{etag: etag, json: sync.OnceValues(build)}
	d.proto = sync.OnceValues(func() ([]byte, error) {
		text, err := d.json()
		if err != nil {
			return nil, err
		}
		return toProto(text)
	})
	return d
}

// newOpenAPI prepares the documents of all that is served. Those of before
// that describe the same are kept.
func newOpenAPI(all *endpoints, v version.Info, before *openAPI) *openAPI {
	o := &openAPI{builder: openAPIBuilder{all, v}, v3: map[string]*document{}, started: time.Now()}
	o.v2 = newDocument(o.builder.etag("v2", all.groups...), o.builder.v2, v2ToProto)
	add := func(path, etag string, build func() ([]byte, error)) {
		d := newDocument(etag, build, v3ToProto)
		o.v3[path] = &d
		if before != nil && before.v3[path] != nil && before.v3[path].etag == etag {
			o.v3[path] = before.v3[path]
		}
	}
	for _, c := range indexRoutes(all.groups) {
		add(strings.TrimPrefix(c.root, "/"), o.builder.etag("v3 "+c.root), func() ([]byte, error) { return o.builder.v3Index(c) })
	}
	for _, g := range all.groups {
		for _, gv := range g.versions {
			etag := o.builder.etag("v3", group{g.name, []groupVersion{gv}})
			add(strings.TrimPrefix(rootOf(gv.GroupVersion), "/"), etag, func() ([]byte, error) { return o.builder.v3(gv) })
		}
	}
	if before != nil && before.v2.etag == o.v2.etag {
		o.v2 = before.v2
	}
	o.index = o.v3Index()
	return o
}

// v3Index says where the document of each path is.
func (o *openAPI) v3Index() []byte {
	paths := map[string]map[string]string{}
	for path, d := range o.v3 {
		paths[path] = map[string]string{"serverRelativeURL": v3URL(path, d.etag)}
	}
	index, _ := json.Marshal(map[string]any{"paths": paths}) // maps of strings
	return index
}

func v3URL(path, etag string) string {
	return "/openapi/v3/" + path + "?hash=" + url.QueryEscape(etag)
}

func v2ToProto(text []byte) ([]byte, error) {
	parsed, err := openapi_v2.ParseDocument(text)
	if err != nil {
		return nil, err
	}
	return proto.Marshal(parsed)
}

func v3ToProto(text []byte) ([]byte, error) {
	parsed, err := openapi_v3.ParseDocument(text)
	if err != nil {
		return nil, err
	}
	return proto.Marshal(parsed)
}

func (o *openAPI) serve(w http.ResponseWriter, r *http.Request, path string) {
	switch path {
	case "/openapi/v2":
		o.v2.serve(w, r, "v2", o.started)
	case "/openapi/v3":
		w.Header().Set("Etag", strconv.Quote(etagOf(o.index)))
		w.Header().Set("Content-Type", "text/plain; charset=utf-8") // upstream's server guesses
		http.ServeContent(w, r, "", o.started, bytes.NewReader(o.index))
	default:
		name := strings.TrimPrefix(path, "/openapi/v3/")
		d, ok := o.v3[name]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		o.serveV3(w, r, name, d)
	}
}

// serveV3 lets a client that named the right hash keep the document for good.
func (o *openAPI) serveV3(w http.ResponseWriter, r *http.Request, name string, d *document) {
	if hash := r.URL.Query().Get("hash"); hash != "" {
		if hash != d.etag {
			w.Header().Set("Location", v3URL(name, d.etag))
			w.WriteHeader(http.StatusMovedPermanently)
			return
		}
		w.Header().Set("Cache-Control", "public, immutable")
		w.Header().Set("Expires", time.Now().AddDate(1, 0, 0).UTC().Format(http.TimeFormat))
	}
	d.serve(w, r, "v3", o.started)
}

// serve sends a document as JSON or protobuf. version is "v2" or "v3".
func (d *document) serve(w http.ResponseWriter, r *http.Request, version string, started time.Time) {
	w.Header().Set("Vary", "Accept")
	mediaType, build := d.accepted(r.Header.Get("Accept"), version)
	if build == nil {
		w.WriteHeader(http.StatusNotAcceptable)
		return
	}
	data, err := build()
	if err != nil {
		writeError(w, r, apierrors.NewInternalError(fmt.Errorf("building the OpenAPI %s document: %w", version, err)))
		return
	}
	w.Header().Set("Etag", strconv.Quote(d.etag))
	if r.Header.Get("If-None-Match") == strconv.Quote(d.etag) || r.Header.Get("Range") != "" || !acceptsGzip(r) {
		w.Header().Set("Content-Type", mediaType)
		http.ServeContent(w, r, "", started, bytes.NewReader(data))
		return
	}
	out := &body{w: w, code: http.StatusOK, mediaType: mediaType, mayCompress: true}
	if _, err := out.Write(data); err == nil {
		out.close()
	}
}

// accepted picks the form that the client likes best. Both spellings of the
// protobuf type are in use.
func (d *document) accepted(header, version string) (mediaType string, build func() ([]byte, error)) {
	protobuf := "com.github.proto-openapi.spec." + version + ".v1.0+protobuf"
	if header == "" {
		header = "*/*"
	}
	for _, clause := range goautoneg.ParseAccept(header) {
		if clause.Type != "application" && clause.Type != "*" {
			continue
		}
		switch clause.SubType {
		case "json", "*":
			return "application/json", d.json
		case protobuf, "com.github.proto-openapi.spec." + version + "@v1.0+protobuf":
			return "application/" + protobuf, d.proto
		}
	}
	return "", nil
}

func etagOf(data []byte) string { return fmt.Sprintf("%X", sha512.Sum512(data)) }
