package wire_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"github.com/minik8s/minik8s/kinds"
)

// TestLawsOfEveryKind takes a valid object of each stored kind, from
// testdata/kinds, through the life that every object has.
func TestLawsOfEveryKind(t *testing.T) {
	for _, k := range kinds.All() {
		if !k.IsStored() {
			continue
		}
		t.Run(k.GroupResource().String(), func(t *testing.T) {
			document, err := os.ReadFile(filepath.Join("testdata", "kinds", k.Resource+".yaml"))
			require.NoError(t, err)
			newLife(t, k, document).live()
		})
	}
}

// life is one object of a kind on its way.
type life struct {
	*world
	kind                     *kinds.Kind
	document                 string // JSON
	collection, path, byName string // paths, and the query that selects the object
}

func newLife(t *testing.T, k *kinds.Kind, document []byte) *life {
	var meta metav1.PartialObjectMetadata
	require.NoError(t, yaml.Unmarshal(document, &meta))
	text, err := yaml.YAMLToJSON(document)
	require.NoError(t, err)
	l := &life{world: newWorld(t), kind: k, document: string(text)}
	l.collection = collectionOf(k, k.GroupVersion())
	l.path = l.collection + "/" + meta.Name
	l.byName = "?fieldSelector=metadata.name%3D" + meta.Name
	return l
}

func collectionOf(k *kinds.Kind, gv schema.GroupVersion) string {
	path := "/apis/" + gv.String()
	if gv.Group == "" {
		path = "/api/" + gv.Version
	}
	if k.Namespaced {
		path += "/namespaces/default"
	}
	return path + "/" + k.Resource
}

const asJSON = "Content-Type: application/json"

func (l *life) live() {
	l.refuseInvalid()
	before := l.store.Revision()
	l.mustSend("POST", l.collection+"?dryRun=All", l.document, asJSON)
	require.Equal(l.t, before, l.store.Revision(), "a dry run leaves nothing")

	l.mustSend("POST", l.collection, l.document, asJSON)
	code, answer, _ := l.send("POST", l.collection, l.document, asJSON)
	require.Equal(l.t, 409, code, answer)
	l.readBack()
	l.change()
	l.selectIt()

	before = l.store.Revision()
	l.mustSend("DELETE", l.path+"?dryRun=All", "")
	require.Equal(l.t, before, l.store.Revision(), "a dry run leaves nothing")
	l.mustSend("DELETE", l.path+"?gracePeriodSeconds=0", "")
	if strings.Contains(l.mustSend("GET", l.collection+l.byName, ""), `"deletionTimestamp"`) {
		return // its controllers hold it back
	}
	code, _, _ = l.send("GET", l.path, "")
	require.Equal(l.t, 404, code)
}

// refuseInvalid sends metadata that no kind takes.
func (l *life) refuseInvalid() {
	bad := l.edited(l.document, func(meta map[string]any) { meta["labels"] = map[string]any{"not a key": "x"} })
	code, answer, _ := l.send("POST", l.collection, bad, asJSON)
	require.Equal(l.t, 422, code, answer)
	require.Contains(l.t, answer, `metadata.labels: Invalid value: \"not a key\": name part must consist of alphanumeric characters`)
	require.Contains(l.t, answer, `"kind":"`+l.kind.Kind+`"`)
}

// edited changes the metadata of a document.
func (l *life) edited(document string, edit func(meta map[string]any)) string {
	var object map[string]any
	require.NoError(l.t, json.Unmarshal([]byte(document), &object))
	edit(object["metadata"].(map[string]any))
	out, err := json.Marshal(object)
	require.NoError(l.t, err)
	return string(out)
}

// readBack reads the object in every version and form.
func (l *life) readBack() {
	name := l.path[len(l.collection):]
	for _, gv := range append(l.others(), l.kind.GroupVersion()) {
		path := collectionOf(l.kind, gv) + name
		var object metav1.PartialObjectMetadata
		require.NoError(l.t, json.Unmarshal([]byte(l.mustSend("GET", path, "")), &object))
		require.Equal(l.t, gv.WithKind(l.kind.Kind), object.GroupVersionKind())
		require.NotEmpty(l.t, object.UID)
		require.Contains(l.t, l.mustSend("GET", path, "", "Accept: application/yaml"), "apiVersion: "+gv.String()+"\n")
		require.True(l.t, strings.HasPrefix(l.mustSend("GET", path, "", "Accept: application/vnd.kubernetes.protobuf"), "k8s\x00"))
		table := l.mustSend("GET", path, "", "Accept: application/json;as=Table;g=meta.k8s.io;v=v1")
		require.Contains(l.t, table, `"kind":"Table"`)
		require.Contains(l.t, table, name[1:])
	}
}

