package apiserver

import (
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"

	"github.com/minik8s/minik8s/kinds"
)

func names(items []runtime.Object) []string {
	var out []string
	for _, o := range items {
		obj := o.(kinds.Object)
		out = append(out, obj.GetNamespace()+"/"+obj.GetName())
	}
	return out
}

// listWorld has pods a to e in default and one in dev.
func listWorld(t testing.TB) *world {
	w := newWorld(t)
	w.mustCreate("namespaces", "", &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "dev"}})
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		pod := newPodObject(name)
		if name == "c" {
			pod.Labels["app"] = "db"
		}
		w.mustCreate("pods", "default", pod)
	}
	w.mustCreate("pods", "dev", newPodObject("a"))
	require.NoError(t, w.bind("default/b", "node-1"))
	return w
}

func (w *world) list(key string, opts metav1.ListOptions) (Response, error) {
	req := w.request(List, "pods", key)
	req.ListOptions = &opts
	return w.Do(req)
}

func TestListSelects(t *testing.T) {
	w := listWorld(t)
	for _, tt := range []struct {
		namespace, labels, fields string
		want                      []string
	}{
		{want: []string{"default/a", "default/b", "default/c", "default/d", "default/e", "dev/a"}},
		{namespace: "dev/", want: []string{"dev/a"}},
		{namespace: "none/"},
		{labels: "app=db", want: []string{"default/c"}},
		{namespace: "default/", labels: "app!=db", want: []string{"default/a", "default/b", "default/d", "default/e"}},
		{labels: "app in (db, cache)", want: []string{"default/c"}},
		{labels: "!app"},
		{fields: "metadata.name=a", want: []string{"default/a", "dev/a"}},
		{fields: "metadata.namespace=dev", want: []string{"dev/a"}},
		{fields: "spec.nodeName=node-1", want: []string{"default/b"}},
		{fields: "status.phase!=Running,metadata.namespace=dev", want: []string{"dev/a"}},
		{fields: "spec.host=node-1", want: []string{"default/b"}},
		{labels: "app=web", fields: "spec.nodeName=node-1", want: []string{"default/b"}},
	} {
		t.Run(fmt.Sprintf("%s %s %s", tt.namespace, tt.labels, tt.fields), func(t *testing.T) {
			res, err := w.list(tt.namespace, metav1.ListOptions{LabelSelector: tt.labels, FieldSelector: tt.fields})
			require.NoError(t, err)
			require.Equal(t, tt.want, names(res.Items))
			require.Equal(t, w.revision(), res.Revision)
		})
	}
}

func TestListEventsUnderTheirOtherName(t *testing.T) {
	w := newWorld(t)
	w.say("Started", "x")
	req := Request{Verb: List, Resource: eventsv1.SchemeGroupVersion.WithResource("events"), ListOptions: &metav1.ListOptions{FieldSelector: "regarding.name=web"}}
	res, err := w.Do(req)
	require.NoError(t, err)
	require.Len(t, res.Items, 1)
}

func TestListInPages(t *testing.T) {
	w := listWorld(t)
	first, err := w.list("", metav1.ListOptions{Limit: 2})
	require.NoError(t, err)
	require.Equal(t, []string{"default/a", "default/b"}, names(first.Items))
	require.Equal(t, ptr.To[int64](4), first.Remaining)
	token, err := base64.RawURLEncoding.DecodeString(first.Continue)
	require.NoError(t, err)
	require.JSONEq(t, fmt.Sprintf(`{"v":"meta.k8s.io/v1","rv":%d,"start":"/default/b\u0000"}`, first.Revision), string(token))

	// What happens in between is not seen by the pages that follow.
	_, err = w.delete("pods", "default/c", nil)
	require.NoError(t, err)
	w.mustCreate("pods", "dev", newPodObject("late"))

	second, err := w.list("", metav1.ListOptions{Limit: 3, Continue: first.Continue})
	require.NoError(t, err)
	require.Equal(t, []string{"default/c", "default/d", "default/e"}, names(second.Items))
	require.Equal(t, first.Revision, second.Revision)
	require.Equal(t, ptr.To[int64](1), second.Remaining)
	last, err := w.list("", metav1.ListOptions{Limit: 3, Continue: second.Continue})
	require.NoError(t, err)
	require.Equal(t, []string{"dev/a"}, names(last.Items))
	require.Empty(t, last.Continue)
	require.Nil(t, last.Remaining)
}

