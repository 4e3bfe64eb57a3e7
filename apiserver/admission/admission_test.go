package admission_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"github.com/stretchr/testify/require"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/types"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"

	"github.com/minik8s/minik8s/apiserver"
	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/store"
)

// TestPlugins runs the files in testdata, each about one plugin, at a door to
// a world of its own that has a namespace "dev". Commands:
//
//	create | update [SUBRESOURCE] [dry-run]   the YAML of the input, each with its answer and warnings
//	patch RESOURCE NS/NAME [SUBRESOURCE]      the input is a merge patch
//	delete RESOURCE NS/NAME
//	bind NS/NAME NODE
//	get RESOURCE NS/NAME [FIELD ...]          fields are paths like spec.volumes
//	evict NS/NAME
//	token NS/NAME [AUDIENCE ...]              the input is a reference to the object that the token is bound to
//	as USER                                   who asks from here on; "admin" may do anything
//
// `go test -args -rewrite` writes the answers anew; read the diff.
func TestPlugins(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, file string) {
		d := newDoor(t)
		datadriven.RunTest(t, file, func(t *testing.T, c *datadriven.TestData) string {
			d.t = t
			return d.do(c)
		})
	})
}

// door is a world's API, and who uses it.
type door struct {
	t *testing.T
	*apiserver.Server
	user apiserver.User
}

var admin = apiserver.User{Name: "admin", Groups: []string{"system:masters"}}

func newDoor(t *testing.T) *door {
	d := &door{t: t, user: admin}
	st := store.New()
	st.CheckImmutable()
	t.Cleanup(func() { require.NoError(t, st.VerifyImmutable()) })
	d.Server = apiserver.New(apiserver.Config{
		Store: st,
		Kinds: kinds.NewRegistry(kinds.All()),
		Now:   func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) },
		Seed:  1,
	})
	for _, name := range []string{"default", "dev"} {
		_, err := d.Do(apiserver.Request{
			Verb: apiserver.Create, Resource: corev1.SchemeGroupVersion.WithResource("namespaces"),
			Object: &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}, User: admin,
		})
		require.NoError(t, err)
	}
	return d
}

func (d *door) do(c *datadriven.TestData) string {
	switch c.Cmd {
	case "create", "update":
		return d.write(c)
	case "patch":
		r := d.request(apiserver.Patch, arg(c, 0), arg(c, 1))
		r.Subresource, r.PatchType, r.Patch = arg(c, 2), types.StrategicMergePatchType, mustJSON(d.t, c.Input)
		return d.answer(r)
	case "delete":
		return d.answer(d.request(apiserver.Delete, arg(c, 0), arg(c, 1)))
	case "bind":
		r := d.request(apiserver.Create, "pods", arg(c, 0))
		r.Subresource = "binding"
		r.Object = &corev1.Binding{ObjectMeta: metav1.ObjectMeta{Name: r.Name}, Target: corev1.ObjectReference{Kind: "Node", Name: arg(c, 1)}}
		return d.answer(r)
	case "evict":
		r := d.request(apiserver.Create, "pods", arg(c, 0))
		r.Subresource, r.Object = "eviction", &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Namespace: r.Namespace, Name: r.Name}}
		return d.answer(r)
	case "token":
		return d.token(c)
	case "get":
		return d.get(c)
	case "as":
		d.user = apiserver.User{Name: arg(c, 0)}
		switch {
		case d.user.Name == admin.Name:
			d.user = admin
		case strings.HasPrefix(d.user.Name, "system:node:"):
			d.user.Groups = []string{"system:nodes", "system:authenticated"}
		}
		return "ok\n"
	}
	return "no such command\n"
}

func (d *door) token(c *datadriven.TestData) string {
	r := d.request(apiserver.Create, "serviceaccounts", arg(c, 0))
	asked := &authenticationv1.TokenRequest{}
	for i := 1; i < len(c.CmdArgs); i++ {
		asked.Spec.Audiences = append(asked.Spec.Audiences, arg(c, i))
	}
	if c.Input != "" {
		require.NoError(d.t, yaml.UnmarshalStrict([]byte(c.Input), &asked.Spec.BoundObjectRef))
	}
	r.Subresource, r.Object = "token", asked
	return d.answer(r)
}