// others are the versions that are served besides the stored one.
func (l *life) others() []schema.GroupVersion {
	all := slices.Clone(l.kind.Aliases)
	for _, v := range l.kind.Versions {
		all = append(all, schema.GroupVersion{Group: l.kind.Group, Version: v})
	}
	return all
}

// change writes the object in each of the ways there are.
func (l *life) change() {
	label := func(value string) string { return `{"metadata":{"labels":{"law":"` + value + `"}}}` }
	l.mustSend("PATCH", l.path, label("merge"), "Content-Type: application/merge-patch+json")
	l.mustSend("PATCH", l.path, label("strategic"), "Content-Type: application/strategic-merge-patch+json")
	l.mustSend("PATCH", l.path, `[{"op":"replace","path":"/metadata/labels/law","value":"json"}]`, "Content-Type: application/json-patch+json")

	updated := l.edited(l.mustSend("GET", l.path, ""), func(meta map[string]any) { meta["labels"] = map[string]any{"law": "update"} })
	answer := l.mustSend("PUT", l.path, updated, asJSON)
	require.Contains(l.t, answer, `"law":"update"`)
	code, answer, _ := l.send("PUT", l.path, updated, asJSON) // the same content as what is there, of an older revision
	require.Equal(l.t, 409, code, answer)

	apply := l.edited(l.document, func(meta map[string]any) { meta["labels"] = map[string]any{"law": "apply"} })
	answer = l.mustSend("PATCH", l.path+"?fieldManager=law&force=true", apply, "Content-Type: application/apply-patch+yaml")
	require.Contains(l.t, answer, `"law":"apply"`)
	require.Contains(l.t, answer, `"manager":"law","operation":"Apply"`)
	for _, gv := range l.others() {
		l.changeAs(gv, label("other"))
	}
}

// changeAs writes the object through a version that is not the stored one.
func (l *life) changeAs(gv schema.GroupVersion, patch string) {
	path := collectionOf(l.kind, gv) + l.path[len(l.collection):]
	answer := l.mustSend("PATCH", path, patch, "Content-Type: application/merge-patch+json")
	require.Contains(l.t, answer, `"apiVersion":"`+gv.String()+`"`)
	require.Contains(l.t, l.mustSend("GET", l.path, ""), `"law":"other"`)
	apply := l.edited(answer, func(meta map[string]any) {
		for _, field := range []string{"managedFields", "resourceVersion", "uid", "creationTimestamp"} {
			delete(meta, field)
		}
		meta["labels"] = map[string]any{"law": "apply"}
	})
	answer = l.mustSend("PATCH", path+"?fieldManager=other&force=true", apply, "Content-Type: application/apply-patch+yaml")
	require.Contains(l.t, answer, `"manager":"other","operation":"Apply","apiVersion":"`+gv.String()+`"`)
	require.Contains(l.t, l.mustSend("GET", l.path, ""), `"law":"apply"`)
}

// selectIt lists by label, by name and by every field that the kind knows.
func (l *life) selectIt() {
	count := func(query string) int {
		var list struct{ Items []json.RawMessage }
		require.NoError(l.t, json.Unmarshal([]byte(l.mustSend("GET", l.collection+query, "")), &list))
		return len(list.Items)
	}
	require.Equal(l.t, 1, count("?labelSelector=law%3Dapply"))
	require.Equal(l.t, 0, count("?labelSelector=law%3Dother"))
	require.Equal(l.t, 1, count(l.byName))
	for _, field := range l.kind.FieldNames {
		if _, _, err := kinds.Scheme().ConvertFieldLabel(l.kind.GroupVersionKind, field, ""); err != nil {
			continue // upstream keeps the value, and refuses to select by it
		}
		require.Equal(l.t, 0, count(l.byName+","+field+"%3Dsurely-not"), field)
	}
	code, answer, _ := l.send("GET", l.collection+"?fieldSelector=spec.nothing%3Dx", "")
	require.Equal(l.t, 400, code, answer)
}