func TestListInPagesWithinANamespace(t *testing.T) {
	w := listWorld(t)
	var got []string
	opts := metav1.ListOptions{Limit: 1, LabelSelector: "app=web"}
	for {
		page, err := w.list("default/", opts)
		require.NoError(t, err)
		require.Nil(t, page.Remaining, "unknown when a selector is used")
		got = append(got, names(page.Items)...)
		if opts.Continue = page.Continue; opts.Continue == "" {
			break
		}
	}
	require.Equal(t, []string{"default/a", "default/b", "default/d", "default/e"}, got)
}

func TestListAfterCompaction(t *testing.T) {
	w := listWorld(t)
	first, err := w.list("", metav1.ListOptions{Limit: 2})
	require.NoError(t, err)
	w.mustCreate("pods", "dev", newPodObject("late"))
	require.NoError(t, w.Store.Compact(w.revision()))

	_, err = w.list("", metav1.ListOptions{Limit: 2, Continue: first.Continue})
	require.Equal(t, "410 Expired: "+inconsistentContinue, answer(err))
	token := err.(interface{ Status() metav1.Status }).Status().Continue
	rest, err := w.list("", metav1.ListOptions{Continue: token})
	require.NoError(t, err)
	require.Equal(t, []string{"default/c", "default/d", "default/e", "dev/a", "dev/late"}, names(rest.Items))
}

func TestListAtRevision(t *testing.T) {
	w := listWorld(t)
	then := fmt.Sprint(w.revision())
	w.mustCreate("pods", "dev", newPodObject("late"))
	for _, tt := range []struct {
		opts metav1.ListOptions
		want int
	}{
		{metav1.ListOptions{ResourceVersion: "0"}, 7},
		{metav1.ListOptions{ResourceVersion: then}, 7},
		{metav1.ListOptions{ResourceVersion: then, ResourceVersionMatch: metav1.ResourceVersionMatchNotOlderThan}, 7},
		{metav1.ListOptions{ResourceVersion: then, ResourceVersionMatch: metav1.ResourceVersionMatchExact}, 6},
		{metav1.ListOptions{ResourceVersion: then, Limit: 100}, 6},
		{metav1.ListOptions{ResourceVersion: then, Limit: 100, ResourceVersionMatch: metav1.ResourceVersionMatchNotOlderThan}, 7},
		// Who takes any revision gets all there is, whatever the limit.
		{metav1.ListOptions{ResourceVersion: "0", Limit: 2}, 7},
		{metav1.ListOptions{ResourceVersion: "0", Limit: 2, ResourceVersionMatch: metav1.ResourceVersionMatchNotOlderThan}, 7},
	} {
		res, err := w.list("", tt.opts)
		require.NoError(t, err)
		require.Len(t, res.Items, tt.want, "%+v", tt.opts)
		require.Empty(t, res.Continue)
	}
}