func arg(c *datadriven.TestData, n int) string {
	if n >= len(c.CmdArgs) {
		return ""
	}
	return c.CmdArgs[n].String()
}

func mustJSON(t *testing.T, text string) []byte {
	b, err := yaml.YAMLToJSON([]byte(text))
	require.NoError(t, err)
	return b
}

func (d *door) request(verb apiserver.Verb, resource, key string) apiserver.Request {
	namespace, name, found := strings.Cut(key, "/")
	if !found {
		namespace, name = "", key
	}
	for _, k := range d.Kinds.All() {
		if k.Resource == resource {
			return apiserver.Request{Verb: verb, Resource: k.GroupVersion().WithResource(resource), Namespace: namespace, Name: name, User: d.user}
		}
	}
	d.t.Fatalf("no kind has the plural %q", resource)
	return apiserver.Request{}
}

// write sends each YAML document of the input. The first word after the
// command may be a subresource.
func (d *door) write(c *datadriven.TestData) string {
	var out strings.Builder
	reader := utilyaml.NewYAMLReader(bufio.NewReader(strings.NewReader(c.Input)))
	for {
		document, err := reader.Read()
		if err == io.EOF {
			return out.String()
		}
		require.NoError(d.t, err)
		obj := d.decode(document)
		kind, ok := d.Kinds.Of(obj)
		require.True(d.t, ok)
		r := apiserver.Request{Verb: apiserver.Verb(c.Cmd), Resource: kind.GroupVersion().WithResource(kind.Resource), Object: obj, User: d.user}
		if kind.Namespaced && obj.GetNamespace() == "" {
			obj.SetNamespace("dev")
		}
		for i := range c.CmdArgs {
			if word := arg(c, i); word == "dry-run" {
				r.CreateOptions = &metav1.CreateOptions{DryRun: []string{"All"}}
			} else {
				r.Subresource = word
			}
		}
		out.WriteString(d.answer(r))
	}
}

func (d *door) decode(document []byte) kinds.Object {
	decoded, _, err := serializer.NewCodecFactory(kinds.Scheme(), serializer.EnableStrict).UniversalDeserializer().Decode(document, nil, nil)
	require.NoError(d.t, err)
	return decoded.(kinds.Object)
}

// answer is "ok NAME" or "403 Forbidden: text", and the warnings.
func (d *door) answer(r apiserver.Request) string {
	res, err := d.Do(r)
	var out strings.Builder
	if status, ok := err.(apierrors.APIStatus); ok {
		fmt.Fprintf(&out, "%d %s: %s\n", status.Status().Code, status.Status().Reason, status.Status().Message)
	} else {
		require.NoError(d.t, err)
		out.WriteString("ok\n")
	}
	for _, w := range res.Warnings {
		fmt.Fprintf(&out, "Warning: %s\n", w)
	}
	return out.String()
}

func (d *door) get(c *datadriven.TestData) string {
	res, err := d.Do(d.request(apiserver.Get, arg(c, 0), arg(c, 1)))
	if err != nil {
		return err.Error() + "\n"
	}
	obj, err := runtime.DefaultUnstructuredConverter.ToUnstructured(res.Object)
	require.NoError(d.t, err)
	shown := map[string]any{}
	for i := 2; i < len(c.CmdArgs); i++ {
		path := strings.Split(arg(c, i), ".")
		if value, found, _ := unstructured.NestedFieldNoCopy(obj, path...); found {
			shown[arg(c, i)] = value
		}
	}
	encoded, err := json.Marshal(shown)
	require.NoError(d.t, err)
	out, err := yaml.JSONToYAML(encoded)
	require.NoError(d.t, err)
	return string(out)
}
