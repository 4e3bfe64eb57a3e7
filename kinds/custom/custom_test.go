package custom_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"github.com/stretchr/testify/require"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/yaml"

	"github.com/minik8s/minik8s/kinds"
	"github.com/minik8s/minik8s/kinds/custom"
)

// TestCustom runs testdata: definitions and objects in, and out of it what the
// API layer would store or show, or why it would refuse.
func TestCustom(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		c := &testCase{kinds: custom.New(kinds.NewRegistry(kinds.All()))}
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			c.TestData = d
			run, ok := commands[d.Cmd]
			if !ok {
				t.Fatalf("%s: no command %q", d.Pos, d.Cmd)
			}
			return run(t, c)
		})
	})
}

// testCase is one command of a file in testdata. A file has one definition at
// a time.
type testCase struct {
	*datadriven.TestData
	kinds      *custom.Kinds
	definition *custom.Definition
	defined    int
}

var commands = map[string]func(*testing.T, *testCase) string{
	"define":  runDefine,
	"create":  runCreate,
	"update":  runUpdate,
	"convert": runConvert,
	"read":    runRead,
	"table":   runTable,
	"fields":  runFields,
}

// Definition implements custom.Definitions.
func (c *testCase) Definition(name string) *custom.Definition {
	if c.definition == nil || c.definition.Name != name {
		return nil
	}
	return c.definition
}

// Definitions implements custom.Definitions.
func (c *testCase) Definitions() []*custom.Definition {
	if c.definition == nil {
		return nil
	}
	return []*custom.Definition{c.definition}
}

// define puts a definition in the place of the one before, or prints why it is
// refused. One that is taken has its names, as if its controllers had run.
func runDefine(t *testing.T, c *testCase) string {
	crd := &custom.Definition{}
	require.NoError(t, yaml.UnmarshalStrict([]byte(c.Input), crd), c.Pos)
	k, ok := kinds.NewRegistry(kinds.All()).Of(crd)
	require.True(t, ok)
	k.Default(crd)
	c.defined++
	crd.UID = types.UID("uid-" + crd.Name)
	crd.ResourceVersion = fmt.Sprint(c.defined * 100)
	k.PrepareCreate(crd)
	if errs := k.Validate(crd); len(errs) > 0 {
		return lines(errs)
	}
	crd.Status.AcceptedNames = crd.Spec.Names
	for _, condition := range []apiextensionsv1.CustomResourceDefinitionConditionType{apiextensionsv1.NamesAccepted, apiextensionsv1.Established} {
		crd.Status.Conditions = append(crd.Status.Conditions, apiextensionsv1.CustomResourceDefinitionCondition{Type: condition, Status: apiextensionsv1.ConditionTrue})
	}
	c.definition = crd
	return "ok\n"
}

func lines(errs field.ErrorList) string {
	var out strings.Builder
	for _, err := range errs {
		fmt.Fprintln(&out, err)
	}
	return out.String()
}

func documents(text string) []string { return strings.Split(text, "\n---\n") }

// object decodes a document as the API layer does, and notes what that drops.
func (c *testCase) object(t *testing.T, document string) (k *kinds.Kind, obj *unstructured.Unstructured, dropped string) {
	t.Helper()
	u := &unstructured.Unstructured{}
	require.NoError(t, yaml.Unmarshal([]byte(document), u), c.Pos)
	k, ok := c.kinds.In(c).Of(u)
	require.True(t, ok, "%s: no kind %s", c.Pos, u.GroupVersionKind())
	fields, err := k.Custom.Coerce(u, true)
	require.NoError(t, err, c.Pos)
	k.Default(u)
	u.SetUID("uid-1")
	if u.GetNamespace() == "" {
		u.SetNamespace("default")
	}
	if len(fields) > 0 {
		dropped = fmt.Sprintf("dropped: %s\n", strings.Join(fields, ", "))
	}
	return k, u, dropped
}

// shown is all of an object that is not the same in every test.
func shown(t *testing.T, obj kinds.Object) string {
	t.Helper()
	u := obj.(*unstructured.Unstructured).DeepCopy()
	u.SetUID("")
	if u.GetNamespace() == "default" {
		u.SetNamespace("")
	}
	text, err := yaml.Marshal(u.Object)
	require.NoError(t, err)
	return string(text)
}