// A single object is looked up: a limit says nothing about the revision then.
func TestListOneAtRevision(t *testing.T) {
	w := listWorld(t)
	_, err := w.delete("pods", "default/d", nil)
	require.NoError(t, err)
	then := fmt.Sprint(w.revision())
	w.mustCreate("pods", "default", newPodObject("late"))
	late := func(opts metav1.ListOptions) []string {
		opts.FieldSelector = "metadata.name=late"
		res, err := w.list("default/", opts)
		require.NoError(t, err)
		return names(res.Items)
	}
	require.Equal(t, []string{"default/late"}, late(metav1.ListOptions{ResourceVersion: then, Limit: 2}))
	require.Empty(t, late(metav1.ListOptions{ResourceVersion: then, ResourceVersionMatch: metav1.ResourceVersionMatchExact}))

	for _, tt := range []struct {
		opts  metav1.ListOptions
		retry int32
	}{
		{metav1.ListOptions{ResourceVersion: "99"}, 1},
		{metav1.ListOptions{ResourceVersion: "99", Limit: 2}, 1},
		{metav1.ListOptions{ResourceVersion: "99", FieldSelector: "metadata.name=a"}, 1},
		{metav1.ListOptions{ResourceVersion: "99", FieldSelector: "metadata.name=a", Limit: 2}, 0},
		{metav1.ListOptions{ResourceVersion: "99", FieldSelector: "metadata.name=a", ResourceVersionMatch: metav1.ResourceVersionMatchExact}, 0},
	} {
		_, err := w.list("default/", tt.opts)
		require.Equal(t, "504 Timeout: Timeout: Too large resource version: 99, current: "+fmt.Sprint(w.revision()), answer(err))
		require.Equal(t, tt.retry, err.(interface{ Status() metav1.Status }).Status().Details.RetryAfterSeconds, "%+v", tt.opts)
	}
}

// What comes after a full page is not asked whether it is selected, but for
// what an index has sorted out before.
func TestLastPageMayBeEmpty(t *testing.T) {
	w := listWorld(t)
	for fields, want := range map[string][][]string{
		"metadata.name!=e":                      {{"default/a", "default/b"}, {"default/c", "default/d"}, {}},
		"spec.nodeName=":                        {{"default/a", "default/c"}, {"default/d", "default/e"}},
		"spec.nodeName=node-1":                  {{"default/b"}},
		"spec.nodeName!=x,metadata.name=b":      {{"default/b"}},
		"metadata.name!=e,spec.nodeName=node-1": {{"default/b"}},
	} {
		opts := metav1.ListOptions{FieldSelector: fields, Limit: 2}
		var got [][]string
		for {
			page, err := w.list("default/", opts)
			require.NoError(t, err)
			got = append(got, append([]string{}, names(page.Items)...))
			if opts.Continue = page.Continue; opts.Continue == "" {
				break
			}
		}
		require.Equal(t, want, got, fields)
	}
}

func TestPagesForgetTheNamespaceOfASelector(t *testing.T) {
	w := listWorld(t)
	w.mustCreate("pods", "default", newPodObject("z"))
	opts := metav1.ListOptions{FieldSelector: "metadata.namespace=default", Limit: 4}
	page := func() []string {
		res, err := w.list("", opts)
		require.NoError(t, err)
		opts.Continue = res.Continue
		return names(res.Items)
	}
	first := page()
	require.Len(t, first, 4)
	require.Equal(t, first, page(), "after d, in all namespaces: d comes before default")
	require.Equal(t, []string{"default/e", "default/z"}, page())

	opts.Continue, opts.Limit = "", 5
	require.Len(t, page(), 5)
	require.Empty(t, page(), "e comes after default")
}

func TestListRefused(t *testing.T) {
	list := func(opts metav1.ListOptions) func(*world) error {
		return func(w *world) error {
			_, err := w.list("", opts)
			return err
		}
	}
	testRefusals(t, func(w *world) {
		w.mustCreate("pods", "default", newPodObject("web"))
		require.NoError(t, w.Store.Compact(2))
	}, []refusal{
		{"unknown field", list(metav1.ListOptions{FieldSelector: "spec.colour=red"}), `400 BadRequest: field label not supported: spec.colour`},
		{"field selector", list(metav1.ListOptions{FieldSelector: "spec"}), `400 BadRequest: invalid selector: 'spec'; can't understand 'spec'`},
		{"label selector", list(metav1.ListOptions{LabelSelector: "a in"}), `400 BadRequest: unable to parse requirement: found '' expected: '('`},
		{"from the future", list(metav1.ListOptions{ResourceVersion: "99"}), `504 Timeout: Timeout: Too large resource version: 99, current: 2`},
		{"from the far past", list(metav1.ListOptions{ResourceVersion: "1", ResourceVersionMatch: "Exact"}), `410 Expired: The resourceVersion for the provided list is too old.`},
		{"not a revision", list(metav1.ListOptions{ResourceVersion: "new"}), `400 BadRequest: invalid resource version: resourceVersion: Invalid value: "new": strconv.ParseUint: parsing "new": invalid syntax`},
		{"match without revision", list(metav1.ListOptions{ResourceVersionMatch: "Exact"}), `422 Invalid: ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided`},
		{"token", list(metav1.ListOptions{Continue: "?"}), `400 BadRequest: invalid continue token: continue key is not valid: illegal base64 data at input byte 0`},
		{"token of another server", list(metav1.ListOptions{Continue: encodeContinue(0, "a")}), `400 BadRequest: invalid continue token: continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)`},
		{"token and revision", list(metav1.ListOptions{Continue: encodeContinue(2, "a"), ResourceVersion: "2"}), `400 BadRequest: specifying resource version is not allowed when using continue`},
		{"field of a kind with none", func(w *world) error {
			req := w.request(List, "configmaps", "")
			req.ListOptions = &metav1.ListOptions{FieldSelector: "data.x=1"}
			_, err := w.Do(req)
			return err
		}, `400 BadRequest: "data.x" is not a known field selector: only "metadata.name", "metadata.namespace"`},
		{"get from the future", func(w *world) error {
			req := w.request(Get, "pods", "default/web")
			req.GetOptions = &metav1.GetOptions{ResourceVersion: "99"}
			_, err := w.Do(req)
			return err
		}, `504 Timeout: Timeout: Too large resource version: 99, current: 2`},
		{"get what is missing", func(w *world) error {
			_, err := w.Do(w.request(Get, "pods", "default/db"))
			return err
		}, `404 NotFound: pods "db" not found`},
	})
}

func FuzzSelector(f *testing.F) {
	f.Add("app=web", "metadata.name=a", "")
	f.Add("app in (db),!x", "spec.nodeName!=node-1,status.phase=", encodeContinue(3, "default/b\x00"))
	f.Add("a=b=c", "a=b=c", encodeContinue(-1, "../../etc"))
	f.Add("\x00", "\\,", "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MSwic3RhcnQiOiIvIn0")
	w := listWorld(f)
	f.Fuzz(func(t *testing.T, labels, fields, token string) {
		res, err := w.list("", metav1.ListOptions{LabelSelector: labels, FieldSelector: fields, Continue: token, Limit: 2})
		if err != nil {
			code := err.(interface{ Status() metav1.Status }).Status().Code
			require.Contains(t, []int32{400, 410, 504}, code, "%v", err)
			return
		}
		require.LessOrEqual(t, len(res.Items), 2)
	})
}

// A real cluster forgets what it was after five to ten minutes; what did not
// change since is no past.
func TestListAfterTheTimeOfCompaction(t *testing.T) {
	w := listWorld(t)
	first, err := w.list("", metav1.ListOptions{Limit: 2})
	require.NoError(t, err)
	resume := func() error {
		_, err := w.list("", metav1.ListOptions{Limit: 2, Continue: first.Continue})
		return err
	}
	w.now = w.now.Add(time.Hour)
	require.NoError(t, resume(), "nothing has changed")
	w.mustCreate("pods", "dev", newPodObject("late"))
	w.now = w.now.Truncate(compactionInterval).Add(2*compactionInterval - time.Millisecond)
	require.NoError(t, resume())
	w.now = w.now.Add(time.Millisecond)
	require.Equal(t, "410 Expired: "+inconsistentContinue, answer(resume()))
	_, err = w.list("", metav1.ListOptions{ResourceVersion: fmt.Sprint(first.Revision), ResourceVersionMatch: metav1.ResourceVersionMatchExact})
	require.Equal(t, "410 Expired: The resourceVersion for the provided list is too old.", answer(err))
}
